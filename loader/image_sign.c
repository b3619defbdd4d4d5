/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Ed25519 (RFC 8032) over the header, which holds the digests of all data. The library's constant
 * time is not needed here, its strictness is: small-order keys and malleable signatures are
 * refused.
 */
#include <sodium/crypto_sign_ed25519.h>

#include "image.h"
#include "image_bytes.h"

#define WHERE "image signature"

enum image_code image_check_signature(const struct image *img, const uint8_t *key,
                                      struct image_error *err)
{
    const uint8_t *own = img->base + IMAGE_OFF_KEY;

    if (!img->is_signed) {
        return key == NULL ? IMAGE_OK
                           : image_fail(err, IMAGE_BAD_SIGNATURE, WHERE, -1, "signature",
                                        "one by the loader's key, found an unsigned image");
    }
    if (key != NULL && !bytes_equal(key, own, IMAGE_KEY_SIZE)) {
        return image_fail_numbers(err, IMAGE_BAD_SIGNATURE, WHERE, -1, "key (first 8 bytes)",
                                  "the loader's,", get_u64(key), get_u64(own));
    }
    if (crypto_sign_ed25519_verify_detached(img->base + IMAGE_OFF_SIGNATURE, img->base,
                                            IMAGE_OFF_SIGNATURE, own) != 0) {
        return image_fail(err, IMAGE_BAD_SIGNATURE, WHERE, -1, "signature",
                          "one that the header and its key give, found another");
    }
    return IMAGE_OK;
}
