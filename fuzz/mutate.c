/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Changes to programs (grammar.h) that keep their steps whole, most of the time.
 */
#include <string.h>

#include "grammar.h"
#include "program.h"
#include "world.h"

struct program {
    uint8_t bytes[PROGRAM_MAX_BYTES];
    size_t used;
    size_t starts[PROGRAM_MAX_BYTES + 1]; /* of steps, and the end */
    unsigned steps;
};

static void find_steps(struct program *p)
{
    size_t at = 1;
    p->steps = 0;
    while (at < p->used) {
        p->starts[p->steps++] = at;
        at += program_step_bytes(p->bytes + at, p->bytes + p->used);
    }
    p->starts[p->steps] = p->used;
}

/* Bytes [from, to) become `count` others, if there is room. */
static void replace(struct program *p, size_t from, size_t to, const uint8_t *bytes, size_t count)
{
    uint8_t copy[PROGRAM_MAX_BYTES];
    if (p->used - (to - from) + count > PROGRAM_MAX_BYTES)
        return;
    memcpy(copy, bytes, count);
    memmove(p->bytes + from + count, p->bytes + to, p->used - to);
    memcpy(p->bytes + from, copy, count);
    p->used += count - (to - from);
    find_steps(p);
}

static void insert_new(struct generator *g, struct program *p, bool instead)
{
    uint8_t step[GRAMMAR_STEP_BYTES];
    unsigned i = generator_below(g, p->steps + 1);
    size_t bytes = grammar_step(g, step);
    size_t end = instead && i < p->steps ? p->starts[i + 1] : p->starts[i];
    replace(p, p->starts[i], end, step, bytes);
}

static void change_byte(struct generator *g, struct program *p)
{
    if (p->used < 2)
        return;
    uint8_t *byte = &p->bytes[1 + generator_below(g, (uint32_t)p->used - 1)];
    switch (generator_below(g, 3)) {
    case 0: *byte = (uint8_t)generator_below(g, 256); break;
    case 1: *byte = (uint8_t)(*byte + generator_below(g, 7) - 3); break;
    default: *byte ^= (uint8_t)(1u << generator_below(g, 8)); break;
    }
    find_steps(p);
}

static void move_step(struct generator *g, struct program *p, bool leave_original)
{
    unsigned i = generator_below(g, p->steps);
    uint8_t copy[GRAMMAR_STEP_BYTES];
    size_t bytes = p->starts[i + 1] - p->starts[i];
    memcpy(copy, p->bytes + p->starts[i], bytes);
    if (!leave_original)
        replace(p, p->starts[i], p->starts[i + 1], copy, 0);
    size_t at = p->starts[generator_below(g, p->steps + 1)];
    replace(p, at, at, copy, bytes);
}

static void change(struct generator *g, struct program *p)
{
    if (p->steps == 0 || generator_below(g, 4) == 0) {
        insert_new(g, p, false);
        return;
    }
    unsigned i = generator_below(g, p->steps);
    uint8_t *op = &p->bytes[p->starts[i]];
    switch (generator_below(g, 7)) {
    case 0: replace(p, p->starts[i], p->starts[i + 1], op, 0); break;
    case 1: insert_new(g, p, true); break;
    case 2: move_step(g, p, true); break;
    case 3: move_step(g, p, false); break;
    case 4: *op = (uint8_t)(*op % 16 | generator_below(g, 16) << 4); break;
    case 5: p->bytes[0] = (uint8_t)generator_below(g, WORLD_COUNT); break;
    default: change_byte(g, p); break;
    }
}

static void take(struct program *p, const uint8_t *data, size_t size)
{
    p->used = size < PROGRAM_MAX_BYTES ? size : PROGRAM_MAX_BYTES;
    memcpy(p->bytes, data, p->used);
    if (p->used == 0)
        p->bytes[p->used++] = 0;
    find_steps(p);
}

size_t grammar_mutate(struct generator *g, const uint8_t *data, size_t size, const uint8_t *other,
                      size_t other_size, uint8_t *out, size_t room)
{
    static struct program p, tail;
    take(&p, data, size);
    if (other && other_size > 1 && generator_below(g, 8) == 0) {
        take(&tail, other, other_size);
        size_t cut = p.starts[generator_below(g, p.steps + 1)];
        size_t from = tail.starts[generator_below(g, tail.steps + 1)];
        replace(&p, cut, p.used, tail.bytes + from, tail.used - from);
    }
    for (unsigned n = 1 + generator_below(g, 4); n > 0; n--)
        change(g, &p);
    size_t used = p.used < room ? p.used : room;
    memcpy(out, p.bytes, used);
    return used;
}
