/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The heap of heap.h: no parent is due later than its children.
 */
#include "heap.h"

#include <stddef.h>

static bool is_before(const struct timeout *a, const struct timeout *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void swap(struct heap *h, uint32_t a, uint32_t b)
{
    struct timeout t = h->timeout[a];
    h->timeout[a] = h->timeout[b];
    h->timeout[b] = t;
}

static void rise(struct heap *h, uint32_t i)
{
    while (i > 0 && is_before(&h->timeout[i], &h->timeout[(i - 1) / 2])) {
        swap(h, i, (i - 1) / 2);
        i = (i - 1) / 2;
    }
}

static void sink(struct heap *h, uint32_t i)
{
    for (;;) {
        uint32_t first = i, left = 2 * i + 1;
        for (uint32_t child = left; child < left + 2 && child < h->count; child++) {
            first = is_before(&h->timeout[child], &h->timeout[first]) ? child : first;
        }
        if (first == i) {
            return;
        }
        swap(h, i, first);
        i = first;
    }
}

bool heap_add(struct heap *h, struct timeout t)
{
    if (h->count == HEAP_TIMEOUTS) {
        return false;
    }
    t.order = h->added++;
    h->timeout[h->count] = t;
    rise(h, h->count++);
    return true;
}

const struct timeout *heap_first(const struct heap *h)
{
    return h->count != 0 ? &h->timeout[0] : NULL;
}

static void remove_at(struct heap *h, uint32_t i)
{
    h->timeout[i] = h->timeout[--h->count];
    if (i < h->count) {
        sink(h, i);
        rise(h, i);
    }
}

bool heap_take_due(struct heap *h, uint64_t now, struct timeout *out)
{
    if (h->count == 0 || h->timeout[0].at > now) {
        return false;
    }
    *out = h->timeout[0];
    uint64_t again = 0;
    bool more = out->period != 0 &&
                !__builtin_mul_overflow((now - out->at) / out->period + 1, out->period, &again) &&
                !__builtin_add_overflow(out->at, again, &again);
    remove_at(h, 0);
    if (more) {
        struct timeout next = *out;
        next.at = again;
        (void)heap_add(h, next); /* there is room: one was just removed */
    }
    return true;
}

bool heap_cancel(struct heap *h, uint64_t client, uint32_t id)
{
    for (uint32_t i = 0; i < h->count; i++) {
        const struct timeout *t = &h->timeout[i];
        if (t->client == client && t->slot == 0 && t->id == id) {
            remove_at(h, i);
            return true;
        }
    }
    return false;
}

bool heap_take_sleeper(struct heap *h, uint64_t client, struct timeout *out)
{
    uint32_t first = h->count;
    for (uint32_t i = 0; i < h->count; i++) {
        const struct timeout *t = &h->timeout[i];
        if (t->client == client && t->slot != 0 &&
            (first == h->count || t->order < h->timeout[first].order)) {
            first = i;
        }
    }
    if (first == h->count) {
        return false;
    }
    *out = h->timeout[first];
    remove_at(h, first);
    return true;
}

uint32_t heap_count(const struct heap *h, uint64_t client, bool sleepers)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < h->count; i++) {
        n += h->timeout[i].client == client && (h->timeout[i].slot != 0) == sleepers;
    }
    return n;
}
