#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# kaal-builder beyond building: formats, compression, signatures, device trees, reports, and the
# commands on finished images; good ones and damaged ones.
. "$(dirname "$0")/../tap.sh"

LINK="${CROSS:-aarch64-linux-gnu-}gcc -nostdlib -static -no-pie -Wl,--build-id=none,-z,max-page-size=4096,--no-warn-rwx-segments"
L=build/loader.elf K=$T/kernel.elf A=$T/app.elf O=$T/out.img
builder() {
    timeout -k 5 120 "$KAAL_BUILDER" "$@"
}
build() {
    builder --loader "$L" --kernel "$K" --app "$A" --out "$O" "$@"
}
# refused NAME STATUS REGEX COMMAND...: the status, one line of error that matches, no new output
refused() {
    local what=$1 status=$2 regex=$3
    shift 3
    rm -f "$O"*
    status_is "$what: status $status" "$status" "$@"
    contains "$what: says why" "^kaal-builder: error: .*$regex" "$T/out"
    equals "$what: one line, no output" "1 none" "$(wc -l <"$T/out") $(ls "$O"* 2>/dev/null || echo none)"
}
edit() {
    python3 tests/hosted/image_edit.py "$@"
}

check "test programs link" bash -c "
    $LINK -Wl,-T,tests/qemu/testkernel.ld tests/qemu/testkernel.S tests/qemu/testnote.S -o $K &&
    $LINK -Wl,-T,tests/qemu/testapp.ld tests/qemu/testapp.S -o $A"
qemu-system-aarch64 -nodefaults -machine virt,gic-version=2,dumpdtb="$T/virt.dtb" -cpu cortex-a53 -m 512M -display none 2>/dev/null
check "a key pair is made" builder keygen "$T/k"
check "another" builder keygen "$T/other"
equals "the secret key is its owner's alone" 600 "$(stat -c %a "$T/k.key")"

# ---- formats and compression: the same segments from each ----
for format in elf image uimage efi; do
    for compress in none lz4 zstd; do
        status_is "$format, $compress: builds" 0 build --format $format --compress $compress --sign "$T/k.key" \
            --dtb "$T/virt.dtb" --bootargs "a=1"
        status_is "$format, $compress: verifies" 0 builder verify --pubkey "$T/k.pub" "$O"
        rm -rf "$T/x" && status_is "$format, $compress: extracts" 0 builder extract "$O" "$T/x"
        mv "$T/x" "$T/x-$format-$compress"
        contains "$format, $compress: inspect names the format" "^$O: format $format, version 2" \
            <(builder inspect "$O")
        cp "$O" "$T/$format-$compress.img"
    done
done
for d in "$T"/x-*; do
    check "$(basename "$d"): the same files as the uncompressed ELF's" \
        diff -r -x header.bin "$T/x-elf-none" "$d"
done
od -An -v -tx1 "$A" | tr -d ' \n' >"$T/app.hex"
for f in "$T"/x-elf-none/app-*.bin; do
    check "$(basename "$f") is in the ELF file as it is" \
        grep -qF -f <(od -An -v -tx1 "$f" | tr -d ' \n') "$T/app.hex"
done
equals "extract gives the boot arguments" "a=1" "$(cat "$T/x-elf-none/bootargs.txt")"
check "extract gives the device tree" dtc -q -I dtb -O dts -o /dev/null "$T/x-elf-none/device-tree.dtb"
check "lz4 makes it smaller" test "$(stat -c %s "$T/elf-lz4.img")" -lt "$(stat -c %s "$T/elf-none.img")"
equals "the Linux header's magic is there" "ARM" "$(dd if="$T/image-none.img" bs=1 skip=56 count=3 status=none)"
if command -v file >/dev/null; then
    contains "file(1) knows the Linux image" 'Linux kernel ARM64 boot executable' <(file "$T/image-none.img")
    contains "file(1) knows the U-Boot image" 'u-boot legacy uImage, KaaL, Linux/ARM 64-bit' <(file "$T/uimage-none.img")
