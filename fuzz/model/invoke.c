/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Invocations: which object's methods, errors, and the reply (abi/invocations.md §1, §9).
 */
#include "model.h"

/* ---- errors ---- */

bool m_fail(struct model *m, enum error_code code)
{
    m->call.error = (struct m_error){.code = (uint8_t)code};
    return false;
}

bool m_fail1(struct model *m, enum error_code code, uint64_t word)
{
    m->call.error = (struct m_error){.code = (uint8_t)code, .length = 1, .word = {word}};
    return false;
}

bool m_fail_range(struct model *m, uint64_t low, uint64_t high)
{
    m->call.error = (struct m_error){.code = ERROR_RANGE, .length = 2, .word = {low, high}};
    return false;
}

bool m_fail_lookup(struct model *m, bool source, const struct m_failure *f)
{
    struct m_error *e = &m->call.error;
    *e = (struct m_error){
        .code = ERROR_FAILED_LOOKUP, .length = 2, .word = {source, f->type, f->bits_left}};
    switch (f->type) {
    case LOOKUP_DEPTH_MISMATCH:
        e->length = 4;
        e->word[3] = f->bits_found;
        break;
    case LOOKUP_GUARD_MISMATCH:
        e->length = 5;
        e->word[3] = f->guard;
        e->word[4] = f->bits_found;
        break;
    default: break;
    }
    return false;
}

bool m_fail_missing(struct model *m, bool source, uint64_t bits_left)
{
    m->call.error = (struct m_error){.code = ERROR_FAILED_LOOKUP,
                                     .length = 3,
                                     .word = {source, LOOKUP_MISSING_CAPABILITY, bits_left}};
    return false;
}

/* ---- arguments ---- */

uint64_t m_arg(struct model *m, unsigned i)
{
    struct m_thread *t = &m->s.thread[m->call.caller];
    return m_get_message(m, t, m_buffer(m, t, false), i);
}

/* The i-th extra cap. */
struct m_cap m_extra(const struct model *m, unsigned i)
{
    return m_cap_of(m, m->call.caps[i]);
}

/* ---- the reply ---- */

static void answer(struct model *m, struct m_thread *t, uint64_t label, const uint64_t *word,
                   unsigned length)
{
    uint64_t buffer = m_buffer(m, t, true);
    if (length > MSG_REGISTERS && !buffer)
        length = MSG_REGISTERS;
    for (unsigned i = 0; i < length; i++)
        m_set_message(m, t, buffer, i, word[i]);
    t->reg[REG_X0] = 0;
    t->reg[REG_X1] = msginfo_new(label, 0, 0, length);
}

static bool invalid_cap(struct model *m)
{
    return m_fail1(m, ERROR_INVALID_CAPABILITY, 0);
}

static bool use_endpoint(struct model *m)
{
    struct m_cap cap = m_cap_of(m, m->call.slot);
    struct m_thread *t = m_current(m);
    if (!(cap.rights & RIGHT_WRITE))
        return invalid_cap(m);
    m->call.invoked = false;
    t->state = M_RUNNING;
    m_send_ipc(m, t, cap, m->call.blocking, m->call.is_call);
    return true;
}

static bool use_notification(struct model *m)
{
    struct m_cap cap = m_cap_of(m, m->call.slot);
    if (!(cap.rights & RIGHT_WRITE))
        return invalid_cap(m);
    m_signal(m, cap.object, cap.data);
    return true;
}

static bool use_reply(struct model *m)
{
    m_reply(m, m_current(m), m->call.slot);
    return true;
}

/* Sends the interrupt: nothing of that is in the model before the interrupt comes. */
static bool use_sgi(struct model *m)
{
    return (void)m, true;
}

static bool (*const uses[CAP_TYPE_COUNT])(struct model *m) = {
    [CAP_FRAME] = m_invoke_frame,
    [CAP_UNTYPED] = m_invoke_untyped,
    [CAP_PAGE_TABLE] = m_invoke_page_table,
    [CAP_ENDPOINT] = use_endpoint,
    [CAP_NOTIFICATION] = use_notification,
    [CAP_REPLY] = use_reply,
    [CAP_VSPACE] = m_invoke_vspace,
    [CAP_CNODE] = m_invoke_cnode,
    [CAP_ASID_CONTROL] = m_invoke_asid_control,
    [CAP_TCB] = m_invoke_tcb,
    [CAP_ASID_POOL] = m_invoke_asid_pool,
    [CAP_IRQ_CONTROL] = m_invoke_irq_control,
    [CAP_IRQ_HANDLER] = m_invoke_irq_handler,
    [CAP_DOMAIN] = m_invoke_domain,
    [CAP_SMC] = m_invoke_smc,
    [CAP_SGI_SIGNAL] = use_sgi,
};

/* What the cap in call.slot does with the caller's message. The caller is in `restart` while it
 * works; if it is so still afterwards, a Call is answered. */
void m_invoke(struct model *m)
{
    struct m_thread *t = m_current(m);
    uint8_t type = m_cap_of(m, m->call.slot).type;
    m->call.invoked = true;
    t->state = M_RESTART;
    bool done = uses[type] ? uses[type](m) : invalid_cap(m);
    if (!m->call.invoked || t->addr == 0 || t->state != M_RESTART)
        return;
    t->state = M_RUNNING;
    if (!m->call.is_call)
        return;
    if (done)
        answer(m, t, 0, m->call.result, m->call.result_count);
    else
        answer(m, t, m->call.error.code, m->call.error.word, m->call.error.length);
}
