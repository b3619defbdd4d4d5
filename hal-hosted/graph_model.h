/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * All caps of the stopped system, and whose they are. A *space* is what one thread reaches: its own
 * slots, its CSpace, and CNodes that nobody's thread has as its CSpace but that lie in it.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "cap_view.h"

struct cpu;

enum {
    GRAPH_NAME = 40
};

struct graph_cap {
    struct cap_view view;
    size_t space;  /* index, GRAPH_NONE = nobody's */
    size_t parent; /* index of a cap, GRAPH_NONE = none */
};

struct graph_space {
    uint64_t thread; /* address of the TCB */
    char name[GRAPH_NAME];
    const char *state;
    uint64_t waits_on;
    unsigned priority;
    uint64_t cspace; /* address of the CNode, 0 = none */
    uint64_t vspace;
    unsigned asid;
};

#define GRAPH_NONE ((size_t)-1)

struct graph_model {
    struct graph_cap *cap; /* in pre-order of the derivation tree */
    size_t caps, cap_room;
    struct graph_space *space; /* the first is that of the first thread */
    size_t spaces, space_room;
    bool complete;
};

/* Reads the system. Ends the program with a sentence when there is no memory. */
void graph_read(struct graph_model *model, const struct cpu *cpu);
void graph_free(struct graph_model *model);

/* The space whose thread receives from the endpoint or notification: of the ones with the right to,
 * the one that is not the first, as that may have given it away. GRAPH_NONE = nobody. */
size_t graph_receiver(const struct graph_model *model, uint64_t object);

bool graph_is(const struct graph_cap *cap, const char *type);
/* "rootserver", …; "nobody" for GRAPH_NONE. */
const char *graph_name(const struct graph_model *model, size_t space);
/* The space with that address space; GRAPH_NONE = nobody's, and for 0. */
size_t graph_space_of_asid(const struct graph_model *model, unsigned asid);
/* Whom an object belongs to: TCB, CSpace, VSpace of a thread, endpoint or notification of its
 * receiver, memory of whose address space it is in. */
size_t graph_owner(const struct graph_model *model, const struct graph_cap *cap);
