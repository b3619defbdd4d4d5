#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Judges a run that counted conditions.
# Keeps true: a condition of a decision of several conditions counts when two evaluations show that it
# alone changed the outcome (unique cause, or masking by the others); the one condition of any other
# decision counts when it was true and false. What several copies of an inlined function show, counts
# together. Every condition of core/ not shown is printed, with the reason that the document of
# exclusions gives; below 95 % of the conditions of core/ (all, or those of decisions of several), or
# without a reason, is a failure, and so is a reason no longer needed.
#
#   tools/mcdc-report.py EXPORT.json EXCLUSIONS.md
#
# A reason is a row of a table: | `file` | `text of the condition` | `text of its line` | reason |.
# Not counted are ensure(), which never fails, and comparisons of `form`, which each inlined copy has
# decided when it is compiled (as in tools/coverage.sh).
# Exit status: 0 all is accounted for, 1 something is not, 2 wrong use.

import collections
import json
import os
import re
import sys

OF_SEVERAL = 6  # kind of a branch that is one condition of several
LEAST = 95.0  # of the conditions of core/
PATHS = re.compile(r"(loader/(image|elf)|hal/platform_).*\.c$")  # image and DTB
SILENT = re.compile(r"\bensure\(|\bform == |_Static_assert|\bassert\(")
ROW = re.compile(r"^\| `(core/[^`]*)` \| `([^`]*)` \| `([^`]*)` \| (.*\S) \|$")


class Folder:
    def __init__(self):
        self.compound, self.single, self.conditions, self.shown = 0, 0, 0, 0
        self.compound_conditions, self.compound_shown = 0, 0

    def share(self):
        return 100.0 * self.shown / self.conditions if self.conditions else 100.0

    def compound_share(self):
        return 100.0 * self.compound_shown / self.compound_conditions if self.compound_conditions else 100.0


def inside(outer, inner):
    return tuple(outer[:2]) <= tuple(inner[:2]) and tuple(inner[2:]) <= tuple(outer[2:])


def count_inside(function, files, file, place):
    """Conditions of several that a function has within a place of a file."""
    return sum(1 for b in function["branches"]
               if b[8] == OF_SEVERAL and files[b[6]] == file and inside(tuple(place), tuple(b[:4])))


def read_functions(path):
    """Decisions: place to what each condition showed; branches: place to [was true, was false]."""
    decisions, branches = {}, {}
    for function in json.load(open(path, encoding="utf-8"))["data"][0]["functions"]:
        files = function["filenames"]
        for record in function["branches"]:
            place = (files[record[6]],) + tuple(record[:4])
            before = branches.get(place, [False, False])
            branches[place] = [before[0] or record[4] > 0, before[1] or record[5] > 0]
        for record in function["mcdc_records"]:
            # The record does not say in which file it lies: it is the one with its conditions.
            shown = record[-1]
            for file in files:
                if count_inside(function, files, file, record[:4]) == len(shown):
                    place = (file,) + tuple(record[:4])
                    before = decisions.get(place, [False] * len(shown))
                    decisions[place] = [a or b for a, b in zip(before, shown)]
                    break
    return decisions, branches


class Sources:
    def __init__(self, top):
        self.top, self.lines = top, {}

    def of(self, file):
        if file not in self.lines:
            self.lines[file] = open(file, encoding="utf-8").read().splitlines()
        return self.lines[file]

    def name(self, file):
        return os.path.relpath(file, self.top)

    def line(self, place):
        return self.of(place[0])[place[1] - 1].strip()

    def text(self, place):
        file, l1, c1, l2, c2 = place
        lines = self.of(file)[l1 - 1:l2]
        lines[-1] = lines[-1][:c2 - 1]
        lines[0] = lines[0][c1 - 1:]
        return " ".join(" ".join(lines).split())


def judge(decisions, branches, sources):
    """Figures by folder; the conditions of core/ not shown as (file, line number, text, line)."""
    folders, missing = collections.defaultdict(Folder), []
    conditions = {place: sorted(b for b in branches if b[0] == place[0] and inside(place[1:], b[1:]))
                  for place in decisions}
    compound = {b for found in conditions.values() for b in found}

    def folder_of(place):
        name = sources.name(place[0])
        return folders["image+DTB" if PATHS.match(name) else name.split("/")[0]]

    def note(place, shown):
        folder = folder_of(place)
        folder.conditions += 1
        folder.shown += shown
        if not shown and sources.name(place[0]).startswith("core/"):
            missing.append((sources.name(place[0]), place[1], sources.text(place), sources.line(place)))
        return folder

    for place, shown in decisions.items():
        if SILENT.search(sources.text(place)) or SILENT.search(sources.line(place)):
            continue
        folder_of(place).compound += 1
        for branch, good in zip(conditions[place], shown):
            folder = note(branch, good)
            folder.compound_conditions += 1
            folder.compound_shown += good
    for place, outcomes in branches.items():
        if place in compound or SILENT.search(sources.line(place)):
            continue
        note(place, all(outcomes)).single += 1
    return folders, sorted(missing)


def print_table(folders):
    print(f"{'folder':<10} {'decisions':>9} {'of several':>10} {'conditions in those':>22} {'all conditions':>22}")
    for name, f in sorted(folders.items()):
        print(f"{name:<10} {f.compound + f.single:9d} {f.compound:10d} "
              f"{f.compound_shown:6d}/{f.compound_conditions:<6d} {f.compound_share():6.1f} %"
              f" {f.shown:6d}/{f.conditions:<6d} {f.share():6.1f} %")


def account(missing, reasons):
    wrong, used = [], set()
    for file, number, text, line in missing:
        reason = reasons.get((file, text, line))
        print(f"  {file}:{number}: {text}: {reason or 'no reason given'}")
        used.add((file, text, line))
        if not reason:
            wrong.append(f"{file}:{number}: condition {text} is not shown, and no reason is given")
    wrong += [f"{file}: the reason for {text} is no longer needed"
              for file, text, line in reasons if (file, text, line) not in used]
    return wrong


def main():
    if len(sys.argv) != 3:
        print(__doc__ or "mcdc-report.py EXPORT.json EXCLUSIONS.md", file=sys.stderr)
        return 2
    top = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    rows = (ROW.match(line.rstrip("\n")) for line in open(sys.argv[2], encoding="utf-8"))
    reasons = {(r[1], r[2], r[3]): r[4] for r in rows if r}
    folders, missing = judge(*read_functions(sys.argv[1]), Sources(top))
    print("conditions of core/ not shown:")
    wrong = account(missing, reasons)
    print_table(folders)
    core = folders["core"]
    for share, what in ((core.share(), "conditions"),
                        (core.compound_share(), "conditions of decisions of several")):
        if share < LEAST:
            wrong.append(f"core/: {share:.1f} % of the {what} shown, expected {LEAST} %")
    for sentence in wrong:
        print(f"mcdc: {sentence}")
    print(f"mcdc: core/ has {core.compound + core.single} decisions, {core.compound} of them of several "
          f"conditions; {core.shown} of {core.conditions} conditions shown ({core.share():.1f} %), "
          f"{'failed' if wrong else 'passed'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
