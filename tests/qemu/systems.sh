#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The same as tests/hosted/systems.sh in QEMU; its output is compared with the hosted machine's.
. "$(dirname "$0")/../tap.sh"
. tests/systems.sh

boot() {
    timeout -k 5 120 tools/qemu.sh "$1" </dev/null
}
type_at() {
    timeout -k 5 120 tools/qemu.sh "$1" --input "$2"
}
check_systems
check_tester ipc 20
check_tester deadline 14
contains "... through the death of the timer" "^breaker: timer restarted: done" "$T/deadline"
check_requests
check_chaos
check_terminal
build/kaal-hosted build/systems/check/debug.elf </dev/null 2>/dev/null | from_root_task >"$T/hosted"
check "both machines print the same" diff "$T/hosted" "$T/check.out"
build/kaal-hosted --console-input "$T/typed" build/systems/demo/debug.elf </dev/null 2>/dev/null |
    from_root_task | grep -v '^kaal> $' >"$T/hosted"
# The clocks differ.
mask='s/^[0-9]\{4\}-.* UTC$/DATE/;s/^[0-9]*\.[0-9]\{3\} s$/UPTIME/'
sed -i "$mask" "$T/hosted" "$T/terminal"
check "the terminal's session is the same on both machines" diff "$T/hosted" "$T/terminal"
done_testing
