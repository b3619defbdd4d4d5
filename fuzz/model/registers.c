/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Reading, writing and copying registers (abi/invocations.md §4).
 */
#include "model.h"

enum {
    FLAG_SUSPEND = 1, /* Read: of the target; Copy: of the source */
    FLAG_RESUME_WRITE = 1,
    FLAG_RESUME = 2,
    FLAG_FRAME = 4,
    FLAG_INTEGER = 8,
    FLAGS_SHIFT = 28, /* SPSR bits 31..28 are kept (abi/syscalls.md §7.1) */
};

static bool truncated(struct model *m)
{
    return m_fail(m, ERROR_TRUNCATED_MESSAGE);
}

bool m_tcb_read(struct model *m, struct m_thread *t)
{
    uint64_t flags = m_arg(m, 0), count = m_arg(m, 1);
    if (m->call.length < 2)
        return truncated(m);
    if (count < 1 || count > REG_COUNT)
        return m_fail_range(m, 1, REG_COUNT);
    if (m_index(m, t) == m->call.caller)
        return m_fail(m, ERROR_ILLEGAL_OPERATION);
    if (flags & FLAG_SUSPEND)
        m_suspend(m, t);
    m->call.result_count = (unsigned)count;
    for (unsigned i = 0; i < count; i++)
        m->call.result[i] = t->reg[i];
    return true;
}

bool m_tcb_write(struct model *m, struct m_thread *t)
{
    uint64_t flags = m_arg(m, 0), count = m_arg(m, 1);
    if (m->call.length < 2 || m->call.length - 2 < count)
        return truncated(m);
    if (m_index(m, t) == m->call.caller)
        return m_fail(m, ERROR_ILLEGAL_OPERATION);
    for (unsigned i = 0; i < count && i < REG_COUNT; i++) {
        uint64_t value = m_arg(m, i + 2);
        if (i == REG_SPSR)
            value = (value >> FLAGS_SHIFT & 15) << FLAGS_SHIFT | m->config.initial_spsr;
        t->reg[i] = value;
    }
    t->next_pc = t->reg[REG_PC];
    if (flags & FLAG_RESUME_WRITE)
        m_resume(m, t);
    return true;
}

bool m_tcb_copy(struct model *m, struct m_thread *t)
{
    uint64_t flags = m_arg(m, 0);
    if (m->call.length < 1 || m->call.cap_count < 1)
        return truncated(m);
    struct m_cap cap = m_extra(m, 0);
    if (cap.type != CAP_TCB)
        return m_fail1(m, ERROR_INVALID_CAPABILITY, 1);
    struct m_thread *from = m_thread_of(m, cap.object);
    if (flags & FLAG_SUSPEND)
        m_suspend(m, from);
    if (flags & FLAG_RESUME)
        m_resume(m, t);
    for (unsigned i = 0; (flags & FLAG_FRAME) && i < REG_FRAME_COUNT; i++)
        t->reg[i] = from->reg[i];
    if (flags & FLAG_FRAME)
        t->next_pc = t->reg[REG_PC];
    for (unsigned i = REG_FRAME_COUNT; (flags & FLAG_INTEGER) && i < REG_COUNT; i++)
        t->reg[i] = from->reg[i];
    return true;
}
