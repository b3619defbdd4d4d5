/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Where everything goes in physical memory: kernel where it is linked (or moved to), device tree
 * on the page after it, root task at kernel end + offset, the loader with its payload in the lowest
 * free place, so that small machines hold it.
 */
#include <stdlib.h>
#include <string.h>

#include "builder.h"

#include "image_bytes.h"

#define GIB (UINT64_C(1) << 30)

static int by_address(const void *a, const void *b)
{
    const struct part *x = a;
    const struct part *y = b;

    return x->vaddr < y->vaddr ? -1 : x->vaddr > y->vaddr;
}

/* Appends the loadable segments of one program in ascending order; returns the first. */
static struct part *add_parts(struct layout *l, const struct input *in, uint32_t kind)
{
    struct part *first = &l->parts[l->part_count];
    unsigned before = l->part_count;

    for (unsigned i = 0; i < in->elf.phnum; i++) {
        struct elf_segment s;
        struct part *p;

        elf_segment(&in->elf, i, &s);
        if (s.type != ELF_PT_LOAD || s.memsz == 0) {
            continue;
        }
        if (l->part_count == IMAGE_MAX_REGIONS) {
            fail(BUILDER_NO_ROOM,
                 "%s: loadable segments: expected at most %u with the kernel's, "
                 "found more",
                 in->path, IMAGE_MAX_REGIONS);
        }
        p = &l->parts[l->part_count++];
        p->kind = kind;
        p->flags = s.flags & (IMAGE_READ | IMAGE_WRITE | IMAGE_EXEC);
        p->paddr = s.paddr;
        p->vaddr = s.vaddr;
        p->filesz = s.filesz;
        p->memsz = s.memsz;
        p->data = in->data + s.offset;
    }
    qsort(first, l->part_count - before, sizeof *first, by_address);
    return first;
}

static void find_note(struct layout *l, const struct input *kernel)
{
    uint64_t size;

    if (!elf_find_note(&kernel->elf, KERNEL_NOTE_SECTION, KERNEL_NOTE_OWNER, KERNEL_NOTE_TYPE,
                       &l->note, &size)) {
        l->note = NULL;
        return;
    }
    if (size != KERNEL_NOTE_SIZE || get_u32(l->note) != KERNEL_NOTE_VERSION) {
        fail(BUILDER_BAD_INPUT,
             "%s: kernel note: expected version %u of %u bytes, found version %u of %llu bytes",
             kernel->path, KERNEL_NOTE_VERSION, KERNEL_NOTE_SIZE, size >= 4 ? get_u32(l->note) : 0,
             (ull)size);
    }
}

/* The kernel window wants one virtual-physical offset, 2 MiB blocks and one 1 GiB region. */
static void check_kernel(const struct layout *l, const struct input *kernel)
{
    const struct part *first = &l->parts[0];
    const struct part *last = &l->parts[l->part_count - 1];
    uint64_t pv = first->paddr - first->vaddr;

    for (unsigned i = 0; i < l->part_count; i++) {
        if (l->parts[i].paddr - l->parts[i].vaddr != pv) {
            fail(BUILDER_BAD_INPUT,
                 "%s: segment at 0x%llx: physical address: expected 0x%llx (the same distance as "
                 "the first segment), found 0x%llx",
                 kernel->path, (ull)l->parts[i].vaddr, (ull)(l->parts[i].vaddr + pv),
                 (ull)l->parts[i].paddr);
        }
    }
    if (first->vaddr >> 48 != 0xffff) {
        fail(BUILDER_BAD_INPUT,
             "%s: virtual address: expected at least 0xffff000000000000, found 0x%llx; a kernel is "
             "linked in the upper half",
             kernel->path, (ull)first->vaddr);
    }
    if (first->vaddr / GIB != (last->vaddr + last->memsz - 1) / GIB) {
        fail(BUILDER_BAD_INPUT,
             "%s: virtual addresses: expected all in one 1 GiB region, found 0x%llx to 0x%llx",
             kernel->path, (ull)first->vaddr, (ull)(last->vaddr + last->memsz));
    }
    if (pv % IMAGE_BLOCK != 0) {
        fail(BUILDER_BAD_INPUT,
             "%s: physical and virtual address: expected equal modulo 2 MiB, found 0x%llx and "
             "0x%llx",
             kernel->path, (ull)first->paddr, (ull)first->vaddr);
    }
}

