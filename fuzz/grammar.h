/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Making and changing programs (program.h) with knowledge of the interface: which caps and words a
 * method takes, and which values are worth trying. Deterministic in the generator's state.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct generator {
    uint64_t state;
};

/* A number below `limit` (limit > 0). */
uint32_t generator_below(struct generator *g, uint32_t limit);

enum {
    GRAMMAR_STEP_BYTES = 2 + 63 /* the longest step */
};

/* What one method takes: letters of the invoked cap, the extra caps and the words (grammar.c). */
struct grammar_row {
    uint8_t label;
    char invoked;
    const char *caps;
    const char *words;
};
/* One row for each method. */
const struct grammar_row *grammar_rows(unsigned *count);

/* A new step; returns its bytes. `out` has room for GRAMMAR_STEP_BYTES. */
size_t grammar_step(struct generator *g, uint8_t *out);
/* A new program of at most `most` steps; returns its bytes (≤ PROGRAM_MAX_BYTES). */
size_t grammar_program(struct generator *g, unsigned most, uint8_t *out);
/* One or more changes to a program, or the beginning of one and the end of `other` (may be NULL).
 * `out` has room for `room` bytes; returns the bytes used. */
size_t grammar_mutate(struct generator *g, const uint8_t *data, size_t size, const uint8_t *other,
                      size_t other_size, uint8_t *out, size_t room);
