/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Page tables for the kernel's entry (Arm ARM D8.3, 4 KiB granule, 48-bit addresses): 2 MiB blocks
 * from level 2, tables from a small fixed pool inside the loader's own memory.
 */
#include "machine.h"

#include "image_bytes.h"

#define ENTRIES 512u
#define POOL    16u

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

static struct table pool[POOL] __attribute__((section(".noinit")));
static unsigned used;

static struct table *new_table(void)
{
    struct table *t;

    if (used == POOL) {
        return NULL;
    }
    t = &pool[used++];
    for (unsigned i = 0; i < ENTRIES; i++) {
        t->entry[i] = 0;
    }
    return t;
}

static struct table *next_table(struct table *t, unsigned index)
{
    struct table *next;

    if (t->entry[index] != 0) {
        return (struct table *)(uintptr_t)(t->entry[index] & ADDRESS_MASK);
    }
    next = new_table();
    if (next != NULL) {
        t->entry[index] = (uint64_t)(uintptr_t)next | DESC_TABLE;
    }
    return next;
}

/* Maps the 2 MiB blocks that touch [virt, virt + size) to phys onwards; both agree modulo 2 MiB. */
static bool map(struct table *root, uint64_t virt, uint64_t phys, uint64_t size,
                uint64_t attributes)
{
    uint64_t end = round_up(phys + size, IMAGE_BLOCK);

    virt &= ~(uint64_t)(IMAGE_BLOCK - 1);
    phys &= ~(uint64_t)(IMAGE_BLOCK - 1);
    for (; phys < end; phys += IMAGE_BLOCK, virt += IMAGE_BLOCK) {
        struct table *l1 = next_table(root, (virt >> 39) % ENTRIES);
        struct table *l2 = l1 == NULL ? NULL : next_table(l1, (virt >> 30) % ENTRIES);

        if (l2 == NULL) {
            return false;
        }
        l2->entry[(virt >> 21) % ENTRIES] = phys | attributes | DESC_BLOCK;
    }
    return true;
}

static uint64_t physical_range(void)
{
    uint64_t features;

    __asm__("mrs %0, id_aa64mmfr0_el1" : "=r"(features));
    features &= 15;
    return features < TCR_IPS_48_BITS ? features : TCR_IPS_48_BITS;
}

bool tables_build(const struct image *img, uint64_t start, uint64_t end, uint64_t ram_end,
                  uint64_t console, struct tables *out)
{
    struct table *low = new_table();
    struct table *high = new_table();
    uint64_t virt = img->kernel_start - img->kernel_pv;
    uint64_t region_end = img->kernel_start + ((UINT64_C(1) << 30) - virt % (UINT64_C(1) << 30));
    uint64_t window_end = ram_end < region_end ? ram_end : region_end;

    if (!map(low, start, start, end - start, NORMAL) ||
        (console != 0 && !map(low, console, console, IMAGE_PAGE, DEVICE)) ||
        !map(high, virt, img->kernel_start, window_end - img->kernel_start, NORMAL)) {
        return false;
    }
    out->ttbr0 = (uint64_t)(uintptr_t)low;
    out->ttbr1 = (uint64_t)(uintptr_t)high;
    out->tcr = TCR_WITHOUT_IPS | physical_range() << TCR_IPS_SHIFT;
    out->mair = MAIR;
    out->sctlr = SCTLR;
    return true;
}

void cache_clean(uint64_t start, uint64_t end)
{
    uint64_t ctr;
    uint64_t line;

    __asm__("mrs %0, ctr_el0" : "=r"(ctr));
    line = UINT64_C(4) << (ctr >> 16 & 15); /* CTR_EL0.DminLine, in words */
    for (uint64_t at = start & ~(line - 1); at < end; at += line) {
        __asm__ volatile("dc civac, %0" : : "r"(at) : "memory");
    }
    __asm__ volatile("dsb sy" : : : "memory");
}
