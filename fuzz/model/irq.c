/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Interrupts, domains and secure monitor calls (abi/invocations.md §6 to §8).
 */
#include "model.h"

enum {
    LAST_SGI = 15,
    MAX_DURATION_BITS = 56,
    SMC_WORDS = 8,
};

static bool truncated(struct model *m)
{
    return m_fail(m, ERROR_TRUNCATED_MESSAGE);
}

/* ---- IRQControl ---- */

static uint16_t free_slot(struct model *m, unsigned index)
{
    uint16_t slot = m_target(m, m_extra(m, 0), m_arg(m, index), m_arg(m, index + 1), false);
    if (slot && m->slot[slot].cap.type != CAP_NULL) {
        m_fail(m, ERROR_DELETE_FIRST);
        return 0;
    }
    return slot;
}

static bool get(struct model *m, unsigned index)
{
    uint64_t irq = m_arg(m, 0);
    if (m->call.length < index + 2 || m->call.cap_count < 1)
        return truncated(m);
    if (irq > m->config.max_irq)
        return m_fail_range(m, 0, m->config.max_irq);
    if (irq == m->config.timer_irq || m->s.irq_issued[irq])
        return m_fail(m, ERROR_REVOKE_FIRST);
    uint16_t slot = free_slot(m, index);
    if (!slot)
        return false;
    m_insert_derived(m, slot, (struct m_cap){.type = CAP_IRQ_HANDLER, .object = irq}, m->call.slot);
    m->s.irq_issued[irq] = true;
    m->s.irq_masked[irq] = false;
    return true;
}

static bool issue_sgi(struct model *m)
{
    uint64_t sgi = m_arg(m, 0), target = m_arg(m, 1);
    if (m->call.length < 4 || m->call.cap_count < 1)
        return truncated(m);
    if (sgi > LAST_SGI)
        return m_fail_range(m, 0, LAST_SGI);
    if (target > m->config.sgi_targets)
        return m_fail1(m, ERROR_INVALID_ARGUMENT, 1);
    uint16_t slot = free_slot(m, 2);
    if (!slot)
        return false;
    struct m_cap cap = {.type = CAP_SGI_SIGNAL, .object = sgi, .data = target};
    m_insert_derived(m, slot, cap, m->call.slot);
    return true;
}

bool m_invoke_irq_control(struct model *m)
{
    switch (m->call.label) {
    case LABEL_IRQ_CONTROL_GET: return get(m, 1);
    case LABEL_IRQ_CONTROL_GET_TRIGGER: return get(m, 2);
    case LABEL_IRQ_CONTROL_ISSUE_SGI_SIGNAL: return issue_sgi(m);
    default: return m_fail(m, ERROR_ILLEGAL_OPERATION);
    }
}

/* ---- handlers ---- */

static bool set_notification(struct model *m, uint16_t slot)
{
    if (m->call.cap_count < 1)
        return truncated(m);
    struct m_cap cap = m_extra(m, 0);
    if (cap.type != CAP_NOTIFICATION || !(cap.rights & RIGHT_WRITE))
        return m_fail1(m, ERROR_INVALID_CAPABILITY, 0);
    m_delete(m, slot);
    m_insert_derived(m, slot, cap, m->call.caps[0]);
    return true;
}

bool m_invoke_irq_handler(struct model *m)
{
    uint64_t irq = m_cap_of(m, m->call.slot).object;
    switch (m->call.label) {
    case LABEL_IRQ_HANDLER_ACK: m->s.irq_masked[irq] = false; return true;
    case LABEL_IRQ_HANDLER_SET_NOTIFICATION: return set_notification(m, m_irq_slot(irq));
    case LABEL_IRQ_HANDLER_CLEAR: m_delete(m, m_irq_slot(irq)); return true;
    default: return m_fail(m, ERROR_ILLEGAL_OPERATION);
    }
}

void m_interrupt(struct model *m, uint32_t irq)
{
    struct m_cap cap;
    if (irq >= M_IRQS)
        return;
    cap = m_cap_of(m, m_irq_slot(irq));
    m->s.irq_masked[irq] = true;
    if (m->s.irq_issued[irq] && cap.type == CAP_NOTIFICATION)
        m_signal(m, cap.object, cap.data);
}

/* ---- domains (abi/scheduling.md §5) ---- */

static bool set(struct model *m)
{
    uint64_t domain = m_arg(m, 0);
    if (m->call.length < 1)
        return truncated(m);
    if (domain >= m->config.domains)
        return m_fail1(m, ERROR_INVALID_ARGUMENT, 0);
    if (m->call.cap_count < 1)
        return truncated(m);
    struct m_cap cap = m_extra(m, 0);
    if (cap.type != CAP_TCB)
        return m_fail1(m, ERROR_INVALID_ARGUMENT, 1);
    m_set_domain(m, m_thread_of(m, cap.object), (uint8_t)domain);
    return true;
}

static bool configure(struct model *m)
{
    uint64_t index = m_arg(m, 0), domain = m_arg(m, 1), duration = m_arg(m, 2);
    if (m->call.length < 3)
        return truncated(m);
    if (index >= m->config.schedules - 1)
        return m_fail_range(m, 0, m->config.schedules - 2);
    if (domain >= m->config.domains)
        return m_fail_range(m, 0, m->config.domains - 1);
    if (duration >> MAX_DURATION_BITS)
        return m_fail1(m, ERROR_INVALID_ARGUMENT, 2);
    if (duration == 0 && domain != 0)
        return m_fail1(m, ERROR_INVALID_ARGUMENT, 1);
    if (duration == 0 && index == m->s.domain_start)
        return m_fail1(m, ERROR_INVALID_ARGUMENT, 2);
    m->s.schedule[index] = (struct m_schedule_entry){domain, duration};
    return true;
}

static bool set_start(struct model *m)
{
    uint64_t index = m_arg(m, 0);
    if (m->call.length < 1)
        return truncated(m);
    if (index >= m->config.schedules)
        return m_fail_range(m, 0, m->config.schedules - 1);
    if (m->s.schedule[index].duration == 0)
        return m_fail1(m, ERROR_INVALID_ARGUMENT, 0);
    m->s.domain_start = index;
    m->s.domain_index = m->config.schedules; /* nothing follows: the start is next */
    if (m_runnable(m_current(m)))
        m_ready_head(m, m_current(m));
    m_next_domain(m);
    return true;
}

bool m_invoke_domain(struct model *m)
{
    switch (m->call.label) {
    case LABEL_DOMAIN_SET_SET: return set(m);
    case LABEL_DOMAIN_SET_SCHEDULE_CONFIGURE: return configure(m);
    case LABEL_DOMAIN_SET_SCHEDULE_SET_START: return set_start(m);
    default: return m_fail(m, ERROR_ILLEGAL_OPERATION);
    }
}

/* ---- SMC: what the monitor answers is open ---- */

bool m_invoke_smc(struct model *m)
{
    struct m_cap cap = m_cap_of(m, m->call.slot);
    if (m->call.label != LABEL_SMC_CALL)
        return m_fail(m, ERROR_ILLEGAL_OPERATION);
    if (m->call.length < SMC_WORDS)
        return truncated(m);
    if (cap.data != 0 && cap.data != m_arg(m, 0))
        return m_fail(m, ERROR_ILLEGAL_OPERATION);
    m->call.open_registers = 15ull << REG_X2;
    m->call.open_first = MSG_REGISTERS;
    m->call.open_count = SMC_WORDS - MSG_REGISTERS;
    m->call.result_count = SMC_WORDS;
    return true;
}