fi
# U-Boot checks both sums; here zlib does
check "the U-Boot header's sums are right" python3 - "$T/uimage-lz4.img" <<'P'
import struct, sys, zlib
d = open(sys.argv[1], "rb").read()
h = bytearray(d[:64])
crc, = struct.unpack(">I", h[4:8])
h[4:8] = b"\0" * 4
assert zlib.crc32(h) == crc and zlib.crc32(d[64:]) == struct.unpack(">I", d[24:28])[0]
assert struct.unpack(">I", d[12:16])[0] == len(d) - 64
P

# ---- reports ----
status_is "--json" 0 build --json --sign "$T/k.key" --dtb "$T/virt.dtb"
check "is JSON with the facts" python3 - "$T/out" <<'P'
import json, sys
j = json.load(open(sys.argv[1]))
assert j["format"] == "elf" and j["version"] == 2 and j["signature"] == "good" and j["loader_has_key"]
assert [r["kind"] for r in j["regions"]] == ["kernel", "root task", "root task"]
assert all(r["digest_good"] for r in j["regions"]) and j["regions"][0]["physical"] == "0x40000000"
assert j["device_tree"]["digest_good"] and j["kernel_note"]["name"] == "Testkernel"
P
builder inspect --json "$O" >"$T/j2"
check "inspect --json says the same" cmp "$T/out" "$T/j2"
check "OUT.debug.json names three files" python3 - "$O.debug.json" <<'P'
import json, os, sys
files = json.load(open(sys.argv[1]))["files"]
assert [f["role"] for f in files] == ["loader", "kernel", "roottask"] and all(os.path.exists(f["file"]) for f in files)
P
status_is "--verbose and --map" 0 build --verbose --map
contains "--verbose prints the regions" '^region 0: kernel, rwx, 0x40000000 ' "$T/out"
contains "--map prints the kernel's place" '^0x00000040000000  0x00000040206000  kernel, ' "$T/out"
contains "--map prints free room" '\([0-9]+ [KM]iB free\)' "$T/out"
status_is "-q silences them" 0 build --verbose --map -q
equals "nothing is said" "" "$(cat "$T/out")"
builder map --svg "$O" >"$T/map.svg"
check "map --svg is well-formed XML" python3 -c "import sys, xml.dom.minidom as m; m.parse(sys.argv[1])" "$T/map.svg"
contains "it draws the root task" '>root task, ' "$T/map.svg"
contains "and what is free" '>[0-9]+ [KM]iB free<' "$T/map.svg"

# ---- diff ----
cp "$O" "$T/a.img"
status_is "diff of an image with itself" 0 builder diff "$T/a.img" "$O"
equals "says nothing" "" "$(cat "$T/out")"
build --patch word32=7 --bootargs "x" --level debug --kernel-paddr 0x48000000
status_is "diff of two images" 1 builder diff "$T/a.img" "$O"
contains "names the region that changed" '^region 2 bytes: changed' "$T/out"
contains "names the field that changed" '^kernel start: 0x40000000 -> 0x48000000' "$T/out"
contains "names the boot arguments" '^boot arguments:  -> x' "$T/out"
contains "names the loader's level" '^loader level: 0x1 -> 0x2' "$T/out"
status_is "diff of signed and unsigned" 1 builder diff "$T/elf-none.img" "$T/a.img"
contains "says signed" '^signed: 0x1 -> 0x0' "$T/out"
status_is "diff of two formats" 1 builder diff "$T/elf-none.img" "$T/image-none.img"
contains "says format" '^format: elf -> image' "$T/out"

# ---- reproducible ----
build --compress zstd --sign "$T/k.key" && cp "$O" "$T/one.img"
mkdir "$T/dir" && (umask 077 && cd "$T/dir" && cp "$OLDPWD/$L" "$K" "$A" "$T/k.key" . &&
    TZ=Asia/Tokyo LC_ALL=C.UTF-8 "$OLDPWD/$KAAL_BUILDER" --loader loader.elf --kernel kernel.elf --app app.elf \
        --compress zstd --sign k.key --out o.img)
