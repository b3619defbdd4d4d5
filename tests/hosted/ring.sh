#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Rings between two threads of the host, with the sanitizers that see races and stray accesses.
. "$(dirname "$0")/../tap.sh"
for variant in tsan san; do
    for seed in 1 1001; do
        status_is "$variant, seed $seed: every entry once, in order, nobody sleeps for ever" 0 \
            "build/$variant/threads/ring" "$seed" 20000
        contains "... with signals" ' [1-9][0-9]* signals$' "$T/out"
    done
done
done_testing
