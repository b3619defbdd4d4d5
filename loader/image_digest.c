/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The digests over an accepted image's data (FIPS 180-4), and the key in a loader's slot. */
#include "image.h"

#include "image_bytes.h"
#include "sha256.h"

static enum image_code check_digest(const uint8_t *data, uint64_t size, const uint8_t *expected,
                                    const char *where, int index, struct image_error *err)
{
    uint8_t digest[SHA256_SIZE];

    sha256(data, size, digest);
    if (!bytes_equal(digest, expected, SHA256_SIZE)) {
        return image_fail_numbers(err, IMAGE_BAD_DIGEST, where, index, "SHA-256 (first 8 bytes)",
                                  NULL, get_u64(expected), get_u64(digest));
    }
    return IMAGE_OK;
}

enum image_code image_check_dtb_digest(const struct image *img, struct image_error *err)
{
    if (img->dtb == NULL) {
        return IMAGE_OK;
    }
    return check_digest(img->dtb, img->dtb_size, img->base + IMAGE_OFF_DTB_DIGEST,
                        "embedded device tree", -1, err);
}

enum image_code image_check_digests(const struct image *img, struct image_error *err)
{
    enum image_code code = IMAGE_OK;

    for (unsigned i = 0; i < img->region_count && code == IMAGE_OK; i++) {
        const struct image_region *r = &img->regions[i];

        code = check_digest(r->data, r->stored, r->digest, "image region", (int)i, err);
    }
    return code == IMAGE_OK ? image_check_dtb_digest(img, err) : code;
}

const uint8_t *image_slot_key(const uint8_t *slot)
{
    return get_u32(slot + LOADER_SLOT_OFF_HAS_KEY) == 0 ? NULL : slot + LOADER_SLOT_OFF_KEY;
}
