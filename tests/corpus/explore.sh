#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The explorer: small depths from every start state hold; and in a kernel with a known fault it finds
# a shortest trace, which is a case that the right kernel passes and the wrong one fails.
. "$(dirname "$0")/../tap.sh"
explore=build/fuzz/explore

status_is "every start state, small depths" 0 "$explore" --quick --out "$T/trace"
contains "the closing line has states, edges and rate" \
    '^explored: [0-9]+ states, [0-9]+ edges in [0-9]+ s of processor time, [0-9]+ edges/s; no violation$' "$T/out"
equals "each phase says how deep it is complete" 8 "$(grep -cE 'complete (to|at) depth [0-9]+: ' "$T/out")"
check "no trace is written without a violation" test ! -e "$T/trace"

# A suspended caller, whose reply right stays: call, receive, suspend. No two steps can show it.
status_is "a kernel that leaves reply rights behind is caught" 1 \
    build/fuzz/explore-wrong --only exchange --out "$T/trace"
contains "in three steps" '^violation after 3 steps, the fewest there are: .*right to reply to a thread that waits for none' "$T/out"
contains "the trace is replayed at once with the same end" '^replayed: .*right to reply' "$T/out"
status_is "the right kernel passes that trace" 0 build/"$KAAL_VARIANT"/fuzz-replay --quiet "$T/trace"

status_is "an unknown phase is refused" 2 "$explore" --only nothing
contains "with a sentence" 'expected a phase that --list names' "$T/out"
done_testing
