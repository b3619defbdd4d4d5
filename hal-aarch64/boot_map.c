/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The kernel's own translation tables (Arm ARM D5.3): the image at its link address with text
 * read-only, everything else never executable; devices as nGnRnE blocks; all RAM at the window.
 * Keeps true: nothing is mapped cacheable that the device tree does not call RAM or marks no-map,
 * since the CPU may read speculatively whatever is mapped so.
 */
#include "boot.h"
#include "pte.h"

enum {
    VIEW_SLOT = IMAGE_PAGES,
    TABLE_SLOT = 511,
    DEVICE_SLOT = 1
};

#define LEAF_ACCESSED   (1ull << 10)
#define LEAF_READ_ONLY  (1ull << 7)
#define LEAF_NO_EXECUTE (3ull << 53) /* PXN, UXN */
#define LEAF_NO_USER    (1ull << 54) /* UXN: executable at EL1 only */
#define LEAF_NORMAL     ((uint64_t)PTE_ATTR_NORMAL << 2)
#define LEAF_DEVICE     ((uint64_t)PTE_ATTR_DEVICE << 2)

/* Registers of abi/boot.md §1. TCR: 48-bit halves, 4 KiB granules, write-back non-shareable walks,
 * 16-bit ASIDs in TTBR0; IPS comes from the CPU. MAIR: attribute 0 device nGnRnE, 4 write-back. */
#define TCR_VALUE  0x1085100510ull
#define MAIR_VALUE 0x0000aaff440c0400ull
/* M, C, I, SA; UCI, UCT (EL0 may maintain caches and read CTR_EL0); nTWI, nTWE (EL0's WFI and WFE
 * are not trapped); SPAN, CP15BEN and the bits that are one where they have no function. */
#define SCTLR_VALUE 0x34d5982dull

static struct table identity[3]; /* levels 0, 1, 2 */
static struct boot_registers registers;
static uint32_t pool_used;
static uint32_t device_slot = DEVICE_SLOT;

/* Leaf bits for the image's page at `va`. The boot part holds code and data side by side; it is
 * gone before EL0 runs. */
static uint64_t image_attributes(uint64_t va)
{
    if (va < (uint64_t)boot_part_end) {
        return LEAF_NO_USER;
    }
    if (va < (uint64_t)kernel_text_end) {
        return LEAF_NO_USER | LEAF_READ_ONLY;
    }
    if (va < (uint64_t)kernel_rodata_end) {
        return LEAF_NO_EXECUTE | LEAF_READ_ONLY;
    }
    return LEAF_NO_EXECUTE;
}

static uint64_t normal_page(uint64_t pa)
{
    return pa | 3 | LEAF_NORMAL | LEAF_ACCESSED;
}

/* Tables for the image and for the few instructions around the change of tables, which run at their
 * physical address. Runs under the loader's tables. */
const struct boot_registers *boot_tables(void)
{
    uint64_t range = sysreg_read(id_aa64mmfr0_el1) & 15;
    for (uint64_t va = KERNEL_BASE; va < (uint64_t)kernel_image_end; va += PAGE) {
        image_level3.entry[pte_index(va, 3)] =
            normal_page(image_paddr((const void *)va)) | image_attributes(va);
    }
    image_level2.entry[pte_index(KERNEL_BASE, 2)] = pte_table(image_paddr(&image_level3));
    image_level1.entry[pte_index(KERNEL_BASE, 1)] = pte_table(image_paddr(&image_level2));
    kernel_root.entry[pte_index(KERNEL_BASE, 0)] = pte_table(image_paddr(&image_level1));

    uint64_t code = image_paddr(boot_switch_code);
    uint64_t block = code >> 21 << 21;
    identity[2].entry[pte_index(code, 2)] = block | 1 | LEAF_NORMAL | LEAF_ACCESSED | LEAF_NO_USER;
    identity[1].entry[pte_index(code, 1)] = pte_table(image_paddr(&identity[2]));
    identity[0].entry[pte_index(code, 0)] = pte_table(image_paddr(&identity[1]));
    registers = (struct boot_registers){
        .ttbr0_empty = image_paddr(&empty_table),
        .ttbr0_identity = image_paddr(&identity[0]),
        .ttbr1 = image_paddr(&kernel_root),
        .tcr = TCR_VALUE | (range < 5 ? range : 5) << 32, /* at most 48 bits */
        .mair = MAIR_VALUE,
        .sctlr = SCTLR_VALUE,
    };
    return &registers;
}

/* Stores into a live table whose entry was invalid. DSB: walks see it; ISB: and accesses that
 * follow, even if they were already begun. */
static void publish(uint64_t *entry, uint64_t value)
{
    *(volatile uint64_t *)entry = value;
    dsb(nshst);
    isb();
}

const void *boot_view(uint64_t pa, uint64_t bytes)
{
    uint64_t first = pa / PAGE * PAGE;
    uint64_t pages = (pa - first + bytes + PAGE - 1) / PAGE;
    if (pages > TABLE_SLOT - VIEW_SLOT) {
        return NULL;
    }
    for (uint64_t i = 0; i < pages; i++) {
        publish(&image_level3.entry[VIEW_SLOT + i],
                normal_page(first + i * PAGE) | LEAF_NO_EXECUTE | LEAF_READ_ONLY);
    }
    return (const void *)(KERNEL_BASE + VIEW_SLOT * PAGE + (pa - first));
}

