/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Single slots are taken from the bottom of the first CNode that has one, runs from the bottom of
 * the first that has room for all of it.
 */
#include "broker/slots.h"

static bool is_free(const struct slots_node *n, uint32_t i)
{
    return (n->free[i / 64] >> (i % 64) & 1) != 0;
}

static void mark(struct slots_node *n, uint32_t i, bool is_free_now)
{
    uint64_t bit = 1ull << (i % 64);
    n->free[i / 64] = is_free_now ? n->free[i / 64] | bit : n->free[i / 64] & ~bit;
    uint64_t word = 1ull << (i / 64);
    n->words = n->free[i / 64] != 0 ? n->words | word : n->words & ~word;
}

void slots_open(struct slots *s, uint32_t leaf_bits)
{
    for (uint32_t i = 0; i < SLOTS_NODES; i++) {
        s->node[i].total = 0;
        s->node[i].used = 0;
        s->node[i].words = 0;
    }
    s->leaf_bits = leaf_bits;
    s->total = 0;
    s->used = 0;
}

void slots_add(struct slots *s, uint32_t node, uint32_t first, uint32_t end)
{
    struct slots_node *n = &s->node[node];
    *n = (struct slots_node){.total = end - first};
    for (uint32_t i = first; i < end; i++) {
        mark(n, i, true);
    }
    s->total += n->total;
}

void slots_remove(struct slots *s, uint32_t node)
{
    s->total -= s->node[node].total;
    s->node[node] = (struct slots_node){0};
}

uint32_t slots_new_node(const struct slots *s)
{
    uint32_t i = 0;
    while (i < SLOTS_NODES && s->node[i].total != 0) {
        i++;
    }
    return i;
}

/* First index of `count` free slots in a row, SLOTS_PER_NODE when there are none. */
static uint32_t find_run(const struct slots_node *n, uint32_t count)
{
    uint32_t run = 0;
    for (uint32_t i = 0; i < SLOTS_PER_NODE; i++) {
        if (i % 64 == 0 && n->free[i / 64] == 0) {
            run = 0;
            i += 63;
        } else if (!is_free(n, i)) {
            run = 0;
        } else if (++run == count) {
            return i + 1 - count;
        }
    }
    return SLOTS_PER_NODE;
}

static uint32_t find_one(const struct slots_node *n)
{
    if (n->words == 0) {
        return SLOTS_PER_NODE;
    }
    uint32_t word = (uint32_t)__builtin_ctzll(n->words);
    return word * 64 + (uint32_t)__builtin_ctzll(n->free[word]);
}

uint32_t slots_take(struct slots *s, uint32_t count)
{
    for (uint32_t k = 0; k < SLOTS_NODES; k++) {
        struct slots_node *n = &s->node[k];
        if (n->total - n->used < count || n->total == 0) {
            continue;
        }
        uint32_t first = count == 1 ? find_one(n) : find_run(n, count);
        if (first == SLOTS_PER_NODE) {
            continue;
        }
        for (uint32_t i = 0; i < count; i++) {
            mark(n, first + i, false);
        }
        n->used += count;
        s->used += count;
        return k << s->leaf_bits | first;
    }
    return 0;
}

void slots_give(struct slots *s, uint32_t cptr, uint32_t count)
{
    struct slots_node *n = &s->node[cptr >> s->leaf_bits];
    uint32_t first = cptr & ((1u << s->leaf_bits) - 1);
    for (uint32_t i = 0; i < count; i++) {
        mark(n, first + i, true);
    }
    n->used -= count;
    s->used -= count;
}
