/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What a meaningful step looks like (grammar.h): one row for each method of abi/invocations.md,
 * with the kinds of its caps and words; now and then a rule is broken on purpose.
 */
#include "grammar.h"

#include <string.h>

#include "abi/bootinfo.h"
#include "abi/labels.h"
#include "abi/objects.h"
#include "program.h"
#include "world.h"

/* Letters of caps, invoked or extra:
 *   r root CNode  c CNode  u untyped  e endpoint  n notification  f frame  p page table  v VSpace
 *   t TCB  P ASID pool  h IRQ handler  I IRQControl  A ASIDControl  D domain  S SMC  y any cap
 * Letters of words:
 *   e empty slot  s slot in use  E slot with an endpoint  d depth  t object type  z size  c count
 * o offset of a slot b badge  g guard  r rights  p priority  v address  w buffer address  a
 * attributes l start of a range  h its end  q interrupt  i small number  f flags  0 zero  x
 * anything */
static const struct grammar_row rows[] = {
    {LABEL_UNTYPED_RETYPE, 'u', "r", "tz00oc"},
    {LABEL_TCB_READ_REGISTERS, 't', "", "fi"},
    {LABEL_TCB_WRITE_REGISTERS, 't', "", "fixxxxx"},
    {LABEL_TCB_COPY_REGISTERS, 't', "t", "f"},
    {LABEL_TCB_CONFIGURE, 't', "cvf", "sg0w"},
    {LABEL_TCB_SET_PRIORITY, 't', "t", "p"},
    {LABEL_TCB_SET_MC_PRIORITY, 't', "t", "p"},
    {LABEL_TCB_SET_SCHED_PARAMS, 't', "t", "pp"},
    {LABEL_TCB_SET_IPC_BUFFER, 't', "f", "w"},
    {LABEL_TCB_SET_SPACE, 't', "cv", "sg0"},
    {LABEL_TCB_SUSPEND, 't', "", ""},
    {LABEL_TCB_RESUME, 't', "", ""},
    {LABEL_TCB_BIND_NOTIFICATION, 't', "n", ""},
    {LABEL_TCB_UNBIND_NOTIFICATION, 't', "", ""},
    {LABEL_TCB_SET_TLS_BASE, 't', "", "x"},
    {LABEL_TCB_SET_FLAGS, 't', "", "ff"},
    {LABEL_CNODE_REVOKE, 'r', "", "sd"},
    {LABEL_CNODE_DELETE, 'r', "", "sd"},
    {LABEL_CNODE_CANCEL_BADGED_SENDS, 'r', "", "Ed"},
    {LABEL_CNODE_COPY, 'r', "r", "edsdr"},
    {LABEL_CNODE_MINT, 'r', "r", "edsdrb"},
    {LABEL_CNODE_MOVE, 'r', "r", "edsd"},
    {LABEL_CNODE_MUTATE, 'r', "r", "edsdg"},
    {LABEL_CNODE_ROTATE, 'r', "rr", "edgsdgsd"},
    {LABEL_CNODE_SAVE_CALLER, 'r', "", "ed"},
    {LABEL_IRQ_CONTROL_GET, 'I', "r", "qed"},
    {LABEL_IRQ_HANDLER_ACK, 'h', "", ""},
    {LABEL_IRQ_HANDLER_SET_NOTIFICATION, 'h', "n", ""},
    {LABEL_IRQ_HANDLER_CLEAR, 'h', "", ""},
    {LABEL_DOMAIN_SET_SET, 'D', "t", "i"},
    {LABEL_DOMAIN_SET_SCHEDULE_CONFIGURE, 'D', "", "iii"},
    {LABEL_DOMAIN_SET_SCHEDULE_SET_START, 'D', "", "i"},
    {LABEL_VSPACE_CLEAN_DATA, 'v', "", "vv"},
    {LABEL_VSPACE_INVALIDATE_DATA, 'v', "", "vv"},
    {LABEL_VSPACE_CLEAN_INVALIDATE_DATA, 'v', "", "vv"},
    {LABEL_VSPACE_UNIFY_INSTRUCTION, 'v', "", "vv"},
    {LABEL_SMC_CALL, 'S', "", "xxxxxxxx"},
    {LABEL_PAGE_TABLE_MAP, 'p', "v", "va"},
    {LABEL_PAGE_TABLE_UNMAP, 'p', "", ""},
    {LABEL_PAGE_MAP, 'f', "v", "vra"},
    {LABEL_PAGE_UNMAP, 'f', "", ""},
    {LABEL_PAGE_CLEAN_DATA, 'f', "", "lh"},
    {LABEL_PAGE_INVALIDATE_DATA, 'f', "", "lh"},
    {LABEL_PAGE_CLEAN_INVALIDATE_DATA, 'f', "", "lh"},
    {LABEL_PAGE_UNIFY_INSTRUCTION, 'f', "", "lh"},
    {LABEL_PAGE_GET_ADDRESS, 'f', "", ""},
    {LABEL_ASID_CONTROL_MAKE_POOL, 'A', "ur", "ed"},
    {LABEL_ASID_POOL_ASSIGN, 'P', "v", ""},
    {LABEL_IRQ_CONTROL_GET_TRIGGER, 'I', "r", "qied"},
    {LABEL_IRQ_CONTROL_ISSUE_SGI_SIGNAL, 'I', "r", "iied"},
};

