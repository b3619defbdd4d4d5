/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Inside the invariant walk: what was found, and the parts of the check.
 */
#pragma once
#include "kernel.h"

enum {
    WALK_CONTAINERS = 1024,
    WALK_OBJECTS = 8192,
    WALK_MAPPINGS = 8192,
    WALK_BUCKETS = 128,
    WALK_IRQ_WORDS = 16
};

/* CNode, TCB or interrupt table: something with slots. */
struct walk_container {
    uint64_t key; /* address of the first slot */
    struct slot *slots;
    uint64_t count;
    struct tcb *tcb; /* NULL for others */
};

/* One memory object (untypeds apart) with the number of runs of its caps in the list. */
struct walk_object {
    uint64_t pa;
    unsigned bits;
    enum cap_type_number type;
    unsigned runs;
    uint16_t asid; /* of a VSpace, 0 = none */
    uint16_t next; /* in its bucket, as below */
};

struct walk_state {
    const struct cpu *cpu;
    struct walk_container container[WALK_CONTAINERS];
    unsigned containers;
    struct walk_object object[WALK_OBJECTS];
    unsigned objects;
    uint16_t bucket[WALK_BUCKETS];     /* number, from 1, of the last object in each; 0 = none */
    struct cap mapping[WALK_MAPPINGS]; /* frames and page tables with a record */
    unsigned mappings;
    uint64_t handled_irqs[WALK_IRQ_WORDS]; /* bit i: a handler cap for interrupt i was met */
    const char *broken;                    /* the first violation */
};

/* Nothing found yet. There is one such state. */
struct walk_state *walk_begin(const struct cpu *cpu);
/* Finds every CNode, thread and interrupt that the kernel itself or a found one leads to. */
void walk_find(struct walk_state *w);
/* Is the container a single slot of another one? */
bool walk_is_inside_another(const struct walk_state *w, unsigned index);
/* Records a violation unless one is recorded; returns `ok`. */
static inline bool walk_expect(struct walk_state *w, bool ok, const char *sentence)
{
    if (!ok && !w->broken)
        w->broken = sentence;
    return ok;
}
/* Objects are found again by the address, until walk_check_overlap() sorts them. */
static inline unsigned walk_bucket(uint64_t pa)
{
    return (unsigned)((pa >> 4 ^ pa >> 11) % WALK_BUCKETS);
}
/* invariants_threads.c */
void walk_check_threads(struct walk_state *w);
void walk_check_ready(struct walk_state *w);
void walk_check_queue(struct walk_state *w, const struct wait_queue *queue, bool notification);
void walk_check_bound(struct walk_state *w, const struct notification *ntfn);
/* invariants_memory.c */
const struct walk_object *walk_object(const struct walk_state *w, enum cap_type_number type,
                                      uint64_t pa);
void walk_check_untyped(struct walk_state *w, const struct slot *slot);
void walk_check_mapping(struct walk_state *w, const struct slot *slot);
void walk_check_asids(struct walk_state *w);
void walk_check_overlap(struct walk_state *w);
/* invariants_tables.c */
void walk_note_mapping(struct walk_state *w, struct cap cap);
void walk_check_tables(struct walk_state *w);
