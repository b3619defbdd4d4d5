/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Fast paths for Send, NBSend, Signal and Yield (abi/syscalls.md §3.1, §6; abi/scheduling.md §2,
 * §3). Taken when the message has no caps and the threads are in one domain.
 */
#include "cspace.h"
#include "fastpath_common.h"

/* What waking `to` by the running thread `from` comes to, decided before anything is written. */
enum wake {
    WAKE_SWITCHES, /* `to` is above: it runs, `from` goes to the head of its queue */
    WAKE_QUEUES,   /* `from` goes on */
    WAKE_SLOWLY,
};

INLINE enum wake wake_of(const struct cpu *cpu, const struct tcb *from, const struct tcb *to)
{
    if (to->domain != from->domain)
        return WAKE_SLOWLY;
    if (to->priority <= from->priority)
        return sched_is_ready_above(cpu, from->priority) ? WAKE_SLOWLY : WAKE_QUEUES;
    if (cap_is_null(to->slots[TCB_VSPACE].cap))
        return WAKE_SLOWLY;
    return WAKE_SWITCHES;
}

INLINE struct context *wake_up(struct cpu *cpu, struct tcb *from, struct tcb *to, enum wake wake)
{
    if (wake == WAKE_SWITCHES) {
        sched_enqueue_head(cpu, from);
        return fastpath_switch_any(cpu, from, to);
    }
    to->state = THREAD_RUNNING;
    if (to->priority == from->priority)
        sched_enqueue_tail(cpu, to);
    else
        sched_enqueue_head(cpu, to);
    return &from->context;
}

NOINLINE struct context *signal_fast(struct cpu *cpu, struct cap cap)
{
    struct tcb *from = cpu->current;
    struct notification *ntfn = notification_of(cap);
    unsigned state = wait_state(&ntfn->queue);
    if (state == NOTIFICATION_WAITING) {
        struct tcb *to = ntfn->queue.head;
        enum wake wake = wake_of(cpu, from, to);
        if (wake == WAKE_SLOWLY)
            return core_syscall_slowly(cpu);
        wait_remove(&ntfn->queue, to);
        to->context.reg[REG_X0] = ipc_badge(cap);
        return wake_up(cpu, from, to, wake);
    }
    if (state == NOTIFICATION_IDLE && ntfn->bound)
        return core_syscall_slowly(cpu);
    ntfn->word = (state == NOTIFICATION_ACTIVE ? ntfn->word : 0) | ipc_badge(cap);
    wait_set_state(&ntfn->queue, NOTIFICATION_ACTIVE);
    return &from->context;
}

/* To the first receiver of the endpoint in `cap`, which the sender may write to. */
INLINE struct context *send(struct cpu *cpu, struct cap cap, bool any)
{
    struct tcb *from = cpu->current;
    struct wait_queue *queue = &endpoint_of(cap)->queue;
    if (from->faulty || wait_state(queue) != ENDPOINT_RECEIVING)
        return core_syscall_slowly(cpu);
    struct tcb *to = queue->head;
    enum wake wake = wake_of(cpu, from, to);
    struct buffers buffers = {NULL, NULL};
    if (wake == WAKE_SLOWLY || (any && !find_buffers(from, to, &buffers)))
        return core_syscall_slowly(cpu);
    wait_remove(queue, to);
    if (any)
        transfer_any(from, to, ipc_badge(cap), buffers);
    else
        transfer_short(from, to, ipc_badge(cap));
    return wake_up(cpu, from, to, wake);
}

/* A longer message, or a path of more than one CNode. */
NOINLINE struct context *send_any(struct cpu *cpu)
{
    struct tcb *from = cpu->current;
    struct lookup_fault ignored;
    const struct slot *slot = cspace_lookup(from, from->context.reg[REG_X0], &ignored);
    if (!slot || msginfo_extra_caps(from->context.reg[REG_X1]) != 0)
        return core_syscall_slowly(cpu);
    if (is_ipc_cap(slot->cap, CAP_NOTIFICATION, RIGHT_WRITE))
        return signal_fast(cpu, slot->cap);
    if (is_ipc_cap(slot->cap, CAP_ENDPOINT, RIGHT_WRITE))
        return send(cpu, slot->cap, true);
    return core_syscall_slowly(cpu);
}

struct context *fastpath_send(struct cpu *cpu)
{
    struct tcb *from = cpu->current;
    const struct slot *slot = fastpath_lookup(from, from->context.reg[REG_X0]);
    if (!slot)
        return core_syscall_slowly(cpu);
    if (from->context.reg[REG_X1] % 512 <= MSG_REGISTERS) { /* length and extraCaps in one */
        if (is_ipc_cap(slot->cap, CAP_NOTIFICATION, RIGHT_WRITE))
            return signal_fast(cpu, slot->cap);
        if (is_ipc_cap(slot->cap, CAP_ENDPOINT, RIGHT_WRITE))
            return send(cpu, slot->cap, false);
    }
    return send_any(cpu);
}

struct context *fastpath_yield(struct cpu *cpu)
{
    struct tcb *from = cpu->current;
    struct ready *ready = &cpu->kernel->ready[cpu->kernel->current_domain];
    struct ready_queue *queue = &ready->queue[from->priority];
    struct tcb *to = queue->head;
    if (sched_highest(ready) > from->priority)
        return core_syscall_slowly(cpu);
    if (!to)
        return &from->context;
    if (!same_kind(from, to) || from->rank / RANK_ATTENTION != 0 || to->state != THREAD_RUNNING ||
        cap_is_null(to->slots[TCB_VSPACE].cap))
        return core_syscall_slowly(cpu);
    sched_enqueue_tail(cpu, from);
    sched_dequeue(cpu, to);
    return fastpath_switch(cpu, to);
}
