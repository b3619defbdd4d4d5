# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# To be sourced: cases on the systems under systems/, for the machine whose boot() is defined.

# What is printed from the root task's first line on.
from_root_task() {
    tr -d '\r' | sed -n '/^root: system/,$p'
}

check_systems() {
    boot build/systems/check/debug.elf 2>&1 | from_root_task >"$T/check.out"
    equals "check: the status is that of a component that faulted and stays down" 100 "${PIPESTATUS[0]}"
    # address, where it is and why; ESR classes: Arm ARM D17.2.37
    contains "a read through a null pointer" "^root: fault: null: read of address 0x0, a null pointer\?" "$T/check.out"
    contains "its function and line" "fault_null\+0x[0-9a-f]+ \(components/tests/faulter.c:[0-9]+\)" "$T/check.out"
    contains "its callers" "^root:   #1 .*(main|comp_start)\+" "$T/check.out"
    contains "a write to code" "^root: fault: write: write of address 0x10000000000, in its image, which is r-x" "$T/check.out"
    contains "a stack overflow" "^root: fault: stack: write of address 0x12ffff[0-9a-f]+, below the stack, which may grow to 64 KiB: a stack overflow\?" "$T/check.out"
    contains "execution of data" "^root: fault: execute: instruction fetch of address 0x[0-9a-f]+, in its image, which is rw-" "$T/check.out"
    contains "an undefined instruction" "^root: fault: undefined: an undefined instruction \(ESR 0x2000000\)" "$T/check.out"
    contains "a register of the kernel" "^root: fault: register: an undefined instruction" "$T/check.out"
    contains "a system call through nothing" "^root: fault: cap: system call \(send\) through cptr 0x100000: the guard is another" "$T/check.out"
    contains "an unknown system call" "^root: fault: syscall: unknown system call 77" "$T/check.out"
    contains "the quota" "^root: fault: quota: no page for address 0x130[0-9a-f]+: quota asked for 4096 bytes and holds [0-9]+ of its quota of 524288" "$T/check.out"
    equals "a restart policy: one more life, without a fault" "null: faulter: no fault in life 2" "$(grep '^null: ' "$T/check.out" | tail -n 1)"
    equals "a restart limit" "root: write stays down after 1 restarts" "$(grep '^root: write ' "$T/check.out" | tail -n 1)"
    equals "without a policy: one life" 1 "$(grep -c '^stack: faulter: now' "$T/check.out")"
    contains "ps lists everybody" "^shell: +11 quota +application +running +82" "$T/check.out"
    equals "the run ends by itself" "root: all applications have ended, status 100" "$(tail -n 1 "$T/check.out")"
}

# A system whose tester prints TAP, each line with its name before it: NAME and how many cases at least,
# and the run's status, 0 unless told.
check_tester() {
    boot "build/systems/$1/debug.elf" 2>&1 | from_root_task >"$T/$1"
    equals "$1: the run's status" "${3:-0}" "${PIPESTATUS[0]}"
    equals "every case that was planned ran" "$(sed -n 's/^tester: 1\.\.//p' "$T/$1")" "$(grep -c '^tester: ok' "$T/$1")"
    check "at least $2 cases" test "$(grep -c '^tester: ok' "$T/$1")" -ge "$2"
}

# Requests to the root task, what they refuse, and what faults on memory that was asked for say.
check_requests() {
    check_tester requests 50 100
    contains "a component without rights is denied all that needs one" "^plain: denied 15 of 15" "$T/requests"
    contains "what was made read-only" "^root: fault: protected: write of address 0x160[0-9a-f]+, in its mapped memory, which is r--" "$T/requests"
    contains "what was unmapped" "^root: fault: unmapped: write of address 0x160[0-9a-f]+, where nothing is" "$T/requests"
    contains "a guard page" "^root: fault: guard: write of address 0x160[0-9a-f]+, in its guard page" "$T/requests"
    contains "a device's interrupt" "^tester: interrupts: 39$" "$T/requests"
}

# A session at the demo's terminal: tests/terminal.txt is typed, what comes back is in $T/terminal.
# The first key may come before the UART's driver and is an empty line.
check_terminal() {
    (printf '\r' && tr '\n' '\r' <tests/terminal.txt) >"$T/typed"
    type_at build/systems/demo/debug.elf "$T/typed" 2>&1 | from_root_task | grep -v '^kaal> $' >"$T/terminal"
    equals "terminal: the status that was typed" 5 "${PIPESTATUS[0]}"
    contains "a command is echoed" '^kaal> mkdir /notes$' "$T/terminal"
    equals "a file is read back" "first things first second" "$(sed -n '/^kaal> cat plan/,/^kaal> mv/p' "$T/terminal" | sed '1d;$d' | tr '\n' ' ' | sed 's/ $//')"
    contains "a folder is listed with sizes" '^ +26  done$' "$T/terminal"
    contains "what is not there" '^cat: /image/README.none: not found$' "$T/terminal"
    contains "what may not be removed" '^rm: /notes: the folder is not empty$' "$T/terminal"
    contains "what is no command" "^nonsense: no such command; 'help' lists them$" "$T/terminal"
    contains "words in quotation marks" '^two words three$' "$T/terminal"
    contains "a client and its server" '^answer 2: world$' "$T/terminal"
    contains "a program of its own" '^hello from hello, life 1$' "$T/terminal"
    contains "the full-screen program leaves its file" '^x buy milk$' "$T/terminal"
    contains "with all it was told" '^- read a book$' "$T/terminal"
    contains "the clock" '^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8} UTC$' "$T/terminal"
    contains "the time since the start" '^[0-9]+\.[0-9]{3} s$' "$T/terminal"
    contains "a command completed by TAB" '^kaal> uptime' "$T/terminal"
    contains "a line of the history, changed" '^history works$' "$T/terminal"
}

# Servers of every kind stopped in the middle of calls under load: the clients' results are asserted by
# themselves, and what was free before is free after. How long recovery took is told, not asserted.
check_chaos() {
    boot build/systems/chaos/debug.elf 2>&1 | from_root_task >"$T/chaos"
    equals "chaos: nothing is lost" 0 "${PIPESTATUS[0]}"
    contains "the books are the same" "^chaos: [0-9]+ restarts; free bytes ([0-9]+) before, \1 after; slots ([0-9]+), \2; untypeds ([0-9]+), \3$" "$T/chaos"
    equals "all three workers came to their end" 3 "$(grep -c '^worker[0-9]: session: good' "$T/chaos")"
    for kind in echo vfs log names uart clock gpio timer; do
        contains "calls to $kind were broken" "^chaos: $kind: [0-9]+ restarts, ([3-9]|[1-9][0-9]+) broken calls" "$T/chaos"
    done
    sed -n 's/^chaos: /# /p' "$T/chaos"
}
