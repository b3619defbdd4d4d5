/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Fast paths for Call and ReplyRecv (abi/syscalls.md §3.1, §4, §5.1; abi/scheduling.md §3). Taken
 * when: one CNode level (left-over bits or not), no extra caps, no recorded fault, the partner is
 * in the same domain, has a VSpace and would be switched to directly. Everything is checked before
 * anything is written.
 *
 * A VSpace cap in a TCB is trusted without its ASID's table entry: the entry of a VSpace with a cap
 * only goes when its pool is deleted, and that switches the fast paths off (asid.c).
 */
#include "fastpath.h"

#include "asid.h"
#include "fpu.h"
#include "sched.h"
#include "thread.h"
#include "wait.h"

#define INLINE   static inline __attribute__((always_inline))
#define NOINLINE static __attribute__((noinline))

/* The slot that one CNode leads to, or NULL. If it holds a CNode, resolution may not end there;
 * callers want an endpoint.
 * A running thread's root is a CNode or null; guard size and radix of a CNode never exceed 64
 * together (cap_apply_data). Shifts by ~n and -n modulo 64 are shifts by 63 - n and 64 - n. */
INLINE const struct slot *lookup(const struct tcb *tcb, uint64_t cptr)
{
    struct cap root = tcb->slots[TCB_CSPACE].cap;
    unsigned guard_size = cnode_guard_size(root);
    unsigned radix = cnode_radix(root);
    if (cap_is_null(root) || cptr >> (~guard_size % WORD_BITS) >> 1 != cnode_guard(root))
        return NULL;
    return cnode_of(root) + (cptr << guard_size >> (-radix % WORD_BITS));
}

/* An endpoint cap with all of `rights`. */
INLINE bool is_endpoint(struct cap cap, unsigned rights)
{
    return (cap.w[0] & (0x1f | (uint64_t)rights << 5)) == (CAP_ENDPOINT | (uint64_t)rights << 5);
}

/* May `to` run in place of the blocking thread `from` without a full choice? Unless `any`, both
 * need no attention. */
INLINE bool switches_directly(const struct cpu *cpu, const struct tcb *from, const struct tcb *to,
                              bool any)
{
    uint32_t differ = from->rank ^ to->rank;
    if (any)
        differ %= RANK_ATTENTION;
    if (differ >= RANK_DOMAIN || cap_is_null(to->slots[TCB_VSPACE].cap))
        return false;
    bool at_least = any ? to->priority >= from->priority : to->rank >= from->rank;
    return at_least || !sched_is_ready_above(cpu, to->priority);
}

/* Words beyond the registers: from buffer to buffer. Returns how many words there are in all. */
NOINLINE uint64_t transfer_buffer(const struct tcb *from, struct tcb *to, uint64_t length)
{
    const struct ipc_buffer *source = thread_buffer(from, false);
    struct ipc_buffer *dest = thread_buffer(to, true);
    if (!source || !dest)
        return MSG_REGISTERS;
    if (length > MSG_MAX_LENGTH)
        length = MSG_MAX_LENGTH;
    for (uint64_t i = MSG_REGISTERS; i < length; i++)
        dest->msg[i] = *(const volatile uint64_t *)&source->msg[i];
    return length;
}

/* Copies the words and writes badge and info. `any`: the length may be above MSG_REGISTERS. */
INLINE void transfer(const struct tcb *from, struct tcb *to, uint64_t badge, bool any)
{
    uint64_t info = from->context.reg[REG_X1];
    uint64_t length = msginfo_length(info);
    uint64_t in_registers = any && length > MSG_REGISTERS ? MSG_REGISTERS : length;
    for (uint64_t i = 0; i < in_registers; i++)
        to->context.reg[REG_X2 + i] = from->context.reg[REG_X2 + i];
    if (any && length > MSG_REGISTERS)
        length = transfer_buffer(from, to, length);
    to->context.reg[REG_X0] = badge;
    to->context.reg[REG_X1] = msginfo_new(msginfo_label(info), 0, 0, length);
}

