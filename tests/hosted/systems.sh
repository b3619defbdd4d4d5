#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Systems of components: every kind of fault is told in words, the restart policy is kept, and what
# a person sees is the same on both machines (tests/qemu/systems.sh).
. "$(dirname "$0")/../tap.sh"
. tests/systems.sh

boot() {
    timeout -k 5 120 "$KAAL_HOSTED" "$1" </dev/null
}
type_at() {
    timeout -k 5 120 "$KAAL_HOSTED" --console-input "$2" "$1" </dev/null
}
check_systems
check_tester ipc 20
check_tester deadline 14
contains "... through the death of the timer" "^breaker: timer restarted: done" "$T/deadline"
check_requests
# The kernel was asked, in each of two rounds: 16 pages, 3 that a range of two touches, 2 large ones, 1.
for label in Clean Invalidate CleanInvalidate; do
    equals "ARM_VSpace_${label}_Data reaches the kernel for each page" 44 \
        "$("$KAAL_HOSTED" --trace build/systems/requests/debug.elf </dev/null 2>&1 | grep -c "ARM_VSpace_${label}_Data label")"
done
"$KAAL_HOSTED" --dump-dtb "$T/two.dtb" && fdtput -t x "$T/two.dtb" /pl061@9030000 interrupts 0 7 4 0 46 4
timeout -k 5 60 "$KAAL_HOSTED" --dtb "$T/two.dtb" build/systems/requests/debug.elf </dev/null >"$T/two" 2>&1
contains "all interrupts of a device reach its owner" "^tester: interrupts: 39 102" "$T/two"
check_chaos
check_terminal
done_testing
