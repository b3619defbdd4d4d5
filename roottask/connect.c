/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A new life gets what its place has: caps, shared memory, registers, and the page that says where
 * all that is. The order is always the same, so addresses and slots of all lives are equal.
 */
#include "kaal/string.h"
#include "ring/ring.h"
#include "system.h"

static struct env env; /* of the component that is being made */

static struct env_entry *add_entry(const char *name, enum env_kind kind)
{
    struct env_entry *e = &env.entry[env.entries++];
    size_t bytes = strlen(name) + 1;
    memcpy(e->name, name, bytes < sizeof(e->name) ? bytes : sizeof(e->name) - 1);
    e->kind = kind;
    return e;
}

/* Whether there is room for one more entry and two more caps. */
static bool has_room(const struct component *c)
{
    return env.entries < ENV_ENTRIES && c->slots + 2 <= 1u << c->description->cnode_bits;
}

static enum broker_code give(struct component *c, uint32_t from, uint64_t rights, uint64_t badge,
                             uint32_t *slot)
{
    *slot = c->slots++;
    return spawn_give(sys.mm, &c->spawn, *slot, from, rights, badge);
}

/* A cap that signals the other side: to slot `*slot` of `c`. */
static enum broker_code give_signal(struct component *c, struct component *other, uint64_t bit,
                                    uint32_t *slot)
{
    return give(c, broker_cptr(sys.broker, other->notification), RIGHT_WRITE, bit, slot);
}

/* Maps a link's memory; its address goes to the entry. */
static enum broker_code map_memory(struct component *c, const struct mm_memory *memory,
                                   enum region_kind kind, struct env_entry *e)
{
    if (memory->frames == 0) {
        return BROKER_OK;
    }
    uint64_t step = memory->bytes > MM_LARGE_PAGE ? memory->bytes : MM_LARGE_PAGE;
    e->address = (c->shared + step - 1) / step * step;
    c->shared = e->address + step + MM_PAGE;
    return mm_map_memory(sys.mm, c->spawn.space, e->address, memory, kind, MAP_READ | MAP_WRITE);
}

static enum broker_code add_client_end(struct component *c, struct link *l)
{
    struct env_entry *e = add_entry(l->name, ENV_CHANNEL);
    uint64_t rights = RIGHT_WRITE | (l->channel->grant != 0 ? RIGHT_GRANT : RIGHT_GRANT_REPLY);
    enum broker_code code = give(c, broker_cptr(sys.broker, l->to->endpoint), rights,
                                 BADGE_MESSAGE | l->channel->badge, &e->slot);
    l->from_slot = e->slot;
    e->flags = l->channel->grant != 0 ? ENV_FLAG_GRANT : 0;
    e->badge = l->from_bit;
    e->bytes = l->channel->buffer;
    return code == BROKER_OK ? map_memory(c, &l->memory, REGION_SHARED, e) : code;
}

static enum broker_code add_server_end(struct component *c, struct link *l)
{
    struct env_entry *e = add_entry(l->from->name, ENV_CLIENT);
    e->badge = BADGE_MESSAGE | l->channel->badge;
    e->bytes = l->channel->buffer;
    enum broker_code code = give_signal(c, l->from, l->from_bit, &e->signal);
    l->to_signal = e->signal;
    return code == BROKER_OK ? map_memory(c, &l->memory, REGION_SHARED, e) : code;
}

static enum broker_code add_ring_end(struct component *c, struct link *l)
{
    bool produces = l->from == c;
    struct env_entry *e = add_entry(l->name, produces ? ENV_PRODUCER : ENV_CONSUMER);
    e->badge = produces ? l->from_bit : l->to_bit;
    e->bytes = RING_BYTES(l->ring->entries, l->ring->entry_bytes);
    e->physical = (uint64_t)l->ring->entries << 32 | l->ring->entry_bytes;
    enum broker_code code =
        give_signal(c, produces ? l->to : l->from, produces ? l->to_bit : l->from_bit, &e->signal);
    *(produces ? &l->from_signal : &l->to_signal) = e->signal;
    return code == BROKER_OK ? map_memory(c, &l->memory, REGION_SHARED, e) : code;
}

static enum broker_code add_links(struct component *c)
{
    for (uint32_t i = 0; i < sys.links; i++) {
        struct link *l = &sys.link[i];
        enum broker_code code = BROKER_OK;
        if (l->from != c && l->to != c) {
            continue;
        }
        if (!has_room(c)) {
            return BROKER_NO_SLOTS;
        }
        if (l->is_ring) {
            code = add_ring_end(c, l);
        } else if (l->from == c) {
            code = add_client_end(c, l);
        } else {
            code = add_server_end(c, l);
        }
        if (code != BROKER_OK) {
            return code;
        }
    }
    return BROKER_OK;
}

