/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Decompression through the Zstandard library, in one call from memory to memory: it needs no
 * window of its own, and its context is a fixed block, so that nothing is allocated.
 */
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

#include "image.h"

/* ZSTD_estimateDCtxSize() of version 1.5.4 is 95 KiB; a larger one is refused below. */
#define WORKSPACE 0x20000u

static uint8_t workspace[WORKSPACE] __attribute__((section(".noinit"), aligned(16)));

bool image_unpack_zstd(uint8_t *to, uint64_t to_size, const uint8_t *from, uint64_t from_size)
{
    ZSTD_DCtx *context = ZSTD_initStaticDCtx(workspace, sizeof workspace);

    return context != NULL && ZSTD_decompressDCtx(context, to, to_size, from, from_size) == to_size;
}
