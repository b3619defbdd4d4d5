#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Boots the kernel and its root task in every way that the loader promises, up to the root task's
summary line and status 0, and prints a table.

  matrix.py [--all] [--tap] [--jobs N] [--only axis=value,...] [--cases N]

Without --all: a set of cases in which every pair of values of two axes occurs (pairwise), made by a
greedy generator that is the same in every run. --tap prints TAP instead of the table. --cases runs
only the first N of them. Exit status 0 when every case booted.
"""
import argparse
import concurrent.futures
import itertools
import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

AXES = {
    "format": ["elf", "image", "uimage", "efi"],
    "level": [1, 2, 3],
    "gic": [2, 3],
    "cpu": ["cortex-a53", "max"],
    "compress": ["none", "lz4", "zstd"],
    "signed": [False, True],
    "cpus": [1, 4],
}
NAMES = list(AXES)
UBOOT = "/usr/lib/u-boot/qemu_arm64/u-boot.bin"
UEFI = "/usr/share/qemu-efi-aarch64/QEMU_EFI.fd"
SUMMARY = re.compile(r"^root task: [0-9]+ checks passed, .*all is well", re.M)
LIMIT = 100


def allowed(case):
    """EL3 is entered by an ELF only: QEMU leaves it for an Image, firmware for the other two."""
    return case["level"] != 3 or case["format"] == "elf"


def all_cases():
    return [c for c in (dict(zip(NAMES, v)) for v in itertools.product(*AXES.values())) if allowed(c)]


def pairs(case):
    return {(a, case[a], b, case[b]) for a, b in itertools.combinations(NAMES, 2)}


def pairwise():
    cases = all_cases()
    missing = set().union(*(pairs(c) for c in cases))
    chosen = []
    while missing:
        best = max(cases, key=lambda c: len(pairs(c) & missing))
        chosen.append(best)
        missing -= pairs(best)
    return chosen


def build(folder, case):
    name = f"{case['format']}-{case['compress']}-{'signed' if case['signed'] else 'unsigned'}"
    out = os.path.join(folder, name + ".img")
    if not os.path.exists(out):
        command = [os.environ.get("KAAL_BUILDER", "build/kaal-builder"), "--loader", "build/loader.elf",
                   "--kernel", "build/aarch64/debug/kernel.elf", "--app", "build/selftest.elf",
                   "--format", case["format"], "--compress", case["compress"], "--out", out]
        if case["signed"]:
            command += ["--sign", os.path.join(folder, "matrix.key")]
        subprocess.run(command, check=True)
        if case["format"] == "efi":
            boot = os.path.join(folder, name, "EFI", "BOOT")
            os.makedirs(boot)
            shutil.copy(out, os.path.join(boot, "BOOTAA64.EFI"))
    return out


def machine(case, image):
    options = f"virt,gic-version={case['gic']}"
    if case["level"] == 2:
        options += ",virtualization=on"
    if case["level"] == 3:
        options += ",secure=on"
    if case["format"] == "efi":
        options += ",acpi=off"
    command = ["qemu-system-aarch64", "-display", "none", "-serial", "stdio", "-monitor", "none", "-nodefaults",
               "-machine", options, "-cpu", case["cpu"], "-m", "512M", "-smp", str(case["cpus"]),
               "-semihosting-config", "enable=on,target=native"]
    if case["format"] in ("elf", "image"):
        return command + ["-kernel", image]
    if case["format"] == "uimage":
        return command + ["-bios", UBOOT, "-device", f"loader,file={image},addr=0x50000000,force-raw=on"]
    return command + ["-bios", UEFI, "-device", "virtio-blk-device,drive=d", "-drive",
                      f"file=fat:{image[:-4]},format=raw,if=none,id=d,readonly=on"]


def run(command, answers):
    """Runs QEMU; sends each answer when its prompt has been seen. Console text and status."""
    p = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    text, seen, end = b"", 0, time.monotonic() + LIMIT
    answers = list(answers)
    while time.monotonic() < end:
        if not select.select([p.stdout], [], [], 1)[0]:
            continue
        data = os.read(p.stdout.fileno(), 65536)
        if not data:
            break
        text += data
        if answers and answers[0][0] in text[seen:]:
            seen = len(text)
            p.stdin.write(answers.pop(0)[1])
            p.stdin.flush()
    else:
        p.kill()
    return text.decode(errors="replace").replace("\r", ""), p.wait()


def boot(case, image):
    """Empty when it booted, else why not."""
    answers = []
    if case["format"] == "uimage":
        answers = [(b"Hit any key", b"\n"), (b"=> ", b"bootm 0x50000000 - ${fdtcontroladdr}\n")]
    text, status = run(machine(case, image), answers)
    if status == 0 and SUMMARY.search(text):
        return ""
    lines = [l for l in text.split("\n") if l.strip()]
    return f"status {status}, last line: {lines[-1] if lines else 'none'}"


def words(case):
    return (case["format"], f"EL{case['level']}", f"GICv{case['gic']}", case["cpu"], case["compress"],
            "signed" if case["signed"] else "unsigned", f"{case['cpus']} CPU" + "s" * (case["cpus"] > 1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--tap", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--cases", type=int)
    parser.add_argument("--only", default="")
    o = parser.parse_args()
    cases = all_cases() if o.all else pairwise()
    for rule in filter(None, o.only.split(",")):
        name, value = rule.split("=")
        cases = [c for c in cases if str(c[name]) == value]
    cases = cases[:o.cases]
    failed = 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(o.jobs) as pool:
        with open(os.path.join(folder, "matrix.key"), "w", encoding="ascii") as f:
            f.write("4b61614c" * 8 + "\n")
        images = [build(folder, c) for c in cases]
        for n, (case, why) in enumerate(zip(cases, pool.map(boot, cases, images)), 1):
            failed += why != ""
            if o.tap:
                print(f"{'not ok' if why else 'ok'} {n} - boots as {', '.join(words(case))}")
                if why:
                    print("# " + why)
            else:
                print("%-8s%-5s%-7s%-12s%-6s%-10s%-8s%s" % (*words(case), why or "booted"))
            sys.stdout.flush()
    if o.tap:
        print(f"1..{len(cases)}")
    else:
        print(f"{len(cases) - failed} of {len(cases)} booted, {time.monotonic() - began:.0f} s"
              f"{'' if o.all else ' (every pair of values; --all: every combination)'}")
    sys.exit(1 if failed or not cases else 0)


main()
