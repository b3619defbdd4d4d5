/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The invariant walk: finding everything, and checks on slots and the derivation list.
 */
#include "invariants.h"

#include "cdt.h"
#include "invariants_walk.h"

static void add_container(struct walk_state *w, struct slot *slots, uint64_t count, struct tcb *tcb)
{
    for (unsigned i = 0; i < w->containers; i++)
        if (w->container[i].slots == slots && w->container[i].count == count)
            return;
    if (!walk_expect(w, w->containers < WALK_CONTAINERS, "walk: too many containers"))
        return;
    w->container[w->containers++] = (struct walk_container){(uint64_t)slots, slots, count, tcb};
}

static void add_tcb(struct walk_state *w, struct tcb *tcb)
{
    if (tcb)
        add_container(w, tcb->slots, TCB_SLOT_COUNT, tcb);
}

static void add_waiting(struct walk_state *w, const struct wait_queue *queue)
{
    unsigned n = 0;
    for (struct tcb *tcb = queue->head; tcb && n < WALK_CONTAINERS; tcb = tcb->wait_next, n++)
        add_tcb(w, tcb);
}

static void follow(struct walk_state *w, struct cap cap)
{
    switch (cap_type(cap)) {
    case CAP_ENDPOINT: add_waiting(w, &endpoint_of(cap)->queue); break;
    case CAP_NOTIFICATION:
        add_waiting(w, &notification_of(cap)->queue);
        add_tcb(w, notification_of(cap)->bound);
        break;
    case CAP_CNODE: add_container(w, cnode_of(cap), cnode_slots(cap), NULL); break;
    case CAP_TCB: add_tcb(w, tcb_of(cap)); break;
    case CAP_ZOMBIE:
        if (zombie_is_tcb(cap))
            add_tcb(w, tcb_at(cap_object(cap)));
        else
            add_container(w, cnode_of(cap), 1ull << cnode_radix(cap), NULL);
        break;
    case CAP_REPLY: add_tcb(w, tcb_of(cap)); break;
    default: break;
    }
}

static void add_roots(struct walk_state *w)
{
    const struct kernel *kernel = w->cpu->kernel;
    add_tcb(w, w->cpu->current);
    add_tcb(w, w->cpu->fp_owner);
    for (unsigned domain = 0; domain < kernel->domain_count; domain++)
        for (unsigned p = 0; p < PRIORITY_COUNT; p++)
            for (struct tcb *tcb = kernel->ready[domain].queue[p].head; tcb; tcb = tcb->ready_next)
                add_tcb(w, tcb);
    for (uint32_t irq = 0; irq <= kernel->max_irq; irq++)
        if (!cap_is_null(kernel->irqs[irq].slot.cap))
            add_container(w, &kernel->irqs[irq].slot, 1, NULL);
}

/* A slot met as somebody's neighbour lies in a container of its own when nothing leads there. */
static bool is_listed(const struct walk_state *w, const struct slot *slot)
{
    for (unsigned i = 0; i < w->containers; i++)
        if (slot >= w->container[i].slots && slot < w->container[i].slots + w->container[i].count)
            return true;
    return false;
}

static void find_from(struct walk_state *w, const struct slot *slot)
{
    struct slot *next = slot_next(slot);
    follow(w, slot->cap);
    if (slot->prev && !is_listed(w, slot->prev))
        add_container(w, slot->prev, 1, NULL);
    if (next && !is_listed(w, next))
        add_container(w, next, 1, NULL);
}

void walk_find(struct walk_state *w)
{
    add_roots(w);
    for (unsigned i = 0; i < w->containers && !w->broken; i++) {
        const struct slot *slot = w->container[i].slots, *end = slot + w->container[i].count;
        for (; slot < end; slot++)
            if (!cap_is_null(slot->cap))
                find_from(w, slot);
    }
}

static void check_links(struct walk_state *w, const struct slot *slot)
{
    const struct slot *next = slot_next(slot);
    if (slot->prev)
        walk_expect(w, slot_next(slot->prev) == slot && !cap_is_null(slot->prev->cap),
                    "the previous entry of the derivation list does not point back");
    if (next)
        walk_expect(w, next->prev == slot && !cap_is_null(next->cap),
                    "the next entry of the derivation list does not point back");
}

static uint16_t vspace_asid(struct cap cap)
{
    return cap_type(cap) == CAP_VSPACE ? mapping_asid(cap) : 0;
}

static struct walk_object *find_object(struct walk_state *w, struct cap cap)
{
    uint64_t pa = cap_object(cap);
    const struct walk_object *known = walk_object(w, cap_type(cap), pa);
    if (known)
        return &w->object[known - w->object];
    if (!walk_expect(w, w->objects < WALK_OBJECTS, "walk: too many objects"))
        return NULL;
    struct walk_object *object = &w->object[w->objects++];
    uint16_t *bucket = &w->bucket[walk_bucket(pa)];
    *object =
        (struct walk_object){pa, cap_object_bits(cap), cap_type(cap), 0, vspace_asid(cap), *bucket};
    *bucket = (uint16_t)w->objects;
    return object;
}

/* All caps to one object stand together in the list, so looking at neighbours finds the last one.
 */