static void move_kernel(struct layout *l, const struct input *kernel, const struct options *o)
{
    uint64_t linked = l->parts[0].paddr & ~(uint64_t)(IMAGE_PAGE - 1);
    uint64_t distance = o->kernel_paddr - linked;
    bool movable = l->note != NULL && (get_u32(l->note + 4) & KERNEL_NOTE_MOVABLE) != 0;

    if (!o->has_kernel_paddr || distance == 0) {
        return;
    }
    if (!movable) {
        fail(BUILDER_BAD_INPUT,
             "%s: --kernel-paddr: expected 0x%llx, for which this kernel is linked, found 0x%llx; "
             "it has no note that it can be moved",
             kernel->path, (ull)linked, (ull)o->kernel_paddr);
    }
    if (linked % IMAGE_BLOCK != 0) {
        fail(BUILDER_BAD_INPUT,
             "%s: --kernel-paddr: expected a kernel linked at a multiple of 2 MiB, found 0x%llx",
             kernel->path, (ull)linked);
    }
    for (unsigned i = 0; i < l->part_count; i++) {
        l->parts[i].paddr += distance;
    }
}

static void place_kernel(struct layout *l, const struct input *kernel, const struct options *o)
{
    const struct part *last;

    add_parts(l, kernel, IMAGE_KERNEL);
    find_note(l, kernel);
    check_kernel(l, kernel);
    move_kernel(l, kernel, o);
    last = &l->parts[l->part_count - 1];
    l->kernel_start = l->parts[0].paddr & ~(uint64_t)(IMAGE_PAGE - 1);
    l->kernel_pv = l->parts[0].paddr - l->parts[0].vaddr;
    if (last->paddr > IMAGE_PADDR_END - GIB) {
        fail(BUILDER_NO_ROOM, "%s: physical address: expected at most 0x%llx, found 0x%llx",
             kernel->path, (ull)(IMAGE_PADDR_END - GIB), (ull)last->paddr);
    }
    l->kernel_end = round_up(last->paddr + last->memsz, IMAGE_PAGE);
}

static void check_app_span(const struct input *app, uint64_t end)
{
    if (end > IMAGE_USER_VADDR_END) {
        fail(BUILDER_BAD_INPUT,
             "%s: virtual address: expected its end at most 0x%llx, found 0x%llx", app->path,
             (ull)IMAGE_USER_VADDR_END, (ull)end);
    }
}

static void place_app(struct layout *l, const struct input *app, const struct options *o)
{
    unsigned first = l->part_count;
    const struct part *p = add_parts(l, app, IMAGE_USER);
    const struct part *last = &l->parts[l->part_count - 1];
    uint64_t start = p->vaddr & ~(uint64_t)(IMAGE_PAGE - 1);
    uint64_t end;

    check_app_span(app, last->vaddr); /* so that the sum below cannot wrap */
    check_app_span(app, last->memsz);
    end = round_up(last->vaddr + last->memsz, IMAGE_PAGE);
    check_app_span(app, end);
    if (o->app_offset > IMAGE_PADDR_END) {
        fail(BUILDER_NO_ROOM, "--app-offset: expected at most 0x%llx, found 0x%llx",
             (ull)IMAGE_PADDR_END, (ull)o->app_offset);
    }
    if (o->app_offset < BUILDER_DTB_ROOM) {
        fail(BUILDER_NO_ROOM,
             "--app-offset: root task overlaps the room for the device tree after the kernel: "
             "expected at least 0x%x, found 0x%llx; --app-offset 0x%x works",
             BUILDER_DTB_ROOM, (ull)o->app_offset, BUILDER_DTB_ROOM);
    }
    l->user_start = round_up(l->kernel_end + o->app_offset, IMAGE_PAGE);
    l->user_end = l->user_start + (end - start);
    l->user_pv = l->user_start - start;
    if (l->user_end > IMAGE_PADDR_END) {
        fail(BUILDER_NO_ROOM, "%s: physical end: expected at most 0x%llx, found 0x%llx", app->path,
             (ull)IMAGE_PADDR_END, (ull)l->user_end);
    }
    for (unsigned i = first; i < l->part_count; i++) {
        l->parts[i].paddr = l->parts[i].vaddr + l->user_pv;
    }
}

