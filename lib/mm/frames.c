/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * One bit per frame, eight words to look at.
 */
#include "mm/frames.h"

void frames_open(struct frames *f)
{
    *f = (struct frames){0};
    for (uint32_t i = 0; i < CHUNK_WORDS; i++) {
        f->free[i] = ~0ull;
    }
}

uint32_t frames_take(struct frames *f)
{
    for (uint32_t i = 0; i < CHUNK_WORDS; i++) {
        if (f->free[i] != 0) {
            uint32_t index = i * 64 + (uint32_t)__builtin_ctzll(f->free[i]);
            f->free[i] &= f->free[i] - 1;
            f->refs[index] = 1;
            f->used++;
            return index;
        }
    }
    return FRAMES_FULL;
}

void frames_add(struct frames *f, uint32_t index)
{
    f->refs[index]++;
}

bool frames_drop(struct frames *f, uint32_t index)
{
    if (--f->refs[index] > 0) {
        return false;
    }
    f->free[index / 64] |= 1ull << (index % 64);
    f->dirty[index / 64] |= 1ull << (index % 64);
    f->used--;
    return true;
}
