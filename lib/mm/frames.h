/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Which of a chunk's 512 page frames are free, which have been used before, and how often each is
 * in use. This file keeps books only.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum {
    CHUNK_FRAMES = 512,
    CHUNK_WORDS = CHUNK_FRAMES / 64,
    FRAMES_FULL = CHUNK_FRAMES, /* no free frame */
};

struct frames {
    uint64_t free[CHUNK_WORDS];  /* bit set: free */
    uint64_t dirty[CHUNK_WORDS]; /* bit set: holds what an earlier owner wrote */
    uint16_t refs[CHUNK_FRAMES];
    uint32_t used;
};

void frames_open(struct frames *f);
/* Takes the lowest free frame with one reference; its index, FRAMES_FULL when there is none. */
uint32_t frames_take(struct frames *f);
/* One more or one less reference; frames_drop() is true when that was the last one: the frame is
 * free and dirty then. */
void frames_add(struct frames *f, uint32_t index);
bool frames_drop(struct frames *f, uint32_t index);
static inline bool frames_is_dirty(const struct frames *f, uint32_t index)
{
    return (f->dirty[index / 64] >> (index % 64) & 1) != 0;
}
static inline void frames_clean(struct frames *f, uint32_t index)
{
    f->dirty[index / 64] &= ~(1ull << (index % 64));
}
