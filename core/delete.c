/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Deletion (abi/objects.md §3.4, §3.5).
 *
 * The last cap of a CNode or TCB becomes a zombie, which empties its object's slots from the last
 * to the first. A slot that itself holds such a last cap is not descended into by recursion: the
 * inner object's zombie moves to the slot being deleted, and the outer zombie waits in a slot of
 * the inner object (its link slot) until the inner one is empty. So the slot being deleted always
 * holds the zombie at work, the chain of waiting ones lies inside the dead objects themselves, and
 * every state in between is an ordinary derivation list.
 *
 * Slots at and above a zombie's count are empty, whoever deletes what in the meantime; so a zombie
 * whose count is 0 has no slot in use and may be dropped. When a zombie meets the slot being
 * deleted inside its own object, it first changes places with slot 0.
 */
#include "delete.h"

#include "asid.h"
#include "cdt.h"
#include "diag.h"
#include "endpoint.h"
#include "irq.h"
#include "notification.h"
#include "thread.h"
#include "vspace.h"

enum outcome preemption_point(struct cpu *cpu)
{
    if (++cpu->work_units < cpu->kernel->work_limit)
        return DONE;
    cpu->work_units = 0;
    return hal_irq_pending() ? PREEMPTED : DONE;
}

static void finalise_tcb(struct cpu *cpu, struct tcb *tcb)
{
    if (tcb->bound)
        notification_unbind(tcb->bound);
    thread_suspend(cpu, tcb);
    if (cpu->fp_owner == tcb)
        cpu->fp_owner = NULL;
    diag_forget_thread(cpu->diag, pa_of(tcb));
}

/* Effects of the last cap's deletion. CNodes and TCBs leave a zombie in *rest. A cap without rights
 * is to a woken thread what an empty slot is, also while other waiters are still to be woken. */
static enum outcome finalise_last(struct cpu *cpu, struct slot *slot, struct cap *rest)
{
    struct cap cap = slot->cap;
    switch (cap_type(cap)) {
    case CAP_ENDPOINT:
        slot->cap = ipc_with_rights(cap, 0);
        return endpoint_finalise(cpu, endpoint_of(cap));
    case CAP_NOTIFICATION:
        slot->cap = ipc_with_rights(cap, 0);
        return notification_finalise(cpu, notification_of(cap));
    case CAP_TCB:
        finalise_tcb(cpu, tcb_of(cap));
        *rest = cap_zombie(cap_object(cap), 0, true, TCB_SLOT_COUNT);
        return DONE;
    case CAP_CNODE:
        *rest = cap_zombie(cap_object(cap), cnode_radix(cap), false, cnode_slots(cap));
        return DONE;
    case CAP_PAGE_TABLE: vspace_unlink_table(cpu, cap); return DONE;
    case CAP_VSPACE: asid_release(cpu, cap); return DONE;
    case CAP_ASID_POOL: asid_pool_release(cpu, cap); return DONE;
    case CAP_IRQ_HANDLER: return irq_release(cpu, irq_handler_irq(cap));
    default: return DONE;
    }
}

/* *rest = what must stay in the slot: null, or a zombie. */
static enum outcome finalise(struct cpu *cpu, struct slot *slot, struct cap *rest)
{
    *rest = cap_null();
    if (cap_type(slot->cap) == CAP_ZOMBIE) {
        *rest = slot->cap;
        return DONE;
    }
    if (cap_type(slot->cap) == CAP_FRAME && mapping_asid(slot->cap) != 0) {
        vspace_unmap_frame(cpu, slot->cap);
        cpu->work_units++; /* as much work again as deleting the cap */
    }
    if (!cdt_is_final(slot))
        return DONE;
    return finalise_last(cpu, slot, rest);
}

static struct slot *zombie_slots(struct cap zombie)
{
    if (zombie_is_tcb(zombie))
        return tcb_at(cap_object(zombie))->slots;
    return cnode_of(zombie);
}

