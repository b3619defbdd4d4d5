/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The window: one frame at a time, mapped in the root task's own address space through a copy of
 * its cap. Its page tables stay for good. The second 2 MiB are for a 2 MiB page.
 */
#include "kaal/string.h"
#include "mm/internal.h"

static struct mm_access window_access(void)
{
    return mm_access_of(MAP_READ | MAP_WRITE, 0);
}

enum broker_code mm_window_open(struct mm *mm, uint32_t frame, bool large, void **at)
{
    struct broker *b = mm->broker;
    struct mm_access how = window_access();
    uint64_t address = mm->window + (large ? MM_LARGE_PAGE : 0);
    enum error_code error = kaal_cnode_copy(broker_at(b, mm->window_slot), broker_at(b, frame),
                                            RIGHT_READ | RIGHT_WRITE);
    if (error == ERROR_NONE) {
        error =
            kaal_page_map(mm->window_slot, SLOT_INIT_VSPACE, address, how.rights, how.attributes);
    }
    if (error != ERROR_NONE) {
        mm_window_close(mm);
        return broker_refuse(
            b, (struct broker_error){.code = BROKER_KERNEL, .kernel = error, .what = "window"});
    }
    *at = (void *)address;
    return BROKER_OK;
}

void mm_window_close(struct mm *mm)
{
    (void)!kaal_cnode_delete(broker_at(mm->broker, mm->window_slot)); /* our own slot */
}

/* Makes the tables that the window's pages need. */
static enum broker_code window_tables(struct mm *mm)
{
    for (unsigned i = 0; i < 3; i++) {
        uint32_t block;
        enum broker_code code =
            broker_object(mm->broker, BROKER_SYSTEM, OBJECT_PAGE_TABLE, 0, &block);
        if (code != BROKER_OK) {
            return code;
        }
        enum error_code error = kaal_page_table_map(broker_cptr(mm->broker, block),
                                                    SLOT_INIT_VSPACE, mm->window, ATTR_DEFAULT);
        if (error != ERROR_NONE) {
            broker_give_back(mm->broker, block);
            if (error != ERROR_DELETE_FIRST) { /* that is: all levels are there */
                return mm_refuse_kernel(mm, 0, "ARM_PageTable_Map", error);
            }
            return BROKER_OK;
        }
    }
    return BROKER_OK;
}

enum broker_code mm_open(struct mm *mm, struct broker *broker, uint64_t window)
{
    memset(mm, 0, sizeof(*mm));
    mm->broker = broker;
    mm->window = window;
    for (uint32_t i = MM_TABLES - 1; i >= 1; i--) {
        mm->table[i].next = mm->free_table;
        mm->free_table = i;
    }
    for (uint32_t i = MM_LEAF_TABLES - 1; i >= 1; i--) {
        mm->leaf_next[i] = mm->free_leaf;
        mm->free_leaf = i;
    }
    for (uint32_t i = MM_LARGE - 1; i >= 1; i--) {
        mm->large[i].next = mm->free_large;
        mm->free_large = i;
    }
    enum broker_code code = broker_slots(broker, BROKER_SYSTEM, 1, &mm->window_slot);
    return code == BROKER_OK ? window_tables(mm) : code;
}

struct copying {
    const uint8_t *from; /* NULL: out of the space */
    uint8_t *to;
};

/* The cap that maps `address`, the bytes from there to its page's end. */
static uint32_t cap_at(struct mm *mm, uint32_t space, uint64_t address, uint64_t *room, bool *large)
{
    const struct mm_large *l = mm_large_find(mm, space, address);
    *large = l != NULL;
    uint64_t size = *large ? MM_LARGE_PAGE : MM_PAGE;
    *room = size - (address & (size - 1));
    if (l != NULL) {
        return l->slot;
    }
    const struct mm_page *page = mm_page_find(mm, space, address);
    return page != NULL ? page->slot : 0;
}

uint32_t mm_cap_at(struct mm *mm, uint32_t space, uint64_t address)
{
    bool large;
    uint64_t room;
    return cap_at(mm, space, address, &room, &large);
}

static enum broker_code copy_part(struct mm *mm, uint32_t space, uint64_t address, uint64_t *bytes,
                                  struct copying c)
{
    bool large;
    uint64_t room;
    struct region *region = regions_find(&mm->space[space].regions, address);
    if (region == NULL || region->kind == REGION_DEVICE || region->kind == REGION_GUARD) {
        return mm_refuse(mm, space, BROKER_NOT_FOUND, "memory at an address", address);
    }
    uint32_t cap = cap_at(mm, space, address, &room, &large);
    if (cap == 0) {
        enum broker_code code = mm_page_back(mm, space, address & ~(MM_PAGE - 1), region);
        if (code != BROKER_OK) {
            return code;
        }
        cap = cap_at(mm, space, address, &room, &large);
    }
    void *window;
    enum broker_code code = mm_window_open(mm, cap, large, &window);
    if (code != BROKER_OK) {
        return code;
    }
    uint64_t size = large ? MM_LARGE_PAGE : MM_PAGE, offset = size - room;
    *bytes = *bytes < room ? *bytes : room;
    if (c.from != NULL) {
        memcpy((char *)window + offset, c.from, *bytes);
        enum error_code error = ERROR_NONE;
        if ((region->flags & REGION_UNCACHED) != 0) {
            error = kaal_page_clean_invalidate_data(mm->window_slot, offset, offset + *bytes);
        } else if ((region->rights & MAP_EXECUTE) != 0) {
            error = kaal_page_unify_instruction(mm->window_slot, offset, offset + *bytes);
        }
        code = error == ERROR_NONE ? BROKER_OK : mm_refuse_kernel(mm, space, "cache", error);
    } else {
        memcpy(c.to, (char *)window + offset, *bytes);
    }
    mm_window_close(mm);
    return code;
}

enum broker_code mm_write(struct mm *mm, uint32_t space, uint64_t address, const void *data,
                          uint64_t bytes)
{
    const uint8_t *from = data;
    while (bytes > 0) {
        uint64_t part = bytes;
        enum broker_code code =
            copy_part(mm, space, address, &part, (struct copying){.from = from});
        if (code != BROKER_OK) {
            return code;
        }
        address += part;
        from += part;
        bytes -= part;
    }
    return BROKER_OK;
}

enum broker_code mm_read(struct mm *mm, uint32_t space, uint64_t address, void *data,
                         uint64_t bytes)
{
    uint8_t *to = data;
    while (bytes > 0) {
        uint64_t part = bytes;
        enum broker_code code = copy_part(mm, space, address, &part, (struct copying){.to = to});
        if (code != BROKER_OK) {
            return code;
        }
        address += part;
        to += part;
        bytes -= part;
    }
    return BROKER_OK;
}
