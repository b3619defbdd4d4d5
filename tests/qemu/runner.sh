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
status_is "an unknown option is refused" 64 tools/qemu.sh "$KAAL_IMAGE" --fast
status_is "no image is refused" 64 tools/qemu.sh
status_is "a timeout that is no number is refused" 64 tools/qemu.sh "$KAAL_IMAGE" --timeout soon
done_testing
