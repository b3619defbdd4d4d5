/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The methods of abi/invocations.md as the generator sees them: what kind of value each argument
 * wants.
 */
#pragma once
#include "random.h"

enum word_kind {
    WORD_END,
    WORD_ZERO,  /* mostly 0 */
    WORD_SMALL, /* 0..3 */
    WORD_TYPE,  /* of an object */
    WORD_SIZE,  /* that fits the type chosen before */
    WORD_SLOT,  /* of the playground */
    WORD_DEPTH, /* mostly all bits */
    WORD_COUNT, /* of objects */
    WORD_RIGHTS,
    WORD_BADGE, /* badge or guard */
    WORD_GUARD, /* mostly the playground's own */
    WORD_FAULTS,
    WORD_BUFFER,
    WORD_PRIORITY,
    WORD_REGISTER_COUNT,
    WORD_CONTEXT, /* as many registers as chosen before */
    WORD_VADDR,
    WORD_VADDR_END, /* a little above the one before */
    WORD_OFFSET,    /* in a frame */
    WORD_OFFSET_END,
    WORD_ATTRIBUTES,
};

struct method {
    uint8_t label;
    uint8_t type; /* enum cap_type_number of the invoked cap */
    uint8_t weight;
    uint8_t words[8]; /* enum word_kind */
    uint8_t caps[3];  /* enum cap_type_number of the extra caps, 0 = no more */
};

/* A method of the cap type by weight; NULL if it has none. */
const struct method *method_for(uint64_t type);
