#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Replays the corpus of the system-call fuzzer, and every case that once found a bug, under the
# sanitizers: all oracles hold, and each case ends in the same state whatever ran before it.
. "$(dirname "$0")/../tap.sh"
replay=build/$KAAL_VARIANT/fuzz-replay

# replay_all FOLDER
replay_all() {
    "$replay" --twice tests/corpus/"$1"/*
}

for folder in syscall regression; do
    count=$(find tests/corpus/"$folder" -type f | wc -l)
    check "$folder: $count cases hold under every oracle, twice with the same state" \
        replay_all "$folder"
done

# The replayer itself: what it says of a file that is not there, and of random programs.
status_is "a missing file is named" 2 "$replay" --quiet "$T/no-such-case"
contains "the sentence has the name" "no-such-case" "$T/out"
check "2000 random programs hold under every oracle" "$replay" --random 1 2000
done_testing
