/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The checked manifest as JSON, defaults filled in.
 */
#include <stdio.h>

#include "manifest.h"

typedef unsigned long long ull; /* for %llu */

static void text(const char *s)
{
    putchar('"');
    for (; *s != 0; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\') {
            printf("\\%c", c);
        } else if (c < 0x20) {
            printf("\\u%04x", c);
        } else {
            putchar(c);
        }
    }
    putchar('"');
}

static void field(const char *name, const char *value)
{
    printf("\"%s\": ", name);
    text(value);
}

static void show_devices(const struct component *c)
{
    static const char *const by[] = {
        [FIND_PATH] = "path", [FIND_ALIAS] = "alias", [FIND_COMPATIBLE] = "compatible"};
    printf(",\n     \"devices\": [");
    for (unsigned i = 0; i < c->devices; i++) {
        const struct device *d = &c->device[i];
        printf("%s{", i != 0 ? ", " : "");
        field("name", d->name.text);
        printf(", ");
        if (d->find == FIND_INTERRUPT) {
            printf("\"interrupt\": %llu", (ull)d->interrupt);
        } else {
            field(by[d->find], d->id.text);
        }
        if (d->node != NULL) {
            printf(", ");
            field("node", d->node);
        }
        printf(", \"irq\": %s, \"dma\": %llu}", d->irq != 0 ? "true" : "false", (ull)d->dma);
    }
    printf("]");
}

static void show_channels(const struct component *c)
{
    printf(",\n     \"channels\": [");
    for (unsigned i = 0; i < c->channels; i++) {
        const struct channel *ch = &c->channel[i];
        printf("%s{", i != 0 ? ", " : "");
        field("name", ch->name.text);
        printf(", ");
        field("to", ch->server.text);
        printf(", \"buffer\": %llu, \"grant\": %s}", (ull)ch->buffer,
               ch->grant != 0 ? "true" : "false");
    }
    printf("]");
}

static void show_component(const struct component *c)
{
    printf("    {");
    field("name", c->name.text);
    printf(", ");
    field("binary", c->binary.text);
    printf(", ");
    field("type", word_of(type_words, c->type));
    printf(",\n     \"priority\": %llu, \"memory\": %llu, \"stack\": %llu, \"heap\": %llu, "
           "\"image\": %llu,\n     \"autostart\": %s, ",
           (ull)c->priority, (ull)c->memory, (ull)c->stack, (ull)c->heap, (ull)c->image_bytes,
           c->autostart != 0 ? "true" : "false");
    field("restart", word_of(restart_words, c->restart));
    printf(", \"restart_limit\": %llu, \"restart_backoff_ms\": %llu,\n     \"slots\": %llu, "
           "\"objects\": %llu, \"rights\": [",
           (ull)c->restart_limit, (ull)c->restart_backoff, (ull)c->slots, (ull)c->objects);
    const char *comma = "";
    for (const struct word *w = right_words; w->word != NULL; w++) {
        if ((c->rights & w->value) != 0) {
            printf("%s\"%s\"", comma, w->word);
            comma = ", ";
        }
    }
    printf("], \"arguments\": [");
    for (unsigned i = 0; i < c->arguments; i++) {
        printf("%s", i != 0 ? ", " : "");
        text(c->argument[i].text);
    }
    printf("]");
    show_devices(c);
    show_channels(c);
    printf("}");
}

void show_json(const struct manifest *m)
{
    printf("{");
    field("system", m->name.text);
    printf(", \"memory\": %llu,\n \"components\": [\n", (ull)m->memory);
    for (unsigned i = 0; i < m->components; i++) {
        show_component(&m->component[i]);
        printf(i + 1 < m->components ? ",\n" : "\n");
    }
    printf(" ],\n \"rings\": [");
    for (unsigned i = 0; i < m->rings; i++) {
        const struct ring *r = &m->ring[i];
        printf("%s\n    {", i != 0 ? "," : "");
        field("name", r->name.text);
        printf(", ");
        field("from", r->from.text);
        printf(", ");
        field("to", r->to.text);
        printf(", \"entries\": %llu, \"bytes\": %llu}", (ull)r->entries, (ull)r->bytes);
    }
    printf("\n ]}\n");
}
