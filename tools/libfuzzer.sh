#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Runs one libFuzzer campaign and judges it.
# Keeps true: every campaign starts from the corpus alone; what it finds is kept in
# build/fuzz/NAME-libfuzzer/; a campaign that executed nothing fails.
#
#   tools/libfuzzer.sh NAME PROGRAM CORPUS LONGEST-CASE SECONDS [OPTION...]
#
# Exit status: 0 nothing found, 1 a crash, hang or failed oracle, 2 wrong use.
set -u
[ $# -ge 5 ] || { echo 'usage: libfuzzer.sh NAME PROGRAM CORPUS LONGEST-CASE SECONDS [OPTION...]' >&2 && exit 2; }
name=$1 program=$2 corpus=$PWD/$3 longest=$4 seconds=$5
shift 5
[[ $seconds =~ ^[1-9][0-9]*$ ]] || { echo "libfuzzer.sh: FUZZ_SECS: expected seconds, found '$seconds'" >&2 && exit 2; }
out=$PWD/build/fuzz/$name-libfuzzer # whole paths: a target may go to a folder of its own
rm -rf "$out" && mkdir -p "$out/queue"
"$program" -max_total_time="$seconds" -max_len="$longest" -timeout=20 -verbosity=0 -print_final_stats=1 \
    -artifact_prefix="$out/" "$@" "$out/queue" "$corpus" >"$out/log" 2>&1 </dev/null
status=$?
field() { sed -n "s/^stat::$1: *//p" "$out/log"; }
printf 'libfuzzer %s: %s executions, %s a second, %s cases found\n' "$name" \
    "$(field number_of_executed_units)" "$(field average_exec_per_sec)" "$(ls "$out/queue" | wc -l)"
if [ "$status" != 0 ]; then
    grep -vE '^(INFO|stat::)' "$out/log" | tail -n 30
    find "$out" -maxdepth 1 -type f ! -name log | sed 's/^/  /'
    exit 1
fi
[ "$(field number_of_executed_units)" -gt 0 ]
