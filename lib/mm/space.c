/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Address spaces: regions, and what is mapped in them.
 */
#include "mm/internal.h"

enum {
    RIGHTS = MAP_READ | MAP_WRITE | MAP_EXECUTE
};

enum broker_code mm_space_open(struct mm *mm, uint16_t client, uint32_t *space)
{
    struct broker *b = mm->broker;
    uint32_t block, i = 1;
    while (i < MM_SPACES && mm->space[i].open) {
        i++;
    }
    if (i == MM_SPACES) {
        return broker_refuse(b, (struct broker_error){.code = BROKER_NO_RECORDS,
                                                      .client = client,
                                                      .what = "address space record"});
    }
    enum broker_code code = broker_object(b, client, OBJECT_VSPACE, 0, &block);
    if (code != BROKER_OK) {
        return code;
    }
    enum error_code error = kaal_asid_pool_assign(SLOT_INIT_ASID_POOL, broker_cptr(b, block));
    if (error != ERROR_NONE) {
        broker_give_back(b, block);
        return broker_refuse(b, (struct broker_error){.code = BROKER_KERNEL,
                                                      .client = client,
                                                      .kernel = error,
                                                      .what = "ARM_ASIDPool_Assign"});
    }
    mm->space[i] = (struct mm_space){.client = client, .open = true, .block = block};
    *space = i;
    return BROKER_OK;
}

void mm_space_close(struct mm *mm, uint32_t space)
{
    struct mm_space *s = &mm->space[space];
    while (s->regions.count > 0) {
        struct region *last = &s->regions.region[s->regions.count - 1];
        mm_range_unmap(mm, space, last->start, last->end);
        regions_remove(&s->regions, last);
    }
    broker_give_back(mm->broker, s->block);
    *s = (struct mm_space){0};
}

static bool is_bad_range(uint64_t address, uint64_t bytes)
{
    return bytes == 0 || address % MM_PAGE != 0 || bytes % MM_PAGE != 0 || address > USER_TOP ||
           bytes - 1 > USER_TOP - address;
}

/* Adds a region and, with MAP_GUARD, a guard page on either side. */
static enum broker_code region_open(struct mm *mm, uint32_t space, struct region region,
                                    uint32_t flags)
{
    struct regions *r = &mm->space[space].regions;
    if ((region.rights & MAP_WRITE) != 0 && (region.rights & MAP_EXECUTE) != 0) {
        return mm_refuse(mm, space, BROKER_BAD_ARGUMENT, "memory both writable and executable",
                         flags);
    }
    if (is_bad_range(region.start, region.end - region.start) || !regions_add(r, region)) {
        return mm_refuse(mm, space, BROKER_BAD_ARGUMENT, "address", region.start);
    }
    struct region low = {region.start - MM_PAGE, region.start, REGION_GUARD, 0, 0, 0};
    struct region high = {region.end, region.end + MM_PAGE, REGION_GUARD, 0, 0, 0};
    if ((flags & MAP_GUARD) == 0 || (regions_add(r, low) && regions_add(r, high))) {
        return BROKER_OK;
    }
    struct region *below = regions_find(r, low.start);
    if (below != NULL && below->kind == REGION_GUARD && below->end == region.start) {
        regions_remove(r, below);
    }
    regions_remove(r, regions_find(r, region.start));
    return mm_refuse(mm, space, BROKER_BAD_ARGUMENT, "address", region.start);
}

static bool is_guard(const struct region *region)
{
    return region != NULL && region->kind == REGION_GUARD;
}

static void region_close(struct mm *mm, uint32_t space, uint64_t start)
{
    struct regions *r = &mm->space[space].regions;
    struct region *region = regions_find(r, start);
    uint64_t end = region->end;
    mm_range_unmap(mm, space, start, end);
    regions_remove(r, region);
    struct region *guard = regions_find(r, end);
    if (is_guard(guard)) {
        regions_remove(r, guard);
    }
    guard = start == 0 ? NULL : regions_find(r, start - 1);
    if (is_guard(guard)) {
        regions_remove(r, guard);
    }
}

/* Gives up a region that was opened; the refusal stays what it was. */
static enum broker_code give_up(struct mm *mm, uint32_t space, uint64_t start)
{
    struct broker_error error = mm->broker->error;
    region_close(mm, space, start);
    return broker_refuse(mm->broker, error);
}

static enum broker_code back_large(struct mm *mm, uint32_t space, uint64_t address,
                                   const struct region *region)
{
    uint32_t block;
    enum broker_code code =
        broker_object(mm->broker, mm->space[space].client, OBJECT_LARGE_PAGE, 0, &block);
    if (code != BROKER_OK) {
        return code;
    }
    code = mm_large_map(mm, space, address, broker_cptr(mm->broker, block), block,
                        mm_access_of(region->rights, region->flags));
    if (code != BROKER_OK) {
        broker_give_back(mm->broker, block);
    }
    return code;
}

static enum broker_code back_all(struct mm *mm, uint32_t space, const struct region *region)
{
    for (uint64_t at = region->start; at < region->end;) {
        enum broker_code code = BROKER_NO_MEMORY;
        uint64_t step = MM_LARGE_PAGE;
        if (at % MM_LARGE_PAGE == 0 && region->end - at >= MM_LARGE_PAGE) {
            code = back_large(mm, space, at, region);
        }
        if (code == BROKER_NO_MEMORY) {
            code = mm_page_back(mm, space, at, region);
            step = MM_PAGE;
        }
        if (code != BROKER_OK) {
            return code;
        }
        at += step;
    }
    return BROKER_OK;
}

