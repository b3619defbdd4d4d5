/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What a manifest must keep true beyond its form. Every error is reported, the sum of them ends the
 * program.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "comp/env.h"
#include "comp/layout.h"
#include "devices.h"
#include "manifest.h"

typedef unsigned long long ull; /* for %llu */

enum {
    PAGE = 4096,
    /* What a component needs besides its image: environment, control page, IPC buffer, a page each
     * of stack and heap, a TCB, its VSpace and the page tables of six regions (3 levels each). */
    FIXED_BYTES = 5 * PAGE + PAGE + PAGE + 6 * 3 * PAGE,
};

unsigned manifest_find(const struct manifest *m, const char *name)
{
    unsigned i = 0;
    while (i < m->components && strcmp(m->component[i].name.text, name) != 0) {
        i++;
    }
    return i;
}

/* The index of the component that `name` names; reports and gives 0 when there is none. */
static unsigned resolve(struct manifest *m, const struct text *name, const char *who)
{
    unsigned index = manifest_find(m, name->text);
    if (index < m->components) {
        return index;
    }
    const char *names[MANIFEST_COMPONENTS];
    for (unsigned i = 0; i < m->components; i++) {
        names[i] = m->component[i].name.text;
    }
    const char *near = nearest(name->text, names, m->components);
    manifest_error(m, name->at, "%s: no component is called '%s'%s%s%s", who, name->text,
                   near != NULL ? "; is '" : "", near != NULL ? near : "",
                   near != NULL ? "' meant?" : "");
    return 0;
}

static void check_names(struct manifest *m)
{
    for (unsigned i = 0; i < m->components; i++) {
        struct component *c = &m->component[i];
        for (unsigned k = 0; k < c->channels; k++) {
            struct channel *ch = &c->channel[k];
            ch->server_index = resolve(m, &ch->server, ch->name.text);
            if (strcmp(ch->server.text, c->name.text) == 0) {
                manifest_error(m, ch->server.at, "%s: '%s' cannot call itself", ch->name.text,
                               c->name.text);
            }
        }
    }
    for (unsigned i = 0; i < m->rings; i++) {
        struct ring *r = &m->ring[i];
        r->producer = resolve(m, &r->from, r->name.text);
        r->consumer = resolve(m, &r->to, r->name.text);
        if (strcmp(r->from.text, r->to.text) == 0) {
            manifest_error(m, r->to.at, "%s: expected two components, found '%s' at both ends",
                           r->name.text, r->to.text);
        }
    }
}

/* A caller waits for its server: one that may not run before the caller has finished never answers.
 */
static void check_priorities(struct manifest *m)
{
    for (unsigned i = 0; i < m->components; i++) {
        const struct component *c = &m->component[i];
        for (unsigned k = 0; k < c->channels; k++) {
            const struct channel *ch = &c->channel[k];
            const struct component *server = &m->component[ch->server_index];
            if (server->priority < c->priority) {
                manifest_error(m, ch->server.at,
                               "%s: expected a server of priority %llu or more, as '%s' has, found "
                               "'%s' with %llu",
                               ch->name.text, (ull)c->priority, c->name.text, server->name.text,
                               (ull)server->priority);
            }
        }
    }
}

struct walk {
    struct manifest *m;
    unsigned path[MANIFEST_COMPONENTS];
    unsigned depth;
    unsigned char state[MANIFEST_COMPONENTS]; /* 0 not seen, 1 on the path, 2 done */
};

static void report_cycle(struct walk *w, unsigned first, const struct channel *closing)
{
    char text[1024] = "";
    unsigned i = 0;
    while (w->path[i] != first) {
        i++;
    }
    for (; i < w->depth; i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof(text) - used, "%s -> ", w->m->component[w->path[i]].name.text);
    }
    manifest_error(w->m, closing->server.at,
                   "%s: calls form a circle, in which all can wait for each other: %s%s",
                   closing->name.text, text, w->m->component[first].name.text);
}

static void walk_calls(struct walk *w, unsigned index)
{
    const struct component *c = &w->m->component[index];
    w->state[index] = 1;
    w->path[w->depth++] = index;
    for (unsigned k = 0; k < c->channels; k++) {
        unsigned next = c->channel[k].server_index;
        if (w->state[next] == 1 && next != index) {
            report_cycle(w, next, &c->channel[k]);
        } else if (w->state[next] == 0) {
            walk_calls(w, next);
        }
    }
    w->depth--;
    w->state[index] = 2;
}

static void check_cycles(struct manifest *m)
{
    struct walk w = {.m = m};
    for (unsigned i = 0; i < m->components; i++) {
        if (w.state[i] == 0) {
            walk_calls(&w, i);
        }
    }
}