check "signed and compressed, it is the same in another place, time zone and umask" cmp "$T/one.img" "$T/dir/o.img"

# ---- keys ----
if command -v openssl >/dev/null; then
    openssl genpkey -algorithm ed25519 -out "$T/ssl.pem" 2>/dev/null
    openssl pkey -in "$T/ssl.pem" -pubout -out "$T/ssl.pub" 2>/dev/null
    status_is "keys of openssl sign" 0 build --sign "$T/ssl.pem" --pubkey "$T/ssl.pub"
    status_is "and verify" 0 builder verify --pubkey "$T/ssl.pub" "$O"
fi
status_is "an unsigned image verifies as such" 0 builder verify "$T/a.img"
contains "and says so" 'not signed$' "$T/out"
refused "verify asks for the key" 2 'signature: expected one by the loader.s key, found an unsigned' builder verify --pubkey "$T/k.pub" "$T/a.img"
refused "verify with another key" 2 'key \(first 8 bytes\): expected the loader.s' builder verify --pubkey "$T/other.pub" "$T/elf-none.img"
refused "public and secret key do not belong together" 2 'expected the public key of .*k.key, found another' build --sign "$T/k.key" --pubkey "$T/other.pub"
refused "a public key alone" 1 '\-\-pubkey: expected --sign with it' build --pubkey "$T/k.pub"
refused "a text as key" 2 'key: expected an Ed25519 private key' build --sign tests/run.sh
head -c 20 "$T/k.key" >"$T/short.key"
refused "a short key" 2 'key: expected an Ed25519 private key' build --sign "$T/short.key"
refused "keygen without a name" 1 'keygen: expected one NAME' builder keygen
cp "$T/k.key" "$T/before.key"
refused "keygen over a key that is there" 4 'k.key: cannot be written: expected no such file' builder keygen "$T/k"
check "it is as it was" cmp "$T/k.key" "$T/before.key"
refused "keygen over a public key" 4 'only.pub: cannot be written' bash -c "touch '$T/only.pub'; $KAAL_BUILDER keygen '$T/only'"

# ---- a loader that is locked to a key: it never leaves with an image that it would refuse ----
status_is "lock" 0 builder lock "$L" "$T/k.pub" "$T/locked.elf"
refused "lock without OUT" 1 'lock: expected LOADER KEY.pub OUT, found 2 words' builder lock "$L" "$T/k.pub"
refused "lock of what is no loader" 2 'this is not the KaaL loader' builder lock "$A" "$T/k.pub" "$O"
refused "lock onto its input" 1 'other than the input' builder lock "$L" "$T/k.pub" "$T/k.pub"
refused "a locked loader without --sign" 1 "locked.elf: loader's key: expected --sign with its partner" build --loader "$T/locked.elf"
refused "a locked loader with another key" 2 "locked.elf: loader's key: expected the partner of .*other.key" build --loader "$T/locked.elf" --sign "$T/other.key"
build --sign "$T/k.key" && cp "$O" "$T/unlocked.img"
status_is "a locked loader with its key" 0 build --loader "$T/locked.elf" --sign "$T/k.key"
check "it is the image that the loader without a key makes" cmp "$O" "$T/unlocked.img"

