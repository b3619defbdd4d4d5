#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Function and source line of addresses in a running image, by IMAGE.debug.json.

  where.py IMAGE ADDRESS...     one line for each address
  where.py IMAGE <LOG           the log, with the place behind each ELR, pc and x30 in it
"""
import json
import re
import struct
import subprocess
import sys

REPORTED = re.compile(r"\b(?:ELR|PC|pc|x30)[ =:]+(0x[0-9a-fA-F]+)")


def segments(path):
    """Address ranges of the file's loadable segments."""
    with open(path, "rb") as f:
        d = f.read()
    phoff, = struct.unpack_from("<Q", d, 32)
    for i in range(struct.unpack_from("<H", d, 56)[0]):
        kind, _, _, vaddr, _, _, memsz, _ = struct.unpack_from("<IIQQQQQQ", d, phoff + 56 * i)
        if kind == 1:
            yield vaddr, vaddr + memsz


def place(files, address):
    for f in files:
        own = address - int(f["offset"], 0)
        if any(a <= own < b for a, b in segments(f["file"])):
            out = subprocess.run(["aarch64-linux-gnu-addr2line", "-f", "-s", "-e", f["file"], hex(own)],
                                 capture_output=True, text=True, check=True).stdout.split("\n")
            return f"{f['role']}: {out[0]} at {out[1]}"
    return "in no program of the image"


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    try:
        with open(sys.argv[1] + ".debug.json", encoding="utf-8") as f:
            files = json.load(f)["files"]
    except OSError as e:
        sys.exit(f"where.py: {e.filename}: expected the builder's file beside the image, found none")
    for a in sys.argv[2:]:
        print(f"{int(a, 0):#x}: {place(files, int(a, 0))}")
    if len(sys.argv) == 2:
        for line in sys.stdin:
            found = [place(files, int(a, 0)) for a in REPORTED.findall(line)]
            print(line.rstrip("\n") + "".join(f"  <{p}>" for p in found))


main()
