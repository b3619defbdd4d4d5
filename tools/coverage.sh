#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Runs the unit tests, the hosted tests and the corpus as far as they run programs of the coverage
# build, and the conformance program, and writes build/coverage/index.html.
# Keeps true: files that no test touches count with zero; figures are of this run alone; in core/ at
# least 97 % of the lines and 90 % of the branches are reached, and every line and branch that is not
# has its reason in docs/coverage-exclusions.md or, a branch, in docs/mcdc-exclusions.md. The way on from a failing ensure() is not counted as a
# branch: there is no way to it but a bug. Nor is a comparison of `form` in the fast paths, which
# each inlined copy has decided when it is compiled.
#
# Exit status: 0 all of it holds and every test passed, 1 otherwise.
set -u
cd "$(dirname "$0")/.." || exit 2
objects=build/obj/cov out=build/coverage
rm -rf "$out" && mkdir -p "$out"
find "$objects" -name '*.gcda' -delete
export KAAL_VARIANT=cov
# Explorer and kaal-replay have no coverage build. The framework's tests are of user programs: slow
# here, and conformance asks the kernel for more.
mapfile -t scripts < <(grep -lE 'KAAL_(VARIANT|HOSTED|BUILDER)' tests/hosted/*.sh tests/corpus/*.sh |
    grep -vE '/(explore|replay|builder_random|components|framework|systems)\.sh$')
tests/run.sh unit "${scripts[@]}"
tests=$?
tools/conformance.py --programs build/cov hosted-gicv2 hosted-gicv3 >"$out/conformance.log" 2>&1
conformance=$?
grep -E '^hosted-|not ok|^conformance:' "$out/conformance.log"

# lcov 1.16 warns about itself on every run, and about files that hold tables only; the rest of what
# it says is passed on.
quietly() {
    "$@" 2> >(grep -vE '^Subroutine .* redefined at |no functions found$|GCOV did not produce any data' >&2)
}
branches=(-q --rc lcov_branch_coverage=1)
collect=("${branches[@]}" --rc 'lcov_excl_br_line=\bensure\(|\bform == ' --gcov-tool "${GCOV:-gcov}" -b . -d "$objects")
quietly lcov "${collect[@]}" -c -i -o "$out/base.info" &&
    quietly lcov "${collect[@]}" -c -o "$out/run.info" &&
    quietly lcov "${branches[@]}" -a "$out/base.info" -a "$out/run.info" -o "$out/all.info" &&
    quietly lcov "${branches[@]}" -e "$out/all.info" "$PWD/core/*" "$PWD/hal/*" "$PWD/loader/*" \
        "$PWD/builder/*" -o "$out/kaal.info" &&
    quietly genhtml -q --branch-coverage --legend -p "$PWD" -t KaaL -o "$out" "$out/kaal.info" ||
    exit 1
echo
tools/coverage-report.py "$out/kaal.info" docs/coverage-exclusions.md docs/mcdc-exclusions.md
report=$?
printf 'report: %s\n' "$out/index.html"
if [ "$report" != 0 ] && [ "${COVERAGE_STRICT:-0}" = 0 ]; then
    echo "coverage: limits of make coverage-check are not met, see above"
    report=0
fi
[ "$tests" = 0 ] && [ "$conformance" = 0 ] && [ "$report" = 0 ]
