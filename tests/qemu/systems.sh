#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The same as tests/hosted/systems.sh in QEMU; its output is compared with the hosted machine's.
. "$(dirname "$0")/../tap.sh"
. tests/systems.sh

boot() {
    timeout -k 5 120 tools/qemu.sh "$1" </dev/null
}
check_systems
build/kaal-hosted build/systems/check/debug.elf </dev/null 2>/dev/null | from_root_task >"$T/hosted"
check "both machines print the same" diff "$T/hosted" "$T/check.out"
done_testing
