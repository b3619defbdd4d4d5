#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# no source file is longer than 500 lines
. "$(dirname "$0")/common.sh"
violations < <(tracked '*.c' '*.h' '*.S' '*.py' '*.sh' | while IFS= read -r f; do
    n=$(wc -l <"$f")
    [ "$n" -le 500 ] || printf '%s:501: the file has %d lines, expected at most 500\n' "$f" "$n"
done)
verdict
