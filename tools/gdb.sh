#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Debugger on either machine.
# Keeps true: the machine waits before its first instruction until the debugger is attached; symbols
# of loader, kernel and root task are all there, the loader's at the place where the image puts it;
# the machine ends with the debugger, and an interrupt typed at the debugger does not end it.
#
#   tools/gdb.sh qemu IMAGE [LOADER KERNEL ROOTTASK]    without them, as IMAGE.debug.json says
#   tools/gdb.sh hosted PROGRAM IMAGE
#   GDB_CMD="-ex 'break core_boot' -ex continue -ex bt"    batch mode, ends after these
#
# Exit status: gdb's; 2 for a wrong command line.
set -u
gdb=(gdb-multiarch -q -nx -iex 'set auto-load off' -iex 'set confirm off' -iex 'set pagination off')
batch=()
if [ -n "${GDB_CMD:-}" ]; then
    gdb+=(--batch)
    eval "batch=($GDB_CMD)"
fi

# Entry address of an ELF file, as a number.
entry() {
    echo $(("$(od -An -tu8 -j24 -N8 "$1")"))
}

# The symbol files that the builder noted beside the image.
noted() {
    python3 -c 'import json, sys
for f in json.load(open(sys.argv[1] + ".debug.json"))["files"]: print(f["file"])' "$1"
}
if [ "${1:-}" = qemu ] && [ $# = 2 ]; then
    [ -r "$2.debug.json" ] || { echo "gdb.sh: $2.debug.json: expected a readable file, found none" >&2 && exit 2; }
    mapfile -t files < <(noted "$2")
    set -- qemu "$2" "${files[@]}"
fi
for file in "${@:2}"; do
    [ -r "$file" ] || { echo "gdb.sh: $file: expected a readable file, found none" >&2 && exit 2; }
done
case ${1:-} in
hosted)
    [ $# = 3 ] || { echo 'usage: gdb.sh hosted PROGRAM IMAGE' >&2 && exit 2; }
    ASAN_OPTIONS=detect_leaks=0 exec "${gdb[@]}" "${batch[@]}" --args "$2" "$3"
    ;;
qemu)
    [ $# = 5 ] || { echo 'usage: gdb.sh qemu IMAGE [LOADER KERNEL ROOTTASK]' >&2 && exit 2; }
    image=$2 loader=$3 kernel=$4 roottask=$5
    T=$(mktemp -d)
    setsid tools/qemu.sh "$image" -- -S -gdb "unix:$T/gdb,server=on,wait=off" &
    machine=$!
    trap 'kill "$machine" 2>/dev/null; wait "$machine" 2>/dev/null; rm -rf "$T"' EXIT
    for _ in $(seq 100); do
        [ -S "$T/gdb" ] && break
        sleep 0.05
    done
    [ -S "$T/gdb" ] || { echo 'gdb.sh: QEMU did not start' >&2 && exit 1; }
    # a flat image has no entry of its own: QEMU loads it where the loader is linked
    offset=0
    [ "$(head -c 4 "$image" | tail -c 3)" != ELF ] || offset=$(($(entry "$image") - $(entry "$loader")))
    "${gdb[@]}" -ex 'set architecture aarch64' -ex "file $kernel" \
        -ex "add-symbol-file $loader -o $offset" -ex "add-symbol-file $roottask" \
        -ex "target remote $T/gdb" "${batch[@]}"
    ;;
*)
    echo "gdb.sh: expected qemu or hosted, found '${1:-}'" >&2
    exit 2
    ;;
esac
