#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# kaal-system: the demo's manifest is good; every way to be wrong gets its one sentence with file,
# line and column; what it writes is what the root task's readers and other tools read.
. "$(dirname "$0")/../tap.sh"

DEMO=systems/demo/demo.yaml
S=$PWD/build/san/kaal-system
run_system() {
    timeout -k 5 60 "$S" "$@"
}

status_is "the demo's manifest is good" 0 run_system check $DEMO
qemu-system-aarch64 -nodefaults -machine virt,gic-version=2,dumpdtb="$T/virt.dtb" -cpu cortex-a53 -m 512M -display none 2>/dev/null
status_is "with the device tree of the machine too" 0 run_system check $DEMO --dtb "$T/virt.dtb"

# refused WHAT SED-SCRIPT SENTENCE [OPTION...]: the edited demo is refused with status 2 and that
# sentence, which begins with file:line:column
refused() {
    local what=$1 script=$2 sentence=$3
    shift 3
    sed "$script" $DEMO >"$T/bad.yaml"
    status_is "$what: status 2" 2 run_system check "$T/bad.yaml" "$@"
    contains "$what: says so" "^kaal-system: error: $T/bad.yaml:[0-9]+:[0-9]+: .*$sentence" "$T/out"
}
refused "not YAML" 's/^components:/components: [/' "not YAML: "
refused "unknown field" 's/memory: 16M/memry: 16M/' "vfs: unknown field 'memry'; is 'memory' meant\?"
refused "missing field" '/memory: 16M/d' "vfs: field 'memory' is missing"
refused "doubled field" 's/^memory:.*/memory: 48M\nmemory: 64M/' "'memory' stands here twice, first in line [0-9]+"
refused "doubled component" 's/^  hello:/  shell:/' "'shell' stands here twice"
refused "bad name" 's/^  hello:/  "hel lo":/' "expected a name of 1 to 23 letters.* found 'hel lo'"
refused "number out of range" 's/priority: 150/priority: 251/' "priority: expected a number from 1 to 250, found '251'"
refused "no number" 's/priority: 150/priority: high/' "priority: expected a number from 1 to 250, found 'high'"
refused "negative size" 's/memory: 16M/memory: -1/' "memory: expected bytes .* found '-1'"
refused "size that overflows" 's/memory: 16M/memory: 99999999999999999999G/' "memory: expected bytes"
refused "unknown unit" 's/memory: 16M/memory: 16T/' "memory: expected bytes .* found '16T'"
refused "unknown type" 's/type: service/type: servise/' "type: expected one of driver, service, application, found 'servise'"
refused "unknown right" 's/\[inspect, manage\]/[inspect, admin]/' "rights: expected one of inspect, manage, devices, found 'admin'"
refused "list where a value belongs" 's/priority: 150/priority: [1]/' "priority: expected a single value, found a list"
refused "value where a mapping belongs" 's/^  hello:/  goodbye: 3\n  hello:/' "goodbye: expected a mapping"
refused "unknown server" 's/to: log,/to: logg,/' "log: no component is called 'logg'; is 'log' meant\?"
refused "call of itself" 's/to: log,/to: vfs,/' "log: 'vfs' cannot call itself"
refused "server below its client" 's/priority: 150/priority: 50/' "vfs: expected a server of priority 100 or more, as 'shell' has, found 'vfs' with 50"
refused "circle of calls" 's/^    binary: pl031/&\n    channels: {back: pacer}/;s/^    channels: {timer: timer}/    channels: {clock: clock}/;s/priority: 185/priority: 200/' "calls form a circle.* -> .* -> "
refused "device with two owners" 's/arm,pl061/arm,pl011/' "gpio: 'arm,pl011' already belongs to 'uart' \(line [0-9]+\)"
refused "device under two names" 's/gpio: {compatible: "arm,pl061"}/gpio: {path: "\/pl011@9000000"}/' "already belongs to 'uart'" --dtb "$T/virt.dtb"
refused "device that is not there" 's/arm,pl061/arm,pl999/' "gpio: the device tree has no node with compatible 'arm,pl999'" --dtb "$T/virt.dtb"
refused "the kernel's device" 's/arm,pl061/arm,cortex-a15-gic/' "is an interrupt controller, which the kernel keeps" --dtb "$T/virt.dtb"
refused "two ways to name a device" 's/gpio: {compat/gpio: {alias: a, compat/' "gpio: expected one of path, alias, compatible and interrupt, found 2"
refused "too little for one" 's/memory: 16M/memory: 64K/' "vfs: memory: expected at least [0-9]+ bytes .* found 65536"
refused "too little for all" 's/^memory: 48M/memory: 8M/' "memory: expected at least the [0-9]+ bytes that the components may use together, found 8388608"
refused "slots not a power of two" 's/memory: 16M/&\n    slots: 100/' "vfs: slots: expected a power of two of at least [0-9]+, found 100"
refused "file outside" 's/^  README: .*/  ..\/x: demo.yaml/' "files: expected a name without leading '/'"
refused "ring to nobody" 's/^rings:/&\n  r: {from: shell, to: nobody, entries: 4, bytes: 8}/' "r: no component is called 'nobody'"
refused "ring of three" 's/^rings:/&\n  r: {from: shell, to: uart, entries: 3, bytes: 8}/' "r: entries: expected a power of two, found 3"
refused "ring to itself" 's/^rings:/&\n  r: {from: shell, to: shell, entries: 4, bytes: 8}/' "r: expected two components, found 'shell' at both ends"
: >"$T/bad.yaml"
status_is "empty file: status 2" 2 run_system check "$T/bad.yaml"
contains "empty file: says so" "expected a manifest, found an empty file" "$T/out"
status_is "no such file: status 4" 4 run_system check "$T/none.yaml"
status_is "unknown option: status 1" 1 run_system check $DEMO --frob
status_is "too few files: status 1" 1 run_system diff $DEMO
status_is "a file that is no device tree: status 3" 3 run_system check $DEMO --dtb $DEMO

