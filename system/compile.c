/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A checked manifest as the records of lib/sysdesc/sysdesc.h. Equal manifests give equal bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "manifest.h"

enum {
    COMPONENTS,
    DEVICES,
    CHANNELS,
    RINGS,
    ARGUMENTS,
    TABLES,
};

struct output {
    struct bytes strings;
    struct bytes tables[TABLES];
};

/* Offset of `text` among the strings; equal texts share one place. */
static uint32_t add_string(struct output *o, const char *text)
{
    size_t length = strlen(text) + 1;
    for (size_t at = 0; at < o->strings.size; at += strlen((char *)o->strings.data + at) + 1) {
        if (strcmp((char *)o->strings.data + at, text) == 0) {
            return (uint32_t)at;
        }
    }
    uint32_t offset = (uint32_t)o->strings.size;
    bytes_add(&o->strings, text, length);
    return offset;
}

static void add_component(struct output *o, const struct component *c)
{
    char binary[MANIFEST_NAME + 5] = "bin/";
    uint32_t bits = 0;
    while (UINT64_C(1) << bits < c->slots) {
        bits++;
    }
    struct sysdesc_component out = {
        .name = add_string(o, c->name.text),
        .binary = add_string(o, strcat(binary, c->binary.text)),
        .type = (uint32_t)c->type,
        .autostart = (uint32_t)c->autostart,
        .priority = (uint32_t)c->priority,
        .rights = (uint32_t)c->rights,
        .restart = (uint32_t)c->restart,
        .restart_limit = (uint32_t)c->restart_limit,
        .restart_backoff = (uint32_t)c->restart_backoff,
        .cnode_bits = bits,
        .first_argument = (uint32_t)(o->tables[ARGUMENTS].size / sizeof(uint32_t)),
        .arguments = c->arguments,
        .memory = c->memory,
        .stack = (c->stack + 4095) / 4096 * 4096,
        .heap = (c->heap + 4095) / 4096 * 4096,
        .quota_objects = (uint32_t)c->objects,
    };
    for (unsigned i = 0; i < c->arguments; i++) {
        uint32_t offset = add_string(o, c->argument[i].text);
        bytes_add(&o->tables[ARGUMENTS], &offset, sizeof(offset));
    }
    bytes_add(&o->tables[COMPONENTS], &out, sizeof(out));
}

static void add_devices(struct output *o, const struct component *c, uint32_t index)
{
    for (unsigned i = 0; i < c->devices; i++) {
        const struct device *d = &c->device[i];
        struct sysdesc_device out = {
            .component = index,
            .name = add_string(o, d->name.text),
            .find = d->find,
            .id = add_string(o, d->id.text),
            .dma = (d->dma + 4095) / 4096 * 4096,
            .irq = (uint32_t)d->irq,
            .number = (uint32_t)d->interrupt,
        };
        bytes_add(&o->tables[DEVICES], &out, sizeof(out));
    }
}

/* Badges count the clients of a server, from 1. */
static void add_channels(struct output *o, const struct component *c, uint32_t index,
                         uint64_t *clients)
{
    for (unsigned i = 0; i < c->channels; i++) {
        const struct channel *ch = &c->channel[i];
        struct sysdesc_channel out = {
            .name = add_string(o, ch->name.text),
            .client = index,
            .server = ch->server_index,
            .grant = (uint32_t)ch->grant,
            .badge = ++clients[ch->server_index],
            .buffer = (ch->buffer + 4095) / 4096 * 4096,
        };
        bytes_add(&o->tables[CHANNELS], &out, sizeof(out));
    }
}

static void add_rings(struct output *o, const struct manifest *m)
{
    for (unsigned i = 0; i < m->rings; i++) {
        const struct ring *r = &m->ring[i];
        struct sysdesc_ring out = {
            .name = add_string(o, r->name.text),
            .producer = r->producer,
            .consumer = r->consumer,
            .entries = (uint32_t)r->entries,
            .entry_bytes = (uint32_t)r->bytes,
        };
        bytes_add(&o->tables[RINGS], &out, sizeof(out));
    }
}

static struct sysdesc_table place_table(struct bytes *all, const struct bytes *part, size_t record)
{
    bytes_align(all, 8);
    struct sysdesc_table t = {(uint32_t)all->size, (uint32_t)(part->size / record)};
    bytes_add(all, part->data, part->size);
    return t;
}

struct bytes manifest_compile(const struct manifest *m)
{
    struct output o = {0};
    struct bytes all = {0};
    struct sysdesc head = {.magic = SYSDESC_MAGIC};
    uint64_t clients[MANIFEST_COMPONENTS] = {0};
    bytes_add(&o.strings, "", 1);
    head.name = add_string(&o, m->name.text);
    for (unsigned i = 0; i < m->components; i++) {
        add_component(&o, &m->component[i]);
        add_devices(&o, &m->component[i], i);
        add_channels(&o, &m->component[i], i, clients);
    }
    add_rings(&o, m);
    bytes_add(&all, NULL, sizeof(head));
    head.components = place_table(&all, &o.tables[COMPONENTS], sizeof(struct sysdesc_component));
    head.devices = place_table(&all, &o.tables[DEVICES], sizeof(struct sysdesc_device));
    head.channels = place_table(&all, &o.tables[CHANNELS], sizeof(struct sysdesc_channel));
    head.rings = place_table(&all, &o.tables[RINGS], sizeof(struct sysdesc_ring));
    head.arguments = place_table(&all, &o.tables[ARGUMENTS], sizeof(uint32_t));
    head.strings = place_table(&all, &o.strings, 1);
    bytes_align(&all, 8);
    head.bytes = (uint32_t)all.size;
    memcpy(all.data, &head, sizeof(head));
    free(o.strings.data);
    for (unsigned i = 0; i < TABLES; i++) {
        free(o.tables[i].data);
    }
    return all;
}
