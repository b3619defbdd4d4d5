#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The benchmark measures what it says, the same each time, and its tools find growth.
set -u
cd "$(dirname "$0")/../.." || exit 2
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
n=0 failed=0

result() {
    n=$((n + 1))
    [ "$1" = 0 ] || failed=1
    printf '%s %d - %s\n' "$([ "$1" = 0 ] && echo ok || echo 'not ok')" "$n" "$2"
    [ "$1" = 0 ] || sed 's/^/# /' "$T/out" | tail -n 20
}

# expect STATUS REGEX COMMAND...: the command ends so and says a line that matches
expect() {
    local status=$1 regex=$2
    shift 2
    "$@" >"$T/out" 2>&1
    [ $? = "$status" ] && grep -qE -- "$regex" "$T/out"
}

bench=tools/bench/bench.py
group() {
    python3 - "$@" <<'PYTHON'
import sys
sys.path.insert(0, "tools/bench")
import machine
print(machine.make_image("release", " ".join(sys.argv[2:]), name=sys.argv[1], keep=True))
PYTHON
}
boot() {
    timeout 60 tools/qemu.sh "$1" --timeout 50 --cpu cortex-a53,cntfrq=1000000000 -- "${@:2}"
}

domain=$(group test-domain bench.group=domain kaal.domains=2)
boot "$domain" -icount shift=0,sleep=off >"$T/first" 2>&1
boot "$domain" -icount shift=0,sleep=off >"$T/second" 2>&1
cp "$T/first" "$T/out"
grep -q '^row 1 domain_switch_same_as instructions [1-9]' "$T/first" && cmp -s "$T/first" "$T/second"
result $? 'two runs print the same numbers'
expect 2 'found a counter that stands still' boot "$domain"
result $? 'a counter that stands still is refused (no -icount)'
expect 2 'found a counter that stands still' timeout 60 build/release/kaal-hosted --any-kernel "$domain"
result $? 'so is the hosted machine'
closed=$(group test-closed bench.group=domain kaal.el0_pmu=off)
expect 2 'expected access to the PMU at EL0, found fault 3' boot "$closed" -icount shift=0,sleep=off
result $? 'a kernel that keeps the PMU to itself is refused'
unknown=$(group test-group bench.group=nonesuch)
expect 2 'bench.group=nonesuch: expected the name of a group' boot "$unknown" -icount shift=0,sleep=off
result $? 'an unknown group of rows is refused'
rm -f "$domain"* "$closed"* "$unknown"*

# The PMU and the plugin count the same: all but the svc lies in the kernel.
rows='call_len0_other_as replyrecv_len120_same_as signal_low_prio fault_to_handler page_map'
# shellcheck disable=SC2086
tools/bench/profile.py --paths 1 $rows >"$T/out" 2>&1
awk '/ instructions one way$/ { pmu = $2 }
     / times, / { rows++; if ($3 + 1 != pmu) { print "# differ:", pmu, $3; bad = 1 } }
     END { exit bad || rows != 5 }' "$T/out"
result $? 'PMU and plugin count the same instructions in five rows'

row() {
    printf '{"kernel": "K", "rows": [{"name": "a_row", "min": %d, "median": %d, "max": %d}], "shuffled": []}\n' "$1" "$1" "$1"
}
row 100 >"$T/100.json"
row 150 >"$T/150.json"
printf '{' >"$T/broken.json"
expect 0 '^a_row +100 +150 +1.50' $bench compare "$T/100.json" "$T/150.json"
result $? 'compare shows the ratio'
expect 66 'none.json: expected a result of make bench' $bench compare "$T/100.json" "$T/none.json"
result $? 'a missing file is one sentence, status 66'
expect 66 'broken.json: expected JSON' $bench compare "$T/100.json" "$T/broken.json"
result $? 'so is a damaged one'
expect 0 '0 complaints' $bench check --table "$T/150.json" --measured "$T/100.json"
result $? 'check accepts a row that costs less'
expect 1 '^a_row: median 150, .* says 100' $bench check --table "$T/100.json" --measured "$T/150.json"
result $? 'check refuses a row that has grown'
sed s/a_row/b_row/ "$T/100.json" >"$T/other.json"
expect 1 '^a_row: in .*, but not measured' $bench check --table "$T/100.json" --measured "$T/other.json"
result $? 'check refuses a row that is missing'
printf '1..%d\n' "$n"
exit "$failed"
