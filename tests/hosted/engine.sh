#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The two CPU engines of kaal-hosted give the same results, and the plain one takes over where the
# library cannot be repaired.
. "$(dirname "$0")/../tap.sh"

# ends NAME COMMAND...: the output and the final state go to $T/NAME, diagnostics to $T/NAME.err
ends() {
    timeout -k 5 120 "${@:2}" --state-hash "$KAAL_IMAGE" >"$T/$1" 2>"$T/$1.err"
    equals "$1: status" 0 $?
}

ends fast "$KAAL_HOSTED" --engine fast
ends plain "$KAAL_HOSTED" --engine plain
ends best "$KAAL_HOSTED"
check "fast and plain: same output, same final state" cmp "$T/fast" "$T/plain"
check "the fast one is the default" cmp "$T/fast" "$T/best"
check "... without a word" test ! -s "$T/best.err"

for engine in fast plain; do
    timeout -k 5 120 "$KAAL_HOSTED" --engine "$engine" --state-hash \
        --append 'kaal.tick_us=50 kaal.slice_ticks=1' "$KAAL_IMAGE" >"$T/ticks-$engine" 2>&1
done
check "... with an interrupt every 50,000 instructions" cmp "$T/ticks-fast" "$T/ticks-plain"

# A program with the library's shared object has nothing to repair.
other=build/unrepaired/kaal-hosted
ends other "$other"
check "unrepaired: same output, same final state" cmp "$T/plain" "$T/other"
equals "unrepaired: one line says so" \
    "kaal-hosted: CPU engine: the slow one is used: this program was linked without the library's repairs" \
    "$(cat "$T/other.err")"
status_is "unrepaired: --engine fast is refused" 68 "$other" --engine fast "$KAAL_IMAGE"
contains "... with a sentence" "linked without the library's repairs" "$T/out"
status_is "an unknown engine is refused" 64 "$KAAL_HOSTED" --engine warp "$KAAL_IMAGE"
contains "... with a sentence" '--engine: expected fast or plain, found "warp"' "$T/out"
done_testing
