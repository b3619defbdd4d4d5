/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * One trap: the eight calls, debug and benchmark calls, faults, interrupts (abi/syscalls.md §3,
 * §5, §7, §8).
 */
#include "model.h"

enum {
    EXTRA_BYTES = offsetof(struct ipc_buffer, caps_or_badges),
    UTILISATION_WORDS = 13,
    ESR_CLASS_SHIFT = 26,
    ESR_CLASS_FP = 7,
};

struct m_thread *m_thread_of(struct model *m, uint64_t addr)
{
    unsigned i = 1;
    while (i < m->s.threads && m->s.thread[i].addr != addr)
        i++;
    if (i == m->s.threads) {
        m->s.gave_up = true;
        i = 0;
    }
    return &m->s.thread[i];
}

/* ---- faults of the caller ---- */

static void cap_fault(struct model *m, uint64_t cptr, bool receive, const struct m_failure *failure)
{
    const struct m_fault fault = {
        .label = FAULT_CAP, .flag = receive, .address = cptr, .failure = *failure};
    m_raise(m, m_current(m), &fault);
}

static void unknown_syscall(struct model *m)
{
    const struct m_fault fault = {.label = FAULT_UNKNOWN_SYSCALL, .number = m->call.number};
    m_raise(m, m_current(m), &fault);
}

/* ---- sending ---- */

/* Steps 1 to 4 of §3; false when the call ends here. */
static bool open_message(struct model *m)
{
    struct m_thread *t = m_current(m);
    struct m_failure failure;
    uint64_t info = t->reg[REG_X1], buffer = m_buffer(m, t, false);
    m->call.slot = m_lookup(m, t, t->reg[REG_X0], &failure);
    if (!m->call.slot) {
        if (m->call.blocking)
            cap_fault(m, t->reg[REG_X0], false, &failure);
        return false;
    }
    for (unsigned i = 0; buffer && i < msginfo_extra_caps(info); i++) {
        uint64_t cptr = *m_word(m, buffer + EXTRA_BYTES + 8ull * i);
        m->call.caps[i] = m_lookup(m, t, cptr, &failure);
        if (!m->call.caps[i]) {
            if (m->call.blocking)
                cap_fault(m, cptr, false, &failure);
            return false;
        }
        m->call.cap_count = i + 1;
    }
    m->call.cptr = t->reg[REG_X0];
    m->call.word[0] = t->reg[REG_X2];
    m->call.word[1] = t->reg[REG_X2 + 1];
    m->call.label = msginfo_label(info);
    m->call.length = (unsigned)msginfo_length(info);
    if (m->call.length > MSG_MAX_LENGTH)
        m->call.length = MSG_MAX_LENGTH;
    if (m->call.length > MSG_REGISTERS && !buffer)
        m->call.length = MSG_REGISTERS;
    return true;
}

static void send(struct model *m, bool blocking, bool is_call)
{
    m->call.blocking = blocking;
    m->call.is_call = is_call;
    if (open_message(m))
        m_invoke(m);
}

/* ---- receiving ---- */

static bool may_receive(struct model *m, const struct m_thread *t, struct m_cap cap)
{
    struct m_notification *n;
    if (!(cap.rights & RIGHT_READ))
        return false;
    if (cap.type == CAP_ENDPOINT)
        return true;
    if (cap.type != CAP_NOTIFICATION)
        return false;
    n = m_notification_of(m, cap.object, false);
    return !n || !n->bound || n->bound == t->addr;
}

static void receive(struct model *m, bool blocking)
{
    struct m_thread *t = m_current(m);
    struct m_failure failure;
    uint16_t slot = m_lookup(m, t, t->reg[REG_X0], &failure);
    struct m_cap cap;
    if (!slot) {
        cap_fault(m, t->reg[REG_X0], true, &failure);
        return;
    }
    cap = m_cap_of(m, slot);
    if (!may_receive(m, t, cap)) {
        failure = (struct m_failure){.type = LOOKUP_MISSING_CAPABILITY};
        cap_fault(m, t->reg[REG_X0], true, &failure);
    } else if (cap.type == CAP_ENDPOINT) {
        m_delete(m, m_thread_slot(m, t, M_CALLER));
        m_receive_ipc(m, t, cap, blocking);
    } else {
        m_receive_signal(m, t, cap.object, blocking);
    }
}

static void reply(struct model *m)
{
    uint16_t slot = m_thread_slot(m, m_current(m), M_CALLER);
    if (m->slot[slot].cap.type == CAP_REPLY)
        m_reply(m, m_current(m), slot);
}

/* ---- debug and benchmark calls (§8) ---- */

static void identify(struct model *m)
{
    struct m_thread *t = m_current(m);
    struct m_failure failure;
    uint16_t slot = m_lookup(m, t, t->reg[REG_X0], &failure);
    t->reg[REG_X0] = slot ? m->slot[slot].cap.type : CAP_NULL;
}

/* With a TCB cap in x0, or the run ends. */
static bool names_thread(struct model *m)
{
    struct m_failure failure;
    uint16_t slot = m_lookup(m, m_current(m), m_current(m)->reg[REG_X0], &failure);
    m->call.halts = !slot || m->slot[slot].cap.type != CAP_TCB;
    return !m->call.halts;
}

static void name_thread(struct model *m)
{
    uint64_t buffer = m_buffer(m, m_current(m), false);
    const char *text;
    if (!names_thread(m))
        return;
    m->call.halts = true;
    if (!buffer)
        return;
    text = (const char *)m_word(m, buffer + offsetof(struct ipc_buffer, msg));
    for (unsigned i = 0; i < sizeof(uint64_t) * MSG_MAX_LENGTH; i++)
        if (text[i] == 0)
            m->call.halts = false;
}

