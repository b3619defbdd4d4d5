/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * memcpy, memmove, memset, memcmp: the compiler may call them anywhere. Eight bytes at a time where
 * both sides are aligned alike; never an unaligned access.
 */
#include <string.h>

#include <stdint.h>

/* Eight bytes of any object. */
typedef uint64_t __attribute__((may_alias)) word;

static int is_aligned(const void *a, const void *b)
{
    return ((uintptr_t)a | (uintptr_t)b) % 8 == 0;
}

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    uint8_t *d = to;
    const uint8_t *s = from;
    if (is_aligned(d, s)) {
        for (; n >= 32; n -= 32, d += 32, s += 32) {
            word *w = (word *)d;
            const word *from_w = (const word *)s;
            word a = from_w[0], b = from_w[1], c = from_w[2], e = from_w[3];
            w[0] = a;
            w[1] = b;
            w[2] = c;
            w[3] = e;
        }
        for (; n >= 8; n -= 8, d += 8, s += 8) {
            *(word *)d = *(const word *)s;
        }
    }
    while (n-- > 0) {
        *d++ = *s++;
    }
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    uint8_t *d = to;
    const uint8_t *s = from;
    if ((uintptr_t)d - (uintptr_t)s >= n) {
        return memcpy(to, from, n);
    }
    while (n-- > 0) {
        d[n] = s[n];
    }
    return to;
}

void *memset(void *to, int byte, size_t n)
{
    uint8_t *d = to;
    uint64_t pattern = (uint8_t)byte * 0x0101010101010101ull;
    for (; n > 0 && (uintptr_t)d % 8 != 0; n--) {
        *d++ = (uint8_t)byte;
    }
    for (; n >= 32; n -= 32, d += 32) {
        word *w = (word *)d;
        w[0] = pattern;
        w[1] = pattern;
        w[2] = pattern;
        w[3] = pattern;
    }
    while (n-- > 0) {
        *d++ = (uint8_t)byte;
    }
    return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const uint8_t *p = a;
    const uint8_t *q = b;
    for (; n > 0; n--, p++, q++) {
        if (*p != *q) {
            return *p - *q;
        }
    }
    return 0;
}
