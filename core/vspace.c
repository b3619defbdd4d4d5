/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Translation tables (abi/vspace.md §1, §5).
 */
#include "vspace.h"

#include "asid.h"

struct walk vspace_walk(struct paddr root, uint64_t va)
{
    uint64_t *table = table_at(root);
    /*@ loop invariant level: 0 <= level < PTE_LEVELS;
        loop invariant table: a_table(table, level);
        loop invariant place: end_from(va, level, table) == end_of(root.raw, va);
        loop invariant depth: level_from(va, level, table) == level_of(root.raw, va);
        loop assigns level, table;
        loop variant PTE_LEVELS - level; */
    for (unsigned level = 0;; level++) {
        uint64_t *entry = &table[pte_index(va, level)];
        uint64_t pte = hal_pte_load(entry);
        if (level == PTE_LEVELS - 1 || !pte_is_table(pte))
            return (struct walk){entry, pte, level};
        table = table_at(paddr(pte_address(pte)));
        /*@ assert next: level < 3 && a_table(table, level + 1); */
        /*@ assert place: end_from(va, level + 1, table) == end_of(root.raw, va); */
        /*@ assert depth: level_from(va, level + 1, table) == level_of(root.raw, va); */
    }
}

enum error_code vspace_check_cap(struct cap cap, struct refusal *no)
{
    if (cap_type(cap) != CAP_VSPACE || mapping_asid(cap) == 0)
        return refuse_cap(no, 1, "the cap is not a VSpace with an ASID");
    return ERROR_NONE;
}

enum error_code vspace_check_asid(const struct kernel *kernel, struct cap cap, uint64_t cap_number,
                                  struct refusal *no)
{
    if (!kernel->stale_asids)
        return ERROR_NONE; /* as long as a VSpace has a cap, its ASID is its own */
    struct paddr root = asid_root(kernel, mapping_asid(cap));
    if (root.raw == 0) {
        struct lookup_fault fault = {.type = LOOKUP_INVALID_ROOT};
        return refuse_lookup(no, false, &fault, "the VSpace lost its ASID");
    }
    if (root.raw != cap_object(cap))
        return refuse_cap(no, cap_number, "the VSpace's ASID names another VSpace now");
    return ERROR_NONE;
}

struct walk vspace_find_frame(const struct kernel *kernel, struct cap frame)
{
    struct walk none = {NULL, 0, 0};
    struct paddr root = asid_root(kernel, mapping_asid(frame));
    if (root.raw == 0)
        return none;
    struct walk walk = vspace_walk(root, mapping_vaddr(frame));
    if (walk.level != frame_level(frame) || pte_kind(walk.pte, walk.level) != PTE_LEAF ||
        pte_address(walk.pte) != cap_object(frame))
        return none;
    return walk;
}

void vspace_unmap_frame(struct cpu *cpu, struct cap frame)
{
    struct walk walk = vspace_find_frame(cpu->kernel, frame);
    if (!walk.entry)
        return;
    hal_pte_store(walk.entry, 0);
    hal_tlb_invalidate_page(mapping_asid(frame), vaddr(mapping_vaddr(frame)));
}

/* The entry on the way to the address in the table's cap that shows the table, NULL: none does. */
static uint64_t *find_table(struct paddr root, struct cap cap)
{
    uint64_t *table = table_at(root);
    /*@ loop invariant level: 0 <= level < PTE_LEVELS;
        loop invariant table: a_table(table, level);
        loop invariant place: link_from(vaddr_in(cap), level, table, cap.w[1]) ==
          link_of(root.raw, vaddr_in(cap), cap.w[1]);
        loop assigns level, table;
        loop variant PTE_LEVELS - level; */
    for (unsigned level = 0; level < PTE_LEVELS - 1; level++) {
        uint64_t *entry = &table[pte_index(mapping_vaddr(cap), level)];
        uint64_t pte = hal_pte_load(entry);
        if (!pte_is_table(pte))
            return NULL;
        if (pte_address(pte) == cap_object(cap))
            return entry;
        table = table_at(paddr(pte_address(pte)));
        /*@ assert next: a_table(table, level + 1); */
        /*@ assert place: link_from(vaddr_in(cap), level + 1, table, cap.w[1]) ==
              link_of(root.raw, vaddr_in(cap), cap.w[1]); */
    }
    return NULL;
}

void vspace_unlink_table(struct cpu *cpu, struct cap cap)
{
    struct paddr root = asid_root(cpu->kernel, mapping_asid(cap));
    uint64_t *entry = root.raw == 0 ? NULL : find_table(root, cap);
    if (!entry)
        return;
    hal_pte_store(entry, 0);
    hal_tlb_invalidate_asid(mapping_asid(cap));
}
