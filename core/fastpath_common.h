/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the fast paths share. Everything is checked before anything is written.
 *
 * A VSpace cap in a TCB is trusted without its ASID's table entry: the entry of a VSpace with a cap
 * only goes when its pool is deleted, and that switches the fast paths off (asid.c).
 */
#pragma once
#include "asid.h"
#include "fastpath.h"
#include "fpu.h"
#include "sched.h"
#include "wait.h"

#define INLINE   static inline __attribute__((always_inline))
#define NOINLINE static __attribute__((noinline))

/* Of what a thread's CSpace slot may hold, a CNode, nothing, or a zombie that another thread was
 * preempted at, only a CNode has this bit in its type. */
enum {
    CNODE_BIT = 8
};
_Static_assert((CAP_CNODE & CNODE_BIT) && !((CAP_NULL | CAP_ZOMBIE) & CNODE_BIT),
               "one bit decides");

/* The slot that one CNode leads to, or NULL. If it holds a CNode, resolution may not end there;
 * callers look at the cap's type. Guard size and radix of a CNode never exceed 64 together
 * (cap_apply_data). Shifts by ~n and -n modulo 64 are shifts by 63 - n and 64 - n. */
INLINE struct slot *fastpath_lookup(const struct tcb *tcb, uint64_t cptr)
{
    struct cap root = tcb->slots[TCB_CSPACE].cap;
    unsigned guard_size = cnode_guard_size(root);
    unsigned radix = cnode_radix(root);
    if (!(root.w[0] & CNODE_BIT) || cptr >> (~guard_size % WORD_BITS) >> 1 != cnode_guard(root))
        return NULL;
    return cnode_of(root) + (cptr << guard_size >> (-radix % WORD_BITS));
}

/* A cap of `type` (endpoint or notification) with all of `rights`. */
INLINE bool is_ipc_cap(struct cap cap, enum cap_type_number type, unsigned rights)
{
    return (cap.w[0] & (0x1f | (uint64_t)rights << 5)) == (type | (uint64_t)rights << 5);
}

/* The two need the same attention and are in one domain: priorities alone decide between them. */
INLINE bool same_kind(const struct tcb *a, const struct tcb *b)
{
    return (a->rank ^ b->rank) < RANK_DOMAIN;
}

/* `to` runs now; it has a VSpace. */
INLINE struct context *fastpath_switch(struct cpu *cpu, struct tcb *to)
{
    uint64_t space = vspace_space(to->slots[TCB_VSPACE].cap);
    if (space % (1ull << 48) == 0)
        __builtin_unreachable(); /* no object lies at physical address 0 (boot_find_free_ram) */
    to->state = THREAD_RUNNING;
    cpu->current = to;
    if (space != cpu->space)
        asid_switch(cpu, space);
    return &to->context;
}

/* May `to` run in place of the blocking thread `from` without a full choice? The caller knows what
 * attention `from` needs, so equal upper bits of the ranks settle all but the priorities. */
INLINE bool switches_directly(const struct cpu *cpu, const struct tcb *from, const struct tcb *to)
{
    if (!same_kind(from, to) || cap_is_null(to->slots[TCB_VSPACE].cap))
        return false;
    return to->rank >= from->rank || !sched_is_ready_above(cpu, to->priority);
}

/* The same for two threads of one domain of which the first needs no attention but for FP. */
INLINE bool runs_next(const struct cpu *cpu, const struct tcb *from, const struct tcb *to)
{
    return !cap_is_null(to->slots[TCB_VSPACE].cap) &&
           (to->priority >= from->priority || !sched_is_ready_above(cpu, to->priority));
}

/* The same, although one may use FP and the other not. */
INLINE bool switches_directly_any(const struct cpu *cpu, const struct tcb *from,
                                  const struct tcb *to)
{
    return ((from->rank ^ to->rank) & ~(uint32_t)RANK_FP) < RANK_DOMAIN && runs_next(cpu, from, to);
}

/* fastpath_switch() for a thread that uses FP, or that follows one that does. */
struct context *fastpath_switch_fp(struct cpu *cpu, struct tcb *to);

/* fastpath_switch() from the running thread `from`, whoever of the two uses FP. */
INLINE struct context *fastpath_switch_any(struct cpu *cpu, const struct tcb *from, struct tcb *to)
{
    return (from->rank | to->rank) & RANK_FP ? fastpath_switch_fp(cpu, to)
                                             : fastpath_switch(cpu, to);
}

/* The thread's buffer, if its frame is of 4 KiB, not of a device, readable and writable. */
INLINE struct ipc_buffer *small_buffer(const struct tcb *tcb)
{
    struct cap frame = tcb->slots[TCB_IPC_BUFFER].cap;
    struct cap wanted = cap_frame(0, FRAME_4K, RIGHT_READ | RIGHT_WRITE, false);
    if (frame.w[0] % FRAME_KIND != wanted.w[0])
        return NULL;
    return hal_window(paddr(frame.w[1] + tcb->ipc_buffer % (1 << PAGE_BITS)));
}

/* The words in registers, all there are; badge and info. */
INLINE void transfer_short(const struct tcb *from, struct tcb *to, uint64_t badge)
{
    uint64_t info = from->context.reg[REG_X1];
    for (uint64_t i = 0; i < msginfo_length(info); i++)
        to->context.reg[REG_X2 + i] = from->context.reg[REG_X2 + i];
    to->context.reg[REG_X0] = badge;
    to->context.reg[REG_X1] = msginfo_new(msginfo_label(info), 0, 0, msginfo_length(info));
}

/* The buffers of a message without caps; none for a short one. */
struct buffers {
    const struct ipc_buffer *from;
    struct ipc_buffer *to;
};

/* Finds them; false = one is missing. */
INLINE bool find_buffers(const struct tcb *from, const struct tcb *to, struct buffers *buffers)
{
    *buffers = (struct buffers){NULL, NULL};
    if (msginfo_length(from->context.reg[REG_X1]) <= MSG_REGISTERS)
        return true;
    *buffers = (struct buffers){small_buffer(from), small_buffer(to)};
    return buffers->from && buffers->to;
}

/* Words in registers and in the buffers; badge and info. */
INLINE void transfer_any(const struct tcb *from, struct tcb *to, uint64_t badge,
                         struct buffers buffers)
{
    uint64_t info = from->context.reg[REG_X1];
    uint64_t length = msginfo_length(info);
    if (length <= MSG_REGISTERS) {
        transfer_short(from, to, badge);
        return;
    }
    if (length > MSG_MAX_LENGTH)
        length = MSG_MAX_LENGTH;
    for (uint64_t i = 0; i < MSG_REGISTERS; i++)
        to->context.reg[REG_X2 + i] = from->context.reg[REG_X2 + i];
    for (uint64_t i = MSG_REGISTERS; i < length; i++)
        buffers.to->msg[i] = buffers.from->msg[i];
    to->context.reg[REG_X0] = badge;
    to->context.reg[REG_X1] = msginfo_new(msginfo_label(info), 0, 0, length);
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

/* The first waiter leaves an endpoint's queue of receivers. */
INLINE void take_receiver(struct wait_queue *queue, struct tcb *receiver)
{
    struct tcb *next = receiver->wait_next;
    queue->head = next;
    if (next)
        next->wait_prev = NULL;
    else
        queue->tail = ENDPOINT_IDLE;
    receiver->wait_next = NULL;
}