const struct grammar_row *grammar_rows(unsigned *count)
{
    *count = sizeof rows / sizeof rows[0];
    return rows;
}

/* Half of the programs keep to a theme, so that what was done to an object has consequences within
 * the same program: the methods they choose from, and the kinds of what they delete and copy. */
struct theme {
    uint8_t labels[24];
    uint8_t kinds[4];
};

static const struct theme themes[] = {
    {{LABEL_UNTYPED_RETYPE, LABEL_UNTYPED_RETYPE, LABEL_UNTYPED_RETYPE, LABEL_CNODE_REVOKE,
      LABEL_CNODE_REVOKE, LABEL_CNODE_DELETE, LABEL_CNODE_DELETE, LABEL_CNODE_COPY,
      LABEL_CNODE_MOVE, LABEL_CNODE_MINT, LABEL_TCB_SET_IPC_BUFFER, LABEL_TCB_SET_SPACE,
      LABEL_TCB_READ_REGISTERS, LABEL_ASID_CONTROL_MAKE_POOL, LABEL_TCB_RESUME},
     {KIND_UNTYPED, KIND_UNTYPED, KIND_CNODE, KIND_FRAME}},
    {{LABEL_PAGE_TABLE_MAP, LABEL_PAGE_TABLE_MAP, LABEL_PAGE_TABLE_UNMAP, LABEL_PAGE_MAP,
      LABEL_PAGE_MAP, LABEL_PAGE_UNMAP, LABEL_VSPACE_CLEAN_DATA, LABEL_VSPACE_INVALIDATE_DATA,
      LABEL_PAGE_CLEAN_DATA, LABEL_PAGE_INVALIDATE_DATA, LABEL_ASID_CONTROL_MAKE_POOL,
      LABEL_ASID_POOL_ASSIGN, LABEL_ASID_POOL_ASSIGN, LABEL_CNODE_DELETE, LABEL_CNODE_COPY,
      LABEL_CNODE_MOVE, LABEL_UNTYPED_RETYPE, LABEL_TCB_SET_SPACE},
     {KIND_ASID_POOL, KIND_VSPACE, KIND_PAGE_TABLE, KIND_FRAME}},
    {{LABEL_CNODE_SAVE_CALLER, LABEL_CNODE_SAVE_CALLER, LABEL_CNODE_CANCEL_BADGED_SENDS,
      LABEL_CNODE_MINT, LABEL_CNODE_DELETE, LABEL_CNODE_MOVE, LABEL_TCB_SUSPEND, LABEL_TCB_RESUME,
      LABEL_TCB_RESUME, LABEL_TCB_BIND_NOTIFICATION, LABEL_TCB_UNBIND_NOTIFICATION,
      LABEL_TCB_SET_PRIORITY, LABEL_TCB_CONFIGURE, LABEL_TCB_COPY_REGISTERS,
      LABEL_IRQ_HANDLER_SET_NOTIFICATION, LABEL_IRQ_HANDLER_ACK, LABEL_DOMAIN_SET_SET},
     {KIND_REPLY, KIND_ENDPOINT, KIND_NOTIFICATION, KIND_TCB}},
};

