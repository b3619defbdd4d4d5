/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Fast paths for Call and ReplyRecv (abi/syscalls.md §3.1, §4, §5.1; abi/scheduling.md §3). Taken
 * when: no extra caps, no recorded fault, the partner is in the same domain, has a VSpace and would
 * be switched to directly.
 */
#include "cspace.h"
#include "fastpath_common.h"
#include "fault.h"
#include "thread.h"

/* One function serves four forms, each compiled for itself. */
enum form {
    PLAIN, /* at most four words, neither thread uses FP, CSpace of one CNode */
    DEEP,  /* the same through more CNodes */
    LONG,  /* more words, through two buffers in 4 KiB frames; neither thread uses FP */
    FP,    /* at most four words, both threads use FP, CSpace of one CNode */
};

/* The slot of the endpoint, or NULL. */
INLINE const struct slot *find(const struct tcb *tcb, enum form form)
{
    struct lookup_fault ignored;
    uint64_t cptr = tcb->context.reg[REG_X0];
    return form == DEEP || form == LONG ? cspace_lookup(tcb, cptr, &ignored)
                                        : fastpath_lookup(tcb, cptr);
}

struct buffers {
    const struct ipc_buffer *from;
    struct ipc_buffer *to;
};

/* Copies the words and writes badge and info. */
INLINE void transfer(const struct tcb *from, struct tcb *to, uint64_t badge, enum form form,
                     struct buffers buffers)
{
    uint64_t info = from->context.reg[REG_X1];
    uint64_t length = msginfo_length(info);
    uint64_t in_registers = form == LONG ? MSG_REGISTERS : length;
    for (uint64_t i = 0; i < in_registers; i++)
        to->context.reg[REG_X2 + i] = from->context.reg[REG_X2 + i];
    if (form == LONG) {
        if (length > MSG_MAX_LENGTH)
            length = MSG_MAX_LENGTH;
        for (uint64_t i = MSG_REGISTERS; i < length; i++)
            buffers.to->msg[i] = buffers.from->msg[i];
    }
    to->context.reg[REG_X0] = badge;
    to->context.reg[REG_X1] = msginfo_new(msginfo_label(info), 0, 0, length);
}

INLINE struct context *switch_to(struct cpu *cpu, struct tcb *from, struct tcb *to, enum form form)
{
    if (form == FP)
        fpu_exchange(cpu, from, to);
    return fastpath_switch(cpu, to);
}

NOINLINE struct context *call_deep(struct cpu *cpu);
NOINLINE struct context *reply_recv_deep(struct cpu *cpu);
NOINLINE struct context *reply_recv_faulter(struct cpu *cpu);

