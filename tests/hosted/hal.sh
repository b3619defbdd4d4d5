#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The HAL's contract suite on the hosted machine (tests/hal, the same source as in tests/qemu/hal.sh):
# the suite stands in the core's place and runs small EL0 programs on the CPU engine.
. "$(dirname "$0")/../tap.sh"

for gic in 2 3; do
    timeout 60 "build/$KAAL_VARIANT/hal-suite" --any-kernel --gic "$gic" --timeout 50 \
        build/hal-suite.elf >"$T/out" 2>&1
    status=$?
    tr -d '\r' <"$T/out" >"$T/text"
    grep -E '^(ok|not ok|#) ' "$T/text" >"$T/tap"
    while IFS= read -r line; do
        case $line in
        ok\ *) tap_result 0 "GICv$gic: ${line#* - }" ;;
        not\ ok\ *) tap_result 1 "GICv$gic: ${line#* - }" ;;
        *) printf '%s\n' "$line" ;;
        esac
    done <"$T/tap"
    plan=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$T/text")
    equals "GICv$gic: as many cases as planned" "$(grep -c 'ok .* - ' "$T/tap")" "$plan"
    equals "GICv$gic: the suite ends with status 0" 0 "$status"
    [ "$status" = 0 ] || tap_show "$T/text"
done
done_testing
