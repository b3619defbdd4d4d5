/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * ASIDControl_MakePool, ASIDPool_Assign (abi/invocations.md §8).
 */
#include "asid.h"
#include "cdt.h"
#include "cspace.h"
#include "derive.h"
#include "object.h"
#include "objects.h"

/* The lowest free place for a pool, ASID_POOL_COUNT = there is none. */
static unsigned free_pool(const struct kernel *kernel)
{
    unsigned i = 0;
    /*@ loop invariant before: 0 <= i <= ASID_POOL_COUNT &&
          \forall integer j; 0 <= j < i ==> kernel->asid_pools[j].raw != 0;
        loop assigns i;
        loop variant ASID_POOL_COUNT - i; */
    while (i < ASID_POOL_COUNT && kernel->asid_pools[i].raw != 0)
        i++;
    return i;
}

/* ---- MakePool: source = the untyped, arg 0 = pool index ---- */

static enum outcome commit_make_pool(const struct invocation *call, const struct plan *plan,
                                     struct reply *reply)
{
    struct slot *untyped = plan->source;
    struct paddr pa = paddr(cap_object(untyped->cap));
    (void)reply;
    untyped->cap = untyped_with_watermark(untyped->cap, untyped_size(untyped->cap));
    hal_memory_typed(pa, 1ull << ASID_POOL_BITS);
    object_zero(hal_window(pa), 1ull << ASID_POOL_BITS);
    cdt_insert_copy(untyped, plan->dest, cap_asid_pool(pa.raw, (unsigned)plan->arg[0]));
    asid_pool_register(call->cpu->kernel, (unsigned)plan->arg[0], pa);
    return DONE;
}

enum error_code decode_asid_control_make_pool(const struct invocation *call, struct plan *plan,
                                              struct refusal *no)
{
    unsigned index = free_pool(call->cpu->kernel);
    plan->commit = commit_make_pool;
    plan->source = call->extra.slot[0];
    plan->arg[0] = index;
    if (index == ASID_POOL_COUNT)
        return refuse(no, ERROR_DELETE_FIRST, "all ASID pools are in use", 0);
    struct cap untyped = plan->source->cap;
    if (cap_type(untyped) != CAP_UNTYPED || untyped_bits(untyped) != ASID_POOL_BITS ||
        untyped_is_device(untyped))
        return refuse_cap(no, 1, "the cap is not a non-device Untyped of 4096 bytes");
    if (cdt_has_children(plan->source))
        return refuse(no, ERROR_REVOKE_FIRST, "the Untyped has children", 0);
    uint64_t slot_index = call_word(call, 0);
    uint64_t depth = call_word(call, 1);
    if (cspace_target(call_cap(call, 1), slot_index, depth, false, &plan->dest, no))
        return no->code;
    if (!cap_is_null(plan->dest->cap))
        return refuse(no, ERROR_DELETE_FIRST, "destination slot % is occupied", slot_index);
    return ERROR_NONE;
}

/* The lowest free place of a pool from `first` on, ASIDS_PER_POOL = there is none. */
static unsigned free_place(const struct asid_pool *pool, unsigned first)
{
    unsigned i = first;
    /*@ loop invariant before: first <= i <= ASIDS_PER_POOL &&
          \forall integer j; first <= j < i ==> pool->root[j] != 0;
        loop assigns i;
        loop variant ASIDS_PER_POOL - i; */
    while (i < ASIDS_PER_POOL && pool->root[i] != 0)
        i++;
    return i;
}

/* ---- Assign: source = the VSpace cap's slot, arg 0 = ASID ---- */

static enum outcome commit_assign(const struct invocation *call, const struct plan *plan,
                                  struct reply *reply)
{
    struct asid_pool *pool = asid_pool_at(paddr(cap_object(call->cap)));
    uint16_t asid = (uint16_t)plan->arg[0];
    uint64_t root = cap_object(plan->source->cap);
    (void)reply;
    pool->root[asid % ASIDS_PER_POOL] = root;
    plan->source->cap = cap_vspace(root, asid);
    return DONE;
}

enum error_code decode_asid_pool_assign(const struct invocation *call, struct plan *plan,
                                        struct refusal *no)
{
    unsigned index = asid_pool_index(call->cap);
    struct paddr registered = call->cpu->kernel->asid_pools[index];
    struct lookup_fault fault = {.type = LOOKUP_INVALID_ROOT};
    plan->commit = commit_assign;
    plan->source = call->extra.slot[0];
    if (cap_type(plan->source->cap) != CAP_VSPACE || mapping_asid(plan->source->cap) != 0)
        return refuse_cap(no, 1, "the cap is not a VSpace without an ASID");
    if (registered.raw == 0)
        return refuse_lookup(no, false, &fault, "the pool was deleted");
    if (registered.raw != cap_object(call->cap))
        return refuse_cap(no, 0, "another pool took this pool's place");
    unsigned place = free_place(asid_pool_at(registered), index == 0 ? 1 : 0);
    if (place == ASIDS_PER_POOL)
        return refuse(no, ERROR_DELETE_FIRST, "the pool is full", 0);
    /*@ assert free: pool_of(call->cap.w[1])->root[place] == 0; */
    plan->arg[0] = index * ASIDS_PER_POOL + place;
    /*@ assert stays: pool_of(call->cap.w[1])->root[place] == 0; */
    /*@ assert asid: plan->arg[0] - ASIDS_PER_POOL * place_in(call->cap) == place; */
    return ERROR_NONE;
}