static enum broker_code add_registers(struct component *c, const struct owned_device *o)
{
    const char *name = sysdesc_string(sys.description, o->description->name);
    for (uint32_t i = 0; i < o->device.regs; i++) {
        const struct tree_range *reg = &o->device.reg[i];
        if (!has_room(c)) {
            return BROKER_NO_SLOTS;
        }
        struct env_entry *e = add_entry(name, ENV_DEVICE);
        enum broker_code code = mm_map_device(sys.mm, c->spawn.space, c->mmio, &o->device, i);
        if (code != BROKER_OK) {
            return code;
        }
        e->address = c->mmio + reg->address % MM_PAGE;
        e->physical = reg->address;
        e->bytes = reg->bytes;
        c->mmio += (reg->bytes + 3 * MM_PAGE) & ~(MM_PAGE - 1);
    }
    return BROKER_OK;
}

static enum broker_code add_irq(struct component *c, struct owned_device *o, uint32_t index)
{
    if (!has_room(c)) {
        return BROKER_NO_SLOTS;
    }
    struct env_entry *e = add_entry(sysdesc_string(sys.description, o->description->name), ENV_IRQ);
    e->badge = o->irq_bit[index];
    e->physical = o->device.irq[index].number;
    enum broker_code code = give(c, o->device.irq_slot[index], RIGHTS_ALL, 0, &e->slot);
    o->irq_slot[index] = e->slot;
    /* A life that ended inside its handler has left the interrupt masked. */
    if (code == BROKER_OK) {
        (void)!kaal_irq_handler_ack(o->device.irq_slot[index]);
    }
    return code;
}

static enum broker_code add_device(struct component *c, struct owned_device *o)
{
    const char *name = sysdesc_string(sys.description, o->description->name);
    enum broker_code code = add_registers(c, o);
    for (uint32_t i = 0; i < o->device.irqs && code == BROKER_OK; i++) {
        code = add_irq(c, o, i);
    }
    if (code == BROKER_OK && o->dma.frames != 0) {
        if (!has_room(c)) {
            return BROKER_NO_SLOTS;
        }
        struct env_entry *e = add_entry(name, ENV_DMA);
        e->physical = o->dma.paddr;
        e->bytes = o->dma.bytes;
        code = map_memory(c, &o->dma, REGION_DMA, e);
    }
    return code;
}

static void add_text(const char *text, size_t *used)
{
    size_t bytes = strlen(text) + 1;
    if (bytes <= sizeof(env.strings) - *used) {
        memcpy(env.strings + *used, text, bytes);
        *used += bytes;
        env.argc++;
    }
}

static void add_arguments(const struct component *c)
{
    const struct sysdesc_component *d = c->description;
    size_t used = 0;
    env.argv_offset = offsetof(struct env, strings);
    add_text(c->name, &used);
    for (uint32_t i = 0; i < d->arguments; i++) {
        add_text(sysdesc_argument(sys.description, d->first_argument + i), &used);
    }
}

/* The slots that every component has (comp/layout.h). */
static enum broker_code add_fixed(struct component *c)
{
    enum broker_code code = spawn_give(sys.mm, &c->spawn, SLOT_SYSTEM, sys.endpoint,
                                       RIGHT_WRITE | RIGHT_GRANT_REPLY, c->id);
    if (code == BROKER_OK && c->endpoint != BUDDY_NONE) {
        env.serves = 1;
        code = spawn_give(sys.mm, &c->spawn, SLOT_SERVICE, broker_cptr(sys.broker, c->endpoint),
                          RIGHT_READ | RIGHT_GRANT, 0);
    }
    return code;
}

enum broker_code connect(struct component *c)
{
    memset(&env, 0, sizeof(env));
    env.magic = ENV_MAGIC;
    env.version = ENV_VERSION;
    env.id = c->id;
    env.generation = c->generation;
    memcpy(env.name, c->name, strlen(c->name) + 1);
    env.heap_limit = c->spawn.heap_limit;
    env.stack_bottom = c->spawn.stack_bottom;
    env.rights = c->description->rights;
    env.slots = 1u << c->description->cnode_bits;
    c->slots = SLOT_ENV;
    c->shared = LAYOUT_SHARED;
    c->mmio = LAYOUT_MMIO;
    add_arguments(c);
    enum broker_code code = add_fixed(c);
    code = code == BROKER_OK ? add_links(c) : code;
    for (uint32_t i = 0; i < c->devices && code == BROKER_OK; i++) {
        code = add_device(c, &c->device[i]);
    }
    env.first_free = c->slots;
    return code == BROKER_OK ? spawn_env(sys.mm, &c->spawn, &env) : code;
}