# The loader of one key, the payload of nobody or of another: all of it well-formed.
words=$(python3 -c "
k = bytes.fromhex(open('$T/k.pub').read())
print(' '.join('slot64:%d=%#x' % (72 + i, int.from_bytes(k[i:i + 8], 'little')) for i in range(0, 32, 8)))")
real() {
    builder --loader "$L" --kernel build/aarch64/debug/kernel.elf --app build/selftest.elf --out "$T/real.elf" "$@" &&
        edit "$T/real.elf" "$T/swapped.elf" slot32:64=1 $words
}
for machine in "$KAAL_HOSTED" tools/qemu.sh "builder verify"; do
    name=${machine##*/}
    check "an unsigned payload behind a loader with a key" real
    status_is "$name: refuses an unsigned image" 2 $machine "$T/swapped.elf"
    contains "$name: says so" "signature: expected one by the loader's key, found an unsigned image" "$T/out"
    check "a payload signed by another behind it" real --sign "$T/other.key"
    status_is "$name: refuses an image signed by another" 2 $machine "$T/swapped.elf"
    contains "$name: names the keys" 'image signature: key \(first 8 bytes\): expected the loader' "$T/out"
    check "a payload signed with the loader's key behind it" real --sign "$T/k.key"
    until=(--until '^root task: hello'); [ "$name" != "builder verify" ] || until=()
    status_is "$name: takes the one with its own key" 0 $machine "${until[@]}" "$T/swapped.elf"
done

# ---- outputs ----
refused "a file size limit" 4 'out.img: cannot be written: File too large' bash -c "ulimit -f 100; $KAAL_BUILDER --loader $L --kernel $K --app $A --compress none --out $O"
mkdir "$T/dir.elf.debug.json"
refused "debug information that cannot be written" 4 'dir.elf.debug.json: cannot be written: expected a regular file' build --out "$T/dir.elf"
check "no image is left either" test ! -e "$T/dir.elf"
for o in --sign --dtb --check-dtb --dtb-overlay --pubkey; do
    cp "$T/k.key" "$T/precious"
    case $o in --sign | --pubkey) with=() ;; *) cp "$T/virt.dtb" "$T/precious" && with=() ;; esac
    [ $o != --pubkey ] || { cp "$T/k.pub" "$T/precious" && with=(--sign "$T/k.key"); }
    [ $o != --dtb-overlay ] || { printf '/dts-v1/; /plugin/; &{/} { x; };' | dtc -q -I dts -O dtb -o "$T/precious" - && with=(--dtb "$T/virt.dtb"); }
    refused "--out is the file of $o" 1 'other than the input .*precious' build $o "$T/precious" "${with[@]}" --out "$T/precious"
done
echo old >"$T/target" && ln -s target "$T/link"
status_is "--out is a link" 0 build --out "$T/link"
equals "the file that it names is the image" "link ELF" "$(test -L "$T/link" && echo link) $(head -c 4 "$T/target" | tail -c 3)"
mkfifo "$T/pipe"
refused "a pipe as input" 4 'cannot be read: expected a regular file' timeout 10 "$KAAL_BUILDER" --loader "$T/pipe" --kernel "$K" --app "$A" --out "$O"
for c in "inspect $T/a.img" "map --svg $T/a.img" --help --version; do
    refused "${c%% *} to a full device" 4 'standard output: cannot be written' bash -c "$KAAL_BUILDER $c >/dev/full"
done
# Terminated as soon as its temporary file is seen; when it was quicker, it has finished.
python3 tests/hosted/elf_make.py "$T/slow.app" 0x400000 0x400000:0:0x4000000:0x4000000
builder_alone=("$KAAL_BUILDER" --loader "$L" --kernel "$K" --app "$T/slow.app" --compress none --out "$T/slow.img")
"${builder_alone[@]}" & alone=$!
until compgen -G "$T/slow.img*" >/dev/null || ! kill -0 $alone 2>/dev/null; do :; done
kill -TERM $alone 2>/dev/null
wait $alone 2>/dev/null
check "terminated while it writes: by the signal, or done" bash -c "[ $? = 143 -o -e '$T/slow.img' ]"
check "no temporary file is left" bash -c "! compgen -G '$T/slow.img*.tmp.*'"
rm -f "$T"/slow*

