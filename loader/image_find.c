/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Finds the payload in a file on the host: through the slot in the loader of a bootable ELF. */
#include "elf.h"
#include "image_bytes.h"

static bool is_image(const uint8_t *file, uint64_t size)
{
    return size >= 8 && bytes_equal(file, IMAGE_MAGIC, 8);
}

enum image_code image_find(const void *file, uint64_t size, const uint8_t **payload,
                           uint64_t *payload_size, struct image_error *err)
{
    const uint8_t *f = file;
    struct elf elf;
    struct elf_segment loader;
    const uint8_t *slot;
    uint64_t offset;
    enum image_code code;

    if (is_image(f, size)) {
        *payload = f;
        *payload_size = size;
        return IMAGE_OK;
    }
    code = elf_open(f, size, &elf, err);
    if (code != IMAGE_OK) {
        return code;
    }
    elf_segment(&elf, 0, &loader);
    if (!elf_file_offset(&elf, loader.vaddr + LOADER_SLOT_OFFSET, LOADER_SLOT_SIZE, &offset) ||
        !bytes_equal(f + offset, LOADER_SLOT_MAGIC, 16)) {
        return image_fail(err, IMAGE_BAD_MAGIC, "bootable image", -1, "loader",
                          "the KaaL loader in the first segment");
    }
    slot = f + offset;
    if (get_u32(slot + LOADER_SLOT_OFF_VERSION) != LOADER_SLOT_VERSION) {
        return image_fail_numbers(err, IMAGE_BAD_VERSION, "loader slot", -1, "version", NULL,
                                  LOADER_SLOT_VERSION, get_u32(slot + LOADER_SLOT_OFF_VERSION));
    }
    offset = get_u64(slot + LOADER_SLOT_OFF_PAYLOAD_OFFSET);
    *payload_size = get_u64(slot + LOADER_SLOT_OFF_PAYLOAD_SIZE);
    if (offset == 0) {
        return image_fail(err, IMAGE_NO_PAYLOAD, "Payload not initialized", -1, "payload",
                          "one attached by kaal-builder");
    }
    if (!elf_file_offset(&elf, loader.vaddr + offset, *payload_size, &offset)) {
        return image_fail_numbers(err, IMAGE_TRUNCATED, "loader slot", -1, "payload",
                                  "in one segment with the size", *payload_size, offset);
    }
    *payload = f + offset;
    return IMAGE_OK;
}
