# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# To be sourced after tests/tap.sh: the good images that the rows of damage.txt start from, in $T.

damage_bases() {
    local link="${CROSS:-aarch64-linux-gnu-}gcc -nostdlib -static -no-pie -Wl,--build-id=none,-z,max-page-size=4096,--no-warn-rwx-segments"
    local make=("$KAAL_BUILDER" --loader build/loader.elf --kernel "$T/damage-k.elf" --app "$T/damage-a.elf")
    $link -Wl,-T,tests/qemu/testkernel.ld tests/qemu/testkernel.S tests/qemu/testnote.S -o "$T/damage-k.elf" &&
        $link -Wl,-T,tests/qemu/testapp.ld tests/qemu/testapp.S -o "$T/damage-a.elf" &&
        qemu-system-aarch64 -nodefaults -machine virt,gic-version=2,dumpdtb="$T/damage.dtb" -cpu cortex-a53 -m 512M -display none &&
        printf '%064d' 7 >"$T/damage.key" &&
        "${make[@]}" --compress none --out "$T/plain.img" &&
        "${make[@]}" --compress lz4 --out "$T/lz4.img" &&
        "${make[@]}" --compress zstd --out "$T/zstd.img" &&
        "${make[@]}" --compress none --bootargs a=1 --sign "$T/damage.key" --out "$T/signed.img" &&
        "${make[@]}" --compress none --dtb "$T/damage.dtb" --out "$T/tree.img"
}
