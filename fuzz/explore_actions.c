/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Actions as bytes, and the full alphabet: every row of the grammar with the product of small
 * domains, one domain for each letter.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/bootinfo.h"
#include "abi/labels.h"
#include "explore.h"
#include "grammar.h"
#include "world.h"

enum {
    PRODUCT_LIMIT = 32, /* of the words of one method; the largest domains shrink until it holds */
    MAX_WORDS = 12,
    FREE = WORLD_SLOT_END,
    ENTRY_PAGE = 0x10, /* page of the frame that is mapped at the start */
};

/* ---- bytes ---- */

static _Noreturn void too_long(void)
{
    fprintf(stderr, "explore: an action is longer than a step can be, or there are too many\n");
    exit(2);
}

static struct action *new_action(struct alphabet *a, enum step_op op)
{
    if (a->count == ALPHABET_MAX)
        too_long();
    struct action *action = &a->action[a->count++];
    action->bytes[0] = (uint8_t)op;
    action->bytes[1] = 0;
    action->size = 2;
    return action;
}

static void put(struct action *action, uint64_t byte)
{
    if (action->size == ACTION_BYTES)
        too_long();
    action->bytes[action->size++] = (uint8_t)byte;
    action->bytes[1]++;
}

static void put_bytes(struct action *action, unsigned count, uint64_t value)
{
    for (unsigned i = 0; i < count; i++)
        put(action, value >> 8 * i & 0xff);
}

/* The shortest way to say it that program.h has, almost. */
static void put_value(struct action *action, uint64_t value)
{
    if (value < VALUE_CONSTANT) {
        put(action, value);
        return;
    }
    for (unsigned i = 0; i < CONSTANT_COUNT; i++)
        if (program_constants[i] == value) {
            put(action, VALUE_CONSTANT + i);
            return;
        }
    if (value % 4096 == 0 && value / 4096 < 256)
        put(action, VALUE_PAGE), put(action, value / 4096);
    else if (value >= 0 - (uint64_t)4)
        put(action, 0x100 - (0 - value));
    else if (value < 1 << 16)
        put(action, VALUE_BYTES + 1), put_bytes(action, 2, value);
    else
        put(action, VALUE_BYTES + 3), put_bytes(action, 8, value);
}

void alphabet_call(struct alphabet *a, struct call call)
{
    struct action *action = new_action(a, call.op);
    put_value(action, call.cptr);
    put(action, call.label);
    put(action, call.length);
    put(action, call.cap_count);
    for (unsigned i = 0; i < call.cap_count; i++)
        put_value(action, call.caps[i]);
    for (unsigned i = 0; i < call.length; i++)
        put_value(action, call.words[i]);
}

void alphabet_step(struct alphabet *a, enum step_op op, unsigned count, const uint8_t *payload)
{
    struct action *action = new_action(a, op);
    for (unsigned i = 0; i < count; i++)
        put(action, payload[i]);
}

void alphabet_receive(struct alphabet *a, enum step_op op, uint64_t cptr)
{
    put_value(new_action(a, op), cptr);
}

/* ---- domains ---- */

enum {
    DOMAIN_MAX = 10
};

struct domain {
    char letter;
    uint8_t count;
    uint64_t value[DOMAIN_MAX];
};

/* The first values matter most: those that remain when a product is too large. */
static const struct domain cap_domains[] = {
    {'r', 2, {SLOT_INIT_CNODE, WORLD_ENDPOINT}},
    {'c', 2, {WORLD_CNODE, SLOT_INIT_CNODE}},
    {'u', 3, {WORLD_UNTYPED_PAGE, WORLD_UNTYPED_SMALL, WORLD_TCB_A}},
    {'e', 2, {WORLD_ENDPOINT, WORLD_BADGED_5}},
    {'n', 3, {WORLD_NOTIFICATION, WORLD_ENDPOINT, FREE}},
    {'f', 4, {WORLD_FRAME, WORLD_FRAME_A, WORLD_LARGE_PAGE, FREE}},
    {'p', 3, {WORLD_TABLE_3, WORLD_SPARE_TABLE, WORLD_TABLE_1}},
    {'v', 4, {WORLD_VSPACE_C, WORLD_SPARE_VSPACE, SLOT_INIT_VSPACE, WORLD_TABLE_3}},
    {'t', 3, {WORLD_TCB_A, SLOT_INIT_TCB, WORLD_TCB_C}},
    {'P', 2, {SLOT_INIT_ASID_POOL, WORLD_ENDPOINT}},
    {'h', 1, {WORLD_IRQ}},
    {'I', 1, {SLOT_IRQ_CONTROL}},
    {'A', 1, {SLOT_ASID_CONTROL}},
    {'D', 1, {SLOT_DOMAIN}},
    {'S', 1, {SLOT_SMC}},
};

