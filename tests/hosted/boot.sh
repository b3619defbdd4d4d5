#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The image boots in the hosted machine and its root task ends with status 0.
. "$(dirname "$0")/../tap.sh"

status_is "the hosted machine ends with the root task's status 0" 0 "$KAAL_HOSTED" "$KAAL_IMAGE"
contains "the loading machine reports the jump to the kernel" 'jumping to kernel at 0x' "$T/out"
contains "the kernel prints its banner with its version" "$(sed -n 's/^#define KAAL_VERSION "\(.*\)"/KaaL.* \1/p' include/abi/kaal_version.h)" "$T/out"
contains "the root task says hello from user space" '^root task: hello from user space' "$T/out"
contains "the root task's last line says that all is well" '^root task: [0-9]+ checks passed, .*all is well' "$T/out"
done_testing
