/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * AFL++ custom mutator (AFL_CUSTOM_MUTATOR_LIBRARY) that knows the grammar of the programs.
 */
#include <stdlib.h>

#include "grammar.h"
#include "program.h"

/* The interface of AFL++ (docs/custom_mutators.md of its documentation). */
void *afl_custom_init(void *afl, unsigned int seed);
size_t afl_custom_fuzz(void *data, uint8_t *buf, size_t buf_size, uint8_t **out_buf,
                       uint8_t *add_buf, size_t add_buf_size, size_t max_size);
void afl_custom_deinit(void *data);

struct mutator {
    struct generator generator;
    uint8_t out[PROGRAM_MAX_BYTES];
};

void *afl_custom_init(void *afl, unsigned int seed)
{
    struct mutator *m = calloc(1, sizeof *m);
    (void)afl;
    if (m)
        m->generator.state = seed;
    return m;
}

size_t afl_custom_fuzz(void *data, uint8_t *buf, size_t buf_size, uint8_t **out_buf,
                       uint8_t *add_buf, size_t add_buf_size, size_t max_size)
{
    struct mutator *m = data;
    size_t room = max_size < sizeof m->out ? max_size : sizeof m->out;
    *out_buf = m->out;
    return grammar_mutate(&m->generator, buf, buf_size, add_buf, add_buf_size, m->out, room);
}

void afl_custom_deinit(void *data)
{
    free(data);
}
