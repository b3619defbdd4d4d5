/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Page tables for the loader and for the kernel's entry (Arm ARM D8.3, 4 KiB granule, 48-bit
 * addresses), so that the libraries may access memory as they like: 2 MiB blocks
 * from level 2, tables from a small fixed pool inside the loader's own memory.
 */
#include "machine.h"

#include "image_bytes.h"

#include <string.h>

#define ENTRIES 512u
#define POOL    48u

#define DESC_BLOCK      1u
#define DESC_TABLE      3u
#define ATTR_INDEX(n)   ((uint64_t)(n) << 2)
#define INNER_SHAREABLE (UINT64_C(3) << 8)
#define ACCESS_FLAG     (UINT64_C(1) << 10)
#define PXN             (UINT64_C(1) << 53)
#define UXN             (UINT64_C(1) << 54)
#define ADDRESS_MASK    UINT64_C(0x0000fffffffff000)

/* abi/boot.md §1: MAIR indices and the values of the system registers at entry. */
#define MAIR            0x0000aaff440c0400u
#define MAIR_DEVICE     0
#define MAIR_NORMAL     4
#define TCR_WITHOUT_IPS 0x1085100510u
#define TCR_IPS_SHIFT   32
#define TCR_IPS_48_BITS 5u
#define SCTLR           0x00c5183du

#define NORMAL (ATTR_INDEX(MAIR_NORMAL) | INNER_SHAREABLE | ACCESS_FLAG | UXN)
#define DEVICE (ATTR_INDEX(MAIR_DEVICE) | ACCESS_FLAG | UXN | PXN)

struct table {
    uint64_t entry[ENTRIES];
} __attribute__((aligned(4096)));

static struct table pool[POOL] __attribute__((section(".noinit.tables")));
static unsigned used;

static struct table *new_table(void)
{
    struct table *t;

    if (used == POOL) {
        loader_fail("KaaL loader: page tables: expected parts that 48 tables can map, found more",
                    LOADER_EXIT_MEMORY);
    }
    t = &pool[used++];
    memset(t, 0, sizeof *t);
    return t;
}

static struct table *next_table(struct table *t, uint64_t index)
{
    struct table *next;

    if (t->entry[index] != 0) {
        return (struct table *)(uintptr_t)(t->entry[index] & ADDRESS_MASK);
    }
    next = new_table();
    t->entry[index] = (uint64_t)(uintptr_t)next | DESC_TABLE;
    return next;
}

/*
 * Maps the 2 MiB blocks that touch [virt, virt + size) to phys onwards; both agree modulo 2 MiB. A
 * block that is mapped already stays as it is.
 */
static void map(struct table *root, uint64_t virt, uint64_t phys, uint64_t size,
                uint64_t attributes)
{
    uint64_t end = round_up(phys + size, IMAGE_BLOCK);

    virt &= ~(uint64_t)(IMAGE_BLOCK - 1);
    phys &= ~(uint64_t)(IMAGE_BLOCK - 1);
    for (; phys < end; phys += IMAGE_BLOCK, virt += IMAGE_BLOCK) {
        struct table *l1 = next_table(root, (virt >> 39) % ENTRIES);
        struct table *l2 = next_table(l1, (virt >> 30) % ENTRIES);
        uint64_t *entry = &l2->entry[(virt >> 21) % ENTRIES];

        if (*entry == 0) {
            *entry = phys | attributes | DESC_BLOCK;
        }
    }
}

static uint64_t physical_range(void)
{
    uint64_t features;

    __asm__("mrs %0, id_aa64mmfr0_el1" : "=r"(features));
    features &= 15;
    return features < TCR_IPS_48_BITS ? features : TCR_IPS_48_BITS;
}

void space_start(struct space *s)
{
    s->low = new_table();
    s->high = new_table();
}

void space_identity(struct space *s, uint64_t start, uint64_t end, bool device)
{
    map(s->low, start, start, end - start, device ? DEVICE : NORMAL);
}

void space_window(struct space *s, const struct image *img, uint64_t ram_end)
{
    uint64_t virt = img->kernel_start - img->kernel_pv;
    uint64_t region_end = img->kernel_start + ((UINT64_C(1) << 30) - virt % (UINT64_C(1) << 30));
    uint64_t window_end = ram_end < region_end ? ram_end : region_end;

    map(s->high, virt, img->kernel_start, window_end - img->kernel_start, NORMAL);
}

void space_registers(const struct space *s, struct tables *t)
{
    t->ttbr0 = (uint64_t)(uintptr_t)s->low;
    t->ttbr1 = (uint64_t)(uintptr_t)s->high;
    t->tcr = TCR_WITHOUT_IPS | physical_range() << TCR_IPS_SHIFT;
    t->mair = MAIR;
    t->sctlr = SCTLR;
}

/*
 * What the loader wrote with its caches off lies in memory: stale lines over it go. It lies in one
 * run up to the last table (loader.ld).
 */
void space_enable(const struct space *s)
{
    struct tables t;

    space_registers(s, &t);
    cache_drop((uint64_t)(uintptr_t)written_start, (uint64_t)(uintptr_t)&pool[used]);
    mmu_on(&t);
}

void space_changed(void)
{
    __asm__ volatile("dsb ishst\n\tisb" : : : "memory");
}
