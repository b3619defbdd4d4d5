#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Runs the conformance program and accounts for the rows of the interface documents.
# Keeps true: a run counts only when it is complete (plan, status 0); a row is covered only when a
# passing line names it on every machine; every other row is listed in tests/conformance/uncovered.csv
# with the test that shows it, which is there, or a reason: no rule for this configuration ("outside")
# or none that anything here can show ("excused"); nothing is in that list that is covered after all.
#
#   tools/conformance.py [--limit SECONDS] [--programs DIR] [MACHINE...]
#       MACHINE: hosted-gicv2 hosted-gicv3 qemu-gicv2 qemu-gicv3, and qemu-gicvN-CPU for the other
#       CPUs that the interface names (cortex-a57, cortex-a72, max; without one: cortex-a53). All of
#       MACHINES when none is named. QEMU counts instructions (-icount), so runs are repeatable.
#       Each runs three images: the interface's default configuration, "wide" (several domains, SMC
#       cap, benchmark calls, EL0 timer, a larger root CNode), and the default one on the release
#       kernel. A row counts when one of them covers it and none fails it.
#       --programs: where kaal-hosted and release/kaal-hosted are (build)
#   tools/conformance.py --rows-only     only checks the two tables against the sources
#
# Exit status: 0 all passed and all rows accounted for, 1 something failed, 2 wrong use.

import argparse
import csv
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
FOLDER = TOP / "tests/conformance"
IMAGES = {"default": "build/conformance-image.elf", "wide": "build/conformance-wide.elf",
          "release": "build/conformance-release.elf"}
MACHINES = ["hosted-gicv2", "hosted-gicv3", "qemu-gicv2", "qemu-gicv3", "qemu-gicv2-cortex-a57",
            "qemu-gicv3-cortex-a72", "qemu-gicv3-max"]
ROW = re.compile(r"^(?:BOOT|SYS|INV|OBJ|SCH|VSP|VEC)-[0-9.]+-[0-9]+[a-z]?$")
RANGE = re.compile(r"^(.*-)([0-9]+)\.\.([0-9]+)$")
HOW = ("test", "outside", "excused")
LINE = re.compile(r"^(not )?ok ([0-9]+) - (.*) \[([^\]]*)\]")


