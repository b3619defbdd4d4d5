/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Endpoints, message transfer and replies (abi/syscalls.md §3 to §5, §9). All waiting threads are
 * in one array in order of arrival; an endpoint's queue is those of them that wait on it.
 */
#include "model.h"

/* ---- waiting ---- */

struct m_thread *m_first_waiter(struct model *m, uint64_t object, enum m_state state)
{
    for (unsigned i = 0; i < m->s.waiting.count; i++) {
        struct m_thread *t = &m->s.thread[m->s.waiting.thread[i]];
        if (t->blocked_on == object && t->state == state)
            return t;
    }
    return NULL;
}

void m_wait(struct model *m, struct m_thread *t, uint64_t object, enum m_state state)
{
    t->state = (uint8_t)state;
    t->blocked_on = object;
    m->s.waiting.thread[m->s.waiting.count++] = m_index(m, t);
}

void m_unwait(struct model *m, struct m_thread *t)
{
    struct m_queue *q = &m->s.waiting;
    unsigned kept = 0;
    for (unsigned i = 0; i < q->count; i++)
        if (q->thread[i] != m_index(m, t))
            q->thread[kept++] = q->thread[i];
    q->count = (uint8_t)kept;
    t->blocked_on = 0;
}

/* ---- buffers and message words ---- */

uint64_t m_buffer(const struct model *m, const struct m_thread *t, bool writable)
{
    struct m_cap cap = m_cap_of(m, m_thread_slot(m, t, M_BUFFER));
    uint8_t needed = writable ? RIGHT_READ | RIGHT_WRITE : RIGHT_READ;
    if (cap.type != CAP_FRAME || cap.device || (cap.rights & needed) != needed)
        return 0;
    return cap.object + (t->buffer & ((1ull << cap.bits) - 1));
}

static uint64_t message_at(uint64_t buffer, unsigned i)
{
    return buffer + offsetof(struct ipc_buffer, msg) + 8ull * i;
}

uint64_t m_get_message(struct model *m, const struct m_thread *t, uint64_t buffer, unsigned i)
{
    return i < MSG_REGISTERS ? t->reg[REG_X2 + i] : *m_word(m, message_at(buffer, i));
}

void m_set_message(struct model *m, struct m_thread *t, uint64_t buffer, unsigned i, uint64_t value)
{
    if (i < MSG_REGISTERS)
        t->reg[REG_X2 + i] = value;
    else
        m_set_word(m, message_at(buffer, i), value);
}

/* ---- transfer (§4) ---- */

struct caps {
    unsigned count;
    uint16_t slot[MSG_MAX_EXTRA_CAPS];
};

/* Any failing cptr: none at all. */
static struct caps look_up_caps(struct model *m, const struct m_thread *from, uint64_t buffer,
                                uint64_t count)
{
    struct caps caps = {0};
    for (unsigned i = 0; buffer && i < count; i++) {
        struct m_failure failure;
        uint64_t at = buffer + offsetof(struct ipc_buffer, caps_or_badges) + 8ull * i;
        caps.slot[i] = m_lookup(m, from, *m_word(m, at), &failure);
        if (!caps.slot[i])
            return (struct caps){0};
        caps.count = i + 1;
    }
    return caps;
}

/* Returns extraCaps and capsUnwrapped of the message as delivered. */
static uint64_t transfer_caps(struct model *m, const struct caps *caps, uint64_t endpoint,
                              struct m_thread *to, uint64_t buffer)
{
    uint16_t free = m_receive_slot(m, to, buffer);
    uint64_t unwrapped = 0;
    unsigned i = 0;
    for (; i < caps->count; i++) {
        struct m_cap cap = m_cap_of(m, caps->slot[i]), derived;
        if (endpoint && cap.type == CAP_ENDPOINT && cap.object == endpoint) {
            m_set_word(m, buffer + offsetof(struct ipc_buffer, caps_or_badges) + 8ull * i,
                       cap.data);
            unwrapped |= 1ull << i;
            continue;
        }
        if (!free || !m_derive(m, caps->slot[i], cap, &derived) || derived.type == CAP_NULL)
            break;
        m_insert_derived(m, free, derived, caps->slot[i]);
        free = 0;
    }
    return msginfo_new(0, unwrapped, i, 0);
}

/* A message as sent; `endpoint` 0 for replies. */
static void transfer(struct model *m, struct m_thread *from, uint64_t endpoint, uint64_t badge,
                     bool grant, struct m_thread *to)
{
    uint64_t info = from->reg[REG_X1], out = m_buffer(m, from, false);
    uint64_t in = m_buffer(m, to, true);
    uint64_t length = msginfo_length(info), extra = 0;
    struct caps caps = {0};
    if (length > MSG_MAX_LENGTH)
        length = MSG_MAX_LENGTH;
    if ((!in || !out) && length > MSG_REGISTERS)
        length = MSG_REGISTERS;
    if (grant && in)
        caps = look_up_caps(m, from, out, msginfo_extra_caps(info));
    for (unsigned i = 0; i < length; i++)
        m_set_message(m, to, in, i, m_get_message(m, from, out, i));
    if (caps.count)
        extra = transfer_caps(m, &caps, endpoint, to, in);
    to->reg[REG_X0] = badge;
    to->reg[REG_X1] = msginfo_new(msginfo_label(info), 0, 0, length) | extra;
}

/* §9: a recorded fault takes the message's place; a reply's too (docs/abi-notes.md). */
static void send_message(struct model *m, struct m_thread *from, uint64_t endpoint, uint64_t badge,
                         bool grant, struct m_thread *to)
{
    if (from->fault.label != FAULT_NULL)
        m_fault_message(m, from, badge, to);
    else
        transfer(m, from, endpoint, badge, grant, to);
}

