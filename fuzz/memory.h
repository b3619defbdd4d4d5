/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A copy of all memory as it was before the trap, and what a trap changed in it. The copy is kept
 * up to date page by page, so that a trap costs one comparison and few copies.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "kernel.h"
#include "world.h"

enum {
    MEMORY_START = 0x40000000,
    MEMORY_PAGE_BYTES = 4096,
    MEMORY_PAGES = WORLD_RAM_BYTES / MEMORY_PAGE_BYTES,
    MEMORY_PAGE_WORDS = MEMORY_PAGE_BYTES / 8,
};

/* Copies everything. */
void memory_take(void);
/* Copies the pages that user level may have written since: the current thread's registers and IPC
 * buffer. */
void memory_take_user(const struct cpu *cpu);
/* Compares everything; returns the number of changed pages. */
unsigned memory_compare(void);
/* Copies the pages that memory_compare() found. */
void memory_follow(void);

/* Memory is now as in the snapshot `base`, and the copy becomes so too. From here on the pages that
 * one of the above copies are remembered. */
void memory_set_base(const void *base);
/* Memory and copy become like the base again, for the remembered pages. */
void memory_to_base(void);
/* The remembered pages are kept aside; then, after another run from the base: the physical address
 * of the first word that differs from what was kept, `ignored` apart; 0 = none. The pages of the
 * other run are remembered too. */
void memory_stash(void);
uint64_t memory_difference(const void *ignored);

/* How many those were, and the number of each. */
unsigned memory_changed_count(void);
unsigned memory_changed_page(unsigned i);
/* The word at an address in RAM, in the copy and in memory. */
const uint64_t *memory_before(uint64_t pa);
const uint64_t *memory_now(uint64_t pa);
static inline bool memory_has(uint64_t pa, uint64_t bytes)
{
    return pa >= MEMORY_START && bytes <= WORLD_RAM_BYTES &&
           pa - MEMORY_START <= WORLD_RAM_BYTES - bytes;
}
