# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Paths through the kernel as recorded by the plugin visits.c, and what their addresses mean."""
import collections
import subprocess

import machine

# Instructions that a row is about (components/bench/stub.S).
MEASURED = ("shot_svc_at", "shot_svc_fp_at", "shot_undefined_at", "shot_load_at", "shot_store_at")
# A path took a fast path when it ran code of these files and then none of these functions, to which
# the fast paths give what they do not take.
FAST_FILES = "fastpath"
ORDINARY = {"core_syscall_slowly", "core_fault_slowly", "core_enter_slowly", "handle", "system_call",
            "fault_raise"}


# Where the kernel's image is linked (hal-aarch64/kernel.ld).
IMAGE = 0xffffff8040000000


class Source:
    """Function names and lines of kernel addresses, innermost inlined function first."""

    def __init__(self, elf):
        self.elf = elf
        self.known = {}
        self.table = sorted((a, n) for n, a in machine.symbols(elf).items()
                            if not n.startswith("$"))

    def learn(self, addresses):
        new = sorted(set(addresses) - set(self.known))
        if not new:
            return
        text = subprocess.run([f"{machine.CROSS}addr2line", "-a", "-i", "-f", "-s", "-e", self.elf],
                              input="\n".join(f"{a:#x}" for a in new), capture_output=True,
                              text=True, check=True).stdout.splitlines()
        frames = None
        for i, line in enumerate(text):
            if line.startswith("0x"):
                frames = self.known.setdefault(int(line, 16), [])
                pair = []
            else:
                pair.append(line)
                if len(pair) == 2:
                    frames.append(tuple(pair))
                    pair = []

    def frames(self, address):
        found = self.known.get(address) or [("??", "??:?")]
        if found[0][0] == "??":
            found = [(self.symbol(address), found[0][1])]
        return found

    def symbol(self, address):
        name = "?"
        for a, n in self.table:
            if a > address:
                break
            name = n
        return name


def read_visits(path):
    """Row number -> list of visits."""
    rows = collections.defaultdict(list)
    visit = None
    for line in open(path):
        kind, _, rest = line.rstrip("\n").partition(" ")
        if kind == "visit":
            row, count, last, start, end, length = rest.split()
            visit = {"count": int(count), "last": int(last), "from": int(start, 16),
                     "to": int(end, 16), "length": int(length)}
            rows[int(row)].append(visit)
        elif kind in ("s", "r", "w"):
            visit[kind] = [int(word, 16) for word in rest.split()]
    return rows


def measured(visits, marks):
    """The paths that a row is about; a system call goes before the fault it answers."""
    for names in (MEASURED[:2], MEASURED[2:]):
        chosen = [v for v in visits if v["from"] in {marks[n] for n in names}]
        if chosen:
            return chosen
    return []


def is_fast(visit, kernel):
    frames = [frame for pc in set(visit["s"]) for frame in kernel.frames(pc)]
    return (any(place.startswith(FAST_FILES) for _, place in frames)
            and not any(name in ORDINARY for name, _ in frames))


def mapped_by(address):
    """The translation that covers a kernel address: the image is mapped by pages of 4 KiB, RAM and
    devices by blocks of 2 MiB or more (hal-aarch64/boot_map.c)."""
    return (12, address >> 12) if IMAGE <= address < IMAGE + (1 << 20) else (21, address >> 21)


def touched(visit):
    """What a path touches: data-cache lines, code lines (64 bytes), translations."""
    data = visit.get("r", []) + visit.get("w", [])
    return {"data_lines": len({a >> 6 for a in data}),
            "code_lines": len({a >> 6 for a in visit["s"]}),
            "tlb_entries": len({mapped_by(a) for a in data + visit["s"]})}


def examine(file, kernel_elf):
    """Row number -> the share of its measured kernel visits that took a fast path ("hit_rate"), and
    what its commonest path touches."""
    kernel, marks = Source(kernel_elf), machine.symbols(machine.BENCH_ELF)
    found = {}
    for row, visits in read_visits(file).items():
        visits = measured(visits, marks)
        if not visits:
            continue
        kernel.learn(pc for v in visits for pc in v["s"])
        total = sum(v["count"] for v in visits)
        hits = sum(v["count"] for v in visits if is_fast(v, kernel))
        found[row] = {"hit_rate": round(hits / total, 4),
                      **touched(max(visits, key=lambda v: v["count"]))}
    return found
