/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Faults as messages (abi/syscalls.md §7).
 */
#include "model.h"

enum {
    UNKNOWN_SYSCALL_WORDS = 13,
    UNKNOWN_SYSCALL_REPLY_WORDS = 12,
    EXCEPTION_WORDS = 5,
    EXCEPTION_REPLY_WORDS = 3,
    FLAGS_SHIFT = 28, /* SPSR bits 31..28 are kept */
};

/* Sends it to the handler like a Call; without one the thread becomes inactive. */
void m_raise(struct model *m, struct m_thread *t, const struct m_fault *fault)
{
    struct m_failure failure;
    uint16_t slot = m_lookup(m, t, t->handler, &failure);
    struct m_cap cap = slot ? m_cap_of(m, slot) : (struct m_cap){0};
    if (cap.type != CAP_ENDPOINT || !(cap.rights & RIGHT_WRITE) ||
        !(cap.rights & (RIGHT_GRANT | RIGHT_GRANT_REPLY))) {
        t->state = M_INACTIVE;
        return;
    }
    t->fault = *fault;
    m_send_ipc(m, t, cap, true, true);
}

static unsigned cap_fault_words(const struct m_thread *t, uint64_t *word)
{
    const struct m_failure *f = &t->fault.failure;
    word[0] = t->reg[REG_PC];
    word[1] = t->fault.address;
    word[2] = t->fault.flag;
    word[3] = f->type;
    word[4] = f->bits_left;
    switch (f->type) {
    case LOOKUP_MISSING_CAPABILITY: return 5;
    case LOOKUP_DEPTH_MISMATCH: word[5] = f->bits_found; return 6;
    case LOOKUP_GUARD_MISMATCH:
        word[5] = f->guard;
        word[6] = f->bits_found;
        return 7;
    default: return 4;
    }
}

static unsigned fault_words(const struct m_thread *t, uint64_t *word)
{
    switch (t->fault.label) {
    case FAULT_CAP: return cap_fault_words(t, word);
    case FAULT_UNKNOWN_SYSCALL:
        for (unsigned i = 0; i < 8; i++)
            word[i] = t->reg[REG_X0 + i];
        word[8] = t->reg[REG_PC];
        word[9] = t->reg[REG_SP];
        word[10] = t->next_pc;
        word[11] = t->reg[REG_SPSR];
        word[12] = t->fault.number;
        return UNKNOWN_SYSCALL_WORDS;
    case FAULT_USER_EXCEPTION:
        word[0] = t->reg[REG_PC];
        word[1] = t->reg[REG_SP];
        word[2] = t->reg[REG_SPSR];
        word[3] = t->fault.esr;
        word[4] = 0;
        return EXCEPTION_WORDS;
    default:
        word[0] = t->reg[REG_PC];
        word[1] = t->fault.address;
        word[2] = t->fault.flag;
        word[3] = t->fault.esr;
        return 4;
    }
}

void m_fault_message(struct model *m, struct m_thread *from, uint64_t badge, struct m_thread *to)
{
    uint64_t word[UNKNOWN_SYSCALL_WORDS], buffer = m_buffer(m, to, true);
    unsigned length = fault_words(from, word);
    if (!buffer && length > MSG_REGISTERS)
        length = MSG_REGISTERS;
    for (unsigned i = 0; i < length; i++)
        m_set_message(m, to, buffer, i, word[i]);
    to->reg[REG_X0] = badge;
    to->reg[REG_X1] = msginfo_new(from->fault.label, 0, 0, length);
}

static uint64_t sanitised(const struct model *m, uint64_t spsr)
{
    return (spsr >> FLAGS_SHIFT & 15) << FLAGS_SHIFT | m->config.initial_spsr;
}

bool m_fault_reply(struct model *m, struct m_thread *sender, struct m_thread *t)
{
    static const uint8_t call_order[UNKNOWN_SYSCALL_REPLY_WORDS] = {
        REG_X0,  REG_X1, REG_X2, REG_X3, REG_X4,    REG_X5,
        REG_X6,  REG_X7, REG_PC, REG_SP, REG_COUNT, /* the saved ELR: whatever it says, the thread
                                                       continues at the restart address */
        REG_SPSR};
    static const uint8_t exception_order[EXCEPTION_REPLY_WORDS] = {REG_PC, REG_SP, REG_SPSR};
    bool call = t->fault.label == FAULT_UNKNOWN_SYSCALL;
    const uint8_t *order = call ? call_order : exception_order;
    uint64_t info = sender->reg[REG_X1], length = msginfo_length(info);
    uint64_t buffer = m_buffer(m, sender, false);
    unsigned most = call ? UNKNOWN_SYSCALL_REPLY_WORDS : EXCEPTION_REPLY_WORDS;
    if (t->fault.label == FAULT_CAP || t->fault.label == FAULT_VM)
        return true;
    if (length > MSG_REGISTERS && !buffer)
        length = MSG_REGISTERS;
    for (unsigned i = 0; i < length && i < most; i++) {
        uint64_t value = m_get_message(m, sender, buffer, i);
        if (order[i] == REG_SPSR)
            value = sanitised(m, value);
        if (order[i] != REG_COUNT)
            t->reg[order[i]] = value;
    }
    return msginfo_label(info) == 0;
}
