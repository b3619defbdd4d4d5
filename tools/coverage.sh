#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Runs the hosted tests on the coverage build and writes build/coverage/index.html.
# Keeps true: files that no test touches count with zero; figures are of this run alone.
set -u
cd "$(dirname "$0")/.." || exit 2
objects=build/obj/cov out=build/coverage
rm -rf "$out" && mkdir -p "$out"
find "$objects" -name '*.gcda' -delete
UNIT_DIR=build/cov/unit KAAL_HOSTED=build/cov/kaal-hosted KAAL_BUILDER=build/cov/kaal-builder \
    tests/run.sh hosted corpus
tests=$?
# lcov 1.16 warns about itself on every run, and about files that hold tables only; the rest of what
# it says is passed on.
quietly() {
    "$@" 2> >(grep -vE '^Subroutine .* redefined at |no functions found$|GCOV did not produce any data' >&2)
}
branches=(-q --rc lcov_branch_coverage=1)
collect=("${branches[@]}" --gcov-tool "${GCOV:-gcov}" -b . -d "$objects")
quietly lcov "${collect[@]}" -c -i -o "$out/base.info" &&
    quietly lcov "${collect[@]}" -c -o "$out/run.info" &&
    quietly lcov "${branches[@]}" -a "$out/base.info" -a "$out/run.info" -o "$out/all.info" &&
    quietly lcov "${branches[@]}" -e "$out/all.info" "$PWD/core/*" "$PWD/hal/*" "$PWD/loader/*" \
        "$PWD/builder/*" -o "$out/kaal.info" &&
    quietly genhtml -q --branch-coverage --legend -p "$PWD" -t KaaL -o "$out" "$out/kaal.info" ||
    exit 1
echo
awk -v top="$PWD/" '
    /^SF:/ { f = substr($0, 4); sub(top, "", f); sub("/.*", "", f); seen[f] = 1 }
    /^LF:/ { lf[f] += substr($0, 4) } /^LH:/ { lh[f] += substr($0, 4) }
    /^BRF:/ { bf[f] += substr($0, 5) } /^BRH:/ { bh[f] += substr($0, 5) }
    END {
        printf "%-10s %16s %18s\n", "folder", "lines", "branches"
        for (f in seen)
            printf "%-10s %5d/%-5d %5.1f%% %6d/%-5d %5.1f%%\n", f, lh[f], lf[f],
                lf[f] ? 100 * lh[f] / lf[f] : 100, bh[f], bf[f], bf[f] ? 100 * bh[f] / bf[f] : 100
    }' "$out/kaal.info"
printf 'report: %s\n' "$out/index.html"
exit "$tests"
