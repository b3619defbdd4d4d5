/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Extra bootinfo begins one page behind the bootinfo frame and is a list of chunks.
 */
#include "kaal/bootinfo.h"

enum {
    BOOTINFO_FRAME_BYTES = 4096
};

const void *kaal_bootinfo_chunk(const struct bootinfo *bootinfo, uint64_t id, size_t *bytes)
{
    const char *extra = (const char *)bootinfo + BOOTINFO_FRAME_BYTES;
    uint64_t left = bootinfo->extra_len;
    while (left >= sizeof(struct bootinfo_chunk)) {
        const struct bootinfo_chunk *chunk = (const struct bootinfo_chunk *)extra;
        if (chunk->len < sizeof(*chunk) || chunk->len > left) {
            return NULL;
        }
        if (chunk->id == id) {
            *bytes = chunk->len - sizeof(*chunk);
            return chunk + 1;
        }
        extra += chunk->len;
        left -= chunk->len;
    }
    return NULL;
}
