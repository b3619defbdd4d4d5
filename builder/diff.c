/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* `diff`: what changed between two images, field by field and region by region. */
#include <string.h>

#include "builder.h"

#include "image_bytes.h"

static unsigned differences;

static void differ_text(const char *what, const char *a, const char *b)
{
    if (strcmp(a, b) != 0) {
        printf("%s: %s -> %s\n", what, a, b);
        differences++;
    }
}

static void differ(const char *what, uint64_t a, uint64_t b)
{
    if (a != b) {
        printf("%s: 0x%llx -> 0x%llx\n", what, (ull)a, (ull)b);
        differences++;
    }
}

static void differ_bytes(const char *what, const uint8_t *a, const uint8_t *b, unsigned size)
{
    if (memcmp(a, b, size) != 0) {
        printf("%s: changed\n", what);
        differences++;
    }
}

static void diff_region(unsigned i, const struct image_region *a, const struct image_region *b)
{
    static const char *const names[] = {"kind",      "flags",       "physical", "virtual",
                                        "file size", "memory size", "stored",   "compression"};
    const uint64_t x[] = {a->kind,   a->flags, a->paddr,  a->vaddr,
                          a->filesz, a->memsz, a->stored, a->compression};
    const uint64_t y[] = {b->kind,   b->flags, b->paddr,  b->vaddr,
                          b->filesz, b->memsz, b->stored, b->compression};
    char what[64];

    for (unsigned k = 0; k < sizeof x / sizeof x[0]; k++) {
        snprintf(what, sizeof what, "region %u %s", i, names[k]);
        differ(what, x[k], y[k]);
    }
    snprintf(what, sizeof what, "region %u bytes", i);
    differ_bytes(what, a->digest, b->digest, IMAGE_DIGEST_SIZE);
}

static void diff_regions(const struct image *a, const struct image *b)
{
    unsigned common = a->region_count < b->region_count ? a->region_count : b->region_count;

    differ("number of regions", a->region_count, b->region_count);
    for (unsigned i = 0; i < common; i++) {
        diff_region(i, &a->regions[i], &b->regions[i]);
    }
}

static void diff_kernel(const struct image *a, const struct image *b)
{
    differ("kernel entry", a->kernel_entry, b->kernel_entry);
    differ("kernel start", a->kernel_start, b->kernel_start);
    differ("kernel end", a->kernel_end, b->kernel_end);
    differ("kernel has a note", a->has_note, b->has_note);
    if (a->has_note && b->has_note) {
        differ_text("kernel name", a->note.name, b->note.name);
        differ_text("kernel version", a->note.version_text, b->note.version_text);
        differ_text("kernel flavour", a->note.flavour, b->note.flavour);
        differ_bytes("kernel build id", a->note.build_id, b->note.build_id, 32);
    }
    differ("root task entry", a->user_entry, b->user_entry);
    differ("root task start", a->user_start, b->user_start);
    differ("root task end", a->user_end, b->user_end);
    differ_text("boot arguments", a->bootargs, b->bootargs);
}

/* The loader's bytes, apart from the headers and slot that the builder fills in. */
static void diff_loader(const struct image_file *a, const struct image_file *b)
{
    uint64_t size = a->loader_size < b->loader_size ? a->loader_size : b->loader_size;

    differ_text("format", a->format, b->format);
    if (a->slot == NULL || b->slot == NULL) {
        return;
    }
    differ("loader address", a->loader_start, b->loader_start);
    differ("loader level", get_u32(a->slot + LOADER_SLOT_OFF_LEVEL),
           get_u32(b->slot + LOADER_SLOT_OFF_LEVEL));
    differ_bytes("loader key", a->slot + LOADER_SLOT_OFF_HAS_KEY, b->slot + LOADER_SLOT_OFF_HAS_KEY,
                 8 + IMAGE_KEY_SIZE);
    differ("loader memory", get_u64(a->slot + LOADER_SLOT_OFF_MEMORY_SIZE),
           get_u64(b->slot + LOADER_SLOT_OFF_MEMORY_SIZE));
    if (size > LOADER_FLAT_HEADERS &&
        memcmp(a->loader + LOADER_FLAT_HEADERS, b->loader + LOADER_FLAT_HEADERS,
               size - LOADER_FLAT_HEADERS) != 0) {
        puts("loader code: changed");
        differences++;
    }
}

int diff_command(int argc, char **argv)
{
    struct image_file a;
    struct image_file b;

    if (argc != 3) {
        fail(BUILDER_USAGE, "diff: expected two images, found %d words", argc - 1);
    }
    differences = 0;
    image_file_open(&a, argv[1]);
    image_file_open(&b, argv[2]);
    diff_loader(&a, &b);
    diff_kernel(&a.image, &b.image);
    diff_regions(&a.image, &b.image);
    differ("embedded device tree, size", a.image.dtb_size, b.image.dtb_size);
    differ_bytes("embedded device tree", a.image.base + IMAGE_OFF_DTB_DIGEST,
                 b.image.base + IMAGE_OFF_DTB_DIGEST, IMAGE_DIGEST_SIZE);
    differ("signed", a.image.is_signed, b.image.is_signed);
    differ_bytes("signing key", a.image.base + IMAGE_OFF_KEY, b.image.base + IMAGE_OFF_KEY,
                 IMAGE_KEY_SIZE);
    image_file_close(&a);
    image_file_close(&b);
    return differences == 0 ? BUILDER_OK : BUILDER_DIFFERENT;
}
