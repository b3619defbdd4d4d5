/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Which parts of memory are free: binary trees of blocks, one per Untyped that the kernel gave. A
 * block of 2^n bytes is free, taken, or split into two halves of 2^(n-1) bytes. This file keeps
 * books only; who splits or joins a block here does the same with the kernel's Untypeds.
 *
 * Freed halves stay apart until memory of their joint size is wanted: the kernel zeroes an Untyped
 * that is used anew (abi/objects.md §2), so joining early would zero the same bytes again and
 * again. Finding, splitting and joining one block are O(1); an allocation splits or joins O(log n)
 * times, joins being paid for by earlier splits.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum {
    BUDDY_SIZES = 48, /* exponents 0..47 */
    BUDDY_NONE = 0    /* no block: record 0 is never used */
};

enum buddy_state {
    BUDDY_UNUSED, /* a record without a block */
    BUDDY_FREE,
    BUDDY_SPLIT,
    BUDDY_TAKEN,
};

struct buddy_block {
    uint64_t paddr;
    uint32_t parent; /* BUDDY_NONE: a root */
    uint32_t half;   /* split: the lower half's record; the upper half's is the next one */
    uint32_t next;   /* list of free blocks, of joinable ones, or of unused records */
    uint32_t previous;
    uint32_t cap;    /* the Untyped's cptr */
    uint32_t object; /* cptr of what was made in it, 0 = nothing */
    uint16_t owner;  /* of a taken block */
    uint8_t bits;    /* 2^bits bytes */
    uint8_t state;   /* enum buddy_state */
    uint8_t device;  /* never in the lists that buddy_find() searches */
    uint8_t kind;    /* what the object is, for who asks */
    uint8_t reserved[2];
};

struct buddy {
    struct buddy_block *block;
    uint32_t count;  /* records */
    uint32_t roots;  /* records 1..roots are roots */
    uint32_t unused; /* list of pairs of records */
    uint32_t free[BUDDY_SIZES];
    uint32_t joinable[2][BUDDY_SIZES]; /* split blocks whose halves are free: ordinary, device */
    uint64_t free_sizes;               /* bit n: free[n] is not empty */
    uint64_t joinable_sizes[2];
    uint64_t total_bytes; /* ordinary memory */
    uint64_t free_bytes;
};

/* Starts with no memory. `count` records at `block`, of which the first `roots` + 1 are for
 * buddy_add(). */
void buddy_open(struct buddy *b, struct buddy_block *block, uint32_t count, uint32_t roots);

/* Adds a free root of 2^bits bytes at `paddr`; its record, BUDDY_NONE when all roots are used. */
uint32_t buddy_add(struct buddy *b, uint64_t paddr, uint8_t bits, bool device, uint32_t cap);

/* The smallest free ordinary block of at least 2^bits bytes, or BUDDY_NONE. */
uint32_t buddy_find(const struct buddy *b, uint8_t bits);

/* The block (free or taken, not split) that holds `paddr`, or BUDDY_NONE. */
uint32_t buddy_find_at(const struct buddy *b, uint64_t paddr);

/* A split block of ordinary or device memory whose halves are free, the smallest first; BUDDY_NONE
 * when there is none. */
uint32_t buddy_joinable(const struct buddy *b, bool device);

/* Splits a free block of at least 2 bytes; the lower half's record, BUDDY_NONE when no pair of
 * records is left. Both halves are free and have no cap yet. */
uint32_t buddy_split(struct buddy *b, uint32_t block);

/* Undoes buddy_split(): both halves must be free. */
void buddy_join(struct buddy *b, uint32_t block);

void buddy_take(struct buddy *b, uint32_t block, uint16_t owner);
void buddy_release(struct buddy *b, uint32_t block);

/* Bytes of the largest ordinary block there would be after joining all that can be; 0 = none. */
uint64_t buddy_largest(const struct buddy *b);

static inline uint64_t buddy_bytes(const struct buddy *b, uint32_t block)
{
    return 1ull << b->block[block].bits;
}
