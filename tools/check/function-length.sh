#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# no C function is longer than 60 lines
# Relies on the formatting law: a function's braces, and only they, stand alone in column 0.
. "$(dirname "$0")/common.sh"
mapfile -t files < <(tracked '*.c' '*.h')
[ ${#files[@]} -eq 0 ] && verdict
violations < <(awk '
    FNR == 1 { start = 0; head = "" }
    /^\{$/ { start = FNR; name = head }
    /^\}$/ && start {
        n = FNR - start + 1
        if (n > 60)
            printf "%s:%d: %s has %d lines, expected at most 60\n", FILENAME, start, name, n
        start = 0
    }
    /^[A-Za-z_].*\(/ { head = $0; sub(/\(.*/, "", head); sub(/.*[ *]/, "", head) }
' "${files[@]}")
verdict
