/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A region's stored bytes back to what they were; the digest was over the stored ones. */
#include "image.h"

const char *image_compression_name(uint32_t compression)
{
    static const char names[3][5] = {"none", "lz4", "zstd"};

    return compression <= IMAGE_ZSTD ? names[compression] : "unknown";
}

enum image_code image_unpack(const struct image *img, unsigned i, uint8_t *to,
                             struct image_error *err)
{
    const struct image_region *r = &img->regions[i];
    bool good = r->compression == IMAGE_LZ4 ? image_unpack_lz4(to, r->filesz, r->data, r->stored)
                                            : image_unpack_zstd(to, r->filesz, r->data, r->stored);

    if (!good) {
        return image_fail_numbers(err, IMAGE_BAD_DATA, "image region", (int)i, "compressed data",
                                  "to become bytes of the number", r->filesz, r->stored);
    }
    return IMAGE_OK;
}
