#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Bytes of code and data of the programs given. The release kernel has limits: what stays after boot
# may have 64 KiB of text and read-only data, 96 KiB of data and bss; above one of them: status 1.
# usage: tools/size.sh CROSS-PREFIX RELEASE-KERNEL PROGRAM...
set -eu
cross=$1 kernel=$2
shift 2
"${cross}size" "$kernel" "$@"

section() { # bytes of one section of the kernel, 0 when it has none
    "${cross}size" -A -d "$kernel" | awk -v name="$1" '$1 == name { n = $2 } END { print n + 0 }'
}
status=0
limit() { # limit WHAT BYTES MOST
    printf '%-40s %6d of %6d bytes\n' "$1" "$2" "$3"
    if [ "$2" -gt "$3" ]; then
        echo "size: $kernel: $1: expected at most $3 bytes, found $2"
        status=1
    fi
}
echo
limit "release kernel, text + rodata" $(($(section .text) + $(section .rodata) + $(section .note.kaal))) 65536
limit "release kernel, data + bss" $(($(section .data) + $(section .bss))) 98304
exit $status
