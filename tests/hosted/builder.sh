#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# kaal-builder's answers: a good image, the same bytes again, and one sentence with its status for
# each bad input. Programs are small ones of tests/qemu/, damaged by tests/hosted/elf_damage.py.
. "$(dirname "$0")/../tap.sh"

LINK="${CROSS:-aarch64-linux-gnu-}gcc -nostdlib -static -Wl,--build-id=none,-z,max-page-size=4096,--no-warn-rwx-segments"
L=build/loader.elf K=$T/kernel.elf A=$T/app.elf O=$T/out.elf

build() {
    "$KAAL_BUILDER" --loader "$L" --kernel "$K" --app "$A" --out "$O" --compress none "$@"
}

# refused NAME STATUS REGEX COMMAND...: the status, one sentence that matches, and no output file
refused() {
    local what=$1 status=$2 regex=$3
    shift 3
    rm -f "$O"*
    status_is "$what: status $status" "$status" "$@"
    contains "$what: says why" "$regex" "$T/out"
    equals "$what: one line, no output file" "1 none" "$(wc -l <"$T/out") $(ls "$O"* 2>/dev/null || echo none)"
}

# damaged FILE OFFSET SIZE VALUE > copy with that number put in
damaged() {
    python3 tests/hosted/elf_damage.py "$@"
}

check "test programs link" bash -c "
    $LINK -no-pie -Wl,-T,tests/qemu/testkernel.ld tests/qemu/testkernel.S -o $K &&
    $LINK -no-pie -Wl,-T,tests/qemu/testkernel.ld tests/qemu/testkernel.S tests/qemu/testnote.S -o $T/movable.elf &&
    $LINK -no-pie -Wl,-T,tests/qemu/testapp.ld tests/qemu/testapp.S -o $A"

status_is "builds an image" 0 build
equals "an image is built without a word" "" "$(cat "$T/out")"
for form in none lz4 zstd; do
    status_is "builds an image, $form" 0 build --compress "$form"
    cp "$O" "$T/first.elf"
    status_is "builds it again, in another place and time zone, $form" 0 env TZ=Asia/Tokyo LC_ALL=C bash -c "
        umask 077; cp $K $T/k2; cp $A $T/a2
        $KAAL_BUILDER --loader $L --kernel $T/k2 --app $T/a2 --compress $form --out $T/second.elf"
    check "same inputs, same bytes, $form" cmp "$T/first.elf" "$T/second.elf"
done
status_is "--patch changes a 64-bit and a 32-bit variable" 0 build --patch word64=0xfeedfacecafebeef --patch word32=0x01020304
equals "the words are in the image, little endian" "1" \
    "$(od -An -v -tx1 "$O" | tr -d ' \n' | grep -c efbefecacefaedfe04030201)"
status_is "--bootargs is taken" 0 build --bootargs "kaal.debug_calls=1"
check "the boot arguments are in the image" grep -q 'kaal.debug_calls=1' "$O"
status_is "--kernel-paddr with the linked value is taken" 0 build --kernel-paddr 0x40000000
status_is "a kernel whose note allows it is moved" 0 build --kernel "$T/movable.elf" --kernel-paddr 0x48000000
status_is "--help" 0 "$KAAL_BUILDER" --help
contains "--help explains the exit status" '^Exit status: 0 written, 1 usage' "$T/out"

# command line
refused "no --app" 1 '^kaal-builder: error: --app FILE is missing' "$KAAL_BUILDER" --loader "$L" --kernel "$K" --out "$O"
refused "unknown option" 1 'unknown option "--nap"' build --nap x
refused "option without a value" 1 '--bootargs: expected' build --bootargs
refused "no number" 1 '--app-offset: expected a number below 2\^64, found "2X"' build --app-offset 2X
refused "negative number" 1 'found "-1"' build --app-offset -1
refused "number beyond 64 bits" 1 'found "17179869184G"' build --app-offset 17179869184G
refused "kernel address not at 2 MiB" 1 'multiple of 0x200000.*found 0x40001000' build --kernel-paddr 0x40001000
refused "long boot arguments" 1 'at most 1023 bytes, found 1024' build --bootargs "$(printf '%01024d' 0)"
refused "patch without a value" 1 'expected SYMBOL=VALUE' build --patch word64
refused "output is an input" 1 'other than the input' "$KAAL_BUILDER" --loader "$L" --kernel "$K" --app "$T/a2" --out "$T/a2"

# input and output
refused "missing file" 4 'nowhere.elf: cannot be read: No such file' build --kernel "$T/nowhere.elf"
refused "a folder as input" 4 'cannot be read: expected a regular file' build --kernel "$T"
refused "output in a missing folder" 4 'cannot be written: No such file' build --out "$T/no/such/folder.elf"
refused "output is a device" 4 'expected a regular file or none' build --out /dev/null

