/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * TCB methods on priority and state (abi/invocations.md §4).
 */
#include "objects.h"
#include "sched.h"
#include "tcb.h"
#include "thread.h"

/* ---- priority ---- */

static enum outcome commit_priority(const struct invocation *call, const struct plan *plan,
                                    struct reply *reply)
{
    (void)reply;
    sched_set_priority(call->cpu, tcb_of(call->cap), (uint8_t)plan->arg[0]);
    return DONE;
}

enum error_code decode_tcb_set_priority(const struct invocation *call, struct plan *plan,
                                        struct refusal *no)
{
    uint64_t limit = 0;
    plan->commit = commit_priority;
    plan->arg[0] = call_word(call, 0);
    if (tcb_authority(call, &limit, no))
        return no->code;
    return tcb_check_limit(plan->arg[0], limit, "priority % is above the authority's MCP", no);
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
