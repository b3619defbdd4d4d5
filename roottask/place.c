/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What lasts as long as the system: notifications, service endpoints, devices, channels and rings.
 */
#include "kaal/string.h"
#include "ring/ring.h"
#include "system.h"

enum {
    STATUS = 111 /* of a run that cannot begin */
};

static void must(enum broker_code code, const char *name)
{
    char why[LINE_BYTES];
    if (code != BROKER_OK) {
        broker_explain(sys.broker, why, sizeof(why));
        die(STATUS, "%s: %s", name, why);
    }
}

struct component *component_find(const char *name)
{
    for (uint32_t i = 0; i < sys.components; i++) {
        if (strcmp(sys.component[i].name, name) == 0) {
            return &sys.component[i];
        }
    }
    return NULL;
}

uint64_t place_bit(struct component *c)
{
    enum {
        BITS = 63 /* bit 63 marks messages (comp/env.h) */
    };
    if (c->bits == BITS) {
        die(STATUS, "%s: expected at most %d interrupts, channels and rings", c->name, BITS);
    }
    return 1ull << c->bits++;
}

enum broker_code place_signal(struct component *c, uint64_t bit, uint32_t *from)
{
    return broker_copy(sys.broker, c->id, broker_cptr(sys.broker, c->notification), RIGHT_WRITE,
                       bit, from);
}

static void find_symbols(struct component *c, const char *binary)
{
    char name[SYSTEM_PATH] = "sym/";
    struct archive_file file;
    const char *slash = strchr(binary, '/');
    size_t bytes = strlen(slash != NULL ? slash + 1 : binary) + 1;
    if (bytes > sizeof(name) - 4) {
        return;
    }
    memcpy(name + 4, slash != NULL ? slash + 1 : binary, bytes);
    if (archive_find(&sys.archive, name, &file) && (uintptr_t)file.data % 8 == 0 &&
        symbols_check(file.data, file.bytes) == NULL) {
        c->symbols = (const struct symbols *)(const void *)file.data;
    }
}

static void make_place(struct component *c, uint32_t index)
{
    c->description = sysdesc_component(sys.description, index);
    c->name = sysdesc_string(sys.description, c->description->name);
    c->id = (uint16_t)(index + 1);
    broker_client_open(sys.broker, c->id, c->name, c->description->memory);
    must(broker_object(sys.broker, c->id, OBJECT_NOTIFICATION, 0, &c->notification), c->name);
    find_symbols(c, sysdesc_string(sys.description, c->description->binary));
}

static void make_endpoint(struct component *c)
{
    if (c->endpoint == BUDDY_NONE) {
        must(broker_object(sys.broker, c->id, OBJECT_ENDPOINT, 0, &c->endpoint), c->name);
    }
}

static void make_channel(uint32_t index)
{
    const struct sysdesc_channel *d = sysdesc_channel(sys.description, index);
    struct link *l = &sys.link[sys.links++];
    l->name = sysdesc_string(sys.description, d->name);
    l->channel = d;
    l->from = &sys.component[d->client];
    l->to = &sys.component[d->server];
    make_endpoint(l->to);
    l->from_bit = place_bit(l->from);
    if (d->buffer != 0) {
        must(mm_memory_open(sys.mm, l->from->id, d->buffer, &l->memory), l->from->name);
    }
}

static void make_ring(uint32_t index)
{
    const struct sysdesc_ring *d = sysdesc_ring(sys.description, index);
    struct link *l = &sys.link[sys.links++];
    l->is_ring = true;
    l->name = sysdesc_string(sys.description, d->name);
    l->ring = d;
    l->from = &sys.component[d->producer];
    l->to = &sys.component[d->consumer];
    l->from_bit = place_bit(l->from);
    l->to_bit = place_bit(l->to);
    must(mm_memory_open(sys.mm, l->from->id, RING_BYTES(d->entries, d->entry_bytes), &l->memory),
         l->from->name);
}

/* Takes what the description means: a device, or an interrupt by itself. */
static enum broker_code take_device(const struct component *c, const struct sysdesc_device *d,
                                    struct device *out)
{
    const struct device_wish wish = {
        .find = (enum device_find)d->find,
        .id = sysdesc_string(sys.description, d->id),
        .irqs = d->irq != 0,
        .dma = d->dma,
    };
    if (d->find != FIND_INTERRUPT) {
        struct device *taken;
        enum broker_code code = broker_device(sys.broker, c->id, &wish, out, &taken);
        return code == BROKER_OK && taken != out ? BROKER_BAD_ARGUMENT : code;
    }
    out->irqs = 1;
    out->irq[0].number = d->number;
    return broker_irq(sys.broker, c->id, d->number, false, &out->irq_slot[0]);
}

/* Lets the device's interrupt `index` set a bit of its owner's. */
static void bind_irq(struct component *c, struct owned_device *o, uint32_t index)
{
    uint32_t signal;
    o->irq_bit[index] = place_bit(c);
    must(place_signal(c, o->irq_bit[index], &signal), c->name);
    if (kaal_irq_handler_set_notification(o->device.irq_slot[index], signal) != ERROR_NONE) {
        die(STATUS, "%s: IRQHandler_SetNotification is refused", c->name);
    }
    broker_slots_free(sys.broker, signal, 1); /* the kernel keeps its own copy */
}

static void make_device(uint32_t index)
{
    const struct sysdesc_device *d = sysdesc_device(sys.description, index);
    struct component *c = &sys.component[d->component];
    if (c->devices == DEVICES_EACH) {
        die(STATUS, "%s: expected at most %d devices", c->name, DEVICES_EACH);
    }
    struct owned_device *o = &c->device[c->devices++];
    o->description = d;
    must(take_device(c, d, &o->device), c->name);
    if (o->device.dma != BUDDY_NONE) {
        must(mm_memory_of(sys.mm, o->device.dma, &o->dma), c->name);
    }
    for (uint32_t i = 0; i < o->device.irqs; i++) {
        bind_irq(c, o, i);
    }
}

void places_make(void)
{
    const struct sysdesc *d = sys.description;
    if (d->components.count > COMPONENTS || d->channels.count + d->rings.count > LINKS) {
        die(STATUS, "expected at most %d components and %d channels and rings", COMPONENTS, LINKS);
    }
    sys.components = d->components.count;
    for (uint32_t i = 0; i < sys.components; i++) {
        make_place(&sys.component[i], i);
    }
    for (uint32_t i = 0; i < d->channels.count; i++) {
        make_channel(i);
    }
    for (uint32_t i = 0; i < d->rings.count; i++) {
        make_ring(i);
    }
    for (uint32_t i = 0; i < d->devices.count; i++) {
        make_device(i);
    }
}
