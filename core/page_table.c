/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * PageTable_Map, PageTable_Unmap (abi/invocations.md §8, abi/vspace.md §3).
 */
#include "asid.h"
#include "cdt.h"
#include "objects.h"
#include "vspace.h"

/* ---- Map: arg 0 = vaddr, arg 1 = ASID ---- */

static enum outcome commit_map(const struct invocation *call, const struct plan *plan,
                               struct reply *reply)
{
    uint16_t asid = (uint16_t)plan->arg[1];
    struct walk walk = plan->walk;
    uint64_t span = 1ull << pte_span_bits(walk.level);
    (void)reply;
    call->slot->cap = with_mapping(call->cap, asid, plan->arg[0] / span * span);
    hal_pte_store(walk.entry, pte_table(cap_object(call->cap)));
    return DONE;
}

enum error_code decode_page_table_map(const struct invocation *call, struct plan *plan,
                                      struct refusal *no)
{
    struct cap vspace = call_cap(call, 0);
    uint64_t va = call_word(call, 0);
    plan->commit = commit_map;
    plan->arg[0] = va;
    plan->arg[1] = mapping_asid(vspace);
    if (mapping_asid(call->cap) != 0)
        return refuse_cap(no, 0, "the page table is mapped already");
    if (vspace_check_cap(vspace, no))
        return no->code;
    if (va > USER_TOP)
        return refuse_argument(no, 0, "address # is above the user range", va);
    if (vspace_check_asid(call->cpu->kernel, vspace, 1, no))
        return no->code;
    struct walk walk = plan->walk = vspace_walk(paddr(cap_object(vspace)), va);
    if (walk.level == PTE_LEVELS - 1 || pte_kind(walk.pte, walk.level) != PTE_INVALID)
        return refuse(no, ERROR_DELETE_FIRST, "no table is missing at address #", va);
    return ERROR_NONE;
}

/* ---- Unmap ---- */

static enum outcome commit_unmap(const struct invocation *call, const struct plan *plan,
                                 struct reply *reply)
{
    (void)plan;
    (void)reply;
    if (mapping_asid(call->cap) != 0) {
        uint64_t *table = table_at(paddr(cap_object(call->cap)));
        vspace_unlink_table(call->cpu, call->cap);
        /*@ loop invariant range: 0 <= i <= PTE_ENTRIES;
            loop invariant gone: *\at(parent_of(call->cap), Pre) == 0 ||
              \at(hangs(call->cap), Pre) == 0;
            loop invariant empty: \forall integer k; 0 <= k < i ==> table[k] == 0;
            loop assigns i, table[0 .. PTE_ENTRIES - 1];
            loop variant PTE_ENTRIES - i; */
        for (unsigned i = 0; i < PTE_ENTRIES; i++)
            table[i] = 0;
        hal_cache_range(HAL_CACHE_CLEAN_POU, paddr(cap_object(call->cap)), 1ull << PAGE_TABLE_BITS);
    }
    call->slot->cap = cap_page_table(cap_object(call->cap));
    return DONE;
}

enum error_code decode_page_table_unmap(const struct invocation *call, struct plan *plan,
                                        struct refusal *no)
{
    plan->commit = commit_unmap;
    if (!cdt_is_final(call->slot))
        return refuse(no, ERROR_REVOKE_FIRST, "the page table has other caps", 0);
    return ERROR_NONE;
}
