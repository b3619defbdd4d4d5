#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Replays the fuzzing corpus of image parser, ELF reader and device tree under the sanitizers: each
# seed, and each seed cut at several lengths.
. "$(dirname "$0")/../tap.sh"

for seed in fuzz/corpus/image/*; do
    check "replays $(basename "$seed")" "build/$KAAL_VARIANT/fuzz-image" "$seed"
    size=$(stat -c %s "$seed")
    cuts=()
    for cut in 0 1 7 39 63 64 100 $((size / 2)) $((size - 8)) $((size - 1)); do
        head -c "$cut" "$seed" >"$T/cut$cut"
        cuts+=("$T/cut$cut")
    done
    check "replays $(basename "$seed") cut short" "build/$KAAL_VARIANT/fuzz-image" "${cuts[@]}"
done
done_testing