static void set_log_buffer(struct model *m)
{
    struct m_thread *t = m_current(m);
    struct m_failure failure;
    uint16_t slot = m_lookup(m, t, t->reg[REG_X0], &failure);
    struct m_cap cap = slot ? m_cap_of(m, slot) : (struct m_cap){0};
    t->reg[REG_X0] = cap.type == CAP_FRAME && cap.bits == LARGE_PAGE_BITS ? 0 : 3;
}

static bool debug_call(struct model *m)
{
    switch ((int64_t)m->call.number) {
    case SYS_DEBUG_PUT_CHAR:
    case SYS_DEBUG_DUMP_SCHEDULER:
    case SYS_DEBUG_SNAPSHOT: return true;
    case SYS_DEBUG_HALT: m->call.halts = true; return true;
    case SYS_DEBUG_CAP_IDENTIFY: identify(m); return true;
    case SYS_DEBUG_NAME_THREAD: name_thread(m); return true;
    default: return false;
    }
}

static bool benchmark_call(struct model *m)
{
    switch ((int64_t)m->call.number) {
    case SYS_BENCHMARK_FLUSH_CACHES:
    case SYS_BENCHMARK_NULL_SYSCALL:
    case SYS_BENCHMARK_DUMP_ALL_UTILISATION:
    case SYS_BENCHMARK_RESET_ALL_UTILISATION: return true;
    case SYS_BENCHMARK_RESET_LOG: /* 0, or 3 without a log buffer: not kept here */
    case SYS_BENCHMARK_FINALIZE_LOG: m->call.open_registers = 1ull << REG_X0; return true;
    case SYS_BENCHMARK_SET_LOG_BUFFER: set_log_buffer(m); return true;
    case SYS_BENCHMARK_GET_THREAD_UTILISATION:
        m->call.open_count = names_thread(m) ? UTILISATION_WORDS : 0;
        return true;
    case SYS_BENCHMARK_RESET_THREAD_UTILISATION: names_thread(m); return true;
    default: return false;
    }
}

/* ---- a call that was preempted ---- */

static bool finds(const struct model *m, const struct m_thread *t, uint64_t cptr, uint16_t slot)
{
    struct m_failure failure;
    return m_lookup(m, t, cptr, &failure) == slot && m->slot[slot].cap.type != CAP_NULL;
}

/* In the state at its end, does the caller still find what the call was about? If not, executing it
 * again after a preemption may come to something else. */
bool model_repeats(struct model *m)
{
    const struct m_thread *t = &m->s.thread[m->call.caller];
    uint64_t buffer = t->addr ? m_buffer(m, t, false) : 0;
    bool node = m->call.label == LABEL_CNODE_REVOKE || m->call.label == LABEL_CNODE_DELETE;
    if (t->addr == 0 || !m->call.invoked || !finds(m, t, m->call.cptr, m->call.slot))
        return false;
    if (m->call.cap_count && !buffer)
        return false;
    for (unsigned i = 0; i < m->call.cap_count; i++)
        if (!finds(m, t, *m_word(m, buffer + EXTRA_BYTES + 8ull * i), m->call.caps[i]))
            return false;
    return !node || m_target(m, m_cap_of(m, m->call.slot), m->call.word[0], m->call.word[1],
                             false) == m->call.target;
}

/* ---- one trap ---- */

void m_syscall(struct model *m)
{
    struct m_thread *t = m_current(m);
    m->call.number = t->reg[REG_X7];
    switch ((int64_t)m->call.number) {
    case SYS_CALL: send(m, true, true); break;
    case SYS_SEND: send(m, true, false); break;
    case SYS_NB_SEND: send(m, false, false); break;
    case SYS_RECV: receive(m, true); break;
    case SYS_NB_RECV: receive(m, false); break;
    case SYS_REPLY: reply(m); break;
    case SYS_REPLY_RECV:
        reply(m);
        receive(m, true);
        break;
    case SYS_YIELD:
        m_ready_tail(m, t);
        m_force_choice(m);
        break;
    default:
        if ((m->config.debug_calls && debug_call(m)) ||
            (m->config.benchmark_calls && benchmark_call(m)))
            return;
        unknown_syscall(m);
    }
}

static void abort_fault(struct model *m, const struct m_trap *trap, bool instruction)
{
    const struct m_fault fault = {
        .label = FAULT_VM, .flag = instruction, .esr = trap->esr, .address = trap->far};
    m_raise(m, m_current(m), &fault);
}

static void exception(struct model *m, const struct m_trap *trap)
{
    const struct m_fault fault = {.label = FAULT_USER_EXCEPTION, .esr = trap->esr};
    bool fp = trap->esr >> ESR_CLASS_SHIFT == ESR_CLASS_FP;
    if (fp && !(m_current(m)->flags & TCB_FLAG_FPU_DISABLED))
        return; /* a machine that switches FP state lazily: not seen by user level */
    m_raise(m, m_current(m), &fault);
}

void model_step(struct model *m, const struct m_trap *trap)
{
    m->call = (struct m_call){.caller = m->s.current};
    switch (trap->kind) {
    case M_TRAP_SYSCALL: m_syscall(m); break;
    case M_TRAP_DATA_ABORT: abort_fault(m, trap, false); break;
    case M_TRAP_INSTRUCTION_ABORT: abort_fault(m, trap, true); break;
    case M_TRAP_EXCEPTION: exception(m, trap); break;
    case M_TRAP_INTERRUPT:
        if (m->s.current)
            m_current(m)->reg[REG_PC] = m_current(m)->next_pc;
        if (trap->irq == m->config.timer_irq)
            m_tick(m);
        else
            m_interrupt(m, trap->irq);
        break;
    }
    m_schedule(m);
}
