/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Requests for kernel objects, interrupts and devices. What is given is noted with the life, so
 * that its end takes everything back.
 */
#include "kaal/string.h"
#include "system.h"

struct given *given_free(struct component *c)
{
    for (struct given *g = c->given; g < c->given + GIVEN_EACH; g++) {
        if (g->kind == GIVEN_NONE) {
            return g;
        }
    }
    return NULL;
}

void given_take_back(struct component *c, struct given *g)
{
    switch (g->kind) {
    case GIVEN_BLOCK: broker_give_back(sys.broker, g->number); break;
    case GIVEN_IRQ: broker_irq_free(sys.broker, g->number); break;
    case GIVEN_MEMORY: mm_memory_close(sys.mm, &g->memory); break;
    case GIVEN_DEVICE:
        if (g->address != 0) {
            (void)!mm_unmap(sys.mm, c->spawn.space, g->address & ~(MM_PAGE - 1));
        }
        broker_device_free(sys.broker, &g->device);
        break;
    case GIVEN_COPY:
    case GIVEN_NONE: break;
    }
    c->life_bits &= ~g->bit;
    *g = (struct given){0};
}

/* Whether a slot is the component's to use; the kernel says whether it is empty. */
static bool is_own_slot(const struct component *c, uint64_t slot)
{
    return slot >= c->slots && slot < 1u << c->description->cnode_bits;
}

static uint64_t life_bit(struct component *c)
{
    for (uint32_t i = c->bits; i < 63; i++) {
        if ((c->life_bits >> i & 1) == 0) {
            c->life_bits |= 1ull << i;
            return 1ull << i;
        }
    }
    return 0;
}

/* Endpoints and notifications that the life holds now. */
static uint32_t objects(const struct component *c)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < GIVEN_EACH; i++) {
        n += c->given[i].kind == GIVEN_BLOCK;
    }
    return n;
}

/* One object into each of `count` slots, or none. */
static enum system_error make(struct request *r, enum object_type type, const uint64_t *slot,
                              uint32_t count)
{
    struct component *c = r->from;
    struct given *made[2];
    if (objects(c) + count > c->description->quota_objects) {
        r->a.word[0] = objects(c);
        r->a.word[1] = c->description->quota_objects;
        r->words = 2;
        return SYSTEM_QUOTA;
    }
    for (uint32_t i = 0; i < count; i++) {
        enum broker_code code = BROKER_NO_SLOTS;
        struct given *g = is_own_slot(c, slot[i]) ? given_free(c) : NULL;
        if (g != NULL) {
            code = broker_object(sys.broker, c->id, type, 0, &g->number);
        }
        if (code == BROKER_OK) {
            g->kind = GIVEN_BLOCK;
            g->slot = (uint32_t)slot[i];
            code = spawn_give(sys.mm, &c->spawn, g->slot, broker_cptr(sys.broker, g->number),
                              RIGHTS_ALL, 0);
            made[i] = g;
        }
        if (code != BROKER_OK) {
            enum system_error error = request_refused(r, code);
            if (g != NULL && g->kind == GIVEN_BLOCK) {
                given_take_back(c, g);
            }
            while (i-- != 0) {
                given_take_back(c, made[i]);
            }
            return error;
        }
    }
    return SYSTEM_OK;
}

enum system_error request_endpoint(struct request *r)
{
    return make(r, OBJECT_ENDPOINT, r->q.word, 1);
}

enum system_error request_notification(struct request *r)
{
    return make(r, OBJECT_NOTIFICATION, r->q.word, 2);
}

/* Another cap of a channel that the description gives. */
enum system_error request_channel(struct request *r)
{
    struct component *c = r->from;
    uint64_t slot = r->q.word[0];
    const struct component *server = component_find(request_name(r));
    if (server == NULL) {
        return SYSTEM_NOT_FOUND;
    }
    for (uint32_t i = 0; i < sys.links; i++) {
        const struct link *l = &sys.link[i];
        struct given *g = given_free(c);
        if (l->is_ring || l->from != c || l->to != server) {
            continue;
        }
        if (g == NULL || !is_own_slot(c, slot)) {
            return SYSTEM_NO_SLOTS;
        }
        uint64_t rights = RIGHT_WRITE | (l->channel->grant != 0 ? RIGHT_GRANT : RIGHT_GRANT_REPLY);
        enum broker_code code =
            spawn_give(sys.mm, &c->spawn, (uint32_t)slot, broker_cptr(sys.broker, server->endpoint),
                       rights, BADGE_MESSAGE | l->channel->badge);
        if (code == BROKER_OK) {
            g->kind = GIVEN_COPY;
            g->slot = (uint32_t)slot;
        }
        return request_refused(r, code);
    }
    return SYSTEM_DENIED;
}

/* Lets the interrupt set a bit of the component's notification, and gives its handler. */
static enum broker_code give_irq(struct component *c, struct given *g, uint32_t handler,
                                 uint64_t slot)
{
    uint32_t signal;
    g->bit = life_bit(c);
    if (g->bit == 0) {
        return BROKER_NO_SLOTS;
    }
    enum broker_code code = place_signal(c, g->bit, &signal);
    if (code != BROKER_OK) {
        return code;
    }
    enum error_code error = kaal_irq_handler_set_notification(handler, signal);
    broker_slots_free(sys.broker, signal, 1);
    g->slot = (uint32_t)slot;
    return error != ERROR_NONE
               ? BROKER_KERNEL
               : spawn_give(sys.mm, &c->spawn, (uint32_t)slot, handler, RIGHTS_ALL, 0);
}