/* Data follow the header in order; offset and address agree modulo 16, so that words stay words. */
static void place_data(struct layout *l)
{
    uint64_t at = IMAGE_HEADER_SIZE;

    for (unsigned i = 0; i < l->part_count; i++) {
        struct part *p = &l->parts[i];

        p->offset = round_up(at, 16) + (p->compression == IMAGE_STORED ? p->paddr % 16 : 0);
        at = p->offset + p->stored;
    }
    if (l->dtb != NULL) {
        l->dtb_offset = round_up(at, 16);
        at = l->dtb_offset + l->dtb_size;
    }
    l->payload_size = round_up(at, 16);
}

static bool overlaps(uint64_t a_start, uint64_t a_end, uint64_t b_start, uint64_t b_end)
{
    return a_start < b_end && b_start < a_end;
}

/*
 * The lowest free multiple of 2 MiB, but not the first 2 MiB of the kernel's 1 GiB region: there
 * QEMU puts the device tree, and only for images that begin above it. A place that a small machine
 * may not have is not taken: the loader must run there to say that RAM is too small. It starts low
 * then, in the way of what it loads, and moves itself.
 */
static void place_loader(struct layout *l)
{
    uint64_t size = l->loader_memory + l->payload_size;
    uint64_t low = l->kernel_start / GIB * GIB + IMAGE_BLOCK;
    uint64_t at = low;
    uint64_t kernel_end = l->kernel_end + IMAGE_DTB_MAX;
    bool moved;

    if (kernel_end > l->user_start) {
        kernel_end = l->user_start;
    }
    do {
        moved = false;
        if (overlaps(at, at + size, l->kernel_start, kernel_end)) {
            at = round_up(kernel_end, IMAGE_BLOCK);
            moved = true;
        }
        if (overlaps(at, at + size, l->user_start, l->user_end)) {
            at = round_up(l->user_end, IMAGE_BLOCK);
            moved = true;
        }
    } while (moved);
    if (at + size - low > BUILDER_SMALL_RAM) {
        at = low;
    }
    l->loader_start = at;
}

void layout_make(struct layout *l, const struct input *kernel, const struct input *app,
                 const struct options *o)
{
    place_kernel(l, kernel, o);
    place_app(l, app, o);
}

void layout_data(struct layout *l)
{
    place_data(l);
    place_loader(l);
}

/* The end of the reserved range that [start, end) touches; 0 = none. */
static uint64_t touched_end(const struct image_memory *mem, uint64_t start, uint64_t end)
{
    for (unsigned i = 0; i < mem->reserved_count; i++) {
        const struct image_range *r = &mem->reserved[i];

        if (r->size != 0 && overlaps(start, end, r->base, r->base + r->size)) {
            return r->base + r->size;
        }
    }
    return 0;
}

/* The lowest place at or above the least one, in the order of the RAM ranges. */
uint64_t layout_other_offset(const struct layout *l, const struct image_memory *mem)
{
    uint64_t least = l->kernel_end + BUILDER_DTB_ROOM;
    uint64_t size = l->user_end - l->user_start;

    for (unsigned i = 0; i < mem->ram_count; i++) {
        const struct image_range *r = &mem->ram[i];
        uint64_t at = round_up(r->base > least ? r->base : least, IMAGE_PAGE);
        uint64_t next = touched_end(mem, at, at + size);

        while (next != 0 && next < r->base + r->size) {
            at = round_up(next, IMAGE_PAGE);
            next = touched_end(mem, at, at + size);
        }
        if (next == 0 && at < r->base + r->size && size <= r->base + r->size - at) {
            return at - l->kernel_end;
        }
    }
    return 0;
}
