#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Damaged inputs by the thousand, see builder_random.py. The builder is the plain one, because its
# address space is bounded.
cd "$(dirname "$0")/../.." || exit 2
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
KAAL_BUILDER=build/kaal-builder
. tests/boot/damage.sh
damage_bases >/dev/null 2>&1 || { echo 'not ok 1 - the inputs are built' && echo 1..1 && exit 1; }
python3 tests/hosted/builder_random.py "$KAAL_BUILDER" "$T" build/loader.elf "$T/damage-k.elf" "$T/damage-a.elf" \
    "$T/damage.dtb" "$T/lz4.img" "${RUNS:-700}"
