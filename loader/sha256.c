/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * SHA-256 as FIPS 180-4 §6.2 writes it; names follow the standard. The result does not depend on
 * where the bytes lie in memory.
 */
#include "sha256.h"

/* §4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const uint32_t sha256_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/* Both machines are little endian. */
typedef uint32_t word __attribute__((may_alias));

static uint32_t rotr(uint32_t x, unsigned n)
{
    return (x >> n) | (x << (32 - n));
}

static uint32_t load_be(const uint8_t *p)
{
    return ((uint32_t)p[0] << 24) | ((uint32_t)p[1] << 16) | ((uint32_t)p[2] << 8) | p[3];
}

/* The block's words: §6.2.2, step 1, first half. Loaded whole where they lie at a word's address.
 */
static inline void load_words(uint32_t w[16], const uint8_t *block)
{
    if ((uintptr_t)block % sizeof(uint32_t) == 0) {
        const word *from = (const word *)(const void *)block;

        for (unsigned t = 0; t < 16; t++) {
            w[t] = __builtin_bswap32(from[t]);
        }
    } else {
        for (unsigned t = 0; t < 16; t++) {
            w[t] = load_be(block + 4 * t);
        }
    }
}

/* §6.2.2, step 1, second half, for one t: the word takes the place of the one 16 before it. */
static inline void next_word(uint32_t w[16], unsigned t)
{
    uint32_t w15 = w[(t + 1) % 16], w2 = w[(t + 14) % 16];

    w[t] += (rotr(w15, 7) ^ rotr(w15, 18) ^ (w15 >> 3)) + w[(t + 9) % 16] +
            (rotr(w2, 17) ^ rotr(w2, 19) ^ (w2 >> 10));
}

/*
 * §6.2.2, step 3 for one t. The standard shifts the eight variables on after each round; here the
 * caller names them one place further instead, which costs nothing. Maj(a, b, c) is written as
 * b ^ ((b ^ c) & (a ^ b)): bc is b ^ c, and this round's a ^ b is the next one's.
 */
#define ROUND(a, b, c, d, e, f, g, h, t)                                                           \
    do {                                                                                           \
        uint32_t ab = (a) ^ (b);                                                                   \
        (h) +=                                                                                     \
            (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + ((((f) ^ (g)) & (e)) ^ (g)) + k[t] + w[t];  \
        (d) += (h);                                                                                \
        (h) += (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((b) ^ (bc & ab));                       \
        bc = ab;                                                                                   \
    } while (0)

#define EIGHT_ROUNDS(t)                                                                            \
    do {                                                                                           \
        ROUND(a, b, c, d, e, f, g, h, (t));                                                        \
        ROUND(h, a, b, c, d, e, f, g, (t) + 1);                                                    \
        ROUND(g, h, a, b, c, d, e, f, (t) + 2);                                                    \
        ROUND(f, g, h, a, b, c, d, e, (t) + 3);                                                    \
        ROUND(e, f, g, h, a, b, c, d, (t) + 4);                                                    \
        ROUND(d, e, f, g, h, a, b, c, (t) + 5);                                                    \
        ROUND(c, d, e, f, g, h, a, b, (t) + 6);                                                    \
        ROUND(b, c, d, e, f, g, h, a, (t) + 7);                                                    \
    } while (0)

/* §6.2.2, one block. */
static void compress(uint32_t state[8], const uint8_t *block)
{
    uint32_t w[16];
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    uint32_t bc = b ^ c;

    load_words(w, block);
    for (const uint32_t *k = sha256_constants;; k += 16) {
        EIGHT_ROUNDS(0);
        EIGHT_ROUNDS(8);
        if (k == sha256_constants + 48) {
            break;
        }
#pragma GCC unroll 16
        for (unsigned t = 0; t < 16; t++) {
            next_word(w, t);
        }
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
}

static void portable_blocks(uint32_t state[8], const void *data, uint64_t count)
{
    const uint8_t *p = data;

    for (; count > 0; count--, p += 64) {
        compress(state, p);
    }
}

static sha256_blocks *blocks = portable_blocks;

void sha256_set_blocks(sha256_blocks *other)
{
    blocks = other;
}

void sha256_start(struct sha256 *s)
{
    /* §5.3.3 */
    static const uint32_t initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

    for (unsigned i = 0; i < 8; i++) {
        s->state[i] = initial[i];
    }
    s->length = 0;
}

void sha256_add(struct sha256 *s, const void *data, uint64_t size)
{
    const uint8_t *p = data;
    unsigned used = s->length % 64;

    s->length += size;
    while (size > 0) {
        if (used == 0 && size >= 64) {
            blocks(s->state, p, size / 64);
            p += size & ~(uint64_t)63;
            size %= 64;
            continue;
        }
        s->block[used++] = *p++;
        size--;
        if (used == 64) {
            blocks(s->state, s->block, 1);
            used = 0;
        }
    }
}

void sha256_finish(struct sha256 *s, uint8_t digest[SHA256_SIZE])
{
    uint64_t bits = s->length * 8;
    unsigned used = s->length % 64;

    /* §5.1.1: a one bit, zeros, then the length in 64 bits */
    s->block[used++] = 0x80;
    for (; used != 56; used++) {
        if (used == 64) {
            blocks(s->state, s->block, 1);
            used = 0;
        }
        s->block[used] = 0;
    }
    for (unsigned i = 0; i < 8; i++) {
        s->block[56 + i] = (uint8_t)(bits >> (56 - 8 * i));
    }
    blocks(s->state, s->block, 1);
    for (unsigned i = 0; i < SHA256_SIZE; i++) {
        digest[i] = (uint8_t)(s->state[i / 4] >> (24 - 8 * (i % 4)));
    }
}

void sha256(const uint8_t *data, uint64_t size, uint8_t digest[SHA256_SIZE])
{
    struct sha256 s;

    sha256_start(&s);
    sha256_add(&s, data, size);
    sha256_finish(&s, digest);
}
