#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Writes a copy of an ELF64 file with one field set.

  elf_damage.py FILE ehdr|phdrN FIELD VALUE > COPY
"""
import struct
import sys

EHDR = {"class": (4, "B"), "data": (5, "B"), "type": (16, "<H"), "machine": (18, "<H"),
        "entry": (24, "<Q"), "phoff": (32, "<Q"), "phnum": (56, "<H")}
PHDR = {"type": (0, "<I"), "offset": (8, "<Q"), "vaddr": (16, "<Q"), "paddr": (24, "<Q"),
        "filesz": (32, "<Q"), "memsz": (40, "<Q"), "align": (48, "<Q")}


def main():
    path, where, field, value = sys.argv[1:5]
    with open(path, "rb") as f:
        data = bytearray(f.read())
    if where == "ehdr":
        base, (offset, form) = 0, EHDR[field]
    else:
        phoff = struct.unpack_from("<Q", data, 32)[0]
        base, (offset, form) = phoff + 56 * int(where[4:]), PHDR[field]
    struct.pack_into(form, data, base + offset, int(value, 0))
    sys.stdout.buffer.write(data)


main()
