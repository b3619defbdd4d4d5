#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# --timeline: a valid file in Trace Event Format that says what --trace says, and a run that it does
# not change.
. "$(dirname "$0")/../tap.sh"

# both NAME IMAGE ARG...: $T/NAME.json, $T/NAME.trace, and the console of both runs
both() {
    local name=$1 image=$2
    shift 2
    timeout -k 5 120 "$KAAL_HOSTED" "$@" --timeline "$T/$name.json" "$image" >"$T/$name.timed" 2>&1 </dev/null
    timed=$?
    timeout -k 5 120 "$KAAL_HOSTED" "$@" --trace "$image" >"$T/$name.traced" 2>"$T/$name.trace" </dev/null
    timeout -k 5 120 "$KAAL_HOSTED" "$@" "$image" >"$T/$name.plain" 2>&1 </dev/null
    equals "$name: the timeline does not change the status" $? "$timed"
    check "$name: nor the console" cmp "$T/$name.plain" "$T/$name.timed"
    check "$name: the timeline agrees with itself and with the trace" tests/hosted/timeline.py "$T/$name.json" "$T/$name.trace"
}
both selftest "$KAAL_IMAGE"
both check build/systems/check/debug.elf --append 'kaal.log=normal kaal.debug_calls=on kaal.el0_physical_counter=on'

# What the checker is for: each of these must be seen.
spoil() {
    sed "$3" "$T/check.json" >"$T/spoilt.json"
    status_is "the checker sees $1" 1 tests/hosted/timeline.py "$T/spoilt.json" "$T/check.trace"
    contains "and says so" "$2" "$T/out"
}
spoil "a missing mark" ' marks, expected [0-9]+ as in the trace' '0,/"ph":"i","pid":2/{/"ph":"i","pid":2/d}'
spoil "a slice too long" '^track .* ends at ' '0,/"dur":0\.[0-9]*1}/s/\("dur":0\.[0-9]*\)1}/\12}/'
spoil "half an arrow" '^arrow 1 is ' '0,/"ph":"f"/{/"ph":"f"/d}'
spoil "an open text" 'JSONDecodeError' '0,/"name":"runs"/s//"name":"runs/'

status_is "a file in a folder that is not there" 65 "$KAAL_HOSTED" --timeline "$T/none/x.json" "$KAAL_IMAGE"
contains "one sentence" "^kaal-hosted: $T/none/x.json: No such file or directory$" "$T/out"
status_is "a full disk" 65 "$KAAL_HOSTED" --timeline /dev/full "$KAAL_IMAGE"
contains "is told" "^kaal-hosted: /dev/full: expected room for the timeline, found none$" "$T/out"
status_is "a run that is stopped" 69 "$KAAL_HOSTED" --budget 20000 --timeline "$T/part.json" "$KAAL_IMAGE"
check "leaves a whole file too" python3 -m json.tool "$T/part.json"
done_testing
