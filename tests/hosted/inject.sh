#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Fault injection: everything in the builder and in the start of the hosted machine that can fail for
# want of memory, room or rights is made to fail at its 1st, 2nd, 3rd ... occurrence, until there is no
# such occurrence any more. Each time: no crash, a documented status with one sentence, nothing
# half-done left behind; or the failure did not matter and the result is the right one.
. "$(dirname "$0")/../tap.sh"
kinds='memory map open read write close rename'
builder=build/inject/kaal-builder hosted=build/inject/kaal-hosted
export INJECT_HIT=$T/hit

# all_fail PROGRAM STATUSES OUTPUT GOOD ARG...: for every kind and N. OUTPUT is what a good run writes
# ("-" = standard output), GOOD a copy of it. Complains on standard output.
all_fail() {
    local program=$1 statuses=$2 output=$3 good=$4 kind n status bad=0
    shift 4
    for kind in $kinds; do
        for ((n = 1; n < 500; n++)); do
            rm -f "$INJECT_HIT" "$T"/made*
            INJECT=$kind:$n timeout 60 "$program" "$@" >"$T/stdout" 2>"$T/stderr" </dev/null
            status=$?
            [ -e "$INJECT_HIT" ] || break
            total=$((total + 1))
            judge "$kind:$n" "$status" "$statuses" "$output" "$good" || bad=1
        done
        [ "$n" -lt 500 ] || { echo "$kind: more than 500 occurrences" && bad=1; }
    done
    return $bad
}

# judge WHAT STATUS STATUSES OUTPUT GOOD
judge() {
    local what=$1 status=$2 result=$T/stdout
    [ "$4" = - ] || result=$4
    if [ "$status" = 0 ]; then
        cmp -s "$result" "$5" && return 0
        echo "$what: status 0, but another result" && return 1
    fi
    [[ " $3 " == *" $status "* ]] || { echo "$what: status $status, expected one of $3" && return 1; }
    [ "$(wc -l <"$T/stderr")" = 1 ] || { echo "$what: expected one sentence, found:" && cat "$T/stderr" && return 1; }
    [ "$4" = - ] && return 0
    [ -z "$(find "$T" -name 'made*')" ] || { echo "$what: something half-done is left: $(ls "$T")" && return 1; }
}

total=0
image=(--loader build/loader.elf --kernel build/aarch64/debug/kernel.elf --app build/selftest.elf)
for compress in none zstd; do
    "$builder" "${image[@]}" --compress $compress --out "$T/good-$compress" >/dev/null 2>&1
    check "builder, an image ($compress): every failure" \
        all_fail "$builder" '3 4' "$T/made" "$T/good-$compress" "${image[@]}" --compress $compress --out "$T/made"
done
"$builder" inspect "$T/good-zstd" >"$T/good-text" 2>/dev/null
check "builder, inspecting an image: every failure" all_fail "$builder" '2 3 4' - "$T/good-text" inspect "$T/good-zstd"
"$builder" verify "$T/good-none" >"$T/good-text" 2>/dev/null
check "builder, verifying an image: every failure" all_fail "$builder" '2 3 4' - "$T/good-text" verify "$T/good-none"

INJECT='' "$hosted" "$KAAL_IMAGE" >"$T/good-run" 2>/dev/null
check "hosted machine, from loading to the end: every failure" \
    all_fail "$hosted" '65 67 68' - "$T/good-run" "$KAAL_IMAGE"
INJECT='' "$hosted" --dump-dtb "$T/good-dtb"
check "hosted machine, writing its device tree: every failure but a short file's own" \
    all_fail "$hosted" '65 67' - /dev/null --dump-dtb "$T/tree"
check "failures were injected at all: $total" test "$total" -gt 40
done_testing
