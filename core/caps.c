/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * All caps with their places and their derivation, for pictures (core_caps() of hal.h).
 */
#include "cap_view.h"
#include "cdt.h"
#include "diag.h"
#include "invariants_walk.h"

enum {
    MAX_DEPTH = 128
};

struct caps {
    const struct walk_state *found;
    void (*visit)(void *arg, const struct cap_view *cap);
    void *arg;
    const struct slot *ancestor[MAX_DEPTH];
    bool complete;
};

static const char *thread_state(const struct tcb *tcb)
{
    static const char *const words[] = {
        [THREAD_INACTIVE] = "inactive",
        [THREAD_RUNNING] = "running",
        [THREAD_RESTART] = "runnable",
        [THREAD_BLOCKED_RECEIVE] = "receives",
        [THREAD_BLOCKED_SEND] = "sends",
        [THREAD_BLOCKED_REPLY] = "waits for a reply",
        [THREAD_BLOCKED_NOTIFICATION] = "waits for a signal",
    };
    return words[tcb->state];
}

static struct cap_holder thread_holder(const struct caps *caps, const struct tcb *tcb)
{
    bool waits = tcb->state == THREAD_BLOCKED_RECEIVE || tcb->state == THREAD_BLOCKED_SEND ||
                 tcb->state == THREAD_BLOCKED_NOTIFICATION;
    return (struct cap_holder){
        .kind = HOLDER_THREAD,
        .object = pa_of(tcb),
        .slots = TCB_SLOT_COUNT,
        .name = diag_thread_name(caps->found->cpu->diag, pa_of(tcb)),
        .state = thread_state(tcb),
        .waits_on = waits ? tcb->blocked_on.raw : 0,
        .priority = tcb->priority,
    };
}

/* Whose slot it is, and its index there. */
static struct cap_holder find_holder(const struct caps *caps, const struct slot *slot,
                                     uint64_t *index)
{
    const struct kernel *kernel = caps->found->cpu->kernel;
    const struct irq_entry *irq = (const struct irq_entry *)(const void *)slot;
    *index = 0;
    if (irq >= kernel->irqs && irq <= &kernel->irqs[kernel->max_irq])
        return (struct cap_holder){HOLDER_IRQ, (uint64_t)(irq - kernel->irqs), 1, "", "", 0, 0};
    for (unsigned i = 0; i < caps->found->containers; i++) {
        const struct walk_container *c = &caps->found->container[i];
        if (slot < c->slots || slot >= c->slots + c->count)
            continue;
        *index = (uint64_t)(slot - c->slots);
        if (c->tcb)
            return thread_holder(caps, c->tcb);
        if (c->count > 1)
            return (struct cap_holder){HOLDER_CNODE, pa_of(c->slots), c->count, "", "", 0, 0};
    }
    return (struct cap_holder){HOLDER_UNKNOWN, 0, 1, "", "", 0, 0};
}

/* What the types have besides an object. */
static void describe(struct cap_view *view, struct cap cap)
{
    switch (cap_type(cap)) {
    case CAP_UNTYPED:
        view->free = untyped_size(cap) - untyped_watermark(cap);
        view->device = untyped_is_device(cap);
        break;
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION:
        view->rights = ipc_rights(cap);
        view->badge = ipc_badge(cap);
        break;
    case CAP_FRAME:
        view->rights = frame_rights(cap);
        view->device = frame_is_device(cap);
        view->asid = mapping_asid(cap);
        view->address = mapping_vaddr(cap);
        break;
    case CAP_PAGE_TABLE:
        view->asid = mapping_asid(cap);
        view->address = mapping_vaddr(cap);
        break;
    case CAP_VSPACE: view->asid = mapping_asid(cap); break;
    case CAP_REPLY: view->object = cap.w[1]; break;
    case CAP_IRQ_HANDLER: view->address = irq_handler_irq(cap); break;
    default: break;
    }
}

static void show(const struct caps *caps, const struct slot *slot, unsigned depth)
{
    struct cap_view view = {
        .depth = depth,
        .type = cap_type_name(cap_type(slot->cap)),
        .object = cap_object(slot->cap),
        .object_bits = cap_object_bits(slot->cap),
    };
    view.holder = find_holder(caps, slot, &view.slot);
    describe(&view, slot->cap);
    caps->visit(caps->arg, &view);
}

/* One list of the derivation tree: every entry's ancestors are before it. */
static void show_list(struct caps *caps, const struct slot *first)
{
    unsigned depth = 0;
    for (const struct slot *slot = first; slot; slot = slot_next(slot)) {
        while (depth > 0 && !cdt_is_ancestor(caps->ancestor[depth - 1], slot))
            depth--;
        show(caps, slot, depth);
        if (depth < MAX_DEPTH)
            caps->ancestor[depth++] = slot;
        else
            caps->complete = false;
    }
}

bool core_caps(const struct cpu *cpu, void (*visit)(void *arg, const struct cap_view *cap),
               void *arg)
{
    struct walk_state *found = walk_begin(cpu);
    struct caps caps = {.found = found, .visit = visit, .arg = arg};
    walk_find(found);
    caps.complete = !found->broken;
    for (unsigned i = 0; i < found->containers; i++) {
        const struct walk_container *c = &found->container[i];
        for (uint64_t j = 0; j < c->count && !walk_is_inside_another(found, i); j++)
            if (!cap_is_null(c->slots[j].cap) && !c->slots[j].prev)
                show_list(&caps, &c->slots[j]);
    }
    return caps.complete;
}
