/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Decompressor of one LZ4 block ("LZ4 Block Format Description", 2022): sequences of a token,
 * literals and a match. Input is untrusted: no read outside [from, from + from_size), no write
 * outside [to, to + to_size), and the result is exactly to_size bytes or a refusal.
 */
#include "image.h"

#include <string.h>

#define MIN_MATCH 4u

struct lz4 {
    const uint8_t *in;
    const uint8_t *in_end;
    uint8_t *out;
    uint8_t *out_end;
};

/* A length of 15 goes on in further bytes, until one is not 255. False at the end of input. */
static bool read_length(struct lz4 *s, uint64_t *length)
{
    uint8_t byte;

    if (*length != 15) {
        return true;
    }
    do {
        if (s->in == s->in_end) {
            return false;
        }
        byte = *s->in++;
        *length += byte; /* at most 255 times the size of the input */
    } while (byte == 255);
    return true;
}

/* Most sequences are short: these many bytes are then copied at once, those behind the length be
 * overwritten, where there is room for that on both sides. */
#define SHORT 32u

static inline void copy8(uint8_t *to, const uint8_t *from)
{
    uint64_t value;

    __builtin_memcpy(&value, from, 8);
    __builtin_memcpy(to, &value, 8);
}

/* Each eight bytes are read after those before were written, so `from` may be 8 below `to`. */
static inline void copy_short(uint8_t *to, const uint8_t *from)
{
    copy8(to, from);
    copy8(to + 8, from + 8);
    copy8(to + 16, from + 16);
    copy8(to + 24, from + 24);
}

/*
 * The match may overlap what it writes: the bytes between source and target repeat then, and what
 * is written doubles what can be copied next.
 */
static void copy_match(uint8_t *to, uint64_t offset, uint64_t length, uint64_t room)
{
    const uint8_t *from = to - offset;

    if (length <= SHORT && offset >= 8 && room >= SHORT) {
        copy_short(to, from);
        return;
    }
    while (length > offset) {
        memcpy(to, from, offset);
        to += offset;
        length -= offset;
        offset *= 2;
    }
    memcpy(to, from, length);
}

static bool match(struct lz4 *s, const uint8_t *start, uint64_t length)
{
    uint64_t offset;

    if (s->in_end - s->in < 2) {
        return false;
    }
    offset = (uint64_t)s->in[0] | (uint64_t)s->in[1] << 8;
    s->in += 2;
    if (!read_length(s, &length)) {
        return false;
    }
    length += MIN_MATCH;
    if (offset == 0 || offset > (uint64_t)(s->out - start) ||
        length > (uint64_t)(s->out_end - s->out)) {
        return false;
    }
    copy_match(s->out, offset, length, (uint64_t)(s->out_end - s->out));
    s->out += length;
    return true;
}

/* Both sides have `length` more bytes. */
static void copy_literals(struct lz4 *s, uint64_t length)
{
    if (length <= SHORT && s->in_end - s->in >= SHORT && s->out_end - s->out >= SHORT) {
        copy_short(s->out, s->in);
    } else {
        memcpy(s->out, s->in, length);
    }
    s->in += length;
    s->out += length;
}

bool image_unpack_lz4(uint8_t *to, uint64_t to_size, const uint8_t *from, uint64_t from_size)
{
    struct lz4 s = {from, from + from_size, to, to + to_size};

    while (s.in != s.in_end) {
        uint8_t token = *s.in++;
        uint64_t literals = token >> 4;

        if (!read_length(&s, &literals) || literals > (uint64_t)(s.in_end - s.in) ||
            literals > (uint64_t)(s.out_end - s.out)) {
            return false;
        }
        copy_literals(&s, literals);
        if (s.in == s.in_end) {
            return s.out == s.out_end; /* the last sequence has no match */
        }
        if (!match(&s, to, token & 15)) {
            return false;
        }
    }
    return false;
}
