#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# tools/qemu.sh ends a machine when it is told to, and refuses wrong command lines with a sentence.
. "$(dirname "$0")/../tap.sh"

status_is "--until ends the machine at the first matching line" 0 \
    tools/qemu.sh "$KAAL_IMAGE" --until 'jumping to kernel' --timeout 60
check "the matching line is the last one shown" bash -c 'tail -n 1 "$1" | grep -q "jumping to kernel"' _ "$T/out"
status_is "--until without such a line is a failure" 1 tools/qemu.sh "$KAAL_IMAGE" --until 'no such line' --timeout 60
contains "it says so" 'before a line matched .no such line' "$T/out"
status_is "--timeout ends a machine that does not end" 124 tools/qemu.sh "$KAAL_IMAGE" --timeout 1 -- -S
status_is "--timeout with --until too" 124 tools/qemu.sh "$KAAL_IMAGE" --until nothing --timeout 1 -- -S
status_is "an image that is not there is refused" 66 tools/qemu.sh "$T/none.elf"
contains "the sentence names file and expectation" 'none.elf: expected a readable image file' "$T/out"
for size in 0 63 100 5000 $(($(stat -c %s "$KAAL_IMAGE") - 1)); do
    head -c "$size" "$KAAL_IMAGE" >"$T/cut.elf"
    status_is "an image cut to $size bytes is refused" 2 tools/qemu.sh "$T/cut.elf" --timeout 60
    contains "the sentence says what is missing" '^qemu.sh: .*cut.elf: .*: expected .*, found ' "$T/out"
done
status_is "another machine's ELF is refused" 2 tools/qemu.sh "$KAAL_HOSTED" --timeout 60
contains "the machine is named" 'machine: expected AArch64, 183, found ' "$T/out"
for part in selftest.elf aarch64/debug/kernel.elf; do
    status_is "$part alone is refused" 2 tools/qemu.sh "build/$part" --timeout 60
    contains "as no image" "build/$part: entry: expected an address in RAM, .* found 0x.* an image of kaal-builder" "$T/out"
done
status_is "a folder is refused" 66 tools/qemu.sh "$T"
status_is "without QEMU that is said" 69 env PATH="$T" /bin/bash tools/qemu.sh "$KAAL_IMAGE"
contains "with what installs it" 'make deps FOR=qemu' "$T/out"
status_is "an unknown option is refused" 64 tools/qemu.sh "$KAAL_IMAGE" --fast
status_is "no image is refused" 64 tools/qemu.sh
status_is "a timeout that is no number is refused" 64 tools/qemu.sh "$KAAL_IMAGE" --timeout soon
done_testing
