/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The shuffled setting: CSpaces of one to three levels with guards, slots, badges and priorities
 * drawn from the seed, and threads that stand around. In the plain setting a worker has the root
 * task's CNode, in which a cptr is a slot number.
 */
#include "bench.h"
#include "kaal/string.h"

enum {
    MAX_LEVELS = 3,
    MAX_CROWD = 12,
    LOWEST_PRIORITY = MAIN_PRIORITY + 10,
    MIDDLE_PRIORITY = (LOWEST_PRIORITY + MAX_PRIORITY) / 2,
    GUARD_VALUE_BITS = 30
};

/* A chain of CNodes; all caps of the worker are in the last one. */
struct space {
    unsigned levels;
    unsigned radix[MAX_LEVELS];
    unsigned guard_bits[MAX_LEVELS];
    uint64_t guard[MAX_LEVELS];
    uint64_t cnode[MAX_LEVELS]; /* slots of the CNode caps */
    uint64_t index[MAX_LEVELS]; /* of the next level's cap */
};

bool shuffled;

static struct space spaces[MAX_WORKERS];
static unsigned space_count;

uint8_t shuffled_priority(uint8_t plain)
{
    unsigned from = plain == HIGHER ? MIDDLE_PRIORITY : LOWEST_PRIORITY;
    unsigned to = plain == LOWER ? MIDDLE_PRIORITY : MAX_PRIORITY + 1;
    return (uint8_t)(from + draw(to - from));
}

uint64_t shuffled_badge(void)
{
    return 1 + draw(UINT64_MAX - 1);
}

unsigned draws(void)
{
    return shuffled ? (unsigned)options.draws : 1;
}

static void draw_shape(struct space *s)
{
    s->levels = 1 + (unsigned)draw(MAX_LEVELS);
    unsigned used = 0;
    for (unsigned k = 0; k < s->levels; k++) {
        s->radix[k] = k + 1 == s->levels ? 4 + (unsigned)draw(7) : 1 + (unsigned)draw(5);
        s->guard_bits[k] = k == 0 ? 0 : (unsigned)draw(8);
        used += s->radix[k] + s->guard_bits[k];
    }
    s->guard_bits[0] = WORD_BITS - used;
    for (unsigned k = 0; k < s->levels; k++) {
        unsigned bits = s->guard_bits[k] < GUARD_VALUE_BITS ? s->guard_bits[k] : GUARD_VALUE_BITS;
        s->guard[k] = draw(1ull << bits);
        s->index[k] = draw(1ull << s->radix[k]);
    }
}

static struct space *space_new(void)
{
    struct space *s = &spaces[space_count++ % MAX_WORKERS];
    draw_shape(s);
    for (unsigned k = 0; k < s->levels; k++)
        s->cnode[k] = pool_object(OBJECT_CNODE, s->radix[k]);
    for (unsigned k = 0; k + 1 < s->levels; k++) {
        struct kaal_slot to = {s->cnode[k], s->index[k], s->radix[k]};
        must(kaal_cnode_mint(to, at(s->cnode[k + 1]), RIGHTS_ALL,
                             kaal_guard(s->guard[k + 1], s->guard_bits[k + 1])),
             "a CNode in a CNode");
    }
    return s;
}

uint64_t worker_cap(struct worker *w, uint64_t slot)
{
    if (!shuffled)
        return slot;
    if (!w->space)
        w->space = space_new();
    struct space *s = w->space;
    unsigned last = s->levels - 1;
    enum error_code error;
    do {
        s->index[last] = draw(1ull << s->radix[last]);
        struct kaal_slot to = {s->cnode[last], s->index[last], s->radix[last]};
        error = kaal_cnode_copy(to, at(slot), RIGHTS_ALL);
    } while (error == ERROR_DELETE_FIRST);
    must(error, "a copy of a cap in a worker's CSpace");
    uint64_t cptr = 0;
    for (unsigned k = 0; k < s->levels; k++) {
        if (s->guard_bits[k] < WORD_BITS)
            cptr = cptr << s->guard_bits[k] | s->guard[k];
        cptr = cptr << s->radix[k] | s->index[k];
    }
    return cptr;
}

void worker_cspace(const struct worker *w, struct kaal_tcb_setup *setup)
{
    const struct space *s = w->space;
    setup->cspace = s ? s->cnode[0] : SLOT_INIT_CNODE;
    setup->cspace_data = s ? kaal_guard(s->guard[0], s->guard_bits[0]) : 0;
}

static void idle_thread(uint64_t priority)
{
    uint64_t tcb = pool_object(OBJECT_TCB, 0);
    const struct kaal_tcb_setup setup = {.cspace = SLOT_INIT_CNODE, .vspace = SLOT_INIT_VSPACE};
    must(kaal_tcb_configure(tcb, &setup), "TCB_Configure");
    must(kaal_tcb_set_priority(tcb, SLOT_INIT_TCB, priority), "TCB_SetPriority");
    must(kaal_tcb_resume(tcb), "TCB_Resume");
}

/* Below the main thread, which never blocks, they stay ready and never run. */
void shuffled_crowd(void)
{
    for (uint64_t n = draw(MAX_CROWD + 1); n > 0; n--)
        idle_thread(1 + draw(MAIN_PRIORITY - 1));
}
