/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Opening and the paths that look at the other side's index (ring.h). An index is believed when the
 * two sides are at most `entries` apart, which also bounds every access.
 */
#include "ring/ring.h"

/* True when it was open before. */
static bool open_side(struct ring *r, struct ring_side *own, struct ring_side *other, void *memory,
                      uint32_t entries, uint64_t signal)
{
    *r = (struct ring){
        .own = own,
        .other = other,
        .entry = (char *)memory + sizeof(struct ring_shared),
        .entries = entries,
        .signal = signal,
    };
    r->seen = ring_look(r);
    r->other_generation = atomic_load_explicit(&other->generation, memory_order_acquire);
    uint32_t generation = atomic_load_explicit(&own->generation, memory_order_relaxed);
    atomic_store_explicit(&own->generation, generation + 1, memory_order_release);
    return generation != 0;
}

/* The place where the last life stopped; one that cannot be is replaced by an empty ring. A life
 * that ended between publishing and signalling left somebody waiting: the next one signals. */
void ring_open_producer(struct ring *r, void *memory, uint32_t entries, uint64_t signal)
{
    struct ring_shared *shared = memory;
    bool again = open_side(r, &shared->producer, &shared->consumer, memory, entries, signal);
    r->index = atomic_load_explicit(&r->own->index, memory_order_relaxed);
    if (r->index - r->seen > entries) {
        ring_publish(r, r->seen);
    }
    if (again) {
        ring_signal(r);
    }
}

void ring_open_consumer(struct ring *r, void *memory, uint32_t entries, uint64_t signal)
{
    struct ring_shared *shared = memory;
    bool again = open_side(r, &shared->consumer, &shared->producer, memory, entries, signal);
    r->index = atomic_load_explicit(&r->own->index, memory_order_relaxed);
    if (again || r->seen - r->index > entries) {
        ring_publish(r, r->seen);
    }
    if (again) {
        ring_signal(r);
    }
}

bool ring_other_restarted(struct ring *r)
{
    uint32_t now = atomic_load_explicit(&r->other->generation, memory_order_acquire);
    uint32_t before = r->other_generation;
    r->other_generation = now;
    return now != before && now > 1; /* its first start is no restart */
}

uint32_t ring_used_by_look(struct ring *r)
{
    uint32_t seen = ring_look(r);
    if (r->broken || r->index - seen > r->entries) {
        r->broken = true;
        r->seen = r->index - r->entries; /* full for good */
        return r->entries;
    }
    r->seen = seen;
    return r->index - seen;
}

uint32_t ring_waiting_by_look(struct ring *r)
{
    uint32_t seen = ring_look(r);
    if (r->broken || seen - r->index > r->entries) {
        r->broken = true;
        r->seen = r->index; /* empty for good */
        return 0;
    }
    r->seen = seen;
    return seen - r->index;
}
