#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# tools/coverage-report.py on made-up traces: each of its failures, and what it accepts. Lines that are
# inlined several times have branches of every copy.
. "$(dirname "$0")/../tap.sh"
report=$PWD/tools/coverage-report.py
mkdir -p "$T/tree/core" && cd "$T/tree" || exit 2
printf 'if (a)\n    go();\n' | tee core/fastpath.c >core/plain.c
printf 'if (a || b)\n    go();\n' >core/fastpath_two.c

# report FILE "TAKEN..." "HIT HIT" REASONS [CONDITIONS]: a trace of FILE with the branches of its first line
# (the times each was taken) and both lines (the times each was reached), among 198 lines that all were
report() {
    local n=0 i taken=$2 hits=($3)
    printf '%s\n' "$4" >reasons.md
    printf '%s\n' "${5-}" >conditions.md
    {
        for i in core builder loader; do
            echo "SF:$PWD/$i/rest.c"
            for n in $(seq 99); do printf 'DA:%s,1\nBRDA:%s,0,0,1\n' "$n" "$n"; done
        done
        echo "SF:$PWD/$1"
        n=0
        for i in $taken; do printf 'BRDA:1,0,%s,%s\n' "$((n++))" "$i"; done
        printf 'DA:1,%s\nDA:2,%s\n' "${hits[@]}"
    } >trace.info
    python3 "$report" trace.info reasons.md conditions.md
}
one='core/fastpath.c' plain='core/plain.c'
row='| `core/fastpath.c` | `if (a)` | the other way is a bug |'

status_is "all is reached" 0 report $one '3 4' '1 1' ''
status_is "a copy that nothing came through, the other both ways" 0 report $one '3 4 - -' '1 1' ''
contains "... is counted" '2 of inlined copies, taken in others$' "$T/out"
status_is "one way in each copy" 0 report $one '3 0 0 4' '1 1' ''
status_is "a branch that is taken in no copy" 1 report $one '3 0 7 0' '1 1' ''
contains "... is named" '^coverage: core/fastpath.c:1 has a branch never taken, and no reason is given$' "$T/out"
status_is "the same in three copies, one of them never reached" 1 report $one '0 3 - - 0 1' '1 1' ''
status_is "... is accepted with a reason" 0 report $one '3 0 7 0' '1 1' "$row"
status_is "... or one of MC/DC" 0 report $one '3 0' '1 1' '' '| `core/fastpath.c` | `a` | `if (a)` | a bug |'
status_is "two conditions: a way that neither takes in any copy" 1 report core/fastpath_two.c '3 0 1 0 2 0 1 0' '1 1' ''
status_is "outside the fast paths a branch in one copy of two" 1 report $plain '3 4 1 0' '1 1' ''
contains "... is named" '^coverage: core/plain.c:1 has a branch never taken' "$T/out"
status_is "a line that is not reached" 1 report $one '3 4' '1 0' ''
contains "... is named" '^coverage: core/fastpath.c:2 is not reached, and no reason is given$' "$T/out"
status_is "... is accepted with a reason" 0 report $one '3 4' '1 0' '| `core/fastpath.c` | `go();` | nobody goes |'
status_is "a reason for what is reached" 1 report $one '3 4' '1 1' "$row"
contains "... is named" '^coverage: a reason is given for core/fastpath.c: if \(a\), which is reached or not there$' "$T/out"
for i in 1 2 3 4; do printf 'go(); /* %s */\n' $i; done >core/many.c
many() {
    { printf 'SF:%s/core/many.c\n' "$PWD" && for i in 1 2 3 4; do echo "DA:$i,0"; done; } >trace.info
    for i in $(seq 100); do printf 'SF:%s/core/rest.c\nDA:%s,1\n' "$PWD" "$i"; done >>trace.info
    for i in 1 2 3 4; do printf '| `core/many.c` | `go(); /* %s */` | nobody goes |\n' $i; done >reasons.md
    : >conditions.md
    python3 "$report" trace.info reasons.md conditions.md
}
status_is "too few lines, though each has a reason" 1 many
contains "... the share is named" '^coverage: core: 96.15 % of lines, expected at least 97 %$' "$T/out"
status_is "a wrong command line" 2 python3 "$report" trace.info
done_testing
