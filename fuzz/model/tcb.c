/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * TCB methods but those on registers and spaces (abi/invocations.md §4).
 */
#include "model.h"

static bool truncated(struct model *m)
{
    return m_fail(m, ERROR_TRUNCATED_MESSAGE);
}

/* The authority of a priority change and its MCP. */
static bool authority(struct model *m, unsigned words, uint64_t *mcp)
{
    if (m->call.length < words || m->call.cap_count < 1)
        return truncated(m);
    struct m_cap cap = m_extra(m, 0);
    if (cap.type != CAP_TCB)
        return m_fail1(m, ERROR_INVALID_CAPABILITY, 1);
    *mcp = m_thread_of(m, cap.object)->mcp;
    return true;
}

static bool set_priority(struct model *m, struct m_thread *t)
{
    uint64_t most, priority = m_arg(m, 0);
    if (!authority(m, 1, &most))
        return false;
    if (priority > most)
        return m_fail_range(m, 0, most);
    m_set_priority(m, t, (uint8_t)priority);
    return true;
}

static bool set_mcp(struct model *m, struct m_thread *t)
{
    uint64_t most, mcp = m_arg(m, 0);
    if (!authority(m, 1, &most))
        return false;
    if (mcp > most)
        return m_fail_range(m, 0, most);
    t->mcp = (uint8_t)mcp;
    return true;
}

static bool set_sched_params(struct model *m, struct m_thread *t)
{
    uint64_t most, mcp = m_arg(m, 0), priority = m_arg(m, 1);
    if (!authority(m, 2, &most))
        return false;
    if (mcp > most || priority > most)
        return m_fail_range(m, 0, most);
    t->mcp = (uint8_t)mcp;
    m_set_priority(m, t, (uint8_t)priority);
    return true;
}

static bool suspend(struct model *m, struct m_thread *t)
{
    m_suspend(m, t);
    return true;
}

static bool resume(struct model *m, struct m_thread *t)
{
    m_resume(m, t);
    return true;
}

static bool bind(struct model *m, struct m_thread *t)
{
    if (m->call.cap_count < 1)
        return truncated(m);
    struct m_cap cap = m_extra(m, 0);
    struct m_notification *n = m_notification_of(m, cap.object, false);
    if (t->notification || cap.type != CAP_NOTIFICATION || !(cap.rights & RIGHT_READ) ||
        m_first_waiter(m, cap.object, M_BLOCKED_NOTIFICATION) || (n && n->bound))
        return m_fail(m, ERROR_ILLEGAL_OPERATION);
    m_bind(m, t, cap.object);
    return true;
}

static bool unbind(struct model *m, struct m_thread *t)
{
    if (!t->notification)
        return m_fail(m, ERROR_ILLEGAL_OPERATION);
    m_unbind(m, t);
    return true;
}

static bool set_tls_base(struct model *m, struct m_thread *t)
{
    if (m->call.length < 1)
        return truncated(m);
    t->reg[REG_TPIDR_EL0] = m_arg(m, 0);
    return true;
}

static bool set_flags(struct model *m, struct m_thread *t)
{
    if (m->call.length < 2)
        return truncated(m);
    t->flags = (uint8_t)((t->flags & ~m_arg(m, 0)) | (m_arg(m, 1) & TCB_FLAG_FPU_DISABLED));
    m->call.result_count = 1;
    m->call.result[0] = t->flags;
    return true;
}

bool m_invoke_tcb(struct model *m)
{
    static bool (*const methods[])(struct model *, struct m_thread *) = {
        [LABEL_TCB_READ_REGISTERS] = m_tcb_read,
        [LABEL_TCB_WRITE_REGISTERS] = m_tcb_write,
        [LABEL_TCB_COPY_REGISTERS] = m_tcb_copy,
        [LABEL_TCB_CONFIGURE] = m_tcb_configure,
        [LABEL_TCB_SET_PRIORITY] = set_priority,
        [LABEL_TCB_SET_MC_PRIORITY] = set_mcp,
        [LABEL_TCB_SET_SCHED_PARAMS] = set_sched_params,
        [LABEL_TCB_SET_IPC_BUFFER] = m_tcb_set_buffer,
        [LABEL_TCB_SET_SPACE] = m_tcb_set_space,
        [LABEL_TCB_SUSPEND] = suspend,
        [LABEL_TCB_RESUME] = resume,
        [LABEL_TCB_BIND_NOTIFICATION] = bind,
        [LABEL_TCB_UNBIND_NOTIFICATION] = unbind,
        [LABEL_TCB_SET_TLS_BASE] = set_tls_base,
        [LABEL_TCB_SET_FLAGS] = set_flags,
    };
    uint64_t label = m->call.label;
    if (label >= sizeof methods / sizeof *methods || !methods[label])
        return m_fail(m, ERROR_ILLEGAL_OPERATION);
    return methods[label](m, m_thread_of(m, m_cap_of(m, m->call.slot).object));
}