static void check_finality(struct walk_state *w, const struct slot *slot)
{
    if (cap_object_bits(slot->cap) == 0 || cap_type(slot->cap) == CAP_UNTYPED)
        return;
    struct walk_object *object = find_object(w, slot->cap);
    if (!object)
        return;
    walk_expect(w, object->bits == cap_object_bits(slot->cap), "two caps disagree on a size");
    walk_expect(w, object->asid == vspace_asid(slot->cap), "two caps disagree on a VSpace's ASID");
    if (!slot->prev || cap_type(slot->prev->cap) != cap_type(slot->cap) ||
        cap_object(slot->prev->cap) != cap_object(slot->cap))
        object->runs++;
    walk_expect(w, object->runs <= 1, "caps to one object are apart in the derivation list");
}

static void check_zombie(struct walk_state *w, struct cap cap)
{
    const struct slot *slots = zombie_is_tcb(cap) ? tcb_at(cap_object(cap))->slots : cnode_of(cap);
    uint64_t count = zombie_is_tcb(cap) ? TCB_SLOT_COUNT : 1ull << cnode_radix(cap);
    walk_expect(w, zombie_remaining(cap) <= count, "a zombie counts more slots than it has");
    for (uint64_t i = zombie_remaining(cap); i < count; i++)
        walk_expect(w, cap_is_null(slots[i].cap), "a slot above a zombie's count is in use");
}

static void check_handler(struct walk_state *w, uint32_t irq)
{
    w->handled_irqs[irq / 64] |= 1ull << irq % 64;
    walk_expect(w, w->cpu->kernel->irqs[irq].state == IRQ_SIGNAL,
                "an interrupt with a handler cap is not active");
}

/* The other way round, when every cap was seen. */
static void check_irqs(struct walk_state *w)
{
    const struct kernel *kernel = w->cpu->kernel;
    for (uint32_t irq = 0; irq <= kernel->max_irq; irq++)
        walk_expect(
            w, kernel->irqs[irq].state != IRQ_SIGNAL || (w->handled_irqs[irq / 64] >> irq % 64 & 1),
            "an active interrupt has no handler cap");
}

static void check_object(struct walk_state *w, const struct slot *slot)
{
    switch (cap_type(slot->cap)) {
    case CAP_ENDPOINT: walk_check_queue(w, &endpoint_of(slot->cap)->queue, false); break;
    case CAP_NOTIFICATION:
        walk_check_queue(w, &notification_of(slot->cap)->queue, true);
        walk_check_bound(w, notification_of(slot->cap));
        break;
    case CAP_UNTYPED: walk_check_untyped(w, slot); break;
    case CAP_ZOMBIE: check_zombie(w, slot->cap); break;
    case CAP_FRAME:
    case CAP_PAGE_TABLE:
    case CAP_VSPACE:
    case CAP_ASID_POOL: walk_check_mapping(w, slot); break;
    case CAP_IRQ_HANDLER: check_handler(w, irq_handler_irq(slot->cap)); break;
    default: break;
    }
}

/* A single slot met as a neighbour before its container was found: visited with the container. */
bool walk_is_inside_another(const struct walk_state *w, unsigned index)
{
    const struct walk_container *one = &w->container[index];
    if (one->count != 1)
        return false;
    for (unsigned i = 0; i < w->containers; i++) {
        const struct walk_container *c = &w->container[i];
        if (c->count > 1 && one->slots >= c->slots && one->slots < c->slots + c->count)
            return true;
    }
    return false;
}

static void check_slot(struct walk_state *w, const struct slot *slot)
{
    check_links(w, slot);
    check_finality(w, slot);
    check_object(w, slot);
}

/* Most slots are empty, and the walk is made after every trap: they are looked at in one go. */
static void check_slots(struct walk_state *w)
{
    for (unsigned i = 0; i < w->containers && !w->broken; i++) {
        if (walk_is_inside_another(w, i))
            continue;
        const struct slot *slot = w->container[i].slots, *end = slot + w->container[i].count;
        for (; slot < end; slot++)
            if (!cap_is_null(slot->cap))
                check_slot(w, slot);
            else
                walk_expect(w, (slot->cap.w[1] | (uint64_t)slot->prev | slot->link) == 0,
                            "an empty slot is not all zero");
    }
}

static struct walk_state state; /* scratch, too large for a kernel stack */

struct walk_state *walk_begin(const struct cpu *cpu)
{
    state.cpu = cpu;
    state.containers = 0;
    state.objects = 0;
    state.mappings = 0;
    state.broken = NULL;
    for (unsigned i = 0; i < WALK_BUCKETS; i++)
        state.bucket[i] = 0;
    return &state;
}

const char *invariants_check(const struct cpu *cpu, struct slot *slots, uint64_t count)
{
    struct walk_state *w = walk_begin(cpu);
    for (unsigned i = 0; i < WALK_IRQ_WORDS; i++)
        w->handled_irqs[i] = 0;
    add_container(w, slots, count, NULL);
    walk_find(w);
    if (!w->broken)
        check_slots(w);
    if (!w->broken)
        walk_check_threads(w);
    if (!w->broken)
        walk_check_ready(w);
    if (!w->broken)
        walk_check_asids(w);
    if (!w->broken)
        check_irqs(w);
    if (!w->broken)
        walk_check_overlap(w);
    return w->broken;
}

const char *invariants_check_all(const struct cpu *cpu, struct slot *slots, uint64_t count)
{
    if (!invariants_check(cpu, slots, count))
        walk_check_tables(&state);
    return state.broken;
}
