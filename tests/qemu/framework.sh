#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Broker, memory manager and spawn in a test root task, in QEMU: the same lines as hosted.
. "$(dirname "$0")/../tap.sh"
lines() { tr -d '\r' <"$1" | grep -aE '^(not )?ok [0-9]|^1\.\.'; }

status_is "the framework's libraries pass in QEMU" 0 tools/qemu.sh build/framework-image.elf --timeout 300
lines "$T/out" >"$T/qemu"
status_is "and in the hosted machine" 0 "$KAAL_HOSTED" --timeout 110 build/framework-image.elf
lines "$T/out" >"$T/hosted"
check "both machines print the same lines" cmp "$T/hosted" "$T/qemu"

# A million calls of the hostile component.
status_is "an image with a million calls is made" 0 "$KAAL_BUILDER" --loader build/loader.elf \
    --kernel build/aarch64/debug/kernel.elf --app build/framework.elf --bootargs kaal.log=normal \
    --patch hostile_calls=1000000 --out "$T/million.elf"
status_is "a million random calls of a component harm nobody else" 0 tools/qemu.sh "$T/million.elf" --timeout 300
contains "all of them were made" '^# 1000000 calls in [0-9]+ lives' "$T/out"
done_testing
