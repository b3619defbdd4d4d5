/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Reading a compiled system description. After sysdesc_check() every accessor stays inside it.
 */
#include "sysdesc/sysdesc.h"

static const void *record(const struct sysdesc *d, const struct sysdesc_table *t, uint32_t index,
                          size_t bytes)
{
    return (const char *)d + t->offset + index * bytes;
}

const struct sysdesc_component *sysdesc_component(const struct sysdesc *d, uint32_t index)
{
    return record(d, &d->components, index, sizeof(struct sysdesc_component));
}

const struct sysdesc_device *sysdesc_device(const struct sysdesc *d, uint32_t index)
{
    return record(d, &d->devices, index, sizeof(struct sysdesc_device));
}

const struct sysdesc_channel *sysdesc_channel(const struct sysdesc *d, uint32_t index)
{
    return record(d, &d->channels, index, sizeof(struct sysdesc_channel));
}

const struct sysdesc_ring *sysdesc_ring(const struct sysdesc *d, uint32_t index)
{
    return record(d, &d->rings, index, sizeof(struct sysdesc_ring));
}

const char *sysdesc_string(const struct sysdesc *d, uint32_t offset)
{
    return (const char *)d + d->strings.offset + offset;
}

const char *sysdesc_argument(const struct sysdesc *d, uint32_t index)
{
    const uint32_t *offset = record(d, &d->arguments, index, sizeof(uint32_t));
    return sysdesc_string(d, *offset);
}

static int has_table(const struct sysdesc *d, const struct sysdesc_table *t, size_t record_bytes)
{
    return t->offset <= d->bytes && t->offset % (record_bytes == 1 ? 1 : 4) == 0 &&
           t->count <= (d->bytes - t->offset) / record_bytes;
}

static const char *check_components(const struct sysdesc *d)
{
    for (uint32_t i = 0; i < d->components.count; i++) {
        const struct sysdesc_component *c = sysdesc_component(d, i);
        if (c->name >= d->strings.count || c->binary >= d->strings.count) {
            return "system description: component: expected strings inside the description";
        }
        if (c->first_argument > d->arguments.count ||
            c->arguments > d->arguments.count - c->first_argument) {
            return "system description: component: expected arguments inside the table";
        }
        if (c->priority > 254 || c->cnode_bits < 4 || c->cnode_bits > 16) {
            return "system description: component: expected a priority up to 254 and 4 to 16 CNode "
                   "bits";
        }
    }
    return NULL;
}

static const char *check_links(const struct sysdesc *d)
{
    uint32_t count = d->components.count;
    for (uint32_t i = 0; i < d->devices.count; i++) {
        const struct sysdesc_device *v = sysdesc_device(d, i);
        if (v->component >= count || v->name >= d->strings.count || v->id >= d->strings.count ||
            v->find < FIND_PATH || v->find > FIND_INTERRUPT) {
            return "system description: device: expected its owner and names inside the "
                   "description";
        }
    }
    for (uint32_t i = 0; i < d->channels.count; i++) {
        const struct sysdesc_channel *c = sysdesc_channel(d, i);
        if (c->client >= count || c->server >= count || c->name >= d->strings.count ||
            c->badge == 0 || c->badge > 0xffff) {
            return "system description: channel: expected client, server and name inside the "
                   "description";
        }
    }
    for (uint32_t i = 0; i < d->rings.count; i++) {
        const struct sysdesc_ring *r = sysdesc_ring(d, i);
        if (r->producer >= count || r->consumer >= count || r->name >= d->strings.count ||
            r->entries == 0 || (r->entries & (r->entries - 1)) != 0 || r->entry_bytes == 0) {
            return "system description: ring: expected its ends inside the description and a power "
                   "of two of entries";
        }
    }
    for (uint32_t i = 0; i < d->arguments.count; i++) {
        const uint32_t *offset = record(d, &d->arguments, i, sizeof(uint32_t));
        if (*offset >= d->strings.count) {
            return "system description: argument: expected a string inside the description";
        }
    }
    return NULL;
}

const char *sysdesc_check(const void *data, size_t bytes)
{
    const struct sysdesc *d = data;
    if (bytes < sizeof(*d) || d->magic != SYSDESC_MAGIC) {
        return "system description: expected the magic number KAALSYS1";
    }
    if (d->bytes < sizeof(*d) || d->bytes > bytes) {
        return "system description: expected all of its bytes";
    }
    if (!has_table(d, &d->components, sizeof(struct sysdesc_component)) ||
        !has_table(d, &d->devices, sizeof(struct sysdesc_device)) ||
        !has_table(d, &d->channels, sizeof(struct sysdesc_channel)) ||
        !has_table(d, &d->rings, sizeof(struct sysdesc_ring)) ||
        !has_table(d, &d->arguments, sizeof(uint32_t)) || !has_table(d, &d->strings, 1)) {
        return "system description: expected every table inside the description";
    }
    if (d->strings.count == 0 || sysdesc_string(d, d->strings.count - 1)[0] != 0 ||
        d->name >= d->strings.count) {
        return "system description: expected strings that end";
    }
    const char *wrong = check_components(d);
    return wrong != NULL ? wrong : check_links(d);
}
