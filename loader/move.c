/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Getting out of the way: when kernel, device tree or root task go where the loader and its payload
 * lie, the loader copies itself and the payload higher up and starts again there. The copy knows by
 * its slot that it was moved, and moves no further.
 */
#include "image_bytes.h"
#include "machine.h"

#include <string.h>

bool loader_was_moved(void)
{
    return get_u64(loader_slot + LOADER_SLOT_OFF_MOVED) != 0;
}

static bool overlaps(uint64_t at, uint64_t size, const struct image_range *r)
{
    return at < r->base + r->size && r->base < at + size;
}

/*
 * The lowest multiple of 2 MiB above the loader where `size` bytes touch none of the ranges. Each
 * round passes at least one of them for good, so it ends.
 */
static uint64_t free_place(uint64_t at, uint64_t size, const struct image_range *ranges,
                           unsigned count)
{
    bool moved = true;

    at = round_up(at, IMAGE_BLOCK);
    while (moved) {
        moved = false;
        for (unsigned i = 0; i < count; i++) {
            if (overlaps(at, size, &ranges[i])) {
                at = round_up(ranges[i].base + ranges[i].size, IMAGE_BLOCK);
                moved = true;
            }
        }
    }
    return at;
}

bool loader_is_in_the_way(uint64_t end, const struct image_range *parts, unsigned count)
{
    uint64_t start = (uint64_t)(uintptr_t)loader_start;

    for (unsigned i = 0; i < count; i++) {
        if (overlaps(start, end - start, &parts[i])) {
            return true;
        }
    }
    return false;
}

_Noreturn void loader_move(uint64_t end, const struct image_range *ranges, unsigned count,
                           const struct image_memory *mem, uint64_t dtb)
{
    uint64_t size = end - (uint64_t)(uintptr_t)loader_start;
    uint64_t to = free_place(end, size, ranges, count);
    uint8_t *copy = (uint8_t *)(uintptr_t)to;
    struct image_error err;

    if (image_check_range("loader and payload", to, to + size, mem, &err) != IMAGE_OK) {
        loader_fail_error(&err);
    }
    memcpy(copy, loader_start, size);
    put_u64(copy + (loader_slot - loader_start) + LOADER_SLOT_OFF_MOVED, 1);
    cache_clean(to, to + size);
    loader_restart(dtb, to);
}
