#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Writes the seeds of `make fuzz-builder`: command lines with a loader, kernel, root task, trees and keys of
a few hundred bytes each, and the images that a builder makes of them.

    fuzz/builder_seeds.py BUILDER FOLDER

The form of a case: fuzz/builder.c.
"""
import os
import struct
import subprocess
import sys
import tempfile

NAMES = ["a", "b", "c", "d", "e", "f.debug.json", "header.bin", "h"]
SEALED = {"header.bin"}
LOOP = struct.pack("<I", 0x14000000)


def header(entry, phnum, shoff=0, shnum=0, shstrndx=0):
    return struct.pack("<4sBBBB8xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, 0, 2, 183, 1, entry, 64, shoff, 0, 64, 56,
                       phnum, 64, shnum, shstrndx)


def segment(kind, offset, vaddr, paddr, filesz, memsz):
    return struct.pack("<IIQQQQQQ", kind, 7, offset, vaddr, paddr, filesz, memsz, 1)


def loader(second=0x800):
    """An ELF with an empty slot 64 bytes after its entry (loader/image.h); a second segment that far on."""
    entry = 0x80000
    slot = struct.pack("<16sIIQQQQQI4x32sQI", b"KaaL loader slot", 2, 1, entry, 0x1000, 0, 0, 0, 0, b"", 0x100, 0)
    body = (LOOP * 16 + slot).ljust(600, b"\0")
    at = 64 + 56 * 2
    return (header(entry, 2) + segment(1, at, entry, entry, len(body), 0x800)
            + segment(1, at + len(body), entry + second, entry + second, 32, 0x800) + body + LOOP * 8)


def kernel(note=True):
    """Upper half; with KaaL's note (loader/kernel_note.h)."""
    link, physical = 0xffffff8040000000, 0x40000000
    text = struct.pack("<III8s", 5, 120, 1, b"KaaL") + struct.pack(
        "<IIQQQQ16s16s16s32s", 1, 1, link, link + 0x1000, link + 0x1000, 0x100, b"KaaL", b"0.1.0", b"debug", b"")
    at = 64 + 56 * 2
    data = LOOP * 8
    return (header(link, 2) + segment(1, at, link, physical, len(data), 0x3000)
            + segment(4 if note else 0, at + len(data), 0, 0, len(text), len(text)) + data + text)


def app():
    """With a symbol table for --patch."""
    base, at = 0x400000, 64 + 56
    data = LOOP * 8 + struct.pack("<QQ", 1, 2)
    names = b"\0word64\0word32\0.strtab\0.symtab\0"
    symbols = bytes(24) + struct.pack("<IBBHQQ", 1, 17, 0, 1, base + 32, 8) + struct.pack(
        "<IBBHQQ", 8, 17, 0, 1, base + 40, 4)
    tables = at + len(data)
    sections = bytes(64) + struct.pack("<IIQQQQIIQQ", 15, 3, 0, 0, tables, len(names), 0, 0, 1, 0) + struct.pack(
        "<IIQQQQIIQQ", 23, 2, 0, 0, tables + len(names), len(symbols), 1, 1, 8, 24)
    return (header(base, 1, tables + len(names) + len(symbols), 3, 1)
            + segment(1, at, base, base, len(data), len(data) + 0x1000) + data + names + symbols + sections)


def tree(root):
    """A device tree; a node is (name, {property: bytes}, [nodes])."""
    strings, out = bytearray(), bytearray()

    def word(value):
        return struct.pack(">I", value)

    def padded(data):
        return data + bytes(-len(data) % 4)

    def put(node):
        name, properties, nodes = node
        out.extend(word(1) + padded(name.encode() + b"\0"))
        for key, value in properties.items():
            entry = key.encode() + b"\0"
            if entry not in strings:
                strings.extend(entry)
            out.extend(word(3) + word(len(value)) + word(strings.index(entry)) + padded(value))
        for child in nodes:
            put(child)
        out.extend(word(2))

    put(root)
    out += word(9)
    reserve = struct.pack(">QQQQ", 0x48000000, 0x1000, 0, 0)
    at = 40 + len(reserve)
    return struct.pack(">10I", 0xd00dfeed, at + len(out) + len(strings), at, at + len(out), 40, 17, 16, 0,
                       len(strings), len(out)) + reserve + bytes(out) + bytes(strings)


def base_tree():
    ram = struct.pack(">QQ", 0x40000000, 0x20000000)
    kept = struct.pack(">QQ", 0x4a000000, 0x1000)
    cells = {"#address-cells": struct.pack(">I", 2), "#size-cells": struct.pack(">I", 2)}
    return tree(("", dict(cells, model=b"test\0", compatible=b"test\0"), [
        ("memory@40000000", {"device_type": b"memory\0", "reg": ram}, []),
        ("reserved-memory", dict(cells, ranges=b""), [("kept@4a000000", {"reg": kept}, [])]),
        ("uart@9000000", {"compatible": b"arm,pl011\0", "reg": struct.pack(">QQ", 0x9000000, 0x1000),
                          "phandle": struct.pack(">I", 1)}, []),
        ("__symbols__", {"uart": b"/uart@9000000\0"}, [])]))


