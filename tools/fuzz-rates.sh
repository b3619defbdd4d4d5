#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Runs a second in every mode of the system-call fuzzer, best of 5, beside a calibration loop whose
# rate says how fast this machine is at that moment. Times are processor time.
#
#   tools/fuzz-rates.sh [SECONDS]     for each measurement; default 2
set -u
seconds=${1:-2}
corpus=(tests/corpus/syscall/*)

missing=0
# rate PROGRAM MODE WHAT: one line; a program that prints no number makes the run fail
rate() {
    local best
    best=$(for _ in 1 2 3 4 5; do
        "$1" --rate-of "$2" "$seconds" "${corpus[@]}"
    done | grep -E '^[0-9]+$' | sort -n | tail -n 1)
    [ -n "$best" ] || missing=1
    printf '%12s  %s\n' "${best:-none}" "$3"
}
rate build/fuzz/replay calibrate 'calibration: steps a second of a fixed loop of arithmetic'
rate build/fuzz/replay full 'runs/s, invariant walk and model after every trap'
rate build/fuzz/replay all 'runs/s, all oracles after every trap, and once more without fast paths'
rate build/fuzz/replay touched 'runs/s, touched objects after every trap, invariant walk at the end'
rate build/san/fuzz-replay full 'runs/s, invariant walk and model after every trap, under ASan and UBSan'
rate build/fuzz/replay bare 'traps/s, bare core in a loop'
build/fuzz/replay --rate 0.5 "${corpus[@]}" |
    sed -n 's/^replayed: \([0-9]*\) cases and \([0-9]*\) kernel entries .*/\1 \2/p' |
    awk '{ printf "%12.1f  traps a run, in the mean\n", $2 / $1 }'
build/fuzz/replay --twice "${corpus[@]}" | tail -n 1
exit $missing
