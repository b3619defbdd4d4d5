#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Presses the power button of a QEMU machine again and again until the machine has ended.

usage: powerdown.py SOCKET      (QEMU's option: -qmp unix:SOCKET,server=on,wait=off)

On `virt` the button is input 3 of the GPIO (device tree: /gpio-keys): each press makes the line high
for 100 ms of the machine's time.
"""
import json
import socket
import sys
import time


def connect(path):
    for _ in range(600):
        try:
            s = socket.socket(socket.AF_UNIX)
            s.connect(path)
            return s.makefile("rw")
        except OSError:
            time.sleep(0.1)
    sys.exit(f"powerdown.py: {path}: expected QEMU's socket within a minute, found none")


def main(path):
    monitor = connect(path)
    try:
        monitor.readline()  # the greeting
        for command in ["qmp_capabilities"] + ["system_powerdown"] * 300:
            print(json.dumps({"execute": command}), file=monitor, flush=True)
            time.sleep(0.2)
    except OSError:
        return  # the machine has ended


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: powerdown.py SOCKET")
    main(sys.argv[1])
