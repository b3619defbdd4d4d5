#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# what the linked core leaves undefined is exactly what hal.h declares, at most 30 functions
# Looks at the uninstrumented host objects of both flavours, linked with `ld -r`; the four mem*
# functions that a compiler may call by itself are left out. No name of the core is the C library's. CORE_LINKS names other files.
. "$(dirname "$0")/common.sh"
read -r -a links <<<"${CORE_LINKS:-build/check/core_debug.o build/check/core_release.o}"
for f in "${links[@]}"; do
    [ -f "$f" ] || { echo "$f: expected the linked core there, found nothing (make lint builds it)" && exit 1; }
done
declared=$(echo '#include "hal.h"' | ${HOSTCC:-gcc} -E -P -Iinclude -Ihal -Ihal-hosted -xc - | python3 -c '
import re, sys
text = sys.stdin.read()
while re.search(r"\{[^{}]*\}", text):
    text = re.sub(r"\{[^{}]*\}", ";", text)
for statement in text.split(";"):
    m = re.search(r"\b(hal_\w+)\s*\(", statement)
    if m and "static" not in statement.split():
        print(m[1])' | sort -u)
used=$(nm -u "${links[@]}" | awk '$1 == "U" { print $2 }' | sort -u |
    grep -vxE 'mem(cpy|move|set|cmp)|_GLOBAL_OFFSET_TABLE_')
violations < <(comm -13 <(echo "$declared") <(echo "$used") | sed '/^$/d; s/$/: the core calls it, hal\/hal.h does not declare it/')
violations < <(comm -23 <(echo "$declared") <(echo "$used") | sed '/^$/d; s/$/: hal\/hal.h declares it, the core never calls it/')
# A name the C library has too would be called by the library itself in the hosted machine.
libc=$(${HOSTCC:-gcc} -print-file-name=libc.so.6)
violations < <(comm -12 <(nm -g --defined-only "${links[@]}" | awk 'NF == 3 { print $3 }' | sort -u) \
    <(nm -D --defined-only "$libc" | awk '{ sub(/@.*/, "", $NF); print $NF }' | sort -u) |
    sed 's/$/: the core defines it, and so does the C library/')
n=$(grep -c . <<<"$declared")
[ "$n" -le 30 ] || violations <<<"hal/hal.h:1: declares $n functions, expected at most 30"
verdict
