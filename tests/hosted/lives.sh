#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Restart as a contract: every component of the system "lives", drivers, services and applications, is
# made to fault at every system call it makes in a scripted session (LIVES=1, every one; else each
# STEP-th, default 29). Each time the session must end well and the books must be the same: no frame,
# slot or object is lost by a death. For each component is told how many instructions of user code lie
# between a death and the next life's first system call, how many calls were broken, how many entries
# of the ring were lost.
set -o pipefail
. "$(dirname "$0")/../tap.sh"

IMAGE=build/systems/lives/debug.elf
printf 'ls /\necho written\nuptime\n' >"$T/typed"
run() { # OUTPUT [OPTION...]
    timeout -k 5 60 build/kaal-hosted --console-input "$T/typed" "${@:2}" $IMAGE </dev/null 2>/dev/null |
        tr -d "\r" >"$1"
}
books() {
    grep '^session: books' "$1" | tail -n 1
}
number() { # FILE EXPRESSION: the last match's group, 0 without one
    local found
    found=$(sed -nE "s/$2/\1/p" "$1" | tail -n 1)
    printf '%s' "${found:-0}"
}

# die SPACE N: one line "SPACE NAME RESULT INSTRUCTIONS BROKEN LOST"; RESULT is good or what was wrong.
die() {
    set -o pipefail
    local out="$T/run-$1-$2" result=good status
    run "$out" --crash "$1@$2"
    status=$?
    [ $status = 0 ] || result="status-$status"
    [ "$(books "$out")" = "$expected" ] || result="$result,books"
    grep -q 'root: fault: ' "$out" || result="$result,no-fault"
    grep -q '^crash: .* again [0-9]' "$out" || result="$result,no-life"
    [ $result = good ] || cp "$out" "build/test-logs/lives-$1@$2.txt"
    echo "$1@$2 $(number "$out" '.*root: fault: ([^:]*):.*') $result $(number "$out" '^crash: .* again ([0-9]+) .*')" \
        "$(number "$out" '.* ([0-9]+) broken calls.*') $(number "$out" '.* ([0-9]+) entries lost.*')"
    rm -f "$out"
}

run "$T/run" --calls
equals "the session ends well" 0 $?
expected=$(books "$T/run")
contains "with nothing broken" "session: good, life 1, 0 broken calls, 0 entries lost" "$T/run"
contains "the shell has done what was typed" "^written$" "$T/run"
sed -n 's/^address space \([0-9]*\): \([0-9]*\) system calls/\1 \2/p' "$T/run" >"$T/calls"

step=${STEP:-29}
[ "${LIVES:-}" = "" ] || step=1
while read -r space calls; do
    [ "$space" = 1 ] || seq -f "$space %.0f" 1 "$step" "$calls" # 1 is the root task itself
done <"$T/calls" >"$T/deaths"
mkdir -p build/test-logs
export -f die run books number
export T IMAGE expected
xargs -P 2 -L 1 bash -c 'die "$@"' _ <"$T/deaths" >"$T/results"

equals "every death was tried" "$(wc -l <"$T/deaths")" "$(wc -l <"$T/results")"
names=$(cut -d' ' -f2 "$T/results" | sort -u)
equals "every component died" "$(sed -n 's/^  \([a-z]*\):.*/\1/p' systems/lives/lives.yaml | grep -v -e numbers -e memory -e files | sort)" "$names"
for name in $names; do
    awk -v name="$name" '$2 == name && $3 != "good" { print $1 ":" $3 }' "$T/results" >"$T/bad"
    equals "$name dies at $(grep -c " $name " "$T/results") calls and the system recovers" "" "$(sort "$T/bad" | tr '\n' ' ')"
done
echo "# component deaths, recovery in instructions: median and most, broken calls, entries of the ring lost"
for name in $names; do
    grep " $name " "$T/results" | sort -n -k4 | awk -v name="$name" \
        '{ i[NR] = $4; b += $5; l += $6 } END { printf "# %-8s %4d %8d %8d %4d %4d\n", name, NR, i[int((NR + 1) / 2)], i[NR], b, l }'
done
check "callers saw broken calls" test "$(awk '{ n += $5 } END { print n }' "$T/results")" -gt 0
done_testing
