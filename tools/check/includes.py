#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Reads file names, prints every #include that crosses a border the design forbids.

Keeps true: core reaches the machine only through hal.h; user level (lib, roottask, components)
knows only include/abi; libfdt and the CPU engine have few users.
"""
import os
import re
import sys

ALLOWED = {
    "include": ["include"],
    "hal": ["hal", "include"],
    "core": ["core", "hal", "include"],
    "hal-aarch64": ["hal-aarch64", "hal", "include", "loader/kernel_note.h", "build_id.h"],
    "hal-hosted": ["hal-hosted", "hal", "include", "loader", "build_id.h"],
    "loader": ["loader", "include"],
    "builder": ["builder", "loader", "include"],
    "system": ["system", "lib", "loader", "include"],
    "lib": ["lib", "include"],
    "roottask": ["roottask", "lib", "include"],
    "components": ["components", "lib", "include"],
    "fuzz/model": ["fuzz/model", "include"],  # written from the interface alone
}
FREESTANDING = {"stdint.h", "stddef.h", "stdbool.h", "stdarg.h", "limits.h", "stdalign.h",
                "stdnoreturn.h", "iso646.h", "float.h", "stdatomic.h"}
# headers of the libraries that the image parser uses
LOADER_LIBRARIES = {"zstd.h", "sodium/crypto_sign_ed25519.h"}
FREE_FOLDERS = {"include", "hal", "core", "hal-aarch64", "loader", "lib", "roottask", "components",
                "fuzz/model"}
MACHINE_HEADERS = {"hal_window.h"}  # the machine's own folder gives these to everyone
FDT = {"libfdt.h", "fdt.h", "libfdt_env.h"}
FDT_USERS = re.compile(r"^(hal/platform_fdt\.c|loader/|builder/|system/|hal-hosted/)")
STRING_USERS = re.compile(r"^(hal/platform_fdt\.c|loader/|hal-aarch64/)")
# what runs on the C library: the library's glue, and the components
LIBC_USERS = re.compile(r"^(lib/c/|lib/fs/|components/(?!bench/|random/|selftest/))")
ENGINE = re.compile(r"^unicorn/")
engine_users = set()


def complain(path, line, text):
    print(f"{path}:{line}: {text}")


def check_quoted(path, line, folder, name):
    own = os.path.join(os.path.dirname(path), name)
    if os.path.exists(own) or name in MACHINE_HEADERS:
        return
    for place in ALLOWED[folder]:
        if place == name or os.path.basename(place) == name and "." in place:
            return
        if "." not in place and os.path.exists(os.path.join(place, name)):
            return
    complain(path, line, f'{folder}/ must not include "{name}"; it may include from: '
             + " ".join(ALLOWED[folder]))


def check_angled(path, line, folder, name):
    if name in FDT:
        if not FDT_USERS.match(path):
            complain(path, line, f"<{name}>: libfdt belongs to hal/platform_fdt.c, loader and builder")
    elif ENGINE.match(name):
        engine_users.add(path)
        if folder != "hal-hosted":
            complain(path, line, f"<{name}>: only the hosted machine's engine file knows the engine")
    elif name == "string.h" and STRING_USERS.match(path):
        return
    elif folder == "loader" and name in LOADER_LIBRARIES:
        return
    elif LIBC_USERS.match(path):
        return
    elif folder in FREE_FOLDERS and name not in FREESTANDING:
        complain(path, line, f"<{name}>: {folder}/ uses freestanding C headers only")


for path in sys.stdin.read().split():
    folder = "fuzz/model" if path.startswith("fuzz/model/") else path.split("/")[0]
    if folder not in ALLOWED:
        continue
    for number, text in enumerate(open(path, encoding="utf-8"), 1):
        m = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', text)
        if m and m[1] == '"':
            check_quoted(path, number, folder, m[2])
        elif m:
            check_angled(path, number, folder, m[2])
if len(engine_users) > 1:
    complain(sorted(engine_users)[1], 1, "a second file knows the CPU engine: " + " ".join(sorted(engine_users)))