enum {
    THEMES = sizeof themes / sizeof themes[0]
};

uint32_t generator_below(struct generator *g, uint32_t limit)
{
    g->state += 0x9e3779b97f4a7c15ull;
    uint64_t z = g->state;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return (uint32_t)((z ^ z >> 31) >> 32) % limit;
}

static bool one_in(struct generator *g, uint32_t n)
{
    return generator_below(g, n) == 0;
}

/* ---- bytes being written; what does not fit is dropped ---- */

struct writer {
    struct generator *g;
    const struct theme *theme; /* or NULL */
    uint8_t bytes[GRAMMAR_STEP_BYTES];
    size_t used;
};

static void put(struct writer *w, unsigned byte)
{
    if (w->used < sizeof w->bytes)
        w->bytes[w->used++] = (uint8_t)byte;
}

static void put2(struct writer *w, unsigned first, unsigned second)
{
    put(w, first);
    put(w, second);
}

static void put_slot(struct writer *w, enum slot_kind kind)
{
    if (kind == KIND_ANY && !one_in(w->g, 4))
        put(w, WORLD_TCB_A + generator_below(w->g, WORLD_SLOT_END - WORLD_TCB_A));
    else
        put2(w, VALUE_SLOT + kind, generator_below(w->g, kind == KIND_ANY ? 256 : 10));
}

/* Any value at all. */
static void put_any(struct writer *w)
{
    switch (generator_below(w->g, 6)) {
    case 0: put(w, generator_below(w->g, VALUE_CONSTANT)); break;
    case 1: put(w, VALUE_CONSTANT + generator_below(w->g, CONSTANT_COUNT)); break;
    case 2: put_slot(w, (enum slot_kind)generator_below(w->g, KIND_COUNT)); break;
    case 3: put2(w, VALUE_POWER + generator_below(w->g, 7), generator_below(w->g, 256)); break;
    case 4: put(w, VALUE_TOP + generator_below(w->g, 4)); break;
    default: put(w, generator_below(w->g, 16)); break;
    }
}

/* ---- caps ---- */

static enum slot_kind kind_of_letter(char letter)
{
    switch (letter) {
    case 'c': return KIND_CNODE;
    case 'u': return KIND_UNTYPED;
    case 'e': return KIND_ENDPOINT;
    case 'n': return KIND_NOTIFICATION;
    case 'f': return KIND_FRAME;
    case 'p': return KIND_PAGE_TABLE;
    case 'v': return KIND_VSPACE;
    case 't': return KIND_TCB;
    case 'P': return KIND_ASID_POOL;
    case 'h': return KIND_IRQ_HANDLER;
    default: return KIND_ANY;
    }
}

/* One of two slots that are useful in the start states, or any of the kind. */
static void put_one_of(struct writer *w, unsigned first, unsigned second, enum slot_kind kind)
{
    uint32_t choice = generator_below(w->g, 4);
    if (choice < 2)
        put(w, choice == 0 ? first : second);
    else
        put_slot(w, kind);
}

static void put_cap(struct writer *w, char letter)
{
    if (one_in(w->g, 40))
        letter = 'y';
    switch (letter) {
    case 'r': put(w, SLOT_INIT_CNODE); break;
    case 'I': put(w, SLOT_IRQ_CONTROL); break;
    case 'A': put(w, SLOT_ASID_CONTROL); break;
    case 'D': put(w, SLOT_DOMAIN); break;
    case 'S': put(w, SLOT_SMC); break;
    case 'u': put_one_of(w, WORLD_UNTYPED_PAGE, WORLD_UNTYPED_SMALL, KIND_UNTYPED); break;
    case 'p': put_one_of(w, WORLD_SPARE_TABLE, WORLD_TABLE_3, KIND_PAGE_TABLE); break;
    case 'f': put_one_of(w, WORLD_FRAME_COPY, WORLD_FRAME, KIND_FRAME); break;
    default: put_slot(w, kind_of_letter(letter)); break;
    }
}

