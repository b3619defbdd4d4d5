#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Changes fields of an image's payload, puts digests right (unless told not to), writes a copy.

  image_edit.py IMAGE COPY EDIT...

Edits, in order; numbers as in Python:
  u32:OFFSET=N  u64:OFFSET=N       a header field
  rN.u32:OFFSET=N  rN.u64:...      a field of region N's entry (negative: from the last)
  byte:OFFSET=N                    any byte of the payload
  slot32:OFFSET=N  slot64:...      a field of the loader's slot
  swap:A,B                         two regions' entries change places
  cut:BYTES                        the file loses its last bytes
  raw                              digests stay as they are
  resign:KEY                       sign anew with the key of 64 digits in that file (needs openssl)
Offsets are those of loader/image.h.
"""
import hashlib
import os
import struct
import subprocess
import sys
import tempfile

REGIONS, ENTRY, DIGEST, SIGNATURE = 1536, 96, 4000, 4032


def payload_offset(d, slot):
    """In the second segment of an ELF, else where the slot says."""
    if d[:4] == b"\x7fELF":
        return struct.unpack_from("<Q", d, 64 + 56 + 8)[0]
    return slot - 64 + struct.unpack_from("<Q", d, slot + 40)[0]


def sign(header, key_path):
    with open(key_path, encoding="ascii") as f:
        seed = bytes.fromhex(f.read().strip())
    der = bytes.fromhex("302e020100300506032b657004220420") + seed
    with tempfile.TemporaryDirectory() as t:
        for name, data in (("k", der), ("m", header)):
            with open(os.path.join(t, name), "wb") as f:
                f.write(data)
        return subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", t + "/k",
                               "-in", t + "/m"], check=True, capture_output=True).stdout


def seal(d, p):
    count = min(struct.unpack_from("<I", d, p + 28)[0], 24)
    for i in range(count):
        e = p + REGIONS + ENTRY * i
        offset, stored = struct.unpack_from("<QQ", d, e + 40)
        if offset + stored <= len(d) - p:
            d[e + 64:e + 96] = hashlib.sha256(d[p + offset:p + offset + stored]).digest()
    d[p + DIGEST:p + DIGEST + 32] = hashlib.sha256(d[p:p + DIGEST]).digest()


def main():
    path, copy = sys.argv[1:3]
    with open(path, "rb") as f:
        d = bytearray(f.read())
    slot = d.index(b"KaaL loader slot")
    p = payload_offset(d, slot)
    raw, key, cut = False, None, 0
    for edit in sys.argv[3:]:
        if edit == "raw":
            raw = True
        elif edit.startswith("resign:"):
            key = edit[7:]
        elif edit.startswith("cut:"):
            cut = int(edit[4:], 0)
        elif edit.startswith("swap:"):
            a, b = (p + REGIONS + ENTRY * int(x) for x in edit[5:].split(","))
            d[a:a + ENTRY], d[b:b + ENTRY] = d[b:b + ENTRY], d[a:a + ENTRY]
        else:
            where, value = edit.split("=")
            kind, offset = where.split(":")
            base = p
            if kind.startswith("r"):
                n, kind = kind[1:].split(".")
                base = p + REGIONS + ENTRY * (int(n) % struct.unpack_from("<I", d, p + 28)[0])
            elif kind.startswith("slot"):
                base, kind = slot, "u" + kind[4:]
            form = {"u32": "<I", "u64": "<Q", "byte": "<B"}[kind]
            struct.pack_into(form, d, base + int(offset, 0), int(value, 0) % (1 << (8 * struct.calcsize(form))))
    if not raw:
        seal(d, p)
    if key:
        d[p + SIGNATURE:p + SIGNATURE + 64] = sign(bytes(d[p:p + SIGNATURE]), key)
    with open(copy, "wb") as f:
        f.write(d[:len(d) - cut])


main()
