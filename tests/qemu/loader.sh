#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The boot loader in QEMU: the state in which it enters a kernel (abi/boot.md §1), seen by a kernel
# that only reports it, and the sentence and status of each check that fails.
. "$(dirname "$0")/../tap.sh"

LINK="${CROSS:-aarch64-linux-gnu-}gcc -nostdlib -static -no-pie -Wl,--build-id=none,-z,max-page-size=4096,--no-warn-rwx-segments"
L=build/loader.elf K=$T/kernel.elf A=$T/app.elf
check "test programs link" bash -c "
    $LINK -Wl,-T,tests/qemu/testkernel.ld tests/qemu/testkernel.S -o $K &&
    $LINK -Wl,-T,tests/qemu/testkernel.ld tests/qemu/testkernel.S tests/qemu/testnote.S -o $T/movable.elf &&
    $LINK -Wl,-T,tests/qemu/testapp.ld tests/qemu/testapp.S -o $A"

build() {
    "$KAAL_BUILDER" --loader "$L" --kernel "$K" --app "$A" --compress none "$@"
}

boot() {
    tools/qemu.sh --timeout 60 "$@"
}

# entered WHAT APP-OFFSET IPS QEMU-ARGUMENTS...: boots $T/image.elf and compares every value
entered() {
    local what=$1 offset=$2 ips=$3
    shift 3
    status_is "$what: the kernel ran" 0 boot "$T/image.elf" "$@"
    cp "$T/out" "$T/report"
    check "$what: registers, CPU state and memory are as abi/boot.md §1 says" \
        python3 tests/qemu/loader_check.py "$T/report" "$K" "$A" "$offset" "$ips"
}

# refused WHAT STATUS REGEX COMMAND...: status, sentence, and no trace of the kernel
refused() {
    local what=$1 status=$2 regex=$3
    shift 3
    status_is "$what: status $status" "$status" "$@"
    contains "$what: says why" "$regex" "$T/out"
    check "$what: the kernel was not entered" bash -c "! grep -qE 'jumping to kernel|^CurrentEL' $T/out"
}

# Memory that is zeroed must have been something else before: junk where BSS and root task go.
head -c $((0x500000)) /dev/zero | tr '\0' '\356' >"$T/junk"
junk=(-- -device "loader,file=$T/junk,addr=0x40100000,force-raw=on")

status_is "builds an image" 0 build --out "$T/image.elf"
entered "cortex-a53 with dirty memory" 0x200000 2 "${junk[@]}"
contains "the report names the loader" '^KaaL loader [0-9]+\.[0-9]+\.[0-9]+$' "$T/report"
contains "... the device tree" '^loader: DTB at 0x40000000$' "$T/report"
contains "... the model" '^loader: model linux,dummy-virt$' "$T/report"
contains "... the memory" '^loader: memory \[0x40000000, 0x60000000\), 512 MiB$' "$T/report"
contains "... the payload" '^loader: payload: [0-9]+ bytes, 3 regions' "$T/report"
contains "... the bytes of a region" '^loader: +kernel +0x40000000 <- 20480 bytes$' "$T/report"
contains "... the bytes zeroed" '^loader: +kernel +0x40005000 <- 2097152 bytes zeroed \(BSS\)$' "$T/report"
contains "... the page tables" '^loader: page tables: TTBR1 0x[0-9a-f]+000$' "$T/report"
contains "... the MMU" '^loader: MMU enabled$' "$T/report"
contains "... the jump" '^loader: jumping to kernel at 0xffffff8040000000$' "$T/report"
entered "128 MiB" 0x200000 2 --memory 128M
entered "cortex-a57, 44-bit addresses" 0x200000 4 --cpu cortex-a57
entered "cortex-a72 with GICv3" 0x200000 4 --cpu cortex-a72 --machine virt,gic-version=3
entered "cpu max, capped at 48 bits" 0x200000 5 --cpu max
status_is "builds an image with the root task further up" 0 build --app-offset 64M --out "$T/image.elf"
entered "loader between kernel and root task" 0x4000000 2 --memory 128M
status_is "builds an image with boot arguments" 0 build --bootargs "one=1 two" --out "$T/image.elf"
entered "boot arguments" 0x200000 2

