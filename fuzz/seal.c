/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Digests of images, put right; docs/image-format.md says what they are of. */
#include "seal.h"

#include "image.h"
#include "image_bytes.h"
#include "sha256.h"

void seal_image(uint8_t *h, uint64_t size)
{
    for (unsigned i = 0; i < IMAGE_MAX_REGIONS; i++) {
        uint8_t *e = h + IMAGE_OFF_REGIONS + i * IMAGE_REGION_SIZE;
        uint64_t offset = get_u64(e + IMAGE_REG_OFFSET);
        uint64_t stored = get_u64(e + IMAGE_REG_STORED);

        if (stored > 0 && offset >= IMAGE_HEADER_SIZE && range_within(offset, stored, size)) {
            sha256(h + offset, stored, e + IMAGE_REG_DIGEST);
        }
    }
    sha256(h, IMAGE_OFF_DIGEST, h + IMAGE_OFF_DIGEST);
}

void seal_file(uint8_t *file, uint64_t size)
{
    struct image_error err;
    const uint8_t *payload;
    uint64_t payload_size;

    if (image_find(file, size, &payload, &payload_size, &err) == IMAGE_OK &&
        payload_size >= IMAGE_HEADER_SIZE) {
        seal_image(file + (payload - file), payload_size);
    }
}
