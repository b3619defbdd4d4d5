#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# each sentence of an invariant has a damage in test_core_invariants*.c that makes it fire
. "$(dirname "$0")/common.sh"
tests=$(tracked 'tests/unit/test_core_invariants*.c' | tr '\n' ' ')
[ -n "$tests" ] || verdict
known=$(cat $tests | tr -s '\n ' ' ')
violations < <(grep -hozP 'walk_expect\([^;]*?"[^"]*"' core/invariants*.c | tr '\n' ' ' | tr '\0' '\n' |
    sed 's/.*"\(.*\)"$/\1/' | sort -u | while IFS= read -r sentence; do
    grep -qF "\"$sentence\"" <<<"$known" || printf '%s: no damage is reported as "%s"\n' "$tests" "$sentence"
done)
verdict
