#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Minimises a corpus: of all cases those are kept that afl-cmin needs for the same edges, of the
# kernel and of the model.
# Keeps true: no case that fails is kept; the corpus in the tree is not touched: what is worth
# committing lies in build/fuzz/minimised afterwards.
#
#   tools/fuzz-min.sh PROGRAM FOLDER...
set -u
program=$1
shift
out=build/fuzz/minimised all=build/fuzz/all-cases
rm -rf "$out" "$all" && mkdir -p "$all"
for folder in "$@"; do
    [ -d "$folder" ] || continue
    for file in "$folder"/*; do
        [ -f "$file" ] && cp "$file" "$all/$(sha256sum "$file" | cut -c1-16)"
    done
done
count=$(ls "$all" | wc -l)
[ "$count" -gt 0 ] || { echo "fuzz-min.sh: expected cases in $*, found none" >&2 && exit 2; }
AFL_ALLOW_TMP=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 afl-cmin -e -i "$all" -o "$out" -- "$program" >build/fuzz/min.log 2>&1 </dev/null ||
    { tail -n 5 build/fuzz/min.log >&2 && echo 'fuzz-min.sh: afl-cmin failed (build/fuzz/min.log)' >&2 && exit 2; }
printf 'fuzz-min: %d cases, %d needed for the same coverage, in %s\n' "$count" "$(ls "$out" | wc -l)" "$out"
build/fuzz/replay --quiet "$out"/* | tail -n 1