status_is "names and arguments that are not ASCII" 0 build --app "$(cp "$A" "$T/"$'\303\244"\377.elf' && echo "$T/"$'\303\244"\377.elf')" --bootargs $'\e[1m\303\251\377'
check "the file with symbols is found again by its name" python3 -c "
import json, os
assert os.path.exists(os.fsencode(json.load(open('$O.debug.json', encoding='utf-8'))['files'][2]['file']))"
check "inspect --json is JSON all the same" bash -c "$KAAL_BUILDER inspect --json $O | python3 -c '
import json, sys
assert json.loads(sys.stdin.buffer.read())[\"bootargs\"] == \"\\x1b[1m\\xe9\\udcff\"'"
check "inspect sends no control characters" bash -c "$KAAL_BUILDER inspect $O | grep -aqF '\\x1b[1m'"

# ---- device trees and memory ----
status_is "everything is in virt's memory" 0 build --check-dtb "$T/virt.dtb" --memory 0x40000000:512M
refused "the root task is not in --memory" 3 'RAM too small: root task: expected RAM up to .*--app-offset 0x[0-9a-f]+ works' build --memory 0x40000000:64M --app-offset 128M
offset=$(grep -o 'app-offset 0x[0-9a-f]*' "$T/out" | cut -d' ' -f2)
status_is "the offset that it names works" 0 build --memory 0x40000000:64M --app-offset "$offset"
refused "the kernel is not in --memory" 3 'RAM too small: kernel: .*try another --kernel-paddr' build --memory 0x80000000:64M
cp "$T/virt.dtb" "$T/holes.dts.in" && dtc -q -I dtb -O dts -o "$T/virt.dts" "$T/virt.dtb"
{ sed 's|^/dts-v1/;|&\n/memreserve/ 0x40400000 0x10000;|' "$T/virt.dts" &&
    echo '/ { reserved-memory { #address-cells = <2>; #size-cells = <2>; ranges; x@40410000 { reg = <0 0x40410000 0 0x1000>; }; }; };'; } >"$T/holes.dts"
dtc -q -I dts -O dtb -o "$T/holes.dtb" "$T/holes.dts"
refused "the root task is in reserved memory" 3 'reserved memory: root task: .*0x40400000.*--app-offset 0x[0-9a-f]+ works' build --check-dtb "$T/holes.dtb"
offset=$(grep -o 'app-offset 0x[0-9a-f]*' "$T/out" | cut -d' ' -f2)
status_is "the offset that it names works there" 0 build --check-dtb "$T/holes.dtb" --app-offset "$offset"
refused "the embedded tree's memory counts too" 3 'reserved memory: root task' build --dtb "$T/holes.dtb"
printf '/dts-v1/;\n/plugin/;\n/ { fragment@0 { target-path = "/"; __overlay__ { kaal-test = "hello"; }; }; };\n' |
    dtc -q -I dts -O dtb -o "$T/overlay.dtb" -
status_is "an overlay is applied" 0 build --dtb "$T/virt.dtb" --dtb-overlay "$T/overlay.dtb"
rm -rf "$T/x" && builder extract "$O" "$T/x" >/dev/null
equals "it is in the embedded tree" hello "$(fdtget "$T/x/device-tree.dtb" / kaal-test)"
refused "an overlay without a tree" 1 '\-\-dtb-overlay: expected --dtb' build --dtb-overlay "$T/overlay.dtb"
printf '/dts-v1/; / { #address-cells = <2>; #size-cells = <2>; aliases { a = "a"; }; memory@40000000 { device_type = "memory"; reg = <0 0x40000000 0 0x20000000>; }; chosen { stdout-path = "a"; }; };' |
    dtc -q -I dts -O dtb -o "$T/round.dtb" -
status_is "a tree with an alias that stands for itself" 0 build --dtb "$T/round.dtb"
printf '/dts-v1/; /plugin/; / { fragment@0 { target-path = "a"; __overlay__ { x; }; }; };' | dtc -q -I dts -O dtb -o "$T/round-overlay.dtb" -
refused "an overlay for it" 2 'round-overlay.dtb: device tree overlay: expected one .* crashes' build --dtb "$T/round.dtb" --dtb-overlay "$T/round-overlay.dtb"
refused "a tree as overlay" 2 'virt.dtb: device tree overlay: expected one' build --dtb "$T/virt.dtb" --dtb-overlay "$T/virt.dtb"
refused "a text as tree" 2 'run.sh: device tree: magic' build --dtb tests/run.sh
head -c 600 "$T/virt.dtb" >"$T/cut.dtb"
refused "a truncated tree" 2 'cut.dtb: device tree: declared size' build --check-dtb "$T/cut.dtb"
cp "$T/virt.dtb" "$T/nomem.dtb" && fdtput -r "$T/nomem.dtb" /memory@40000000
refused "a tree without memory" 2 'nomem.dtb: device tree: /memory: expected' build --dtb "$T/nomem.dtb"

# ---- command line ----
refused "unknown format" 1 '\-\-format: expected one of elf, image, uimage, efi, found "iso"' build --format iso
refused "unknown compression" 1 '\-\-compress: expected one of none, lz4, zstd, found "gz"' build --compress gz
refused "unknown level" 1 '\-\-level: expected one of quiet, normal, debug' build --level loud
refused "a number that looks octal" 1 'multiple of 0x200000 .*found 0xa' build --kernel-paddr 010
refused "memory without a size" 1 '\-\-memory: expected START:SIZE, found "0x40000000"' build --memory 0x40000000
refused "memory of no size" 1 '\-\-memory: expected a range below' build --memory 0x40000000:0
refused "memory that wraps" 1 '\-\-memory: expected a range below' build --memory 0xffffffffffff0000:1G
many=(); for i in $(seq 17); do many+=(--memory "${i}G:1G"); done
refused "too many memories" 1 '\-\-memory: expected at most 16' build "${many[@]}"
many=(); for i in $(seq 17); do many+=(--patch "a=1"); done
refused "too many patches" 1 '\-\-patch: expected at most 16' build "${many[@]}"
for c in inspect verify map extract diff; do
    refused "$c without an image" 1 "$c: expected " builder $c
    two=()
    case $c in extract | diff) two=("$T/y") ;; esac
    refused "$c of a missing file" 4 "none: cannot be read" builder $c "$T/none" "${two[@]}"
