/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* An image file of any format, opened with the loading machines' parser. */
#include <stdlib.h>
#include <string.h>

#include "builder.h"

#include "image_bytes.h"

static void find_loader(struct image_file *f)
{
    struct image_error err;
    struct elf elf;
    struct elf_segment s;

    f->format = "payload";
    f->slot = image_find_slot(f->in.data, f->in.size);
    if (f->slot == NULL) {
        return;
    }
    f->loader = f->slot - LOADER_SLOT_OFFSET;
    f->loader_size = f->payload > f->loader ? (uint64_t)(f->payload - f->loader) : 0;
    if (elf_open(f->in.data, f->in.size, &elf, &err) == IMAGE_OK) {
        elf_segment(&elf, 0, &s);
        f->format = "elf";
        f->loader_start = s.vaddr;
    } else if (f->loader != f->in.data) {
        f->format = "uimage";
    } else {
        f->format = get_u32(f->loader + 60) != 0 ? "efi" : "image";
    }
}

void image_file_open(struct image_file *f, const char *path)
{
    struct image_error err;

    memset(f, 0, sizeof *f);
    input_read(&f->in, path);
    if (image_find(f->in.data, f->in.size, &f->payload, &f->payload_size, &err) != IMAGE_OK ||
        image_parse(f->payload, f->payload_size, &f->image, &err) != IMAGE_OK) {
        fail_error(BUILDER_BAD_INPUT, path, &err);
    }
    find_loader(f);
}

void image_file_close(struct image_file *f)
{
    free(f->in.data);
}

const char *image_file_signature(const struct image_file *f)
{
    struct image_error err;

    if (!f->image.is_signed) {
        return "none";
    }
    return image_check_signature(&f->image, NULL, &err) == IMAGE_OK ? "good" : "bad";
}
