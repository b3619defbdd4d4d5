#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Runs one image in QEMU and in the hosted machine and compares the kernel's work trap by trap.

Keeps true: both machines get the same file; equal means that every word of every kernel entry's
event and the abstract state at every checkpoint are equal (core/lockstep.h); a difference is shown
as the first differing trap of both.

Exit status: 0 equal, 1 different, 2 a run did not work, 64 wrong command line.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

CHECKPOINT = re.compile(rb"lockstep (end )?(\d+) ([0-9a-f]{16}) ([0-9a-f]{16})")
EVENT = re.compile(rb"#(\d+) (?:\"|\(nobody\))[^\r\n]*")
BASE = "kaal.tick_us=0 kaal.log=quiet"
KEPT_LINES = 3  # common traps shown before the difference
HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Trouble(Exception):
    pass


class Run:
    """One run of an image: its checkpoints {entry: (events, state)}, its end, its traced events."""

    def __init__(self, machine, status, text):
        self.machine, self.status = machine, status
        self.points, self.end = {}, None
        for m in CHECKPOINT.finditer(text):
            words = (m[3].decode(), m[4].decode())
            if m[1]:
                self.end = (int(m[2]),) + words
            else:
                self.points[int(m[2])] = words
        self.events = {int(m[1]): m[0].decode("ascii", "replace") for m in EVENT.finditer(text)}
        self.tail = text.decode("ascii", "replace").splitlines()[-5:]


def build(options, bootargs, path):
    command = [options.builder, "--loader", options.loader, "--kernel", options.kernel, "--app",
               options.app, "--out", path, "--bootargs", bootargs]
    for patch in options.patch:
        command += ["--patch", patch]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise Trouble(done.stdout.decode("ascii", "replace").strip())


def start(command):
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT)


def finish(options, machine, process):
    try:
        text, _ = process.communicate(timeout=options.timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        text, _ = process.communicate()
        return Run(machine, "time is up", text)
    return Run(machine, process.returncode, text)


def run_both(options, more):
    bootargs = " ".join(f"{BASE} kaal.lockstep={options.every} {options.bootargs} {more}".split())
    with tempfile.TemporaryDirectory() as scratch:
        image = os.path.join(scratch, "image.elf")
        build(options, bootargs, image)
        hosted = [options.hosted, "--gic", str(options.gic)]
        if options.hosted_change:
            hosted += ["--append", bootargs.replace(*options.hosted_change)]
        qemu = [os.path.join(HERE, "tools/qemu.sh"), image, "--machine",
                f"virt,gic-version={options.gic}", "--", "-icount", "shift=0,sleep=off"]
        processes = [start(qemu), start(hosted + [image])]
        return [finish(options, name, p) for name, p in zip(("QEMU", "hosted"), processes)]


def first_difference(a, b):
    """The first checkpoint that is not the same in both and the last before it that is."""
    last = 0
    for entry in sorted(set(a.points) | set(b.points)):
        if a.points.get(entry) != b.points.get(entry):
            return last, entry
        last = entry
    return (last, last + (1 << 20)) if a.end != b.end else None


def say(options, text):
    print(f"lockstep: {options.name}: {text}")


def show(options, entry, what, a, b):
    say(options, f"first difference at kernel entry {entry}: {what}")
    for number in range(entry - KEPT_LINES, entry):
        if number in a.events:
            print(f"  both    {a.events[number]}")
    for run in (a, b):
        print(f"  {run.machine:7} {run.events.get(entry, '(no such entry)')}")


def explain(options, window):
    """Runs both again with events and a checkpoint for every entry of the window."""
    first, last = window[0] + 1, window[1]
    a, b = run_both(options, f"kaal.trace_from={first} kaal.trace_to={last}")
    entries = sorted(set(a.points) | set(b.points) | set(a.events) | set(b.events))
    for entry in (e for e in entries if e >= first):
        if a.events.get(entry) != b.events.get(entry):
            return show(options, entry, "the traps differ", a, b)
        pair = [run.points.get(entry, ("", "")) for run in (a, b)]
        if pair[0] != pair[1]:
            return show(options, entry, "equal traps, different "
                        + ("events" if pair[0][0] != pair[1][0] else "state afterwards"), a, b)
    return say(options, f"the runs end differently: QEMU {a.status} {a.end}, "
                        f"hosted {b.status} {b.end}")


def compare(options):
    a, b = run_both(options, "")
    window = first_difference(a, b)
    if window is not None:
        explain(options, window)
        return 1
    for run in (a, b):
        if run.end is None or run.status != options.status:
            raise Trouble(f"{run.machine} ended with status {run.status}, expected {options.status} "
                          "by DebugHalt; its last lines:\n  " + "\n  ".join(run.tail))
    if a.end[0] < options.least:
        raise Trouble(f"{a.end[0]} kernel entries, expected at least {options.least}")
    say(options, f"{a.end[0]} kernel entries equal, {len(a.points) + 1} states equal, "
                 f"digests {a.end[1]} {a.end[2]}")
    return 0


def parse():
    p = argparse.ArgumentParser(prog="lockstep.py", description=__doc__.splitlines()[0])
    p.add_argument("app", help="root task (ELF)")
    p.add_argument("--name", help="of the root task in messages")
    p.add_argument("--patch", action="append", default=[], metavar="SYMBOL=VALUE")
    p.add_argument("--least", type=int, default=1, metavar="N", help="kernel entries to be reached")
    p.add_argument("--every", type=int, default=1000, metavar="N", help="entries per checkpoint")
    p.add_argument("--status", type=int, default=0, help="status that the root task ends with")
    p.add_argument("--gic", type=int, choices=(2, 3), default=2)
    p.add_argument("--timeout", type=int, default=120, metavar="S", help="for one run")
    p.add_argument("--bootargs", default="", metavar="OPTIONS", help="more boot options")
    p.add_argument("--hosted-change", nargs=2, metavar=("OLD", "NEW"),
                   help="text replaced in the hosted machine's boot options, to see a difference "
                   "found; of equal length, or the device tree's size differs too")
    p.add_argument("--hosted", default="build/kaal-hosted", help="the hosted machine")
    p.add_argument("--builder", default="build/kaal-builder")
    p.add_argument("--loader", default="build/loader.elf")
    p.add_argument("--kernel", default="build/aarch64/debug/kernel.elf")
    options = p.parse_args()
    options.name = options.name or os.path.basename(options.app)
    return options


def main():
    try:
        options = parse()
    except SystemExit as e:
        return 64 if e.code else 0
    try:
        return compare(options)
    except (Trouble, OSError) as e:
        print(f"lockstep: {options.name}: {e}", file=sys.stderr)
        return 2


sys.exit(main())
