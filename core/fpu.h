/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Floating point and SIMD state (abi/scheduling.md §7). A thread that never used FP costs nothing:
 * its first FP instruction traps; from then on its state is switched with it. Registers of one
 * thread are never visible to another.
 */
#pragma once
#include "kernel.h"

/* Makes the FP unit right for the thread about to run. */
void fpu_switch(struct cpu *cpu, struct tcb *tcb);
/* The current thread executed an FP instruction that trapped; true = it may go on, retrying it. */
bool fpu_first_use(struct cpu *cpu);

/* From one thread that uses FP and ran to another: what fpu_switch() comes to. */
static inline __attribute__((always_inline)) void fpu_exchange(struct cpu *cpu, struct tcb *from,
                                                               struct tcb *to)
{
    hal_fpu_save(&from->fp);
    hal_fpu_load(&to->fp);
    cpu->fp_owner = to;
}
