#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Seeds the faults of proofs/mutants.txt in copies of the sources, two at a time, and proves the
function again: some goal must fail that is proved of the unchanged function in half of the time.
Writes proofs/mutants.json. Results of unchanged sources are taken from build/prove/cache.
Then the contradictions of proofs/contradictions.txt, the same way: some smoke test must fail.

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
MUTANTS = "proofs/mutants.txt"
CONTRADICTIONS = "proofs/contradictions.txt"
BASE_SECONDS = 5     # a goal that needs longer says nothing of a fault
MUTANT_SECONDS = 10
FOLDERS = ["core", "hal", "hal-aarch64", "include", "lib", "loader", "proofs"]


def mutants(path):
    with open(path, encoding="utf-8") as f:
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
    if mutant["file"].endswith(".acsl"):
        span = (0, len(text))
    if not span:
        return f"function not found in {mutant['file']}", None
    body = text[span[0]:span[1]]
    if mutant["old"] not in body:
        return f"text not found in {mutant['file']}", None
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


def goals(unit, seconds, smoke=False):
    """The goals of `unit` by what became of them when each prover has `seconds`; cached."""
    unit = dict(unit, seconds=str(seconds))
    path = f"{CACHE}/m-{prove.key(unit, unit['source'], smoke)}.json"
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            return json.load(f)
    os.makedirs(prove.OUT, exist_ok=True)
    result = prove.run(unit, use_cache=False, smoke=smoke, keep=False)
    found = {"proved": result["names"], "failed": result["failed"]}
    prove.write_json(path, found)
    return found


def failed_in_tree(unit, smoke=False):
    """What fails of `unit` in the mutated sources."""
    back = os.getcwd()
    os.chdir(tree())
    os.environ["PWD"] = os.getcwd()  # frama-c believes it
    try:
        return goals(unit, MUTANT_SECONDS, smoke)["failed"]
    except SystemExit as stop:
        print(stop, flush=True)
        return []
    finally:
        os.chdir(back)
        os.environ["PWD"] = back


def failing_goals(mutant, units):
    """What fails with the fault and is proved without it."""
    unit = dict(units[mutant["unit"]], functions=mutant["function"])
    sound = goals(unit, BASE_SECONDS)["proved"]
    return [g for g in failed_in_tree(unit) if g in sound]


def failing_smoke(mutant, units):
    """The smoke tests that fail with the contradiction; without it `make prove` has none."""
    unit = dict(units[mutant["unit"]], functions=mutant["function"])
    return [g for g in failed_in_tree(unit, True) if g.startswith("Smoke-test")]


def outcome(mutant, units, failing):
    """What is wrong with the line of the list or None, and the goals that fail."""
    wrong = seed(mutant)
    failed = [] if wrong else failing(mutant, units)
    shutil.rmtree(tree(), ignore_errors=True)
    return wrong, failed


def find_all():
    """Says which faults do not find their text; exit status."""
    lost = 0
    for path in (MUTANTS, CONTRADICTIONS):
        for mutant in mutants(path):
            wrong = mutated(mutant)[0]
            if wrong:
                print(f"{path}: {named(mutant)}: {wrong}")
                lost = 1
    return lost


def run_all(asked, units, failing):
    """The first goal that fails for each fault that is seen, by the fault's name."""
    seen = {}
    count = len(asked)
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        outcomes = pool.map(outcome, asked, [units] * count, [failing] * count)
        for mutant, (wrong, failed) in zip(asked, outcomes):
            if wrong or not failed:
                print(f"mutants: {named(mutant)}: {wrong or 'no goal fails'}", flush=True)
            else:
                print(f"mutants: {named(mutant)}: {len(failed)} goals fail, {failed[0]}",
                      flush=True)
                seen[named(mutant)] = failed[0]
    return seen


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
    listed = list(mutants(MUTANTS))
    asked = [m for m in listed if len(sys.argv) == 1 or m["unit"] in sys.argv[1:]]
    against = [m for m in mutants(CONTRADICTIONS)
               if len(sys.argv) == 1 or m["unit"] in sys.argv[1:]]
    caught = run_all(asked, units, failing_goals)
    refused = run_all(against, units, failing_smoke)
    kept = {named(m): old[named(m)] for m in listed if m not in asked and named(m) in old}
    prove.write_json(path, dict(kept, **caught))
    print(f"mutants: {len(caught)} of {len(asked)} faults caught, "
          f"{len(refused)} of {len(against)} contradictions")
    sys.exit(0 if (len(caught), len(refused)) == (len(asked), len(against)) else 1)


if __name__ == "__main__":
    main()
