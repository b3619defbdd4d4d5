#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The hosted machine's device tree is QEMU's, node by node and property by property; only the seeds,
# random in QEMU, are zero. Packed (what the loader passes on) it has the same size.
. "$(dirname "$0")/../tap.sh"

# The tree of $1 as text; random seeds reduced to their length.
words() {
    dtc -q -I dtb -O dts "$1" | sed -E '/(rng|kaslr)-seed/ s/0x[0-9a-f]+/0/g'
}

for gic in 2 3; do
    for size in 128M 512M 1G 4G; do
        qemu-system-aarch64 -display none -nodefaults \
            -machine "virt,gic-version=$gic,dumpdtb=$T/qemu.dtb,memory-backend=m" -cpu cortex-a53 \
            -object "memory-backend-ram,id=m,size=$size,reserve=off" -m "$size" >/dev/null 2>&1
        "$KAAL_HOSTED" --gic "$gic" --memory "$size" --dump-dtb "$T/hosted.dtb"
        words "$T/qemu.dtb" >"$T/qemu.dts"
        words "$T/hosted.dtb" >"$T/hosted.dts"
        check "GICv$gic, $size: the tree is QEMU's" diff "$T/qemu.dts" "$T/hosted.dts"
        check "GICv$gic, $size: and not empty" grep -q 'pl011@9000000' "$T/qemu.dts"
        for side in qemu hosted; do
            dtc -q -I dtb -O dtb -o "$T/$side.packed" "$T/$side.dtb"
        done
        equals "GICv$gic, $size: packed, it is as large" "$(stat -c %s "$T/qemu.packed")" \
            "$(stat -c %s "$T/hosted.packed")"
    done
done
done_testing
