#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Components on the test bed (tests/bed) in the hosted machine: libraries, rings under many
# preemptions, calls.
. "$(dirname "$0")/../tap.sh"

bed() {
    status_is "$1${3:+, $3}: every component ends with status 0" 0 \
        "$KAAL_HOSTED" ${3:+--append "kaal.log=quiet $3"} "build/bed/$1-image.elf"
    contains "... $2" "$2" "$T/out"
}

bed hello 'second: hello from second, life 1 one two'
bed calls 'caller: calls: all is well'
# Other ticks preempt at other places.
for tick in 100 101 113 131 257 1000; do
    bed rings 'consumed 9000 words and 3000 samples' "kaal.slice_ticks=1 kaal.tick_us=$tick"
done
done_testing
