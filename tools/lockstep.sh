#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Every lockstep comparison (`make lockstep`): root task, random programs, conformance suites.
# Keeps true: one line per comparison, all are made, the status is 0 only if all are equal.
#
#   tools/lockstep.sh [SEEDS]      number of random programs, default 4
set -u
cd "$(dirname "$0")/.." || exit 2
seeds=${1:-4}
[[ $seeds =~ ^[1-9][0-9]{0,3}$ ]] || {
    printf 'lockstep.sh: seeds: expected a number from 1 to 9999, found "%s"\n' "$seeds" >&2
    exit 64
}
failed=0

compare() {
    tools/lockstep.py "$@" || failed=$((failed + 1))
}

compare build/selftest.elf --every 100
for ((seed = 1; seed <= seeds; seed++)); do
    compare build/random.elf --name "random program $seed" --gic $((2 + seed % 2)) --least 100000 \
        --patch random_seed="$seed" --patch random_steps=60000
done

# Suites in the order of main.c, without the cases whose course is not theirs alone (left_out()).
number=0
for suite in $(sed -n '/suites\[\] = {/,/};/s/suite_/\n&/gp' tests/conformance/main.c | sed -n 's/^suite_\([a-z_]*\).*/\1/p'); do
    number=$((number + 1))
    compare build/conformance.elf --name "conformance $suite" --bootargs kaal.max_irq=159 \
        --patch conformance_only=$number --patch conformance_without_clock=1
done
[ "$failed" = 0 ] && exit 0
printf 'lockstep: %d comparisons failed\n' "$failed" >&2
exit 1
