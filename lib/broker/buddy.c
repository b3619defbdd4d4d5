/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Free ordinary blocks are in the list of their size; split blocks with two free halves in another
 * one. Records of halves come in pairs, so that one number names both.
 */
#include "broker/buddy.h"

#include <stddef.h>

static void push(struct buddy *b, uint32_t *heads, uint64_t *sizes, uint32_t i)
{
    struct buddy_block *k = &b->block[i];
    k->previous = BUDDY_NONE;
    k->next = heads[k->bits];
    if (k->next != BUDDY_NONE) {
        b->block[k->next].previous = i;
    }
    heads[k->bits] = i;
    *sizes |= 1ull << k->bits;
}

static void drop(struct buddy *b, uint32_t *heads, uint64_t *sizes, uint32_t i)
{
    struct buddy_block *k = &b->block[i];
    if (k->previous != BUDDY_NONE) {
        b->block[k->previous].next = k->next;
    } else {
        heads[k->bits] = k->next;
    }
    if (k->next != BUDDY_NONE) {
        b->block[k->next].previous = k->previous;
    }
    k->next = k->previous = BUDDY_NONE;
    if (heads[k->bits] == BUDDY_NONE) {
        *sizes &= ~(1ull << k->bits);
    }
}

static bool is_joinable(const struct buddy *b, uint32_t i)
{
    const struct buddy_block *k = &b->block[i];
    return k->state == BUDDY_SPLIT && b->block[k->half].state == BUDDY_FREE &&
           b->block[k->half + 1].state == BUDDY_FREE;
}

static void make_free(struct buddy *b, uint32_t i)
{
    struct buddy_block *k = &b->block[i];
    k->state = BUDDY_FREE;
    if (!k->device) {
        push(b, b->free, &b->free_sizes, i);
    }
    if (k->parent != BUDDY_NONE && is_joinable(b, k->parent)) {
        push(b, b->joinable[k->device], &b->joinable_sizes[k->device], k->parent);
    }
}

/* Takes a free block out of the lists; the caller gives it its new state. */
static void unmake_free(struct buddy *b, uint32_t i)
{
    struct buddy_block *k = &b->block[i];
    if (k->parent != BUDDY_NONE && is_joinable(b, k->parent)) {
        drop(b, b->joinable[k->device], &b->joinable_sizes[k->device], k->parent);
    }
    if (!k->device) {
        drop(b, b->free, &b->free_sizes, i);
    }
}

void buddy_open(struct buddy *b, struct buddy_block *block, uint32_t count, uint32_t roots)
{
    *b = (struct buddy){.block = block, .count = count, .roots = roots};
    for (uint32_t i = 0; i < count; i++) {
        block[i] = (struct buddy_block){0};
    }
    /* From the top, so that the lowest pair is given first. */
    uint32_t first = roots + 1;
    for (uint32_t pairs = count > first ? (count - first) / 2 : 0; pairs > 0; pairs--) {
        uint32_t pair = first + 2 * (pairs - 1);
        block[pair].next = b->unused;
        b->unused = pair;
    }
}

uint32_t buddy_add(struct buddy *b, uint64_t paddr, uint8_t bits, bool device, uint32_t cap)
{
    for (uint32_t i = 1; i <= b->roots && i < b->count; i++) {
        if (b->block[i].state == BUDDY_UNUSED) {
            b->block[i] =
                (struct buddy_block){.paddr = paddr, .bits = bits, .device = device, .cap = cap};
            make_free(b, i);
            if (!device) {
                b->total_bytes += 1ull << bits;
                b->free_bytes += 1ull << bits;
            }
            return i;
        }
    }
    return BUDDY_NONE;
}

uint32_t buddy_find(const struct buddy *b, uint8_t bits)
{
    if (bits >= BUDDY_SIZES) {
        return BUDDY_NONE;
    }
    uint64_t sizes = b->free_sizes >> bits << bits;
    return sizes == 0 ? BUDDY_NONE : b->free[__builtin_ctzll(sizes)];
}

static bool holds(const struct buddy *b, uint32_t i, uint64_t paddr)
{
    const struct buddy_block *k = &b->block[i];
    return k->state != BUDDY_UNUSED && paddr >= k->paddr && paddr - k->paddr < 1ull << k->bits;
}

uint32_t buddy_find_at(const struct buddy *b, uint64_t paddr)
{
    for (uint32_t i = 1; i <= b->roots && i < b->count; i++) {
        if (!holds(b, i, paddr)) {
            continue;
        }
        while (b->block[i].state == BUDDY_SPLIT) {
            uint32_t half = b->block[i].half;
            i = holds(b, half, paddr) ? half : half + 1;
        }
        return i;
    }
    return BUDDY_NONE;
}

uint32_t buddy_joinable(const struct buddy *b, bool device)
{
    uint64_t sizes = b->joinable_sizes[device];
    return sizes == 0 ? BUDDY_NONE : b->joinable[device][__builtin_ctzll(sizes)];
}

uint32_t buddy_split(struct buddy *b, uint32_t block)
{
    uint32_t pair = b->unused;
    struct buddy_block *k = &b->block[block];
    if (pair == BUDDY_NONE) {
        return BUDDY_NONE;
    }
    b->unused = b->block[pair].next;
    unmake_free(b, block);
    k->state = BUDDY_SPLIT;
    k->half = pair;
    for (uint32_t i = 0; i < 2; i++) {
        b->block[pair + i] = (struct buddy_block){
            .paddr = k->paddr + (i == 0 ? 0 : 1ull << (k->bits - 1)),
            .parent = block,
            .bits = (uint8_t)(k->bits - 1),
            .device = k->device,
        };
        make_free(b, pair + i);
    }
    return pair;
}

void buddy_join(struct buddy *b, uint32_t block)
{
    uint32_t pair = b->block[block].half;
    unmake_free(b, pair);
    b->block[pair] = (struct buddy_block){0};
    unmake_free(b, pair + 1);
    b->block[pair + 1] = (struct buddy_block){0};
    b->block[pair].next = b->unused;
    b->unused = pair;
    b->block[block].half = BUDDY_NONE;
    make_free(b, block);
}

void buddy_take(struct buddy *b, uint32_t block, uint16_t owner)
{
    unmake_free(b, block);
    b->block[block].state = BUDDY_TAKEN;
    b->block[block].owner = owner;
    if (!b->block[block].device) {
        b->free_bytes -= 1ull << b->block[block].bits;
    }
}

void buddy_release(struct buddy *b, uint32_t block)
{
    b->block[block].owner = 0;
    b->block[block].object = 0;
    b->block[block].kind = 0;
    make_free(b, block);
    if (!b->block[block].device) {
        b->free_bytes += 1ull << b->block[block].bits;
    }
}

/* Whether all of the block is free. At most BUDDY_SIZES deep. */
static bool is_whole(const struct buddy *b, uint32_t i, uint64_t *largest)
{
    const struct buddy_block *k = &b->block[i];
    bool whole = k->state == BUDDY_FREE;
    if (k->state == BUDDY_SPLIT) {
        bool low = is_whole(b, k->half, largest);
        bool high = is_whole(b, k->half + 1, largest);
        whole = low && high;
    }
    if (whole && 1ull << k->bits > *largest) {
        *largest = 1ull << k->bits;
    }
    return whole;
}

uint64_t buddy_largest(const struct buddy *b)
{
    uint64_t largest = 0;
    for (uint32_t i = 1; i <= b->roots && i < b->count; i++) {
        if (b->block[i].state != BUDDY_UNUSED && !b->block[i].device) {
            (void)is_whole(b, i, &largest);
        }
    }
    return largest;
}
