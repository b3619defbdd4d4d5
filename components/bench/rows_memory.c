/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Address spaces: pages and page tables of the root task's own VSpace, which is the current one.
 */
#include "invoke.h"

#define PAGES_VADDR  0x40000000ull
#define TABLES_VADDR 0x80000000ull

enum memory_row {
    PAGE_MAP,
    PAGE_PROTECT,
    PAGE_UNMAP,
    PAGE_TABLE_MAP,
    PAGE_TABLE_UNMAP,
    MEMORY_ROWS
};

static uint64_t map_page(uint64_t frame, uint64_t vaddr, uint64_t rights)
{
    return measure(frame, LABEL_PAGE_MAP,
                   KAAL_WORDS(vaddr, rights, ATTR_DEFAULT | ATTR_EXECUTE_NEVER),
                   KAAL_WORDS(SLOT_INIT_VSPACE));
}

static void page_row(const char *name, enum memory_row which, enum object_type type,
                     unsigned page_bits)
{
    uint64_t samples[SAMPLES];
    row_begin(name);
    pool_map(SLOT_INIT_VSPACE, pool_object(type, 0), PAGES_VADDR);
    for (unsigned i = 0; i < SAMPLES; i++) {
        uint64_t c[MEMORY_ROWS];
        uint64_t frame = pool_object(type, 0);
        uint64_t vaddr = PAGES_VADDR + ((uint64_t)(i + 1) << page_bits);
        c[PAGE_MAP] = map_page(frame, vaddr, RIGHT_READ | RIGHT_WRITE);
        *(volatile uint64_t *)vaddr = i;
        c[PAGE_PROTECT] = map_page(frame, vaddr, RIGHT_READ);
        c[PAGE_UNMAP] = measure(frame, LABEL_PAGE_UNMAP, KAAL_NONE, KAAL_NONE);
        samples[i] = c[which];
    }
    pool_reset();
    row_end(samples, SAMPLES, "instructions");
}

static void table_row(const char *name, enum memory_row which)
{
    uint64_t samples[SAMPLES];
    row_begin(name);
    pool_map(SLOT_INIT_VSPACE, pool_object(OBJECT_SMALL_PAGE, 0), TABLES_VADDR);
    for (unsigned i = 0; i < SAMPLES; i++) {
        uint64_t c[MEMORY_ROWS];
        uint64_t table = pool_object(OBJECT_PAGE_TABLE, 0);
        uint64_t vaddr = TABLES_VADDR + ((uint64_t)(i + 1) << LARGE_PAGE_BITS);
        c[PAGE_TABLE_MAP] = measure(table, LABEL_PAGE_TABLE_MAP, KAAL_WORDS(vaddr, ATTR_DEFAULT),
                                    KAAL_WORDS(SLOT_INIT_VSPACE));
        c[PAGE_TABLE_UNMAP] = measure(table, LABEL_PAGE_TABLE_UNMAP, KAAL_NONE, KAAL_NONE);
        samples[i] = c[which];
    }
    pool_reset();
    row_end(samples, SAMPLES, "instructions");
}

void rows_memory(void)
{
    page_row("page_map", PAGE_MAP, OBJECT_SMALL_PAGE, PAGE_BITS);
    page_row("page_protect", PAGE_PROTECT, OBJECT_SMALL_PAGE, PAGE_BITS);
    page_row("page_unmap", PAGE_UNMAP, OBJECT_SMALL_PAGE, PAGE_BITS);
    page_row("page_map_2mib", PAGE_MAP, OBJECT_LARGE_PAGE, LARGE_PAGE_BITS);
    table_row("page_table_map", PAGE_TABLE_MAP);
    table_row("page_table_unmap", PAGE_TABLE_UNMAP);
}