/* ---- words ---- */

static void put_address(struct writer *w)
{
    static const uint8_t constants[] = {9, 10, 11, 13, 13, 14, 14, 15, 16, 17, 18, 19};
    switch (generator_below(w->g, 4)) {
    case 0: put2(w, VALUE_MAPPED, generator_below(w->g, 16)); break;
    case 1: put2(w, VALUE_PAGE + generator_below(w->g, 3), generator_below(w->g, 32)); break;
    case 2: put(w, VALUE_CONSTANT + constants[generator_below(w->g, sizeof constants)]); break;
    default: put2(w, VALUE_PAGE, 16 + generator_below(w->g, 4)); break;
    }
}

static void put_size(struct writer *w)
{
    static const uint8_t sizes[] = {0, 1, 2, 3, 4, 5, 6, 8, 9, 11, 12, 13, 21, 30, 47, 48, 63, 64};
    put(w, sizes[generator_below(w->g, sizeof sizes)]);
}

static void put_buffer_address(struct writer *w)
{
    if (one_in(w->g, 3))
        put(w, 0);
    else if (one_in(w->g, 6))
        put_address(w);
    else
        put2(w, VALUE_BYTES + 1, 0), put(w, 4 * generator_below(w->g, 5));
}

static void put_small(struct writer *w, const uint8_t *values, uint32_t count)
{
    put(w, values[generator_below(w->g, count)]);
}

/* Kind of a slot in use that a method of CNodes is about. */
static enum slot_kind used_kind(struct writer *w)
{
    return w->theme && !one_in(w->g, 4) ? (enum slot_kind)w->theme->kinds[generator_below(w->g, 4)]
                                        : KIND_ANY;
}

static void put_word(struct writer *w, char letter)
{
    static const uint8_t priorities[] = {0, 1, 50, 99, 100, 101, 120, 121, 0xc5, 0xc6};
    static const uint8_t badges[] = {0, 1, 5, 5, 7, 9, 0xff};
    static const uint8_t rights[] = {15, 15, 15, 3, 1, 2, 4, 8, 11, 7, 0};
    static const uint8_t interrupts[] = {0, 15, 26, 27, 30, 32, 33, 39, 40, 41, 63, 0xc0};
    struct generator *g = w->g;
    if (one_in(g, 24)) {
        put_any(w);
        return;
    }
    switch (letter) {
    case 'e': put_slot(w, one_in(g, 12) ? KIND_ANY : KIND_EMPTY); break;
    case 's': put_slot(w, used_kind(w)); break;
    case 'E': put_slot(w, KIND_ENDPOINT); break;
    case 'd': put(w, VALUE_CONSTANT); break;
    case 't': put(w, generator_below(g, OBJECT_TYPE_COUNT)); break;
    case 'z': put_size(w); break;
    case 'c': put(w, 1 + generator_below(g, one_in(g, 8) ? 64 : 3)); break;
    case 'o': put_slot(w, KIND_EMPTY); break;
    case 'b':
    case 'g':
        if (one_in(g, 2))
            put2(w, VALUE_GUARD, generator_below(g, 64)), put(w, generator_below(g, 4));
        else
            put_small(w, badges, sizeof badges);
        break;
    case 'r': put_small(w, rights, sizeof rights); break;
    case 'p': put_small(w, priorities, sizeof priorities); break;
    case 'v': put_address(w); break;
    case 'w': put_buffer_address(w); break;
    case 'a': put(w, generator_below(g, 8)); break;
    case 'l': put2(w, VALUE_PAGE, generator_below(g, 2)); break;
    case 'h': put2(w, one_in(g, 4) ? VALUE_POWER : VALUE_PAGE, 1 + generator_below(g, 21)); break;
    case 'q': put_small(w, interrupts, sizeof interrupts); break;
    case 'i': put(w, generator_below(g, 5)); break;
    case 'f': put(w, generator_below(g, 16)); break;
    case '0': put(w, 0); break;
    default: put_any(w); break;
    }
}

