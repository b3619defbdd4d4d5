/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Invariants of memory: watermarks, overlap, mapping records, ASIDs.
 */
#include "asid.h"
#include "cdt.h"
#include "invariants_walk.h"

/* Every object made from an Untyped lies below its watermark. */
void walk_check_untyped(struct walk_state *w, const struct slot *slot)
{
    uint64_t end = cap_object(slot->cap) + untyped_watermark(slot->cap);
    walk_expect(w, untyped_watermark(slot->cap) <= untyped_size(slot->cap),
                "an Untyped's watermark is above its size");
    walk_expect(w, cap_object(slot->cap) % untyped_size(slot->cap) == 0,
                "an Untyped is not aligned to its size");
    for (const struct slot *next = slot_next(slot); next && cdt_is_ancestor(slot, next);
         next = slot_next(next))
        walk_expect(w, cap_object(next->cap) + (1ull << cap_object_bits(next->cap)) <= end,
                    "an object lies above its Untyped's watermark");
}

void walk_check_mapping(struct walk_state *w, const struct slot *slot)
{
    const struct kernel *kernel = w->cpu->kernel;
    struct cap cap = slot->cap;
    walk_expect(w, cap_object(cap) % (1ull << cap_object_bits(cap)) == 0,
                "an object is not aligned to its size");
    if (cap_type(cap) == CAP_ASID_POOL) {
        uint64_t here = kernel->asid_pools[asid_pool_index(cap)].raw;
        walk_expect(w, here != 0, "a pool with a cap is not registered");
        return;
    }
    if (cap_type(cap) != CAP_VSPACE && mapping_asid(cap) != 0)
        walk_note_mapping(w, cap);
    if (cap_type(cap) == CAP_FRAME && mapping_asid(cap) != 0)
        walk_expect(w, mapping_vaddr(cap) % (1ull << frame_bits(cap)) == 0,
                    "a frame's recorded address is not aligned");
}

const struct walk_object *walk_object(const struct walk_state *w, enum cap_type_number type,
                                      uint64_t pa)
{
    const struct walk_object *object = NULL;
    for (unsigned n = w->bucket[walk_bucket(pa)]; n != 0; n = object->next) {
        object = &w->object[n - 1];
        if (object->type == type && object->pa == pa)
            return object;
    }
    return NULL;
}

static void check_asid(struct walk_state *w, unsigned asid, uint64_t root)
{
    const struct walk_object *vspace = walk_object(w, CAP_VSPACE, root);
    if (walk_expect(w, vspace != NULL, "an ASID names a VSpace without a cap"))
        walk_expect(w, vspace->asid == asid, "an ASID names a VSpace that does not know it");
}

/* A registered pool exists, and every VSpace in it exists and has that ASID. The other way round
 * nothing holds: a VSpace keeps the number when its pool is deleted (abi/vspace.md §2). */
void walk_check_asids(struct walk_state *w)
{
    const struct kernel *kernel = w->cpu->kernel;
    for (unsigned p = 0; p < ASID_POOL_COUNT; p++) {
        if (kernel->asid_pools[p].raw == 0)
            continue;
        const struct asid_pool *pool = hal_window(kernel->asid_pools[p]);
        walk_expect(w, walk_object(w, CAP_ASID_POOL, kernel->asid_pools[p].raw),
                    "a registered ASID pool has no cap");
        for (unsigned i = 0; i < ASIDS_PER_POOL; i++)
            if (pool->root[i] != 0)
                check_asid(w, p * ASIDS_PER_POOL + i, pool->root[i]);
    }
}

static uint64_t end_of(const struct walk_object *object)
{
    return object->pa + (1ull << object->bits);
}

/* Objects are disjoint: frames may coincide with frames (copies), nothing else with anything. */
void walk_check_overlap(struct walk_state *w)
{
    for (unsigned i = 1; i < w->objects; i++) { /* insertion sort by address */
        struct walk_object object = w->object[i];
        unsigned j = i;
        for (; j > 0 && w->object[j - 1].pa > object.pa; j--)
            w->object[j] = w->object[j - 1];
        w->object[j] = object;
    }
    for (unsigned i = 1; i < w->objects; i++)
        walk_expect(w, end_of(&w->object[i - 1]) <= w->object[i].pa, "two objects overlap");
}
