#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The stub kernel of tests/boot checks the state it is entered in against abi/boot.md §1: on QEMU's
# virt at every exception level with several CPUs and both interrupt controllers, on raspi3b and
# xlnx-zcu102, with one CPU and with all of them. Also the loader's speed and size.
. "$(dirname "$0")/../tap.sh"

CC=${CROSS:-aarch64-linux-gnu-}
LINK="${CC}gcc -nostdlib -static -no-pie -Wl,--build-id=none,-z,max-page-size=4096,--no-warn-rwx-segments"
A=$T/app.elf
check "the root task links" $LINK -Wl,-T,tests/qemu/testapp.ld tests/qemu/testapp.S -o "$A"
# stub NAME PHYSICAL ASSEMBLER-SYMBOLS...
stub() {
    local name=$1 physical=$2 symbols=
    shift 2
    for s in "$@"; do symbols+=,--defsym=$s; done
    $LINK -Wl,-T,tests/boot/stub.ld -Wl,--defsym=PHYSICAL="$physical" ${symbols:+-Wa$symbols} \
        tests/boot/stub.S -o "$T/$name.elf"
}
image() {
    "$KAAL_BUILDER" --loader build/loader.elf --app "$A" --kernel "$T/$1.elf" --out "$T/$2" "${@:3}"
}
run() {
    timeout -k 2 60 qemu-system-aarch64 -display none -monitor none -nodefaults \
        -semihosting-config enable=on,target=native "$@" </dev/null
}
entered() {
    status_is "$1: entered as abi/boot.md says" 0 run "${@:2}"
}

check "the stub kernel links: one CPU" stub one 0x40000000
check "the stub kernel links: four CPUs" stub four 0x40000000 CPUS=4 NOTE=2
check "the stub kernel links: two CPUs" stub two 0x40000000 CPUS=2 NOTE=3
check "the stub kernel links: low memory" stub low 0x200000
check "the stub kernel links: low memory, four CPUs" stub low4 0x200000 CPUS=4 NOTE=2
for k in one four two; do check "image of $k" image $k $k.img --level debug; done

# ---- virt ----
virt() {
    entered "$1" -serial stdio -m 512M -machine "$2" -cpu "$3" -smp "$4" -kernel "$T/$5.img"
}
for cpu in cortex-a53 cortex-a57 cortex-a72 max; do
    virt "EL1, GICv2, $cpu" virt $cpu 1 one
    virt "EL2, GICv3, $cpu, four CPUs started" virt,gic-version=3,virtualization=on $cpu 4 four
    virt "EL3, GICv2, $cpu, four CPUs started" virt,secure=on $cpu 4 four
done
contains "the report says how many started" '^loader: 4 CPUs started' "$T/out"
contains "and at which level it was entered" '^loader: entered at exception level 0x3' "$T/out"
virt "EL1, four CPUs started" virt cortex-a53 4 four
virt "EL3 with EL2, GICv3, four CPUs started" virt,secure=on,virtualization=on,gic-version=3 max 4 four
virt "EL3, GICv3, three CPUs stay parked" virt,secure=on,gic-version=3 cortex-a53 4 one
virt "EL1, CPUs stay off" virt cortex-a53 4 one
virt "EL2, two CPUs, a kernel that can be moved" virt,virtualization=on cortex-a53 2 two
image two moved.img --kernel-paddr 0x46000000
virt "EL1, moved kernel, two CPUs" virt cortex-a53 2 moved
# the stub wants four; the fourth check that fails is that they come
status_is "a kernel that waits for CPUs that are not there says so" 32 run -serial stdio -m 512M \
    -machine virt -cpu cortex-a53 -smp 2 -kernel "$T/four.img"
# in the way: at EL3 the parked CPUs and the monitor go along
for place in 0x40100000 0x40380000; do
    python3 tests/qemu/image_damage.py "$T/four.img" move $place >"$T/way.img"
    virt "EL3, loader in the way at $place, four CPUs" virt,secure=on cortex-a53 4 way
    contains "it moved itself" 'out of the way' "$T/out"
done
# reserved memory is passed over by a loader that moves
qemu-system-aarch64 -nodefaults -machine virt,gic-version=2,dumpdtb="$T/virt.dtb" -cpu cortex-a53 -smp 4 -m 512M -display none 2>/dev/null
{ dtc -q -I dtb -O dts "$T/virt.dtb" && echo '/ { reserved-memory { #address-cells = <2>; #size-cells = <2>; ranges; x@40600000 { reg = <0 0x40600000 0 0x1000000>; }; }; };'; } |
    dtc -q -I dts -O dtb -o "$T/holes.dtb" -
status_is "loader in the way, RAM above it reserved" 0 run -serial stdio -m 512M -machine virt -cpu cortex-a53 \
    -dtb "$T/holes.dtb" -kernel "$T/way.img" -smp 4
contains "it went behind the reserved range" '^loader: page tables: TTBR0 0x41[6-9a-f]' "$T/out"
image one linux.img --format image
virt "Linux Image at EL1" virt cortex-a53 1 linux
virt "Linux Image at EL2" virt,virtualization=on cortex-a53 1 linux
# put anywhere, by a debugger or another loader that gives no tree
fdtput -ts "$T/virt.dtb" / model "tree of the image"
image one far.img --format image --dtb "$T/virt.dtb"
far() {
    run -serial stdio -m 512M -machine "$1" -cpu cortex-a53 -device "loader,file=$T/far.img,addr=$2,force-raw=on,cpu-num=0"
}
for where in 0x40239000 0x47777000; do
    status_is "put at $where at EL1, tree in the image" 0 far virt $where
    status_is "put at $where at EL3, tree in the image" 0 far virt,secure=on $where
