#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Runs one AFL++ campaign and judges it.
# Keeps true: every campaign starts from the corpus alone; a crash or a hang fails it and is kept
# in build/fuzz/NAME/; a target that executed nothing fails too.
#
#   tools/fuzz.sh NAME PROGRAM CORPUS SECONDS [AFL-OPTION...]
#   FUZZ_REPORT="COMMAND"    run over the found cases at the end: COMMAND build/fuzz/NAME/queue
#
# A stability below 99.9 % fails it as well: then a case is not the same each time it runs.
#
# Exit status: 0 nothing found, 1 a crash, a hang or an unstable case, 2 the campaign did not run.
set -u
[ $# -ge 4 ] || { echo 'usage: fuzz.sh NAME PROGRAM CORPUS SECONDS [AFL-OPTION...]' >&2 && exit 2; }
name=$1 program=$2 corpus=$3 seconds=$4
shift 4
[[ $seconds =~ ^[1-9][0-9]*$ ]] || { echo "fuzz.sh: FUZZ_SECS: expected seconds, found '$seconds'" >&2 && exit 2; }
[ -n "$(ls "$corpus" 2>/dev/null)" ] || { echo "fuzz.sh: $corpus: expected at least one case, found none" >&2 && exit 2; }
out=build/fuzz/$name
rm -rf "$out" && mkdir -p "$out"
export AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1
export AFL_AUTORESUME=0 AFL_NO_STARTUP_CALIBRATION=0
printf 'fuzz %s: %s s from %d cases\n' "$name" "$seconds" "$(ls "$corpus" | wc -l)"
afl-fuzz -V "$seconds" -i "$corpus" -o "$out" "$@" -- "$program" >"$out/afl.log" 2>&1 </dev/null
rc=$?
stats=$out/default/fuzzer_stats
if [ ! -f "$stats" ]; then
    tail -n 20 "$out/afl.log" >&2
    echo "fuzz $name: afl-fuzz ended with status $rc before the campaign began (see $out/afl.log)" >&2
    exit 2
fi
field() { sed -n "s/^$1 *: //p" "$stats"; }
printf 'fuzz %s: %s executions, %s a second, %s cases found, stability %s, coverage %s\n' "$name" \
    "$(field execs_done)" "$(field execs_per_sec)" "$(field corpus_found)" "$(field stability)" \
    "$(field bitmap_cvg)"
[ -z "${FUZZ_REPORT:-}" ] || $FUZZ_REPORT "$out/default/queue" || exit 1
crashes=$(field saved_crashes) hangs=$(field saved_hangs)
printf 'fuzz %s: %s crashes, %s hangs\n' "$name" "$crashes" "$hangs"
if [ "$crashes" != 0 ] || [ "$hangs" != 0 ]; then
    find "$out/default/crashes" "$out/default/hangs" -name 'id*' | sed 's/^/  /'
    exit 1
fi
stability=$(field stability)
if ! awk -v s="${stability%\%}" 'BEGIN { exit !(s >= 99.9) }'; then
    echo "fuzz $name: stability $stability, expected at least 99.9%: some case depends on what ran before it"
    exit 1
fi
[ "$(field execs_done)" -gt 0 ]
