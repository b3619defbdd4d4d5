/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Which capability slots are free: up to 256 CNodes of 4096 slots, one bit each. Taking a slot
 * looks at one bit per CNode and one word per 64 slots.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum {
    SLOTS_NODES = 256,
    SLOTS_PER_NODE = 4096,
    SLOTS_WORDS = SLOTS_PER_NODE / 64,
};

struct slots_node {
    uint64_t free[SLOTS_WORDS]; /* bit set: free */
    uint64_t words;             /* bit i: free[i] is not 0 */
    uint32_t total;             /* slots that this CNode had to give; 0 = no CNode here */
    uint32_t used;
};

struct slots {
    struct slots_node node[SLOTS_NODES];
    uint32_t leaf_bits; /* cptr = node << leaf_bits | index */
    uint32_t total;
    uint32_t used;
};

/* `leaf_bits`: 12..24. */
void slots_open(struct slots *s, uint32_t leaf_bits);

/* Adds CNode `node`; slots [first, end) of it are free, end at most SLOTS_PER_NODE. */
void slots_add(struct slots *s, uint32_t node, uint32_t first, uint32_t end);

/* Removes a CNode none of whose slots is in use. */
void slots_remove(struct slots *s, uint32_t node);

/* A number without a CNode, the lowest; SLOTS_NODES when there is none. */
uint32_t slots_new_node(const struct slots *s);

/* Takes `count` (1..4096) slots that follow each other; the first one's cptr, 0 when there are
 * none. */
uint32_t slots_take(struct slots *s, uint32_t count);

/* Gives `count` slots from `cptr` on back; they must be in use. */
void slots_give(struct slots *s, uint32_t cptr, uint32_t count);
