#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Both debugger commands stop where they are told, with names and source lines.
. "$(dirname "$0")/../tap.sh"

debug() {
    GDB_CMD=$1 timeout -k 5 100 "${@:2}"
}
qemu=(tools/gdb.sh qemu "$KAAL_IMAGE")

entry=$(aarch64-linux-gnu-readelf -h build/aarch64/debug/kernel.elf | sed -n 's/.*Entry point address: *//p')
status_is "gdb on QEMU runs loader, kernel and root task" 0 debug \
    "-ex 'break *$entry' -ex 'break core_boot' -ex 'break main' -ex continue -ex 'info registers pc' -ex continue -ex bt -ex continue -ex bt" \
    "${qemu[@]}"
contains "it stops at the kernel's entry point" "^pc +$entry" "$T/out"
contains "it stops in core_boot and shows the source line" '^#0 .*core_boot .*core/[a-z_]+\.c:[0-9]+' "$T/out"
status_is "gdb on QEMU finds the loader where the image puts it" 0 debug \
    "-ex 'break image_parse' -ex continue -ex bt" "${qemu[@]}"
contains "it stops in image_parse and shows the source line" '^#0 .*image_parse .*loader/image.c:[0-9]+' "$T/out"
contains "the backtrace goes on to the loader's caller" '^#1 .*loader/[a-z_]+\.c:[0-9]+' "$T/out"
status_is "gdb on the hosted machine runs the kernel" 0 debug \
    "-ex 'break core_enter' -ex run -ex bt" tools/gdb.sh hosted build/kaal-hosted "$KAAL_IMAGE"
contains "it stops in core_enter and shows the source line" '^#0 .*core_enter .*core/[a-z_]+\.c:[0-9]+' "$T/out"
done_testing
