/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Fast paths for Call and ReplyRecv (abi/syscalls.md §3.1, §4, §5.1; abi/scheduling.md §3). Taken
 * when: no extra caps, no recorded fault, the partner is in the same domain, has a VSpace and would
 * be switched to directly. Two Calls on a frame cap go on in fastpath_frame.c.
 */
#include "cspace.h"
#include "fastpath_common.h"
#include "fault.h"

/* One function serves three forms, each compiled for itself. */
enum form {
    PLAIN, /* at most four words, neither thread uses FP, CSpace of one CNode */
    FP,    /* the same, both threads use FP */
    ANY,   /* CSpace of several CNodes, or words in two buffers in 4 KiB frames, or one uses FP */
};

INLINE void transfer(const struct tcb *from, struct tcb *to, uint64_t badge, enum form form,
                     struct buffers buffers)
{
    if (form == ANY)
        transfer_any(from, to, badge, buffers);
    else
        transfer_short(from, to, badge);
}

/* May `to` run in place of the blocking thread `from` without a full choice? */
INLINE bool switches(const struct cpu *cpu, const struct tcb *from, const struct tcb *to,
                     enum form form)
{
    return form == ANY ? switches_directly_any(cpu, from, to) : switches_directly(cpu, from, to);
}

INLINE struct context *switch_to(struct cpu *cpu, struct tcb *from, struct tcb *to, enum form form)
{
    if (form == ANY)
        return fastpath_switch_any(cpu, from, to);
    if (form == FP)
        fpu_exchange(cpu, from, to);
    return fastpath_switch(cpu, to);
}

typedef struct context *form_fn(struct cpu *cpu);
NOINLINE struct context *call_any(struct cpu *cpu);
NOINLINE struct context *call_other(struct cpu *cpu);
NOINLINE struct context *reply_recv_other(struct cpu *cpu);
NOINLINE struct context *reply_recv_any(struct cpu *cpu);
NOINLINE struct context *reply_recv_faulter(struct cpu *cpu, const struct slot *slot);

INLINE struct context *call(struct cpu *cpu, enum form form)
{
    form_fn *other = form == ANY ? core_syscall_slowly : call_other;
    struct tcb *caller = cpu->current;
    struct lookup_fault ignored;
    struct slot *slot = form == ANY ? cspace_lookup(caller, caller->context.reg[REG_X0], &ignored)
                                    : fastpath_lookup(caller, caller->context.reg[REG_X0]);
    if (!slot || !is_ipc_cap(slot->cap, CAP_ENDPOINT, RIGHT_WRITE))
        return other(cpu);
    struct wait_queue *queue = &endpoint_of(slot->cap)->queue;
    if (!(ipc_rights(slot->cap) & (RIGHT_GRANT | RIGHT_GRANT_REPLY)) ||
        wait_state(queue) != ENDPOINT_RECEIVING)
        return other(cpu);
    struct tcb *server = queue->head;
    if (!switches(cpu, caller, server, form))
        return other(cpu);
    struct buffers buffers = {NULL, NULL};
    if (form == ANY && !find_buffers(caller, server, &buffers))
        return core_syscall_slowly(cpu);

    take_receiver(queue, server);
    transfer(caller, server, ipc_badge(slot->cap), form, buffers);
    give_reply_right(caller, server);
    return switch_to(cpu, caller, server, form);
}

/* The reply right in `right`, the only one derived from its master, is gone. */
INLINE void use_up(struct slot *right)
{
    right->prev->link = SLOT_REVOCABLE | SLOT_FIRST_BADGED;
    *right = (struct slot){{{0, 0}}, NULL, 0};
}

INLINE void wait_for_call(struct tcb *server, struct wait_queue *queue, bool reply_grants)
{
    server->state = THREAD_BLOCKED_RECEIVE;
    server->blocked_on = hal_window_paddr(queue);
    server->blocked_grant = reply_grants;
    wait_append(queue, server, ENDPOINT_RECEIVING);
}

INLINE bool has_news(const struct tcb *server, const struct wait_queue *queue)
{
    return wait_state(queue) == ENDPOINT_SENDING ||
           (server->bound && wait_state(&server->bound->queue) == NOTIFICATION_ACTIVE);
}

INLINE struct context *reply_recv(struct cpu *cpu, enum form form)
{
    form_fn *other = form == ANY ? core_syscall_slowly : reply_recv_other;
    struct tcb *server = cpu->current;
    struct lookup_fault ignored;
    const struct slot *slot = form == ANY
                                  ? cspace_lookup(server, server->context.reg[REG_X0], &ignored)
                                  : fastpath_lookup(server, server->context.reg[REG_X0]);
    struct slot *right = &server->slots[TCB_CALLER];
    if (!slot || !is_ipc_cap(slot->cap, CAP_ENDPOINT, RIGHT_READ) || cap_is_null(right->cap))
        return other(cpu);
    struct wait_queue *queue = &endpoint_of(slot->cap)->queue;
    struct tcb *caller = tcb_of(right->cap);
    if (has_news(server, queue))
        return other(cpu);
    if (form == ANY && caller->faulty)
        return reply_recv_faulter(cpu, slot);
    if (!switches(cpu, server, caller, form))
        return other(cpu);
    struct buffers buffers = {NULL, NULL};
    if (form == ANY && !find_buffers(server, caller, &buffers))
        return core_syscall_slowly(cpu);

    transfer(server, caller, 0, form, buffers);
    use_up(right);
    wait_for_call(server, queue, ipc_rights(slot->cap) & RIGHT_GRANT);
    return switch_to(cpu, server, caller, form);
}

