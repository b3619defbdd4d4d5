#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# C sources are formatted as .clang-format says
. "$(dirname "$0")/common.sh"
mapfile -t files < <(tracked '*.c' '*.h')
[ ${#files[@]} -eq 0 ] && verdict
violations < <(clang-format-14 --style=file --dry-run -Werror "${files[@]}" 2>&1 |
    sed -n 's/^\([^:]*:[0-9]*\):[0-9]*: error: .*/\1: not formatted (clang-format-14 -i mends it)/p' | sort -u -t: -k1,1)
verdict
