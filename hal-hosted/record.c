/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Writing recordings (record.h). Without an open file every function does nothing.
 */
#include "record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build_id.h"
#include "internal.h"
#include "mmu_model.h"
#include "output.h"

enum {
    PAGE = 4096,
    WORD = 8,
    RUN_BYTES = 48, /* of changed memory in one step */
    EL0_WRITE = 1,  /* AP[2:1] of a descriptor that EL0 may write through (Arm ARM D5.4) */
};

/* Copies of the pages that EL0 may write, as they were when it began. */
struct page {
    uint64_t pa;
    uint8_t bytes[PAGE];
};

static struct {
    FILE *file;
    const char *name;
    struct page *page;
    size_t pages, room;
    struct context context;
    struct machine_model model;
    uint64_t entries;
} record;

/* ---- steps ---- */

struct step {
    uint8_t bytes[2 + RECORD_PAYLOAD];
    unsigned used;
};

static struct step step_new(enum record_op op)
{
    return (struct step){.bytes = {(uint8_t)op}, .used = 2};
}

static void add_number(struct step *step, unsigned bytes, uint64_t value)
{
    for (unsigned i = 0; i < bytes; i++)
        step->bytes[step->used++] = (uint8_t)(value >> 8 * i);
}

static void add_bytes(struct step *step, const void *from, size_t bytes)
{
    memcpy(step->bytes + step->used, from, bytes);
    step->used += (unsigned)bytes;
}

static void write_step(struct step *step)
{
    step->bytes[1] = (uint8_t)(step->used - 2);
    fwrite(step->bytes, 1, step->used, record.file);
}

/* Words [from, to) of memory at `pa`. */
static void write_ram(uint64_t pa, const uint8_t *now, size_t from, size_t to)
{
    for (size_t at = from; at < to; at += RUN_BYTES) {
        struct step step = step_new(RECORD_RAM);
        add_number(&step, 8, pa + at);
        add_bytes(&step, now + at, to - at < RUN_BYTES ? to - at : RUN_BYTES);
        write_step(&step);
    }
}

/* The words in which `now` differs from `then` (NULL = zero). */
static void write_differences(uint64_t pa, const uint8_t *now, const uint8_t *then, size_t bytes)
{
    static const uint8_t zero[WORD];
    size_t from = 0;
    bool open = false;
    for (size_t at = 0; at < bytes; at += WORD) {
        bool differs = memcmp(now + at, then ? then + at : zero, WORD) != 0;
        if (differs && !open)
            from = at;
        else if (!differs && open)
            write_ram(pa, now, from, at);
        open = differs;
    }
    if (open)
        write_ram(pa, now, from, bytes);
}

static void write_struct(enum record_op op, const void *now, const void *then, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += RUN_BYTES) {
        size_t some = bytes - at < RUN_BYTES ? bytes - at : RUN_BYTES;
        if (then && memcmp((const uint8_t *)now + at, (const uint8_t *)then + at, some) == 0)
            continue;
        struct step step = step_new(op);
        add_number(&step, 4, at);
        add_bytes(&step, (const uint8_t *)now + at, some);
        write_step(&step);
    }
}

/* ---- the beginning ---- */

static void write_head(void)
{
    static const uint8_t build_id[32] = KAAL_BUILD_ID;
    struct step step = step_new(RECORD_HEAD);
    add_bytes(&step, RECORD_MAGIC, RECORD_MAGIC_BYTES);
    add_bytes(&step, build_id, sizeof build_id);
    add_bytes(&step, machine.platform.flavour, 4);
    add_number(&step, 4, sizeof machine.platform);
    add_number(&step, 4, sizeof machine.model);
    write_step(&step);
    struct platform platform = machine.platform;
    platform.flavour = NULL; /* an address of this process; HEAD names it */
    write_struct(RECORD_PLATFORM, &platform, NULL, sizeof platform);
}

static void write_memory(void)
{
    static const uint8_t zero[PAGE];
    for (uint32_t i = 0; i < machine.platform.ram_count; i++) {
        const struct range *r = &machine.platform.ram[i];
        for (uint64_t pa = r->start; pa < r->end; pa += PAGE) {
            if (arena_page_untouched(pa))
                continue;
            const uint8_t *page = hal_window(paddr(pa));
            if (memcmp(page, zero, PAGE) != 0)
                write_differences(pa, page, NULL, PAGE);
        }
    }
}