done
refused "extract to a file" 4 'cannot be (made|written)' builder extract "$T/a.img" "$T/a.img/x"
status_is "--version" 0 builder --version

# ---- damaged images: sentence and status from verify ----
bad() {
    local what=$1 regex=$2 from=$3
    shift 3
    edit "$from" "$T/bad.img" "$@"
    refused "$what" 2 "$regex" builder verify "$T/bad.img"
}
. tests/boot/damage.sh
check "images to damage are built" damage_bases
plain=$T/plain.img
while IFS='|' read -r from what regex edits; do
    eval "edits=($edits)"
    bad "damaged (${from% }):${what% }" "$(sed 's/^ //; s/ $//' <<<"$regex")" "$T/${from% }.img" "${edits[@]}"
done < <(grep -v '^#' tests/boot/damage.txt)
if command -v openssl >/dev/null; then
    edit "$T/signed.img" "$T/resigned.img" byte:512=0x62 "resign:$T/other.key"
    refused "resigned with another key" 2 'signature: expected one that' builder verify "$T/resigned.img"
    edit "$T/signed.img" "$T/resigned.img" byte:512=0x62 "resign:$T/damage.key"
    status_is "resigned with the right key (the tool that makes these is right)" 0 builder verify "$T/resigned.img"
fi
tree=$(builder inspect --json "$T/tree.img" | python3 -c "import json,sys; j=json.load(sys.stdin); print(j['payload_size'] - (j['device_tree']['size'] + 15) // 16 * 16)")
bad "embedded device tree changed" 'embedded device tree: SHA-256' "$T/tree.img" "byte:$((tree + 20))=0xaa" raw
bad "slot of another version" 'loader slot: version' "$plain" slot32:16=1
bad "slot without a payload" 'Payload not initialized' "$plain" slot64:40=0
bad "slot with a payload outside" 'loader slot: payload' "$plain" slot64:48=0x10000000
bad "slot without its magic" 'bootable image: loader' "$plain" slot32:0=0
for n in 1 100 5000 20000; do
    head -c -"$n" "$plain" >"$T/bad.img"
    refused "cut by $n bytes" 2 'size|payload|offset' builder verify "$T/bad.img"
