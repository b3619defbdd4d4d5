/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* SHA-256 (FIPS 180-4 §6.2), freestanding, in one call or piecewise. */
#ifndef LOADER_SHA256_H
#define LOADER_SHA256_H

#include <stdbool.h>
#include <stdint.h>

#define SHA256_SIZE 32u

struct sha256 {
    uint32_t state[8];
    uint64_t length; /* bytes taken so far */
    uint8_t block[64];
};

/* §4.2.2: the round constants. */
extern const uint32_t sha256_constants[64];

/* §6.2.2 over `count` blocks of 64 bytes. */
typedef void sha256_blocks(uint32_t state[8], const void *data, uint64_t count);

/* Lets another routine do the blocks from now on. */
void sha256_set_blocks(sha256_blocks *blocks);

void sha256_start(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *data, uint64_t size);
/* Writes the digest; *s needs sha256_start() before further use. */
void sha256_finish(struct sha256 *s, uint8_t digest[SHA256_SIZE]);

/* The digest of size bytes at data. */
void sha256(const uint8_t *data, uint64_t size, uint8_t digest[SHA256_SIZE]);

/* AArch64 only: the routine on the SHA-2 instructions (Arm ARM C7.2, SHA256H …), and its use. */
sha256_blocks sha256_blocks_a64;
/* Uses the CPU's instructions from now on, if it has them. */
void sha256_use_instructions(void);
bool sha256_has_instructions(void);

#endif
