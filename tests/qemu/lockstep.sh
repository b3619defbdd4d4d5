#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# tools/lockstep.py: both machines do the same, and when one does not, the first differing trap is
# named. `make lockstep` is the long comparison.
. "$(dirname "$0")/../tap.sh"

few=(--patch random_steps=8000 --least 10000 --bootargs kaal.max_irq=159)

status_is "the root task runs in lockstep" 0 tools/lockstep.py build/selftest.elf
contains "both machines ended by DebugHalt with equal digests" 'entries equal, .* digests [0-9a-f]{16} [0-9a-f]{16}$' "$T/out"
status_is "random calls run in lockstep (GICv2)" 0 tools/lockstep.py build/random.elf "${few[@]}"
status_is "random calls run in lockstep (GICv3)" 0 tools/lockstep.py build/random.elf "${few[@]}" --gic 3 --patch random_seed=2

# A hosted kernel that knows one interrupt less gives another range in its refusal.
status_is "a different result is status 1" 1 tools/lockstep.py build/random.elf "${few[@]}" \
    --hosted-change max_irq=159 max_irq=158
contains "the trap is named" '^lockstep: random.elf: first difference at kernel entry [0-9]+: the traps differ$' "$T/out"
contains "what QEMU did is shown" '^  QEMU +#.*IRQControl_.*RangeError 0x0,0x9f,' "$T/out"
contains "what the hosted machine did is shown beside it" '^  hosted +#.*IRQControl_.*RangeError 0x0,0x9e,' "$T/out"

# Threads with longer time slices: the same traps, another state.
status_is "a different state is status 1" 1 tools/lockstep.py build/random.elf "${few[@]}" \
    --bootargs kaal.slice_ticks=5 --hosted-change slice_ticks=5 slice_ticks=6
contains "it is said that the traps are equal" 'kernel entry 1: equal traps, different state afterwards$' "$T/out"

status_is "another status than expected is status 2" 2 tools/lockstep.py build/selftest.elf --status 5
contains "the statuses are named" 'QEMU ended with status 0, expected 5' "$T/out"
status_is "too few kernel entries are status 2" 2 tools/lockstep.py build/selftest.elf --least 1000000
contains "the numbers are named" '[0-9]+ kernel entries, expected at least 1000000' "$T/out"
status_is "a root task that is not there is status 2" 2 tools/lockstep.py no-such.elf
contains "it is named" 'no-such.elf' "$T/out"
status_is "a wrong command line is status 64" 64 tools/lockstep.py --gic 4 build/selftest.elf
done_testing
