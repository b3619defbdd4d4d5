#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The benchmark's table: measure, compare, check.

    bench.py run     [--kernel F] [--out FILE.json] [--svg FILE.svg]
    bench.py check   [--kernel F] [--table FILE.json] [--measured FILE.json] [--write]
    bench.py compare A.json B.json

run boots the image once for each group of rows, prints the table and writes build/bench.json and
build/bench.svg. check fails when a row costs more than the committed table says, or is missing in
one of the two; --write puts the new numbers into the committed files. Exit status: 0 fine, 1 a row has grown
or the run failed, 64 wrong command line, 66 a file cannot be read.
"""
import argparse
import concurrent.futures
import json
import os
import signal
import sys

import chart
import machine
import paths

TABLE = "docs/bench-table.json"
# Group of components/bench/main.c -> boot options it needs.
GROUPS = {
    "rows": "",
    "null": "kaal.benchmark_calls=on",
    "domain": "kaal.domains=2",
    "long": "",
    "latency": "kaal.el0_physical_timer=on kaal.el0_physical_counter=on",
    "broker": "",
    "system": "",
}
# Groups that are programs of their own: the broker's library in a root task, a system of components.
PROGRAMS = {"broker": f"{machine.BUILD}/bench/broker.elf",
            "system": f"{machine.BUILD}/systems/bench/roottask.elf"}
SHUFFLED = "shuffled"
# Waits at some points of a long operation: the points move with every change of its length.
SAMPLED, SAMPLED_SLACK = ("latency_", "longest_stretch"), 1.25
# What the plugin adds to a row.
SEEN = ("hit_rate", "data_lines", "code_lines", "tlb_entries")
DOCUMENT, CHART = "docs/performance.md", "docs/pictures/bench.svg"


def measure_group(flavour, kernel, group, words, visits=False):
    image = machine.make_image(flavour, f"bench.group={group} {words}", kernel=kernel,
                               app=PROGRAMS.get(group, machine.BENCH_ELF), name=f"image-{group}")
    file = f"{image}.visits" if visits else None
    lines = machine.boot(image, visits=file, starts=paths.MEASURED)
    rows = machine.read_rows(lines)
    if visits:
        found = paths.examine(file, kernel)
        for row in rows:
            row.update(found.get(row["number"], {}))
    return rows


def measure(args):
    kernel = args.kernel_elf or machine.kernel_elf(args.kernel)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(measure_group, args.kernel, kernel, g, w) for g, w in GROUPS.items()]
        hits = pool.submit(measure_group, args.kernel, kernel, "rows", "", True)
        shuffled = pool.submit(measure_group, args.kernel, kernel, SHUFFLED,
                               f"bench.seed={args.seed}", True)
        rows = [row for job in jobs for row in job.result()]
        seen = {row["name"]: row for row in hits.result()}
        mixed = shuffled.result()
    for row in rows:
        row.pop("number")
        for field in SEEN:
            if field in seen.get(row["name"], {}):
                row[field] = seen[row["name"]][field]
    for row in mixed:
        row.pop("number")
    version = machine.kernel_version(kernel)
    return {"machine": "qemu virt, cortex-a53, -icount shift=0", "kernel": f"{version} {args.kernel}",
            "seed": args.seed, "rows": rows, "shuffled": mixed}


def percent(row):
    rate = row.get("hit_rate")
    return "" if rate is None else f"{round(100 * rate)} %"


def print_table(rows, title):
    print(f"{title:44} {'min':>9} {'median':>9} {'max':>9}  fast path")
    for row in rows:
        if "skipped" in row:
            print(f"{row['name']:44} not measured: {row['skipped']}")
        else:
            print(f"{row['name']:44} {row['min']:9} {row['median']:9} {row['max']:9}  {percent(row)}")


def read(path):
    try:
        with open(path) as file:
            return json.load(file)
    except OSError as error:
        machine.die(f"{path}: expected a result of make bench, found {error.strerror}", 66)
    except ValueError as error:
        machine.die(f"{path}: expected JSON, found {error}", 66)


def write(path, result):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    head = {k: v for k, v in result.items() if k not in ("rows", "shuffled")}
    text = json.dumps(head, indent=1)[:-2]
    for part in ("rows", "shuffled"):
        lines = ",\n".join("  " + json.dumps(row) for row in result[part])
        text += f',\n "{part}": [\n{lines}\n ]'
    with open(path, "w") as file:
        file.write(text + "\n}\n")


def by_name(result):
    rows = {}
    for part in ("rows", "shuffled"):
        for row in result.get(part, []):
            name = row["name"] if part == "rows" else f"{SHUFFLED} {row['name']}"
            if "median" in row:
                rows[name] = row
    return rows


def run(args):
    result = measure(args)
    print_table(result["rows"], "instructions, plain setting")
    print_table(result["shuffled"], f"shuffled setting, seed {args.seed}")
    write(args.out, result)
    with open(args.svg, "w") as file:
        file.write(chart.bars(result))
    print(f"written: {args.out}, {args.svg}")


def compare(args):
    a, b = by_name(read(args.a)), by_name(read(args.b))
    print(f"{'median instructions':44} {'A':>9} {'B':>9} {'B/A':>6}")
    for name in list(a) + [n for n in b if n not in a]:
        if name in a and name in b:
            x, y = a[name]["median"], b[name]["median"]
            print(f"{name:44} {x:9} {y:9} {y / x if x else 0:6.2f}")
        else:
            print(f"{name:44} {'only in ' + ('A' if name in a else 'B'):>19}")


def markdown(result):
    """The table of docs/performance.md."""
    mixed = {row["name"]: row for row in result["shuffled"]}
    lines = ["| row | min | median | max | fast path | shuffled: median | fast path | data lines "
             "| code lines | TLB | target | reference |", "|---|" + "--:|" * 11]
    for row in result["rows"]:
        name, other = row["name"], mixed.get(row["name"], {})
        if "median" not in row:
            lines.append(f"| `{name}` | not measured: {row['skipped']} |" + " |" * 10)
            continue
        goal, reference = chart.GOALS.get(name, ("", ""))
        cells = [row["min"], row["median"], row["max"], percent(row), other.get("median", ""),
                 percent(other), row.get("data_lines", ""), row.get("code_lines", ""),
                 row.get("tlb_entries", ""), goal and f"≤ {goal}", reference]
        lines.append(f"| `{name}` | " + " | ".join(str(c) for c in cells) + " |")
    return "\n".join(lines)


def write_documents(result):
    """The committed numbers: table for the check, table for the reader, chart."""
    write(TABLE, result)
    with open(DOCUMENT) as file:
        text = file.read()
    start, end = "<!-- table -->\n", "<!-- end of table -->"
    if start not in text or end not in text:
        machine.die(f"{DOCUMENT}: expected the lines {start.strip()} and {end}, found none")
    head, rest = text.split(start, 1)
    with open(DOCUMENT, "w") as file:
        file.write(head + start + "\n" + markdown(result) + "\n\n" + end + rest.split(end, 1)[1])
    with open(CHART, "w") as file:
        file.write(chart.bars(result))
    print(f"written: {TABLE}, {DOCUMENT}, {CHART}")


def check(args):
    result = read(args.measured) if args.measured else measure(args)
    if args.write:
        write_documents(result)
        return
    table, now = by_name(read(args.table)), by_name(result)
    bad = 0
    for name in table:
        if name not in now:
            print(f"{name}: in {args.table}, but not measured")
            bad += 1
            continue
        sampled = name.startswith(SAMPLED)
        for field in ("max",) if sampled else ("median", "max"):
            if now[name][field] > table[name][field] * (SAMPLED_SLACK if sampled else 1):
                print(f"{name}: {field} {now[name][field]}, {args.table} says {table[name][field]}")
                bad += 1
    for name in now:
        if name not in table:
            print(f"{name}: measured, but not in {args.table}")
            bad += 1
    less = sum(now[n]["median"] < table[n]["median"] for n in now if n in table)
    print(f"{len(now)} rows: {bad} complaints, {less} cost less than the table says")
    if bad:
        print("make bench-table writes what was measured into the table")
        sys.exit(1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("run", "check"):
        p = commands.add_parser(name)
        p.add_argument("--kernel", default="release", choices=["debug", "release"])
        p.add_argument("--kernel-elf")
        p.add_argument("--seed", type=int, default=1)
        if name == "run":
            p.add_argument("--out", default=f"{machine.BUILD}/bench.json")
            p.add_argument("--svg", default=f"{machine.BUILD}/bench.svg")
        else:
            p.add_argument("--table", default=TABLE)
            p.add_argument("--measured", help="a result of run, instead of measuring now")
            p.add_argument("--write", action="store_true")
    p = commands.add_parser("compare")
    p.add_argument("a")
    p.add_argument("b")
    args = parser.parse_args()
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    {"run": run, "check": check, "compare": compare}[args.command](args)


main()