static const struct domain word_domains[] = {
    {'e', 2, {FREE, WORLD_ENDPOINT}},
    {'s',
     9,
     {WORLD_ENDPOINT, WORLD_BADGED_5, WORLD_CNODE, WORLD_TCB_A, WORLD_UNTYPED_PAGE, WORLD_FRAME,
      WORLD_VSPACE_C, FREE, SLOT_INIT_ASID_POOL}},
    {'E', 3, {WORLD_ENDPOINT, WORLD_BADGED_5, WORLD_NOTIFICATION}},
    {'d', 2, {WORD_BITS, 6}},
    {'t', 10, {0, 1, 2, 3, 4, 6, 7, 8, 9, 10}},
    {'z', 4, {4, 9, 12, 0}},
    {'c', 3, {1, 2, 0}},
    {'o', 2, {FREE, WORLD_ENDPOINT}},
    {'b', 3, {0, 5, 7}},
    {'g', 2, {0, 3 << 6 | 2}},
    {'r', 3, {RIGHTS_ALL, RIGHT_READ, RIGHT_WRITE}},
    {'p', 3, {100, 99, 255}},
    {'v', 5, {0x10000, 0x11000, 0x200000, 0x400000, USER_TOP}},
    {'w', 3, {0, 0x11000, 1}},
    {'a', 2, {ATTR_DEFAULT, ATTR_EXECUTE_NEVER}},
    {'l', 2, {0, 0x1000}},
    {'h', 3, {0x1000, 0x1001, 0}},
    {'q', 4, {WORLD_DEVICE_IRQ, 27, WORLD_MAX_IRQ, WORLD_MAX_IRQ + 1}},
    {'i', 3, {0, 1, 7}},
    {'f', 3, {0, 1, 3}},
    {'0', 2, {0, 1}},
    {'x', 2, {0, 0x1000}},
};

static const struct domain *domain_of(const struct domain *domains, size_t count, char letter)
{
    for (size_t i = 0; i < count; i++)
        if (domains[i].letter == letter)
            return &domains[i];
    fprintf(stderr, "explore: no domain for letter '%c'\n", letter);
    exit(2);
}

static const struct domain *cap_domain(char letter)
{
    return domain_of(cap_domains, sizeof cap_domains / sizeof cap_domains[0], letter);
}

static const struct domain *word_domain(char letter)
{
    return domain_of(word_domains, sizeof word_domains / sizeof word_domains[0], letter);
}

/* ---- products ---- */

struct product {
    const struct domain *domain[MAX_WORDS];
    unsigned size[MAX_WORDS];
    unsigned at[MAX_WORDS];
    unsigned count;
};

static void shrink(struct product *p, unsigned limit)
{
    for (;;) {
        unsigned product = 1, largest = 0;
        for (unsigned i = 0; i < p->count; i++) {
            product *= p->size[i];
            if (p->size[i] >= p->size[largest])
                largest = i;
        }
        if (p->count == 0 || product <= limit)
            return;
        p->size[largest]--;
    }
}

static struct product product_of(const char *letters, const struct domain *(*domain)(char),
                                 unsigned limit)
{
    struct product p = {.count = (unsigned)strlen(letters)};
    for (unsigned i = 0; i < p.count; i++) {
        p.domain[i] = domain(letters[i]);
        p.size[i] = p.domain[i]->count;
    }
    shrink(&p, limit);
    return p;
}

static bool next(struct product *p)
{
    for (unsigned i = 0; i < p->count; i++) {
        if (++p->at[i] < p->size[i])
            return true;
        p->at[i] = 0;
    }
    return false;
}