/* Entries of the environment and slots of the CNode that a component's caps take. */
static void count_entries(const struct manifest *m, unsigned index, unsigned *entries,
                          unsigned *slots)
{
    const struct component *c = &m->component[index];
    *entries = c->channels;
    *slots = SLOT_ENV + c->channels;
    for (unsigned i = 0; i < c->devices; i++) {
        *entries += 1 + (c->device[i].irq != 0) + (c->device[i].dma != 0);
        *slots += c->device[i].irq != 0;
    }
    for (unsigned i = 0; i < m->components; i++) {
        for (unsigned k = 0; k < m->component[i].channels; k++) {
            *entries += m->component[i].channel[k].server_index == index;
        }
    }
    for (unsigned i = 0; i < m->rings; i++) {
        if (m->ring[i].producer == index || m->ring[i].consumer == index) {
            *entries += 1;
            *slots += 1;
        }
    }
}

static void check_entries(struct manifest *m)
{
    for (unsigned i = 0; i < m->components; i++) {
        const struct component *c = &m->component[i];
        unsigned entries;
        unsigned slots;
        count_entries(m, i, &entries, &slots);
        if (entries > ENV_ENTRIES) {
            manifest_error(m, c->name.at,
                           "%s: expected at most %d channels, clients, devices and rings, found %u",
                           c->name.text, ENV_ENTRIES, entries);
        }
        if ((c->slots & (c->slots - 1)) != 0 || slots > c->slots) {
            manifest_error(m, c->name.at,
                           "%s: slots: expected a power of two of at least %u, found %llu",
                           c->name.text, slots, (ull)c->slots);
        }
    }
}

/* Bytes of shared memory that component `index` has a part in. */
static uint64_t shared_bytes(const struct manifest *m, unsigned index)
{
    uint64_t sum = 0;
    const struct component *c = &m->component[index];
    for (unsigned k = 0; k < c->channels; k++) {
        sum += (c->channel[k].buffer + PAGE - 1) / PAGE * PAGE;
    }
    for (unsigned i = 0; i < m->rings; i++) {
        if (m->ring[i].producer == index) {
            sum += (m->ring[i].entries * m->ring[i].bytes + 2 * PAGE - 1) / PAGE * PAGE;
        }
    }
    return sum;
}

static void check_memory(struct manifest *m)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < m->components; i++) {
        const struct component *c = &m->component[i];
        uint64_t least = c->image_bytes + FIXED_BYTES + c->slots * 32 + shared_bytes(m, i);
        for (unsigned k = 0; k < c->devices; k++) {
            least += c->device[k].dma;
        }
        if (c->memory < least) {
            manifest_error(m, c->name.at,
                           "%s: memory: expected at least %llu bytes (image %llu, the rest for "
                           "stack, tables and shared memory), found %llu",
                           c->name.text, (ull)least, (ull)c->image_bytes, (ull)c->memory);
        }
        sum += c->memory;
    }
    if (m->memory != 0 && sum > m->memory) {
        manifest_error(m, m->name.at,
                       "memory: expected at least the %llu bytes that the components may use "
                       "together, found %llu",
                       (ull)sum, (ull)m->memory);
    }
}

static void check_programs(struct manifest *m, const char *binaries)
{
    for (unsigned i = 0; i < m->components; i++) {
        struct component *c = &m->component[i];
        struct program program;
        char *path = NULL;
        if (asprintf(&path, "%s/%s.elf", binaries, c->binary.text) < 0) {
            fail(EXIT_IO, "out of memory");
        }
        const char *wrong = program_read(path, &program);
        if (wrong != NULL) {
            manifest_error(m, c->binary.at, "%s: binary: %s: %s", c->name.text, path, wrong);
        }
        c->image_bytes = program.pages_bytes;
        free(program.stripped.data);
        free(program.symbols.data);
        free(path);
    }
}

static void check_files(struct manifest *m)
{
    for (unsigned i = 0; i < m->files; i++) {
        const struct text *name = &m->file[i].name;
        if (name->text[0] == '/' || name->text[0] == 0 || strstr(name->text, "..") != NULL ||
            strncmp(name->text, "bin/", 4) == 0 || strncmp(name->text, "sym/", 4) == 0) {
            manifest_error(m, name->at,
                           "files: expected a name without leading '/', without '..', and not "
                           "below bin/ or sym/, which are the components', found '%s'",
                           name->text);
        }
    }
}

void manifest_check(struct manifest *m, const char *binaries, const char *dtb)
{
    check_names(m);
    if (m->errors == 0) {
        check_priorities(m);
        check_cycles(m);
        check_entries(m);
        check_files(m);
        devices_check(m, dtb);
        if (binaries != NULL) {
            check_programs(m, binaries);
        }
        check_memory(m);
    }
    if (m->errors != 0) {
        exit(EXIT_MANIFEST);
    }
}
