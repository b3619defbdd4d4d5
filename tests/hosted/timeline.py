#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Checks a timeline against itself and against the lines of --trace of an equal run.

    timeline.py TIMELINE TRACE      prints one line per property that does not hold; status 1 then

Trace Event Format: complete events ("X") of one track do not overlap; flow events ("s", "f") come in
pairs with one id.
"""
import collections
import json
import re
import sys

MACHINE, THREADS, CPU, INTERRUPTS = 1, 2, 1, 2
bad = []


def expect(ok, sentence):
    if not ok:
        bad.append(sentence)


def ns(value):
    return round(value * 1000)


events = json.load(open(sys.argv[1], encoding="ascii"))["traceEvents"]
trace = open(sys.argv[2], encoding="utf-8", errors="replace").read().splitlines()
slices = collections.defaultdict(list)
names = {}
for e in events:
    if e["ph"] == "X":
        slices[e["pid"], e["tid"]].append((ns(e["ts"]), ns(e["ts"]) + ns(e["dur"]), e["name"]))
    if e["ph"] == "M" and e["name"] == "thread_name":
        names[e["pid"], e["tid"]] = e["args"]["name"]

# every track: no gap, no overlap, in order of time
for track, list_ in slices.items():
    for (_, end, a), (start, _, b) in zip(list_, list_[1:]):
        expect(end == start, f"track {names.get(track)}: {a} ends at {end}, {b} begins at {start}")
cpu = slices[MACHINE, CPU]
expect(cpu and cpu[0][0] == 0, "the processor's track does not begin at 0")

# the processor's track and the threads' say the same
runs = sorted((a, b, names[t]) for t, l in slices.items() if t[0] == THREADS
              for a, b, n in l if n == "runs")
expect(runs == sorted(s for s in cpu if s[2] != "idle"),
       "the processor's track and the threads' tracks differ")

# marks: one for each kernel entry of a thread, but characters and interrupts
entries = [l for l in trace if re.match(r'#\d+ "', l)]
wanted = [int(re.match(r"#(\d+)", l)[1]) for l in entries
          if not re.match(r'#\d+ ".*?" 0x\w+ at 0x\w+ (interrupt|DebugPutChar)\b', l)]
marks = [e for e in events if e["ph"] == "i" and e["pid"] == THREADS]
expect([int(m["args"]["entry"], 16) for m in marks] == wanted,
       f"{len(marks)} marks, expected {len(wanted)} as in the trace")

# a thread's name is on its track
named = {re.match(r'#\d+ "(.*?)" 0x', l)[1] for l in entries} - {""}
expect(named <= set(names.values()), f"no track for {named - set(names.values())}")

# interrupts: at least one for each entry by an interrupt
by_interrupt = sum(1 for l in trace if re.match(r"#\d+ .*? interrupt\b", l))
claimed = sum(1 for e in events if e["pid"] == MACHINE and e["ph"] == "i")
expect(claimed >= by_interrupt, f"{claimed} interrupts, {by_interrupt} entries by them")

# arrows: pairs, between two threads, at one moment
arrows = collections.defaultdict(list)
for e in events:
    if e["ph"] in "sf":
        arrows[e["id"]].append(e)
for id_, pair in arrows.items():
    expect([e["ph"] for e in pair] == ["s", "f"] and pair[0]["ts"] == pair[1]["ts"]
           and pair[0]["tid"] != pair[1]["tid"], f"arrow {id_} is {pair}")
expect(arrows, "no message at all")

print(*bad[:20], sep="\n")
print(f"{len(cpu)} slices of the processor, {len(marks)} marks, {claimed} interrupts, "
      f"{len(arrows)} messages, {len(names)} tracks")
sys.exit(1 if bad else 0)
