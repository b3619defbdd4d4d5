/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * New rights for pages, pages in a second space, cache maintenance. All look at the whole range
 * before they change anything.
 */
#include "mm/internal.h"

enum {
    RIGHTS = MAP_READ | MAP_WRITE | MAP_EXECUTE
};

/* Whether all of [address, end) lies in regions that hold memory. */
static bool is_covered(struct mm *mm, uint32_t space, uint64_t address, uint64_t end)
{
    while (address < end) {
        struct region *region = regions_find(&mm->space[space].regions, address);
        if (region == NULL || region->kind == REGION_GUARD) {
            return false;
        }
        address = region->end;
    }
    return true;
}

static bool is_bad_range(uint64_t address, uint64_t bytes)
{
    return bytes == 0 || address % MM_PAGE != 0 || bytes % MM_PAGE != 0 ||
           address + bytes < address;
}

/* Whether `border` lies inside a 2 MiB page. */
static bool cuts_large(struct mm *mm, uint32_t space, uint64_t border)
{
    return border % MM_LARGE_PAGE != 0 && mm_large_find(mm, space, border) != NULL;
}

static enum error_code remap(struct mm *mm, uint32_t space, uint64_t start, uint64_t end)
{
    enum error_code error = ERROR_NONE;
    for (uint64_t at = start; at < end && error == ERROR_NONE;) {
        const struct region *region = regions_find(&mm->space[space].regions, at);
        struct mm_access how = mm_access_of(region->rights, region->flags);
        const struct mm_large *l = mm_large_find(mm, space, at);
        const struct mm_page *page = mm_page_find(mm, space, at);
        uint32_t slot = l != NULL ? l->slot : page != NULL ? page->slot : 0;
        if (slot != 0) {
            error = kaal_page_map(slot, mm_vspace(mm, space), at, how.rights, how.attributes);
        }
        bool skip = l != NULL || page == NULL;
        at = skip ? (at & ~(MM_LARGE_PAGE - 1)) + MM_LARGE_PAGE : at + MM_PAGE;
    }
    return error;
}

enum broker_code mm_protect(struct mm *mm, uint32_t space, uint64_t address, uint64_t bytes,
                            uint32_t flags)
{
    struct regions *r = &mm->space[space].regions;
    uint64_t end = address + bytes;
    bool both = (flags & MAP_WRITE) != 0 && (flags & MAP_EXECUTE) != 0;
    if (both || is_bad_range(address, bytes) || !is_covered(mm, space, address, end) ||
        cuts_large(mm, space, address) || cuts_large(mm, space, end)) {
        return mm_refuse(mm, space, BROKER_BAD_ARGUMENT,
                         both ? "memory both writable and executable" : "address", address);
    }
    if (r->count + 2 > REGIONS_MAX) {
        return mm_refuse(mm, space, BROKER_NO_RECORDS, "region record", address);
    }
    (void)regions_split(r, address); /* there is room */
    (void)regions_split(r, end);
    for (uint64_t at = address; at < end;) {
        struct region *region = regions_find(r, at);
        region->rights = (uint8_t)(flags & RIGHTS);
        at = region->end;
    }
    enum error_code error = remap(mm, space, address, end);
    return error == ERROR_NONE ? BROKER_OK : mm_refuse_kernel(mm, space, "ARM_Page_Map", error);
}

/* Maps one page of `from` at `address` of `to`, for the region's payer. */
static enum broker_code share_page(struct mm *mm, uint32_t from, uint64_t source, uint32_t to,
                                   uint64_t address, const struct region *region)
{
    struct mm_page *page = mm_page_find(mm, from, source);
    if (page == NULL || page->slot == 0) {
        enum broker_code code =
            mm_page_back(mm, from, source, regions_find(&mm->space[from].regions, source));
        if (code != BROKER_OK) {
            return code;
        }
        page = mm_page_find(mm, from, source);
    }
    if (page->frame == MM_NONE) {
        return mm_refuse(mm, from, BROKER_BAD_ARGUMENT, "shared address", source);
    }
    enum broker_code code = broker_charge(mm->broker, region->payer, MM_PAGE);
    if (code != BROKER_OK) {
        return code;
    }
    struct mm_page own = {mm_frame_slot(mm, page->frame), page->frame};
    code = mm_page_map(mm, to, address, own, true, mm_access_of(region->rights, region->flags));
    if (code == BROKER_OK) {
        mm_frame_add(mm, own.frame);
    } else {
        broker_refund(mm->broker, region->payer, MM_PAGE);
    }
    return code;
}

