#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Replays the fuzzing corpus of the builder's command line under the sanitizers: each seed, and each
# cut short.
. "$(dirname "$0")/../tap.sh"

export TMPDIR=$T
for seed in fuzz/corpus/builder/*; do
    size=$(stat -c %s "$seed")
    cuts=()
    for cut in 0 1 7 100 $((size / 4)) $((size / 2)) $((size * 3 / 4)) $((size - 8)) $((size - 1)); do
        ((cut > 0 && cut < size)) || continue
        head -c "$cut" "$seed" >"$T/cut$cut"
        cuts+=("$T/cut$cut")
    done
    check "replays $(basename "$seed"), whole and cut short" build/$KAAL_VARIANT/fuzz-builder "$seed" "${cuts[@]}"
done
done_testing
