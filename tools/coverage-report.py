#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Judges a coverage run.
# Keeps true: every line of core/ that was not reached is printed with the reason that the document
# of exclusions gives; a line without one, a reason without such a line, and figures of core/ below
# 97 % of lines or 90 % of branches are failures, and of builder/ and the parser in loader/ below 97 %
# of lines.
#
#   tools/coverage-report.py TRACE.info EXCLUSIONS.md
#
# A reason is a row of a table: | `file` | `text of the line` | reason |. It counts for every line of
# that file that, without blanks around it, is that text.
# Exit status: 0 all is accounted for, 1 something is not, 2 wrong use.

import collections
import os
import re
import sys

LEAST = {("core", "lines"): 97.0, ("core", "branches"): 90.0,
         ("builder", "lines"): 97.0, ("loader", "lines"): 97.0}
ROW = re.compile(r"^\| `(core/[^`]*)` \| `([^`]*)` \| (.*\S) \|$")


class Folder:
    def __init__(self):
        self.lines, self.lines_hit, self.branches, self.branches_hit = 0, 0, 0, 0

    def share(self, what):
        total, hit = getattr(self, what), getattr(self, what + "_hit")
        return 100.0 * hit / total if total else 100.0


def read_trace(path, top):
    """Figures by folder, and the missed lines and branches by file."""
    folders = collections.defaultdict(Folder)
    lines, branches = collections.defaultdict(list), collections.defaultdict(list)
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
            if count in ("0", "-"):
                branches[file].append(int(number))
    return folders, lines, branches


def print_table(folders):
    print(f"{'folder':<10} {'lines':>18} {'branches':>18}")
    for name in sorted(folders):
        f = folders[name]
        print(f"{name:<10} {f.lines_hit:5d}/{f.lines:<5d} {f.share('lines'):5.1f}%"
              f" {f.branches_hit:5d}/{f.branches:<5d} {f.share('branches'):5.1f}%")


def account(lines, reasons):
    """Prints the missed lines of core/ with their reasons; returns what is wrong."""
    wrong, used = [], set()
    missed = sorted((file, n) for file in lines if file.startswith("core/") for n in lines[file])
    if missed:
        print("lines of core/ that no hosted test reaches:")
    for file, number in missed:
        text = open(file, encoding="utf-8").read().splitlines()[number - 1].strip()
        reason = reasons.get((file, text))
        print(f"  {file}:{number}: {text}\n      {reason or 'NO REASON GIVEN'}")
        if reason:
            used.add((file, text))
        else:
            wrong.append(f"{file}:{number} is not reached, and no reason is given")
    wrong += [f"a reason is given for {file}: {text}, which is reached or not there"
              for file, text in reasons.keys() - used]
    return wrong


def main():
    if len(sys.argv) != 3:
        print("coverage-report: use: coverage-report.py TRACE.info EXCLUSIONS.md", file=sys.stderr)
        return 2
    folders, lines, branches = read_trace(sys.argv[1], os.getcwd())
    reasons = {}
    for line in open(sys.argv[2], encoding="utf-8"):
        found = ROW.match(line.rstrip("\n"))
        if found:
            reasons[found[1], found[2]] = found[3]
    print_table(folders)
    wrong = account(lines, reasons)
    print("branches of core/ never taken, by file:")
    for file in sorted(branches):
        if file.startswith("core/"):
            where = " ".join(str(n) for n in sorted(set(branches[file])))
            print(f"  {file} {len(branches[file])}: lines {where}")
    for (folder, what), least in LEAST.items():
        share = folders[folder].share(what)
        if share < least:
            wrong.append(f"{folder}: {share:.2f} % of {what}, expected at least {least:.0f} %")
    for sentence in wrong:
        print(f"coverage: {sentence}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
