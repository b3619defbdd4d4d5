/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Getting out of the way: when kernel, device tree or root task go where the loader and its payload
 * lie, the loader copies itself and the payload to free RAM and starts again there. The copy knows
 * by its slot that it was moved, and moves no further.
 */
#include "image_bytes.h"
#include "levels.h"
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

/* Moves *at behind every range that `size` bytes there touch; true when it had to. */
static bool pass(uint64_t *at, uint64_t size, const struct image_range *ranges, unsigned count)
{
    bool moved = false;

    for (unsigned i = 0; i < count; i++) {
        if (ranges[i].size != 0 && overlaps(*at, size, &ranges[i])) {
            *at = round_up(ranges[i].base + ranges[i].size, IMAGE_BLOCK);
            moved = true;
        }
    }
    return moved;
}

/*
 * The lowest multiple of 2 MiB in a RAM range where `size` bytes touch none of the ranges nor
 * reserved memory; the range's end or more when there is none. Each round passes at least one range
 * for good, so it ends.
 */
static uint64_t free_place(const struct image_range *ram, uint64_t size,
                           const struct image_range *ranges, unsigned count,
                           const struct image_memory *mem)
{
    uint64_t end = ram->base + ram->size;
    uint64_t at = round_up(ram->base, IMAGE_BLOCK);

    if (at == 0) {
        at = IMAGE_BLOCK; /* the lowest page is special: vectors, spin tables, null pointers */
    }
    while (at < end && (pass(&at, size, ranges, count) ||
                        pass(&at, size, mem->reserved, mem->reserved_count))) {
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

static uint64_t find_place(uint64_t size, const struct image_range *ranges, unsigned count,
                           const struct image_memory *mem)
{
    for (unsigned i = 0; i < mem->ram_count; i++) {
        uint64_t at = free_place(&mem->ram[i], size, ranges, count, mem);
        uint64_t end = mem->ram[i].base + mem->ram[i].size;

        if (at < end && size <= end - at) {
            return at;
        }
    }
    return 0;
}

_Noreturn void loader_move(uint64_t end, const struct image_range *ranges, unsigned count,
                           const struct image_memory *mem, struct space *s, uint64_t dtb,
                           uint64_t level)
{
    uint64_t start = (uint64_t)(uintptr_t)loader_start;
    uint64_t size = end - start;
    uint64_t to = find_place(size, ranges, count, mem);
    uint8_t *copy = (uint8_t *)(uintptr_t)to;
    uint8_t *slot = copy + (loader_slot - loader_start);
    struct image_error err;

    if (to == 0) {
        image_fail_numbers(&err, IMAGE_NO_ROOM, "RAM too small", -1, "loader and payload",
                           "free RAM to move out of the way to, in one piece of bytes", size, 0);
        err.has_found = false;
        loader_fail_error(&err);
    }
    space_identity(s, to, to + size, false);
    space_changed();
    memcpy(copy, loader_start, size);
    put_u64(slot + LOADER_SLOT_OFF_MOVED, start);
    put_u32(slot + LOADER_SLOT_OFF_ENTERED, (uint32_t)level);
    memset(copy + (pen - loader_start) + PEN_RELEASE, 0, IMAGE_PAGE - PEN_RELEASE);
    loader_restart(dtb, 0, to, to + size);
}

/* Waits until the CPUs have left the pen at `old` for this copy's; they have their caches off. */
static void empty_pen(uint64_t old)
{
    uint64_t here = old + PEN_HERE;
    uint64_t waiting;

    *(volatile uint64_t *)(uintptr_t)(old + PEN_RELEASE) = (uint64_t)(uintptr_t)pen;
    cache_clean(old, old + IMAGE_PAGE);
    __asm__ volatile("dsb sy\n\tsev" : : : "memory");
    do {
        waiting = 0;
        cache_clean(here, here + 64);
        for (unsigned i = 0; i < 8; i++) {
            waiting |= ((volatile uint64_t *)(uintptr_t)here)[i];
        }
        __asm__ volatile("yield");
    } while (waiting != 0);
}

uint64_t loader_take_over(struct space *s)
{
    uint64_t old = get_u64(loader_slot + LOADER_SLOT_OFF_MOVED);
    uint64_t level = get_u32(loader_slot + LOADER_SLOT_OFF_ENTERED);

    if (level == 3) {
        old += (uint64_t)(pen - loader_start);
        (void)psci_smc(MONITOR_MOVE, (uint64_t)(uintptr_t)monitor_vectors, 0, 0);
        space_identity(s, old, old + IMAGE_PAGE, false);
        space_changed();
        empty_pen(old);
    }
    return level;
}
