/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Page tables, found by a hash of space, level and address. The kernel installs a table at the
 * first missing level (abi/vspace.md §3), so they are made from the top; one that holds nothing any
 * more is given back, and then its parent may be.
 */
#include "kaal/string.h"
#include "mm/internal.h"

enum {
    LEVEL_LEAF = 3,
};

/* log2 of what a table of `level` (1..3) covers. */
static unsigned span_bits(uint32_t level)
{
    return 48 - 9 * level;
}

static uint64_t base_of(uint64_t address, uint32_t level)
{
    return address >> span_bits(level) << span_bits(level);
}

static uint32_t *chain_of(struct mm *mm, uint32_t space, uint64_t base, uint32_t level)
{
    uint64_t key = (base >> span_bits(level)) * 0x9e3779b97f4a7c15ull + space * 31ull + level;
    return &mm->hash[(key ^ key >> 29) % MM_HASH];
}

static uint32_t find(struct mm *mm, uint32_t space, uint64_t address, uint32_t level)
{
    uint64_t base = base_of(address, level);
    uint32_t i = *chain_of(mm, space, base, level);
    while (i != MM_NONE && (mm->table[i].space != space || mm->table[i].base != base ||
                            mm->table[i].level != level)) {
        i = mm->table[i].next;
    }
    return i;
}

void mm_table_count(struct mm *mm, uint32_t space, uint64_t address, uint32_t level, int change)
{
    uint32_t i = find(mm, space, address, level);
    if (i != MM_NONE) {
        mm->table[i].used += (uint32_t)change;
    }
}

static enum broker_code make(struct mm *mm, uint32_t space, uint64_t address, uint32_t level)
{
    uint32_t block;
    if (mm->free_table == MM_NONE || (level == LEVEL_LEAF && mm->free_leaf == MM_NONE)) {
        return mm_refuse(mm, space, BROKER_NO_RECORDS, "page table record", level);
    }
    enum broker_code code =
        broker_object(mm->broker, mm->space[space].client, OBJECT_PAGE_TABLE, 0, &block);
    if (code != BROKER_OK) {
        return code;
    }
    enum error_code error = kaal_page_table_map(broker_cptr(mm->broker, block),
                                                mm_vspace(mm, space), address, ATTR_DEFAULT);
    if (error != ERROR_NONE) {
        broker_give_back(mm->broker, block);
        return mm_refuse_kernel(mm, space, "ARM_PageTable_Map", error);
    }
    uint32_t i = mm->free_table;
    uint32_t *chain = chain_of(mm, space, base_of(address, level), level);
    mm->free_table = mm->table[i].next;
    mm->table[i] = (struct mm_table){.base = base_of(address, level),
                                     .block = block,
                                     .next = *chain,
                                     .space = (uint16_t)space,
                                     .level = (uint8_t)level};
    *chain = i;
    if (level == LEVEL_LEAF) {
        mm->table[i].leaf = mm->free_leaf;
        mm->free_leaf = mm->leaf_next[mm->table[i].leaf];
        memset(mm->leaf[mm->table[i].leaf], 0, sizeof(mm->leaf[0]));
    }
    mm->space[space].tables++;
    if (level > 1) {
        mm_table_count(mm, space, address, level - 1, 1);
    }
    return BROKER_OK;
}

static void release(struct mm *mm, uint32_t i)
{
    struct mm_table *t = &mm->table[i];
    uint32_t *chain = chain_of(mm, t->space, t->base, t->level);
    while (*chain != i) {
        chain = &mm->table[*chain].next;
    }
    *chain = t->next;
    broker_give_back(mm->broker, t->block);
    mm->space[t->space].tables--;
    if (t->level == LEVEL_LEAF) {
        mm->leaf_next[t->leaf] = mm->free_leaf;
        mm->free_leaf = t->leaf;
    }
    if (t->level > 1) {
        mm_table_count(mm, t->space, t->base, t->level - 1u, -1);
    }
    t->block = BUDDY_NONE;
    t->next = mm->free_table;
    mm->free_table = i;
}

void mm_tables_trim(struct mm *mm, uint32_t space, uint64_t address)
{
    for (uint32_t level = LEVEL_LEAF; level >= 1; level--) {
        uint32_t i = find(mm, space, address, level);
        if (i != MM_NONE && mm->table[i].used == 0) {
            release(mm, i);
        }
    }
}

static enum broker_code make_down_to(struct mm *mm, uint32_t space, uint64_t address, uint32_t last)
{
    for (uint32_t level = 1; level <= last; level++) {
        if (find(mm, space, address, level) == MM_NONE) {
            enum broker_code code = make(mm, space, address, level);
            if (code != BROKER_OK) {
                struct broker_error error = mm->broker->error;
                mm_tables_trim(mm, space, address);
                return broker_refuse(mm->broker, error);
            }
        }
    }
    return BROKER_OK;
}

struct mm_page *mm_page_find(struct mm *mm, uint32_t space, uint64_t address)
{
    uint32_t i = find(mm, space, address, LEVEL_LEAF);
    return i == MM_NONE ? NULL : &mm->leaf[mm->table[i].leaf][address / MM_PAGE % CHUNK_FRAMES];
}

enum broker_code mm_page_make(struct mm *mm, uint32_t space, uint64_t address,
                              struct mm_page **page)
{
    enum broker_code code = make_down_to(mm, space, address, LEVEL_LEAF);
    *page = code == BROKER_OK ? mm_page_find(mm, space, address) : NULL;
    return code;
}

enum broker_code mm_large_tables(struct mm *mm, uint32_t space, uint64_t address)
{
    return make_down_to(mm, space, address, LEVEL_LEAF - 1);
}
