#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The conformance program in its default configuration, sanitized hosted machine and QEMU: every line
# passes on both, in the same order, and every row of the interface is accounted for. All
# configurations and both interrupt controllers: make conformance.
. "$(dirname "$0")/../tap.sh"
image=${KAAL_CONFORMANCE:-build/conformance-image.elf}

lines() { tr -d '\r' <"$1" | grep -E '^(not )?ok [0-9]|^1\.\.'; }

status_is "the conformance program passes in the hosted machine" 0 "$KAAL_HOSTED" --timeout 110 "$image"
lines "$T/out" >"$T/hosted"
contains "the hosted machine ran at least 400 cases" '^1\.\.([4-9][0-9]{2}|[0-9]{4,})$' "$T/hosted"
status_is "the conformance program passes in QEMU" 0 tools/qemu.sh "$image" --timeout 110 -- \
    -icount shift=0,sleep=off
lines "$T/out" >"$T/qemu"
check "both machines print the same lines" cmp "$T/hosted" "$T/qemu"
check "no line fails" bash -c "! grep '^not ok' '$T/hosted' '$T/qemu'"
check "every row that a case names exists, every other row has a reason" tools/conformance.py --rows-only
done_testing
