/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * CNode methods on one cap and on a copy or place of it (abi/invocations.md §5). The invoked CNode
 * cap is the root of the destination.
 */
#include "cnode.h"
#include "cdt.h"
#include "delete.h"
#include "derive.h"

/* ---- Revoke, Delete ---- */

static enum outcome commit_revoke(const struct invocation *call, const struct plan *plan,
                                  struct reply *reply)
{
    (void)reply;
    return revoke_slot(call->cpu, plan->dest);
}

enum error_code decode_cnode_revoke(const struct invocation *call, struct plan *plan,
                                    struct refusal *no)
{
    plan->commit = commit_revoke;
    return destination(call, &plan->dest, no);
}

static enum outcome commit_delete(const struct invocation *call, const struct plan *plan,
                                  struct reply *reply)
{
    (void)reply;
    return delete_slot(call->cpu, plan->dest);
}

enum error_code decode_cnode_delete(const struct invocation *call, struct plan *plan,
                                    struct refusal *no)
{
    plan->commit = commit_delete;
    return destination(call, &plan->dest, no);
}

/* ---- Copy, Mint, Move, Mutate ---- */

/* Checks shared by the four, up to "source empty". */
static enum error_code source_and_destination(const struct invocation *call, struct plan *plan,
                                              struct refusal *no)
{
    if (destination(call, &plan->dest, no))
        return no->code;
    if (call->length < 4 || call->extra.count < 1)
        return refuse_truncated(no);
    if (!cap_is_null(plan->dest->cap))
        return refuse_occupied(call, no);
    uint64_t index = call_word(call, 2);
    uint64_t depth = call_word(call, 3);
    if (cspace_target(call_cap(call, 0), index, depth, true, &plan->source, no))
        return no->code;
    if (cap_is_null(plan->source->cap))
        return refuse_missing(no, true, depth, "the source slot is empty");
    return ERROR_NONE;
}

static enum outcome commit_copy(const struct invocation *call, const struct plan *plan,
                                struct reply *reply)
{
    (void)call;
    (void)reply;
    cdt_insert_copy(plan->source, plan->dest, plan->cap);
    return DONE;
}

static enum error_code derive_into(struct plan *plan, struct cap cap, struct refusal *no)
{
    plan->commit = commit_copy;
    if (derive(plan->source, cap, &plan->cap, no))
        return no->code;
    if (cap_is_null(plan->cap))
        return refuse_illegal(no, "the source cap cannot be copied");
    return ERROR_NONE;
}

enum error_code decode_cnode_copy(const struct invocation *call, struct plan *plan,
                                  struct refusal *no)
{
    if (source_and_destination(call, plan, no))
        return no->code;
    if (call->length < 5)
        return refuse_truncated(no);
    return derive_into(plan, cap_mask_rights(plan->source->cap, call_word(call, 4)), no);
}

enum error_code decode_cnode_mint(const struct invocation *call, struct plan *plan,
                                  struct refusal *no)
{
    if (source_and_destination(call, plan, no))
        return no->code;
    if (call->length < 6)
        return refuse_truncated(no);
    struct cap cap = cap_mask_rights(plan->source->cap, call_word(call, 4));
    struct cap with_data = cap_apply_data(cap, call_word(call, 5), false);
    if (!cap_is_null(with_data))
        return derive_into(plan, with_data, no);
    return refuse_illegal(no, "the badge or guard cannot be applied to the source cap");
}

static enum outcome commit_move(const struct invocation *call, const struct plan *plan,
                                struct reply *reply)
{
    (void)call;
    (void)reply;
    cdt_move(plan->source, plan->dest, plan->cap);
    return DONE;
}

enum error_code decode_cnode_move(const struct invocation *call, struct plan *plan,
                                  struct refusal *no)
{
    plan->commit = commit_move;
    if (source_and_destination(call, plan, no))
        return no->code;
    plan->cap = plan->source->cap;
    return ERROR_NONE;
}

enum error_code decode_cnode_mutate(const struct invocation *call, struct plan *plan,
                                    struct refusal *no)
{
    plan->commit = commit_move;
    if (source_and_destination(call, plan, no))
        return no->code;
    if (call->length < 5)
        return refuse_truncated(no);
    plan->cap = cap_apply_data(plan->source->cap, call_word(call, 4), true);
    if (cap_is_null(plan->cap))
        return refuse_illegal(no, "the badge or guard cannot be applied to the source cap");
    return ERROR_NONE;
}
