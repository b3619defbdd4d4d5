#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Value analysis of core_enter() from the entry points of proofs/eva/core.c that
proofs/eva/cases.txt lists, two at a time, each with the calls that it is for: "file:function" says
that the function must be called in core/FILE. The alarms, one "entry point: file: assertion" a line,
must be those of the block in proofs/eva-core-alarms.md, which argues each: a new one fails, and so
does one that is gone. Every entry point must come back from the kernel. Then each error of
proofs/eva/seeds.txt is seeded in a copy and must raise an alarm that is not argued. Results of
unchanged sources are taken from build/prove/cache.

  tools/prove-eva-core.py [--print] [ENTRY...]     --print: only say the alarms
"""
import argparse
import concurrent.futures
import glob
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys

OUT = os.path.abspath("build/prove")
ALARMS = "proofs/eva-core-alarms.md"
TREE = f"{OUT}/eva-seeded"
FLAGS = ("-include proofs/frama_c.h -include proofs/eva/core.h -I. -Iproofs/eva -Iinclude -Ihal "
         "-Icore")
RAM = "0x200040000000-0x20004003ffff"
# Everything linked into the kernel but the boot part and what the driver includes.
LEFT_OUT = re.compile(r"core/(boot|cspace\.|caps\.|sched\.|transfer\.|untyped\.)")
OPTIONS = ["-eva", "-eva-show-progress", "-eva-ilevel", "64", "-eva-plevel", "1000",
           "-eva-interprocedural-splits", "-eva-split-limit", "200", "-eva-slevel", "100",
           "-eva-split-return", "auto", "-eva-auto-loop-unroll", "600", "-eva-no-results",
           "-eva-slevel-function", "transfer_words:1,transfer_any:1,transfer_short:1,"
           "transfer_caps:1,put_number:2000,add_tables:5000", "-eva-subdivide-non-linear", "4", "-eva-unroll-recursive-calls", "2",
           "-eva-warn-undefined-pointer-comparison", "none"]
SECONDS = 900  # of the processor, for one entry point


def sources():
    return ["proofs/eva/core.c"] + sorted(f for f in glob.glob("core/*.c")
                                          if not LEFT_OUT.match(f))


def lines_of(path):
    with open(path, encoding="utf-8") as f:
        return [line.rstrip("\n") for line in f if line.strip() and not line.startswith("#")]


def entry_points():
    """Name → the calls that must be reached."""
    return {line.split()[0]: [call for call in line.split()[1:] if ":" in call]
            for line in lines_of("proofs/eva/cases.txt")}


def apart_points():
    """Names of the entry points for which results are kept apart."""
    return {line.split()[0] for line in lines_of("proofs/eva/cases.txt") if " apart" in line}


def split_returns(apart):
    """Functions whose results are kept apart: success and refusals; or each error code, done and
    preempted, and what decides the flags of a new entry in the derivation list."""
    names = set()
    kinds = "error_code|outcome" if apart else "error_code"
    head = re.compile(rf"^(?:static |inline |MUST_CHECK )*enum (?:{kinds}) ([a-z_]+)\(", re.M)
    for path in glob.glob("core/*.[ch]"):
        with open(path, encoding="utf-8") as f:
            names |= set(head.findall(f.read()))
    names -= {"cspace_target"}  # the driver has two of it
    if apart:
        names.add("derived_is_revocable")
    return ",".join(f"{name}:{'full' if apart else '0'}" for name in sorted(names))


def key(tree):
    """Hash of all that the analysis reads in `tree`; comments that are no annotations do not count."""
    version = subprocess.run(["frama-c", "-version"], capture_output=True, text=True, check=True)
    text = repr(OPTIONS) + split_returns(True) + version.stdout
    for pattern in ("core/*.[ch]", "hal/*.h", "include/abi/*.h", "proofs/eva/core.*",
                    "proofs/eva/*.h", "proofs/frama_c.h"):
        for path in sorted(glob.glob(pattern, root_dir=tree)):
            with open(f"{tree}/{path}", encoding="utf-8") as f:
                text += path + re.sub(r"/\*[^@].*?\*/\s*", "", f.read(), flags=re.S)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def cache_of(case, state, apart):
    return f"{OUT}/cache/eva-{state}-{'apart-' if apart else ''}{case}.json"


def parse(tree, saved):
    done = subprocess.run(["frama-c", "-machdep", "gcc_x86_64", "-c11", f"-cpp-extra-args={FLAGS}",
                           *sources(), "-absolute-valid-range", RAM, "-save", saved,
                           "-kernel-warn-key", "annot-error=active"],
                          cwd=tree, capture_output=True, text=True, env=dict(os.environ, PWD=tree))
    # Loops of core/ may speak of their contracts, which are not here; the driver's must be read.
    if done.returncode != 0 or "annot-error] proofs/" in done.stdout:
        sys.exit("eva: frama-c cannot read the sources:\n" + done.stdout[-2000:])


def alarms_of(log):
    found = set()
    for path, text in re.findall(r"^\[eva:alarm\] ([^:\s]+):\d+: Warning: ?\n((?:  .*\n)+)", log,
                                 re.M):
        path = re.sub("^" + re.escape(os.path.relpath(TREE)) + r"\d+/", "", path)
        text = " ".join(text.split())
        text = re.sub(r"^.*?assert (.*);.*$", r"\1", text)
        text = re.sub(r"^function (\w+): precondition '(\w+)'.*$", r"\2 of \1()", text)
        found.add(f"{path}: {text}")
    return sorted(found)


def calls_of(log):
    """Every "file:function" such that the function is called in core/FILE."""
    calls = re.findall(r"^\[eva\] computing for function (\w+) <-.*\n(?: {9}.*\n)*"
                       r"  Called from core/([^:]+):", log, re.M)
    calls += [(name, path) for path, name in
              re.findall(r"^\[eva\] core/([^:]+):\d+: Reusing old results for call to (\w+)", log,
                         re.M)]
    # Functions of headers have a number at the end for each file that reads them.
    return sorted({f"{path}:" + re.sub(r"_\d+$", "", name) for name, path in calls})


def named(results):
    """The alarms of all entry points, each with its entry point's name."""
    return {f"{case}: {alarm}" for case, r in results.items() for alarm in r.get("alarms", [])}