INLINE struct context *switch_to(struct cpu *cpu, struct tcb *to, bool any)
{
    uint64_t space = vspace_space(to->slots[TCB_VSPACE].cap);
    to->state = THREAD_RUNNING;
    cpu->current = to;
    if (space != cpu->space)
        asid_switch(cpu, space);
    if (any)
        fpu_switch(cpu, to);
    return &to->context;
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

/* `any` = the form for long messages and threads that use FP; it looks closer and is larger. */
INLINE struct context *call(struct cpu *cpu, bool any)
{
    struct tcb *caller = cpu->current;
    const struct slot *slot = lookup(caller, caller->context.reg[REG_X0]);
    if (!slot || !is_endpoint(slot->cap, RIGHT_WRITE))
        return core_syscall_slowly(cpu);
    struct wait_queue *queue = &endpoint_of(slot->cap)->queue;
    if (!(ipc_rights(slot->cap) & (RIGHT_GRANT | RIGHT_GRANT_REPLY)) ||
        wait_state(queue) != ENDPOINT_RECEIVING)
        return core_syscall_slowly(cpu);
    struct tcb *server = queue->head;
    if (!switches_directly(cpu, caller, server, any) || (any && caller->faulty))
        return core_syscall_slowly(cpu);

    struct tcb *next = server->wait_next;
    queue->head = next;
    if (next)
        next->wait_prev = NULL;
    else
        queue->tail = ENDPOINT_IDLE;
    server->wait_next = NULL;
    transfer(caller, server, ipc_badge(slot->cap), any);
    give_reply_right(caller, server);
    return switch_to(cpu, server, any);
}

INLINE struct context *reply_recv(struct cpu *cpu, bool any)
{
    struct tcb *server = cpu->current;
    const struct slot *slot = lookup(server, server->context.reg[REG_X0]);
    struct slot *right = &server->slots[TCB_CALLER];
    if (!slot || !is_endpoint(slot->cap, RIGHT_READ) || cap_is_null(right->cap))
        return core_syscall_slowly(cpu);
    struct wait_queue *queue = &endpoint_of(slot->cap)->queue;
    struct tcb *caller = tcb_of(right->cap);
    if (wait_state(queue) == ENDPOINT_SENDING || (any && (caller->faulty || server->faulty)) ||
        (server->bound && wait_state(&server->bound->queue) == NOTIFICATION_ACTIVE) ||
        !switches_directly(cpu, server, caller, any))
        return core_syscall_slowly(cpu);

    transfer(server, caller, 0, any);
    right->prev->link = SLOT_REVOCABLE | SLOT_FIRST_BADGED;
    *right = (struct slot){{{0, 0}}, NULL, 0};
    server->state = THREAD_BLOCKED_RECEIVE;
    server->blocked_on = hal_window_paddr(queue);
    server->blocked_grant = ipc_rights(slot->cap) & RIGHT_GRANT;
    wait_append(queue, server, ENDPOINT_RECEIVING);
    return switch_to(cpu, caller, any);
}

NOINLINE struct context *call_any(struct cpu *cpu)
{
    if (msginfo_extra_caps(cpu->current->context.reg[REG_X1]) != 0)
        return core_syscall_slowly(cpu);
    return call(cpu, true);
}

NOINLINE struct context *reply_recv_any(struct cpu *cpu)
{
    if (msginfo_extra_caps(cpu->current->context.reg[REG_X1]) != 0)
        return core_syscall_slowly(cpu);
    return reply_recv(cpu, true);
}

/* A short message without caps from a thread that needs no attention: the smallest form. */
INLINE bool is_simple(const struct tcb *tcb)
{
    return tcb->context.reg[REG_X1] % 512 <= MSG_REGISTERS && tcb->rank / RANK_ATTENTION == 0;
}

struct context *fastpath_call(struct cpu *cpu)
{
    return is_simple(cpu->current) ? call(cpu, false) : call_any(cpu);
}

struct context *fastpath_reply_recv(struct cpu *cpu)
{
    return is_simple(cpu->current) ? reply_recv(cpu, false) : reply_recv_any(cpu);
}
