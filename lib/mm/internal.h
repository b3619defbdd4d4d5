/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Shared by the memory manager's own files.
 */
#pragma once
#include "mm/mm.h"

/* ---- frames (physical.c) ---- */

/* A zeroed frame for `client`, charged to it; `page` gets its own cap's slot. */
KAAL_MUST_CHECK enum broker_code mm_frame_take(struct mm *mm, uint16_t client,
                                               struct mm_page *page);
void mm_frame_add(struct mm *mm, uint32_t frame);
/* Drops a reference of `client`. */
void mm_frame_drop(struct mm *mm, uint16_t client, uint32_t frame);
/* Slot of the frame's own cap. */
uint32_t mm_frame_slot(const struct mm *mm, uint32_t frame);

/* ---- tables (tables.c) ---- */

/* The place for `address`'s page, making tables; NULL when refused. A place that stays empty must
 * be given back by mm_tables_trim(). */
KAAL_MUST_CHECK enum broker_code mm_page_make(struct mm *mm, uint32_t space, uint64_t address,
                                              struct mm_page **page);
/* The tables above a 2 MiB page. */
KAAL_MUST_CHECK enum broker_code mm_large_tables(struct mm *mm, uint32_t space, uint64_t address);
/* The page's record, NULL when it has no table. */
struct mm_page *mm_page_find(struct mm *mm, uint32_t space, uint64_t address);
/* Entries of the table of `level` around `address` become more or fewer. */
void mm_table_count(struct mm *mm, uint32_t space, uint64_t address, uint32_t level, int change);
/* Gives back tables around `address` that hold nothing. */
void mm_tables_trim(struct mm *mm, uint32_t space, uint64_t address);

/* ---- mapping (pages.c) ---- */

struct mm_access {
    uint64_t rights;     /* for Page_Map */
    uint64_t attributes; /* for Page_Map */
};
struct mm_access mm_access_of(uint32_t rights, uint32_t flags);
/* Maps the cap in `from` (a frame's own, or a copy made here) at `address`. `frame` is MM_NONE for
 * memory of others. */
KAAL_MUST_CHECK enum broker_code mm_page_map(struct mm *mm, uint32_t space, uint64_t address,
                                             struct mm_page from, bool copy, struct mm_access how);
/* Backs one page with new memory. */
KAAL_MUST_CHECK enum broker_code mm_page_back(struct mm *mm, uint32_t space, uint64_t address,
                                              const struct region *region);
void mm_page_unmap(struct mm *mm, uint32_t space, uint64_t address);
KAAL_MUST_CHECK enum broker_code mm_large_map(struct mm *mm, uint32_t space, uint64_t address,
                                              uint32_t slot, uint32_t block, struct mm_access how);
struct mm_large *mm_large_find(struct mm *mm, uint32_t space, uint64_t address);
/* Unmaps all pages of [start, end). */
void mm_range_unmap(struct mm *mm, uint32_t space, uint64_t start, uint64_t end);

enum broker_code mm_refuse(struct mm *mm, uint32_t space, enum broker_code code, const char *what,
                           uint64_t wanted);
enum broker_code mm_refuse_kernel(struct mm *mm, uint32_t space, const char *what,
                                  enum error_code error);
