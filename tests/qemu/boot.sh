#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The same image boots in QEMU and prints the root task's lines exactly as in the hosted machine.
. "$(dirname "$0")/../tap.sh"

# The root task's part of a console log: from its first line to the end.
root_task_lines() {
    sed -n '/^root task: hello/,$p' "$1"
}

status_is "QEMU ends with the root task's status 0" 0 tools/qemu.sh "$KAAL_IMAGE" --timeout 60
contains "the loader reports the jump to the kernel" 'jumping to kernel at 0x' "$T/out"
contains "the root task says hello from user space" '^root task: hello from user space' "$T/out"
root_task_lines "$T/out" >"$T/qemu"
status_is "the hosted machine ends with status 0" 0 "$KAAL_HOSTED" "$KAAL_IMAGE"
root_task_lines "$T/out" >"$T/hosted"
check "the root task printed more than 10 lines" test "$(wc -l <"$T/qemu")" -gt 10
check "both machines show the same root-task lines" diff "$T/hosted" "$T/qemu"
done_testing
