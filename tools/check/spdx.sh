#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# every tracked source file names its licence in the first five lines
. "$(dirname "$0")/common.sh"
line='SPDX-License-Identifier: Apache-2.0 OR MIT'
violations < <(tracked '*.c' '*.h' '*.S' '*.ld' '*.py' '*.sh' '*.md' '*.svg' '*.dts' '*.gdb' Makefile .ci/run |
    while IFS= read -r f; do
        head -n 5 "$f" | grep -qF "$line" || printf '%s:1: expected "%s" in the first five lines\n' "$f" "$line"
    done)
verdict
