/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Inside the explorer: actions, alphabets, and the set of states seen.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "canon.h"
#include "program.h"

enum {
    ACTION_BYTES = 2 + STEP_MAX_PAYLOAD,
    ALPHABET_MAX = 8192,
};

/* One step of a program, in its bytes (program.h). */
struct action {
    uint8_t size;
    uint8_t bytes[ACTION_BYTES];
};

struct alphabet {
    unsigned world;
    unsigned count;
    struct canon_symmetry symmetry;
    struct action action[ALPHABET_MAX];
};

/* A sending step before it is encoded. */
struct call {
    enum step_op op;
    uint64_t cptr;
    uint64_t label;
    unsigned cap_count;
    uint64_t caps[3];
    unsigned length;
    uint64_t words[12];
};

/* explore_actions.c: adding to an alphabet. What does not fit into a step is an error that ends the
 * process. */
void alphabet_call(struct alphabet *a, struct call call);
void alphabet_step(struct alphabet *a, enum step_op op, unsigned count, const uint8_t *payload);
/* Recv and NBRecv. */
void alphabet_receive(struct alphabet *a, enum step_op op, uint64_t cptr);

/* Every system call, and every method with every argument of a small domain. */
void alphabet_full(struct alphabet *a, unsigned world);
/* explore_chosen.c: at most 60 actions about what the start state is for, 20 for IPC. */
void alphabet_chosen(struct alphabet *a, unsigned world);

/* explore_set.c: digests seen. */
struct digest_set {
    struct canon_digest *entry; /* all zero = free */
    size_t room;                /* a power of two */
    size_t count;
};
/* Adds it; false when it was there. */
bool digest_set_add(struct digest_set *set, struct canon_digest digest);
void digest_set_clear(struct digest_set *set);
