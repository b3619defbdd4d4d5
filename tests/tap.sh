# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# To be sourced by test scripts: counts cases and prints TAP.
# Keeps true: scripts run from the tree's root; each has a scratch directory $T that is removed at the
# end; the plan is printed last and the status is non-zero when a case failed.
#
#   . tests/tap.sh
#   check "what should hold" COMMAND ARG...        ok when COMMAND succeeds; $T/out stays
#   equals "what" EXPECTED FOUND                   ok when the two strings are equal
#   status_is "what" STATUS COMMAND ARG...         ok when COMMAND (120 s at most, or a function)
#                                                  ends with STATUS; its output is in $T/out
#   contains "what" REGEX FILE                     ok when a line of FILE matches (grep -E)
#   skip "what" "why"
#   done_testing
#
# Programs under test come from the environment, so that another build can be tested by the same
# scripts: KAAL_VARIANT (their instrumentation: san by default, or cov), KAAL_HOSTED, KAAL_BUILDER,
# KAAL_IMAGE.
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
KAAL_VARIANT=${KAAL_VARIANT:-san}
KAAL_HOSTED=${KAAL_HOSTED:-build/$KAAL_VARIANT/kaal-hosted}
KAAL_BUILDER=${KAAL_BUILDER:-build/$KAAL_VARIANT/kaal-builder}
KAAL_IMAGE=${KAAL_IMAGE:-build/bootimage.elf}
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
tap_n=0 tap_failed=0

tap_result() {
    tap_n=$((tap_n + 1))
    if [ "$1" = 0 ]; then
        printf 'ok %d - %s\n' "$tap_n" "$2"
    else
        printf 'not ok %d - %s\n' "$tap_n" "$2"
        tap_failed=$((tap_failed + 1))
    fi
}

tap_show() {
    sed 's/^/# /' "$1" 2>&1 | head -n 20
}

check() {
    local what=$1 rc
    shift
    "$@" >"$T/check" 2>&1 </dev/null
    rc=$?
    tap_result "$rc" "$what"
    [ "$rc" = 0 ] || { printf '# status %d: %s\n' "$rc" "$*" && tap_show "$T/check"; }
}

equals() {
    [ "$2" = "$3" ]
    tap_result $? "$1"
    [ "$2" = "$3" ] || printf '# expected: %s\n# found:    %s\n' "$2" "$3"
}

status_is() {
    local what=$1 expected=$2 rc
    shift 2
    local within=(timeout -k 5 120)
    [ "$(type -t "$1")" != function ] || within=()
    "${within[@]}" "$@" >"$T/out" 2>&1 </dev/null
    rc=$?
    [ "$rc" = "$expected" ]
    tap_result $? "$what"
    [ "$rc" = "$expected" ] || { printf '# expected status %s, found %s: %s\n' "$expected" "$rc" "$*" && tap_show "$T/out"; }
}

contains() {
    local rc
    grep -qsE -- "$2" "$3"
    rc=$?
    tap_result "$rc" "$1"
    [ "$rc" = 0 ] || { printf '# no line matches %s in:\n' "$2" && tap_show "$3"; }
}

skip() {
    tap_n=$((tap_n + 1))
    printf 'ok %d - %s # SKIP %s\n' "$tap_n" "$1" "$2"
}

done_testing() {
    printf '1..%d\n' "$tap_n"
    [ "$tap_failed" = 0 ]
    exit
}
