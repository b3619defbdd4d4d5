#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# --graph: what the kernel holds is what the manifest says, and the picture shows it.
. "$(dirname "$0")/../tap.sh"

IMAGE=build/systems/demo/debug.elf
graph() {
    printf 'ps\n' >"$T/typed"
    timeout -k 5 120 "$KAAL_HOSTED" --console-input "$T/typed" --until '^ *[0-9]+ shell ' --graph "$1" $IMAGE
}
build/san/kaal-system json systems/demo/demo.yaml >"$T/demo.json"
status_is "a list" 0 graph "$T/demo.txt"
check "the caps are those of the manifest" tests/hosted/graph.py "$T/demo.txt" "$T/demo.json"
contains "with threads and what they wait for" '^thread clock: receives on 0x[0-9a-f]+, priority 200$' "$T/demo.txt"

# What the comparison is for.
wrong() {
    status_is "the comparison sees $1" 1 tests/hosted/graph.py "$T/wrong.txt" "$T/demo.json"
    contains "and says so" "$2" "$T/out"
}
uart=$(sed -n 's/^ *uart\[4\]: Endpoint \(0x[0-9a-f]*\),.*/\1/p' "$T/demo.txt")
sed "s/^\( *\)gpio\[1\]: Endpoint 0x[0-9a-f]*/\1gpio[1]: Endpoint $uart/" "$T/demo.txt" >"$T/wrong.txt"
wrong "a channel that nobody gave" "^gpio can call .'rootserver', 'uart'., expected .'rootserver'.$"
grep -v '^ *shell\[9\]: Endpoint' "$T/demo.txt" >"$T/wrong.txt"
wrong "a channel that is missing" '^shell can call '
sed 's/^\( *\)uart\[[0-9]*\]: IRQHandler/\1vfs[11]: IRQHandler/' "$T/demo.txt" >"$T/wrong.txt"
wrong "an interrupt in other hands" '^vfs holds 1 interrupts, expected 0'

status_is "a graph in Graphviz's language" 0 graph "$T/demo.dot"
status_is "a picture" 0 graph "$T/demo.svg"
for name in rootserver uart vfs shell; do
    contains "which shows $name" ">$name, priority [0-9]+, " "$T/demo.svg"
done
contains "and calls" '>→ vfs, badge|>&rarr; vfs, badge' "$T/demo.svg"
check "the picture is well-formed" python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' "$T/demo.svg"

status_is "a run that ended by itself is drawn too" 0 "$KAAL_HOSTED" --graph "$T/end.txt" "$KAAL_IMAGE"
contains "with its threads" '^thread rootserver: running' "$T/end.txt"
status_is "an ending that is none" 64 "$KAAL_HOSTED" --graph caps.jpeg $IMAGE
contains "one sentence" '^kaal-hosted: --graph: expected a name that ends with .svg, .pdf, .png, .dot or .txt, found "caps.jpeg"' "$T/out"
status_is "a folder that is not there" 65 graph "$T/none/x.dot"
contains "is told" "^kaal-hosted: --graph: $T/none/x.dot: No such file or directory$" "$T/out"
mkdir "$T/bin"
status_is "without Graphviz" 65 env PATH="$T/bin" "$PWD/$KAAL_HOSTED" --graph "$T/x.svg" "$KAAL_IMAGE"
contains "that is told" "expected Graphviz's program .dot., found none" "$T/out"
done_testing
