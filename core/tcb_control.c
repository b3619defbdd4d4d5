/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * TCB methods on priorities, state, binding, TLS and flags (abi/invocations.md §4).
 */
#include "fpu.h"
#include "notification.h"
#include "objects.h"
#include "sched.h"
#include "thread.h"
#include "wait.h"

/* ---- priorities: arg 0 MCP, arg 1 priority; NO_CHANGE = leave ---- */

#define NO_CHANGE (~0ull)

static enum outcome commit_priorities(const struct invocation *call, const struct plan *plan,
                                      struct reply *reply)
{
    struct tcb *tcb = tcb_of(call->cap);
    (void)reply;
    if (plan->arg[0] != NO_CHANGE)
        tcb->mcp = (uint8_t)plan->arg[0];
    if (plan->arg[1] != NO_CHANGE)
        sched_set_priority(call->cpu, tcb, (uint8_t)plan->arg[1]);
    return DONE;
}

static enum error_code check_authority(const struct invocation *call, uint64_t *limit,
                                       struct refusal *no)
{
    if (cap_type(call_cap(call, 0)) != CAP_TCB)
        return refuse_cap(no, 1, "the authority is not a TCB");
    *limit = tcb_of(call_cap(call, 0))->mcp;
    return ERROR_NONE;
}

static enum error_code check_limit(uint64_t value, uint64_t limit, const char *text,
                                   struct refusal *no)
{
    return value > limit ? refuse_range(no, 0, limit, text, value) : ERROR_NONE;
}

enum error_code decode_tcb_set_priority(const struct invocation *call, struct plan *plan,
                                        struct refusal *no)
{
    uint64_t limit = 0;
    plan->commit = commit_priorities;
    plan->arg[0] = NO_CHANGE;
    plan->arg[1] = call_word(call, 0);
    if (check_authority(call, &limit, no))
        return no->code;
    return check_limit(plan->arg[1], limit, "priority % is above the authority's MCP", no);
}

enum error_code decode_tcb_set_mc_priority(const struct invocation *call, struct plan *plan,
                                           struct refusal *no)
{
    uint64_t limit = 0;
    plan->commit = commit_priorities;
    plan->arg[0] = call_word(call, 0);
    plan->arg[1] = NO_CHANGE;
    if (check_authority(call, &limit, no))
        return no->code;
    return check_limit(plan->arg[0], limit, "MCP % is above the authority's MCP", no);
}

enum error_code decode_tcb_set_sched_params(const struct invocation *call, struct plan *plan,
                                            struct refusal *no)
{
    uint64_t limit = 0;
    plan->commit = commit_priorities;
    plan->arg[0] = call_word(call, 0);
    plan->arg[1] = call_word(call, 1);
    if (check_authority(call, &limit, no))
        return no->code;
    if (check_limit(plan->arg[0], limit, "MCP % is above the authority's MCP", no))
        return no->code;
    return check_limit(plan->arg[1], limit, "priority % is above the authority's MCP", no);
}

/* ---- Suspend, Resume ---- */

static enum outcome commit_suspend(const struct invocation *call, const struct plan *plan,
                                   struct reply *reply)
{
    (void)plan;
    (void)reply;
    thread_suspend(call->cpu, tcb_of(call->cap));
    return DONE;
}

enum error_code decode_tcb_suspend(const struct invocation *call, struct plan *plan,
                                   struct refusal *no)
{
    (void)call;
    (void)no;
    plan->commit = commit_suspend;
    return ERROR_NONE;
}

static enum outcome commit_resume(const struct invocation *call, const struct plan *plan,
                                  struct reply *reply)
{
    (void)plan;
    (void)reply;
    thread_resume(call->cpu, tcb_of(call->cap));
    return DONE;
}

enum error_code decode_tcb_resume(const struct invocation *call, struct plan *plan,
                                  struct refusal *no)
{
    (void)call;
    (void)no;
    plan->commit = commit_resume;
    return ERROR_NONE;
}

/* ---- bound notification ---- */

static enum outcome commit_bind(const struct invocation *call, const struct plan *plan,
                                struct reply *reply)
{
    (void)reply;
    notification_bind(plan->notification, tcb_of(call->cap));
    return DONE;
}

enum error_code decode_tcb_bind_notification(const struct invocation *call, struct plan *plan,
                                             struct refusal *no)
{
    struct cap cap = call_cap(call, 0);
    plan->commit = commit_bind;
    if (tcb_of(call->cap)->bound)
        return refuse_illegal(no, "the thread is bound already");
    if (cap_type(cap) != CAP_NOTIFICATION)
        return refuse_illegal(no, "the cap is not a notification");
    if (!(ipc_rights(cap) & RIGHT_READ))
        return refuse_illegal(no, "the notification cap has no read right");
    plan->notification = notification_of(cap);
    if (plan->notification->bound || plan->notification->queue.head)
        return refuse_illegal(no, "the notification is bound or has waiters");
    return ERROR_NONE;
}

static enum outcome commit_unbind(const struct invocation *call, const struct plan *plan,
                                  struct reply *reply)
{
    (void)plan;
    (void)reply;
    notification_unbind(tcb_of(call->cap)->bound);
    return DONE;
}

enum error_code decode_tcb_unbind_notification(const struct invocation *call, struct plan *plan,
                                               struct refusal *no)
{
    plan->commit = commit_unbind;
    if (!tcb_of(call->cap)->bound)
        return refuse_illegal(no, "the thread is not bound");
    return ERROR_NONE;
}

/* ---- TLS base, flags ---- */

static enum outcome commit_tls(const struct invocation *call, const struct plan *plan,
                               struct reply *reply)
{
    (void)reply;
    tcb_of(call->cap)->context.reg[REG_TPIDR_EL0] = plan->arg[0];
    return DONE;
}

enum error_code decode_tcb_set_tls_base(const struct invocation *call, struct plan *plan,
                                        struct refusal *no)
{
    (void)no;
    plan->commit = commit_tls;
    plan->arg[0] = call_word(call, 0);
    return ERROR_NONE;
}

static enum outcome commit_flags(const struct invocation *call, const struct plan *plan,
                                 struct reply *reply)
{
    struct tcb *tcb = tcb_of(call->cap);
    tcb->flags = (uint8_t)((tcb->flags & ~plan->arg[0]) | (plan->arg[1] & TCB_FLAG_FPU_DISABLED));
    if (tcb->flags & TCB_FLAG_FPU_DISABLED)
        tcb->fp_live = false; /* its next FP instruction traps */
    reply->length = 1;
    reply->words[0] = tcb->flags;
    return DONE;
}

enum error_code decode_tcb_set_flags(const struct invocation *call, struct plan *plan,
                                     struct refusal *no)
{
    (void)no;
    plan->commit = commit_flags;
    plan->arg[0] = call_word(call, 0);
    plan->arg[1] = call_word(call, 1);
    return ERROR_NONE;
}
