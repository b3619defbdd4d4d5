#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Costs as a function of how much there is: rows of components/bench/rows_growth.c, and the boot.

    tools/bench/growth.py [--kernel F] [--out FILE.json] [--svg FILE.svg]

Fails (status 1) when a cost that must not grow does, or one that may grows faster than its size.
"""
import argparse
import collections
import json
import re
import sys

import chart
import machine
import paths

# What must be the same at every size.
CONSTANT = ("call_threads", "replyrecv_threads", "yield_priorities", "copy_caps", "delete_caps")
# What grows linearly: curve -> what one more is. What may differ by a little (the device tree differs).
LINEAR = {"revoke_caps": "cap", "zero_kib": "KiB"}
NEARLY_CONSTANT, TOLERANCE = ("boot_ram_mib",), 0.02
MIB = {"128M": 128, "512M": 512, "2G": 2048, "8G": 8192, "64G": 65536}


def boot_lengths(flavour, kernel):
    """MiB of RAM -> instructions from the kernel's entry to the first one at EL0."""
    image = machine.make_image(flavour, "bench.group=boot", kernel=kernel, name="boot")
    lengths = {}
    for memory, mib in MIB.items():
        file = f"{image}.visits"
        machine.boot(image, visits=file, starts=paths.MEASURED, memory=memory, reserve=False)
        with open(file) as lines:
            lengths[mib] = int(re.match(r"boot (\d+)", lines.readline())[1])
    return lengths


def slopes(points):
    """Cost of one more, between each two neighbouring sizes."""
    sizes = sorted(points)
    return [(points[b] - points[a]) / (b - a) for a, b in zip(sizes, sizes[1:])]


def complaints(curves):
    for name in CONSTANT:
        if len(set(curves[name].values())) != 1:
            yield f"{name}: expected one cost at every size, found {sorted(set(curves[name].values()))}"
    for name in NEARLY_CONSTANT:
        low, high = min(curves[name].values()), max(curves[name].values())
        if high > low * (1 + TOLERANCE):
            yield f"{name}: expected the same within {TOLERANCE:.0%}, found {low} to {high}"
    for name, unit in LINEAR.items():
        first, *rest = slopes(curves[name])
        if max(rest) > first * (1 + TOLERANCE):
            yield (f"{name}: expected at most {first:.1f} instructions for each {unit}, "
                   f"found {max(rest):.1f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kernel", default="release", choices=["debug", "release"])
    parser.add_argument("--kernel-elf")
    parser.add_argument("--out", default=f"{machine.BUILD}/growth.json")
    parser.add_argument("--svg", default=f"{machine.BUILD}/growth.svg")
    args = parser.parse_args()
    kernel = args.kernel_elf or machine.kernel_elf(args.kernel)
    image = machine.make_image(args.kernel, "bench.group=growth kaal.root_cnode_bits=21",
                               kernel=kernel, name="growth")
    rows = machine.read_rows(machine.boot(image, memory="2G", timeout=600))
    curves = collections.defaultdict(dict)
    for row in rows:
        name, size = re.match(r"growth_(.*)_(\d+)$", row["name"]).groups()
        curves[name][int(size)] = row["median"]
    curves["boot_ram_mib"] = boot_lengths(args.kernel, kernel)
    for name, points in curves.items():
        print(f"{name:20} " + "  ".join(f"{size}: {cost}" for size, cost in points.items()))
    with open(args.out, "w") as file:
        json.dump({"kernel": f"{machine.kernel_version(kernel)} {args.kernel}",
                   "unit": "instructions", "curves": curves}, file, indent=1)
        file.write("\n")
    with open(args.svg, "w") as file:
        file.write(chart.curves(curves))
    print(f"written: {args.out}, {args.svg}")
    for name, unit in LINEAR.items():
        print(f"{name}: {slopes(curves[name])[-1]:.1f} instructions for each {unit}")
    grown = list(complaints(curves))
    for sentence in grown:
        print(sentence)
    sys.exit(1 if grown else 0)


main()
