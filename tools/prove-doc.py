#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Writes the generated parts of docs/verification.md and the line in README.md from
proofs/units.txt, proofs/expected.json and proofs/mutants.json."""
import json
import re

import prove


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def replace(path, name, text):
    with open(path, encoding="utf-8") as f:
        old = f.read()
    begin, end = f"<!-- proofs:{name} begin -->\n", f"<!-- proofs:{name} end -->"
    new = re.sub(re.escape(begin) + ".*?" + re.escape(end), lambda _: begin + text + end, old,
                 flags=re.S)
    if new != old:
        with open(path, "w", encoding="utf-8") as f:
            f.write(new)


def main():
    expected = load("proofs/expected.json")
    rows = "| module | property | functions | goals | by | seconds |\n|---|---|---|---|---|---|\n"
    total, functions = 0, set()
    for unit in prove.units():
        stated = expected.get(unit["name"])
        if not stated:
            continue
        names = unit["functions"].split()
        by = ", ".join(f"{name.split(':')[0]} {n}" for name, n in sorted(stated["provers"].items()))
        rows += (f"| `{unit['source']}` ({unit['name']}) | {unit['property']} | "
                 f"{', '.join(f'`{n}`' for n in names)} | {stated['goals']} | {by} | "
                 f"{stated['seconds']:.0f} |\n")
        total += stated["goals"]
        functions |= set(names)  # some are in two units
    rows += (f"\n{total} goals of {len(functions)} functions, all proved. Who proved how many "
             "counts smoke tests as well; seconds are by the clock, several units at a time on two "
             "cores.\n")
    replace("docs/verification.md", "table", rows)
    faults = load("proofs/mutants.json")
    lines = f"{len(faults)} faults, for each a goal that fails:\n\n"
    for name, goal in sorted(faults.items()):
        lines += f"- {name}: `{goal}`\n"
    replace("docs/verification.md", "mutants", lines)
    replace("README.md", "line",
            f"Proved: {total} goals of {len(functions)} production functions by Frama-C WP, "
            f"{len(faults)} seeded faults caught ([docs/verification.md](docs/verification.md)).\n")


if __name__ == "__main__":
    main()
