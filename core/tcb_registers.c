/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * TCB_ReadRegisters, WriteRegisters, CopyRegisters (abi/invocations.md §4).
 */
#include "objects.h"
#include "thread.h"

enum {
    FLAG_0 = 1,
    FLAG_1 = 2,
    FLAG_2 = 4,
    FLAG_3 = 8
};

/* ---- ReadRegisters: arg 0 suspend first, arg 1 count ---- */

static enum outcome commit_read(const struct invocation *call, const struct plan *plan,
                                struct reply *reply)
{
    if (plan->arg[0])
        thread_suspend(call->cpu, plan->tcb);
    reply->length = (unsigned)plan->arg[1];
    for (unsigned i = 0; i < reply->length; i++)
        reply->words[i] = plan->tcb->context.reg[i];
    return DONE;
}

enum error_code decode_tcb_read_registers(const struct invocation *call, struct plan *plan,
                                          struct refusal *no)
{
    uint64_t count = call_word(call, 1);
    plan->commit = commit_read;
    plan->tcb = tcb_of(call->cap);
    plan->arg[0] = call_word(call, 0) & FLAG_0;
    plan->arg[1] = count;
    if (count < 1 || count > REG_COUNT)
        return refuse_range(no, 1, REG_COUNT, "number of registers is %", count);
    if (plan->tcb == call->caller)
        return refuse_illegal(no, "a thread cannot read its own registers");
    return ERROR_NONE;
}

/* ---- WriteRegisters: arg 0 resume after, arg 1 count ---- */

static enum outcome commit_write(const struct invocation *call, const struct plan *plan,
                                 struct reply *reply)
{
    struct tcb *tcb = plan->tcb;
    uint64_t count = plan->arg[1] < REG_COUNT ? plan->arg[1] : REG_COUNT;
    (void)reply;
    for (unsigned i = 0; i < count; i++) {
        uint64_t value = call_word(call, 2 + i);
        tcb->context.reg[i] = i == REG_SPSR ? spsr_sanitise(call->cpu->kernel, value) : value;
    }
    tcb->context.next_pc = tcb->context.reg[REG_PC];
    tcb->progress_bytes = 0;
    if (plan->arg[0])
        thread_resume(call->cpu, tcb);
    return DONE;
}

enum error_code decode_tcb_write_registers(const struct invocation *call, struct plan *plan,
                                           struct refusal *no)
{
    uint64_t count = call_word(call, 1);
    plan->commit = commit_write;
    plan->tcb = tcb_of(call->cap);
    plan->arg[0] = call_word(call, 0) & FLAG_0;
    plan->arg[1] = count;
    if (call->length - 2 < count)
        return refuse_truncated(no);
    if (plan->tcb == call->caller)
        return refuse_illegal(no, "a thread cannot write its own registers");
    return ERROR_NONE;
}

/* ---- CopyRegisters: arg 0 the flags ---- */

static enum outcome commit_copy(const struct invocation *call, const struct plan *plan,
                                struct reply *reply)
{
    struct tcb *dest = tcb_of(call->cap);
    struct tcb *source = plan->tcb;
    uint64_t flags = plan->arg[0];
    (void)reply;
    if (flags & FLAG_0)
        thread_suspend(call->cpu, source);
    if (flags & FLAG_1)
        thread_resume(call->cpu, dest);
    dest->progress_bytes = 0;
    if (flags & FLAG_2) {
        for (unsigned i = 0; i < REG_FRAME_COUNT; i++)
            dest->context.reg[i] = source->context.reg[i];
        dest->context.next_pc = dest->context.reg[REG_PC];
    }
    if (flags & FLAG_3)
        for (unsigned i = REG_FRAME_COUNT; i < REG_COUNT; i++)
            dest->context.reg[i] = source->context.reg[i];
    return DONE;
}

enum error_code decode_tcb_copy_registers(const struct invocation *call, struct plan *plan,
                                          struct refusal *no)
{
    struct cap source = call_cap(call, 0);
    plan->commit = commit_copy;
    plan->arg[0] = call_word(call, 0);
    if (cap_type(source) != CAP_TCB)
        return refuse_cap(no, 1, "the source is not a TCB");
    plan->tcb = tcb_of(source);
    return ERROR_NONE;
}
