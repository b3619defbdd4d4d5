#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# each fault of proofs/mutants.txt and contradiction of proofs/contradictions.txt finds its text; frama-c, where it is installed, reads each unit of proofs/units.txt
. "$(dirname "$0")/common.sh"
[ -f proofs/units.txt ] || verdict
tools=$(cd "$(dirname "$0")/.." && pwd)
violations < <(python3 -B "$tools/prove-mutants.py" --find)
command -v frama-c >/dev/null && violations < <(python3 -B "$tools/prove.py" --read)
verdict
