/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Puts an image's digests right, so that changed cases reach the checks behind them. */
#ifndef FUZZ_SEAL_H
#define FUZZ_SEAL_H

#include <stdint.h>

/* The image at h: the regions' digests where their bytes are in the case, then the header's. */
void seal_image(uint8_t *h, uint64_t size);

/* The image in a file of any format, if there is one. */
void seal_file(uint8_t *file, uint64_t size);

#endif
