#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Damaged images of tests/boot/damage.txt are refused by the hosted machine and by the loader in QEMU,
# with the same sentence and status, and no kernel is entered. In QEMU every third of them is tried,
# each with DAMAGE=all (make full).
. "$(dirname "$0")/../tap.sh"
. tests/boot/damage.sh
check "images to damage are built" damage_bases

# loader WHAT STATUS REGEX IMAGE
loader() {
    status_is "loader, $1: status $2" "$2" timeout 30 qemu-system-aarch64 -display none -serial stdio -monitor none \
        -nodefaults -machine virt,gic-version=2 -cpu cortex-a53 -m 128M -semihosting-config enable=on,target=native -kernel "$4"
    contains "loader, $1: says why" "$3" "$T/out"
    check "loader, $1: the kernel was not entered" bash -c "! grep -qE 'jumping to kernel|^CurrentEL' $T/out"
}
hosted() {
    status_is "hosted, $1: status $2" "$2" "$KAAL_HOSTED" --any-kernel "$4"
    contains "hosted, $1: says why" "^kaal-hosted: .*$3" "$T/out"
}

for good in plain lz4 zstd signed tree; do
    status_is "the $good image boots" 0 timeout 30 qemu-system-aarch64 -display none -serial stdio -monitor none \
        -nodefaults -machine virt,gic-version=2 -cpu cortex-a53 -m 128M -semihosting-config enable=on,target=native -kernel "$T/$good.img"
done
n=0
while IFS='|' read -r from what regex edits; do
    eval "edits=($edits)"
    what=$(sed 's/^ //; s/ $//' <<<"$what")
    python3 tests/hosted/image_edit.py "$T/${from% }.img" "$T/bad.img" "${edits[@]}"
    regex=$(sed 's/^ //; s/ $//' <<<"$regex")
    hosted "$what (${from% })" 2 "$regex" "$T/bad.img"
    if [ "${DAMAGE:-}" = all ] || [ $((n++ % 3)) = 0 ]; then
        loader "$what (${from% })" 2 "$regex" "$T/bad.img"
    fi
done < <(grep -v '^#' tests/boot/damage.txt)
check "at least 60 images were tried" test "$(grep -vc '^#' tests/boot/damage.txt)" -ge 60
done_testing
