/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Finds the payload in a file on the host: through the slot in the loader of a bootable ELF. */
#include "elf.h"
#include "image_bytes.h"

static const uint8_t slot_magic[16] = LOADER_SLOT_MAGIC;

static bool is_image(const uint8_t *file, uint64_t size)
{
    static const uint8_t magic[8] = IMAGE_MAGIC;

    return size >= sizeof magic && bytes_equal(file, magic, sizeof magic);
}

/* The loader's slot, by its magic, in the first segment of an ELF; NULL when it has none. */
static const uint8_t *find_slot(const struct elf *elf, struct elf_segment *loader)
{
    uint64_t offset;

    elf_segment(elf, 0, loader);
    if (!elf_file_offset(elf, loader->vaddr + LOADER_SLOT_OFFSET, LOADER_SLOT_SIZE, &offset) ||
        !bytes_equal(elf->data + offset, slot_magic, sizeof slot_magic)) {
        return NULL;
    }
    return elf->data + offset;
}

/* Where the loader begins in a flat file: behind U-Boot's header, or at the start. */
static bool find_flat(const uint8_t *file, uint64_t size, uint64_t *start)
{
    static const uint8_t uboot[4] = {0x27, 0x05, 0x19, 0x56};

    *start = size >= IMAGE_UBOOT_HEADER && bytes_equal(file, uboot, 4) ? IMAGE_UBOOT_HEADER : 0;
    return range_within(*start + LOADER_SLOT_OFFSET, LOADER_SLOT_SIZE, size) &&
           bytes_equal(file + *start + LOADER_SLOT_OFFSET, slot_magic, sizeof slot_magic);
}

const uint8_t *image_find_slot(const uint8_t *file, uint64_t size)
{
    struct elf_segment loader;
    struct image_error err;
    struct elf elf;
    uint64_t start;

    if (find_flat(file, size, &start)) {
        return file + start + LOADER_SLOT_OFFSET;
    }
    return elf_open(file, size, &elf, &err) == IMAGE_OK ? find_slot(&elf, &loader) : NULL;
}

/* What the slot says, and the version of it that says so. */
static enum image_code read_slot(const uint8_t *slot, uint64_t *offset, uint64_t *payload_size,
                                 struct image_error *err)
{
    if (get_u32(slot + LOADER_SLOT_OFF_VERSION) != LOADER_SLOT_VERSION) {
        return image_fail_numbers(err, IMAGE_BAD_VERSION, "loader slot", -1, "version", NULL,
                                  LOADER_SLOT_VERSION, get_u32(slot + LOADER_SLOT_OFF_VERSION));
    }
    *offset = get_u64(slot + LOADER_SLOT_OFF_PAYLOAD_OFFSET);
    *payload_size = get_u64(slot + LOADER_SLOT_OFF_PAYLOAD_SIZE);
    if (*offset == 0) {
        return image_fail(err, IMAGE_NO_PAYLOAD, "Payload not initialized", -1, "payload",
                          "one attached by kaal-builder");
    }
    return IMAGE_OK;
}

static enum image_code find_in_flat(const uint8_t *f, uint64_t size, uint64_t start,
                                    const uint8_t **payload, uint64_t *payload_size,
                                    struct image_error *err)
{
    uint64_t offset;
    enum image_code code = read_slot(f + start + LOADER_SLOT_OFFSET, &offset, payload_size, err);

    if (code != IMAGE_OK) {
        return code;
    }
    if (!range_within(offset, *payload_size, size - start)) {
        return image_fail_numbers(err, IMAGE_TRUNCATED, "loader slot", -1, "payload",
                                  "with its size inside the file of", size - start, offset);
    }
    *payload = f + start + offset;
    return IMAGE_OK;
}

enum image_code image_find(const uint8_t *f, uint64_t size, const uint8_t **payload,
                           uint64_t *payload_size, struct image_error *err)
{
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
    if (find_flat(f, size, &offset)) {
        return find_in_flat(f, size, offset, payload, payload_size, err);
    }
    code = elf_open(f, size, &elf, err);
    if (code == IMAGE_OK) {
        code = elf_check_loads(&elf, false, err);
    }
    if (code != IMAGE_OK) {
        return code;
    }
    slot = find_slot(&elf, &loader);
    if (slot == NULL) {
        return image_fail(err, IMAGE_BAD_MAGIC, "bootable image", -1, "loader",
                          "the KaaL loader in the first segment");
    }
    code = read_slot(slot, &offset, payload_size, err);
    if (code != IMAGE_OK) {
        return code;
    }
    if (!elf_file_offset(&elf, loader.vaddr + offset, *payload_size, &offset)) {
        return image_fail_numbers(err, IMAGE_TRUNCATED, "loader slot", -1, "payload",
                                  "in one segment with the size", *payload_size, offset);
    }
    *payload = f + offset;
    return IMAGE_OK;
}
