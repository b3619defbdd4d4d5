#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Runs test suites and counts every case.
# Keeps true: a test that crashes, hangs, says less than its plan or ends with a bad status is counted
# as failed; a run without a single test fails; the last line is the count.
#
#   tests/run.sh SUITE|FILE...    suites: lint unit hosted corpus qemu bench smoke docs
#   KAAL_VARIANT=san|cov          instrumentation of the host programs under test (default san)
#   UNIT_DIR=DIR                  where the unit tests are (default build/VARIANT/unit)
#   LIMIT=SECONDS                 time for one script or program (default 900)
#
# Every test prints TAP ("ok N - what", "not ok N - what", "1..N"); its whole output is kept in
# build/test-logs/ (TEST_LOGS=DIR). Exit status: 0 all passed, 1 something failed, 2 nothing ran or unknown suite.
set -u
cd "$(dirname "$0")/.." || exit 2
shopt -s nullglob
limit=${LIMIT:-900}
units=${UNIT_DIR:-build/${KAAL_VARIANT:-san}/unit}
logs=${TEST_LOGS:-build/test-logs}
mkdir -p "$logs"
passed=0 failed=0 skipped=0
failures=()

suite_files() {
    case $1 in
    lint) echo tools/check/run.sh tools/check/selftest.sh ;;
    unit) echo $units/test_* ;;
    hosted) echo $units/test_* tests/hosted/*.sh ;;
    corpus) echo tests/corpus/*.sh ;;
    qemu) echo tests/qemu/*.sh ;;
    bench) echo tests/bench/*.sh ;;
    docs) echo tools/doc-commands.sh ;;
    smoke) echo tests/hosted/boot.sh tests/qemu/boot.sh ;;
    */*) echo "$1" ;;
    *)
        printf 'run.sh: unknown suite "%s"; suites: lint unit hosted corpus qemu bench smoke docs\n' "$1" >&2
        exit 2
        ;;
    esac
}

# Reads a TAP log; prints "passed failed skipped planned".
count() {
    awk '/^ok / { if (/# *[Ss][Kk][Ii][Pp]/) s++; else p++ }
         /^not ok / { if (/^not ok [0-9]+ # SKIP/) s++; else f++ } # so cmocka reports a skipped one
         /^1\.\.[0-9]+/ { plan += substr($1, 4) }
         END { print p + 0, f + 0, s + 0, plan + 0 }' "$1"
}

run_one() {
    local file=$1 run=./$1 name log status p f s plan began=$EPOCHREALTIME why=
    [[ $file != /* ]] || run=$file
    name=${file#build/*/}
    log=$logs/${name//\//_}.log
    CMOCKA_MESSAGE_OUTPUT=TAP timeout -k 5 "$limit" "$run" >"$log" 2>&1 </dev/null
    status=$?
    read -r p f s plan < <(count "$log")
    [ "$status" = 124 ] && why="still running after $limit s"
    [ -z "$why" ] && [ $((p + f + s)) = 0 ] && why="reported no case, status $status"
    [ -z "$why" ] && [ "$plan" != $((p + f + s)) ] &&
        why="planned $plan cases, saw $((p + f + s)), status $status"
    [ -z "$why" ] && [ "$status" != 0 ] && [ "$f" = 0 ] && why="ended with status $status"
    if [ -n "$why" ]; then
        f=$((f + 1))
        failures+=("$name: $why (see $log)")
    fi
    while IFS= read -r line; do failures+=("$name: $line"); done < <(grep '^not ok ' "$log" | grep -v '^not ok [0-9]* # SKIP')
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    printf '%-5s %-36s %4d passed%s%s  %6.1f s\n' "$([ "$f" = 0 ] && echo ok || echo FAIL)" "$name" \
        "$p" "$([ "$f" = 0 ] || echo ", $f failed")" "$([ "$s" = 0 ] || echo ", $s skipped")" \
        "$(awk "BEGIN { print $EPOCHREALTIME - $began }")"
    [ -z "$why" ] || sed 's/^/      | /' < <(tail -n 15 "$log")
}

[ $# -gt 0 ] || set -- lint hosted corpus qemu
for suite in "$@"; do
    files=$(suite_files "$suite") || exit 2
    for file in $files; do
        if [ -x "$file" ]; then
            run_one "$file"
        else
            printf 'FAIL  %s: no such test, or not executable\n' "$file"
            failed=$((failed + 1))
            failures+=("$file: no such test, or not executable")
        fi
    done
done

if [ ${#failures[@]} -gt 0 ]; then
    printf '\nFailed:\n'
    printf '  %s\n' "${failures[@]}"
fi
[ $((passed + failed)) -gt 0 ] || printf 'run.sh: no test was run\n' >&2
printf '\n%d passed, %d failed%s\n' "$passed" "$failed" \
    "$([ "$skipped" = 0 ] || echo ", $skipped skipped")"
[ $((passed + failed)) -gt 0 ] || exit 2
[ "$failed" = 0 ]