static uint64_t value(const struct product *p, unsigned i)
{
    return p->domain[i]->value[p->at[i]];
}

/* The right words with all caps, then all words with the right caps. */
static void add_row(struct alphabet *a, const struct grammar_row *row, uint64_t invoked)
{
    struct product words = product_of(row->words, word_domain, PRODUCT_LIMIT);
    struct product caps = product_of(row->caps, cap_domain, PRODUCT_LIMIT);
    struct call call = {.op = STEP_CALL, .cptr = invoked, .label = row->label};
    bool more_caps = true;
    do {
        call.cap_count = caps.count;
        call.length = words.count;
        for (unsigned i = 0; i < caps.count; i++)
            call.caps[i] = value(&caps, i);
        for (unsigned i = 0; i < words.count; i++)
            call.words[i] = value(&words, i);
        alphabet_call(a, call);
        more_caps = more_caps && next(&caps);
    } while (more_caps || next(&words));
}

static void add_methods(struct alphabet *a)
{
    unsigned count;
    const struct grammar_row *rows = grammar_rows(&count);
    for (unsigned i = 0; i < count; i++) {
        const struct domain *invoked = cap_domain(rows[i].invoked);
        for (unsigned j = 0; j < invoked->count; j++)
            add_row(a, &rows[i], invoked->value[j]);
    }
}

/* ---- the other calls ---- */

static void add_messages(struct alphabet *a)
{
    static const uint8_t caps[] = {WORLD_ENDPOINT, WORLD_BADGED_5,       WORLD_NOTIFICATION,
                                   FREE,           WORLD_FAULT_ENDPOINT, SLOT_INIT_CNODE};
    static const enum step_op ops[] = {STEP_CALL, STEP_SEND, STEP_NB_SEND, STEP_REPLY_RECV};
    for (unsigned i = 0; i < sizeof caps; i++) {
        for (unsigned j = 0; j < sizeof ops / sizeof ops[0]; j++)
            for (unsigned k = 0; k < 2; k++)
                alphabet_call(a, (struct call){.op = ops[j],
                                               .cptr = caps[i],
                                               .label = 1,
                                               .cap_count = k,
                                               .caps = {WORLD_NOTIFICATION},
                                               .length = 1 + 4 * k,
                                               .words = {1, 2, 3, 4, 5}});
        alphabet_receive(a, STEP_RECV, caps[i]);
        alphabet_receive(a, STEP_NB_RECV, caps[i]);
    }
    alphabet_call(a, (struct call){.op = STEP_REPLY, .label = 2, .length = 1, .words = {9}});
    alphabet_call(a, (struct call){.op = STEP_REPLY,
                                   .cap_count = 1,
                                   .caps = {WORLD_ENDPOINT},
                                   .length = 5,
                                   .words = {1, 2, 3, 4, 5}});
}

static void add_events(struct alphabet *a)
{
    static const uint8_t faults[][6] = {
        {FAULT_KIND_DATA, 0x46, VALUE_PAGE, 0x30},
        {FAULT_KIND_INSTRUCTION, 0x06, 0},
        {FAULT_KIND_EXCEPTION, 0, 0},
    };
    alphabet_step(a, STEP_YIELD, 0, NULL);
    for (uint8_t n = 9; n < 28; n++)
        if (n != 11 && n != 14) /* those end the machine, or name threads */
            alphabet_step(a, STEP_OTHER, 3, (const uint8_t[]){n, WORLD_TCB_A, 0});
    for (unsigned i = 0; i < sizeof faults / sizeof faults[0]; i++)
        alphabet_step(a, STEP_FAULT, 4, faults[i]);
    alphabet_step(a, STEP_FP, 2, (const uint8_t[]){0, 1});
    alphabet_step(a, STEP_TICK, 1, (const uint8_t[]){0});
    for (uint8_t irq = 0; irq < 64; irq++)
        alphabet_step(a, STEP_IRQ, 2, (const uint8_t[]){irq, IRQ_PULSE});
}

void alphabet_full(struct alphabet *a, unsigned world)
{
    *a = (struct alphabet){.world = world};
    add_methods(a);
    add_messages(a);
    add_events(a);
}