static struct cap zombie_with_remaining(struct cap zombie, uint64_t remaining)
{
    zombie.w[1] = remaining;
    return zombie;
}

/* `end`, the last slot of the zombie in `slot`, holds the zombie of an inner object: that one goes
 * to work, the outer one waits in the inner object's link slot. */
static void descend(struct slot *slot, struct slot *end)
{
    struct slot *link = zombie_slots(end->cap);
    uint64_t needed = 1;
    if (link == slot) {
        link++;
        needed = 2;
    }
    struct cap outer = slot->cap;
    struct cap inner = end->cap;
    if (zombie_remaining(inner) < needed)
        inner = zombie_with_remaining(inner, needed);
    cdt_swap(slot, outer, end, inner);
    cdt_swap(end, end->cap, link, link->cap);
}

/* `end`, the last slot of the zombie in `slot`, holds an inner zombie: gets it out of the way. */
static void absorb(struct slot *slot, struct slot *end)
{
    if (zombie_remaining(end->cap) == 0) {
        cdt_remove(end);
    } else if (zombie_remaining(slot->cap) == 1) {
        cdt_remove(slot);
        cdt_move(end, slot, end->cap);
    } else {
        descend(slot, end);
    }
}

/* One step of the zombie in *at, which has slots left. The zombie may move within its object. */
static enum outcome reduce(struct cpu *cpu, struct slot **at)
{
    struct slot *slot = *at;
    uint64_t remaining = zombie_remaining(slot->cap);
    struct slot *first = zombie_slots(slot->cap);
    struct slot *end = first + (remaining - 1);
    struct cap rest;
    if (end == slot && slot == first) {
        cdt_remove(slot);
    } else if (end == slot) {
        cdt_swap(slot, slot->cap, first, first->cap);
        *at = first;
    } else if (cap_is_null(end->cap)) {
        slot->cap = zombie_with_remaining(slot->cap, remaining - 1);
    } else {
        if (finalise(cpu, end, &rest) == PREEMPTED)
            return PREEMPTED;
        if (cap_is_null(rest)) {
            cdt_remove(end);
        } else {
            end->cap = rest;
            absorb(slot, end);
        }
    }
    return DONE;
}

/* One step towards an empty *at, which is in use. */
static enum outcome delete_step(struct cpu *cpu, struct slot **at)
{
    struct slot *slot = *at;
    struct cap rest;
    if (cap_type(slot->cap) == CAP_ZOMBIE) {
        if (zombie_remaining(slot->cap) != 0)
            return reduce(cpu, at);
        cdt_remove(slot);
        return DONE;
    }
    if (finalise(cpu, slot, &rest) == PREEMPTED)
        return PREEMPTED;
    if (cap_is_null(rest))
        cdt_remove(slot);
    else
        slot->cap = rest;
    return DONE;
}

enum outcome delete_slot(struct cpu *cpu, struct slot *slot)
{
    while (!cap_is_null(slot->cap)) {
        if (delete_step(cpu, &slot) == PREEMPTED)
            return PREEMPTED;
        if (!cap_is_null(slot->cap) && preemption_point(cpu) == PREEMPTED)
            return PREEMPTED;
    }
    return DONE;
}

enum outcome revoke_slot(struct cpu *cpu, struct slot *slot)
{
    while (cdt_has_children(slot)) {
        if (delete_slot(cpu, slot_next(slot)) == PREEMPTED)
            return PREEMPTED;
        if (preemption_point(cpu) == PREEMPTED)
            return PREEMPTED;
    }
    return DONE;
}

void delete_short(struct cpu *cpu, struct slot *slot)
{
    struct cap rest;
    if (cap_is_null(slot->cap))
        return;
    ensure(finalise(cpu, slot, &rest) == DONE && cap_is_null(rest));
    cdt_remove(slot);
}
