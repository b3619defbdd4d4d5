#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# kaal-hosted as a program: options, repeatability, and one sentence with a stable status for
# everything that is wrong (statuses: kaal-hosted --help).
. "$(dirname "$0")/../tap.sh"

# refused WHAT STATUS REGEX ARG...: this status, and exactly one sentence that matches.
refused() {
    local what=$1 status=$2 regex=$3
    shift 3
    timeout -k 5 60 "$KAAL_HOSTED" "$@" >"$T/out" 2>"$T/err" </dev/null
    equals "$what: status" "$status" "$?"
    contains "$what: sentence" "^kaal-hosted: .*$regex" "$T/err"
    equals "$what: nothing else on standard error" 1 "$(wc -l <"$T/err")"
}

# ---- repeatability ----
for i in 1 2; do
    "$KAAL_HOSTED" --state-hash "$KAAL_IMAGE" >"$T/run$i" 2>&1
done
check "two runs give the same output and the same final state" cmp "$T/run1" "$T/run2"
contains "the state hash is printed" '^state hash [0-9a-f]{32} after [0-9]+ instructions$' "$T/run1"
"$KAAL_HOSTED" --state-hash --append kaal.tick_us=1000 "$KAAL_IMAGE" >"$T/run3" 2>&1
other=$(grep '^state hash' "$T/run3")
check "another boot option gives another state" [ "$other" != "$(grep '^state hash' "$T/run1")" ]

# ---- options ----
status_is "--until stops with status 0" 0 "$KAAL_HOSTED" --until 'hello from .*space' "$KAAL_IMAGE"
check "... at that line" sh -c "! grep -q 'all is well' $T/out"
status_is "--trace runs to the same end" 0 "$KAAL_HOSTED" --trace "$KAAL_IMAGE"
contains "--trace names the method" ' Call 0x[0-9a-f]+ \(Untyped\) Untyped_Retype label 1 length 6 ' "$T/out"
contains "--trace names the fault" '"third thread" .*0x20000000.*VMFault' "$T/out"
status_is "--version" 0 "$KAAL_HOSTED" --version
status_is "--help" 0 "$KAAL_HOSTED" --help
status_is "GICv3 in the device tree" 0 "$KAAL_HOSTED" --gic 3 "$KAAL_IMAGE"
for size in 128M 1G 4G 64G; do
    status_is "$size of memory" 0 "$KAAL_HOSTED" --memory "$size" "$KAAL_IMAGE"
done
"$KAAL_HOSTED" --dump-dtb "$T/own.dtb"
status_is "the device tree from a file" 0 "$KAAL_HOSTED" --dtb "$T/own.dtb" "$KAAL_IMAGE"
refused "--budget" 69 "budget" --budget 1000 "$KAAL_IMAGE"
refused "--until that never matches" 73 "before --until" --until 'no such line' "$KAAL_IMAGE"

# ---- command line ----
refused "no image" 64 "expected one image, found 0"
refused "two images" 64 "expected one image, found 2" a b
refused "unknown option" 64 '"--what": expected a known one' --what "$KAAL_IMAGE"
refused "memory of no size" 64 '--memory: expected a number' --memory much "$KAAL_IMAGE"
refused "memory of half a page" 64 '--memory: expected whole pages' --memory 1048577 "$KAAL_IMAGE"
refused "a fault of no device" 64 '--inject: expected DEVICE:FAULT@NUMBER' --inject uart:fire@1 "$KAAL_IMAGE"
refused "input from nowhere" 65 "$T/none: No such file" --console-input "$T/none" "$KAAL_IMAGE"
refused "input without end" 65 'size: expected less than 1 MiB' --console-input /dev/zero "$KAAL_IMAGE"
refused "bad regex" 64 '--until: expected an extended regular expression' --until '(' "$KAAL_IMAGE"

