/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * YAML to struct manifest. Every mapping is read by a table of its fields; an unknown, doubled or
 * missing field ends the program with its line and column.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "comp/layout.h"
#include "comp/protocol.h"
#include "manifest.h"

struct reader {
    struct manifest *m;
    yaml_document_t document; /* holds the texts of the manifest */
    struct reader *next;
};

/* All that were made: manifests live until the program ends. */
static struct reader *readers;

enum kind {
    KIND_TEXT,
    KIND_NAME,   /* letters, digits, - and _; at most MANIFEST_NAME bytes */
    KIND_NUMBER, /* decimal or 0x */
    KIND_BYTES,  /* a number with K, M or G */
    KIND_TIME,   /* milliseconds: a number with ms or s */
    KIND_FLAG,
    KIND_WORD,    /* one of the field's words */
    KIND_WORDS,   /* a list of them, or-ed */
    KIND_OTHER,   /* read by a function */
    KIND_ENTRIES, /* a mapping of names, each entry read by a function */
};

/* A mapping of names to what `read_one` reads, at most `most` entries. */
struct entries {
    const char *what;
    unsigned most;
    void (*read_one)(struct reader *r, void *record, yaml_node_t *key, yaml_node_t *value);
};

struct field {
    const char *key;
    enum kind kind;
    bool required;
    size_t offset; /* in the record: a uint64_t, or a struct text */
    uint64_t least;
    uint64_t most;
    const struct word *words;
    void (*read)(struct reader *r, void *record, yaml_node_t *node);
    const struct entries *entries;
};

const struct word type_words[] = {
    {"driver", TYPE_DRIVER}, {"service", TYPE_SERVICE}, {"application", TYPE_APPLICATION}, {0}};
const struct word restart_words[] = {
    {"never", RESTART_NEVER}, {"on-fault", RESTART_ON_FAULT}, {"always", RESTART_ALWAYS}, {0}};
const struct word right_words[] = {
    {"inspect", RIGHT_INSPECT}, {"manage", RIGHT_MANAGE}, {"devices", RIGHT_DEVICES}, {0}};
static const struct word flag_words[] = {{"yes", 1}, {"true", 1}, {"no", 0}, {"false", 0}, {0}};

static struct place place_of(const yaml_node_t *node)
{
    return (struct place){(unsigned)node->start_mark.line + 1,
                          (unsigned)node->start_mark.column + 1};
}

#define REFUSE(r, node, ...)                                                                       \
    do {                                                                                           \
        manifest_error((r)->m, place_of(node), __VA_ARGS__);                                       \
        exit(EXIT_MANIFEST);                                                                       \
    } while (0)

static yaml_node_t *node_at(struct reader *r, int index)
{
    return yaml_document_get_node(&r->document, index);
}

static const char *kind_name(const yaml_node_t *node)
{
    return node->type == YAML_MAPPING_NODE ? "a mapping" : "a list";
}

static const char *scalar(struct reader *r, yaml_node_t *node, const char *what)
{
    if (node->type != YAML_SCALAR_NODE) {
        REFUSE(r, node, "%s: expected a single value, found %s", what, kind_name(node));
    }
    const char *text = (const char *)node->data.scalar.value;
    if (strlen(text) != node->data.scalar.length) {
        REFUSE(r, node, "%s: expected text, found a zero byte in it", what);
    }
    return text;
}

static struct text read_name(struct reader *r, yaml_node_t *node, const char *what)
{
    const char *text = scalar(r, node, what);
    size_t length = strlen(text);
    bool good = length > 0 && length <= MANIFEST_NAME && !isdigit((unsigned char)text[0]);
    for (size_t i = 0; good && i < length; i++) {
        good = isalnum((unsigned char)text[i]) || text[i] == '-' || text[i] == '_';
    }
    if (!good) {
        REFUSE(r, node,
               "%s: expected a name of 1 to %d letters, digits, '-' or '_', no digit first, found "
               "'%s'",
               what, MANIFEST_NAME, text);
    }
    return (struct text){text, place_of(node)};
}

/* A number and what follows it. */
static uint64_t read_unit(struct reader *r, yaml_node_t *node, const struct field *f,
                          const struct word *units, const char *expected)
{
    const char *text = scalar(r, node, f->key);
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 0);
    bool good = isdigit((unsigned char)text[0]) && errno == 0;
    uint64_t factor = 0;
    for (; units->word != NULL; units++) {
        if (strcmp(end, units->word) == 0) {
            factor = units->value;
        }
    }
    good = good && factor != 0 && value <= UINT64_MAX / factor;
    if (!good || value * factor < f->least || value * factor > f->most) {
        REFUSE(r, node, "%s: expected %s from %llu to %llu, found '%s'", f->key, expected,
               (unsigned long long)f->least, (unsigned long long)f->most, text);
    }
    return value * factor;
}