bool record_open(const char *name)
{
    static const uint8_t start = RECORD_START;
    record.file = fopen(name, "wb");
    record.name = name;
    if (!record.file) {
        fflush(stdout);
        fprintf(stderr, "kaal-hosted: %s: %s\n", name, strerror(errno));
        return false;
    }
    fwrite(&start, 1, 1, record.file);
    write_head();
    write_memory();
    write_struct(RECORD_MODEL, &machine.model, NULL, sizeof machine.model);
    struct step boot = step_new(RECORD_BOOT);
    add_number(&boot, 8, machine.state);
    write_step(&boot);
    return true;
}

/* ---- around EL0 ---- */

static void keep_page(uint64_t pa)
{
    if (record.pages == record.room) {
        size_t room = record.room ? 2 * record.room : 64;
        struct page *larger = realloc(record.page, room * sizeof *larger);
        if (!larger) {
            fprintf(stderr, "kaal-hosted: --record: expected memory for %zu pages, found none\n",
                    room);
            exit(STATUS_MEMORY);
        }
        record.page = larger;
        record.room = room;
    }
    struct page *page = &record.page[record.pages++];
    page->pa = pa;
    memcpy(page->bytes, hal_window(paddr(pa)), PAGE);
}

static void keep_writable(uint64_t table, unsigned level)
{
    for (unsigned i = 0; i < PAGE / WORD; i++) {
        uint64_t descriptor = arena_read64(table + i * WORD);
        if (!mmu_is_valid(descriptor, level))
            continue;
        uint64_t pa = mmu_address(descriptor, level);
        if (mmu_is_table(descriptor, level)) {
            keep_writable(pa, level + 1);
            continue;
        }
        if ((descriptor >> 6 & 3) != EL0_WRITE)
            continue;
        for (uint64_t at = 0; at < mmu_span(level); at += PAGE)
            if (arena_has(pa + at, PAGE))
                keep_page(pa + at);
    }
}

static void read_fp(void)
{
    if (machine.engine != NULL)
        machine.engine->fp_read(&machine.model.fp);
}

void record_user_begins(const struct context *context)
{
    if (!record.file)
        return;
    record.pages = 0;
    read_fp();
    record.model = machine.model;
    if (!context)
        return;
    record.context = *context;
    if (machine.model.root != 0)
        keep_writable(machine.model.root, 0);
}

void record_entry(const struct context *context, const struct trap *trap)
{
    if (!record.file)
        return;
    read_fp();
    write_struct(RECORD_MODEL, &machine.model, &record.model, sizeof machine.model);
    if (context)
        write_differences(hal_window_paddr(context).raw, (const uint8_t *)context,
                          (const uint8_t *)&record.context, sizeof *context);
    for (size_t i = 0; i < record.pages; i++) {
        const uint8_t *now = hal_window(paddr(record.page[i].pa));
        if (memcmp(now, record.page[i].bytes, PAGE) != 0)
            write_differences(record.page[i].pa, now, record.page[i].bytes, PAGE);
    }
    struct step step = step_new(RECORD_TRAP);
    add_number(&step, 1, trap->kind);
    add_number(&step, 4, trap->esr);
    add_number(&step, 8, trap->far);
    write_step(&step);
    record.entries++;
}

static void write_hash(void)
{
    struct step step = step_new(RECORD_HASH);
    struct machine_hash hash = machine_hash();
    add_number(&step, 8, record.entries);
    add_number(&step, 8, hash.w[0]);
    add_number(&step, 8, hash.w[1]);
    write_step(&step);
}

void record_left(void)
{
    if (record.file && record.entries % RECORD_HASH_EVERY == 0)
        write_hash();
}

bool record_close(int end)
{
    if (!record.file)
        return true;
    struct step step = step_new(RECORD_END);
    if (end != MACHINE_RAN_ON)
        write_hash();
    add_number(&step, 4, (uint32_t)end);
    write_step(&step);
    bool good = output_close(record.file, record.name, "recording");
    record.file = NULL;
    free(record.page);
    return good;
}
