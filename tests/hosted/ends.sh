#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Runs that do not end by DebugHalt end all the same: with one sentence and a status of their own.
. "$(dirname "$0")/../tap.sh"

check "the program builds" "${CROSS:-aarch64-linux-gnu-}gcc" -nostdlib -static -Wl,-T,lib/kaal/user.ld \
    -Wl,--build-id=none,-z,max-page-size=4096,--no-warn-rwx-segments -o "$T/ends" tests/hosted/ends.S

# ended WHAT MODE STATUS REGEX ARG...
ended() {
    local what=$1 mode=$2 status=$3 regex=$4
    shift 4
    "$KAAL_BUILDER" --loader build/loader.elf --kernel build/aarch64/debug/kernel.elf --app "$T/ends" \
        --patch "mode=$mode" --out "$T/ends.elf" >"$T/out" 2>&1
    timeout -k 5 60 "$KAAL_HOSTED" "$@" "$T/ends.elf" >"$T/out" 2>"$T/err" </dev/null
    equals "$what: status" "$status" "$?"
    contains "$what: sentence" "^kaal-hosted: .*$regex" "$T/err"
}

ended "every thread is suspended" 0 71 'nothing was runnable for 60 s of virtual time'
ended "... and there are no ticks" 0 71 'no timer is armed' --append kaal.tick_us=0
ended "the only thread faults" 2 71 'waiting for ever'
ended "an endless loop and --budget" 1 69 'budget' --budget 3000000
ended "an endless loop and --timeout" 1 70 'timeout' --timeout 1
ended "an endless loop without ticks, and --timeout" 1 70 'timeout' --timeout 1 --append kaal.tick_us=0
ended "waiting for ever before --until matches" 0 71 'waiting for ever' --until 'no such line'
done_testing
