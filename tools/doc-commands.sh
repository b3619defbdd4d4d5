#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Runs the commands that the documentation shows and reports each block as one TAP case.
# Keeps true: a reader may copy any block that opens with "```sh ci" (run by `make test`) or
# "```sh ci-long" (run by `make full`); it ends with status 0 from the tree's root. A line
# "<!-- expect: REGEX -->" right after a block asks for a line in its output.
#
#   tools/doc-commands.sh [short|long] [FILE...]      default: short, all pages
set -u
cd "$(dirname "$0")/.." || exit 2
case ${1:-short} in
short) mark=ci limit=120 ;;
long) mark=ci-long limit=1200 ;;
*) echo "doc-commands.sh: expected short or long, found '$1'" >&2 && exit 2 ;;
esac
[ $# -gt 0 ] || set -- short
unset MAKEFLAGS MAKELEVEL MFLAGS MAKEOVERRIDES
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
n=0 failed=0

# Writes $T/N.sh, and $T/N.expect and $T/N.name beside it, for every marked block.
shift
[ $# -gt 0 ] || set -- README.md components/README.md docs/*.md docs/*/*.md
for f in "$@"; do
    [ -f "$f" ] || continue
    awk -v mark="$mark" -v dir="$T" -v file="$f" -v n="$(find "$T" -name '*.sh' | wc -l)" '
        $0 == "```sh " mark { n++; inside = 1; out = dir "/" n ".sh"; printf "" >out
                              print file ":" FNR >(dir "/" n ".name"); next }
        inside && /^```/ { inside = 0; close(out); last = n; next }
        inside { print >out; next }
        last && /^<!-- expect: .* -->$/ { sub(/^<!-- expect: /, ""); sub(/ -->$/, "")
                                         print >(dir "/" last ".expect") }
        !/^$/ { last = 0 }' "$f"
done
for i in $(seq "$(find "$T" -name '*.sh' | wc -l)"); do
    n=$((n + 1)) rc=0
    env -u CMOCKA_MESSAGE_OUTPUT timeout -k 5 "$limit" bash -e -o pipefail "$T/$i.sh" >"$T/out" 2>&1 </dev/null || rc=$?
    [ "$rc" != 0 ] || [ ! -f "$T/$i.expect" ] || grep -qE -f "$T/$i.expect" "$T/out" || rc=expected-line
    what="$(cat "$T/$i.name"): $(head -n 1 "$T/$i.sh")"
    if [ "$rc" = 0 ]; then
        printf 'ok %d - %s\n' "$n" "$what"
    else
        printf 'not ok %d - %s (%s)\n' "$n" "$what" "$rc"
        tail -n 15 "$T/out" | sed 's/^/# /'
        failed=1
    fi
done
printf '1..%d\n' "$n"
exit "$failed"
