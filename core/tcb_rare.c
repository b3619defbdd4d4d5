/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The TCB methods that are called seldom, and compiled for size: MCP, scheduling parameters, the
 * bound notification, TLS base and flags (abi/invocations.md §4).
 */
#include "notification.h"
#include "sched.h"
#include "tcb.h"

/* ---- MCP; MCP and priority ---- */

static enum outcome commit_mcp(const struct invocation *call, const struct plan *plan,
                               struct reply *reply)
{
    (void)reply;
    tcb_of(call->cap)->mcp = (uint8_t)plan->arg[0];
    return DONE;
}

enum error_code decode_tcb_set_mc_priority(const struct invocation *call, struct plan *plan,
                                           struct refusal *no)
{
    uint64_t limit = 0;
    plan->commit = commit_mcp;
    plan->arg[0] = call_word(call, 0);
    if (tcb_authority(call, &limit, no))
        return no->code;
    return tcb_check_limit(plan->arg[0], limit, "MCP % is above the authority's MCP", no);
}

static enum outcome commit_priorities(const struct invocation *call, const struct plan *plan,
                                      struct reply *reply)
{
    sched_set_priority(call->cpu, tcb_of(call->cap), (uint8_t)plan->arg[1]);
    return commit_mcp(call, plan, reply);
}

enum error_code decode_tcb_set_sched_params(const struct invocation *call, struct plan *plan,
                                            struct refusal *no)
{
    uint64_t limit = 0;
    plan->commit = commit_priorities;
    plan->arg[0] = call_word(call, 0);
    plan->arg[1] = call_word(call, 1);
    if (tcb_authority(call, &limit, no))
        return no->code;
    if (tcb_check_limit(plan->arg[0], limit, "MCP % is above the authority's MCP", no))
        return no->code;
    return tcb_check_limit(plan->arg[1], limit, "priority % is above the authority's MCP", no);
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
