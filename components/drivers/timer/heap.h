/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Timeouts in the order in which they are due: a binary heap, O(log n) to add and to take. Equal
 * times come in the order of their adding.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum {
    HEAP_TIMEOUTS = 512
};

struct timeout {
    uint64_t at;     /* ns */
    uint64_t period; /* ns, 0 = once */
    uint64_t order;  /* set by heap_add() */
    uint64_t client; /* badge */
    uint32_t id;
    uint32_t slot; /* of a sleeper's reply cap; 0 = a timeout with an id */
};

struct heap {
    uint32_t count;
    uint64_t added;
    struct timeout timeout[HEAP_TIMEOUTS];
};

/* False when there is no room. */
bool heap_add(struct heap *h, struct timeout t);
/* The one that is due first; NULL = none. */
const struct timeout *heap_first(const struct heap *h);
/* Takes the first one that is due at `now` into *out; a periodic one is put back for the first of
 * its times behind `now`, unless that is behind the end of time (2^64 ns). */
bool heap_take_due(struct heap *h, uint64_t now, struct timeout *out);
/* Removes the client's timeout with that id (sleepers have none); false when there is none. */
bool heap_cancel(struct heap *h, uint64_t client, uint32_t id);
/* Takes the client's sleeper that came first into *out; false when none sleeps. */
bool heap_take_sleeper(struct heap *h, uint64_t client, struct timeout *out);
/* How many of the client's there are: sleepers, or timeouts with an id. */
uint32_t heap_count(const struct heap *h, uint64_t client, bool sleepers);