uint64_t boot_map_device(uint64_t pa, uint64_t bytes)
{
    uint64_t first = pa >> 21 << 21;
    uint64_t blocks = (pa - first + bytes + (1ull << 21) - 1) >> 21;
    uint64_t va = KERNEL_BASE + ((uint64_t)device_slot << 21) + (pa - first);
    if (blocks > 512 - device_slot) {
        return 0;
    }
    for (uint64_t i = 0; i < blocks; i++) {
        publish(&image_level2.entry[device_slot++],
                (first + (i << 21)) | 1 | LEAF_DEVICE | LEAF_ACCESSED | LEAF_NO_EXECUTE);
    }
    return va;
}

static bool overlaps(struct range a, struct range b)
{
    return a.start < b.end && b.start < a.end;
}

/* Is the page at `pa` part of something that must stay as it is? If so, *below = its start. */
static bool is_taken(const struct platform *p, uint64_t pa, uint64_t *below)
{
    const struct range fixed[] = {p->kernel, p->dtb, p->user};
    struct range page = {pa, pa + PAGE};
    for (uint32_t i = 0; i < p->reserved_count; i++) {
        if (overlaps(page, p->reserved[i])) {
            *below = p->reserved[i].start;
            return true;
        }
    }
    for (uint32_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
        if (overlaps(page, fixed[i])) {
            *below = fixed[i].start / PAGE * PAGE;
            return true;
        }
    }
    return false;
}

/* Reserves the highest free page of RAM; 0 if there is none. */
static uint64_t take_page(struct platform *p)
{
    struct range last = p->ram[p->ram_count - 1];
    uint64_t end = last.end;
    while (end > last.start && is_taken(p, end - PAGE, &end)) {
    }
    if (end <= last.start || p->reserved_count == PLATFORM_MAX_RESERVED) {
        return 0;
    }
    for (uint32_t i = 0; i < p->reserved_count; i++) {
        if (p->reserved[i].start == end && (p->reserved_no_map & 1u << i) == 0) {
            p->reserved[i].start = end - PAGE;
            return end - PAGE;
        }
    }
    p->reserved[p->reserved_count++] = (struct range){end - PAGE, end};
    return end - PAGE;
}

/* The table at `pa`: in the image, or through the window for building tables. Valid until the next
 * call. Break before make: the old page is unmapped and forgotten first. */
static struct table *table_at(uint64_t pa)
{
    uint64_t bytes = (uint64_t)kernel_image_end - KERNEL_BASE;
    uint64_t va = KERNEL_BASE + TABLE_SLOT * PAGE;
    uint64_t *slot = &image_level3.entry[TABLE_SLOT];
    uint64_t wanted = normal_page(pa) | LEAF_NO_EXECUTE;
    if (pa - boot_args.physical < bytes) {
        return (struct table *)(pa - boot_args.physical + KERNEL_BASE);
    }
    if (*slot != wanted) {
        publish(slot, 0);
        __asm__ volatile("tlbi vaae1, %0" : : "r"(va >> 12 & 0xfffffffffffull) : "memory");
        dsb(nsh);
        publish(slot, wanted);
    }
    return (struct table *)va;
}

/* An empty table's physical address, 0 if memory is out. */
static uint64_t new_table(struct platform *p)
{
    if (pool_used < TABLE_POOL) {
        return image_paddr(&table_pool[pool_used++]);
    }
    uint64_t pa = take_page(p);
    if (pa != 0) {
        struct table *t = table_at(pa);
        for (unsigned i = 0; i < 512; i++) {
            t->entry[i] = 0;
        }
    }
    return pa;
}

/* One leaf of the window at `level` for `pa`; false if memory for tables is out. */
static bool map_leaf(struct platform *p, uint64_t pa, unsigned level)
{
    uint64_t va = HAL_WINDOW_BASE + pa;
    uint64_t table = image_paddr(&kernel_root);
    for (unsigned i = 0; i < level; i++) {
        uint64_t entry = table_at(table)->entry[pte_index(va, i)];
        if (entry == 0) {
            uint64_t next = new_table(p);
            if (next == 0) {
                return false;
            }
            entry = pte_table(next);
            publish(&table_at(table)->entry[pte_index(va, i)], entry);
        }
        table = pte_address(entry);
    }
    publish(&table_at(table)->entry[pte_index(va, level)],
            pa | (level == 3 ? 3 : 1) | LEAF_NORMAL | LEAF_ACCESSED | LEAF_NO_EXECUTE);
    return true;
}

/* [r.start, r.end) with the largest leaves that fit. */
static bool map_range(struct platform *p, struct range r)
{
    while (r.start < r.end) {
        unsigned level = 1;
        while ((r.start | 1ull << 48) % (1ull << pte_span_bits(level)) != 0 ||
               r.end - r.start < 1ull << pte_span_bits(level)) {
            level++;
        }
        if (!map_leaf(p, r.start, level)) {
            return false;
        }
        r.start += 1ull << pte_span_bits(level);
    }
    return true;
}

/* The part of [r.start, r.end) from r.start up to the first no-map range; *next = where to go on.
 */
static struct range before_hole(const struct platform *p, struct range r, uint64_t *next)
{
    *next = r.end;
    struct range part = r;
    for (uint32_t i = 0; i < p->reserved_count; i++) {
        struct range hole = p->reserved[i];
        if ((p->reserved_no_map & 1u << i) == 0 || !overlaps(hole, r) || hole.start >= part.end) {
            continue;
        }
        part.end = hole.start > r.start ? hole.start : r.start;
        *next = hole.end;
    }
    return part;
}

const char *boot_map_ram(struct platform *p)
{
    for (uint32_t i = 0; i < p->ram_count; i++) {
        struct range r = p->ram[i];
        while (r.start < r.end) {
            uint64_t next;
            struct range part = before_hole(p, r, &next);
            if (!map_range(p, part)) {
                return "memory: expected a free page of RAM for translation tables, found none";
            }
            r.start = next;
        }
    }
    return NULL;
}
