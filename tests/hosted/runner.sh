#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The test runner counts what it must: passes, failures, crashes, hangs, short plans, empty runs.
. "$(dirname "$0")/../tap.sh"

# case_of NAME COMMANDS...: a test script in $T
case_of() {
    printf '#!/usr/bin/env bash\n%s\n' "$2" >"$T/$1.sh"
    chmod +x "$T/$1.sh"
}
count() {
    tail -n 1 "$T/out"
}

export TEST_LOGS=$T/logs

case_of good 'echo "ok 1 - a"; echo "ok 2 - b # SKIP no such part"; echo 1..2'
case_of bad 'echo "ok 1 - a"; echo "not ok 2 - b"; echo 1..2; exit 1'
case_of crash 'echo "1..2"; echo "ok 1 - a"; kill -SEGV $$'
case_of hang 'echo "1..1"; echo "ok 1 - a"; sleep 30'
case_of short 'echo "1..3"; echo "ok 1 - a"'
case_of status 'echo "1..1"; echo "ok 1 - a"; exit 7'
case_of silent 'exit 0'

status_is "a run without failures ends with 0" 0 tests/run.sh "$T/good.sh"
equals "it counts a pass and a skip" "1 passed, 0 failed, 1 skipped" "$(count)"
status_is "a failed case ends the run with 1" 1 tests/run.sh "$T/good.sh" "$T/bad.sh"
equals "it counts the failed case beside the others" "2 passed, 1 failed, 1 skipped" "$(count)"
contains "it names the failed case" 'not ok 2 - b' "$T/out"
status_is "a crash is a failure" 1 tests/run.sh "$T/crash.sh"
contains "it says how many cases were planned and seen" 'planned 2 cases, saw 1' "$T/out"
status_is "a hang is a failure" 1 env LIMIT=1 tests/run.sh "$T/hang.sh"
contains "it says how long it waited" 'still running after 1 s' "$T/out"
status_is "fewer cases than planned is a failure" 1 tests/run.sh "$T/short.sh"
status_is "a bad status alone is a failure" 1 tests/run.sh "$T/status.sh"
equals "it is counted once" "1 passed, 1 failed" "$(count)"
status_is "a script that reports no case is a failure" 1 tests/run.sh "$T/silent.sh"
status_is "a run without a single test is a failure" 2 env UNIT_DIR="$T/none" tests/run.sh unit
contains "it says that no test was run" 'no test was run' "$T/out"
status_is "a test that is not there is a failure" 1 tests/run.sh "$T/missing.sh"
status_is "an unknown suite is a failure" 2 tests/run.sh nonsense
done_testing