# ---- authority and differences ----
status_is "authority is listed" 0 run_system authority $DEMO
contains "the shell's is all there" "^    call vfs$" "$T/out"
status_is "no difference: status 0" 0 run_system diff $DEMO $DEMO
contains "and none is shown" "^0 gained, 0 lost$" "$T/out"
sed 's/rights: \[inspect\]/rights: [inspect, manage]/' $DEMO >"$T/more.yaml"
status_is "a right gained: status 1" 1 run_system diff $DEMO "$T/more.yaml"
contains "and named" "^\+ vfs: the right 'manage'$" "$T/out"
status_is "a right lost: status 0" 0 run_system diff "$T/more.yaml" $DEMO
contains "and named" "^- vfs: the right 'manage'$" "$T/out"
sed 's/memory: 16M/memory: 17M/' $DEMO >"$T/more.yaml"
status_is "more memory is a gain" 1 run_system diff $DEMO "$T/more.yaml"
contains "with both amounts" "^\+ vfs: use memory, bytes: 17825792, was 16777216$" "$T/out"

# ---- what is shown ----
run_system json $DEMO >"$T/demo.json"
check "json is JSON" python3 -c "
import json, sys
d = json.load(open(sys.argv[1]))
assert [c['name'] for c in d['components']][0] == 'uart' and d['memory'] == 48 << 20" "$T/demo.json"
status_is "the graph is drawn" 0 run_system graph $DEMO "$T/demo.svg" --dtb "$T/virt.dtb"
contains "as SVG" "<svg " "$T/demo.svg"
status_is "or written for Graphviz" 0 run_system graph $DEMO "$T/demo.dot"
contains "with every channel" 'component:shell" -> "component:vfs"' "$T/demo.dot"

# ---- compiled, with a program linked where components are ----
cat >"$T/tiny.S" <<'END'
    .text
    .global _start
    .type _start, %function
_start: b _start
    .size _start, . - _start
END
mkdir -p "$T/bin"
check "a program links" "${CROSS:-aarch64-linux-gnu-}gcc" -g -nostdlib -static -no-pie -Wl,--build-id=none,-z,max-page-size=4096,-Ttext-segment=0x10000000000 "$T/tiny.S" -o "$T/bin/tiny.elf"
printf 'system: t\ncomponents:\n  a: {binary: tiny, type: service, priority: 9, memory: 1M, arguments: [one, "two words"]}\n  b: {binary: tiny, type: application, priority: 7, memory: 1M, channels: {x: {to: a, buffer: 5000}}}\nfiles: {etc/self: tiny.yaml}\n' >"$T/tiny.yaml"
status_is "it compiles" 0 run_system compile "$T/tiny.yaml" "$T/t.sys" "$T/t.cpio" --binaries "$T/bin"
cp "$T/t.sys" "$T/t1.sys" && cp "$T/t.cpio" "$T/t1.cpio"
(cd / && umask 077 && TZ=UTC+9 LC_ALL=C timeout 60 "$S" compile "$T/tiny.yaml" "$T/t.sys" "$T/t.cpio" --binaries "$T/bin")
check "twice the same bytes" cmp "$T/t.sys" "$T/t1.sys"
check "in the archive too" cmp "$T/t.cpio" "$T/t1.cpio"
check "the archive is cpio newc, files aligned to 8 bytes" python3 - "$T/t.cpio" "$T/tiny.yaml" <<'END'
import sys
data, at, files = open(sys.argv[1], 'rb').read(), 0, {}
while True:
    assert data[at:at + 6] == b'070701', at
    f = [int(data[at + 6 + 8 * i:at + 14 + 8 * i], 16) for i in range(13)]
    name = data[at + 110:at + 110 + f[11]].split(b'\0')[0].decode()
    start = (at + 110 + f[11] + 3) // 4 * 4
    if name == 'TRAILER!!!': break
    assert start % 8 == 0, name
    files[name] = data[start:start + f[6]]
    at = (start + f[6] + 3) // 4 * 4
assert list(files) == ['bin/tiny', 'sym/tiny', 'etc/self'], list(files)
assert files['etc/self'] == open(sys.argv[2], 'rb').read()
assert b'_start' in files['sym/tiny'] and files['bin/tiny'][:4] == b'\x7fELF'
END
sed -i 's/binary: tiny/binary: missing/' "$T/tiny.yaml"
status_is "a program that is not there: status 4" 4 run_system compile "$T/tiny.yaml" "$T/u.sys" "$T/u.cpio" --binaries "$T/bin"
equals "no output is left" "" "$(ls "$T"/u.* 2>/dev/null)"
sed -i 's/binary: missing/binary: low/' "$T/tiny.yaml"
"${CROSS:-aarch64-linux-gnu-}gcc" -nostdlib -static -no-pie "$T/tiny.S" -o "$T/bin/low.elf"
status_is "a program linked elsewhere: status 2" 2 run_system compile "$T/tiny.yaml" "$T/u.sys" "$T/u.cpio" --binaries "$T/bin"
contains "says where it must be" "a: binary: .*low.elf: segment 0: address: expected a component's, from 0x10000000000" "$T/out"
head -c 100 "$T/bin/tiny.elf" >"$T/bin/low.elf"
check "a program cut off is refused" bash -c "! timeout 60 $S check $T/tiny.yaml --binaries $T/bin"
done_testing
