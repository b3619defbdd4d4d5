/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Floating point and SIMD state. The registers hold fp_owner's state; every other thread's is in
 * its TCB.
 */
#include "fpu.h"

/* Not inlined: the copies are long, and rare are the entries that need them here. */
__attribute__((noinline)) void fpu_switch(struct cpu *cpu, struct tcb *tcb)
{
    if (!tcb->fp_live) {
        hal_fpu_enable(false);
        return;
    }
    if (cpu->fp_owner != tcb) {
        if (cpu->fp_owner)
            hal_fpu_save(&cpu->fp_owner->fp);
        hal_fpu_load(&tcb->fp);
        cpu->fp_owner = tcb;
    }
    hal_fpu_enable(true);
}

bool fpu_first_use(struct cpu *cpu)
{
    if (cpu->current->flags & TCB_FLAG_FPU_DISABLED)
        return false;
    cpu->current->fp_live = true;
    return true;
}
