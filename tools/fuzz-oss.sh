#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Runs fuzz/oss-fuzz/build.sh as the engines do, from another folder, and what it built: each target
# executes each case that was packed beside it, and goes on from there for some seconds.
#
#   CC=... CFLAGS=... LIB_FUZZING_ENGINE=... tools/fuzz-oss.sh SECONDS
#
# Exit status: 0 all ran, 1 a target failed, 2 nothing was built.
set -u
seconds=${1:?expected seconds, found none}
root=$(cd "$(dirname "$0")/.." && pwd)
export OUT=$root/build/oss-fuzz
rm -rf "$OUT" && mkdir -p "$OUT"
(cd / && "$root/fuzz/oss-fuzz/build.sh" >"$OUT/log" 2>&1) ||
    { tail -n 5 "$OUT/log" >&2 && echo 'fuzz-oss.sh: build.sh failed (build/oss-fuzz/log)' >&2 && exit 2; }
for target in fuzz-kernel fuzz-image fuzz-builder; do
    seeds=$OUT/$target-seeds
    mkdir -p "$seeds" "$OUT/$target-found"
    python3 -m zipfile -e "$OUT/${target}_seed_corpus.zip" "$seeds" || exit 2
    "$OUT/$target" -max_total_time="$seconds" -timeout=20 -print_final_stats=1 \
        -artifact_prefix="$OUT/" "$OUT/$target-found" "$seeds" >"$OUT/$target.log" 2>&1 ||
        { tail -n 20 "$OUT/$target.log" >&2 && echo "fuzz-oss.sh: $target failed" >&2 && exit 1; }
    printf 'fuzz-oss: %s: %d seeds, %s executions\n' "$target" "$(ls "$seeds" | wc -l)" \
        "$(sed -n 's/^stat::number_of_executed_units: *//p' "$OUT/$target.log")"
done
