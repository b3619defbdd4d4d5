/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Thread states (abi/scheduling.md §6, abi/syscalls.md §9).
 */
#include "thread.h"

#include "cancel.h"
#include "cdt.h"
#include "fault.h"
#include "notification.h"
#include "reply.h"
#include "sched.h"
#include "wait.h"

void thread_init(struct cpu *cpu, struct tcb *tcb)
{
    tcb->domain = (uint8_t)cpu->kernel->current_domain;
    tcb->slice = cpu->kernel->slice_ticks;
    tcb->context.reg[REG_SPSR] = cpu->kernel->initial_spsr;
    cdt_insert_boot(&tcb->slots[TCB_REPLY], cap_reply(pa_of(tcb), true, true));
}

void thread_cancel_ipc(struct tcb *tcb)
{
    switch (tcb->state) {
    case THREAD_BLOCKED_SEND:
    case THREAD_BLOCKED_RECEIVE:
    case THREAD_BLOCKED_NOTIFICATION: {
        struct wait_queue *queue = hal_window(tcb->blocked_on);
        if (tcb->cancel)
            cancel_leave(tcb);
        wait_remove(queue, tcb);
        break;
    }
    case THREAD_BLOCKED_REPLY:
        fault_clear(tcb);
        reply_withdraw(tcb);
        break;
    default: return;
    }
    tcb->state = THREAD_INACTIVE;
}

void thread_suspend(struct cpu *cpu, struct tcb *tcb)
{
    thread_cancel_ipc(tcb);
    if (tcb->state == THREAD_RUNNING)
        tcb->context.reg[REG_PC] = tcb->context.next_pc;
    tcb->state = THREAD_INACTIVE;
    sched_dequeue(cpu, tcb);
}

void thread_resume(struct cpu *cpu, struct tcb *tcb)
{
    if (thread_is_runnable(tcb))
        return;
    thread_cancel_ipc(tcb);
    tcb->state = THREAD_RESTART;
    sched_enqueue_head(cpu, tcb);
    sched_wake(cpu, tcb);
}

void thread_restart_among_many(struct cpu *cpu, struct tcb *tcb)
{
    tcb->state = THREAD_RESTART;
    sched_wake_among_many(cpu, tcb);
}

struct ipc_buffer *thread_buffer(const struct tcb *tcb, bool writable)
{
    struct cap frame = tcb->slots[TCB_IPC_BUFFER].cap;
    struct cap usual = cap_frame(0, FRAME_4K, RIGHT_READ | RIGHT_WRITE, false);
    if (frame.w[0] % FRAME_KIND == usual.w[0])
        return hal_window(paddr(frame.w[1] + tcb->ipc_buffer % (1ull << PAGE_BITS)));
    if (cap_type(frame) != CAP_FRAME || frame_is_device(frame))
        return NULL;
    unsigned needed = writable ? RIGHT_READ | RIGHT_WRITE : RIGHT_READ;
    if ((frame_rights(frame) & needed) != needed)
        return NULL;
    uint64_t offset = tcb->ipc_buffer % (1ull << frame_bits(frame));
    return hal_window(paddr(cap_object(frame) + offset));
}
