# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Boots the benchmark in QEMU and reads its rows. Used by bench.py and profile.py."""
import atexit
import contextlib
import itertools
import os
import re
import subprocess
import sys

BUILD = "build"
CROSS = os.environ.get("CROSS", "aarch64-linux-gnu-")
BENCH_ELF = f"{BUILD}/bench/bench.elf"
# Ticks are off so that no timer interrupt falls into a measurement.
BOOTARGS = ("kaal.el0_pmu=on kaal.debug_calls=on kaal.tick_us=0 "
            "kaal.log=normal")


# What stands before a line of the component that measures (systems/bench).
COMPONENT = "measure: "

serial = itertools.count()


def die(sentence, status=1):
    print(f"bench: {sentence}", file=sys.stderr)
    sys.exit(status)


def kernel_elf(flavour):
    return f"{BUILD}/aarch64/{flavour}/kernel.elf"


def run_tool(*command):
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        die(f"{command[0]} failed: {getattr(error, 'stderr', '') or error}")


def kernel_version(elf):
    """What the banner says: name and version."""
    with open("include/abi/kaal_version.h") as file:
        return "KaaL " + re.search(r'KAAL_VERSION "([^"]*)"', file.read())[1]


def symbols(elf):
    """Name -> address of every symbol."""
    table = {}
    for line in run_tool(f"{CROSS}nm", elf).splitlines():
        parts = line.split()
        if len(parts) == 3:
            table[parts[2]] = int(parts[0], 16)
    return table


def remove(path):
    with contextlib.suppress(OSError):
        os.remove(path)


def make_image(flavour, words, kernel=None, app=BENCH_ELF, name="image", keep=False):
    """An image with the benchmark; it goes when the program ends, unless it is to be kept."""
    image = f"{BUILD}/bench/{name}-{os.getpid()}-{next(serial)}.elf"
    run_tool(f"{BUILD}/kaal-builder", "--loader", f"{BUILD}/loader.elf", "--kernel",
             kernel or kernel_elf(flavour), "--app", app, "--out", image, "--bootargs",
             f"{BOOTARGS} {words}".strip())
    if not keep:
        atexit.register(remove, image)
        for suffix in (".visits", ".debug.json"):
            atexit.register(remove, image + suffix)
    return image


def boot(image, visits=None, starts=(), memory="512M", reserve=True, timeout=120,
         quiet=True):
    """Runs the image; returns its output lines.

    `visits` names the plugin's output file, `starts` the instructions (symbols) whose kernel visits
    are wanted, none = all. Without `reserve` the host need not have the memory.
    """
    command = ["tools/qemu.sh", image, "--memory", memory, "--timeout", str(timeout),
               "--cpu", "cortex-a53,cntfrq=1000000000"]
    if not reserve:
        command += ["--machine", "virt,gic-version=2,memory-backend=ram"]
    command += ["--", "-icount", "shift=0,sleep=off"]
    if not reserve:
        command += ["-object", f"memory-backend-ram,id=ram,size={memory},reserve=off"]
    if visits:
        address = symbols(BENCH_ELF)
        plugin = f"{BUILD}/bench/visits.so,out={visits},rows=512,entry={address['_start']:#x}"
        plugin += f",mark={address['bench_row_mark']:#x}"
        command += ["-plugin", plugin + "".join(f",from={address[name]:#x}" for name in starts)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    lines = [line.rstrip("\r").removeprefix(COMPONENT) for line in done.stdout.split("\n")]
    if done.returncode != 0 or "bench: end" not in lines:
        sys.stderr.write("\n".join(lines[-12:]) + "\n" + done.stderr)
        die(f"the benchmark ended with status {done.returncode} before its end")
    if not quiet:
        print("\n".join(lines))
    return lines


ROW = re.compile(r"^row (\d+) (\S+) (\S+) (\d+) (\d+) (\d+) (\d+)$")
SKIP = re.compile(r"^skip (\d+) (\S+) (.*)$")


def read_rows(lines):
    """Rows in their order: dictionaries; skipped ones have a key "skipped"."""
    rows = []
    for line in lines:
        m = ROW.match(line)
        if m:
            rows.append({"name": m[2], "min": int(m[4]), "median": int(m[5]), "max": int(m[6]),
                         "unit": m[3], "samples": int(m[7]), "number": int(m[1])})
        m = SKIP.match(line)
        if m:
            rows.append({"name": m[2], "number": int(m[1]), "skipped": m[3]})
    return rows
