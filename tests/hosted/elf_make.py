#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Writes an AArch64 ELF64 program without section headers.

  elf_make.py OUT ENTRY VADDR:PADDR:FILESZ:MEMSZ[:ALIGN]...

Each segment's bytes are "b ." instructions. Numbers as in Python; addresses modulo 2^64.
"""
import struct
import sys


def main():
    out, entry = sys.argv[1], int(sys.argv[2], 0)
    segments = [[int(n, 0) for n in s.split(":")] for s in sys.argv[3:]]
    size = 64 + 56 * len(segments)
    header = struct.pack("<4sBBBB8xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, 0, 2, 183, 1, entry % 2**64, 64, 0, 0,
                         64, 56, len(segments), 64, 0, 0)
    headers, data = b"", b""
    for vaddr, paddr, filesz, memsz, *align in segments:
        a = align[0] if align else 1
        offset = size + len(data)
        pad = (vaddr - offset) % a if filesz else 0
        data += bytes(pad) + struct.pack("<I", 0x14000000) * ((filesz + 3) // 4)
        headers += struct.pack("<IIQQQQQQ", 1, 7, offset + pad, vaddr % 2**64, paddr % 2**64, filesz, memsz, a)
    with open(out, "wb") as f:
        f.write(header + headers + data)


main()