/* ---- steps ---- */

/* Words of CNode methods may also go through an inner CNode: its cptr, a small index, its depth. */
static void put_inner_cnode_words(struct writer *w, const char *words)
{
    static const uint8_t depths[] = {4, 6, 10, 0xc0};
    for (; *words; words++) {
        if (*words == 'e' || *words == 's')
            put(w, generator_below(w->g, 10));
        else if (*words == 'd')
            put_small(w, depths, sizeof depths);
        else
            put_word(w, *words);
    }
}

static const struct grammar_row *choose_row(struct writer *w)
{
    const struct grammar_row *row = &rows[generator_below(w->g, sizeof rows / sizeof rows[0])];
    if (!w->theme)
        return row;
    unsigned count = 0;
    while (count < sizeof w->theme->labels && w->theme->labels[count])
        count++;
    unsigned label = w->theme->labels[generator_below(w->g, count)];
    for (row = rows; row->label != label;)
        row++;
    return row;
}

static void put_invocation(struct writer *w)
{
    const struct grammar_row *row = choose_row(w);
    size_t words = strlen(row->words);
    size_t caps = strlen(row->caps);
    bool inner = row->invoked == 'r' && one_in(w->g, 5);
    put_cap(w, inner ? 'c' : row->invoked);
    put(w, one_in(w->g, 60) ? generator_below(w->g, 64) : row->label);
    put(w, one_in(w->g, 30) ? generator_below(w->g, 128) : (uint32_t)words);
    put(w, one_in(w->g, 30) ? generator_below(w->g, 4) : (uint32_t)caps);
    for (size_t i = 0; i < caps; i++)
        put_cap(w, row->caps[i]);
    if (inner)
        put_inner_cnode_words(w, row->words);
    else
        for (size_t i = 0; i < words; i++)
            put_word(w, row->words[i]);
}

/* A message to an endpoint or notification, sometimes with caps. */
static void put_message(struct writer *w)
{
    uint32_t caps = one_in(w->g, 2) ? 0 : generator_below(w->g, 4);
    if (w->theme && one_in(w->g, 8))
        put_slot(w, KIND_REPLY);
    else
        put_slot(w, one_in(w->g, 3)   ? KIND_NOTIFICATION
                    : one_in(w->g, 8) ? KIND_ANY
                                      : KIND_ENDPOINT);
    put(w, generator_below(w->g, 4));
    put(w, generator_below(w->g, one_in(w->g, 4) ? 128 : 8));
    put(w, caps);
    for (uint32_t i = 0; i < caps; i++)
        put_cap(w, "yencft"[generator_below(w->g, 6)]);
    for (uint32_t i = generator_below(w->g, 4); i > 0; i--)
        put_any(w);
}

static void put_write(struct writer *w)
{
    enum {
        RECEIVE_CNODE = 125 /* word of the buffer: cptr, index, depth */
    };
    if (one_in(w->g, 3)) {
        put(w, generator_below(w->g, 128));
        put_any(w);
        return;
    }
    put2(w, RECEIVE_CNODE, SLOT_INIT_CNODE);
    put(w, RECEIVE_CNODE + 1);
    put_word(w, 'e');
    put2(w, RECEIVE_CNODE + 2, VALUE_CONSTANT);
}

static void put_other_syscall(struct writer *w)
{
    static const uint8_t n[] = {9,  10, 12, 13, 14, 17, 18, 19, 20, 21,
                                22, 23, 24, 25, 26, 29, 30, 99, 0};
    put_small(w, n, sizeof n);
    put_slot(w, one_in(w->g, 3) ? KIND_ANY : KIND_TCB);
    put_any(w);
}

