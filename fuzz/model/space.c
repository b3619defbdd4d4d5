/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Installing a thread's spaces and buffer (abi/invocations.md §4, Configure).
 */
#include "model.h"

enum {
    BUFFER_ALIGNMENT = 1024
};

struct change {
    uint16_t source;
    struct m_cap cap;
};

struct plan {
    bool spaces, buffer;
    uint64_t handler;
    uint64_t address;
    struct change cspace, vspace, frame;
};

static bool illegal(struct model *m)
{
    return m_fail(m, ERROR_ILLEGAL_OPERATION);
}
static bool truncated(struct model *m)
{
    return m_fail(m, ERROR_TRUNCATED_MESSAGE);
}

/* ---- checks ---- */

static bool check_buffer(struct model *m, struct plan *plan, uint64_t address, unsigned cap)
{
    plan->buffer = true;
    plan->address = address;
    plan->frame = (struct change){0};
    if (address == 0)
        return true;
    plan->frame.source = m->call.caps[cap];
    if (!m_derive(m, plan->frame.source, m_extra(m, cap), &plan->frame.cap))
        return false;
    if (plan->frame.cap.type != CAP_FRAME || plan->frame.cap.device)
        return illegal(m);
    if (address % BUFFER_ALIGNMENT)
        return m_fail(m, ERROR_ALIGNMENT);
    return true;
}

static bool is_long_deletion(const struct model *m, uint16_t slot)
{
    uint8_t type = m->slot[slot].cap.type;
    return (type == CAP_CNODE || type == CAP_TCB || type == CAP_ZOMBIE) && m_is_final(m, slot);
}

static bool take(struct model *m, unsigned i, uint64_t data, struct change *change)
{
    struct m_cap cap = m_extra(m, i);
    change->source = m->call.caps[i];
    if (data != 0 && !m_apply_data(&cap, data, false))
        return illegal(m);
    return m_derive(m, change->source, cap, &change->cap);
}

static bool check_spaces(struct model *m, const struct m_thread *t, struct plan *plan)
{
    plan->spaces = true;
    plan->handler = m_arg(m, 0);
    if (is_long_deletion(m, m_thread_slot(m, t, M_CSPACE)) ||
        is_long_deletion(m, m_thread_slot(m, t, M_VSPACE)))
        return illegal(m);
    if (!take(m, 0, m_arg(m, 1), &plan->cspace))
        return false;
    if (plan->cspace.cap.type != CAP_CNODE)
        return illegal(m);
    if (!take(m, 1, m_arg(m, 2), &plan->vspace))
        return false;
    return plan->vspace.cap.type == CAP_VSPACE || illegal(m);
}

/* ---- effects ---- */

/* Not when the deletion took the source or the invoked cap away. */
static void install(struct model *m, const struct m_cap *invoked, uint16_t slot,
                    const struct change *change)
{
    m_delete(m, slot);
    if (change->cap.type != CAP_NULL && m_same_object(&m->slot[change->source].cap, &change->cap) &&
        m_same_object(&m->slot[m->call.slot].cap, invoked))
        m_insert_derived(m, slot, change->cap, change->source);
}

static void carry_out(struct model *m, struct m_thread *t, const struct plan *plan)
{
    struct m_cap invoked = m_cap_of(m, m->call.slot);
    uint16_t slots = m_thread_slot(m, t, 0);
    if (plan->spaces) {
        t->handler = plan->handler;
        install(m, &invoked, (uint16_t)(slots + M_CSPACE), &plan->cspace);
        install(m, &invoked, (uint16_t)(slots + M_VSPACE), &plan->vspace);
    }
    if (plan->buffer) {
        t->buffer = plan->address;
        install(m, &invoked, (uint16_t)(slots + M_BUFFER), &plan->frame);
    }
}

/* ---- methods ---- */

bool m_tcb_configure(struct model *m, struct m_thread *t)
{
    struct plan plan = {0};
    if (m->call.length < 4 || m->call.cap_count < 3)
        return truncated(m);
    if (!check_buffer(m, &plan, m_arg(m, 3), 2) || !check_spaces(m, t, &plan))
        return false;
    carry_out(m, t, &plan);
    return true;
}

bool m_tcb_set_buffer(struct model *m, struct m_thread *t)
{
    struct plan plan = {0};
    if (m->call.length < 1 || m->call.cap_count < 1)
        return truncated(m);
    if (!check_buffer(m, &plan, m_arg(m, 0), 0))
        return false;
    carry_out(m, t, &plan);
    return true;
}

bool m_tcb_set_space(struct model *m, struct m_thread *t)
{
    struct plan plan = {0};
    if (m->call.length < 3 || m->call.cap_count < 2)
        return truncated(m);
    if (!check_spaces(m, t, &plan))
        return false;
    carry_out(m, t, &plan);
    return true;
}
