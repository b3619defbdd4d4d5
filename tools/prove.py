#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Runs WP on the units of proofs/units.txt, three at a time, and reads its JSON reports.

Keeps true: a goal that is not proved fails, a smoke test that finds a contradiction fails, and so does
a number of goals that proofs/expected.json does not state. A report is taken from the cache when the
preprocessed source with its contracts, the options and the provers are the same.

  tools/prove.py [--update] [--no-cache] [--read] [UNIT...]
      --update: write proofs/expected.json   --read: only that Frama-C can read each unit
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import subprocess
import sys
import time

OUT = "build/prove"
os.environ.setdefault("OCAMLRUNPARAM", "s=32M,o=200")  # a tenth faster: fewer collections
FLAGS = ["-include", "proofs/frama_c.h", "-I.", "-Iinclude", "-Ihal", "-Icore", "-Ihal-aarch64",
         "-Iloader", "-Ilib"]
PROVERS = "cvc4,z3-nobv"
FIRST = "cvc4"  # alone for a unit whose goals it proves all: WP prepares each goal for each prover
SOLVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "prove-solver.sh")
WORKERS = 3  # a unit waits a third of its time, for its provers' answers


def units():
    with open("proofs/units.txt", encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                fields = line.rstrip("\n").split("|")
                yield dict(zip(("name", "source", "acsl", "functions", "inlined", "seconds",
                                "property", "model"), fields))


def versions():
    with open(SOLVER, encoding="utf-8") as f:
        text = f.read()
    for words in (["frama-c", "-version"], ["why3", "--version"], ["cvc4", "--version"],
                  ["z3", "--version"]):
        text += subprocess.run(words, capture_output=True, text=True, check=True).stdout
    return text


def why3_config():
    """A why3 configuration of our own, so that nobody's home directory is read or written."""
    path = os.path.abspath(f"{OUT}/why3.conf")
    subprocess.run(["why3", "-C", path, "config", "detect"], capture_output=True, check=True)
    with open(path, encoding="utf-8") as f:
        text = f.read()
    for name in ("cvc4", "z3"):
        link = f"{OUT}/{name}"
        if not os.path.islink(link):
            os.symlink(os.path.relpath(SOLVER, OUT), link)
        text = re.sub(rf'path = "[^"]*/{name}"', f'path = "{os.path.abspath(link)}"', text)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.environ["WHY3CONFIG"] = path


def cpp(unit, source):
    return FLAGS + ["-include", unit["acsl"], source]


def preprocessed(unit, source):
    return subprocess.run(["gcc", "-E", "-CC", "-P", "-D__FRAMAC__"] + cpp(unit, source),
                          capture_output=True, check=True).stdout


def key(unit, source, smoke):
    text = preprocessed(unit, source)
    options = repr(sorted(unit.items())) + PROVERS + versions() + repr(smoke)
    return hashlib.sha256(text + options.encode()).hexdigest()[:24]


def reading(unit, source):
    return ["frama-c", "-machdep", "gcc_x86_64", "-c11",
            "-cpp-extra-args=" + " ".join(FLAGS + ["-include", unit["acsl"]]), source]


def unreadable(unit):
    """What Frama-C says of a unit that it cannot read, or that lacks one of its functions."""
    words = reading(unit, unit["source"]) + ["-print"]
    done = subprocess.run(words, capture_output=True, text=True)
    lacks = [f for f in unit["functions"].split()
             if not re.search(rf"^[a-z_][^;{{}}=]*\b{f}\)?\([^;{{]*\)\n\{{", done.stdout, re.M)]
    if done.returncode != 0:
        return done.stdout + done.stderr
    return f"{unit['source']}: no function {', '.join(lacks)}" if lacks else None


def read_all(asked):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(unreadable, asked))
    for unit, said in zip(asked, answers):
        if said:
            print(f"proofs/units.txt: unit {unit['name']}: {said}")
    return 1 if any(answers) else 0


def command(unit, source, report, smoke, lemmas=False, provers=PROVERS):
    words = reading(unit, source)
    words += ["-wp", "-wp-rte", "-wp-prover", provers, "-wp-timeout", unit["seconds"], "-wp-par", "1",
              "-wp-report-json", report]
    if lemmas:
        return words + ["-wp-prop", "@lemma"]
    words += ["-wp-fct", ",".join(unit["functions"].split())]
    if smoke:
        words += ["-wp-smoke-tests", "-wp-smoke-timeout", "1"]  # SOLVER knows them by the 1
    if "model" in unit:
        words += ["-wp-model", unit["model"]]
    if unit["inlined"]:
        words += ["-inline-calls", ",".join(unit["inlined"].split())]
    return words


def read_report(report, log):
    """Counts of one unit from WP's report; `names`: the goals proved, `failed`: the others."""
    with open(report, encoding="utf-8") as f:
        data = json.load(f)
    goals = proved = smoke = 0
    names, failed = [], []
    parts = dict(data.get("wp:functions", {}), **data.get("wp:axiomatics", {}))
    for _, properties in sorted(parts.items()):
        for name, provers in properties.items():
            main = provers.get("wp:main") if isinstance(provers, dict) else None
            if name == "wp:section" or not main:
                continue
            if "_wp_smoke_" in name:
                smoke += main["total"]
            else:
                goals += main["total"]
                proved += main.get("valid", 0)
            (names if main.get("valid", 0) == main["total"] else failed).append(name)
    provers = {}
    for name, counts in data.get("wp:global", {}).items():
        if name != "wp:main" and counts.get("valid"):
            provers[name] = counts["valid"]
    failed += re.findall(r"\[Failed\] (Smoke-test \w+)", log)
    return {"goals": goals, "proved": proved, "smoke": smoke, "names": names, "failed": failed,
            "provers": provers}


