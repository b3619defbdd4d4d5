#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Compares the caps of a running system (kaal-hosted --graph NAME.txt) with its manifest.

    graph.py LIST MANIFEST.json     (kaal-system json); prints what differs, status 1 then

Keeps true: a component can call the root task, and besides it exactly the servers of its channels; it
receives from nobody else's endpoint; only drivers, and who may ask for devices, hold interrupts.
"""
import collections
import json
import re
import sys

lines = [l.rstrip("\n") for l in open(sys.argv[1], encoding="ascii")]
manifest = json.load(open(sys.argv[2], encoding="utf-8"))
bad = []
caps = []  # holder, type, object, rest
for line in lines:
    m = re.match(r" *(?P<who>\S+?)[\[.].*?: (?P<type>\w+)(?: (?P<object>0x\w+))?(?P<rest>.*)", line)
    if m and not line.startswith("thread "):
        caps.append((m["who"], m["type"], m["object"], m["rest"]))
threads = {m[1]: m[2] for m in (re.match(r"thread (.+): (.*)", l) for l in lines) if m}

wanted = {c["name"] for c in manifest["components"] if c["autostart"]}
if set(threads) != wanted | {"rootserver"}:
    bad.append(f"threads {sorted(threads)}, expected {sorted(wanted)} and rootserver")

endpoints = [c for c in caps if c[1] == "Endpoint"]
receiver = {}
for who, _, address, rest in endpoints:
    if "receive" in rest and who != "rootserver":
        if receiver.setdefault(address, who) != who:
            bad.append(f"{who} and {receiver[address]} both receive from {address}")
calls = collections.defaultdict(set)
for who, _, address, rest in endpoints:
    if ", call" in rest or ", send" in rest:
        calls[who].add(receiver.get(address, "rootserver"))
handlers = collections.Counter(who for who, kind, _, _ in caps if kind == "IRQHandler")
for c in manifest["components"]:
    if not c["autostart"]:
        continue
    expected = {ch["to"] for ch in c["channels"]} | {"rootserver"}
    if calls[c["name"]] != expected:
        bad.append(f"{c['name']} can call {sorted(calls[c['name']])}, expected {sorted(expected)}")
    most = sum(d["irq"] for d in c["devices"]) + ("devices" in c["rights"])
    if handlers[c["name"]] > most:
        bad.append(f"{c['name']} holds {handlers[c['name']]} interrupts, expected {most}")
    foreign = {k for w, k, _, _ in caps if w == c["name"]} & {"Untyped", "IRQControl", "ASIDControl"}
    if foreign:
        bad.append(f"{c['name']} holds {sorted(foreign)}")

print(*bad, sep="\n")
print(f"{len(caps)} caps of {len(threads)} threads, {len(receiver)} services")
sys.exit(1 if bad else 0)
