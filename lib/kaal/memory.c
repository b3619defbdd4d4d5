/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * memcpy, memmove and memset by words where both sides can be aligned together, else by bytes: no
 * access is unaligned, so device memory may be meant. The build keeps FP registers out of here, so
 * that a copy makes no thread a user of FP (its switches would cost more), and turns off the
 * compiler's loop-to-call transformation, which would make memcpy call itself.
 */
#include <stdint.h>

#include "kaal/string.h"

enum {
    WORD = sizeof(uint64_t),
    BLOCK = 4 * WORD
};

/* A word of memory of any type. */
struct word {
    uint64_t value;
} __attribute__((may_alias));

static inline void move_block(char *to, const char *from)
{
    struct word *t = (struct word *)(void *)to;
    const struct word *f = (const struct word *)(const void *)from;
    struct word a = f[0], b = f[1], c = f[2], d = f[3];
    t[0] = a;
    t[1] = b;
    t[2] = c;
    t[3] = d;
}

static inline void move_word(char *to, const char *from)
{
    *(struct word *)(void *)to = *(const struct word *)(const void *)from;
}

/* Upwards; right also for regions that overlap when `to` is below `from`. */
static inline void copy_up(char *to, const char *from, size_t bytes)
{
    if ((((uintptr_t)to ^ (uintptr_t)from) & (WORD - 1)) == 0) {
        for (; bytes != 0 && ((uintptr_t)to & (WORD - 1)) != 0; bytes--) {
            *to++ = *from++;
        }
        for (; bytes >= BLOCK; bytes -= BLOCK, to += BLOCK, from += BLOCK) {
            move_block(to, from);
        }
        for (; bytes >= WORD; bytes -= WORD, to += WORD, from += WORD) {
            move_word(to, from);
        }
    }
    for (; bytes != 0; bytes--) {
        *to++ = *from++;
    }
}

/* Downwards from the ends; for `to` above `from`. */
static void copy_down(char *to, const char *from, size_t bytes)
{
    to += bytes;
    from += bytes;
    if ((((uintptr_t)to ^ (uintptr_t)from) & (WORD - 1)) == 0) {
        for (; bytes != 0 && ((uintptr_t)to & (WORD - 1)) != 0; bytes--) {
            *--to = *--from;
        }
        for (; bytes >= WORD; bytes -= WORD) {
            to -= WORD;
            from -= WORD;
            move_word(to, from);
        }
    }
    for (; bytes != 0; bytes--) {
        *--to = *--from;
    }
}

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
    copy_up(to, from, bytes);
    return to;
}

void *memmove(void *to, const void *from, size_t bytes)
{
    if ((uintptr_t)to <= (uintptr_t)from) {
        copy_up(to, from, bytes);
    } else {
        copy_down(to, from, bytes);
    }
    return to;
}

void *memset(void *to, int value, size_t bytes)
{
    char *t = to;
    struct word fill = {(unsigned char)value * 0x0101010101010101ull};
    for (; bytes != 0 && ((uintptr_t)t & (WORD - 1)) != 0; bytes--) {
        *t++ = (char)value;
    }
    for (; bytes >= BLOCK; bytes -= BLOCK, t += BLOCK) {
        struct word *w = (struct word *)(void *)t;
        w[0] = fill;
        w[1] = fill;
        w[2] = fill;
        w[3] = fill;
    }
    for (; bytes >= WORD; bytes -= WORD, t += WORD) {
        *(struct word *)(void *)t = fill;
    }
    for (; bytes != 0; bytes--) {
        *t++ = (char)value;
    }
    return to;
}
