/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Rings: one producer and one consumer pass entries of one size through shared memory, without
 * locks and without the kernel while both are busy. The other side is signalled only when a push
 * makes the ring non-empty and when a pop makes it non-full.
 *
 *     RING_TYPE(samples, struct sample)            makes samples_push() and so on
 *     struct ring r;
 *     ring_open_env(&r, comp_find("samples", ENV_PRODUCER), sizeof(struct sample));
 *     while (!samples_push(&r, &sample)) { wait for the ring's bit (entry badge), then again }
 *
 * It keeps true, whatever the other side does to the shared memory: accesses stay inside the ring,
 * and an index that the other side cannot have is seen (ring_is_broken()) and moves nothing.
 * Entries of a hostile side are data like any other: copy, then check.
 *
 * Indices run freely modulo 2^32; each is written by one side only. Order (C11, Arm's RCsc): the
 * own index is stored and the other one loaded sequentially consistently, so of "push, then look
 * whether the consumer had nothing left" and "pop, then look whether there is more" at least one
 * sees the other: nobody sleeps on a ring that has work.
 *
 * Life: whoever makes a ring fills its memory with zeros once. A side that is restarted opens the
 * ring again and finds its place: a producer goes on behind what it had pushed, a consumer skips
 * what it had not popped. Its generation number tells the other side (ring_other_restarted()).
 */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RING_LINE = 64, /* bytes that move between caches together */
    RING_ENTRIES_MAX = 1 << 24,
};

/* Written by one side, read by the other. */
struct ring_side {
    _Alignas(RING_LINE) _Atomic uint32_t index; /* entries pushed, popped so far */
    _Atomic uint32_t generation;                /* times that this side was opened */
};

struct ring_shared {
    struct ring_side producer;
    struct ring_side consumer;
    /* the entries follow */
};
_Static_assert(sizeof(struct ring_shared) == 2 * RING_LINE, "one line per side");

/* Memory that a ring takes. */
#define RING_BYTES(entries, entry_bytes)                                                           \
    (sizeof(struct ring_shared) + (uint64_t)(entries) * (entry_bytes))

/* One side's own view; nothing of it is shared. */
struct ring {
    struct ring_side *own;
    struct ring_side *other;
    char *entry;
    uint32_t entries; /* a power of two */
    uint32_t index;   /* own */
    uint32_t seen;    /* the other side's, as last looked at */
    uint32_t other_generation;
    bool broken;
    uint64_t signal; /* slot of the other side's notification, 0 = it polls */
};

/* Opens one side of the ring at `memory`, 64-byte aligned, of RING_BYTES(entries, entry_bytes). */
void ring_open_producer(struct ring *r, void *memory, uint32_t entries, uint64_t signal);
void ring_open_consumer(struct ring *r, void *memory, uint32_t entries, uint64_t signal);

struct env_entry;
/* Opens the side that the environment's entry names. False, and nothing is opened, when it is no
 * ring of entries of that size. */
bool ring_open_env(struct ring *r, const struct env_entry *e, uint32_t entry_bytes);

/* True once after each restart of the other side. */
bool ring_other_restarted(struct ring *r);

/* The other side showed an index that it cannot have; the ring moves nothing any more. Opening it
 * again starts afresh. */
static inline bool ring_is_broken(const struct ring *r)
{
    return r->broken;
}

/* Signals the other side: called on empty → non-empty and full → non-full only. */
void ring_signal(const struct ring *r);

/* ---- what RING_TYPE builds on ---- */

static inline uint32_t ring_look(const struct ring *r)
{
    return atomic_load_explicit(&r->other->index, memory_order_seq_cst);
}

static inline void ring_publish(struct ring *r, uint32_t index)
{
    r->index = index;
    atomic_store_explicit(&r->own->index, index, memory_order_seq_cst);
}

/* Looks again where the other side is; how many entries the ring holds as seen by the producer. */
uint32_t ring_used_by_look(struct ring *r);
/* How many entries wait, as seen by the consumer. */
uint32_t ring_waiting_by_look(struct ring *r);

/* Entries that may be pushed now: at least one when there is room. */
static inline uint32_t ring_room(struct ring *r)
{
    uint32_t used = r->index - r->seen;
    if (__builtin_expect(used >= r->entries, 0)) {
        used = ring_used_by_look(r);
    }
    return r->entries - used;
}

/* Entries that may be popped now: at least one when there is any. */
static inline uint32_t ring_waiting(struct ring *r)
{
    uint32_t waiting = r->seen - r->index;
    if (__builtin_expect(waiting == 0, 0)) {
        waiting = ring_waiting_by_look(r);
    }
    return waiting;
}

/* Publishes `count` pushed entries. The consumer may have found the ring empty when it had popped
 * all but these. */
static inline void ring_pushed(struct ring *r, uint32_t count)
{
    uint32_t before = r->index;
    ring_publish(r, before + count);
    if (ring_look(r) == before) {
        ring_signal(r);
    }
}

/* Publishes `count` popped entries. The producer may have found the ring full when it had pushed
 * `entries` more than were popped before. */
static inline void ring_popped(struct ring *r, uint32_t count)
{
    uint32_t before = r->index;
    ring_publish(r, before + count);
    if (ring_look(r) - before == r->entries) {
        ring_signal(r);
    }
}

/* Where the entry of `index` is, in bytes from the first one. */
static inline uint64_t ring_place(uint32_t index, uint32_t entries, uint32_t bytes)
{
    return (uint64_t)(index & (entries - 1)) * bytes;
}

/* One entry, by the instructions that its type would be copied with. */
static inline void ring_copy(char *to, const char *from, uint32_t bytes, uint32_t align)
{
    __builtin_memcpy(__builtin_assume_aligned(to, align), __builtin_assume_aligned(from, align),
                     bytes);
}

/* The next `n` entries of the ring become those at `from`. The ring's fields are read once: to the
 * compiler, an entry could be one of them. */
static inline void ring_copy_in(const struct ring *r, const char *from, uint32_t n, uint32_t bytes,
                                uint32_t align)
{
    char *entry = r->entry;
    uint32_t index = r->index, entries = r->entries;
    /*@ loop invariant i <= n && same(entry, index, entries, (char *)from, i);
        loop invariant kept{Pre,Here}(entry, index, entries, entries - i);
        loop assigns i, entry[0 .. entries - 1]; loop variant n - i; */
    for (uint32_t i = 0; i < n; i++) {
        ring_copy(entry + ring_place(index + i, entries, bytes), from + (uint64_t)i * bytes, bytes,
                  align);
    }
}

static inline void ring_copy_out(const struct ring *r, char *to, uint32_t n, uint32_t bytes,
                                 uint32_t align)
{
    char *entry = r->entry;
    uint32_t index = r->index, entries = r->entries;
    /*@ loop invariant i <= n && same(entry, index, entries, to, i);
        loop assigns i, to[0 .. n - 1]; loop variant n - i; */
    for (uint32_t i = 0; i < n; i++) {
        ring_copy(to + (uint64_t)i * bytes, entry + ring_place(index + i, entries, bytes), bytes,
                  align);
    }
}

/* Pushes what fits of the `n` entries at `from`, each of `bytes` bytes. */
static inline uint32_t ring_push_many(struct ring *r, const char *from, uint32_t n, uint32_t bytes,
                                      uint32_t align)
{
    uint32_t room = n == 0 ? 0 : r->entries - ring_used_by_look(r);
    n = n < room ? n : room;
    if (n != 0) {
        ring_copy_in(r, from, n, bytes, align);
        ring_pushed(r, n);
    }
    return n;
}

/* Pops up to `n` entries to `to`. */
static inline uint32_t ring_pop_many(struct ring *r, char *to, uint32_t n, uint32_t bytes,
                                     uint32_t align)
{
    uint32_t waiting = n == 0 ? 0 : ring_waiting_by_look(r);
    n = n < waiting ? n : waiting;
    if (n != 0) {
        ring_copy_out(r, to, n, bytes, align);
        ring_popped(r, n);
    }
    return n;
}

/* Functions for rings of `type`:
 *   bool     name_push(ring, const type *)           false: full (or broken)
 *   bool     name_pop(ring, type *)                  false: empty (or broken)
 *   uint32_t name_push_many(ring, const type *, n)   how many were pushed, by one publication
 *   uint32_t name_pop_many(ring, type *, n)          how many were popped */
#define RING_TYPE(name, type)                                                                      \
    static inline type *name##_at(const struct ring *r, uint32_t index)                            \
    {                                                                                              \
        return (type *)r->entry + (index & (r->entries - 1));                                      \
    }                                                                                              \
    static inline bool name##_push(struct ring *r, const type *from)                               \
    {                                                                                              \
        if (__builtin_expect(ring_room(r) == 0, 0)) {                                              \
            return false;                                                                          \
        }                                                                                          \
        *name##_at(r, r->index) = *from;                                                           \
        ring_pushed(r, 1);                                                                         \
        return true;                                                                               \
    }                                                                                              \
    static inline bool name##_pop(struct ring *r, type *to)                                        \
    {                                                                                              \
        if (__builtin_expect(ring_waiting(r) == 0, 0)) {                                           \
            return false;                                                                          \
        }                                                                                          \
        *to = *name##_at(r, r->index);                                                             \
        ring_popped(r, 1);                                                                         \
        return true;                                                                               \
    }                                                                                              \
    static inline uint32_t name##_push_many(struct ring *r, const type *from, uint32_t n)          \
    {                                                                                              \
        return ring_push_many(r, (const char *)from, n, sizeof(type), _Alignof(type));             \
    }                                                                                              \
    static inline uint32_t name##_pop_many(struct ring *r, type *to, uint32_t n)                   \
    {                                                                                              \
        return ring_pop_many(r, (char *)to, n, sizeof(type), _Alignof(type));                      \
    }                                                                                              \
    _Static_assert(_Alignof(type) <= RING_LINE, "alignment of an entry")

/* Rings of characters: consoles. */
RING_TYPE(ring_char, char);
