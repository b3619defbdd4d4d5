/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Invariants of translation tables: what the tables of a live VSpace show is in the records of caps
 * (abi/vspace.md §3 to §5). A record without its mapping is allowed (stale); a mapping without a
 * record, or one that allows more than its cap, is not.
 */
#include "asid.h"
#include "invariants.h"
#include "invariants_walk.h"
#include "pte.h"

/* A descriptor in a VSpace. */
struct place {
    uint16_t asid;
    unsigned level;
    uint64_t va;
    uint64_t pte;
};

void walk_note_mapping(struct walk_state *w, struct cap cap)
{
    if (walk_expect(w, w->mappings < WALK_MAPPINGS, "walk: too many mappings"))
        w->mapping[w->mappings++] = cap;
}

/* Does the cap record what is found there, and allow it? */
static bool covers(struct cap cap, const struct place *at)
{
    if (mapping_asid(cap) != at->asid || mapping_vaddr(cap) != at->va ||
        cap_object(cap) != pte_address(at->pte))
        return false;
    if (pte_kind(at->pte, at->level) == PTE_TABLE)
        return cap_type(cap) == CAP_PAGE_TABLE;
    if (cap_type(cap) != CAP_FRAME || frame_level(cap) != at->level)
        return false;
    enum pte_access access = pte_access(at->pte);
    return access == PTE_KERNEL_ONLY ||
           ((frame_rights(cap) & RIGHT_READ) &&
            (access == PTE_USER_RO || (frame_rights(cap) & RIGHT_WRITE)));
}

static bool is_recorded(const struct walk_state *w, const struct place *at)
{
    for (unsigned i = 0; i < w->mappings; i++)
        if (covers(w->mapping[i], at))
            return true;
    return false;
}

/* All that the level-0 table leads to, at most PTE_LEVELS deep. */
static void check_space(struct walk_state *w, uint16_t asid, uint64_t root)
{
    const uint64_t *table[PTE_LEVELS] = {hal_window(paddr(root))};
    unsigned index[PTE_LEVELS] = {0};
    struct place at = {.asid = asid};
    while (!w->broken) {
        if (index[at.level] == PTE_ENTRIES) {
            if (at.level-- == 0)
                return;
            continue;
        }
        at.pte = table[at.level][index[at.level]++];
        if (pte_kind(at.pte, at.level) == PTE_INVALID)
            continue;
        at.va = 0;
        for (unsigned level = 0; level <= at.level; level++)
            at.va += (uint64_t)(index[level] - 1) << pte_span_bits(level);
        if (pte_kind(at.pte, at.level) == PTE_LEAF) {
            walk_expect(w, is_recorded(w, &at), "what a page shows is in no cap's record");
        } else if (walk_expect(w, is_recorded(w, &at), "a page table is linked without a record")) {
            at.level++;
            table[at.level] = hal_window(paddr(pte_address(at.pte)));
            index[at.level] = 0;
        }
    }
}

void walk_check_tables(struct walk_state *w)
{
    const struct kernel *kernel = w->cpu->kernel;
    for (unsigned p = 0; p < ASID_POOL_COUNT; p++) {
        if (kernel->asid_pools[p].raw == 0)
            continue;
        const struct asid_pool *pool = hal_window(kernel->asid_pools[p]);
        for (unsigned i = 0; i < ASIDS_PER_POOL; i++)
            if (pool->root[i] != 0)
                check_space(w, (uint16_t)(p * ASIDS_PER_POOL + i), pool->root[i]);
    }
}
