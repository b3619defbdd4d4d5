/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The CNode methods that are called seldom, and compiled for size: CancelBadgedSends, SaveCaller
 * and Rotate (abi/invocations.md §5). The invoked CNode cap is the root of the destination.
 */
#include "cancel.h"
#include "cdt.h"
#include "cnode.h"
#include "derive.h"

static enum outcome commit_cancel(const struct invocation *call, const struct plan *plan,
                                  struct reply *reply)
{
    (void)reply;
    uint64_t badge = ipc_badge(plan->dest->cap);
    if (badge == 0)
        return DONE;
    return cancel_badged(call->cpu, call->caller, endpoint_of(plan->dest->cap), badge);
}

enum error_code decode_cnode_cancel_badged_sends(const struct invocation *call, struct plan *plan,
                                                 struct refusal *no)
{
    plan->commit = commit_cancel;
    if (destination(call, &plan->dest, no))
        return no->code;
    struct cap cap = plan->dest->cap;
    if (cap_type(cap) != CAP_ENDPOINT || ipc_rights(cap) != RIGHTS_ALL)
        return refuse_illegal(no, "the slot holds no endpoint cap with all rights");
    return ERROR_NONE;
}

static enum outcome commit_save_caller(const struct invocation *call, const struct plan *plan,
                                       struct reply *reply)
{
    (void)reply;
    struct slot *caller = &call->caller->slots[TCB_CALLER];
    if (!cap_is_null(caller->cap))
        cdt_move(caller, plan->dest, caller->cap);
    return DONE;
}

enum error_code decode_cnode_save_caller(const struct invocation *call, struct plan *plan,
                                         struct refusal *no)
{
    plan->commit = commit_save_caller;
    if (destination(call, &plan->dest, no))
        return no->code;
    return cap_is_null(plan->dest->cap) ? ERROR_NONE : refuse_occupied(call, no);
}

/* ---- Rotate ---- */

static enum outcome commit_rotate(const struct invocation *call, const struct plan *plan,
                                  struct reply *reply)
{
    (void)call;
    (void)reply;
    if (plan->source == plan->dest) {
        cdt_swap(plan->source, plan->pivot_cap, plan->pivot, plan->cap);
    } else {
        cdt_move(plan->pivot, plan->dest, plan->cap);
        cdt_move(plan->source, plan->pivot, plan->pivot_cap);
    }
    return DONE;
}

/* plan->cap: the pivot's cap on its way to the destination; plan->pivot_cap: the source's cap on
 * its way to the pivot slot. */
static enum error_code rotate_caps(const struct invocation *call, struct plan *plan,
                                   struct refusal *no)
{
    plan->pivot_cap = cap_apply_data(plan->source->cap, call_word(call, 5), true);
    plan->cap = cap_apply_data(plan->pivot->cap, call_word(call, 2), true);
    if (cap_is_null(plan->pivot_cap))
        return refuse_illegal(no, "the pivot badge cannot be applied to the source cap");
    if (cap_is_null(plan->cap))
        return refuse_illegal(no, "the destination badge cannot be applied to the pivot cap");
    return ERROR_NONE;
}

enum error_code decode_cnode_rotate(const struct invocation *call, struct plan *plan,
                                    struct refusal *no)
{
    plan->commit = commit_rotate;
    if (destination(call, &plan->dest, no))
        return no->code;
    if (call->length < 8 || call->extra.count < 2)
        return refuse_truncated(no);
    uint64_t pivot_index = call_word(call, 3);
    uint64_t pivot_depth = call_word(call, 4);
    uint64_t source_index = call_word(call, 6);
    uint64_t source_depth = call_word(call, 7);
    if (cspace_target(call_cap(call, 1), source_index, source_depth, true, &plan->source, no))
        return no->code;
    if (cspace_target(call_cap(call, 0), pivot_index, pivot_depth, true, &plan->pivot, no))
        return no->code;
    if (plan->pivot == plan->source || plan->pivot == plan->dest)
        return refuse_illegal(no, "the pivot slot is the source or the destination");
    if (plan->source != plan->dest && !cap_is_null(plan->dest->cap))
        return refuse_occupied(call, no);
    if (cap_is_null(plan->source->cap))
        return refuse_missing(no, true, source_depth, "the source slot is empty");
    if (cap_is_null(plan->pivot->cap))
        return refuse_missing(no, false, pivot_depth, "the pivot slot is empty");
    return rotate_caps(call, plan, no);
}
