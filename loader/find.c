/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Where the loader finds things: its payload by the slot; the device tree by the register of the
 * entry, in the payload, or where some machine is known to leave one. An address that does not
 * answer is passed over.
 */
#include "image_bytes.h"
#include "machine.h"

/* The machine's memory that a firmware's device tree may take. */
#define FIRMWARE_DTB_MAX 0x200000u
#define MAGIC_IN_MEMORY  0xedfe0dd0u /* big endian 0xd00dfeed */

/* Most memory that loader and payload may take. */
#define OWN_MAX (UINT64_C(4) << 30)

static const char no_dtb[] =
    "KaaL loader: no device tree: expected one in x0, in the image, or at 0x40000000, found none "
    "(QEMU gives none to an ELF linked below 0x40100000; kaal-builder --dtb puts one in the image)";

static uint64_t address_of(const void *p)
{
    return (uint64_t)(uintptr_t)p;
}

uint64_t loader_own_end(void)
{
    uint64_t offset = get_u64(loader_slot + LOADER_SLOT_OFF_PAYLOAD_OFFSET);
    uint64_t size = get_u64(loader_slot + LOADER_SLOT_OFF_PAYLOAD_SIZE);

    if (offset > OWN_MAX || size > OWN_MAX) {
        loader_fail("KaaL loader: loader slot: payload: expected at most 4 GiB, found more",
                    LOADER_EXIT_BAD_PAYLOAD);
    }
    return offset == 0 ? address_of(loader_end) : address_of(loader_start) + offset + size;
}

const uint8_t *loader_payload(uint64_t *size)
{
    uint64_t offset = get_u64(loader_slot + LOADER_SLOT_OFF_PAYLOAD_OFFSET);

    *size = get_u64(loader_slot + LOADER_SLOT_OFF_PAYLOAD_SIZE);
    return offset == 0 ? NULL : loader_start + offset;
}

/* Is there a tree at this physical address? It is mapped then. */
static bool is_dtb_at(uint64_t address, struct space *s)
{
    if (address == 0 || address % 8 != 0 || address >= IMAGE_PADDR_END - FIRMWARE_DTB_MAX) {
        return false;
    }
    space_identity(s, address, address + 40, false);
    space_changed();
    if (probe_read32(address) != MAGIC_IN_MEMORY) {
        return false;
    }
    space_identity(s, address, address + FIRMWARE_DTB_MAX, false);
    space_changed();
    return true;
}

enum image_code payload_parse(struct image *img, struct image_error *err)
{
    static bool parsed;
    static enum image_code code = IMAGE_NO_PAYLOAD;
    static struct image_error first;
    uint64_t size;
    const uint8_t *payload = loader_payload(&size);

    if (!parsed && payload != NULL) {
        code = image_parse(payload, size, img, &first);
    }
    parsed = true;
    *err = first;
    return code;
}

/* Where no tree says what RAM there is, the last word of what was loaded must answer. */
static void check_own_end(void)
{
    uint64_t last = (loader_own_end() - 4) & ~UINT64_C(3);
    struct image_error err;

    if (probe_read32(last) == UINT64_MAX) {
        image_fail_numbers(&err, IMAGE_NO_ROOM, "RAM too small", -1, "loader and payload",
                           "memory at", last, 0);
        err.has_found = false;
        loader_fail_error(&err);
    }
}

/* The tree in the payload, if header, signature and digest are good; what is bad is said later. */
static bool has_embedded(struct image *img)
{
    struct image_error err;

    check_own_end();
    return payload_parse(img, &err) == IMAGE_OK && img->dtb != NULL &&
           image_check_signature(img, image_slot_key(loader_slot), &err) == IMAGE_OK &&
           image_check_dtb_digest(img, &err) == IMAGE_OK;
}

const void *dtb_find(uint64_t from_register, struct space *s, struct image *img, uint64_t *max)
{
    static const uint64_t fixed[] = {0x40000000}; /* QEMU virt: start of RAM */

    *max = FIRMWARE_DTB_MAX;
    if (is_dtb_at(from_register, s)) {
        return (const void *)(uintptr_t)from_register;
    }
    if (has_embedded(img)) {
        *max = img->dtb_size;
        return img->dtb;
    }
    for (unsigned i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
        if (is_dtb_at(fixed[i], s)) {
            return (const void *)(uintptr_t)fixed[i];
        }
    }
    loader_fail(no_dtb, LOADER_EXIT_BAD_DTB);
}