/* The sender of a Call or fault waits for the reply to come from `to`. */
static void await_reply(struct model *m, struct m_thread *t, struct m_thread *to, bool may,
                        bool grant)
{
    if (!may) {
        t->state = M_INACTIVE;
        return;
    }
    struct m_cap cap = {.type = CAP_REPLY, .object = t->addr, .rights = grant ? RIGHT_GRANT : 0};
    t->state = M_BLOCKED_REPLY;
    t->reply_slot = m_thread_slot(m, to, M_CALLER);
    m_insert(m, t->reply_slot, cap, 0);
}

static bool may_be_replied(uint8_t rights)
{
    return (rights & (RIGHT_GRANT | RIGHT_GRANT_REPLY)) != 0;
}

/* ---- endpoints ---- */

void m_send_ipc(struct model *m, struct m_thread *t, struct m_cap cap, bool blocking, bool call)
{
    struct m_thread *to = m_first_waiter(m, cap.object, M_BLOCKED_RECEIVE);
    if (!to) {
        if (!blocking)
            return;
        m_wait(m, t, cap.object, M_BLOCKED_SEND);
        t->badge = cap.data;
        t->rights = cap.rights;
        t->is_call = call;
        return;
    }
    m_unwait(m, to);
    send_message(m, t, cap.object, cap.data, (cap.rights & RIGHT_GRANT) != 0, to);
    to->state = M_RUNNING;
    m_wake(m, to);
    if (call)
        await_reply(m, t, to, may_be_replied(cap.rights), (to->rights & RIGHT_GRANT) != 0);
}

void m_receive_ipc(struct model *m, struct m_thread *t, struct m_cap cap, bool blocking)
{
    struct m_thread *from;
    if (t->notification && m_take_signal(m, t, t->notification))
        return;
    from = m_first_waiter(m, cap.object, M_BLOCKED_SEND);
    if (!from) {
        if (blocking) {
            m_wait(m, t, cap.object, M_BLOCKED_RECEIVE);
            t->rights = cap.rights;
        } else {
            t->reg[REG_X0] = 0;
        }
        return;
    }
    m_unwait(m, from);
    send_message(m, from, cap.object, from->badge, (from->rights & RIGHT_GRANT) != 0, t);
    if (from->is_call) {
        await_reply(m, from, t, may_be_replied(from->rights), (cap.rights & RIGHT_GRANT) != 0);
    } else {
        from->state = M_RUNNING;
        m_wake(m, from);
    }
}

/* By the reply cap in `slot`, which goes. */
void m_reply(struct model *m, struct m_thread *sender, uint16_t slot)
{
    struct m_cap cap = m_cap_of(m, slot);
    struct m_thread *t = m_thread_of(m, cap.object);
    if (t->fault.label == FAULT_NULL) {
        send_message(m, sender, 0, 0, (cap.rights & RIGHT_GRANT) != 0, t);
        m_delete(m, slot);
        t->state = M_RUNNING;
        m_wake(m, t);
        return;
    }
    m_delete(m, slot);
    bool goes_on = m_fault_reply(m, sender, t);
    t->fault = (struct m_fault){0};
    t->state = goes_on ? M_RESTART : M_INACTIVE;
    if (goes_on)
        m_wake(m, t);
}

/* ---- cancelling ---- */

static void restart(struct model *m, struct m_thread *t)
{
    m_unwait(m, t);
    t->state = M_RESTART;
    m_ready_head(m, t);
}

/* The endpoint or notification goes (abi/scheduling.md §3). */
void m_wake_all(struct model *m, uint64_t object)
{
    bool any = false;
    for (unsigned i = 0; i < m->s.waiting.count;) {
        struct m_thread *t = &m->s.thread[m->s.waiting.thread[i]];
        if (t->blocked_on == object) {
            restart(m, t);
            any = true;
        } else {
            i++;
        }
    }
    if (any)
        m_force_choice(m);
}

void m_cancel_badged(struct model *m, uint64_t endpoint, uint64_t badge)
{
    bool any = false;
    for (unsigned i = 0; badge && i < m->s.waiting.count;) {
        struct m_thread *t = &m->s.thread[m->s.waiting.thread[i]];
        if (t->blocked_on == endpoint && t->state == M_BLOCKED_SEND && t->badge == badge) {
            restart(m, t);
            any = true;
        } else {
            i++;
        }
    }
    if (any)
        m_force_choice(m);
}

void m_cancel_ipc(struct model *m, struct m_thread *t)
{
    switch (t->state) {
    case M_BLOCKED_SEND:
    case M_BLOCKED_RECEIVE:
    case M_BLOCKED_NOTIFICATION:
        m_unwait(m, t);
        t->state = M_INACTIVE;
        break;
    case M_BLOCKED_REPLY:
        t->fault = (struct m_fault){0};
        if (t->reply_slot)
            m_delete(m, t->reply_slot);
        t->state = M_INACTIVE;
        break;
    default: break;
    }
}

void m_suspend(struct model *m, struct m_thread *t)
{
    m_cancel_ipc(m, t);
    if (t->state == M_RUNNING)
        t->reg[REG_PC] = t->next_pc;
    t->state = M_INACTIVE;
    m_unready(m, t);
}

/* Only what is inactive or blocked (abi/scheduling.md §6). */
void m_resume(struct model *m, struct m_thread *t)
{
    if (m_runnable(t))
        return;
    m_cancel_ipc(m, t);
    t->state = M_RESTART;
    m_ready_head(m, t);
    m_wake(m, t);
}
