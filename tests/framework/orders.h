/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the puppet can be told: the order in word 0 of a reply, arguments in words 1 and 2.
 */
#pragma once
#include <stdint.h>

enum order {
    ORDER_LOAD = 1,   /* address -> value */
    ORDER_STORE,      /* address, value */
    ORDER_SIGNAL,     /* slot */
    ORDER_CALL,       /* slot, label -> label of the reply */
    ORDER_JUMP,       /* address */
    ORDER_COUNTER,    /* -> a word of the data section, counted up */
    ORDER_GENERATION, /* -> env.generation */
    ORDER_WAIT,       /* slot of a notification -> word */
};
#define PUPPET_REPORT 100u /* label of its calls */

/* What the hostile component and its maker share, at LAYOUT_SHARED. */
struct hostile_page {
    uint64_t seed;
    uint64_t left; /* calls to make in this life */
    uint64_t made; /* in all lives */
};
#define HOSTILE_DONE 101u
