#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Where the boot loader's instructions go: counted in QEMU (cpu max, which has the SHA-2
instructions) from its first one to the kernel's entry, by function, for an ELF image.

  loader-profile.py [--top N] [--portable] [--limit X] [IMAGE]

IMAGE is build/bootimage.elf unless another is given. --portable: with the portable SHA-256 instead.
--limit: status 1 when the sum is more than X instructions for each byte of the payload.
"""
import argparse
import bisect
import json
import os
import subprocess
import sys
import tempfile

LOADER = "build/loader.elf"
PLUGIN = "build/bench/histogram.so"
RET = 0xD65F03C0


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def functions():
    """Sorted (address, name) of the loader's code, as linked."""
    rows = (line.split() for line in output(os.environ.get("CROSS", "aarch64-linux-gnu-") + "nm", LOADER).splitlines())
    return sorted((int(r[0], 16), r[2]) for r in rows if len(r) == 3 and r[1] in "tT" and r[2][0] != "$")


def portable(image, table, folder):
    """A copy whose loader does not ask for the SHA-2 instructions."""
    at = next(a for a, name in table if name == "sha256_use_instructions")
    copy = os.path.join(folder, "portable.elf")
    with open(copy, "wb") as f:
        subprocess.run(["python3", "tests/qemu/image_damage.py", image, "code", hex(at), hex(RET)],
                       check=True, stdout=f)
    return copy


def count(image, folder):
    """{address: times} of the instructions before the kernel."""
    out = os.path.join(folder, "histogram")
    p = subprocess.run(["qemu-system-aarch64", "-display", "none", "-serial", "stdio", "-monitor", "none",
                        "-nodefaults", "-semihosting-config", "enable=on,target=native", "-m", "512M",
                        "-machine", "virt", "-cpu", "max", "-icount", "shift=0,sleep=off",
                        "-plugin", f"{PLUGIN},out={out}", "-kernel", image],
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    text = p.stdout.decode(errors="replace")
    if "jumping to kernel" not in text:
        sys.exit(f"loader-profile: {image}: expected its loader to report the kernel's entry, found:\n{text[-400:]}")
    with open(out, encoding="ascii") as f:
        return {int(a, 16): int(n) for a, n in (line.split() for line in f)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--top", type=int, default=20)
    parser.add_argument("--portable", action="store_true")
    parser.add_argument("--limit", type=float)
    parser.add_argument("image", nargs="?", default="build/bootimage.elf")
    o = parser.parse_args()
    table = functions()
    facts = json.loads(output("build/kaal-builder", "inspect", "--json", o.image))
    with open(o.image + ".debug.json", encoding="utf-8") as f:
        loader = next(p for p in json.load(f)["files"] if p["role"] == "loader")
    with tempfile.TemporaryDirectory() as folder:
        counts = count(portable(o.image, table, folder) if o.portable else o.image, folder)
    addresses = [a + int(loader["offset"], 16) for a, _ in table]
    sums = {}
    for address, n in counts.items():
        i = bisect.bisect_right(addresses, address) - 1
        name = table[i][1] if i >= 0 else "(QEMU's start-up code)"
        sums[name] = sums.get(name, 0) + n
    total = sum(sums.values())
    for name, n in sorted(sums.items(), key=lambda x: -x[1])[:o.top]:
        print(f"{n:9d}  {name}")
    each = total / facts["payload_size"]
    print(f"{total:9d}  total, {each:.2f} for each of {facts['payload_size']} bytes of payload")
    sys.exit(o.limit is not None and each > o.limit)


main()
