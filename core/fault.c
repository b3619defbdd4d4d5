/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Faults (abi/syscalls.md §7).
 */
#include "fault.h"

#include "cspace.h"
#include "diag.h"
#include "endpoint.h"
#include "explain.h"
#include "thread.h"

enum {
    MAX_FAULT_WORDS = 13,
    UNKNOWN_SYSCALL_REPLY_WORDS = 12,
    USER_EXCEPTION_REPLY_WORDS = 3
};

/* Context register of each word of an UnknownSyscall message; MR10, the saved ELR, is none of the
 * 36 and marked REG_COUNT. */
static const uint8_t unknown_syscall_registers[UNKNOWN_SYSCALL_REPLY_WORDS] = {
    REG_X0, REG_X1, REG_X2, REG_X3, REG_X4,    REG_X5,
    REG_X6, REG_X7, REG_PC, REG_SP, REG_COUNT, REG_SPSR};
static const uint8_t user_exception_registers[USER_EXCEPTION_REPLY_WORDS] = {REG_PC, REG_SP,
                                                                             REG_SPSR};

void fault_raise_cap(struct cpu *cpu, uint64_t cptr, bool in_receive,
                     const struct lookup_fault *lookup)
{
    struct fault fault = {
        .label = FAULT_CAP, .in_receive = in_receive, .word = cptr, .lookup = *lookup};
    fault_raise(cpu, &fault);
}

void fault_record(struct tcb *tcb, const struct fault *fault)
{
    tcb->fault = *fault;
    tcb->faulty = true;
}

void fault_clear(struct tcb *tcb)
{
    tcb->fault.label = FAULT_NULL;
    tcb->faulty = false;
}

/* The endpoint cap that takes the thread's faults, or NULL. */
static const struct slot *handler_of(const struct tcb *tcb)
{
    struct lookup_fault ignored;
    const struct slot *slot = cspace_lookup(tcb, tcb->fault_handler, &ignored);
    if (!slot || cap_type(slot->cap) != CAP_ENDPOINT)
        return NULL;
    unsigned rights = ipc_rights(slot->cap);
    if (!(rights & RIGHT_WRITE) || !(rights & (RIGHT_GRANT | RIGHT_GRANT_REPLY)))
        return NULL;
    return slot;
}

void fault_raise(struct cpu *cpu, const struct fault *fault)
{
    struct tcb *tcb = cpu->current;
    const struct slot *handler = handler_of(tcb);
    diag_fault(cpu, tcb, fault);
    if (!handler) {
        tcb->state = THREAD_INACTIVE;
        explain_double_fault(cpu, tcb, fault);
        return;
    }
    fault_record(tcb, fault);
    struct endpoint_send send = {
        .endpoint = endpoint_of(handler->cap),
        .badge = ipc_badge(handler->cap),
        .grant = ipc_rights(handler->cap) & RIGHT_GRANT,
        .grant_reply = true,
        .may_block = true,
        .is_call = true,
    };
    endpoint_send(cpu, &send);
}

static unsigned cap_fault_words(const struct tcb *tcb, uint64_t *words)
{
    const struct fault *fault = &tcb->fault;
    const struct lookup_fault *lookup = &fault->lookup;
    unsigned n = 0;
    words[n++] = tcb->context.reg[REG_PC];
    words[n++] = fault->word;
    words[n++] = fault->in_receive;
    words[n++] = lookup->type;
    if (lookup->type >= LOOKUP_MISSING_CAPABILITY)
        words[n++] = lookup->bits_left;
    if (lookup->type == LOOKUP_GUARD_MISMATCH)
        words[n++] = lookup->guard_found;
    if (lookup->type >= LOOKUP_DEPTH_MISMATCH)
        words[n++] = lookup->bits_found;
    return n;
}

static unsigned registers_to_words(const struct tcb *tcb, const uint8_t *registers, unsigned count,
                                   uint64_t *words)
{
    for (unsigned i = 0; i < count; i++)
        words[i] =
            registers[i] == REG_COUNT ? tcb->context.next_pc : tcb->context.reg[registers[i]];
    return count;
}

static unsigned fault_words(const struct tcb *tcb, uint64_t words[MAX_FAULT_WORDS])
{
    const struct fault *fault = &tcb->fault;
    unsigned n = 0;
    switch (fault->label) {
    case FAULT_CAP: return cap_fault_words(tcb, words);
    case FAULT_UNKNOWN_SYSCALL:
        n = registers_to_words(tcb, unknown_syscall_registers, UNKNOWN_SYSCALL_REPLY_WORDS, words);
        words[n++] = fault->word;
        return n;
    case FAULT_USER_EXCEPTION:
        n = registers_to_words(tcb, user_exception_registers, USER_EXCEPTION_REPLY_WORDS, words);
        words[n++] = fault->esr;
        words[n++] = 0;
        return n;
    default: /* FAULT_VM */
        words[n++] = tcb->context.reg[REG_PC];
        words[n++] = fault->word;
        words[n++] = fault->is_instruction;
        words[n++] = fault->esr;
        return n;
    }
}

void fault_send_message(const struct tcb *faulter, struct tcb *receiver, uint64_t badge)
{
    uint64_t words[MAX_FAULT_WORDS];
    struct ipc_buffer *buffer = thread_buffer(receiver, true);
    unsigned count = fault_words(faulter, words);
    unsigned sent = 0;
    while (sent < count && thread_set_message(receiver, buffer, sent, words[sent]))
        sent++;
    receiver->context.reg[REG_X0] = badge;
    receiver->context.reg[REG_X1] = msginfo_new(faulter->fault.label, 0, 0, sent);
}

static void words_to_registers(struct cpu *cpu, struct tcb *faulter, const struct tcb *replier,
                               const uint8_t *registers, unsigned count)
{
    const struct ipc_buffer *buffer = thread_buffer(replier, false);
    uint64_t length = msginfo_length(replier->context.reg[REG_X1]);
    if (length > MSG_REGISTERS && !buffer)
        length = MSG_REGISTERS;
    for (unsigned i = 0; i < count && i < length; i++) {
        uint64_t value = thread_message(replier, buffer, i);
        if (registers[i] == REG_COUNT)
            continue; /* the resume address is the restart address */
        if (registers[i] == REG_SPSR)
            value = spsr_sanitise(cpu->kernel, value);
        faulter->context.reg[registers[i]] = value;
    }
}

bool fault_apply_reply(struct cpu *cpu, struct tcb *faulter, const struct tcb *replier)
{
    enum fault_label label = faulter->fault.label;
    bool goes_on = msginfo_label(replier->context.reg[REG_X1]) == 0;
    fault_clear(faulter);
    switch (label) {
    case FAULT_UNKNOWN_SYSCALL:
        words_to_registers(cpu, faulter, replier, unknown_syscall_registers,
                           UNKNOWN_SYSCALL_REPLY_WORDS);
        return goes_on;
    case FAULT_USER_EXCEPTION:
        words_to_registers(cpu, faulter, replier, user_exception_registers,
                           USER_EXCEPTION_REPLY_WORDS);
        return goes_on;
    default: return true; /* CapFault, VMFault */
    }
}
