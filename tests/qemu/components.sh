#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The same components in QEMU, and what a push and a pop cost.
. "$(dirname "$0")/../tap.sh"

bed() {
    status_is "$1: every component ends with status 0" 0 \
        tools/qemu.sh "build/bed/$1-image.elf" --timeout 60 "${@:3}"
    contains "... $2" "$2" "$T/out"
}

bed hello 'second: hello from second, life 1 one two'
bed calls 'caller: calls: all is well'
bed rings 'consumed 9000 words and 3000 samples'
bed measure 'push [0-9]+ pop [0-9]+ instructions at most' -- -icount shift=0,sleep=off
# ---- drivers ----
bed devices 'devices: all is well'
# How late a timeout may be is told of the machine's own time, not of the host's.
bed timer 'timeouts: all is well' -- -icount shift=0,sleep=off
bed timer_el0 'timeouts: all is well' -- -icount shift=0,sleep=off
# What is typed before the driver is there, QEMU's UART may lose.
printf '\n\n\n\nhello\nsecond line here\nend\n' >"$T/typed"
for plan in console console_rings; do
    bed $plan '^line of 16: second line here' --input "$T/typed"
done
python3 tests/qemu/powerdown.py "$T/qmp" &
presses=$!
status_is "gpio: a line moved from outside (the power button)" 0 \
    tools/qemu.sh build/bed/gpio-image.elf --timeout 60 -- -qmp "unix:$T/qmp,server=on,wait=off"
contains "... is told to the watcher" 'lines 0x8 moved, now 0x[08]' "$T/out"
wait $presses
bed registers '^registers: gpio 0x420'
tr -d '*' <"$T/out" | grep '^registers: ' >"$T/qemu"
"$KAAL_HOSTED" build/bed/registers-image.elf | tr -d '*' | grep '^registers: ' >"$T/hosted"
check "the devices' models answer 47 register reads as QEMU's do" diff "$T/hosted" "$T/qemu"
equals "... all of them" 47 "$(wc -l <"$T/qemu")"
done_testing