done
contains "it is the one that counts" '^loader: model tree of the image$' "$T/out"
virt "Linux Image with a tree, started by firmware with another" virt cortex-a53 1 far
contains "the firmware's tree counts over the image's own" '^loader: model linux,dummy-virt$' "$T/out"
status_is "put over the end of RAM" 4 far virt 0x5ffa0000
contains "it says so" 'RAM too small: loader and payload: expected memory at 0x60' "$T/out"
image one quiet.img --level quiet
virt "quiet" virt cortex-a53 1 quiet
equals "quiet: the loader says nothing" 1 "$(wc -l <"$T/out")"

# ---- boards that pass no device tree ----
for b in raspi3b zcu102; do check "$b: device tree" dtc -q -I dts -O dtb -o "$T/$b.dtb" "tests/boot/$b.dts"; done
cp "$T/raspi3b.dtb" "$T/mini.dtb" && fdtput -ts "$T/mini.dtb" /chosen stdout-path serial1
cp "$T/raspi3b.dtb" "$T/none.dtb" && fdtput -d "$T/none.dtb" /chosen stdout-path
for k in low low4; do
    image $k pi.elf --dtb "$T/raspi3b.dtb"
    entered "raspi3b, EL3, $k" -machine raspi3b -serial stdio -kernel "$T/pi.elf"
    contains "raspi3b: PL011 console" '^loader: model Raspberry Pi 3B' "$T/out"
    image $k pi.img --dtb "$T/raspi3b.dtb" --format image
    entered "raspi3b, EL2 as an Image, $k" -machine raspi3b -serial stdio -kernel "$T/pi.img"
done
image low mini.elf --dtb "$T/mini.dtb"
entered "raspi3b, mini-UART" -machine raspi3b -serial null -serial stdio -kernel "$T/mini.elf"
contains "raspi3b: mini-UART console" '^loader: jumping to kernel' "$T/out"
image low none.elf --dtb "$T/none.dtb"
entered "raspi3b without a console" -machine raspi3b -serial stdio -kernel "$T/none.elf"
equals "raspi3b without a console: the loader says nothing" 1 "$(wc -l <"$T/out")"
image low zcu.elf --dtb "$T/zcu102.dtb"
for o in "" ,virtualization=on ,secure=on; do
    entered "xlnx-zcu102$o" -machine "xlnx-zcu102$o" -serial stdio -m 512M -kernel "$T/zcu.elf"
    contains "xlnx-zcu102$o: Cadence console" '^loader: jumping to kernel' "$T/out"
done

# ---- speed: instructions from the first of the loader to the kernel's entry, for 8 MiB ----
head -c 8388608 /dev/urandom >"$T/noise"
printf '.global _start\n_start: b .\n.data\n.incbin "%s/noise"\n' "$T" >"$T/big.S"
$LINK -Wl,-Ttext=0x400000 "$T/big.S" -o "$T/big.elf"
"$KAAL_BUILDER" --loader build/loader.elf --app "$T/big.elf" --kernel "$T/one.elf" --compress none --level quiet --out "$T/big.img"
# bounded WHAT LIMIT IMAGE: instructions a payload byte, in hundredths
bounded() {
    run -serial stdio -m 512M -machine virt -cpu max,cntfrq=1000000000 -icount shift=0,sleep=off -kernel "$3" >"$T/out" 2>&1
    local count=$((16#$(head -n 1 "$T/out")))
    local each=$((count * 100 / 8409000))
    echo "# $1: $count instructions, $((each / 100)).$(printf %02d $((each % 100))) a payload byte"
    check "$1: at most $2 instructions a payload byte" test "$each" -le $(($2 * 100)) -a "$each" -gt 100
}
bounded "SHA-2 instructions" 3 "$T/big.img"
portable=0x$("${CC}nm" build/loader.elf | awk '$3 == "sha256_use_instructions" { print $1 }')
python3 tests/qemu/image_damage.py "$T/big.img" code "$portable" 0xd65f03c0 >"$T/portable.img"
bounded "portable code" 40 "$T/portable.img"

# The images that `make` builds, whose payload is small: here the fixed costs count.
for flavour in "" release/; do
    for limit in "3" "40 --portable"; do
        check "${flavour}bootimage.elf: instructions a payload byte at most $limit" \
            tools/loader-profile.py --top 0 --limit $limit "build/${flavour}bootimage.elf"
        sed 's/^/# /' "$T/check"
    done
done
status_is "a limit that does not hold is told" 1 tools/loader-profile.py --top 0 --limit 1

# What a signature and decompression add, for the root task's bytes.
count() {
    "$KAAL_BUILDER" --loader build/loader.elf --app build/selftest.elf --kernel "$T/one.elf" --level quiet --out "$T/count.img" "$@"
    run -serial stdio -m 512M -machine virt -cpu max,cntfrq=1000000000 -icount shift=0,sleep=off -kernel "$T/count.img" >"$T/out" 2>&1
    # the root task's first instruction is another than the stub's own; the count comes before that check
    echo $((16#$(head -n 1 "$T/out")))
}
plain=$(count --compress none)
printf '%064d' 3 >"$T/key"
for how in "--compress none --sign $T/key" "--compress lz4" "--compress zstd"; do
    with=$(count $how)
    echo "# ${how/$T\//}: $((with - plain)) instructions more than $plain"
    check "${how/$T\//}: costs at most 4 million instructions more" test $((with - plain)) -lt 4000000 -a "$with" != "$plain"
done

# ---- size: own code, libfdt, compiler's library; the cryptography and zstd are apart ----
check "the loader's text without signatures and zstd is at most 48 KiB" tools/loader-size.py 49152
sed 's/^/# /' "$T/check"
done_testing
