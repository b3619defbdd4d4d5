/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Little-endian numbers and ranges in untrusted bytes. The caller has checked the bounds. */
#ifndef LOADER_IMAGE_BYTES_H
#define LOADER_IMAGE_BYTES_H

#include <stdbool.h>
#include <stdint.h>

static inline uint16_t get_u16(const uint8_t *p)
{
    return (uint16_t)(p[0] + (p[1] << 8));
}

static inline uint32_t get_u32(const uint8_t *p)
{
    return get_u16(p) + ((uint32_t)get_u16(p + 2) << 16);
}

static inline uint64_t get_u64(const uint8_t *p)
{
    return get_u32(p) + ((uint64_t)get_u32(p + 4) << 32);
}

static inline void put_u32(uint8_t *p, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++) {
        p[i] = (uint8_t)(value >> (8 * i));
    }
}

static inline void put_u64(uint8_t *p, uint64_t value)
{
    put_u32(p, (uint32_t)value);
    put_u32(p + 4, (uint32_t)(value >> 32));
}

/* Do [offset, offset + size) lie in [0, limit)? No sum can wrap. */
static inline bool range_within(uint64_t offset, uint64_t size, uint64_t limit)
{
    return offset <= limit && size <= limit - offset;
}

static inline bool bytes_equal(const uint8_t *x, const uint8_t *y, uint64_t size)
{
    /*@ loop invariant i <= size && \forall integer k; 0 <= k < i ==> x[k] == y[k];
        loop assigns i; loop variant size - i; */
    for (uint64_t i = 0; i < size; i++) {
        if (x[i] != y[i]) {
            return false;
        }
    }
    return true;
}

/* value rounded up to a multiple of unit; value + unit must not wrap. */
static inline uint64_t round_up(uint64_t value, uint64_t unit)
{
    return (value + unit - 1) / unit * unit;
}

#endif
