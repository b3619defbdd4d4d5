#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Restart as a contract: every component of the system "lives" is made to fault at every system call
# it makes in a scripted session (LIVES=1, every one; else each STEP-th, default 9). Each time the session must end well and
# the books must be the same: no frame, slot or object is lost by a death.
set -o pipefail
. "$(dirname "$0")/../tap.sh"

IMAGE=build/systems/lives/debug.elf
run() {
    timeout -k 5 60 build/kaal-hosted "$@" $IMAGE </dev/null 2>/dev/null | tr -d "\r" >"$T/run"
}
books() {
    grep '^session: books' "$T/run" | tail -n 1
}

run --calls
equals "the session ends well" 0 $?
expected=$(books)
contains "with nothing broken" "session: good, life 1, 0 broken calls" "$T/run"
sed -n 's/^address space \([0-9]*\): \([0-9]*\) system calls/\1 \2/p' "$T/run" >"$T/calls"
check "every component made system calls" test "$(wc -l <"$T/calls")" -ge 7

step=${STEP:-9}
[ "${LIVES:-}" = "" ] || step=1
broken=0 runs=0
while read -r space calls; do
    [ "$space" != 1 ] || continue # the root task itself
    bad=
    for ((n = 1; n <= calls; n += step)); do
        run --crash "$space@$n"
        status=$?
        runs=$((runs + 1))
        if [ $status != 0 ] || [ "$(books)" != "$expected" ] || ! grep -q '^root: fault: ' "$T/run"; then
            bad="$bad $space@$n:$status"
            cp "$T/run" "build/test-logs/lives-$space@$n.txt"
        fi
            seen=$(sed -n 's/.* life [0-9]*, \([0-9]*\) broken calls/\1/p' "$T/run" | head -n 1)
        broken=$((broken + ${seen:-0}))
    done
    equals "address space $space dies at $calls calls and the system recovers" "" "$bad"
done <"$T/calls"
check "callers saw broken calls ($broken in $runs runs)" test "$broken" -gt 0
done_testing