def overlay():
    none = struct.pack(">I", 0xffffffff)
    return tree(("", {}, [
        ("fragment@0", {"target": none}, [("__overlay__", {"status": b"disabled\0"}, [])]),
        ("__fixups__", {"uart": b"/fragment@0:target:0\0"}, [])]))


def main():
    builder, folder = os.path.abspath(sys.argv[1]), sys.argv[2]
    os.makedirs(folder, exist_ok=True)
    secret = b"%064d\n" % 7
    good = {"a": loader(), "b": kernel(), "c": app(), "d": base_tree(), "e": overlay(), "f.debug.json": secret}
    build = ["--loader", "a", "--kernel", "b", "--app", "c", "--out", "out"]

    def made(words):
        with tempfile.TemporaryDirectory() as where:
            for name, data in good.items():
                with open(os.path.join(where, name), "wb") as file:
                    file.write(data)
            subprocess.run([builder] + build + words, cwd=where, check=True)
            with open(os.path.join(where, "out"), "rb") as file:
                return file.read()

    signed = made(["--format", "image", "--compress", "none", "--sign", "f.debug.json", "--dtb", "d"])
    public = b"%s\n" % signed[signed.index(b"KaaL loader slot") + 72:][:32].hex().encode()
    plain = made(["--format", "image", "--compress", "none", "--bootargs", "a=1"])
    small = made(["--compress", "zstd"])
    seeds = {
        "build": (build, "abc"),
        "build-flat": (build + ["--format", "uimage", "--compress", "none", "--level", "debug", "-q"], "abc"),
        "build-efi": (build + ["--format", "efi", "--compress", "zstd", "--map", "--verbose"], "abc"),
        "build-tree": (build + ["--dtb", "d", "--dtb-overlay", "e", "--check-dtb", "d", "--json"], "abcde"),
        "build-patch": (build + ["--patch", "word64=0x10", "--patch", "word32=7", "--bootargs", "a=1",
                                 "--memory", "0x40000000:512M"], "abc"),
        "build-moved": (build + ["--kernel-paddr", "0x48000000", "--app-offset", "4M"], "abc"),
        "build-sign": (build + ["--sign", "f.debug.json", "--pubkey", "h", "--format", "image"], "abcfh"),
        "debug-over-key": (build[:-1] + ["f", "--sign", "f.debug.json"], "abcf"),
        "foreign": (build, "abc"),
        # at the limits, so that one step more is beyond
        "most-patches": (build + ["--patch", "word64=1"] * 16, "abc"),
        "most-memory": (build + ["--memory", "0x40000000:1G"] * 16, "abc"),
        "more-patches": (build + ["--patch", "word64=1"] * 17, "abc"),
        "more-memory": (build + ["--memory", "0x40000000:1G"] * 17, "abc"),
        "loader-outside": (build, "abc"),
        "memory-31-digits": (build + ["--memory", "%031d:2G" % 0x40000000], "abc"),
        "symbol-255": (build + ["--patch", "s" * 255 + "=1"], "abc"),
        "bootargs-1023": (build + ["--bootargs", "b" * 1023], "abc"),
        "out-240": (build[:-1] + ["o" * 240], "abc"),  # its debug file's name is too long
        "lock": (["lock", "a", "h", "out"], "ah"),
        "keygen": (["keygen", "x"], ""),
        "inspect": (["inspect", "--json", "header.bin"], "i"),
        "verify": (["verify", "header.bin"], "i"),
        "verify-key": (["verify", "--pubkey", "h", "header.bin"], "ih"),
        "map": (["map", "--svg", "header.bin"], "i"),
        "extract": (["extract", "header.bin", "x"], "i"),
        "extract-over-image": (["extract", "header.bin", "."], "i"),
        "diff": (["diff", "a", "header.bin"], "ai"),
        "help": (["--help"], ""),
    }
    letters = dict(zip("abcdefih", NAMES))
    for name, (words, files) in seeds.items():
        data = dict(good, **{"h": public, "header.bin": {"verify-key": signed, "extract": small}.get(name, plain)})
        if name == "foreign":
            data["b"] = kernel(note=False)
        if name == "loader-outside":
            data["a"] = loader(second=0x10000)
        if name == "diff":
            data["a"] = small
        used = {letters[f] for f in files}
        last = max((NAMES.index(u) for u in used), default=-1)
        text = "".join(w + "\n" for w in words).encode() + b"\n"
        for n in NAMES[:last + 1]:
            body = data[n] if n in used else b""
            text += struct.pack("<BH", n in SEALED and name != "verify-key", len(body)) + body
        with open(os.path.join(folder, name), "wb") as file:
            file.write(text)


main()
