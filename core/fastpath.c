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

/* One function serves three forms, each compiled for itself. */
enum form {
    PLAIN, /* at most four words, neither thread uses FP */
    LONG,  /* more words, through two buffers in 4 KiB frames; neither thread uses FP */
    FP,    /* at most four words, both threads use FP */
};

/* May `to` run in place of the blocking thread `from` without a full choice? `from` needs the
 * attention that its form says, so equal upper bits of the ranks settle all but the priorities. */
INLINE bool switches_directly(const struct cpu *cpu, const struct tcb *from, const struct tcb *to)
{
    if ((from->rank ^ to->rank) >= RANK_DOMAIN || cap_is_null(to->slots[TCB_VSPACE].cap))
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
    uint64_t space = vspace_space(to->slots[TCB_VSPACE].cap);
    if (space % (1ull << 48) == 0)
        __builtin_unreachable(); /* no object lies at physical address 0 (boot_find_free_ram) */
    to->state = THREAD_RUNNING;
    cpu->current = to;
    if (space != cpu->space)
        asid_switch(cpu, space);
    if (form == FP)
        fpu_exchange(cpu, from, to);
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

INLINE struct context *call(struct cpu *cpu, enum form form)
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
    const struct slot *slot = lookup(server, server->context.reg[REG_X0]);
    struct slot *right = &server->slots[TCB_CALLER];
    if (!slot || !is_endpoint(slot->cap, RIGHT_READ) || cap_is_null(right->cap))
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