static const struct word plain_units[] = {{"", 1}, {0}};
static const struct word byte_units[] = {
    {"", 1}, {"K", 1024}, {"M", 1024 * 1024}, {"G", 1024 * 1024 * 1024}, {0}};
static const struct word time_units[] = {{"ms", 1}, {"s", 1000}, {0}};

static uint64_t read_word(struct reader *r, yaml_node_t *node, const char *key,
                          const struct word *words)
{
    const char *text = scalar(r, node, key);
    char list[128] = "";
    for (const struct word *w = words; w->word != NULL; w++) {
        if (strcmp(text, w->word) == 0) {
            return w->value;
        }
        size_t used = strlen(list);
        snprintf(list + used, sizeof(list) - used, "%s%s", used != 0 ? ", " : "", w->word);
    }
    REFUSE(r, node, "%s: expected one of %s, found '%s'", key, list, text);
}

static uint64_t read_words(struct reader *r, yaml_node_t *node, const struct field *f)
{
    if (node->type != YAML_SEQUENCE_NODE) {
        REFUSE(r, node, "%s: expected a list", f->key);
    }
    uint64_t bits = 0;
    for (yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top;
         i++) {
        bits |= read_word(r, node_at(r, *i), f->key, f->words);
    }
    return bits;
}

static void read_entries(struct reader *r, void *record, yaml_node_t *node,
                         const struct entries *e);

static void read_field(struct reader *r, yaml_node_t *node, const struct field *f, void *record)
{
    void *target = (char *)record + f->offset;
    uint64_t *number = target;
    switch (f->kind) {
    case KIND_TEXT:
        *(struct text *)target = (struct text){scalar(r, node, f->key), place_of(node)};
        break;
    case KIND_NAME: *(struct text *)target = read_name(r, node, f->key); break;
    case KIND_NUMBER: *number = read_unit(r, node, f, plain_units, "a number"); break;
    case KIND_BYTES:
        *number = read_unit(r, node, f, byte_units, "bytes (K, M and G allowed)");
        break;
    case KIND_TIME:
        *number = read_unit(r, node, f, time_units, "a time in ms or s, in milliseconds");
        break;
    case KIND_FLAG: *number = read_word(r, node, f->key, flag_words); break;
    case KIND_WORD: *number = read_word(r, node, f->key, f->words); break;
    case KIND_WORDS: *number = read_words(r, node, f); break;
    case KIND_OTHER: f->read(r, record, node); break;
    case KIND_ENTRIES: read_entries(r, record, node, f->entries); break;
    }
}

enum {
    MOST_FIELDS = 24
};

static _Noreturn void unknown_field(struct reader *r, yaml_node_t *key, const char *what,
                                    const struct field *fields)
{
    const char *keys[MOST_FIELDS];
    size_t count = 0;
    for (const struct field *f = fields; f->key != NULL; f++) {
        keys[count++] = f->key;
    }
    const char *name = scalar(r, key, what);
    const char *near = nearest(name, keys, count);
    if (near != NULL) {
        REFUSE(r, key, "%s: unknown field '%s'; is '%s' meant?", what, name, near);
    }
    REFUSE(r, key, "%s: unknown field '%s'", what, name);
}

/* Refuses a key that the mapping has before `pair` already. */
static void refuse_double(struct reader *r, yaml_node_t *mapping, yaml_node_pair_t *pair,
                          const char *what)
{
    yaml_node_t *key = node_at(r, pair->key);
    const char *name = scalar(r, key, what);
    for (yaml_node_pair_t *p = mapping->data.mapping.pairs.start; p < pair; p++) {
        yaml_node_t *other = node_at(r, p->key);
        if (strcmp(scalar(r, other, what), name) == 0) {
            REFUSE(r, key, "%s: '%s' stands here twice, first in line %u", what, name,
                   place_of(other).line);
        }
    }
}

static void need_mapping(struct reader *r, yaml_node_t *node, const char *what)
{
    if (node->type != YAML_MAPPING_NODE) {
        REFUSE(r, node, "%s: expected a mapping (field: value), found %s", what,
               node->type == YAML_SEQUENCE_NODE ? "a list" : "a single value");
    }
}

static void read_entries(struct reader *r, void *record, yaml_node_t *node, const struct entries *e)
{
    unsigned count = 0;
    need_mapping(r, node, e->what);
    for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top;
         p++) {
        yaml_node_t *key = node_at(r, p->key);
        refuse_double(r, node, p, e->what);
        if (count++ == e->most) {
            REFUSE(r, key, "%s: expected at most %u", e->what, e->most);
        }
        e->read_one(r, record, key, node_at(r, p->value));
    }
}

