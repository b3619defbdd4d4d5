/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Page_Map, Page_Unmap, Page_GetAddress (abi/invocations.md §8, abi/vspace.md §4).
 */
#include "frame.h"
#include "objects.h"

/* ---- Map: arg 0 = vaddr, arg 1 = ASID, arg 2 = descriptor ---- */

static enum outcome commit_map(const struct invocation *call, const struct plan *plan,
                               struct reply *reply)
{
    uint16_t asid = (uint16_t)plan->arg[1];
    (void)reply;
    call->slot->cap = with_mapping(call->cap, asid, plan->arg[0]);
    frame_install(plan->walk, plan->arg[2], asid, plan->arg[0]);
    return DONE;
}

enum error_code decode_page_map(const struct invocation *call, struct plan *plan,
                                struct refusal *no)
{
    struct cap frame = call->cap;
    struct cap vspace = call_cap(call, 0);
    uint64_t va = call_word(call, 0);
    uint64_t rights = call_word(call, 1);
    uint64_t size = 1ull << frame_bits(frame);
    plan->commit = commit_map;
    plan->arg[0] = va;
    plan->arg[1] = mapping_asid(vspace);
    plan->arg[2] = frame_descriptor(frame, rights, call_word(call, 2));
    if (vspace_check_cap(vspace, no) || vspace_check_asid(call->cpu->kernel, vspace, 1, no))
        return no->code;
    if (va % size != 0)
        return refuse(no, ERROR_ALIGNMENT, "address # is not aligned to the frame", va);
    if (mapping_asid(frame) != 0) {
        if (mapping_asid(frame) != mapping_asid(vspace))
            return refuse_cap(no, 1, "the frame is mapped in another VSpace");
        if (mapping_vaddr(frame) != va)
            return refuse_argument(no, 0, "the frame is mapped elsewhere than at #", va);
    } else if (va > USER_TOP || size - 1 > USER_TOP - va) {
        return refuse_argument(no, 0, "the frame at # ends above the user range", va);
    }
    plan->walk = vspace_walk(paddr(vspace.w[1]), va);
    if (plan->walk.level != frame_level(frame))
        return refuse_missing(no, false, pte_span_bits(plan->walk.level),
                              "the walk stops at the level of 2^% bytes");
    return ERROR_NONE;
}

/* ---- Unmap, GetAddress ---- */

static enum outcome commit_unmap(const struct invocation *call, const struct plan *plan,
                                 struct reply *reply)
{
    (void)plan;
    (void)reply;
    vspace_unmap_frame(call->cpu, call->cap);
    call->slot->cap = with_mapping(call->cap, 0, 0);
    return DONE;
}

enum error_code decode_page_unmap(const struct invocation *call, struct plan *plan,
                                  struct refusal *no)
{
    (void)call;
    (void)no;
    plan->commit = commit_unmap;
    return ERROR_NONE;
}

static enum outcome commit_get_address(const struct invocation *call, const struct plan *plan,
                                       struct reply *reply)
{
    (void)plan;
    reply->length = 1;
    reply->words[0] = cap_object(call->cap);
    return DONE;
}

enum error_code decode_page_get_address(const struct invocation *call, struct plan *plan,
                                        struct refusal *no)
{
    (void)call;
    (void)no;
    plan->commit = commit_get_address;
    return ERROR_NONE;
}
