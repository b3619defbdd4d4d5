/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A sorted array: found by halving, moved on insertion.
 */
#include "mm/regions.h"

#include <stddef.h>

const char *region_kind_name(enum region_kind kind)
{
    static const char *const names[REGION_KINDS] = {
        [REGION_NONE] = "nothing",         [REGION_IMAGE] = "image",
        [REGION_STACK] = "stack",          [REGION_HEAP] = "heap",
        [REGION_SYSTEM] = "system pages",  [REGION_MAPPED] = "mapped memory",
        [REGION_SHARED] = "shared memory", [REGION_DEVICE] = "device registers",
        [REGION_DMA] = "DMA memory",       [REGION_GUARD] = "guard page",
    };
    return kind < REGION_KINDS ? names[kind] : names[REGION_NONE];
}

/* Index of the first region that ends behind `address`. */
static uint32_t place_of(const struct regions *r, uint64_t address)
{
    uint32_t low = 0, high = r->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (r->region[middle].end > address) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

struct region *regions_find(struct regions *r, uint64_t address)
{
    uint32_t i = place_of(r, address);
    return i < r->count && r->region[i].start <= address ? &r->region[i] : NULL;
}

static void insert(struct regions *r, uint32_t at, struct region region)
{
    for (uint32_t i = r->count; i > at; i--) {
        r->region[i] = r->region[i - 1];
    }
    r->region[at] = region;
    r->count++;
}

bool regions_add(struct regions *r, struct region region)
{
    uint32_t i = place_of(r, region.start);
    if (region.start >= region.end || r->count == REGIONS_MAX ||
        (i < r->count && r->region[i].start < region.end)) {
        return false;
    }
    insert(r, i, region);
    return true;
}

void regions_remove(struct regions *r, struct region *region)
{
    uint32_t at = (uint32_t)(region - r->region);
    r->count--;
    for (uint32_t i = at; i < r->count; i++) {
        r->region[i] = r->region[i + 1];
    }
}

bool regions_split(struct regions *r, uint64_t address)
{
    struct region *whole = regions_find(r, address);
    if (whole == NULL || whole->start == address) {
        return true;
    }
    if (r->count == REGIONS_MAX) {
        return false;
    }
    struct region upper = *whole;
    upper.start = address;
    whole->end = address;
    insert(r, (uint32_t)(whole - r->region) + 1, upper);
    return true;
}

uint64_t regions_gap(const struct regions *r, uint64_t low, uint64_t high, uint64_t bytes,
                     uint64_t align)
{
    uint64_t at = (low + align - 1) & ~(align - 1);
    for (uint32_t i = place_of(r, low); bytes != 0; i++) {
        uint64_t end = i < r->count && r->region[i].start < high ? r->region[i].start : high;
        if (at >= low && at < end && bytes <= end - at) {
            return at;
        }
        if (end == high) {
            break;
        }
        at = (r->region[i].end + align - 1) & ~(align - 1);
    }
    return 0;
}