enum broker_code mm_share(struct mm *mm, uint32_t from, uint64_t address, uint64_t bytes,
                          uint32_t to, uint64_t to_address, uint32_t flags)
{
    struct regions *r = &mm->space[to].regions;
    struct region region = {to_address,
                            to_address + bytes,
                            REGION_SHARED,
                            (uint8_t)(flags & RIGHTS & ~(uint32_t)MAP_EXECUTE),
                            0,
                            mm->space[from].client};
    if (is_bad_range(address, bytes) || !is_covered(mm, from, address, address + bytes)) {
        return mm_refuse(mm, from, BROKER_BAD_ARGUMENT, "shared address", address);
    }
    for (uint64_t at = address; at < address + bytes; at += MM_PAGE) {
        if (mm_large_find(mm, from, at) != NULL) {
            return mm_refuse(mm, from, BROKER_BAD_ARGUMENT, "shared address", at);
        }
    }
    if (is_bad_range(to_address, bytes) || to_address + bytes - 1 > USER_TOP ||
        !regions_add(r, region)) {
        return mm_refuse(mm, to, BROKER_BAD_ARGUMENT, "address", to_address);
    }
    for (uint64_t at = 0; at < bytes; at += MM_PAGE) {
        enum broker_code code = share_page(mm, from, address + at, to, to_address + at, &region);
        if (code != BROKER_OK) {
            struct broker_error error = mm->broker->error;
            mm_range_unmap(mm, to, to_address, to_address + bytes);
            regions_remove(r, regions_find(r, to_address));
            return broker_refuse(mm->broker, error);
        }
    }
    return BROKER_OK;
}

/* ---- cache maintenance ---- */

static bool is_dma(struct mm *mm, uint32_t space, uint64_t address, uint64_t end)
{
    while (address < end) {
        const struct region *region = regions_find(&mm->space[space].regions, address);
        if (region == NULL || region->kind != REGION_DMA) {
            return false;
        }
        address = region->end;
    }
    return true;
}

enum broker_code mm_cache(struct mm *mm, uint32_t space, uint64_t address, uint64_t bytes,
                          enum system_cache operation)
{
    static enum error_code (*const operations[CACHE_OPERATIONS])(uint64_t, uint64_t, uint64_t) = {
        [CACHE_CLEAN] = kaal_vspace_clean_data,
        [CACHE_INVALIDATE] = kaal_vspace_invalidate_data,
        [CACHE_CLEAN_INVALIDATE] = kaal_vspace_clean_invalidate_data,
    };
    uint64_t end = address + bytes;
    if (bytes == 0 || end < address || operation >= CACHE_OPERATIONS ||
        !is_dma(mm, space, address, end)) {
        return mm_refuse(mm, space, BROKER_BAD_ARGUMENT, "address of DMA memory", address);
    }
    enum error_code error = ERROR_NONE;
    for (uint64_t at = address; at < end && error == ERROR_NONE;) {
        uint64_t page = mm_large_find(mm, space, at) != NULL ? MM_LARGE_PAGE : MM_PAGE;
        uint64_t next = (at & ~(page - 1)) + page;
        next = next < end ? next : end;
        error = operations[operation](mm_vspace(mm, space), at, next);
        at = next;
    }
    return error == ERROR_NONE ? BROKER_OK : mm_refuse_kernel(mm, space, "cache", error);
}
