#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Speed of the hosted machine, best of several runs, beside a ptrace round trip and a native loop.

    tools/bench/hosted.py [--runs N] [--out FILE.json]

The native program runs before each run of the hosted machine, on the same computer: its loop says
how fast that was at the moment. Times are taken when a line arrives.
"""
import argparse
import json
import subprocess
import time

import machine

HOSTED = f"{machine.BUILD}/release/kaal-hosted"
NATIVE = f"{machine.BUILD}/bench/ptrace"


def native():
    return {name: float(rate) for name, rate in
            (line.split() for line in machine.run_tool(NATIVE).splitlines())}


def hosted(image, engine):
    """Rate of each piece of work, and seconds from the start to the program's first line."""
    began = time.monotonic()
    process = subprocess.Popen([HOSTED, "--engine", engine, "--timeout", "300", image], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, errors="replace")
    rates, since, work = {}, 0.0, 0
    last = ""
    for line in process.stdout:
        at, words = time.monotonic(), line.split()
        last = line.strip() or last
        if words[:1] == ["bench:"] and "start" not in rates:
            rates["start"] = at - began
        elif words[:1] == ["begin"]:
            since, work = at, int(words[2])
        elif words[:1] == ["end"]:
            rates[words[1]] = work / (at - since)
    if process.wait() != 0:
        machine.die(f"{HOSTED} ended with status {process.returncode}: {last}")
    return rates


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
        runs.append(rates)
    plain = hosted(image, "plain")
    best = {name: (min if name == "start" else max)(run[name] for run in runs) for name in runs[0]}
    print(f"system calls per second, Yield             {best['yield']:14,.0f}")
    print(f"system calls per second, Call and ReplyRecv{best['call']:14,.0f}")
    print(f"round trips per second by ptrace           {best['ptrace']:14,.0f}"
          f"   (Yield here: {best['yield'] / best['ptrace']:.1f} times as many)")
    print(f"million instructions per second, computing {best['compute'] / 1e6:14,.0f}")
    print(f"the same with loads and stores             {best['memory'] / 1e6:14,.0f}"
          f"   (plain engine, one run: {plain['memory'] / 1e6:.1f})")
    print(f"million loops per second, natively         {best['loop'] / 1e6:14,.0f}")
    print(f"milliseconds from start to first line      {best['start'] * 1e3:14,.0f}")
    with open(args.out, "w") as file:
        json.dump({"best": best, "runs": runs, "plain": plain}, file, indent=1)
        file.write("\n")


main()
