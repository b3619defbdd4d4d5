/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the two ways to Page_Map have in common (abi/vspace.md §4).
 */
#pragma once
#include "vspace.h"

/* The leaf of a frame mapped with these rights and attributes. AP = 00 alone would still let EL0
 * execute the page (Arm ARM D5.4.4); without user access it is execute-never, too. */
static inline uint64_t frame_descriptor(struct cap frame, uint64_t rights, uint64_t attributes)
{
    unsigned effective = frame_masked_rights(frame, rights);
    enum pte_access access = PTE_KERNEL_ONLY;
    if (effective & RIGHT_READ)
        access = effective & RIGHT_WRITE ? PTE_USER_RW : PTE_USER_RO;
    bool execute_never = access == PTE_KERNEL_ONLY || (attributes & ATTR_EXECUTE_NEVER);
    return pte_user_leaf(frame.w[1], frame_level(frame), access, attributes & ATTR_CACHEABLE,
                         execute_never);
}

/* Writes the leaf where the walk for `va` ended. Replacing a valid descriptor by one with another
 * address or memory type goes through an invalid one (break before make, Arm ARM D5.10.1); a change
 * of permissions needs the invalidation only. */
static inline void frame_install(struct walk walk, uint64_t leaf, uint16_t asid, uint64_t va)
{
    if (walk.pte != 0 && !pte_same_memory(walk.pte, leaf)) {
        hal_pte_store(walk.entry, 0);
        hal_tlb_invalidate_page(asid, vaddr(va));
        walk.pte = 0;
    }
    hal_pte_store(walk.entry, leaf);
    if (walk.pte != 0)
        hal_tlb_invalidate_page(asid, vaddr(va));
}
