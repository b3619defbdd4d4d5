/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Fast paths for Send, NBSend, Signal and Yield (abi/syscalls.md §3.1, §6; abi/scheduling.md §2,
 * §3). Taken when one CNode leads to the cap, the message has no caps and at most four words, and
 * the threads are in one domain.
 */
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
    if ((from->rank | to->rank) / RANK_ATTENTION != 0 || cap_is_null(to->slots[TCB_VSPACE].cap))
        return WAKE_SLOWLY;
    return WAKE_SWITCHES;
}

INLINE struct context *wake_up(struct cpu *cpu, struct tcb *from, struct tcb *to, enum wake wake)
{
    if (wake == WAKE_SWITCHES) {
        sched_enqueue_head(cpu, from);
        return fastpath_switch(cpu, to);
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

INLINE void transfer(const struct tcb *from, struct tcb *to, uint64_t badge)
{
    uint64_t info = from->context.reg[REG_X1];
    for (uint64_t i = 0; i < msginfo_length(info); i++)
        to->context.reg[REG_X2 + i] = from->context.reg[REG_X2 + i];
    to->context.reg[REG_X0] = badge;
    to->context.reg[REG_X1] = msginfo_new(msginfo_label(info), 0, 0, msginfo_length(info));
}

struct context *fastpath_send(struct cpu *cpu)
{
    struct tcb *from = cpu->current;
    const struct slot *slot = fastpath_lookup(from, from->context.reg[REG_X0]);
    if (!slot || from->context.reg[REG_X1] % 512 > MSG_REGISTERS)
        return core_syscall_slowly(cpu);
    if (is_ipc_cap(slot->cap, CAP_NOTIFICATION, RIGHT_WRITE))
        return signal_fast(cpu, slot->cap);
    if (!is_ipc_cap(slot->cap, CAP_ENDPOINT, RIGHT_WRITE) || from->faulty)
        return core_syscall_slowly(cpu);
    struct wait_queue *queue = &endpoint_of(slot->cap)->queue;
    if (wait_state(queue) != ENDPOINT_RECEIVING)
        return core_syscall_slowly(cpu);
    struct tcb *to = queue->head;
    enum wake wake = wake_of(cpu, from, to);
    if (wake == WAKE_SLOWLY)
        return core_syscall_slowly(cpu);
    wait_remove(queue, to);
    transfer(from, to, ipc_badge(slot->cap));
    return wake_up(cpu, from, to, wake);
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
