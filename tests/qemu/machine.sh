#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The AArch64 machine beyond the contract suite: RAM of many sizes, no-map holes, a moved kernel,
# refused boot options, the report of a kernel fault, and the end of a run without semihosting.
. "$(dirname "$0")/../tap.sh"

image=build/hal-suite.elf
kernel=build/aarch64/hal-suite.elf

boot() {
    tools/qemu.sh "$image" --timeout 60 "$@" >"$T/raw" 2>&1
    local status=$?
    tr -d '\r' <"$T/raw"
    return "$status"
}

# 2049M ends in the middle of a 2 MiB block; 64G is more than the host has.
for size in 128M 1500M 2049M 3G; do
    status_is "the suite passes with $size of RAM" 0 boot --memory "$size"
done
status_is "the suite passes with 64G of RAM" 0 boot --memory 64G --machine \
    virt,gic-version=3,memory-backend=m -- -object memory-backend-ram,id=m,size=64G,reserve=off
status_is "the kernel and its root task run with 64G of RAM" 0 tools/qemu.sh "$KAAL_IMAGE" --timeout 90 \
    --memory 64G --machine virt,memory-backend=m -- -object memory-backend-ram,id=m,size=64G,reserve=off
contains "all of it is handed out" '^untypeds: .* ordinary with 6710[0-9]{4} KiB:' "$T/out"
for cpu in cortex-a57 cortex-a72; do
    status_is "the suite passes on $cpu" 0 boot --cpu "$cpu"
done

"$KAAL_BUILDER" --loader build/loader.elf --kernel "$kernel" --app build/selftest.elf \
    --kernel-paddr 0x44a00000 --out "$T/moved.elf" >"$T/build" 2>&1
status_is "the kernel runs at another physical address" 0 \
    tools/qemu.sh "$T/moved.elf" --timeout 60

status_is "an unknown boot option stops the boot" 103 boot -- -append kaal.turbo=on
contains "it is named with what would be known" \
    '^boot: boot option "kaal.turbo=on": expected one of kaal.root_cnode_bits ' "$T/out"
status_is "a boot option out of range stops the boot" 103 boot -- -append kaal.slice_ticks=0
contains "the range is said" '"kaal.slice_ticks=0": expected a decimal number from 1 to 65535' "$T/out"

# Semihosting is undefined then; PSCI switches the machine off, which is status 0.
status_is "without semihosting the run ends by PSCI" 0 boot -- -semihosting-config enable=off
contains "having done everything" '^1\.\.[0-9]+$' "$T/out"

# debug OPTION... -- GDB-COMMAND...: the suite under gdb; status and output of the machine, gdb's output in
# $T/gdb-out.
debug() {
    local options=() commands=() machine i
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    for i in "$@"; do commands+=(-ex "$i"); done
    tools/qemu.sh "$image" --timeout 60 -- -S -gdb "unix:$T/gdb,server=on,wait=off" \
        "${options[@]}" >"$T/raw" 2>&1 &
    machine=$!
    for i in $(seq 100); do
        [ -S "$T/gdb" ] && break
        sleep 0.05
    done
    timeout 50 gdb-multiarch -nx --batch -iex 'set auto-load off' -ex "file $kernel" \
        -ex "target remote $T/gdb" "${commands[@]}" >"$T/gdb-out" 2>&1
    wait "$machine"
    i=$?
    rm -f "$T/gdb"
    tr -d '\r' <"$T/raw"
    return "$i"
}

status_is "a fault of the kernel ends the run with 101" 101 debug -- \
    'hbreak core_boot' continue 'set $x7 = 0x7777' 'set $pc = 0xffffff8050000000' continue
contains "it is reported" '^KERNEL FAULT: synchronous exception from the kernel$' "$T/out"
contains "with ESR, ELR and FAR" '  ESR=0x860000.* ELR=0xffffff8050000000 FAR=0xffffff8050000000' \
    "$T/out"
contains "and all registers" ' x7=0x7777$' "$T/out"
status_is "a stack overflow of the kernel is reported too" 101 debug -- \
    'hbreak core_enter' continue 'set $sp = (long)&kernel_rodata_end' continue
contains "as a write to read-only memory" '  ESR=0x9600004f ' "$T/out"
status_is "a write to the kernel's text faults" 101 debug -- \
    'hbreak hal_space_switch' continue 'set $x0 = (long)&vectors' \
    'set $pc = (long)&hal_pte_store' continue
contains "as a permission fault" '  ESR=0x9600004f ' "$T/out"

status_is "an SError ends the run with 102" 102 debug -- \
    'hbreak core_enter' continue 'set $pc = (long)&vectors + 0x580' continue
contains "it is reported with where it came from" '^KERNEL FAULT: SError from EL0$' "$T/out"

# no-map ranges, one at a ragged place, must be absent from the window.
qemu-system-aarch64 -display none -nodefaults -cpu cortex-a53 -m 512M \
    -machine "virt,gic-version=2,dumpdtb=$T/virt.dtb" >/dev/null 2>&1
dtc -q -I dtb -O dts -o "$T/virt.dts" "$T/virt.dtb"
cat >>"$T/virt.dts" <<'TXT'
/ {
    reserved-memory {
        #address-cells = <2>;
        #size-cells = <2>;
        ranges;
        secure@52345000 { reg = <0 0x52345000 0 0x10000>; no-map; };
        buffer@5ff00000 { reg = <0 0x5ff00000 0 0x100000>; };
        secure@5fef0000 { reg = <0 0x5fef0000 0 0x3000>; no-map; };
    };
};
TXT
dtc -q -I dts -O dtb -o "$T/holes.dtb" "$T/virt.dts"
status_is "the suite passes with holes in RAM" 0 boot -- -dtb "$T/holes.dtb"
status_is "the kernel and its root task run with them" 0 tools/qemu.sh "$KAAL_IMAGE" --timeout 90 -- -dtb "$T/holes.dtb"
check "no memory that is reserved is handed out" python3 - "$T/out" <<'P'
import re, sys
reserved = [(0x52345000, 0x52355000), (0x5ff00000, 0x60000000), (0x5fef0000, 0x5fef3000)]
pieces = [(int(a, 16), int(a, 16) + 2 ** int(b))
          for a, b in re.findall(r"slot +\d+: (0x[0-9a-f]+), 2\^(\d+) bytes", open(sys.argv[1]).read())]
wrong = [p for p in pieces for r in reserved if p[0] < r[1] and r[0] < p[1]]
print(len(pieces), "pieces; reserved:", wrong)
sys.exit(len(pieces) < 20 or bool(wrong))
P
looks=()
for pa in 52344000 52345000 52354000 52355000 5feef000 5fef0000 5fef2000 5fef3000 40000000 5ffff000 \
    60000000 3ffff000; do
    looks+=("monitor gva2gpa 0xffff0000$pa")
done
status_is "it stops where the window is complete" 0 debug -dtb "$T/holes.dtb" -- \
    'hbreak core_boot' continue "${looks[@]}" detach
equals "the window maps RAM and nothing marked no-map" \
    '0x52344000 no no 0x52355000 0x5feef000 no no 0x5fef3000 0x40000000 0x5ffff000 no no ' \
    "$(tr -d '\r' <"$T/gdb-out" | sed -n 's/^gpa: //p; s/^Unmapped/no/p' | tr '\n' ' ')"
done_testing