def analyse(case, saved, state, apart):
    """Alarms of one entry point; a string says what went wrong."""
    cached = cache_of(case, state, apart)
    if os.path.exists(cached):
        with open(cached, encoding="utf-8") as f:
            return dict(json.load(f), cached=True)
    log, clock = f"{OUT}/{case}.log", f"{saved}.{case}"
    done = subprocess.run(["prlimit", f"--cpu={SECONDS}", "frama-c", "-load", saved, "-main", case,
                           *OPTIONS, "-eva-split-return-function", split_returns(apart),
                           "-time", clock], capture_output=True, text=True)
    with open(log, "w", encoding="utf-8") as f:
        f.write(done.stdout + done.stderr)
    functions = re.search(r"(\d+) functions analyzed", done.stdout)
    result = {"alarms": alarms_of(done.stdout), "calls": calls_of(done.stdout)}
    if done.returncode in (-signal.SIGKILL, -signal.SIGXCPU):
        return dict(result, error=f"not done after {SECONDS} s")
    if "for recursive calls of depth" in done.stdout:
        return dict(result, error=f"recursion without end, see build/prove/{case}.log")
    if done.returncode != 0 or not functions:
        return dict(result, error=f"frama-c stopped, see build/prove/{case}.log")
    with open(clock, encoding="utf-8") as f:
        result["seconds"] = round(float(f.read().split()[-1]), 1)
    os.remove(clock)
    if "Frama_C_show_each_returned" not in done.stdout:
        return dict(result, error="no state comes back from core_enter()")
    result["functions"] = int(functions[1])
    with open(cached, "w", encoding="utf-8") as f:
        json.dump(result, f)
    return dict(result, cached=False)


