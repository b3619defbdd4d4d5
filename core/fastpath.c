/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Fast paths for Call and ReplyRecv (abi/syscalls.md §3.1, §4, §5.1; abi/scheduling.md §3). Taken
 * when: no extra caps, no recorded fault, the partner is in the same domain, has a VSpace and would
 * be switched to directly.
 */
#include "cspace.h"
#include "fastpath_common.h"
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

/* May `to` run in place of the blocking thread `from` without a full choice? `from` needs the
 * attention that its form says, so equal upper bits of the ranks settle all but the priorities. */
INLINE bool switches_directly(const struct cpu *cpu, const struct tcb *from, const struct tcb *to)
{
    if (!same_kind(from, to) || cap_is_null(to->slots[TCB_VSPACE].cap))
        return false;
    return to->rank >= from->rank || !sched_is_ready_above(cpu, to->priority);
}

/* The thread's buffer, if its frame is of 4 KiB, not of a device, readable and writable. */
INLINE struct ipc_buffer *small_buffer(const struct tcb *tcb)
{
    struct cap frame = tcb->slots[TCB_IPC_BUFFER].cap;
    struct cap wanted = cap_frame(0, FRAME_4K, RIGHT_READ | RIGHT_WRITE, false);
    if (frame.w[0] % (1 << 10) != wanted.w[0])
        return NULL;
    return hal_window(paddr(frame.w[1] + tcb->ipc_buffer % (1 << PAGE_BITS)));
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

/* What reply_grant() does, for a receiver that holds no right and a caller without a derived one.
 */
INLINE void give_reply_right(struct tcb *caller, struct tcb *receiver)
{
    struct slot *master = &caller->slots[TCB_REPLY];
    struct slot *right = &receiver->slots[TCB_CALLER];
    right->cap = cap_reply(pa_of(caller), false, receiver->blocked_grant);
    right->prev = master;
    right->link = 0;
    master->link = (uint64_t)right | SLOT_REVOCABLE | SLOT_FIRST_BADGED;
    caller->state = THREAD_BLOCKED_REPLY;
}

NOINLINE struct context *call_deep(struct cpu *cpu);
NOINLINE struct context *reply_recv_deep(struct cpu *cpu);

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

    struct tcb *next = server->wait_next;
    queue->head = next;
    if (next)
        next->wait_prev = NULL;
    else
        queue->tail = ENDPOINT_IDLE;
    server->wait_next = NULL;
    transfer(caller, server, ipc_badge(slot->cap), form, buffers);
    give_reply_right(caller, server);
    return switch_to(cpu, caller, server, form);
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
        return core_syscall_slowly(cpu);

    transfer(server, caller, 0, form, buffers);
    right->prev->link = SLOT_REVOCABLE | SLOT_FIRST_BADGED;
    *right = (struct slot){{{0, 0}}, NULL, 0};
    wait_for_call(server, queue, ipc_rights(slot->cap) & RIGHT_GRANT);
    return switch_to(cpu, server, caller, form);
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