def read_csv(path):
    with open(path, encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def expand(words):
    """Row ids, with FILE-SECTION-04..07 written out."""
    for word in words:
        found = RANGE.match(word)
        if found:
            for number in range(int(found[2]), int(found[3]) + 1):
                yield f"{found[1]}{number:02d}"
        elif ROW.match(word):
            yield word


def command(machine, name, limit, programs):
    kind, gic = machine.split("-gicv")
    gic, _, cpu = gic.partition("-")
    image = IMAGES[name]
    if kind == "hosted":
        program = programs + ("/release" if name == "release" else "") + "/kaal-hosted"
        return [program, "--gic", gic, "--timeout", str(limit), image]
    return ["tools/qemu.sh", image, "--machine", f"virt,gic-version={gic}", "--cpu",
            cpu or "cortex-a53", "--timeout", str(limit), "--", "-icount", "shift=0,sleep=off"]


def run(machine, name, limit, programs):
    """One run of an image; the lines as (good, number, text, rows), and what is wrong with the whole."""
    try:
        done = subprocess.run(command(machine, name, limit, programs), cwd=TOP, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=limit + 30, check=False)
    except subprocess.TimeoutExpired:
        return [], [f"still running after {limit + 30} s"]
    text = done.stdout.decode("utf-8", "replace").replace("\r", "")
    log = TOP / "build/test-logs" / f"conformance-{machine}-{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(text)
    lines, wrong, planned = [], [], None
    for line in text.splitlines():
        found = LINE.match(line)
        if found:
            lines.append((found[1] is None, int(found[2]), found[3], list(expand(found[4].split()))))
        elif line.startswith("1.."):
            planned = int(line[3:])
    if done.returncode != 0:
        wrong.append(f"ended with status {done.returncode}")
    if planned != len(lines):
        wrong.append(f"planned {planned} lines, saw {len(lines)} (log: {log.relative_to(TOP)})")
    if [number for _, number, _, _ in lines] != list(range(1, len(lines) + 1)):
        wrong.append("lines are not numbered one by one")
    return lines, wrong


def run_machine(machine, limit, programs):
    """All images on one machine; the ids that passing lines name, and what is wrong."""
    covered, failing, wrong = set(), set(), []
    for name in IMAGES:
        lines, faults = run(machine, name, limit, programs)
        failed = [line for line in lines if not line[0]]
        print(f"{machine}, {name}: {len(lines) - len(failed)} passed, {len(failed)} failed",
              flush=True)
        for _, number, text, _ in failed:
            print(f"  not ok {number} - {text}")
        wrong += [f"{machine}, {name}: {fault}" for fault in faults]
        covered |= {i for line in lines if line[0] for i in line[3]}
        failing |= {i for line in failed for i in line[3]}
    return covered - failing, wrong


def report_coverage(rows, covered, listed):
    """Prints covered/total per file; returns the number of rows nobody accounts for."""
    missing = 0
    for file in dict.fromkeys(row["file"] for row in rows):
        ids = [row["id"] for row in rows if row["file"] == file]
        hit = [i for i in ids if i in covered]
        open_rows = [i for i in ids if i not in covered and i not in listed]
        print(f"  {file:<16} {len(hit):4d} of {len(ids):4d} rows covered, "
              + summary({i: listed[i] for i in ids if i in listed}))
        for i in open_rows:
            print(f"    not covered: {i}")
        missing += len(open_rows)
    return missing


def summary(listed):
    count = {how: list(listed.values()).count(how) for how in HOW}
    return f"{count['test']} by other tests, {count['outside']} outside, {count['excused']} excused"


def test_exists(name):
    """FILE::CASE: the file has the case's name, a word or a line's text."""
    file, _, case = name.partition("::")
    path = TOP / file
    return bool(case) and path.is_file() and case in path.read_text(encoding="utf-8")


def check_tables(rows, listed):
    """Ids unique, the list about existing rows, its tests there and its reasons given."""
    wrong = []
    ids = [row["id"] for row in rows]
    wrong += [f"rows.csv: id {i} is there twice" for i in set(ids) if ids.count(i) > 1]
    wrong += [f"rows.csv: id {i!r}, expected FILE-SECTION-NN" for i in ids if not ROW.match(i)]
    for row in listed:
        if row["id"] not in ids:
            wrong.append(f"uncovered.csv: id {row['id']} is not in rows.csv")
        if row["how"] not in HOW:
            wrong.append(f"uncovered.csv: id {row['id']}: how is {row['how']!r}, expected one of {' '.join(HOW)}")
        if not (row["what"] or "").strip():
            wrong.append(f"uncovered.csv: id {row['id']} has no reason")
        elif row["how"] == "test" and not test_exists(row["what"]):
            wrong.append(f"uncovered.csv: id {row['id']}: there is no test {row['what']}")
    return wrong


def named_in_sources():
    """Every row id that a case's string names."""
    names = set()
    for path in sorted(FOLDER.glob("*.c")):
        for text in re.findall(r'"((?:[^"\\]|\\.)*)"', path.read_text(encoding="utf-8")):
            names |= set(expand(text.split()))
    return names


def main():
    parser = argparse.ArgumentParser(prog="tools/conformance.py")
    parser.add_argument("machines", nargs="*", metavar="MACHINE")
    parser.add_argument("--limit", type=int, default=120)
    parser.add_argument("--programs", default="build")
    parser.add_argument("--rows-only", action="store_true")
    options = parser.parse_args()
    for machine in options.machines:
        if machine not in MACHINES:
            parser.error(f"machine {machine!r}, expected one of {' '.join(MACHINES)}")
    rows, entries = read_csv(FOLDER / "rows.csv"), read_csv(FOLDER / "uncovered.csv")
    listed = {row["id"]: row["how"] for row in entries}
    wrong = check_tables(rows, entries)
    ids = {row["id"] for row in rows}
    wrong += [f"a case names {i}, which is not in rows.csv" for i in named_in_sources() - ids]
    if options.rows_only:
        covered = named_in_sources()
    else:
        covered = ids
        for machine in options.machines or MACHINES:
            good, faults = run_machine(machine, options.limit, options.programs)
            covered = covered & good
            wrong += faults
    print("rows of the interface documents:")
    missing = report_coverage(rows, covered, listed)
    if missing:
        wrong.append(f"{missing} rows are neither covered nor in uncovered.csv")
    wrong += [f"uncovered.csv: {i} is covered" for i in sorted(listed.keys() & covered)]
    for sentence in wrong:
        print(f"conformance: {sentence}")
    total = len(ids)
    print(f"conformance: {len(covered & ids)} of {total} rows covered, "
          f"{summary(listed)}, {'failed' if wrong else 'passed'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