def run(cases, tree, name):
    """All alarms of `cases` in `tree`, by case."""
    state = key(tree)
    saved = f"{OUT}/{name}.{os.getpid()}.sav"
    apart = apart_points()
    if not all(os.path.exists(cache_of(case, state, case in apart)) for case in cases):
        parse(tree, saved)
    results = {}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        waiting = {pool.submit(analyse, case, saved, state, case in apart): case
                   for case in cases}
        for future in concurrent.futures.as_completed(waiting):
            case, result = waiting[future], future.result()
            results[case] = result
            print(f"eva: {name}: {case}: " + (result.get("error") or
                  f"{len(result['alarms'])} alarms, {result['functions']} functions, "
                  f"{result['seconds']} s" + (" (cached)" if result["cached"] else "")), flush=True)
    if os.path.exists(saved):
        os.remove(saved)
    return results


def missed_calls(points, results):
    """Entry points that do not get where they should; says which and returns how many."""
    missed = 0
    for case, result in results.items():
        for call in points.get(case, []):
            if call not in result.get("calls", []):
                print(f"eva: {case}: in core/{call.split(':')[0]}, {call.split(':')[1]}() is never called")
                missed += 1
    return missed


def seeded(line, tree, argued):
    """Does the seeded error of a line of seeds.txt raise a new alarm?"""
    case, path, old, new = re.split(r"(?<!\|)\|(?!\|)", line)
    shutil.rmtree(tree, ignore_errors=True)
    for folder in ["core", "hal", "include", "proofs"]:
        shutil.copytree(folder, f"{tree}/{folder}")
    with open(f"{tree}/{path}", encoding="utf-8") as f:
        text = f.read()
    if text.count(old) != 1:
        print(f"eva: proofs/eva/seeds.txt: {path}: `{old}` is there {text.count(old)} times")
        return False
    with open(f"{tree}/{path}", "w", encoding="utf-8") as f:
        f.write(text.replace(old, new))
    fresh = sorted(named(run([case], tree, os.path.basename(tree))) - argued)
    print(f"eva: {path}: `{old}` → `{new}`: " + (fresh[0] if fresh else "not seen"), flush=True)
    return bool(fresh)


def missed_seeds(argued):
    """How many seeded errors are not seen; two are looked for at a time."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        seen = [pool.submit(seeded, line, f"{TREE}{i}", argued)
                for i, line in enumerate(lines_of("proofs/eva/seeds.txt"))]
        return sum(not future.result() for future in seen)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--print", action="store_true")
    parser.add_argument("entry", nargs="*")
    args = parser.parse_args()
    os.makedirs(f"{OUT}/cache", exist_ok=True)
    points = entry_points()
    results = run(args.entry or list(points), os.getcwd(), "core")
    found = named(results)
    bad = sum("error" in r for r in results.values()) + missed_calls(points, results)
    if args.print:
        print("\n".join(sorted(found)))
        sys.exit(1 if bad else 0)
    with open(ALARMS, encoding="utf-8") as f:
        argued = set(re.search(r"```text\n(.*?)```", f.read(), re.S)[1].splitlines())
    for alarm in sorted(found - argued):
        print(f"eva: new alarm, not in {ALARMS}: {alarm}")
    for alarm in sorted(argued - found) if not args.entry else []:
        print(f"eva: argued in {ALARMS}, but no longer raised: {alarm}")
        bad += 1
    bad += len(found - argued)
    if not args.entry:
        bad += missed_seeds(argued)
    print(f"eva: core_enter() from {len(results)} entry points: {len(found)} alarms, "
          f"{len(found & argued)} argued in {ALARMS}")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