static void put_payload(struct writer *w, enum step_op op)
{
    struct generator *g = w->g;
    switch (op) {
    case STEP_CALL:
    case STEP_SEND:
    case STEP_NB_SEND:
        if (one_in(g, op == STEP_CALL ? 5 : 2))
            put_message(w);
        else
            put_invocation(w);
        break;
    case STEP_REPLY:
    case STEP_REPLY_RECV: put_message(w); break;
    case STEP_RECV:
    case STEP_NB_RECV: put_slot(w, one_in(g, 3) ? KIND_NOTIFICATION : KIND_ENDPOINT); break;
    case STEP_OTHER: put_other_syscall(w); break;
    case STEP_WRITE: put_write(w); break;
    case STEP_IRQ:
        put2(w, one_in(g, 3) ? generator_below(g, 64) : 40, generator_below(g, IRQ_MODE_COUNT));
        break;
    case STEP_TICK: put(w, generator_below(g, 8) + (one_in(g, 3) ? 128 : 0)); break;
    case STEP_FAULT:
        put(w, generator_below(g, FAULT_KIND_COUNT));
        put_any(w);
        put_address(w);
        break;
    case STEP_FP:
    case STEP_REG:
        put(w, generator_below(g, 66));
        put_any(w);
        break;
    default: break;
    }
}

/* Deleting is what can be preempted with something to see. */
static uint8_t preemption(struct writer *w, enum step_op op)
{
    bool deletes = op <= STEP_NB_SEND && w->used > 4 &&
                   (w->bytes[3] == LABEL_CNODE_REVOKE || w->bytes[3] == LABEL_CNODE_DELETE ||
                    w->bytes[4] == LABEL_CNODE_REVOKE || w->bytes[4] == LABEL_CNODE_DELETE);
    unsigned preempt = one_in(w->g, deletes ? 2 : 4) ? generator_below(w->g, 8) : 0;
    bool leave = one_in(w->g, deletes ? 3 : 16);
    return (uint8_t)(preempt << 4 | (leave ? 128 : 0));
}

static void make_step(struct writer *w)
{
    static const uint8_t ops[] = {
        STEP_CALL,  STEP_CALL,  STEP_CALL,  STEP_CALL,       STEP_CALL,       STEP_CALL,
        STEP_CALL,  STEP_CALL,  STEP_CALL,  STEP_CALL,       STEP_CALL,       STEP_CALL,
        STEP_SEND,  STEP_SEND,  STEP_RECV,  STEP_RECV,       STEP_NB_SEND,    STEP_NB_RECV,
        STEP_REPLY, STEP_REPLY, STEP_YIELD, STEP_REPLY_RECV, STEP_REPLY_RECV, STEP_YIELD,
        STEP_YIELD, STEP_OTHER, STEP_AGAIN, STEP_WRITE,      STEP_WRITE,      STEP_IRQ,
        STEP_TICK,  STEP_FAULT, STEP_FP,    STEP_REG,
    };
    enum step_op op = (enum step_op)ops[generator_below(w->g, sizeof ops)];
    w->used = 0;
    put2(w, op, 0);
    put_payload(w, op);
    w->bytes[0] |= preemption(w, op);
    w->bytes[1] = (uint8_t)(w->used - 2);
}

static size_t write_step(struct generator *g, const struct theme *theme, uint8_t *out)
{
    struct writer w = {.g = g, .theme = theme};
    make_step(&w);
    memcpy(out, w.bytes, w.used);
    return w.used;
}

size_t grammar_step(struct generator *g, uint8_t *out)
{
    return write_step(g, one_in(g, 2) ? &themes[generator_below(g, THEMES)] : NULL, out);
}

size_t grammar_program(struct generator *g, unsigned most, uint8_t *out)
{
    size_t used = 1;
    const struct theme *theme = one_in(g, 2) ? &themes[generator_below(g, THEMES)] : NULL;
    out[0] = (uint8_t)generator_below(g, WORLD_COUNT);
    for (unsigned i = 1 + generator_below(g, most); i > 0; i--)
        if (used + GRAMMAR_STEP_BYTES <= PROGRAM_MAX_BYTES)
            used += write_step(g, theme, out + used);
    return used;
}