def has_lemmas(unit, source):
    return re.search(rb"\blemma \w+:", preprocessed(unit, source)) is not None


def prove(unit, source, smoke, lemmas, provers=PROVERS):
    """One run of Frama-C: what its report says, and its log."""
    report = f"{OUT}/{unit['name']}.{os.getpid()}.report.json"
    done = subprocess.run(command(unit, source, report, smoke, lemmas, provers),
                          capture_output=True, text=True)
    log = done.stdout + done.stderr
    with open(f"{OUT}/{unit['name']}.log", "a" if lemmas else "w", encoding="utf-8") as f:
        f.write(log)
    if done.returncode != 0 or not os.path.exists(report):
        sys.exit(f"prove: {unit['name']}: frama-c stopped with status {done.returncode}, "
                 f"see {OUT}/{unit['name']}.log:\n" + "\n".join(log.splitlines()[-6:]))
    result = read_report(report, log)
    os.remove(report)
    return result


def add(result, more):
    """Lemmas, which WP does not prove when functions are named, count with their unit's goals."""
    for what in ("goals", "proved", "smoke", "names", "failed"):
        result[what] += more[what]
    for name, count in more["provers"].items():
        result["provers"][name] = result["provers"].get(name, 0) + count


def needs_all(stated):
    """Did a goal need more than the first prover, by the unit's entry in proofs/expected.json?
    Provers count smoke tests, too: the others have none, or all of them."""
    others = [n for name, n in stated.get("provers", {}).items() if not re.match("qed|CVC4", name)]
    return not stated or any(n not in (0, stated["smoke"]) for n in others)


def run(unit, use_cache=True, smoke=True, keep=True, provers=PROVERS):
    source = unit["source"]
    path = f"{OUT}/cache/{key(unit, source, smoke)}.json"
    if use_cache and os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            return dict(json.load(f), cached=True)
    start = time.monotonic()
    result = prove(unit, source, smoke, False, provers)
    if result["failed"] and provers != PROVERS:
        result = prove(unit, source, smoke, False)
    if smoke and has_lemmas(unit, source):
        add(result, prove(unit, source, False, True))
    result["seconds"] = round(time.monotonic() - start, 1)
    if keep and not result["failed"]:
        with open(path, "w", encoding="utf-8") as f:
            json.dump(result, f)
    return dict(result, cached=False)


def write_json(path, data):
    """Whole or not at all: two processes may write the same file of the cache."""
    with open(f"{path}.{os.getpid()}", "w", encoding="utf-8") as f:
        json.dump(data, f, indent=1, sort_keys=True, ensure_ascii=False)
        f.write("\n")
    os.replace(f.name, path)


def all_results(args, expected):
    """Each unit asked for with its result, as it ends; those that took longest last time start first."""
    asked = [u for u in units() if not args.unit or u["name"] in args.unit]
    asked.sort(key=lambda u: -expected.get(u["name"], {}).get("seconds", 1000))
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        runs = {}
        for unit in asked:
            provers = PROVERS if needs_all(expected.get(unit["name"], {})) else FIRST
            runs[pool.submit(run, unit, not args.no_cache, provers=provers)] = unit
        for done in concurrent.futures.as_completed(runs):
            yield runs[done], done.result()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--no-cache", action="store_true")
    parser.add_argument("--read", action="store_true")
    parser.add_argument("unit", nargs="*")
    args = parser.parse_args()
    if args.read:
        sys.exit(read_all(list(units())))
    os.makedirs(f"{OUT}/cache", exist_ok=True)
    why3_config()
    try:
        with open("proofs/expected.json", encoding="utf-8") as f:
            expected = json.load(f)
    except FileNotFoundError:
        expected = {}
    bad = False
    total = proved = 0
    start = time.monotonic()
    for unit, result in all_results(args, expected):
        total += result["goals"]
        proved += result["proved"]
        print(f"{unit['name']:10} {result['proved']:4}/{result['goals']:<4} "
              f"{result['smoke']:3} smoke tests {result['seconds']:7.1f} s"
              + (" (cached)" if result["cached"] else ""), flush=True)
        for name in result["failed"]:
            print(f"prove: {unit['name']}: not proved: {name}")
            bad = True
        counts = {"goals": result["goals"], "smoke": result["smoke"]}
        if args.update and not result["failed"]:
            expected[unit["name"]] = dict(counts, provers=result["provers"],
                                          seconds=result["seconds"])
            write_json("proofs/expected.json", expected)
        else:
            stated = expected.get(unit["name"], {})
            for what, count in counts.items():
                if stated.get(what) != count:
                    print(f"prove: {unit['name']}: {what}: expected {stated.get(what)} "
                          f"(proofs/expected.json), found {count}")
                    bad = True
    if not args.unit and not args.update:
        for name in expected.keys() - {u["name"] for u in units()}:
            print(f"prove: {name}: in proofs/expected.json but not in proofs/units.txt")
            bad = True
    print(f"proved {proved}/{total} goals in {time.monotonic() - start:.0f} s")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