# ---- files ----
status_is "a console that is full" 65 bash -c '"$1" "$2" >/dev/full' _ "$KAAL_HOSTED" "$KAAL_IMAGE"
contains "... which is said" '^kaal-hosted: standard output: ' "$T/out"
refused "missing image" 65 "$T/none: No such file" "$T/none"
refused "a directory as image" 65 'cannot be read' "$T"
refused "an image without end" 65 'size: expected at most 1 GiB' /dev/zero
refused "a device tree without end" 65 'size: expected at most 1 GiB' --dtb /dev/zero "$KAAL_IMAGE"
: >"$T/empty"
refused "empty image" 2 "$T/empty: " "$T/empty"
head -c 5000 "$KAAL_IMAGE" >"$T/short"
refused "truncated image" 2 "$T/short: ELF segment [01]: offset: expected .*inside the file" "$T/short"
head -c -1 "$KAAL_IMAGE" >"$T/short"
refused "an image without its last byte" 2 "$T/short: ELF segment [01]: offset: expected .*inside the file" "$T/short"
refused "another machine's ELF" 2 'machine' "$KAAL_HOSTED"
refused "a loader without payload" 1 'Payload not initialized' build/loader.elf
python3 - "$KAAL_IMAGE" "$T/flipped" <<'P'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[data.index(b"hello from")] ^= 1
open(sys.argv[2], "wb").write(data)
P
refused "a flipped bit in the root task" 2 'SHA-256' "$T/flipped"
refused "too little memory" 4 'RAM too small' --memory 2M "$KAAL_IMAGE"
refused "boot option that does not exist" 103 'kaal.nonsense' --append kaal.nonsense=1 "$KAAL_IMAGE"

# ---- --explain: the ring of refusals and faults, though the log was quiet ----
"$KAAL_BUILDER" --loader build/loader.elf --kernel build/aarch64/debug/kernel.elf --app build/random.elf \
    --patch random_steps=2000 --bootargs kaal.log=quiet --out "$T/random.elf" 2>"$T/err"
"$KAAL_HOSTED" --explain "$T/random.elf" 2>&1 | tr -d '\r' >"$T/explained"
contains "--explain: refused calls as sentences" '^("[a-z 0-9]+"|thread 0x[0-9a-f]+): [A-Za-z]+_[A-Za-z]+: .+ \([A-Z][A-Za-z]+\)$' "$T/explained"
contains "--explain: faults" ': CapFault: no usable cap at cptr 0x[0-9a-f]+$' "$T/explained"
contains "--explain: how many are not kept" '^\([0-9]+ earlier refusals are not kept\)$' "$T/explained"
"$KAAL_HOSTED" "$T/random.elf" 2>&1 | tr -d '\r' >"$T/unexplained"
check "without --explain nothing is said" sh -c "! grep -qE 'earlier refusals|Fault: no|occupied' $T/unexplained"

dtc -q -I dtb -O dts "$T/own.dtb" >"$T/own.dts"
# memory REG OUT: the tree with another memory node
memory() {
    sed "s/reg = <0x00 0x40000000 0x00 0x20000000>/reg = <$1>/" "$T/own.dts" | dtc -q -O dtb -o "$2"
}
memory '0 0x40000000 0 0x3001000 0 0x50000000 0 0x100000 1 0 0 0x40000000' "$T/holes.dtb"
status_is "memory in ragged pieces" 0 "$KAAL_HOSTED" --dtb "$T/holes.dtb" "$KAAL_IMAGE"
memory '0 0x40000000 0 0x20000000 0x200 0 0 0x40000000' "$T/far.dtb"
refused "memory that no address reaches" 68 'memory: expected it below' --dtb "$T/far.dtb" "$KAAL_IMAGE"
memory '0 0x48000000 0 0x20000000' "$T/other.dtb"
refused "memory elsewhere" 4 'does not start in RAM' --dtb "$T/other.dtb" "$KAAL_IMAGE"
head -c 100 "$T/own.dtb" >"$T/short.dtb"
refused "truncated device tree" 3 "$T/short.dtb: " --dtb "$T/short.dtb" "$KAAL_IMAGE"
refused "something else as device tree" 3 "$T/empty: " --dtb "$T/empty" "$KAAL_IMAGE"

# ---- kernels that are not this program's ----
# rebuild FIELD OUT: an image whose kernel has another `owner` or `build_id` in its note, which is
# "KaaL", padded to eight bytes, and struct kernel_note (loader/kernel_note.h)
rebuild() {
    python3 - build/aarch64/debug/kernel.elf "$T/kernel.elf" "$1" <<'P'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
owner = data.index(b"\x05\0\0\0\x78\0\0\0\x01\0\0\0KaaL\0") + 12
data[owner + {"owner": 0, "build_id": 8 + 88}[sys.argv[3]]] ^= 1
open(sys.argv[2], "wb").write(data)
P
    "$KAAL_BUILDER" --loader build/loader.elf --kernel "$T/kernel.elf" --app build/selftest.elf --out "$2"
}
rebuild build_id "$T/other.elf"
refused "a kernel of other sources" 66 'expected the build id of this' "$T/other.elf"
status_is "--any-kernel runs its root task all the same" 0 "$KAAL_HOSTED" --any-kernel "$T/other.elf"
rebuild owner "$T/foreign.elf"
refused "a foreign kernel" 66 'found a foreign one' "$T/foreign.elf"
done_testing
