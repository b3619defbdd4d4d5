#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Bytes of the boot loader's text (code and constants), by where they come from.

  loader-size.py [LIMIT]     reads build/loader.elf.map; status 1 when all but the libraries for
                             signatures and decompression takes more than LIMIT bytes
"""
import re
import sys

KINDS = {"libsodium.a": "signatures (libsodium)", "libzstd.a": "decompression (zstd)",
         "libfdt.a": "device tree (libfdt)"}
CODE = re.compile(r"^ (\.(?:head|text|rodata)\S*)\s*(.*)$")


def main():
    sizes, name, inside = {}, None, False
    with open("build/loader.elf.map", encoding="utf-8") as f:
        for line in f:
            if line.startswith("Linker script and memory map"):
                inside = True
            if not inside or line.startswith("/DISCARD/"):
                inside = inside and not line.startswith("/DISCARD/")
                continue
            if line.startswith(" ."):
                m = CODE.match(line.rstrip())
                name = m is not None
                rest = m[2] if m else ""
            elif name and line.startswith("      "):
                rest = line.strip()
            else:
                name = None
                continue
            m = re.match(r"0x0*([0-9a-f]+)\s+0x([0-9a-f]+)\s+(\S+)$", rest)
            if name and m and int(m[1], 16) != 0:
                source = re.sub(r"\(.*", "", m[3].split("/")[-1]) if ".a(" in m[3] else "loader"
                kind = KINDS.get(source, "own code and compiler's library")
                sizes[kind] = sizes.get(kind, 0) + int(m[2], 16)
    for kind, size in sorted(sizes.items(), key=lambda x: -x[1]):
        print(f"{size:7d}  {kind}")
    apart = sum(v for k, v in sizes.items() if "libsodium" in k or "zstd" in k)
    rest = sum(sizes.values()) - apart
    print(f"{sum(sizes.values()):7d}  total\n{rest:7d}  without signatures and decompression")
    sys.exit(len(sys.argv) > 1 and rest > int(sys.argv[1]))


main()