status_is "builds an image with the kernel moved" 0 "$KAAL_BUILDER" --loader "$L" --kernel "$T/movable.elf" \
    --app "$A" --kernel-paddr 0x44000000 --out "$T/image.elf"
status_is "moved kernel: it ran" 0 boot "$T/image.elf" --memory 128M
cp "$T/out" "$T/report"
check "moved kernel: registers, CPU state and memory are as abi/boot.md §1 says" \
    python3 tests/qemu/loader_check.py "$T/report" "$T/movable.elf" "$A" 0x200000 2 0x4000000
contains "moved kernel: the report names it" '^loader: kernel: Testkernel 7.8.9 \(test\)' "$T/report"

# an image put where its parts go: the loader moves itself, once
status_is "builds an image to put in the way" 0 build --out "$T/good.elf"
for place in 0x40200000 0x40404000; do
    python3 tests/qemu/image_damage.py "$T/good.elf" move $place >"$T/image.elf"
    entered "loader in the way at $place" 0x200000 2 --memory 128M
    equals "loader in the way at $place: it moved once, and reported once" "1 1" \
        "$(grep -c 'out of the way' "$T/report") $(grep -c '^KaaL loader' "$T/report")"
done

# a failed check each
refused "no payload" 1 '^Payload not initialized: .*kaal-builder' boot "$L"
status_is "without semihosting the bare loader still ends" 0 timeout 20 qemu-system-aarch64 \
    -display none -serial stdio -monitor none -nodefaults -machine virt,gic-version=2 \
    -cpu cortex-a53 -m 128M -kernel "$L"
contains "... after its sentence" '^Payload not initialized' "$T/out"
status_is "builds an image to damage" 0 build --out "$T/good.elf"
damaged() {
    python3 tests/qemu/image_damage.py "$T/good.elf" "$@" >"$T/image.elf"
    boot "$T/image.elf"
}
refused "flipped byte of the kernel" 2 'image region 0: SHA-256' damaged data 0x20
refused "flipped last byte of the root task" 2 'image region 2: SHA-256' damaged data -1
refused "flipped byte of the header" 2 'image header: SHA-256' damaged header 0x29
refused "wrong magic" 2 'image header: magic' damaged header 0
refused "other version" 2 'image header: version: expected 0x2' damaged header 8
refused "truncated payload" 2 'image: size: expected at least' damaged size 8192
refused "empty payload" 2 'image header: size: expected at least 0x1000, found 0x0' damaged size 0
refused "no device tree" 3 'no device tree: expected one' damaged move 0x40080000
refused "crash in the loader" 5 'crash: BRK .*ESR 0xf200dead, ELR 0x4' \
    damaged code "0x$(${CROSS:-aarch64-linux-gnu-}nm "$L" | awk '$3 == "image_load" { print $1 }')" 0xd43bd5a0
contains "the crash report has the registers" '^  x0=0x[0-9a-f]+ x1=' "$T/out"
status_is "builds an image with the root task beyond 128 MiB" 0 build --app-offset 128M --out "$T/image.elf"
refused "RAM too small" 4 'RAM too small: root task: expected RAM up to 0x4820b000, found 0x4820' boot "$T/image.elf" --memory 128M
python3 tests/hosted/elf_damage.py "$A" phdr1 memsz 0xc800000 >"$T/large.elf"
status_is "builds an image with a root task of 200 MiB" 0 "$KAAL_BUILDER" --loader "$L" --kernel "$K" \
    --app "$T/large.elf" --out "$T/image.elf"
status_is "large root task: it boots where there is RAM" 0 boot "$T/image.elf" --memory 512M
contains "large root task: the loader moved itself" 'out of the way' "$T/out"
refused "RAM too small for a large root task" 4 'RAM too small: root task: expected RAM up to 0x4' \
    boot "$T/image.elf" --memory 128M
qemu-system-aarch64 -nodefaults -machine virt,gic-version=2,dumpdtb="$T/big.dtb" -cpu cortex-a53 -m 512M -display none 2>/dev/null
fdtput -ts "$T/big.dtb" / filler "$(head -c 80000 /dev/zero | tr '\0' x)"
status_is "builds an image with little room for the device tree" 0 build --app-offset 64K --out "$T/image.elf"
refused "device tree larger than its room" 4 'device tree: size between kernel and root task: expected at most 0x10000' \
    boot "$T/image.elf" -- -dtb "$T/big.dtb"
done_testing