/* The reply answers a fault: the faulter goes on at its restart address. The caller of this has
 * checked all but the faulter; a reply that stops it is for the ordinary way. */
NOINLINE struct context *reply_recv_faulter(struct cpu *cpu, const struct slot *slot)
{
    struct tcb *server = cpu->current;
    struct slot *right = &server->slots[TCB_CALLER];
    struct tcb *faulter = tcb_of(right->cap);
    if (faulter->domain != server->domain || !runs_next(cpu, server, faulter) ||
        msginfo_label(server->context.reg[REG_X1]) != 0)
        return core_syscall_slowly(cpu);

    use_up(right);
    ensure(fault_apply_reply(cpu, faulter, server)); /* label 0 */
    faulter->context.next_pc = faulter->context.reg[REG_PC];
    wait_for_call(server, &endpoint_of(slot->cap)->queue, ipc_rights(slot->cap) & RIGHT_GRANT);
    return fastpath_switch_any(cpu, server, faulter);
}

/* What the first two forms of Call do not take: is it for the third, or an object's? */
NOINLINE struct context *call_other(struct cpu *cpu)
{
    const struct tcb *caller = cpu->current;
    struct cap root = caller->slots[TCB_CSPACE].cap;
    struct slot *slot = fastpath_lookup(caller, caller->context.reg[REG_X0]);
    if (!slot)
        return core_syscall_slowly(cpu);
    if (cap_type(slot->cap) == CAP_FRAME)
        return fastpath_page_unmap(cpu, slot);
    if (cap_type(slot->cap) == CAP_ENDPOINT ||
        (cap_type(slot->cap) == CAP_CNODE &&
         cnode_guard_size(root) + cnode_radix(root) < WORD_BITS))
        return call_any(cpu);
    return core_syscall_slowly(cpu);
}

/* What the first two forms of ReplyRecv do not take. */
NOINLINE struct context *reply_recv_other(struct cpu *cpu)
{
    struct tcb *server = cpu->current;
    const struct slot *slot = fastpath_lookup(server, server->context.reg[REG_X0]);
    struct cap right = server->slots[TCB_CALLER].cap;
    if (!slot || cap_is_null(right))
        return core_syscall_slowly(cpu);
    if (!is_ipc_cap(slot->cap, CAP_ENDPOINT, RIGHT_READ))
        return reply_recv_any(cpu);
    if (has_news(server, &endpoint_of(slot->cap)->queue))
        return core_syscall_slowly(cpu);
    return tcb_of(right)->faulty ? reply_recv_faulter(cpu, slot) : reply_recv_any(cpu);
}

struct context *fastpath_switch_fp(struct cpu *cpu, struct tcb *to)
{
    fpu_switch(cpu, to);
    return fastpath_switch(cpu, to);
}

INLINE struct context *call_plain(struct cpu *cpu)
{
    return call(cpu, PLAIN);
}
INLINE struct context *reply_recv_plain(struct cpu *cpu)
{
    return reply_recv(cpu, PLAIN);
}
NOINLINE struct context *call_fp(struct cpu *cpu)
{
    return call(cpu, FP);
}
NOINLINE struct context *reply_recv_fp(struct cpu *cpu)
{
    return reply_recv(cpu, FP);
}
NOINLINE struct context *call_any(struct cpu *cpu)
{
    return call(cpu, ANY);
}
NOINLINE struct context *reply_recv_any(struct cpu *cpu)
{
    return reply_recv(cpu, ANY);
}

/* The form that the message's length and the thread's attention ask for; `with_caps` when there are
 * extra caps. */
INLINE struct context *choose(struct cpu *cpu, form_fn *plain, form_fn *with_fp, form_fn *any,
                              form_fn *with_caps)
{
    uint64_t info = cpu->current->context.reg[REG_X1];
    uint32_t attention = cpu->current->rank / RANK_ATTENTION;
    if (info % 512 <= MSG_REGISTERS) { /* length and extraCaps in one */
        if (attention == 0)
            return plain(cpu);
        if (attention == RANK_FP_ONLY)
            return with_fp(cpu);
    } else if (attention <= RANK_FP_ONLY) {
        return msginfo_extra_caps(info) == 0 ? any(cpu) : with_caps(cpu);
    }
    return core_syscall_slowly(cpu);
}

struct context *fastpath_call(struct cpu *cpu)
{
    return choose(cpu, call_plain, call_fp, call_any, fastpath_page_map);
}

struct context *fastpath_reply_recv(struct cpu *cpu)
{
    return choose(cpu, reply_recv_plain, reply_recv_fp, reply_recv_any, core_syscall_slowly);
}
