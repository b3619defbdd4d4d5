/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * DomainSet methods (abi/invocations.md §7).
 */
#include "domain.h"
#include "objects.h"
#include "sched.h"

#define MAX_DURATION ((1ull << 56) - 1) /* ticks */

static enum outcome commit_set(const struct invocation *call, const struct plan *plan,
                               struct reply *reply)
{
    (void)reply;
    sched_set_domain(call->cpu, plan->tcb, (uint8_t)plan->arg[0]);
    return DONE;
}

enum error_code decode_domain_set(const struct invocation *call, struct plan *plan,
                                  struct refusal *no)
{
    uint64_t domain = call_word(call, 0);
    plan->commit = commit_set;
    plan->arg[0] = domain;
    if (domain >= call->cpu->kernel->domain_count)
        return refuse_argument(no, 0, "there is no domain %", domain);
    if (call->extra.count < 1)
        return refuse_truncated(no);
    if (cap_type(call_cap(call, 0)) != CAP_TCB)
        return refuse_argument(no, 1, "the cap is not a TCB", 0);
    plan->tcb = tcb_of(call_cap(call, 0));
    return ERROR_NONE;
}

static enum outcome commit_configure(const struct invocation *call, const struct plan *plan,
                                     struct reply *reply)
{
    (void)reply;
    call->cpu->kernel->schedule[plan->arg[0]] = (struct domain_entry){plan->arg[1], plan->arg[2]};
    return DONE;
}

enum error_code decode_domain_schedule_configure(const struct invocation *call, struct plan *plan,
                                                 struct refusal *no)
{
    const struct kernel *kernel = call->cpu->kernel;
    uint64_t index = call_word(call, 0);
    uint64_t domain = call_word(call, 1);
    uint64_t duration = call_word(call, 2);
    plan->commit = commit_configure;
    plan->arg[0] = index;
    plan->arg[1] = domain;
    plan->arg[2] = duration;
    if (index >= kernel->schedule_count - 1)
        return refuse_range(no, 0, kernel->schedule_count - 2, "schedule index is %", index);
    if (domain >= kernel->domain_count)
        return refuse_range(no, 0, kernel->domain_count - 1, "domain is %", domain);
    if (duration > MAX_DURATION)
        return refuse_argument(no, 2, "duration % is above 2^56-1", duration);
    if (duration == 0 && domain != 0)
        return refuse_argument(no, 1, "an end marker has domain 0, not %", domain);
    if (index == kernel->schedule_start && duration == 0)
        return refuse_argument(no, 2, "the start entry needs a duration", duration);
    return ERROR_NONE;
}

static enum outcome commit_set_start(const struct invocation *call, const struct plan *plan,
                                     struct reply *reply)
{
    (void)reply;
    domain_start_at(call->cpu, (uint32_t)plan->arg[0]);
    return DONE;
}

enum error_code decode_domain_schedule_set_start(const struct invocation *call, struct plan *plan,
                                                 struct refusal *no)
{
    const struct kernel *kernel = call->cpu->kernel;
    uint64_t index = call_word(call, 0);
    plan->commit = commit_set_start;
    plan->arg[0] = index;
    if (index >= kernel->schedule_count)
        return refuse_range(no, 0, kernel->schedule_count - 1, "schedule index is %", index);
    if (kernel->schedule[index].duration == 0)
        return refuse_argument(no, 0, "schedule entry % is an end marker", index);
    return ERROR_NONE;
}
