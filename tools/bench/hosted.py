#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Speed of the hosted machine, best of several runs, beside a ptrace round trip and a native loop.

    tools/bench/hosted.py [--runs N] [--out FILE.json]

The native program runs before each run of the hosted machine, on the same computer: its loop says
how fast that was at the moment. Rates are per second of processor time, which other work on the
computer does not add to; it is read when a line arrives. The start is timed by the clock.
"""
import argparse
import glob
import json
import re
import subprocess
import time

import machine

HOSTED = f"{machine.BUILD}/release/kaal-hosted"
NATIVE = f"{machine.BUILD}/bench/ptrace"
REPLAY, CORPUS = f"{machine.BUILD}/fuzz/replay", "tests/corpus/syscall"


# Rate, what it is, unit.
ROWS = [
    ("yield", "system calls, Yield", 1),
    ("call", "system calls, Call and ReplyRecv between two spaces", 1),
    ("compute", "million instructions, computing", 1e6),
    ("memory", "million instructions, with loads and stores", 1e6),
    ("judged", "fuzz runs: cases of the corpus, both ways, all oracles", 1),
    ("replayed", "cases of the corpus replayed", 1),
    ("ptrace", "round trips by ptrace between two native processes", 1),
    ("loop", "million rounds of the native calibration loop", 1e6),
]


def native():
    return {name: float(rate) for name, rate in
            (line.split() for line in machine.run_tool(NATIVE).splitlines())}


def processor_time(pid):
    """Seconds that all threads of a process ran."""
    total = 0
    for file in glob.glob(f"/proc/{pid}/task/*/schedstat"):
        with open(file) as text:
            total += int(text.read().split()[0])
    return total / 1e9


def hosted(image, engine):
    """Rate of each piece of work, and seconds from the start to the program's first line."""
    began = time.monotonic()
    process = subprocess.Popen([HOSTED, "--engine", engine, "--timeout", "300", image], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, errors="replace")
    rates, since, work = {}, 0.0, 0
    last = ""
    for line in process.stdout:
        words = line.split()
        last = line.strip() or last
        if words[:1] == ["bench:"] and "start" not in rates:
            rates["start"] = time.monotonic() - began
        elif words[:1] == ["begin"]:
            since, work = processor_time(process.pid), int(words[2])
        elif words[:1] == ["end"]:
            rates[words[1]] = work / (processor_time(process.pid) - since)
    if process.wait() != 0:
        machine.die(f"{HOSTED} ended with status {process.returncode}: {last}")
    return rates


def fuzzed():
    """Fuzz runs and replayed cases per second, of the corpus."""
    text = machine.run_tool(REPLAY, "--rate", "1", *sorted(glob.glob(f"{CORPUS}/*")))
    return {kind: float(rate) for kind, rate in re.findall(r"^(\w+): (\d+) cases", text, re.M)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--out", default=f"{machine.BUILD}/hosted.json")
    args = parser.parse_args()
    image = machine.make_image("release", "bench.group=hosted", name="hosted")
    runs = []
    for _ in range(args.runs):
        rates = native()
        rates.update(hosted(image, "fast"))
        rates.update(fuzzed())
        runs.append(rates)
    plain = hosted(image, "plain")
    best = {name: (min if name == "start" else max)(run[name] for run in runs) for name in runs[0]}
    print(f"best of {args.runs}, per second of processor time")
    for name, label, unit in ROWS:
        print(f"  {label:54}{best[name] / unit:14,.{0 if unit == 1 else 1}f}")
    print(f"  {'milliseconds from start to first line, by the clock':54}{best['start'] * 1e3:14,.1f}")
    print(f"Yield / ptrace round trip {best['yield'] / best['ptrace']:.1f}; "
          f"fast / plain engine {best['compute'] / plain['compute']:.1f} computing "
          f"({plain['compute'] / 1e6:.0f} million instructions), "
          f"{best['memory'] / plain['memory']:.0f} with loads and stores "
          f"({plain['memory'] / 1e6:.1f})")
    with open(args.out, "w") as file:
        json.dump({"best": best, "runs": runs, "plain": plain}, file, indent=1)
        file.write("\n")


main()
