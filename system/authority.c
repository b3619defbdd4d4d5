/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What each component may do, one right a line, and what a change of the manifest gives or takes.
 * The same list is printed and compared, so nothing can be gained that is not shown.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifest.h"

typedef unsigned long long ull; /* for %llu */

enum {
    MOST_RIGHTS = 256
};

struct right {
    char text[160];
    uint64_t amount; /* of rights that are a quantity; 0 else */
};

struct rights {
    unsigned count;
    struct right right[MOST_RIGHTS];
};

static void add(struct rights *r, uint64_t amount, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void add(struct rights *r, uint64_t amount, const char *format, ...)
{
    va_list list;
    if (r->count == MOST_RIGHTS) {
        fail(EXIT_INPUT, "more than %d rights of one component", MOST_RIGHTS);
    }
    va_start(list, format);
    vsnprintf(r->right[r->count].text, sizeof(r->right[0].text), format, list);
    va_end(list);
    r->right[r->count++].amount = amount;
}

static void add_devices(struct rights *r, const struct component *c)
{
    for (unsigned i = 0; i < c->devices; i++) {
        const struct device *d = &c->device[i];
        const char *id = d->node != NULL ? d->node : d->id.text;
        if (d->find == FIND_INTERRUPT) {
            add(r, 0, "receive and acknowledge the interrupt %llu", (ull)d->interrupt);
            continue;
        }
        add(r, 0, "read and write the registers of %s", id);
        if (d->irq != 0) {
            add(r, 0, "receive and acknowledge the interrupts of %s", id);
        }
        if (d->dma != 0) {
            add(r, d->dma, "direct memory access through %s, bytes:", id);
        }
    }
}

/* Everything that component `index` may do. */
static void list_rights(const struct manifest *m, unsigned index, struct rights *r)
{
    const struct component *c = &m->component[index];
    r->count = 0;
    add(r, c->priority, "run, priority:");
    add(r, c->memory, "use memory, bytes:");
    if (c->objects != 0) {
        add(r, c->objects, "make endpoints and notifications, number:");
    }
    for (const struct word *w = right_words; w->word != NULL; w++) {
        if ((c->rights & w->value) != 0) {
            add(r, 0, "the right '%s'", w->word);
        }
    }
    add_devices(r, c);
    for (unsigned i = 0; i < c->channels; i++) {
        const struct channel *ch = &c->channel[i];
        add(r, 0, "call %s", ch->server.text);
        if (ch->grant != 0) {
            add(r, 0, "pass caps to %s and receive caps from it", ch->server.text);
        }
        if (ch->buffer != 0) {
            add(r, ch->buffer, "share memory with %s, bytes:", ch->server.text);
        }
    }
    for (unsigned i = 0; i < m->components; i++) {
        for (unsigned k = 0; k < m->component[i].channels; k++) {
            if (m->component[i].channel[k].server_index == index) {
                add(r, 0, "answer calls of %s", m->component[i].name.text);
            }
        }
    }
    for (unsigned i = 0; i < m->rings; i++) {
        const struct ring *ring = &m->ring[i];
        if (ring->producer == index) {
            add(r, 0, "send data to %s through the ring %s", ring->to.text, ring->name.text);
        } else if (ring->consumer == index) {
            add(r, 0, "receive data of %s through the ring %s", ring->from.text, ring->name.text);
        }
    }
}

static void print_right(const char *before, const struct right *r)
{
    printf(r->amount != 0 ? "%s%s %llu\n" : "%s%s\n", before, r->text, (ull)r->amount);
}

void show_authority(const struct manifest *m)
{
    struct rights *r = calloc(1, sizeof(*r));
    if (r == NULL) {
        fail(EXIT_IO, "out of memory");
    }
    for (unsigned i = 0; i < m->components; i++) {
        list_rights(m, i, r);
        printf("%s (%s, from %s) may\n", m->component[i].name.text,
               word_of(type_words, m->component[i].type), m->component[i].binary.text);
        for (unsigned k = 0; k < r->count; k++) {
            print_right("    ", &r->right[k]);
        }
    }
    free(r);
}

static const struct right *same(const struct rights *r, const char *text)
{
    for (unsigned i = 0; i < r->count; i++) {
        if (strcmp(r->right[i].text, text) == 0) {
            return &r->right[i];
        }
    }
    return NULL;
}

/* Prints what `a` has and `b` has not, or has less of; the number of lines. */
static unsigned print_more(const char *before, const struct rights *a, const struct rights *b)
{
    unsigned lines = 0;
    for (unsigned i = 0; i < a->count; i++) {
        const struct right *other = same(b, a->right[i].text);
        if (other == NULL) {
            print_right(before, &a->right[i]);
            lines++;
        } else if (other->amount < a->right[i].amount) {
            printf("%s%s %llu, was %llu\n", before, a->right[i].text, (ull)a->right[i].amount,
                   (ull)other->amount);
            lines++;
        }
    }
    return lines;
}

static void rights_of(const struct manifest *m, const char *name, struct rights *r)
{
    unsigned index = manifest_find(m, name);
    r->count = 0;
    if (index < m->components) {
        list_rights(m, index, r);
    }
}

int show_difference(const struct manifest *before, const struct manifest *after)
{
    struct rights *r = calloc(2, sizeof(*r));
    unsigned gains = 0;
    unsigned losses = 0;
    if (r == NULL) {
        fail(EXIT_IO, "out of memory");
    }
    for (unsigned i = 0; i < after->components; i++) {
        const char *name = after->component[i].name.text;
        char text[64];
        rights_of(before, name, &r[0]);
        rights_of(after, name, &r[1]);
        snprintf(text, sizeof(text), "+ %s: ", name);
        gains += print_more(text, &r[1], &r[0]);
        snprintf(text, sizeof(text), "- %s: ", name);
        losses += print_more(text, &r[0], &r[1]);
    }
    for (unsigned i = 0; i < before->components; i++) {
        const char *name = before->component[i].name.text;
        if (manifest_find(after, name) == after->components) {
            printf("- %s: is no longer there\n", name);
            losses++;
        }
    }
    printf("%u gained, %u lost\n", gains, losses);
    free(r);
    return gains != 0 ? EXIT_GAIN : EXIT_DONE;
}
