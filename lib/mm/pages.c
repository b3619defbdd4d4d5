/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Single mappings. A page of a space's own is mapped through its frame's own cap; what is mapped a
 * second time, or belongs to others, through a copy in a slot of its own.
 */
#include "mm/internal.h"

enum {
    LEVEL_LARGE = 2,
    LEVEL_PAGE = 3
};

struct mm_access mm_access_of(uint32_t rights, uint32_t flags)
{
    struct mm_access how = {0, 0};
    how.rights |= (rights & MAP_READ) != 0 ? RIGHT_READ : 0;
    how.rights |= (rights & MAP_WRITE) != 0 ? RIGHT_WRITE | RIGHT_READ : 0;
    how.attributes |= (flags & REGION_UNCACHED) != 0 ? 0 : ATTR_DEFAULT;
    how.attributes |= (rights & MAP_EXECUTE) != 0 ? 0 : ATTR_EXECUTE_NEVER;
    return how;
}

enum broker_code mm_page_map(struct mm *mm, uint32_t space, uint64_t address, struct mm_page from,
                             bool copy, struct mm_access how)
{
    struct mm_page *page;
    uint32_t slot = from.slot;
    enum broker_code code = mm_page_make(mm, space, address, &page);
    if (code != BROKER_OK) {
        return code;
    }
    if (copy) {
        code = broker_copy(mm->broker, mm->space[space].client, from.slot, RIGHTS_ALL, 0, &slot);
    }
    if (code == BROKER_OK) {
        enum error_code error =
            kaal_page_map(slot, mm_vspace(mm, space), address, how.rights, how.attributes);
        if (error == ERROR_NONE) {
            *page = (struct mm_page){slot, from.frame};
            mm_table_count(mm, space, address, LEVEL_PAGE, 1);
            mm->space[space].pages++;
            return BROKER_OK;
        }
        if (copy) {
            broker_slots_free(mm->broker, slot, 1);
        }
        code = mm_refuse_kernel(mm, space, "ARM_Page_Map", error);
    }
    struct broker_error error = mm->broker->error;
    mm_tables_trim(mm, space, address);
    return broker_refuse(mm->broker, error);
}

enum broker_code mm_page_back(struct mm *mm, uint32_t space, uint64_t address,
                              const struct region *region)
{
    struct mm_page page;
    uint16_t client = mm->space[space].client;
    enum broker_code code = mm_frame_take(mm, client, &page);
    if (code != BROKER_OK) {
        return code;
    }
    code =
        mm_page_map(mm, space, address, page, false, mm_access_of(region->rights, region->flags));
    if (code != BROKER_OK) {
        mm_frame_drop(mm, client, page.frame);
    }
    return code;
}

void mm_page_unmap(struct mm *mm, uint32_t space, uint64_t address)
{
    struct mm_page *page = mm_page_find(mm, space, address);
    if (page == NULL || page->slot == 0) {
        return;
    }
    struct mm_page was = *page;
    *page = (struct mm_page){0};
    if (was.frame != MM_NONE && was.slot == mm_frame_slot(mm, was.frame)) {
        (void)!kaal_page_unmap(was.slot); /* has no errors (abi/vspace.md §5) */
    } else {
        broker_slots_free(mm->broker, was.slot, 1);
    }
    if (was.frame != MM_NONE) {
        const struct region *r = regions_find(&mm->space[space].regions, address);
        bool own = r == NULL || r->payer == 0;
        mm_frame_drop(mm, own ? mm->space[space].client : r->payer, was.frame);
    }
    mm->space[space].pages--;
    mm_table_count(mm, space, address, LEVEL_PAGE, -1);
    mm_tables_trim(mm, space, address);
}

struct mm_large *mm_large_find(struct mm *mm, uint32_t space, uint64_t address)
{
    uint64_t base = address & ~(MM_LARGE_PAGE - 1);
    uint32_t i = mm->space[space].large;
    while (i != MM_NONE && mm->large[i].address != base) {
        i = mm->large[i].next;
    }
    return i == MM_NONE ? NULL : &mm->large[i];
}

enum broker_code mm_large_map(struct mm *mm, uint32_t space, uint64_t address, uint32_t slot,
                              uint32_t block, struct mm_access how)
{
    uint32_t i = mm->free_large;
    if (i == MM_NONE) {
        return mm_refuse(mm, space, BROKER_NO_RECORDS, "2 MiB page record", address);
    }
    enum broker_code code = mm_large_tables(mm, space, address);
    if (code != BROKER_OK) {
        return code;
    }
    enum error_code error =
        kaal_page_map(slot, mm_vspace(mm, space), address, how.rights, how.attributes);
    if (error != ERROR_NONE) {
        mm_tables_trim(mm, space, address);
        return mm_refuse_kernel(mm, space, "ARM_Page_Map", error);
    }
    mm->free_large = mm->large[i].next;
    mm->large[i] = (struct mm_large){address, slot, block, mm->space[space].large};
    mm->space[space].large = i;
    mm_table_count(mm, space, address, LEVEL_LARGE, 1);
    return BROKER_OK;
}

static void large_unmap(struct mm *mm, uint32_t space, struct mm_large *l)
{
    uint32_t i = (uint32_t)(l - mm->large), *chain = &mm->space[space].large;
    uint64_t address = l->address;
    while (*chain != i) {
        chain = &mm->large[*chain].next;
    }
    *chain = l->next;
    if (l->block != BUDDY_NONE) {
        broker_give_back(mm->broker, l->block); /* its cap is the block's object */
    } else {
        broker_slots_free(mm->broker, l->slot, 1);
    }
    l->next = mm->free_large;
    mm->free_large = i;
    mm_table_count(mm, space, address, LEVEL_LARGE, -1);
    mm_tables_trim(mm, space, address);
}

void mm_range_unmap(struct mm *mm, uint32_t space, uint64_t start, uint64_t end)
{
    uint64_t at = start;
    while (at < end) {
        struct mm_large *l = mm_large_find(mm, space, at);
        uint64_t next = (at & ~(MM_LARGE_PAGE - 1)) + MM_LARGE_PAGE;
        if (l != NULL) {
            large_unmap(mm, space, l);
        }
        if (l != NULL || mm_page_find(mm, space, at) == NULL) {
            at = next; /* nothing else in these 2 MiB */
            continue;
        }
        mm_page_unmap(mm, space, at);
        at += MM_PAGE;
    }
}