# bad inputs
printf '!<arch>\nlibfoo.o/' >"$T/lib.a"
refused "static library as loader" 2 'lib.a: file type: expected a linked ELF program, found a static library' build --loader "$T/lib.a"
: >"$T/empty"
refused "empty kernel" 2 'empty: ELF header: size of file: expected at least 0x40, found 0x0' build --kernel "$T/empty"
refused "a text as app" 2 'run.sh: ELF header: magic' build --app tests/run.sh
refused "kernel as loader" 2 'not the KaaL loader' build --loader "$K"
refused "image as loader" 2 'found a payload attached' build --loader "$T/first.elf"
refused "app of the host's machine" 2 'ELF header: machine: expected AArch64, 0xb7' build --app "$KAAL_BUILDER"
damaged "$A" ehdr type 3 >"$T/bad"
refused "position-independent app" 2 'type: expected a program linked at a fixed address' build --app "$T/bad"
damaged "$A" ehdr type 1 >"$T/bad"
refused "object file as app" 2 'type: expected an executable' build --app "$T/bad"
damaged "$A" ehdr class 1 >"$T/bad"
refused "32-bit app" 2 'class: expected 64-bit' build --app "$T/bad"
damaged "$A" ehdr data 2 >"$T/bad"
refused "big-endian app" 2 'byte order: expected little endian' build --app "$T/bad"
damaged "$A" ehdr entry 0x500000 >"$T/bad"
refused "entry outside" 2 'entry: expected an instruction.s address inside a loadable segment, found 0x500000' build --app "$T/bad"
damaged "$A" phdr1 vaddr 0x400008 >"$T/bad"
refused "overlapping segments" 2 'virtual address: expected outside the segment that starts at' build --app "$T/bad"
damaged "$A" phdr0 offset 0xffffff10 >"$T/bad"
refused "segment outside the file" 2 'ELF segment 0: offset: expected with its size inside the file' build --app "$T/bad"
damaged "$A" phdr1 filesz 0x10000 >"$T/bad"
refused "segment larger in file than in memory" 2 'ELF segment 1: ' build --app "$T/bad"
damaged "$A" phdr1 align 3 >"$T/bad"
refused "alignment of 3" 2 'alignment: expected a power of two' build --app "$T/bad"
damaged "$A" phdr1 memsz 0xffffffffffffffff >"$T/bad"
refused "segment of 2^64 bytes" 2 'ELF segment 1: memory size' build --app "$T/bad"
damaged "$A" phdr1 memsz 0x800000000000 >"$T/bad"
refused "app beyond user addresses" 2 'virtual address: expected its end at most 0x800000000000' build --app "$T/bad"
refused "app linked low as kernel" 2 'a kernel is linked in the upper half' build --kernel "$A"
refused "kernel linked high as app" 2 'virtual address: expected its end at most' build --app "$K"
damaged "$K" phdr0 paddr 0x40001000 >"$T/bad"
refused "kernel not congruent modulo 2 MiB" 2 'expected equal modulo 2 MiB' build --kernel "$T/bad"
refused "moving a kernel that cannot be moved" 2 'expected 0x40000000, for which this kernel is linked, found 0x48000000' build --kernel-paddr 0x48000000
note=$(grep -abo 'Testkernel' "$T/movable.elf" | head -n 1 | cut -d: -f1)
cp "$T/movable.elf" "$T/bad"
printf '\2' | dd of="$T/bad" bs=1 seek=$((note - 40)) conv=notrunc status=none
refused "note of another version" 2 'kernel note: expected version 1 of 120 bytes, found version 2' build --kernel "$T/bad"
cp "$T/movable.elf" "$T/bad"
printf '\0' | dd of="$T/bad" bs=1 seek=$((note - 36)) conv=notrunc status=none
refused "note of a kernel that stays" 2 'it has no note that it can be moved' build --kernel "$T/bad" --kernel-paddr 0x48000000
refused "unknown symbol" 2 'expected a symbol "nobody"' build --patch nobody=1
refused "value too wide" 1 'expected below 2\^32' build --patch word32=0x100000000
refused "symbol without a size" 2 'symbol "_start": size: expected 4 or 8 bytes, found 0' build --patch _start=1

# places
refused "no room for the device tree" 3 'overlaps .*--app-offset 0x10000 works' build --app-offset 0
status_is "the offset that it names works" 0 build --app-offset 0x10000
refused "offset beyond physical memory" 3 '--app-offset: expected at most' build --app-offset 0xffffffffffffffff
damaged "$K" phdr0 paddr 0xfffff00000000000 >"$T/bad"
refused "kernel beyond physical memory" 3 'physical address: expected at most' build --kernel "$T/bad"

# any truncation of any input: a sentence and a documented status, never a crash
tries=0 wrong=0
for size in $(seq 0 97 2000) 20000 30000; do
    for part in loader kernel app; do
        case $part in loader) f=$L ;; kernel) f=$K ;; app) f=$A ;; esac
        head -c "$size" "$f" >"$T/cut"
        [ "$(stat -c %s "$T/cut")" -lt "$(stat -c %s "$f")" ] || continue
        build --$part "$T/cut" >"$T/out" 2>&1
        case $? in 0 | 2 | 3) ;; *) wrong=$((wrong + 1)) && cat "$T/out" ;; esac
        tries=$((tries + 1))
    done
done
equals "truncated inputs are answered with a documented status" "0 wrong" "$wrong wrong"
check "more than 50 truncations were tried" test "$tries" -gt 50
done_testing
