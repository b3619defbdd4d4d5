#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The boot options kaal.lockstep, kaal.trace_from and kaal.trace_to (hal/platform.h).
. "$(dirname "$0")/../tap.sh"

# run OPTIONS: console in $T/console, events in $T/events
run() {
    "$KAAL_HOSTED" --append "kaal.tick_us=0 kaal.log=quiet $1" "$KAAL_IMAGE" >"$T/console" 2>"$T/events"
}
lines() {
    grep -aoE 'lockstep (end )?[0-9]+ [0-9a-f]{16} [0-9a-f]{16}' "$T/console"
}

status_is "the root task ends with status 0" 0 run kaal.lockstep=500
lines >"$T/500"
check "the lines are those of every 500th kernel entry" \
    test "$(awk '$2 != "end" { print $2 }' "$T/500")" = "$(seq -s $'\n' 500 500 "$(tail -n 1 "$T/500" | cut -d ' ' -f 3)")"
check "the last one is that of the end" grep -q '^lockstep end' <(tail -n 1 "$T/500")
check "there is no event" test ! -s "$T/events"

run kaal.lockstep=500 && lines >"$T/again"
check "a second run prints the same digests" diff "$T/500" "$T/again"
run kaal.lockstep=250 && lines >"$T/250"
check "digests do not depend on how often they are printed" \
    diff "$T/500" <(awk '$2 == "end" || $2 % 500 == 0' "$T/250")

run 'kaal.trace_from=100 kaal.trace_to=102'
equals "exactly the asked events are traced" '#100 #101 #102' "$(cut -d ' ' -f 1 "$T/events" | xargs)"
equals "and no digest printed" '' "$(lines)"
run 'kaal.trace_from=100 kaal.trace_to=102 kaal.lockstep=4000000'
equals "with both, every traced event has its digests" 'lockstep 100 lockstep 101 lockstep 102 lockstep end' \
    "$(lines | cut -d ' ' -f 1,2 | xargs)"
status_is "a malformed value stops the boot" 103 "$KAAL_HOSTED" --append kaal.lockstep=often "$KAAL_IMAGE"
contains "and is named" 'kaal.lockstep=often": expected a decimal number' "$T/out"
done_testing
