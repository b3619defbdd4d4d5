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

# ---- drivers ----
bed devices 'devices: all is well'
bed timer 'timeouts: all is well'
bed timer_el0 'timeouts: all is well'
printf 'hello\nsecond line here\nend\n' >"$T/typed"

# typed PLAN WHAT [OPTION...]: the plan with $T/typed at its console
typed() {
    status_is "$1, $2: ends with status 0" 0 \
        "$KAAL_HOSTED" --console-input "$T/typed" "${@:3}" "build/bed/$1-image.elf"
    sed -n '/^ready/,$p' "$T/out" | grep -v '^bed' >"$T/said"
}
typed console "by calls"
contains "... every line comes through" '^line of 16: second line here$' "$T/said"
contains "... without an error" '^framing 0 parity 0 breaks 0 overruns 0 lost 0 spurious 0$' "$T/said"
cp "$T/said" "$T/calm"
typed console "a slow transmitter that gets stuck" --inject uart:slow@50000 --inject uart:busy@20
check "... says the same" diff <(grep -v ^framing "$T/calm") <(grep -v ^framing "$T/said")
typed console "damaged characters" --inject uart:framing@1 --inject uart:parity@7 \
    --inject uart:break@9 --inject uart:overrun@12 --inject uart:spurious@3000000
contains "... are dropped" '^line of 4: ello$' "$T/said"
contains "... and counted" '^framing 1 parity 1 breaks 1 overruns 1 lost 0 spurious 1$' "$T/said"
typed console_rings "by rings"
contains "... every line comes through" '^line of 16: second line here$' "$T/said"
status_is "gpio: a line moved from outside" 0 \
    "$KAAL_HOSTED" --inject gpio:5=1@20000000 --inject gpio:spurious@15000000 build/bed/gpio-image.elf
contains "... is told to the watcher" 'lines 0x20 moved, now 0x20' "$T/out"
done_testing