static void read_mapping(struct reader *r, yaml_node_t *node, const char *what,
                         const struct field *fields, void *record)
{
    bool seen[MOST_FIELDS] = {false};
    need_mapping(r, node, what);
    for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top;
         p++) {
        refuse_double(r, node, p, what);
        yaml_node_t *key = node_at(r, p->key);
        const char *name = scalar(r, key, what);
        const struct field *f = fields;
        while (f->key != NULL && strcmp(f->key, name) != 0) {
            f++;
        }
        if (f->key == NULL) {
            unknown_field(r, key, what, fields);
        }
        seen[f - fields] = true;
        read_field(r, node_at(r, p->value), f, record);
    }
    for (const struct field *f = fields; f->key != NULL; f++) {
        if (f->required && !seen[f - fields]) {
            REFUSE(r, node, "%s: field '%s' is missing", what, f->key);
        }
    }
}

#define AT(type, member) .offset = offsetof(struct type, member)

static const struct field restart_fields[] = {
    {"policy", KIND_WORD, true, AT(component, restart), .words = restart_words},
    {"limit", KIND_NUMBER, false, AT(component, restart_limit), .most = 1000000},
    {"backoff", KIND_TIME, false, AT(component, restart_backoff), .most = 3600000},
    {0}};

static void read_restart(struct reader *r, void *record, yaml_node_t *node)
{
    struct component *c = record;
    if (node->type == YAML_SCALAR_NODE) {
        c->restart = read_word(r, node, "restart", restart_words);
        return;
    }
    read_mapping(r, node, "restart", restart_fields, c);
}

static void read_arguments(struct reader *r, void *record, yaml_node_t *node)
{
    struct component *c = record;
    if (node->type != YAML_SEQUENCE_NODE) {
        REFUSE(r, node, "arguments: expected a list");
    }
    for (yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top;
         i++) {
        yaml_node_t *item = node_at(r, *i);
        if (c->arguments == MANIFEST_ARGUMENTS) {
            REFUSE(r, item, "arguments: expected at most %d", MANIFEST_ARGUMENTS);
        }
        c->argument[c->arguments++] = (struct text){scalar(r, item, "arguments"), place_of(item)};
    }
}

static const struct field channel_fields[] = {
    {"to", KIND_NAME, true, AT(channel, server)},
    {"buffer", KIND_BYTES, false, AT(channel, buffer), .most = 1 << 24},
    {"grant", KIND_FLAG, false, AT(channel, grant)},
    {0}};

static void read_channel(struct reader *r, void *record, yaml_node_t *key, yaml_node_t *value)
{
    struct component *c = record;
    struct channel *ch = &c->channel[c->channels++];
    ch->name = read_name(r, key, "channels");
    if (value->type == YAML_SCALAR_NODE) {
        ch->server = read_name(r, value, ch->name.text);
    } else {
        read_mapping(r, value, ch->name.text, channel_fields, ch);
    }
}

static const struct entries channel_entries = {"channels", MANIFEST_CHANNELS, read_channel};

static const struct field device_fields[] = {
    {"path", KIND_TEXT, false, AT(device, path)},
    {"alias", KIND_TEXT, false, AT(device, alias)},
    {"compatible", KIND_TEXT, false, AT(device, compatible)},
    {"dma", KIND_BYTES, false, AT(device, dma), .most = 1 << 30},
    {"irq", KIND_FLAG, false, AT(device, irq)},
    {"interrupt", KIND_NUMBER, false, AT(device, interrupt), .least = 16, .most = 1019},
    {0}};

static void read_device(struct reader *r, void *record, yaml_node_t *key, yaml_node_t *value)
{
    struct component *c = record;
    struct device *d = &c->device[c->devices++];
    d->irq = 1;
    d->name = read_name(r, key, "devices");
    read_mapping(r, value, d->name.text, device_fields, d);
    const struct text *ids[] = {&d->path, &d->alias, &d->compatible};
    unsigned given = 0;
    for (unsigned i = 0; i < 3; i++) {
        if (ids[i]->text != NULL) {
            d->find = (enum sysdesc_find)(FIND_PATH + i);
            d->id = *ids[i];
            given++;
        }
    }
    if (d->interrupt != 0) {
        d->find = FIND_INTERRUPT;
        d->id = (struct text){"an interrupt by itself", d->name.at};
        given++;
    }
    if (given != 1) {
        REFUSE(r, value, "%s: expected one of path, alias, compatible and interrupt, found %u",
               d->name.text, given);
    }
}

static const struct entries device_entries = {"devices", MANIFEST_DEVICES, read_device};

