#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The HAL's contract suite on the bare AArch64 machine: both interrupt controllers, an old and a new
# CPU. The suite prints TAP itself; its cases are counted from its console.
. "$(dirname "$0")/../tap.sh"

image=build/hal-suite.elf
for gic in 2 3; do
    for cpu in cortex-a53 max; do
        tools/qemu.sh "$image" --timeout 60 --cpu "$cpu" --machine "virt,gic-version=$gic" \
            >"$T/out" 2>&1
        status=$?
        tr -d '\r' <"$T/out" >"$T/text"
        sed -n "s/^\(ok\|not ok\) \([0-9]*\) - /\1 gic$gic-$cpu-\2 - /p; /^# /p" "$T/text" >"$T/tap"
        while IFS= read -r line; do
            case $line in
            ok\ *) tap_result 0 "GICv$gic $cpu: ${line#* - }" ;;
            not\ ok\ *) tap_result 1 "GICv$gic $cpu: ${line#* - }" ;;
            *) printf '%s\n' "$line" ;;
            esac
        done <"$T/tap"
        plan=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$T/text")
        equals "GICv$gic $cpu: as many cases as planned" "$(grep -c 'ok .* - ' "$T/tap")" "$plan"
        equals "GICv$gic $cpu: the suite ends with status 0" 0 "$status"
        [ "$status" = 0 ] || tap_show "$T/text"
    done
done
done_testing
