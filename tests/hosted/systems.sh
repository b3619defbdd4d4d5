#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Systems of components: every kind of fault is told in words, the restart policy is kept, and what
# a person sees is the same on both machines (tests/qemu/systems.sh).
. "$(dirname "$0")/../tap.sh"
. tests/systems.sh

boot() {
    timeout -k 5 120 "$KAAL_HOSTED" "$1" </dev/null
}
type_at() {
    timeout -k 5 120 "$KAAL_HOSTED" --console-input "$2" "$1" </dev/null
}
check_systems
check_tester ipc 20
check_tester deadline 11
check_chaos
contains "calls were broken on the way" "[1-9][0-9]* broken calls" "$T/chaos"
check_terminal
done_testing
