#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# each mutant by hand (tests/mutation/by-hand.txt) finds its lines once in its file
. "$(dirname "$0")/common.sh"
[ -f tests/mutation/by-hand.txt ] || verdict
violations < <(python3 -B - "$(dirname "$0")/../mutation" <<'PY'
import pathlib
import sys

sys.path.insert(0, sys.argv[1])
import by_hand

try:
    by_hand.read(pathlib.Path("."))
except by_hand.Unfit as why:
    print(why)
PY
)
verdict