done
for f in image uimage efi; do
    head -c -100 "$T/$f-none.img" >"$T/bad.img"
    refused "$f cut by 100 bytes" 2 'loader slot: payload' builder inspect "$T/bad.img"
done
python3 -c "open('$T/huge', 'wb').truncate(1 << 40)"
refused "a file of 1 TiB" 2 'size of file: expected at most' builder inspect "$T/huge"

# ---- kernels and root tasks of other shapes ----
H=0xffffff8040000000
make_elf() {
    python3 tests/hosted/elf_make.py "$@"
}
shape() {
    status_is "$1" 0 "${@:2}"
}
make_elf "$T/k.elf" $H $H:0x40000000:0x1000:0x201000
shape "a kernel of one segment with 2 MiB of BSS" build --kernel "$T/k.elf"
contains "inspect says that it is foreign" '^kernel: foreign' <(builder inspect "$O")
make_elf "$T/k.elf" $((H + 0x2000)) $H:0x40000000:0x1000:0x1000 $((H + 0x2000)):0x40002000:8:8 $((H + 0x203008)):0x40203008:0:0x1000
shape "a kernel of three segments, entry in the second" build --kernel "$T/k.elf"
make_elf "$T/k.elf" $H $H:0x40000000:8:8 $((H + 0x1000)):0x40003000:8:8
refused "a kernel with two distances" 2 'physical address: expected 0x40001000 .*found 0x40003000' build --kernel "$T/k.elf"
make_elf "$T/k.elf" $H $H:0x40000000:8:8 $((H + 0x40000000)):0x80000000:8:8
refused "a kernel over two GiB regions" 2 'expected all in one 1 GiB region' build --kernel "$T/k.elf"
segments=()
for i in $(seq 0 24); do segments+=($((0x400000 + i * 4096)):0:4:4); done
make_elf "$T/a.elf" 0x400000 "${segments[@]}"
refused "a root task of 25 segments" 3 'loadable segments: expected at most 24' build --app "$T/a.elf"
make_elf "$T/a.elf" 0x400000 "${segments[@]:0:23}"
shape "a root task of 23 segments" build --app "$T/a.elf"
make_elf "$T/a.elf" 0x7fffffe00000 0x7fffffe00000:0:0x100:0x1ff000:0x200000
shape "a root task at the end of user space, aligned to 2 MiB" build --app "$T/a.elf"
make_elf "$T/a.elf" 0x1234 0x1234:0:0x10:0x40000000
shape "a root task of 1 GiB" build --app "$T/a.elf"
contains "its end is 1 GiB on" '^root task: \[0x40406000, 0x80407000\)' <(builder inspect "$O")
make_elf "$T/a.elf" 0x400000 0x400000:0:4:0x1000 0x300000000000:0:4:4
refused "a root task over 48 TiB" 3 'physical end: expected at most' build --app "$T/a.elf" --app-offset 0xe00000000000
make_elf "$T/a.elf" 0x400000 0x400000:0:4:0x1000 0x401000:0:0:0x1000 0x402000:0:4:0x800
shape "a root task with a segment of BSS alone" build --app "$T/a.elf" --compress zstd
make_elf "$T/big.elf" 0x400000 0x400000:0:4:0x10000000
shape "an image for a kernel above 4 GiB" build --kernel-paddr 8G
refused "which U-Boot's legacy header cannot load" 3 'expected a load address below 4 GiB' build --kernel-paddr 8G --format uimage
refused "a tree without memory to check against" 2 'nomem.dtb: device tree: /memory: expected' build --check-dtb "$T/nomem.dtb"
printf '/dts-v1/; /memreserve/ 0x40216000 0x1000; / { #address-cells = <1>; #size-cells = <1>; memory@40000000 { device_type = "memory"; reg = <0x40000000 0x500000>; }; };' |
    dtc -q -I dts -O dtb -o "$T/tight.dtb" -
