#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Judges a coverage run.
# Keeps true: every line of core/ that was not reached and every line with a branch that was not taken
# is printed with the reason that a document of exclusions gives; a line without one, a reason without
# such a line, and figures of core/ below 97 % of lines or 90 % of branches are failures, and of
# builder/ and the parser in loader/ below 97 % of lines.
#
#   tools/coverage-report.py TRACE.info EXCLUSIONS.md MCDC-EXCLUSIONS.md
#
# A reason is a row of a table: | `file` | `text of the line` | reason |. It counts for every line of
# that file that, without blanks around it, is that text; for a line not reached it must be in the
# first document. A line of the second document,
# | `file` | `condition` | `text of the line` | reason |, counts for branches, too.
# The fast paths are inlined several times, and each copy has branches of its own: a line is accounted
# for when both ways of a branch are taken in some copy; that every condition there is shown is for
# the MC/DC build to see, which compiles each once.
# Exit status: 0 all is accounted for, 1 something is not, 2 wrong use.

import collections
import os
import re
import sys

LEAST = {("core", "lines"): 97.0, ("core", "branches"): 90.0,
         ("builder", "lines"): 97.0, ("loader", "lines"): 97.0}
ROW = re.compile(r"^\| `(core/[^`]*)` \| `([^`]*)` \| ([^`].*\S) \|$")
CONDITION = re.compile(r"^\| `(core/[^`]*)` \| `.*?` \| `([^`]*)` \| (.*\S) \|$")
COPIED = "core/fastpath"


class Folder:
    def __init__(self):
        self.lines, self.lines_hit, self.branches, self.branches_hit = 0, 0, 0, 0

    def share(self, what):
        total, hit = getattr(self, what), getattr(self, what + "_hit")
        return 100.0 * hit / total if total else 100.0


def read_trace(path, top):
    """Figures by folder, and the missed lines and branches by file."""
    folders = collections.defaultdict(Folder)
    lines, branches = collections.defaultdict(list), collections.defaultdict(dict)
    for line in open(path, encoding="utf-8"):
        kind, _, rest = line.strip().partition(":")
        if kind == "SF":
            file = os.path.relpath(rest, top)
            folder = folders[file.split("/")[0]]
        elif kind == "DA":
            number, count = rest.split(",")[:2]
            folder.lines += 1
            folder.lines_hit += count != "0"
            if count == "0":
                lines[file].append(int(number))
        elif kind == "BRDA":
            number, _, _, count = rest.split(",")
            folder.branches += 1
            folder.branches_hit += count not in ("0", "-")
            branches[file].setdefault(int(number), []).append(count not in ("0", "-"))
    return folders, lines, branches


def print_table(folders):
    print(f"{'folder':<10} {'lines':>18} {'branches':>18}")
    for name in sorted(folders):
        f = folders[name]
        print(f"{name:<10} {f.lines_hit:5d}/{f.lines:<5d} {f.share('lines'):5.1f}%"
              f" {f.branches_hit:5d}/{f.branches:<5d} {f.share('branches'):5.1f}%")


def text_of(file, number):
    return open(file, encoding="utf-8").read().splitlines()[number - 1].strip()


def account_lines(lines, reasons, used):
    """Prints the missed lines of core/ with their reasons; returns what is wrong."""
    wrong = []
    missed = sorted((file, n) for file in lines if file.startswith("core/") for n in lines[file])
    if missed:
        print("lines of core/ that no hosted test reaches:")
    for file, number in missed:
        text = text_of(file, number)
        reason = reasons.get((file, text))
        print(f"  {file}:{number}: {text}\n      {reason or 'NO REASON GIVEN'}")
        used.add((file, text))
        if not reason:
            wrong.append(f"{file}:{number} is not reached, and no reason is given")
    return wrong


def account_branches(branches, reasons, used):
    """The same for lines with a branch never taken; those of inlined copies are only counted."""
    wrong, copies, shown = [], 0, 0
    print("branches of core/ never taken:")
    for file in sorted(f for f in branches if f.startswith("core/")):
        for number, taken in sorted(branches[file].items()):
            missed = taken.count(False)
            if missed == 0:
                continue
            text = text_of(file, number)
            reason = reasons.get((file, text))
            if not reason and file.startswith(COPIED) and any(taken[0::2]) and any(taken[1::2]):
                copies += missed
                continue
            print(f"  {file}:{number}: {text}\n      {missed}: {reason or 'NO REASON GIVEN'}")
            shown += missed
            used.add((file, text))
            if not reason:
                wrong.append(f"{file}:{number} has a branch never taken, and no reason is given")
    print(f"  {shown} branches listed above, {copies} of inlined copies, taken in others")
    return wrong


def read_reasons(path, pattern):
    found = (pattern.match(line.rstrip("\n")) for line in open(path, encoding="utf-8"))
    return {(row[1], row[2]): row[3] for row in found if row}


def main():
    if len(sys.argv) != 4:
        print("coverage-report: use: coverage-report.py TRACE.info EXCLUSIONS.md MCDC-EXCLUSIONS.md",
              file=sys.stderr)
        return 2
    folders, lines, branches = read_trace(sys.argv[1], os.getcwd())
    reasons, used = read_reasons(sys.argv[2], ROW), set()
    print_table(folders)
    wrong = account_lines(lines, reasons, used)
    wrong += account_branches(branches, {**read_reasons(sys.argv[3], CONDITION), **reasons}, used)
    wrong += [f"a reason is given for {file}: {text}, which is reached or not there"
              for file, text in sorted(reasons.keys() - used)]
    for (folder, what), least in LEAST.items():
        share = folders[folder].share(what)
        if share < least:
            wrong.append(f"{folder}: {share:.2f} % of {what}, expected at least {least:.0f} %")
    for sentence in wrong:
        print(f"coverage: {sentence}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
