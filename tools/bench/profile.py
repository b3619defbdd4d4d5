#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Where the kernel's instructions of one benchmark row go: function -> instructions.

    tools/bench/profile.py [--kernel debug|release] [--kernel-elf FILE] [--trace] ROW...

The instructions are counted by executing the benchmark in QEMU with tools/bench/visits.c loaded:
every instruction between the one at EL0 that enters the kernel and the next one at EL0. A function
that the compiler inlined counts under its own name ("in" gives the function it was inlined into).
--trace prints every instruction of the path in its order with its source line.
"""
import argparse
import collections
import signal

import machine
import paths


def user_place(user, pc):
    frames = user.frames(pc)
    return f"{user.symbol(pc)} ({frames[0][1]})"


def memory_line(visit):
    reads, writes = visit.get("r", []), visit.get("w", [])
    lines = {a >> 6 for a in reads + writes}
    pages = {a >> 12 for a in reads + writes}
    code = {a >> 6 for a in visit["s"]}
    return (f"{len(reads)} loads, {len(writes)} stores; {len(lines)} data-cache lines "
            f"({len({a >> 6 for a in writes})} written), {len(code)} code lines, "
            f"{len(pages)} data pages, {len({a >> 12 for a in visit['s']})} code pages")


def print_visit(visit, kernel, user, trace):
    kernel.learn(visit["s"])
    user.learn([visit["from"], visit["to"]])
    print(f"  {visit['count']} times, {visit['length']} instructions, "
          f"from {user_place(user, visit['from'])} to {user_place(user, visit['to'])}")
    print(f"    {memory_line(visit)}")
    if trace:
        for pc in visit["s"]:
            chain = " < ".join(f"{f} {l}" for f, l in kernel.frames(pc))
            print(f"    {pc & 0xffffffff:08x} {chain}")
        return
    count = collections.Counter()
    order = {}
    for pc in visit["s"]:
        frames = kernel.frames(pc)
        key = (frames[0][0], frames[-1][0])
        order.setdefault(key, len(order))
        count[key] += 1
    for key in sorted(order, key=order.get):
        inner, outer = key
        note = "" if inner == outer else f"   in {outer}"
        print(f"    {count[key]:6}  {inner}{note}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kernel", default="release", choices=["debug", "release"])
    parser.add_argument("--kernel-elf", help="measure this kernel instead")
    parser.add_argument("--words", default="", help="more boot arguments (bench.group=…)")
    parser.add_argument("--trace", action="store_true")
    parser.add_argument("--all", action="store_true",
                        help="preparations too, not only what the row measures")
    parser.add_argument("--paths", type=int, default=4, help="paths printed per row, default 4")
    parser.add_argument("row", nargs="*")
    args = parser.parse_args()
    if not args.row:
        machine.die("ROW: expected names of rows (docs/performance.md lists them), found none", 64)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    elf = args.kernel_elf or machine.kernel_elf(args.kernel)
    image = machine.make_image(args.kernel, args.words, kernel=elf)
    visits = image + ".visits"
    lines = machine.boot(image, visits=visits, starts=() if args.all else paths.MEASURED)
    rows = {row["name"]: row for row in machine.read_rows(lines)}
    taken = paths.read_visits(visits)
    kernel, user = paths.Source(elf), paths.Source(machine.BENCH_ELF)
    marks = machine.symbols(machine.BENCH_ELF)
    for name in args.row:
        if name not in rows:
            machine.die(f"row {name}: expected one of {' '.join(rows)}", 64)
        row = rows[name]
        print(f"{name}: {row.get('median', '-')} instructions one way")
        found = taken.get(row["number"], [])
        if not args.all:
            found = paths.measured(found, marks)
        for visit in sorted(found, key=lambda v: -v["count"])[:args.paths]:
            print_visit(visit, kernel, user, args.trace)


main()
