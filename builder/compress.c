/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Compression of each part, kept only when it is smaller. The libraries' results depend on their
 * version and on nothing else, so that the same inputs give the same image.
 */
#include <lz4hc.h>
#include <stdlib.h>
#include <zstd.h>

#include "builder.h"

/* Strong, because an image is written once and read often; window of zstd level 19 is 8 MiB. */
#define ZSTD_LEVEL 19

/* Bytes that compressing may need at most, 0 = too large for this form. */
static uint64_t room_for(enum image_compression compression, uint64_t size)
{
    if (compression == IMAGE_ZSTD) {
        return ZSTD_compressBound(size);
    }
    return size > LZ4_MAX_INPUT_SIZE ? 0 : (uint64_t)LZ4_compressBound((int)size);
}

/* The compressed size, 0 when it failed. */
static uint64_t compress(enum image_compression compression, const struct part *p, uint8_t *to,
                         uint64_t room)
{
    size_t size;

    if (compression == IMAGE_LZ4) {
        int made = LZ4_compress_HC((const char *)p->data, (char *)to, (int)p->filesz, (int)room,
                                   LZ4HC_CLEVEL_MAX);
        return made > 0 ? (uint64_t)made : 0;
    }
    size = ZSTD_compress(to, room, p->data, p->filesz, ZSTD_LEVEL);
    return ZSTD_isError(size) ? 0 : size;
}

static void store(struct part *p, enum image_compression compression)
{
    uint64_t room = room_for(compression, p->filesz);
    uint8_t *to;
    uint64_t size;

    if (room == 0 || p->filesz == 0 || p->filesz > IMAGE_UNPACKED_MAX) {
        return;
    }
    to = malloc(room);
    if (to == NULL) {
        fail(BUILDER_IO, "compression: no memory for %llu bytes", (unsigned long long)room);
    }
    size = compress(compression, p, to, room);
    if (size == 0 || size >= p->filesz) {
        free(to);
        return;
    }
    p->compression = compression;
    p->stored = size;
    p->bytes = to;
    p->own = to;
}

void compress_parts(struct layout *l, enum image_compression compression)
{
    for (unsigned i = 0; i < l->part_count; i++) {
        struct part *p = &l->parts[i];

        p->compression = IMAGE_STORED;
        p->stored = p->filesz;
        p->bytes = p->data;
        p->own = NULL;
        if (compression != IMAGE_STORED) {
            store(p, compression);
        }
    }
}

void compress_free(struct layout *l)
{
    for (unsigned i = 0; i < l->part_count; i++) {
        free(l->parts[i].own);
    }
}