refused "a root task behind the RAM, with reserved memory before it" 3 'RAM too small: root task: .*--app-offset 0x11000 works' build --check-dtb "$T/tight.dtb" --app-offset 16M
status_is "the offset that it names is behind the reserved range, and works" 0 build --check-dtb "$T/tight.dtb" --app-offset 0x11000
refused "a root task for which there is no place" 3 'RAM too small: root task: .*try another --app-offset' build --check-dtb "$T/tight.dtb" --app-offset 16M --app "$T/big.elf"
refused "a symbol's name of 300 bytes" 1 '\-\-patch: symbol: expected at most 255' build --patch "$(printf '%0300d' 0)=1"

# ---- loaders that are not ----
loader() {
    local what=$1 regex=$2
    python3 - "$L" "$T/loader.elf" "$3" "$4" <<'P'
import struct, sys
d = bytearray(open(sys.argv[1], "rb").read())
struct.pack_into("<Q", d, d.index(b"KaaL loader slot") + int(sys.argv[3]), int(sys.argv[4], 0))
open(sys.argv[2], "wb").write(d)
P
    refused "$what" 2 "$regex" build --loader "$T/loader.elf"
}
loader "a loader with a slot of another version" 'payload slot: version: expected 2, found 9' 16 9
loader "a loader that is linked elsewhere" 'payload slot: link address and size' 24 0x1000
loader "a loader of 1 TiB" 'payload slot: link address and size' 32 0x10000000000
loader "a loader smaller than its segments" 'ELF segment 0: expected inside' 32 0x9000
loader "a loader whose UEFI entry is outside" 'payload slot: UEFI entry' 104 0x10000000

# ---- more of the commands ----
edit "$plain" "$T/bad.img" byte:4200=0xee raw
refused "extract of a damaged region" 2 'image region 0: SHA-256' builder extract "$T/bad.img" "$T/y"
edit "$T/lz4.img" "$T/bad.img" byte:4096=0xff
refused "extract of a region that does not unpack" 2 'compressed data' builder extract "$T/bad.img" "$T/y"
refused "extract to a long name" 1 'DIR: expected at most' builder extract "$plain" "$T/y$(printf '%04050d' 0 | tr 0 /)"
python3 - "$plain" "$T/payload" "$T/changed.img" <<'P'
import struct, sys
d = bytearray(open(sys.argv[1], "rb").read())
offset, _, _, size = struct.unpack_from("<QQQQ", d, 64 + 56 + 8)
open(sys.argv[2], "wb").write(d[offset:offset + size])
d[0x1000 + 0x1800] ^= 1
open(sys.argv[3], "wb").write(d)
P
status_is "a payload by itself verifies" 0 builder verify "$T/payload"
status_is "diff of a payload by itself and in an image" 1 builder diff "$T/payload" "$plain"
equals "names the format only" 'format: payload -> elf' "$(cat "$T/out")"
status_is "diff of two loaders" 1 builder diff "$plain" "$T/changed.img"
equals "names the code" 'loader code: changed' "$(cat "$T/out")"

# ---- the hosted machine reads every format ----
for format in elf image uimage efi; do
    builder --loader "$L" --kernel build/aarch64/debug/kernel.elf --app build/selftest.elf --format $format \
        --sign "$T/k.key" --out "$T/real.img"
    status_is "hosted machine: $format, compressed and signed" 0 "$KAAL_HOSTED" --until '^root task: hello' "$T/real.img"
done

# inspect shows damage of data without refusing
edit "$plain" "$T/bad.img" byte:4200=0xee raw
status_is "inspect of a damaged region" 0 builder inspect "$T/bad.img"
contains "it marks the digest" 'SHA-256 [0-9a-f]{64} BAD' "$T/out"
done_testing
