/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Fast path for memory faults and user exceptions (abi/syscalls.md §7). Taken when somebody waits
 * at the handler's endpoint with a small buffer and would be switched to directly.
 */
#include "cspace.h"
#include "diag.h"
#include "fastpath_common.h"
#include "fault.h"

/* The handler's endpoint cap, if the faulter may send through it and somebody waits. */
INLINE const struct slot *handler_of(const struct tcb *faulter)
{
    struct lookup_fault ignored;
    const struct slot *slot = fastpath_lookup(faulter, faulter->fault_handler);
    if (slot && cap_type(slot->cap) == CAP_CNODE)
        slot = cspace_lookup(faulter, faulter->fault_handler, &ignored);
    if (!slot || !is_ipc_cap(slot->cap, CAP_ENDPOINT, RIGHT_WRITE) ||
        !(ipc_rights(slot->cap) & (RIGHT_GRANT | RIGHT_GRANT_REPLY)) ||
        wait_state(&endpoint_of(slot->cap)->queue) != ENDPOINT_RECEIVING)
        return NULL;
    return slot;
}

/* The four words in registers, then a user exception's fifth, which is 0. */
INLINE void write_message(const struct tcb *faulter, const struct fault *fault, struct tcb *to,
                          struct ipc_buffer *buffer, uint64_t badge)
{
    const uint64_t *from = faulter->context.reg;
    uint64_t *reg = to->context.reg;
    bool memory = fault->label == FAULT_VM;
    reg[REG_X2] = from[REG_PC];
    reg[REG_X3] = memory ? fault->word : from[REG_SP];
    reg[REG_X4] = memory ? fault->is_instruction : from[REG_SPSR];
    reg[REG_X5] = fault->esr;
    if (!memory)
        buffer->msg[MSG_REGISTERS] = 0;
    reg[REG_X0] = badge;
    reg[REG_X1] = msginfo_new(fault->label, 0, 0, memory ? MSG_REGISTERS : MSG_REGISTERS + 1);
}

bool fastpath_fault(struct cpu *cpu, const struct fault *fault)
{
    struct tcb *faulter = cpu->current;
    const struct slot *slot = handler_of(faulter);
    if (!slot)
        return false;
    struct wait_queue *queue = &endpoint_of(slot->cap)->queue;
    struct tcb *handler = queue->head;
    struct ipc_buffer *buffer = small_buffer(handler);
    if (!buffer || !switches_directly_any(cpu, faulter, handler))
        return false;

    diag_fault(cpu, faulter, fault);
    fault_record(faulter, fault);
    take_receiver(queue, handler);
    write_message(faulter, fault, handler, buffer, ipc_badge(slot->cap));
    give_reply_right(faulter, handler);
    (void)fastpath_switch_any(cpu, faulter, handler);
    return true;
}
