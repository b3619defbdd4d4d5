#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Recordings of kaal-hosted and kaal-replay: a run is executed again bit by bit without a CPU engine;
# damage to the file is found or named; cases, traces and recordings go through one program.
. "$(dirname "$0")/../tap.sh"
replay=build/$KAAL_VARIANT/kaal-replay
[ -x "$replay" ] || replay=build/kaal-replay

"$KAAL_HOSTED" --record "$T/run" "$KAAL_IMAGE" >"$T/console" 2>&1
equals "recording does not change how a run ends" 0 "$?"
"$KAAL_HOSTED" "$KAAL_IMAGE" >"$T/plain" 2>&1
check "nor what it prints" cmp "$T/console" "$T/plain"
"$KAAL_HOSTED" --record "$T/again" "$KAAL_IMAGE" >/dev/null 2>&1
check "two recordings of the same run are equal" cmp "$T/run" "$T/again"

status_is "the recording is replayed with equal state hashes" 0 "$replay" --quiet "$T/run"
contains "... a hash every 256 entries and one at the end" 'run: [0-9]{4,} kernel entries, ([0-9]{2,}) state hashes equal$' "$T/out"
status_is "... under the invariants too" 0 "$replay" --quiet --check "$T/run"
"$replay" --from 2000 "$T/run" >"$T/words" 2>&1
contains "in words: the console's lines" '^root task: .* all is well' "$T/words"
contains "... the traps" '^#2[0-9]{3} .* Call 0x[0-9a-f]+ \(' "$T/words"
contains "... and what they changed" '^    slot [0-9]+: \+ (Frame|Endpoint|TCB|Untyped|CNode|Notification) 0x' "$T/words"

# change AT: one bit of the byte there
change() {
    cp "$T/run" "$T/bad"
    printf "%b" "$(printf '\\x%02x' $((0x$(xxd -s "$1" -l 1 -p "$T/run") ^ 1)))" |
        dd of="$T/bad" bs=1 seek="$1" conv=notrunc status=none
}
# offsets of the first step of each kind: the 2nd memory step, the last hash
read -r ram hash < <(python3 - "$T/run" <<'PY'
import sys
b = open(sys.argv[1], "rb").read()
at, ram, last = 1, [], 0
while at < len(b):
    if b[at] == 2: ram.append(at)
    if b[at] == 6: last = at
    at += 2 + b[at + 1]
print(ram[1] + 10, last + 12)
PY
)
change "$ram"
status_is "a bit of the loaded memory changed: a hash differs" 1 "$replay" --quiet "$T/bad"
contains "... and the sentence says where" 'kernel entry 256: state hash [0-9a-f]{32} expected, [0-9a-f]{32} found' "$T/out"
change "$hash"
status_is "a hash changed: found" 1 "$replay" --quiet "$T/bad"
change 20
status_is "another kernel's recording is refused" 2 "$replay" --quiet "$T/bad"
contains "... by its build id" 'expected the build id of this program.s own kernel' "$T/out"
status_is "... unless asked for" 0 "$replay" --quiet --any-kernel "$T/bad"
head -c 100000 "$T/run" >"$T/short"
status_is "a recording cut short is named as that" 2 "$replay" --quiet "$T/short"
contains "... in one sentence" 'expected (an end, found none|one that record.h names)' "$T/out"
status_is "a recording that cannot be written" 65 "$KAAL_HOSTED" --record "$T/no/such" "$KAAL_IMAGE"

status_is "a fuzz case in words" 0 "$replay" tests/corpus/regression/fault-padding
contains "... ends with the verdict" 'fault-padding: [0-9]+ steps, [0-9]+ kernel entries, no failure$' "$T/out"
build/fuzz/explore-wrong --only exchange --out "$T/trace" >/dev/null 2>&1
status_is "a trace of the explorer in words" 0 "$replay" "$T/trace"
contains "... the right appears" '^    ".": blocked sending -> blocked on reply' "$T/out"
contains "... and the suspension takes it away" '^    "." held reply right: - Reply to thread' "$T/out"
status_is "in the kernel in which it was found, it fails" 1 build/fuzz/kaal-replay-wrong --quiet "$T/trace"
contains "... at its last step, by the invariant" 'trace: step 3, kernel entry [0-9]+: .*right to reply' "$T/out"
failing=$(sed -nE 's/.*step 3, kernel entry ([0-9]+):.*/\1/p' "$T/out")
status_is "a file that is not there" 2 "$replay" "$T/nothing"
status_is "a file that is too long for a case" 2 "$replay" "$KAAL_IMAGE"
status_is "--gdb says that nothing fails" 2 "$replay" --gdb "$T/trace"
if command -v gdb >/dev/null; then
    GDB_CMD=backtrace status_is "--gdb stops before the entry asked for" 0 build/kaal-replay --gdb --stop 3 "$T/trace"
    contains "... in replay_stop, called by the entry" '#1 .*enter ' "$T/out"
    GDB_CMD='info args' status_is "--gdb without it stops at the entry that fails" 0 \
        build/fuzz/kaal-replay-wrong --gdb "$T/trace"
    contains "... and says which" "^kernel entry $failing: the debugger stops before it" "$T/out"
    contains "... in replay_stop" 'Breakpoint 1, .*replay_stop' "$T/out"
else
    skip "--gdb" "no gdb here"
fi
done_testing
