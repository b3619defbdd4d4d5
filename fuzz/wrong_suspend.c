/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A wrong kernel, linked over the right one to show what the explorer finds: suspending a thread
 * that waits for a reply leaves the right to reply behind (abi/scheduling.md §6 wants it gone).
 */
#include "thread.h"

void __real_thread_suspend(struct cpu *cpu, struct tcb *tcb);
void __wrap_thread_suspend(struct cpu *cpu, struct tcb *tcb);

void __wrap_thread_suspend(struct cpu *cpu, struct tcb *tcb)
{
    if (tcb->state == THREAD_BLOCKED_REPLY)
        tcb->state = THREAD_INACTIVE;
    else
        __real_thread_suspend(cpu, tcb);
}
