/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Translation tables (abi/vspace.md). Descriptors are in hal/pte.h.
 */
#pragma once
#include "kernel.h"
#include "pte.h"
#include "refusal.h"

/* Where a walk ended: the first entry that is not a table, or the level-3 entry. */
struct walk {
    uint64_t *entry;
    uint64_t pte; /* its value */
    unsigned level;
};

static inline uint64_t *table_at(struct paddr pa)
{
    return hal_window(pa);
}
/* Walks from the level-0 table as deep as tables reach. */
struct walk vspace_walk(struct paddr root, uint64_t va);

/* "VSpace check" on an extra cap (abi/invocations.md §8), split around the method's own vaddr
 * check: first: is it a VSpace with an ASID; then: does the ASID still name it. */
MUST_CHECK enum error_code vspace_check_cap(struct cap cap, struct refusal *no);
MUST_CHECK enum error_code vspace_check_asid(const struct kernel *kernel, struct cap cap,
                                             uint64_t cap_number, struct refusal *no);

/* The entry a frame cap's record names, if it still shows this frame; otherwise entry = NULL. */
struct walk vspace_find_frame(const struct kernel *kernel, struct cap frame);
/* Removes the mapping recorded in a frame cap, if it is still there. */
void vspace_unmap_frame(struct cpu *cpu, struct cap frame);
/* Unlinks a mapped page table from its parent, if it is still there. */
void vspace_unlink_table(struct cpu *cpu, struct cap table);
