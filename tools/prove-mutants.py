#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Seeds the faults of proofs/mutants.txt in copies of the sources, two at a time, and proves the
function again: some goal must fail that is proved of the unchanged function in half of the time.
Writes proofs/mutants.json. Results of unchanged sources are taken from build/prove/cache.

  tools/prove-mutants.py [--find | UNIT...]     --find: only that each fault finds its text

Exit status 1 when a fault goes unseen or its text is not found exactly in the function's file.
"""
import concurrent.futures
import json
import os
import re
import shutil
import sys

import prove

CACHE = os.path.abspath(f"{prove.OUT}/cache")
BASE_SECONDS = 5     # a goal that needs longer says nothing of a fault
MUTANT_SECONDS = 10
FOLDERS = ["core", "hal", "hal-aarch64", "include", "lib", "loader", "proofs"]


def mutants():
    with open("proofs/mutants.txt", encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                yield dict(zip(("unit", "function", "file", "old", "new"),
                               line.rstrip("\n").split("|")))


def named(mutant):
    return f"{mutant['function']}: `{mutant['old']}` → `{mutant['new']}`"


def function_span(text, name):
    """Where the definition of function `name` is in `text`."""
    found = re.search(r"^[a-z][^;{}=]*\b" + name + r"\([^;{]*\)\n\{.*?^\}", text, re.M | re.S)
    return found.span() if found else None


def tree():
    """Where this process keeps its mutated sources."""
    return f"{prove.OUT}/mutant.{os.getpid()}"


def mutated(mutant):
    """What is wrong with the line of the list or None, and the file's text with the fault."""
    with open(mutant["file"], encoding="utf-8") as f:
        text = f.read()
    span = function_span(text, mutant["function"])
    if not span:
        return f"function not found in {mutant['file']}", None
    body = text[span[0]:span[1]]
    if mutant["old"] not in body:
        return "text not found in the function", None
    body = body.replace(mutant["old"], mutant["new"], 1)
    return None, text[:span[0]] + body + text[span[1]:]


def seed(mutant):
    """Makes the mutated tree; says what is wrong with the line of the list, or None."""
    wrong, text = mutated(mutant)
    if wrong:
        return wrong
    shutil.rmtree(tree(), ignore_errors=True)
    for folder in FOLDERS:
        shutil.copytree(folder, f"{tree()}/{folder}")
    with open(f"{tree()}/{mutant['file']}", "w", encoding="utf-8") as f:
        f.write(text)
    return None


def goals(unit, seconds):
    """The goals of `unit` by what became of them when each prover has `seconds`; cached."""
    unit = dict(unit, seconds=str(seconds))
    path = f"{CACHE}/m-{prove.key(unit, unit['source'], False)}.json"
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            return json.load(f)
    os.makedirs(prove.OUT, exist_ok=True)
    result = prove.run(unit, use_cache=False, smoke=False, keep=False)
    found = {"proved": result["names"], "failed": result["failed"]}
    prove.write_json(path, found)
    return found


def failing_goals(mutant, units):
    """What fails with the fault and is proved without it."""
    unit = dict(units[mutant["unit"]], functions=mutant["function"])
    sound = goals(unit, BASE_SECONDS)["proved"]
    back = os.getcwd()
    os.chdir(tree())
    os.environ["PWD"] = os.getcwd()  # frama-c believes it
    try:
        return [g for g in goals(unit, MUTANT_SECONDS)["failed"] if g in sound]
    except SystemExit as stop:
        print(stop, flush=True)
        return []
    finally:
        os.chdir(back)
        os.environ["PWD"] = back


def outcome(mutant, units):
    """What is wrong with the line of the list or None, and the goals that fail."""
    wrong = seed(mutant)
    failed = [] if wrong else failing_goals(mutant, units)
    shutil.rmtree(tree(), ignore_errors=True)
    return wrong, failed


def find_all():
    """Says which faults do not find their text; exit status."""
    lost = [(m, mutated(m)[0]) for m in mutants() if mutated(m)[0]]
    for mutant, wrong in lost:
        print(f"proofs/mutants.txt: {named(mutant)}: {wrong}")
    return 1 if lost else 0


def main():
    if sys.argv[1:] == ["--find"]:
        sys.exit(find_all())
    os.makedirs(CACHE, exist_ok=True)
    prove.why3_config()
    units = {u["name"]: u for u in prove.units()}
    path = "proofs/mutants.json"
    old = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            old = json.load(f)
    listed = list(mutants())
    asked = [m for m in listed if len(sys.argv) == 1 or m["unit"] in sys.argv[1:]]
    seen = {named(m): old[named(m)] for m in listed if m not in asked and named(m) in old}
    caught = 0
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        for mutant, (wrong, failed) in zip(asked, pool.map(outcome, asked, [units] * len(asked))):
            if wrong or not failed:
                print(f"mutants: {named(mutant)}: {wrong or 'no goal fails'}", flush=True)
            else:
                print(f"mutants: {named(mutant)}: {len(failed)} goals fail, {failed[0]}",
                      flush=True)
                caught += 1
                seen[named(mutant)] = failed[0]
    prove.write_json(path, seen)
    print(f"mutants: {caught} of {len(asked)} faults caught")
    sys.exit(0 if caught == len(asked) else 1)


if __name__ == "__main__":
    main()
