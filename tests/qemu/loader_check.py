#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Compares the report of testkernel.S with abi/boot.md §1 and the programs that were loaded.

  loader_check.py REPORT KERNEL.elf APP.elf APP-OFFSET IPS [DISTANCE]

DISTANCE: how far the builder moved the kernel from the address it is linked for.
"""
import struct
import sys

PAGE = 4096


def up(value):
    return (value + PAGE - 1) // PAGE * PAGE


def loads(path):
    """(offset bytes, vaddr, paddr, memsz) of every PT_LOAD, and the entry."""
    with open(path, "rb") as f:
        d = f.read()
    entry, phoff = struct.unpack_from("<QQ", d, 24)
    segments = []
    for i in range(struct.unpack_from("<H", d, 56)[0]):
        kind, _, offset, vaddr, paddr, filesz, memsz, _ = struct.unpack_from("<IIQQQQQQ", d, phoff + 56 * i)
        if kind == 1:
            segments.append((d[offset:offset + filesz], vaddr, paddr, memsz))
    return segments, entry


def memory_sum(segments, start, end):
    """Sum of the 64-bit words of the loaded program, zero where no segment has bytes."""
    memory = bytearray(end - start)
    for data, vaddr, _, _ in segments:
        memory[vaddr - start:vaddr - start + len(data)] = data
    return sum(struct.unpack("<%dQ" % (len(memory) // 8), memory)) % 2**64


def main():
    report, kernel, app = sys.argv[1:4]
    offset, ips = int(sys.argv[4], 0), int(sys.argv[5], 0)
    distance = int(sys.argv[6], 0) if len(sys.argv) > 6 else 0
    found = {}
    with open(report, encoding="utf-8", errors="replace") as f:
        for line in f:
            words = line.split()
            if len(words) == 2 and len(words[1]) == 16:
                found[words[0]] = int(words[1], 16)
    ksegments, kentry = loads(kernel)
    usegments, uentry = loads(app)
    kernel_start = min(p for _, _, p, _ in ksegments) + distance
    kernel_end = up(max(p + m for _, _, p, m in ksegments)) + distance
    ustart = min(v for _, v, _, _ in usegments) // PAGE * PAGE
    uend = up(max(v + m for _, v, _, m in usegments))
    user = up(kernel_end + offset)
    expected = {
        "x0": user,
        "x1": user + uend - ustart,
        "x2": (user - ustart) % 2**64,
        "x3": uentry,
        "x4": kernel_end,
        "pc": kentry,
        "CurrentEL": 1 << 2,
        "SPSel": 1,
        "DAIF": 0xF << 6,
        "SCTLR": 0x00C5183D,
        "TCR": 0x1085100510 | ips << 32,
        "MAIR": 0x0000AAFF440C0400,
        "CPACR": 0,
        "CNTKCTL": 0,
        "TPIDR_EL0": 0,
        "TPIDRRO_EL0": 0,
        "TPIDR_EL1": 0,
        "bss_sum": 0,
        "user_sum": memory_sum(usegments, ustart, uend),
        "dtb_magic": 0xD00DFEED,
        "dtb_size": found.get("x5"),
    }
    wrong = 0
    for name, value in expected.items():
        if found.get(name) != value:
            print(f"{name}: expected {value:#x}, found {found.get(name)}" if value is not None
                  else f"{name}: missing")
            wrong += 1
    # The address translation must have worked (F = 0), gone to the kernel's place, and be write-back:
    # by the kernel's map (TTBR1), and by the identity map (TTBR0), which has the UART as device memory.
    for name, page, kind in (("PAR_first", kernel_start, 0xFF), ("PAR_last", kernel_end - PAGE, 0xFF),
                             ("PAR_identity", found.get("TTBR0"), 0xFF), ("PAR_uart", 0x9000000, 0)):
        par = found.get(name, 1)
        if par & 1 or par & 0xFFFFFFFFF000 != page or par >> 56 != kind:
            print(f"{name}: expected {page:#x} with memory type {kind:#x}, found {par:#x}")
            wrong += 1
    if not 0x400 < (found.get("x5") or 0) < 0x4000:
        print("x5: expected the size of a packed tree, found", found.get("x5"))
        wrong += 1
    sys.exit(1 if wrong else 0)


main()
