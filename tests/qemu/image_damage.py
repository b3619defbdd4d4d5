#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Writes a damaged copy of a bootable image to standard output.

  image_damage.py IMAGE header OFFSET     flip the byte at OFFSET of the payload's header
  image_damage.py IMAGE data OFFSET       flip the byte at OFFSET of the regions' data; -1: the last
  image_damage.py IMAGE size BYTES        tell the loader another payload size
  image_damage.py IMAGE move ADDRESS      load and enter the same bytes at another address
  image_damage.py IMAGE code ADDRESS WORD put an instruction at a link address of the loader
"""
import struct
import sys

HEADER = 4096
SLOT = 64


def main():
    path, action, number = sys.argv[1], sys.argv[2], int(sys.argv[3], 0)
    with open(path, "rb") as f:
        d = bytearray(f.read())
    # both program headers: offset, virtual address, physical address, file size
    loader = list(struct.unpack_from("<QQQQ", d, 64 + 8))
    payload = list(struct.unpack_from("<QQQQ", d, 64 + 56 + 8))
    if action == "header":
        d[payload[0] + number] ^= 0xFF
    elif action == "data":
        regions = struct.unpack_from("<I", d, payload[0] + 28)[0]
        entry = payload[0] + 1536 + 96 * (regions - 1)
        filesz, _, offset = struct.unpack_from("<QQQ", d, entry + 24)
        at = HEADER + number if number >= 0 else offset + filesz + number
        d[payload[0] + at] ^= 0xFF
    elif action == "size":
        struct.pack_into("<Q", d, loader[0] + SLOT + 48, number)
    elif action == "move":
        distance = number - loader[1]
        for i in (0, 1):
            for field in (16, 24):
                at = 64 + 56 * i + field
                struct.pack_into("<Q", d, at, struct.unpack_from("<Q", d, at)[0] + distance)
        struct.pack_into("<Q", d, 24, number)
    elif action == "code":
        link = struct.unpack_from("<Q", d, loader[0] + SLOT + 24)[0]
        struct.pack_into("<I", d, loader[0] + number - link, int(sys.argv[4], 0))
    else:
        sys.exit("image_damage.py: unknown action " + action)
    sys.stdout.buffer.write(d)


main()
