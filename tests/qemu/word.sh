#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Nothing in the output is canned: a random word patched into the root task inside an image shows up
# in the output of both machines, which execute the same bytes.
. "$(dirname "$0")/../tap.sh"

word=0x$(od -An -N8 -tx1 /dev/urandom | tr -d ' ')
status_is "the builder patches $word into the root task" 0 "$KAAL_BUILDER" --loader build/loader.elf \
    --kernel build/aarch64/debug/kernel.elf --app build/selftest.elf \
    --patch "kaal_random_word=$word" --out "$T/word.elf"
status_is "the patched image ends with status 0 in the hosted machine" 0 "$KAAL_HOSTED" "$T/word.elf"
contains "the hosted machine shows the word" "^word in the image: $word" "$T/out"
sed -n '/^root task: hello/,$p' "$T/out" >"$T/hosted"
status_is "the patched image ends with status 0 in QEMU" 0 tools/qemu.sh "$T/word.elf" --timeout 60
contains "QEMU shows the word" "^word in the image: $word" "$T/out"
sed -n '/^root task: hello/,$p' "$T/out" >"$T/qemu"
check "both machines show the same root-task lines" diff "$T/hosted" "$T/qemu"
status_is "the image as built ends with status 0 in the hosted machine" 0 "$KAAL_HOSTED" "$KAAL_IMAGE"
sed -n '/^root task: hello/,$p' "$T/out" >"$T/plain"
check "the word changes the output" bash -c '! cmp -s "$1" "$2"' _ "$T/hosted" "$T/plain"
done_testing