static const struct field component_fields[] = {
    {"binary", KIND_NAME, false, AT(component, binary)},
    {"type", KIND_WORD, true, AT(component, type), .words = type_words},
    {"priority", KIND_NUMBER, true, AT(component, priority), .least = 1, .most = 250},
    {"memory", KIND_BYTES, true, AT(component, memory), .least = 65536, .most = 1ull << 36},
    {"stack", KIND_BYTES, false, AT(component, stack), .least = 4096, .most = 1 << 28},
    {"heap", KIND_BYTES, false, AT(component, heap), .most = 1ull << 35},
    {"autostart", KIND_FLAG, false, AT(component, autostart)},
    {"rights", KIND_WORDS, false, AT(component, rights), .words = right_words},
    {"restart", KIND_OTHER, false, .read = read_restart},
    {"slots", KIND_NUMBER, false, AT(component, slots), .least = 64, .most = 65536},
    {"objects", KIND_NUMBER, false, AT(component, objects), .most = 65536},
    {"arguments", KIND_OTHER, false, .read = read_arguments},
    {"channels", KIND_ENTRIES, false, .entries = &channel_entries},
    {"devices", KIND_ENTRIES, false, .entries = &device_entries},
    {0}};

static void read_component(struct reader *r, void *record, yaml_node_t *key, yaml_node_t *value)
{
    struct manifest *m = record;
    struct component *c = &m->component[m->components++];
    *c = (struct component){.stack = LAYOUT_STACK_BYTES,
                            .autostart = 1,
                            .restart_backoff = 100,
                            .slots = 1u << LAYOUT_CNODE_BITS};
    c->name = read_name(r, key, "components");
    c->binary = c->name;
    read_mapping(r, value, c->name.text, component_fields, c);
    c->heap = c->heap == 0 ? c->memory : c->heap;
}

static const struct entries component_entries = {"components", MANIFEST_COMPONENTS, read_component};

static const struct field ring_fields[] = {
    {"from", KIND_NAME, true, AT(ring, from)},
    {"to", KIND_NAME, true, AT(ring, to)},
    {"entries", KIND_NUMBER, true, AT(ring, entries), .least = 2, .most = 1 << 20},
    {"bytes", KIND_NUMBER, true, AT(ring, bytes), .least = 1, .most = 4096},
    {0}};

static void read_ring(struct reader *r, void *record, yaml_node_t *key, yaml_node_t *value)
{
    struct manifest *m = record;
    struct ring *ring = &m->ring[m->rings++];
    ring->name = read_name(r, key, "rings");
    read_mapping(r, value, ring->name.text, ring_fields, ring);
    if ((ring->entries & (ring->entries - 1)) != 0) {
        REFUSE(r, value, "%s: entries: expected a power of two, found %llu", ring->name.text,
               (unsigned long long)ring->entries);
    }
}

static const struct entries ring_entries = {"rings", MANIFEST_RINGS, read_ring};

static void read_file(struct reader *r, void *record, yaml_node_t *key, yaml_node_t *value)
{
    struct manifest *m = record;
    struct file *file = &m->file[m->files++];
    file->name = (struct text){scalar(r, key, "files"), place_of(key)};
    file->from = (struct text){scalar(r, value, file->name.text), place_of(value)};
}

static const struct entries file_entries = {"files", MANIFEST_FILES, read_file};

static const struct field manifest_fields[] = {
    {"system", KIND_NAME, true, AT(manifest, name)},
    {"memory", KIND_BYTES, false, AT(manifest, memory), .least = 1 << 20, .most = 1ull << 40},
    {"components", KIND_ENTRIES, true, .entries = &component_entries},
    {"rings", KIND_ENTRIES, false, .entries = &ring_entries},
    {"files", KIND_ENTRIES, false, .entries = &file_entries},
    {0}};

static void load(struct reader *r, const struct bytes *input)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        fail(EXIT_IO, "out of memory");
    }
    yaml_parser_set_input_string(&parser, input->data, input->size);
    if (!yaml_parser_load(&parser, &r->document)) {
        struct place at = {(unsigned)parser.problem_mark.line + 1,
                           (unsigned)parser.problem_mark.column + 1};
        manifest_error(r->m, at, "not YAML: %s", parser.problem != NULL ? parser.problem : "?");
        exit(EXIT_MANIFEST);
    }
    yaml_parser_delete(&parser);
}

struct manifest *manifest_read(const char *path)
{
    enum {
        MOST_BYTES = 1 << 20
    };
    struct reader *r = calloc(1, sizeof(*r));
    struct manifest *m = calloc(1, sizeof(*m));
    if (r == NULL || m == NULL) {
        fail(EXIT_IO, "out of memory");
    }
    m->path = path;
    r->m = m;
    r->next = readers;
    readers = r;
    struct bytes input = file_read(path, MOST_BYTES);
    load(r, &input);
    yaml_node_t *root = yaml_document_get_root_node(&r->document);
    if (root == NULL) {
        manifest_error(m, (struct place){1, 1}, "expected a manifest, found an empty file");
        exit(EXIT_MANIFEST);
    }
    read_mapping(r, root, "manifest", manifest_fields, m);
    free(input.data);
    return m;
}
