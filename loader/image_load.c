/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Placing and loading an accepted image. It keeps true: the same image gives the same bytes at the
 * same physical addresses on every machine, and the same report.
 */
#include "image.h"

#include "image_bytes.h"

uint64_t image_dtb_address(const struct image *img)
{
    return img->kernel_end;
}

/* The end of RAM that runs on without a gap from address `at`; `at` itself when it is no RAM. */
static uint64_t ram_end_from(uint64_t at, const struct image_memory *mem)
{
    bool grew = true;

    while (grew) {
        grew = false;
        for (unsigned i = 0; i < mem->ram_count; i++) {
            const struct image_range *r = &mem->ram[i];

            if (at >= r->base && at - r->base < r->size) {
                at = r->base + r->size;
                grew = true;
            }
        }
    }
    return at;
}

enum image_code image_check_range(const char *what, uint64_t start, uint64_t end,
                                  const struct image_memory *mem, struct image_error *err)
{
    uint64_t reach = ram_end_from(start, mem);

    if (reach < end) {
        enum image_code code = image_fail_numbers(err, IMAGE_NO_ROOM, "RAM too small", -1, what,
                                                  "RAM up to", end, reach);
        err->hint = reach == start ? "it does not start in RAM" : "RAM ends before it does";
        return code;
    }
    for (unsigned i = 0; i < mem->reserved_count; i++) {
        const struct image_range *r = &mem->reserved[i];

        if (r->size != 0 && start < r->base + r->size && r->base < end) {
            return image_fail_numbers(err, IMAGE_NO_ROOM, "reserved memory", -1, what,
                                      "outside the reserved range that starts at", r->base, start);
        }
    }
    return IMAGE_OK;
}

enum image_code image_check_place(const struct image *img, uint64_t dtb_size,
                                  const struct image_memory *mem, struct image_error *err)
{
    uint64_t dtb = image_dtb_address(img);
    enum image_code code;

    if (dtb_size > img->user_start - dtb) {
        code = image_fail_numbers(err, IMAGE_NO_ROOM, "device tree", -1,
                                  "size between kernel and root task", "at most",
                                  img->user_start - dtb, dtb_size);
        err->hint = "build the image with a larger --app-offset";
        return code;
    }
    code = image_check_range("kernel", img->kernel_start, img->kernel_end, mem, err);
    if (code == IMAGE_OK) {
        code = image_check_range("device tree", dtb, dtb + dtb_size, mem, err);
    }
    if (code == IMAGE_OK) {
        code = image_check_range("root task", img->user_start, img->user_end, mem, err);
    }
    return code;
}

static void report_kernel(const struct image *img, const struct image_machine *machine)
{
    struct image_text t;
    char buf[160];

    text_start(&t, buf, sizeof buf);
    text_str(&t, "kernel: ");
    if (img->has_note) {
        text_str(&t, img->note.name);
        text_char(&t, ' ');
        text_str(&t, img->note.version_text);
        text_str(&t, " (");
        text_str(&t, img->note.flavour);
        text_str(&t, "), entry ");
    } else {
        text_str(&t, "foreign, entry ");
    }
    text_hex(&t, img->kernel_entry);
    machine->line(machine->ctx, buf);
}

void image_report(const struct image *img, const struct image_machine *machine)
{
    struct image_text t;
    char buf[160];

    text_start(&t, buf, sizeof buf);
    text_str(&t, "payload: ");
    text_dec(&t, img->total_size);
    text_str(&t, " bytes, ");
    text_dec(&t, img->region_count);
    text_str(&t, " regions, format ");
    text_dec(&t, IMAGE_VERSION);
    text_str(&t, ", digests good");
    if (img->is_signed) {
        text_str(&t, ", signed by key ");
        for (unsigned i = 0; i < 4; i++) {
            text_char(&t, "0123456789abcdef"[img->base[IMAGE_OFF_KEY + i] >> 4]);
            text_char(&t, "0123456789abcdef"[img->base[IMAGE_OFF_KEY + i] & 15]);
        }
        text_str(&t, "...");
    } else {
        text_str(&t, ", not signed");
    }
    machine->line(machine->ctx, buf);
    report_kernel(img, machine);
    text_start(&t, buf, sizeof buf);
    text_str(&t, "root task: entry ");
    text_hex(&t, img->user_entry);
    text_str(&t, ", physical ");
    text_span(&t, img->user_start, img->user_end);
    machine->line(machine->ctx, buf);
}

/* "  kernel 0x40000000 <- 4096 bytes" and, for zeroed memory, " zeroed (BSS)" */
static void report_bytes(const struct image_machine *machine, uint32_t kind, uint64_t paddr,
                         uint64_t size, const char *suffix)
{
    struct image_text t;
    char buf[96];

    if (size == 0) {
        return;
    }
    text_start(&t, buf, sizeof buf);
    text_str(&t, kind == IMAGE_KERNEL ? "  kernel    " : "  root task ");
    text_hex(&t, paddr);
    text_str(&t, " <- ");
    text_dec(&t, size);
    text_str(&t, suffix);
    machine->line(machine->ctx, buf);
}

static void zero_to(const struct image_machine *machine, uint64_t from, uint64_t to)
{
    if (to > from) {
        machine->zero(machine->ctx, from, to - from);
    }
}

/* Decompresses region i where it belongs, or copies it there. */
static enum image_code load_bytes(const struct image *img, const struct image_machine *machine,
                                  unsigned i, struct image_error *err)
{
    const struct image_region *r = &img->regions[i];

    if (r->compression != IMAGE_STORED) {
        return image_unpack(img, i, machine->window(machine->ctx, r->paddr, r->filesz), err);
    }
    if (r->filesz != 0) {
        machine->copy(machine->ctx, r->paddr, r->data, r->filesz);
    }
    return IMAGE_OK;
}

static enum image_code load_kind(const struct image *img, const struct image_machine *machine,
                                 uint32_t kind, uint64_t start, uint64_t end,
                                 struct image_error *err)
{
    uint64_t at = start; /* everything below is written */

    for (unsigned i = 0; i < img->region_count; i++) {
        const struct image_region *r = &img->regions[i];
        enum image_code code;

        if (r->kind != kind) {
            continue;
        }
        zero_to(machine, at, r->paddr);
        code = load_bytes(img, machine, i, err);
        if (code != IMAGE_OK) {
            return code;
        }
        zero_to(machine, r->paddr + r->filesz, r->paddr + r->memsz);
        report_bytes(machine, kind, r->paddr, r->filesz, " bytes");
        report_bytes(machine, kind, r->paddr + r->filesz, r->memsz - r->filesz,
                     " bytes zeroed (BSS)");
        at = r->paddr + r->memsz;
    }
    zero_to(machine, at, end);
    return IMAGE_OK;
}

enum image_code image_load(const struct image *img, const struct image_machine *machine,
                           struct image_error *err)
{
    enum image_code code =
        load_kind(img, machine, IMAGE_KERNEL, img->kernel_start, img->kernel_end, err);

    if (code == IMAGE_OK) {
        code = load_kind(img, machine, IMAGE_USER, img->user_start, img->user_end, err);
    }
    if (code == IMAGE_OK) {
        machine->line(machine->ctx, "images loaded");
    }
    return code;
}
