#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Broker, memory manager and spawn in a test root task, on the hosted machine under the sanitizers.
. "$(dirname "$0")/../tap.sh"
status_is "the framework's libraries pass in the hosted machine" 0 "$KAAL_HOSTED" --timeout 300 build/framework-image.elf
tr -d '\r' <"$T/out" | grep -aE '^(not )?ok [0-9]|^#' >"$T/lines"
check "at least 20 cases ran" test "$(grep -c '^ok' "$T/lines")" -ge 20
check "no case fails" bash -c "! grep -a '^not ok' '$T/lines'"
done_testing
