/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What memory user level gets (abi/boot.md §2).
 */
#include "boot.h"

#include "cdt.h"
#include "print.h"

enum {
    ADDRESS_ZERO_BITS = 39
};

/* Makes room for one more item at `index`. */
static void insert_at(struct regions *regions, unsigned index, struct range range)
{
    if (regions->count == BOOT_MAX_REGIONS)
        boot_fail("boot: memory is in more than % pieces", BOOT_MAX_REGIONS);
    for (unsigned i = regions->count; i > index; i--)
        regions->item[i] = regions->item[i - 1];
    regions->item[index] = range;
    regions->count++;
}

static void erase_at(struct regions *regions, unsigned index)
{
    regions->count--;
    for (unsigned i = index; i < regions->count; i++)
        regions->item[i] = regions->item[i + 1];
}

void regions_add(struct regions *regions, struct range range)
{
    unsigned i = 0;
    if (range.start >= range.end)
        return;
    while (i < regions->count && regions->item[i].start < range.start)
        i++;
    insert_at(regions, i, range);
}

void regions_remove(struct regions *regions, struct range hole)
{
    if (hole.start >= hole.end)
        return;
    for (unsigned i = 0; i < regions->count;) {
        struct range item = regions->item[i];
        if (hole.end <= item.start || hole.start >= item.end) {
            i++;
            continue;
        }
        erase_at(regions, i);
        if (hole.end < item.end)
            insert_at(regions, i, (struct range){hole.end, item.end});
        if (item.start < hole.start)
            insert_at(regions, i++, (struct range){item.start, hole.start});
        if (hole.end < item.end)
            i++;
    }
}

void boot_find_free_ram(struct boot *boot)
{
    const struct platform *p = boot->platform;
    boot->ram.count = 0;
    for (unsigned i = 0; i < p->ram_count; i++)
        regions_add(&boot->ram, p->ram[i]);
    for (unsigned i = 0; i < p->reserved_count; i++)
        regions_remove(&boot->ram, p->reserved[i]);
    regions_remove(&boot->ram, (struct range){0, 1ull << PAGE_BITS}); /* 0 stands for "none" */
    regions_remove(&boot->ram, p->kernel);
    regions_remove(&boot->ram, p->dtb);
    regions_remove(&boot->ram, p->user);
}

struct range boot_take_from_top(struct boot *boot, uint64_t bytes, uint64_t align)
{
    for (unsigned i = boot->ram.count; i-- > 0;) {
        struct range region = boot->ram.item[i];
        if (region.end - region.start < bytes)
            continue;
        uint64_t start = (region.end - bytes) / align * align;
        if (start < region.start)
            continue;
        struct range taken = {start, start + bytes};
        regions_remove(&boot->ram, taken);
        return taken;
    }
    boot_fail("boot: no free memory region has % bytes for the root task's objects", bytes);
}

static unsigned floor_log2(uint64_t value)
{
    return 63 - (unsigned)__builtin_clzll(value);
}

static void add_untyped(struct boot *boot, uint64_t pa, unsigned bits, bool device)
{
    struct bootinfo *info = boot->info;
    uint64_t index = boot->next_slot - info->untyped.start;
    if (index >= MAX_BOOTINFO_UNTYPEDS || boot->next_slot >= 1ull << boot->radix) {
        print("boot: no place for the untyped 0x%x of 2^%u bytes\n", pa, (uint64_t)bits);
        return;
    }
    info->untyped_list[index] =
        (struct untyped_desc){.paddr = pa, .size_bits = (uint8_t)bits, .is_device = device};
    cdt_insert_boot(boot_next_slot(boot), cap_untyped(pa, bits, device, 1ull << bits));
}

static void cut_region(struct boot *boot, struct range region, bool device)
{
    uint64_t pa = region.start;
    while (pa < region.end) {
        unsigned bits = floor_log2(region.end - pa);
        unsigned align = pa ? (unsigned)__builtin_ctzll(pa) : ADDRESS_ZERO_BITS;
        if (bits > align)
            bits = align;
        if (bits > MAX_UNTYPED_BITS)
            bits = MAX_UNTYPED_BITS;
        if (bits >= MIN_UNTYPED_BITS)
            add_untyped(boot, pa, bits, device);
        pa += 1ull << bits;
    }
}

void boot_make_untypeds(struct boot *boot)
{
    const struct platform *p = boot->platform;
    struct regions device = {.count = 0};
    regions_add(&device, (struct range){0, p->device_top});
    for (unsigned i = 0; i < p->ram_count; i++)
        regions_remove(&device, p->ram[i]);
    for (unsigned i = 0; i < p->reserved_count; i++)
        regions_remove(&device, p->reserved[i]);
    for (unsigned i = 0; i < p->device_private_count; i++)
        regions_remove(&device, p->device_private[i]);

    boot->info->untyped.start = boot->next_slot;
    for (unsigned i = 0; i < device.count; i++)
        cut_region(boot, device.item[i], true);
    cut_region(boot, p->kernel_boot, false);
    for (unsigned i = 0; i < boot->ram.count; i++)
        cut_region(boot, boot->ram.item[i], false);
    boot->info->untyped.end = boot->next_slot;
}
