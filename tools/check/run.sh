#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Runs every source check of this folder over the tree and reports each as one TAP case.
set -u
cd "$(dirname "$0")/../.." || exit 2
n=0 failed=0
for script in tools/check/*.sh; do
    case $script in */run.sh | */selftest.sh | */common.sh) continue ;; esac
    n=$((n + 1))
    what=$(sed -n '4s/^# //p' "$script")
    if out=$("$script" 2>&1); then
        printf 'ok %d - %s: %s\n' "$n" "$(basename "$script" .sh)" "$what"
    else
        printf 'not ok %d - %s: %s\n' "$n" "$(basename "$script" .sh)" "$what"
        sed 's/^/# /' <<<"$out" | head -n 40
        failed=1
    fi
done
printf '1..%d\n' "$n"
exit "$failed"