enum broker_code mm_map(struct mm *mm, uint32_t space, uint64_t address, uint64_t bytes,
                        enum region_kind kind, uint32_t flags)
{
    struct region region = {address,
                            address + bytes,
                            (uint8_t)kind,
                            (uint8_t)(flags & RIGHTS),
                            (flags & MAP_NOW) != 0 ? 0 : REGION_ON_DEMAND,
                            0};
    enum broker_code code = region_open(mm, space, region, flags);
    if (code == BROKER_OK && (flags & MAP_NOW) != 0) {
        code = back_all(mm, space, &region);
        if (code != BROKER_OK) {
            return give_up(mm, space, address);
        }
    }
    return code;
}

/* Maps frame caps slots, slots + 1, ... one after the other. */
static enum broker_code map_frames(struct mm *mm, uint32_t space, const struct region *region,
                                   uint32_t slots, uint64_t size)
{
    struct mm_access how = mm_access_of(region->rights, region->flags);
    for (uint64_t at = region->start; at < region->end; at += size, slots++) {
        enum broker_code code;
        if (size == MM_PAGE) {
            code = mm_page_map(mm, space, at, (struct mm_page){slots, MM_NONE}, true, how);
        } else {
            uint32_t copy;
            code = broker_copy(mm->broker, mm->space[space].client, slots, RIGHTS_ALL, 0, &copy);
            if (code == BROKER_OK) {
                code = mm_large_map(mm, space, at, copy, BUDDY_NONE, how);
                if (code != BROKER_OK) {
                    broker_slots_free(mm->broker, copy, 1);
                }
            }
        }
        if (code != BROKER_OK) {
            return code;
        }
    }
    return BROKER_OK;
}

enum broker_code mm_map_memory(struct mm *mm, uint32_t space, uint64_t address,
                               const struct mm_memory *memory, enum region_kind kind,
                               uint32_t flags)
{
    struct region region = {address,
                            address + memory->bytes,
                            (uint8_t)kind,
                            (uint8_t)(flags & RIGHTS),
                            (flags & MAP_UNCACHED) != 0 ? REGION_UNCACHED : 0,
                            0};
    uint64_t size = 1ull << memory->frame_bits;
    if (address % size != 0) {
        return mm_refuse(mm, space, BROKER_BAD_ARGUMENT, "address", address);
    }
    enum broker_code code = region_open(mm, space, region, flags);
    if (code == BROKER_OK) {
        code = map_frames(mm, space, &region, memory->slots, size);
        if (code != BROKER_OK) {
            return give_up(mm, space, address);
        }
    }
    return code;
}

enum broker_code mm_map_device(struct mm *mm, uint32_t space, uint64_t address,
                               const struct device *device, uint32_t reg)
{
    uint32_t first = device->first_page[reg];
    uint32_t last = reg + 1 < device->regs ? device->first_page[reg + 1] : device->pages;
    struct region region = {address,         address + (last - first) * MM_PAGE,
                            REGION_DEVICE,   MAP_READ | MAP_WRITE,
                            REGION_UNCACHED, 0};
    enum broker_code code = region_open(mm, space, region, 0);
    if (code != BROKER_OK) {
        return code;
    }
    struct mm_access how = mm_access_of(region.rights, region.flags);
    for (uint32_t i = first; i < last && code == BROKER_OK; i++) {
        struct mm_page page = {broker_cptr(mm->broker, device->page[i]), MM_NONE};
        code = mm_page_map(mm, space, address + (i - first) * MM_PAGE, page, true, how);
    }
    return code == BROKER_OK ? code : give_up(mm, space, address);
}

uint64_t mm_place(struct mm *mm, uint32_t space, uint64_t low, uint64_t high, uint64_t bytes)
{
    uint64_t align = bytes >= MM_LARGE_PAGE ? MM_LARGE_PAGE : MM_PAGE;
    uint64_t room = (bytes + MM_PAGE - 1) & ~(MM_PAGE - 1);
    if (room < bytes || room > high - low) {
        return 0;
    }
    /* A page on either side, for guards. */
    uint64_t gap = regions_gap(&mm->space[space].regions, low, high, room + 2 * align, align);
    return gap == 0 ? 0 : gap + align;
}

const struct region *mm_region(struct mm *mm, uint32_t space, uint64_t address)
{
    return regions_find(&mm->space[space].regions, address);
}

enum broker_code mm_unmap(struct mm *mm, uint32_t space, uint64_t address)
{
    struct region *region = regions_find(&mm->space[space].regions, address);
    if (region == NULL || region->start != address || region->kind == REGION_GUARD) {
        return mm_refuse(mm, space, BROKER_NOT_FOUND, "region at", address);
    }
    region_close(mm, space, address);
    return BROKER_OK;
}

enum mm_answer mm_fault(struct mm *mm, uint32_t space, uint64_t address, uint32_t right)
{
    struct region *region = regions_find(&mm->space[space].regions, address);
    if (region == NULL || (region->flags & REGION_ON_DEMAND) == 0 ||
        (region->rights & right) != right) {
        return MM_NOT_OURS;
    }
    const struct mm_page *page = mm_page_find(mm, space, address);
    if ((page != NULL && page->slot != 0) || mm_large_find(mm, space, address) != NULL) {
        return MM_NOT_OURS;
    }
    return mm_page_back(mm, space, address & ~(MM_PAGE - 1), region) == BROKER_OK ? MM_MAPPED
                                                                                  : MM_REFUSED;
}
