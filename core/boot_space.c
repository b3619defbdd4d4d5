/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The root task's address space (abi/boot.md §3, §5): image, IPC buffer, bootinfo, extra bootinfo.
 */
#include "boot.h"

#include "cdt.h"
#include "pte.h"

enum {
    ROOT_ASID = 1,
    PAGE_BYTES = 4096,
    READ_WRITE = RIGHT_READ | RIGHT_WRITE
};

/* Number of tables of `level` that [start, end) needs: one for each span of the level above. */
static unsigned tables_for(uint64_t start, uint64_t end, unsigned level)
{
    unsigned bits = pte_span_bits(level - 1);
    return (unsigned)(((end - 1) >> bits) - (start >> bits) + 1);
}

void boot_plan_space(struct boot *boot)
{
    const struct platform *p = boot->platform;
    struct user_layout *layout = &boot->layout;
    uint64_t dtb_bytes = p->dtb.end - p->dtb.start;
    uint64_t room = 0;
    layout->image.start = p->user.start - p->user_pv_offset;
    layout->image.end = p->user.end - p->user_pv_offset;
    layout->ipc_buffer = layout->image.end;
    layout->bootinfo = layout->ipc_buffer + PAGE_BYTES;
    layout->extra = layout->bootinfo + PAGE_BYTES;
    layout->extra_pages = 0;
    if (dtb_bytes) {
        uint64_t bytes = dtb_bytes + sizeof(struct bootinfo_chunk);
        layout->extra_pages = (bytes + PAGE_BYTES - 1) / PAGE_BYTES;
        room = PAGE_BYTES;
        while (room < bytes)
            room *= 2;
    }
    layout->end = layout->extra + room;
    if (layout->image.start >= layout->image.end || layout->image.end > USER_TOP ||
        layout->end > USER_TOP || layout->image.start % PAGE_BYTES)
        boot_fail("boot: the root task's image at # does not fit the user range",
                  layout->image.start);
    for (unsigned level = 1; level < PTE_LEVELS; level++)
        layout->tables[level - 1] = tables_for(layout->image.start, layout->end, level);
}

/* The table that holds the entry of `level` for `va`; all tables above exist. */
static uint64_t *entry_for(const struct boot *boot, uint64_t va, unsigned level)
{
    uint64_t *table = hal_window(paddr(boot->vspace));
    for (unsigned i = 0; i < level; i++)
        table = hal_window(paddr(pte_address(hal_pte_load(&table[pte_index(va, i)]))));
    return &table[pte_index(va, level)];
}

static void make_tables(struct boot *boot, unsigned level)
{
    uint64_t span = 1ull << pte_span_bits(level - 1);
    uint64_t va = boot->layout.image.start / span * span;
    for (; va < boot->layout.end; va += span) {
        uint64_t pa = boot_take_object(boot, PAGE_TABLE_BITS);
        hal_pte_store(entry_for(boot, va, level - 1), pte_table(pa));
        cdt_insert_boot(boot_next_slot(boot), with_mapping(cap_page_table(pa), ROOT_ASID, va));
    }
}

static void map_frame(struct boot *boot, struct slot *slot, uint64_t va, uint64_t pa,
                      bool execute_never)
{
    hal_pte_store(entry_for(boot, va, PTE_LEVELS - 1),
                  pte_user_leaf(pa, PTE_LEVELS - 1, PTE_USER_RW, true, execute_never));
    cdt_insert_boot(slot, with_mapping(cap_frame(pa, FRAME_4K, READ_WRITE, false), ROOT_ASID, va));
}

static void copy_bytes(uint8_t *to, const uint8_t *from, uint64_t bytes)
{
    for (uint64_t i = 0; i < bytes; i++)
        to[i] = from[i];
}

/* The device tree as chunk 6, over pages that need not be contiguous in the root objects. */
static void fill_extra(struct boot *boot, const uint64_t *pages)
{
    const struct platform *p = boot->platform;
    const uint8_t *dtb = hal_window(paddr(p->dtb.start));
    uint64_t dtb_bytes = p->dtb.end - p->dtb.start;
    struct bootinfo_chunk chunk = {BOOTINFO_CHUNK_DTB, sizeof chunk + dtb_bytes};
    uint64_t head = sizeof chunk;
    copy_bytes(hal_window(paddr(pages[0])), (const uint8_t *)&chunk, head);
    for (uint64_t done = 0; done < dtb_bytes;) {
        uint64_t at = head + done;
        uint64_t piece = PAGE_BYTES - at % PAGE_BYTES;
        if (piece > dtb_bytes - done)
            piece = dtb_bytes - done;
        copy_bytes(hal_window(paddr(pages[at / PAGE_BYTES] + at % PAGE_BYTES)), dtb + done, piece);
        done += piece;
    }
    boot->info->extra_len = chunk.len;
}

static void make_extra(struct boot *boot)
{
    enum {
        MAX_EXTRA_PAGES = 257
    }; /* a device tree of 1 MiB and the chunk's head */
    uint64_t pages[MAX_EXTRA_PAGES];
    const struct user_layout *layout = &boot->layout;
    if (layout->extra_pages == 0)
        return;
    if (layout->extra_pages > MAX_EXTRA_PAGES)
        boot_fail("boot: the device tree needs % pages, more than 257", layout->extra_pages);
    boot->info->extra_bi_pages.start = boot->next_slot;
    for (uint64_t i = 0; i < layout->extra_pages; i++) {
        pages[i] = boot_take_object(boot, PAGE_BITS);
        map_frame(boot, boot_next_slot(boot), layout->extra + i * PAGE_BYTES, pages[i], false);
    }
    boot->info->extra_bi_pages.end = boot->next_slot;
    fill_extra(boot, pages);
}

void boot_make_space(struct boot *boot)
{
    const struct platform *p = boot->platform;
    const struct user_layout *layout = &boot->layout;
    struct bootinfo *info = boot->info;
    info->user_image_paging.start = boot->next_slot;
    for (unsigned level = 1; level < PTE_LEVELS; level++)
        make_tables(boot, level);
    info->user_image_paging.end = boot->next_slot;

    map_frame(boot, &boot->cnode[SLOT_BOOTINFO_FRAME], layout->bootinfo, boot->bootinfo_page, true);
    map_frame(boot, &boot->cnode[SLOT_IPC_BUFFER_FRAME], layout->ipc_buffer, boot->ipc_buffer,
              true);
    make_extra(boot);

    info->user_image_frames.start = boot->next_slot;
    for (uint64_t pa = p->user.start; pa < p->user.end; pa += PAGE_BYTES)
        map_frame(boot, boot_next_slot(boot), pa - p->user_pv_offset, pa, false);
    info->user_image_frames.end = boot->next_slot;
    info->ipc_buffer = layout->ipc_buffer;
}
