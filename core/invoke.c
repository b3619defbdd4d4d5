/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Sending and invoking (abi/syscalls.md §3, abi/invocations.md §1).
 */
#include "invoke.h"

#include "cspace.h"
#include "diag.h"
#include "endpoint.h"
#include "explain.h"
#include "fault.h"
#include "irq.h"
#include "notification.h"
#include "print.h"
#include "reply.h"
#include "thread.h"

enum handled {
    HANDLED,
    HANDLED_PREEMPTED
};

/* The one place that writes the result registers of a kernel-object call. */
static void write_result(struct tcb *caller, uint64_t label, const uint64_t *words, unsigned count)
{
    struct ipc_buffer *buffer = count > MSG_REGISTERS ? thread_buffer(caller, true) : NULL;
    unsigned written = 0;
    while (written < count && thread_set_message(caller, buffer, written, words[written]))
        written++;
    caller->context.reg[REG_X0] = 0;
    caller->context.reg[REG_X1] = msginfo_new(label, 0, 0, written);
}

/* A method of the interface that this kernel does not have never poses as a refusal. */
static _Noreturn void stop_for_missing(const struct method *method) /* LCOV_EXCL_START */
{
    print("MISSING %s\n", method->name);
    ensure_failed(__FILE__, __LINE__, "method->decode");
} /* LCOV_EXCL_STOP none is missing: make abi-coverage */

static enum error_code decode(const struct invocation *call, struct plan *plan, struct refusal *no)
{
    const struct method *method = NULL;
    if (call->label < LABEL_COUNT && methods[call->label].type == cap_type(call->cap))
        method = &methods[call->label];
    if (!method || !method->name)
        return refuse(no, ERROR_ILLEGAL_OPERATION, "the cap has no method with label %",
                      call->label);
    if (!method->decode)
        stop_for_missing(method);
    if (call->length < method->least_words || call->extra.count < method->least_caps)
        return refuse_truncated(no);
    return method->decode(call, plan, no);
}

static enum handled invoke_object(const struct invocation *call, bool is_call)
{
    struct plan plan;
    struct reply reply;
    struct refusal no;
    if (decode(call, &plan, &no)) {
        call->caller->progress_bytes = 0;
        diag_refusal(call->cpu, call->caller, (uint32_t)call->label, no.code, no.text, no.found);
        if (call->cpu->watched)
            explain_refusal(call, &no);
        if (is_call)
            write_result(call->caller, no.code, no.words, no.count);
        return HANDLED;
    }
    reply.length = 0;
    if (plan.commit(call, &plan, &reply) == PREEMPTED)
        return HANDLED_PREEMPTED;
    if (is_call && call->caller->state == THREAD_RESTART)
        write_result(call->caller, ERROR_NONE, reply.words, reply.length);
    return HANDLED;
}

static void refuse_invoked_cap(const struct invocation *call, bool is_call, const char *text)
{
    struct refusal no;
    enum error_code code = refuse_cap(&no, 0, text);
    call->caller->progress_bytes = 0;
    diag_refusal(call->cpu, call->caller, (uint32_t)call->label, code, no.text, no.found);
    if (call->cpu->watched)
        explain_refusal(call, &no);
    if (is_call)
        write_result(call->caller, code, no.words, no.count);
}

static void invoke_endpoint(const struct invocation *call, bool is_call, bool may_block)
{
    unsigned rights = ipc_rights(call->cap);
    if (!(rights & RIGHT_WRITE)) {
        refuse_invoked_cap(call, is_call, "the endpoint cap has no write right");
        return;
    }
    struct endpoint_send send = {
        .endpoint = endpoint_of(call->cap),
        .badge = ipc_badge(call->cap),
        .grant = rights & RIGHT_GRANT,
        .grant_reply = rights & RIGHT_GRANT_REPLY,
        .may_block = may_block,
        .is_call = is_call,
        .extra = &call->extra,
    };
    endpoint_send(call->cpu, &send);
}

/* Kinds without labels; false = go by label. */
static bool invoke_unlabelled(const struct invocation *call, bool is_call)
{
    switch (cap_type(call->cap)) {
    case CAP_NULL: refuse_invoked_cap(call, is_call, "the slot is empty"); return true;
    case CAP_ZOMBIE: refuse_invoked_cap(call, is_call, "the object is being deleted"); return true;
    case CAP_NOTIFICATION:
        if (!(ipc_rights(call->cap) & RIGHT_WRITE)) {
            refuse_invoked_cap(call, is_call, "the notification cap has no write right");
            return true;
        }
        notification_signal(call->cpu, notification_of(call->cap), ipc_badge(call->cap));
        break;
    case CAP_REPLY: reply_perform(call->cpu, call->slot); break; /* no master: these lie in TCBs */
    case CAP_SGI_SIGNAL: hal_irq_raise_sgi(sgi_number(call->cap), sgi_target(call->cap)); break;
    default: return false;
    }
    if (is_call)
        write_result(call->caller, ERROR_NONE, NULL, 0);
    return true;
}

static enum handled dispatch(const struct invocation *call, bool is_call, bool may_block)
{
    if (cap_type(call->cap) == CAP_ENDPOINT) {
        invoke_endpoint(call, is_call, may_block);
        return HANDLED;
    }
    if (invoke_unlabelled(call, is_call))
        return HANDLED;
    return invoke_object(call, is_call);
}

/* Steps 1 to 4 of abi/syscalls.md §3. On failure the thread has faulted, or not, as due. */
static bool gather(struct cpu *cpu, bool may_block, struct invocation *call)
{
    struct tcb *caller = cpu->current;
    uint64_t cptr = caller->context.reg[REG_X0];
    uint64_t info = caller->context.reg[REG_X1];
    struct lookup_fault fault;
    call->cpu = cpu;
    call->caller = caller;
    call->slot = cspace_lookup(caller, cptr, &fault);
    if (!call->slot)
        goto failed;
    call->cap = call->slot->cap;
    call->label = msginfo_label(info);
    call->length = msginfo_length(info);
    if (call->length > MSG_MAX_LENGTH)
        call->length = MSG_MAX_LENGTH;
    call->extra.count = 0;
    call->buffer = NULL;
    if (info % 512 <= MSG_REGISTERS) /* nothing of the message is in the buffer */
        return true;
    call->buffer = thread_buffer(caller, false);
    if (!call->buffer) {
        if (call->length > MSG_REGISTERS)
            call->length = MSG_REGISTERS;
        return true;
    }
    if (extra_caps_lookup(caller, call->buffer, (unsigned)msginfo_extra_caps(info), &call->extra,
                          &cptr, &fault))
        return true;
failed:
    caller->progress_bytes = 0;
    if (may_block)
        fault_raise_cap(cpu, cptr, false, &fault);
    return false;
}

void invoke(struct cpu *cpu, bool is_call, bool may_block)
{
    struct tcb *caller = cpu->current;
    struct invocation call;
    if (!gather(cpu, may_block, &call))
        return;
    if (cpu->watched)
        explain_invocation(&call);
    caller->state = THREAD_RESTART;
    if (dispatch(&call, is_call, may_block) == HANDLED_PREEMPTED) {
        irq_handle_pending(cpu);
        return;
    }
    if (caller->state == THREAD_RESTART)
        caller->state = THREAD_RUNNING;
}