enum system_error request_irq(struct request *r)
{
    struct component *c = r->from;
    uint32_t handler;
    struct given *g = given_free(c);
    if (r->q.word[0] > UINT32_MAX) {
        return SYSTEM_BAD_ARGUMENT;
    }
    if (g == NULL || !is_own_slot(c, r->q.word[1])) {
        return SYSTEM_NO_SLOTS;
    }
    enum broker_code code = broker_irq(sys.broker, c->id, (uint32_t)r->q.word[0], false, &handler);
    if (code != BROKER_OK) {
        return request_refused(r, code);
    }
    g->kind = GIVEN_IRQ;
    g->number = (uint32_t)r->q.word[0];
    code = give_irq(c, g, handler, r->q.word[1]);
    if (code != BROKER_OK) {
        enum system_error error = request_refused(r, code);
        given_take_back(c, g);
        return error;
    }
    r->a.word[0] = g->bit;
    r->words = 1;
    return SYSTEM_OK;
}

/* A path begins with '/', a compatible has a ',', everything else is an alias. */
static enum device_find find_by(const char *id)
{
    return id[0] == '/' ? DEVICE_PATH : strchr(id, ',') != NULL ? DEVICE_COMPATIBLE : DEVICE_ALIAS;
}

static enum broker_code map_registers(struct component *c, struct given *g)
{
    uint64_t bytes = g->device.regs != 0 ? g->device.reg[0].bytes + MM_PAGE : 0;
    if (bytes == 0) {
        return BROKER_NOT_FOUND;
    }
    uint64_t address = mm_place(sys.mm, c->spawn.space, LAYOUT_MMIO, LAYOUT_SHARED, bytes);
    enum broker_code code = address == 0
                                ? BROKER_NO_MEMORY
                                : mm_map_device(sys.mm, c->spawn.space, address, &g->device, 0);
    if (code == BROKER_OK) {
        g->address = address + g->device.reg[0].address % MM_PAGE;
    }
    return code;
}

static void answer_device(struct request *r, const struct given *g)
{
    r->a.word[0] = g->address;
    r->a.word[1] = g->device.reg[0].bytes;
    r->a.word[2] = g->device.reg[0].address;
    r->a.word[3] = g->bit;
    r->words = 7; /* no DMA memory: SYSTEM_DMA gives that */
}

/* The component asks again: the same answer, unless it wants the interrupt in another slot, or the
 * device is its own by the description. */
static enum system_error answer_again(struct request *r, const struct device *device)
{
    for (const struct given *g = r->from->given; g < r->from->given + GIVEN_EACH; g++) {
        if (g->kind == GIVEN_DEVICE && &g->device == device &&
            (r->q.word[0] == 0 || r->q.word[0] == g->slot)) {
            answer_device(r, g);
            return SYSTEM_OK;
        }
    }
    r->a.word[0] = r->from->id;
    r->words = 1;
    return SYSTEM_BUSY;
}

enum system_error request_device(struct request *r)
{
    struct component *c = r->from;
    uint64_t slot = r->q.word[0];
    struct device *device;
    struct given *g = given_free(c);
    const struct device_wish wish = {
        .find = find_by(request_name(r)), .id = request_name(r), .irqs = slot != 0};
    if (g == NULL || (slot != 0 && !is_own_slot(c, slot))) {
        return SYSTEM_NO_SLOTS;
    }
    enum broker_code code = broker_device(sys.broker, c->id, &wish, &g->device, &device);
    if (code != BROKER_OK) {
        return request_refused(r, code);
    }
    if (device != &g->device) {
        return answer_again(r, device);
    }
    g->kind = GIVEN_DEVICE;
    code = map_registers(c, g);
    if (code == BROKER_OK && slot != 0 && g->device.irqs != 0) {
        code = give_irq(c, g, g->device.irq_slot[0], slot);
    }
    if (code != BROKER_OK) {
        enum system_error error = request_refused(r, code);
        given_take_back(c, g);
        return error;
    }
    answer_device(r, g);
    return SYSTEM_OK;
}

/* Deletes the cap of the slot and takes back what was made for it. */
enum system_error request_free(struct request *r)
{
    struct component *c = r->from;
    const struct kaal_slot slot = {broker_cptr(sys.broker, c->spawn.cnode), r->q.word[0],
                                   c->spawn.cnode_bits};
    for (struct given *g = c->given; g < c->given + GIVEN_EACH; g++) {
        if (g->kind != GIVEN_NONE && g->slot == r->q.word[0] && g->slot != 0) {
            if (g->kind == GIVEN_COPY) {
                (void)!kaal_cnode_delete(slot);
            }
            given_take_back(c, g);
            return SYSTEM_OK;
        }
    }
    return SYSTEM_NOT_FOUND;
}
