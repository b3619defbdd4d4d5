/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Fast paths for Call and ReplyRecv (abi/syscalls.md §3.1, §4, §5.1; abi/scheduling.md §3). Taken
 * when: one CNode level (or left-over bits), no extra caps, no recorded fault, the partner is in
 * the current domain, has a valid VSpace and would be switched to directly. Everything is checked
 * before anything is written.
 */
#include "fastpath.h"

#include "asid.h"
#include "fpu.h"
#include "sched.h"
#include "thread.h"
#include "wait.h"

/* The slot that depth-64 resolution reaches in one CNode, or NULL when it takes more, or fails. */
static inline struct slot *lookup(const struct tcb *tcb, uint64_t cptr)
{
    struct cap root = tcb->slots[TCB_CSPACE].cap;
    unsigned guard_size = cnode_guard_size(root);
    unsigned radix = cnode_radix(root);
    if (cap_type(root) != CAP_CNODE || guard_size + radix > WORD_BITS ||
        cptr >> (63 - guard_size) >> 1 != cnode_guard(root))
        return NULL;
    struct slot *slot = cnode_of(root) + (cptr << guard_size >> (WORD_BITS - radix));
    if (guard_size + radix != WORD_BITS && cap_type(slot->cap) == CAP_CNODE)
        return NULL;
    return slot;
}

/* Where a partner would run. */
struct space {
    struct paddr root;
    uint16_t asid;
};

/* The thread's address space, or root 0. */
static inline struct space space_of(const struct cpu *cpu, const struct tcb *tcb)
{
    struct cap cap = tcb->slots[TCB_VSPACE].cap;
    struct space space = {paddr(cap_object(cap)), mapping_asid(cap)};
    if (cap_type(cap) != CAP_VSPACE || asid_root(cpu->kernel, space.asid).raw != space.root.raw)
        space.root = paddr(0);
    return space;
}

/* May `to` run in place of the blocking current thread without a full choice? */
static inline bool switches_directly(const struct cpu *cpu, const struct tcb *to)
{
    return to->domain == cpu->kernel->current_domain &&
           (to->priority >= cpu->current->priority || !sched_is_ready_above(cpu, to->priority));
}

static inline bool message_is_plain(const struct tcb *sender, uint64_t info)
{
    return msginfo_extra_caps(info) == 0 && sender->fault.label == FAULT_NULL;
}

/* More words than registers: from buffer to buffer. Returns how many were copied. */
static __attribute__((noinline)) uint64_t transfer_long(const struct tcb *from, struct tcb *to,
                                                        uint64_t length)
{
    const struct ipc_buffer *source = thread_buffer(from, false);
    struct ipc_buffer *dest = thread_buffer(to, true);
    for (unsigned i = 0; i < MSG_REGISTERS; i++)
        to->context.reg[REG_X2 + i] = from->context.reg[REG_X2 + i];
    if (!source || !dest)
        return MSG_REGISTERS;
    if (length > MSG_MAX_LENGTH)
        length = MSG_MAX_LENGTH;
    for (uint64_t i = MSG_REGISTERS; i < length; i++)
        dest->msg[i] = *(const volatile uint64_t *)&source->msg[i];
    return length;
}

/* Copies the words and writes badge and info. */
static inline void transfer(const struct tcb *from, struct tcb *to, uint64_t badge)
{
    uint64_t info = from->context.reg[REG_X1];
    uint64_t length = msginfo_length(info);
    if (length > MSG_REGISTERS)
        length = transfer_long(from, to, length);
    else
        for (uint64_t i = 0; i < length; i++)
            to->context.reg[REG_X2 + i] = from->context.reg[REG_X2 + i];
    to->context.reg[REG_X0] = badge;
    to->context.reg[REG_X1] = msginfo_new(msginfo_label(info), 0, 0, length);
}

static inline struct context *switch_to(struct cpu *cpu, struct tcb *from, struct tcb *to,
                                        struct space space)
{
    to->state = THREAD_RUNNING;
    cpu->current = to;
    if (space.root.raw != cpu->space_root.raw || space.asid != cpu->space_asid) {
        cpu->space_root = space.root;
        cpu->space_asid = space.asid;
        hal_space_switch(space.root, space.asid);
    }
    if (from->fp_live || to->fp_live)
        fpu_switch(cpu, to);
    return &to->context;
}

/* What reply_grant() does, for a receiver that holds no right and a caller whose master cap is
 * there without a derived one. */
static inline void give_reply_right(struct tcb *caller, struct tcb *receiver)
{
    struct slot *master = &caller->slots[TCB_REPLY];
    struct slot *right = &receiver->slots[TCB_CALLER];
    right->cap = cap_reply(pa_of(caller), false, receiver->blocked_grant);
    right->prev = master;
    right->link = 0;
    master->link = (uint64_t)right | slot_flags(master);
    caller->state = THREAD_BLOCKED_REPLY;
}

struct context *fastpath_call(struct cpu *cpu)
{
    struct tcb *caller = cpu->current;
    const struct slot *slot = lookup(caller, caller->context.reg[REG_X0]);
    if (!slot || cap_type(slot->cap) != CAP_ENDPOINT ||
        !message_is_plain(caller, caller->context.reg[REG_X1]))
        return NULL;
    unsigned rights = ipc_rights(slot->cap);
    struct wait_queue *queue = &endpoint_of(slot->cap)->queue;
    if (!(rights & RIGHT_WRITE) || !(rights & (RIGHT_GRANT | RIGHT_GRANT_REPLY)) ||
        wait_state(queue) != ENDPOINT_RECEIVING || cap_is_null(caller->slots[TCB_REPLY].cap))
        return NULL;
    struct tcb *server = queue->head;
    struct space space = space_of(cpu, server);
    if (space.root.raw == 0 || !switches_directly(cpu, server))
        return NULL;

    struct tcb *next = server->wait_next;
    queue->head = next;
    if (next)
        next->wait_prev = NULL;
    else
        queue->tail = ENDPOINT_IDLE;
    server->wait_next = NULL;
    transfer(caller, server, ipc_badge(slot->cap));
    give_reply_right(caller, server);
    return switch_to(cpu, caller, server, space);
}

struct context *fastpath_reply_recv(struct cpu *cpu)
{
    struct tcb *server = cpu->current;
    const struct slot *slot = lookup(server, server->context.reg[REG_X0]);
    struct slot *right = &server->slots[TCB_CALLER];
    if (!slot || cap_type(slot->cap) != CAP_ENDPOINT || !(ipc_rights(slot->cap) & RIGHT_READ) ||
        cap_is_null(right->cap) || !message_is_plain(server, server->context.reg[REG_X1]))
        return NULL;
    struct wait_queue *queue = &endpoint_of(slot->cap)->queue;
    struct tcb *caller = tcb_of(right->cap);
    struct space space = space_of(cpu, caller);
    if (wait_state(queue) == ENDPOINT_SENDING || caller->fault.label != FAULT_NULL ||
        (server->bound && wait_state(&server->bound->queue) == NOTIFICATION_ACTIVE) ||
        space.root.raw == 0 || !switches_directly(cpu, caller))
        return NULL;

    transfer(server, caller, 0);
    struct slot *master = right->prev;
    master->link = slot_flags(master);
    *right = (struct slot){{{0, 0}}, NULL, 0};
    server->state = THREAD_BLOCKED_RECEIVE;
    server->blocked_on = hal_window_paddr(queue);
    server->blocked_grant = ipc_rights(slot->cap) & RIGHT_GRANT;
    wait_append(queue, server, ENDPOINT_RECEIVING);
    return switch_to(cpu, server, caller, space);
}