INLINE struct context *call(struct cpu *cpu, enum form form)
{
    struct tcb *caller = cpu->current;
    const struct slot *slot = find(caller, form);
    if (!slot || !is_ipc_cap(slot->cap, CAP_ENDPOINT, RIGHT_WRITE))
        return form == PLAIN && slot ? call_deep(cpu) : core_syscall_slowly(cpu);
    struct wait_queue *queue = &endpoint_of(slot->cap)->queue;
    if (!(ipc_rights(slot->cap) & (RIGHT_GRANT | RIGHT_GRANT_REPLY)) ||
        wait_state(queue) != ENDPOINT_RECEIVING)
        return core_syscall_slowly(cpu);
    struct tcb *server = queue->head;
    struct buffers buffers = {NULL, NULL};
    if (form == LONG) {
        buffers = (struct buffers){small_buffer(caller), small_buffer(server)};
        if (!buffers.from || !buffers.to)
            return core_syscall_slowly(cpu);
    }
    if (!switches_directly(cpu, caller, server))
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

INLINE struct context *reply_recv(struct cpu *cpu, enum form form)
{
    struct tcb *server = cpu->current;
    const struct slot *slot = find(server, form);
    struct slot *right = &server->slots[TCB_CALLER];
    if (!slot || !is_ipc_cap(slot->cap, CAP_ENDPOINT, RIGHT_READ))
        return form == PLAIN && slot ? reply_recv_deep(cpu) : core_syscall_slowly(cpu);
    if (cap_is_null(right->cap))
        return core_syscall_slowly(cpu);
    struct wait_queue *queue = &endpoint_of(slot->cap)->queue;
    struct tcb *caller = tcb_of(right->cap);
    struct buffers buffers = {NULL, NULL};
    if (form == LONG) {
        buffers = (struct buffers){small_buffer(server), small_buffer(caller)};
        if (!buffers.from || !buffers.to)
            return core_syscall_slowly(cpu);
    }
    if (wait_state(queue) == ENDPOINT_SENDING ||
        (server->bound && wait_state(&server->bound->queue) == NOTIFICATION_ACTIVE) ||
        !switches_directly(cpu, server, caller))
        return form == PLAIN && caller->faulty ? reply_recv_faulter(cpu) : core_syscall_slowly(cpu);

    transfer(server, caller, 0, form, buffers);
    use_up(right);
    wait_for_call(server, queue, ipc_rights(slot->cap) & RIGHT_GRANT);
    return switch_to(cpu, server, caller, form);
}

/* The reply answers a fault: the faulter goes on at its restart address. The caller of this has
 * checked the slots; a reply that stops the faulter is for the ordinary way. */
NOINLINE struct context *reply_recv_faulter(struct cpu *cpu)
{
    struct tcb *server = cpu->current;
    const struct slot *slot = fastpath_lookup(server, server->context.reg[REG_X0]);
    struct slot *right = &server->slots[TCB_CALLER];
    struct wait_queue *queue = &endpoint_of(slot->cap)->queue;
    struct tcb *faulter = tcb_of(right->cap);
    if (wait_state(queue) == ENDPOINT_SENDING || server->bound || faulter->fp_live ||
        faulter->domain != server->domain || faulter->priority < server->priority ||
        msginfo_label(server->context.reg[REG_X1]) != 0 ||
        cap_is_null(faulter->slots[TCB_VSPACE].cap))
        return core_syscall_slowly(cpu);

    use_up(right);
    ensure(fault_apply_reply(cpu, faulter, server)); /* label 0 */
    faulter->context.next_pc = faulter->context.reg[REG_PC];
    wait_for_call(server, queue, ipc_rights(slot->cap) & RIGHT_GRANT);
    return fastpath_switch(cpu, faulter);
}

INLINE struct context *call_plain(struct cpu *cpu)
{
    return call(cpu, PLAIN);
}
INLINE struct context *reply_recv_plain(struct cpu *cpu)
{
    return reply_recv(cpu, PLAIN);
}
/* Entered when the first CNode led to something else than the endpoint wanted: a further CNode, or
 * what only the ordinary way can deal with. */
NOINLINE struct context *call_deep(struct cpu *cpu)
{
    return call(cpu, DEEP);
}
NOINLINE struct context *reply_recv_deep(struct cpu *cpu)
{
    return reply_recv(cpu, DEEP);
}
NOINLINE struct context *call_long(struct cpu *cpu)
{
    return call(cpu, LONG);
}
NOINLINE struct context *call_fp(struct cpu *cpu)
{
    return call(cpu, FP);
}
NOINLINE struct context *reply_recv_long(struct cpu *cpu)
{
    return reply_recv(cpu, LONG);
}
NOINLINE struct context *reply_recv_fp(struct cpu *cpu)
{
    return reply_recv(cpu, FP);
}

typedef struct context *form_fn(struct cpu *cpu);

/* The form that the message's length and the thread's attention ask for. */
INLINE struct context *choose(struct cpu *cpu, form_fn *plain, form_fn *with_fp, form_fn *with_long)
{
    uint64_t info = cpu->current->context.reg[REG_X1];
    uint32_t attention = cpu->current->rank / RANK_ATTENTION;
    if (info % 512 <= MSG_REGISTERS) { /* length and extraCaps in one */
        if (attention == 0)
            return plain(cpu);
        if (attention == RANK_FP_ONLY)
            return with_fp(cpu);
    } else if (attention == 0 && msginfo_extra_caps(info) == 0) {
        return with_long(cpu);
    }
    return core_syscall_slowly(cpu);
}

struct context *fastpath_call(struct cpu *cpu)
{
    return choose(cpu, call_plain, call_fp, call_long);
}

struct context *fastpath_reply_recv(struct cpu *cpu)
{
    return choose(cpu, reply_recv_plain, reply_recv_fp, reply_recv_long);
}
