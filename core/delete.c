/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Deletion (abi/objects.md §3.4, §3.5).
 *
 * The last cap of a CNode or TCB becomes a zombie, which empties its object's slots from the last
 * to the first. A slot that itself holds such a last cap is not descended into by recursion: it
 * holds the inner object's zombie, the one at work, and when that meets a third object's zombie,
 * the two change places and the inner one waits in slot 0 of the third object until that is empty.
 * So the slot being deleted keeps its zombie until all is gone, the one at work is in its object's
 * last slot in use, the chain of waiting ones lies inside the dead objects themselves, and every
 * state in between is an ordinary derivation list: a preempted Delete or Revoke that is made again
 * meets the same first zombie, and goes on from there (abi/objects.md §3.5).
 *
 * Slots at and above a zombie's count are empty, whoever deletes what in the meantime; so a zombie
 * whose count is 0 has no slot in use and may be dropped. A zombie that lies inside an object to be
 * emptied for its sake moves to slot 0 of its own object.
 */
#include "delete.h"

#include "asid.h"
#include "cancel.h"
#include "cdt.h"
#include "diag.h"
#include "irq.h"
#include "notification.h"
#include "thread.h"
#include "vspace.h"
#include "wait.h"

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

/* The last cap of an endpoint or notification goes: who waits there executes his call again. One
 * thread a work unit. */
static enum outcome wake_waiters(struct cpu *cpu, struct wait_queue *queue)
{
    while (queue->head) {
        struct tcb *first = queue->head;
        if (first->cancel)
            cancel_leave(first);
        wait_remove(queue, first);
        thread_restart_among_many(cpu, first);
        if (preemption_point(cpu) == PREEMPTED)
            return PREEMPTED;
    }
    return DONE;
}

/* Effects of the last cap's deletion. CNodes and TCBs leave a zombie in *rest. A cap without rights
 * is to a woken thread what an empty slot is, also while other waiters are still to be woken. */
static enum outcome finalise_last(struct cpu *cpu, struct slot *slot, struct cap *rest)
{
    struct cap cap = slot->cap;
    switch (cap_type(cap)) {
    case CAP_ENDPOINT:
        slot->cap = ipc_with_rights(cap, 0);
        return wake_waiters(cpu, &endpoint_of(cap)->queue);
    case CAP_NOTIFICATION:
        slot->cap = ipc_with_rights(cap, 0);
        notification_unbind(notification_of(cap));
        return wake_waiters(cpu, &notification_of(cap)->queue);
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

/* The last slot that may be in use of the zombie in `slot`; NULL when none is left. */
static struct slot *zombie_end(const struct slot *slot)
{
    uint64_t remaining = zombie_remaining(slot->cap);
    return remaining != 0 ? zombie_slots(slot->cap) + (remaining - 1) : NULL;
}

/* Where the zombie being deleted goes when it is found inside what it empties: slot 0 of its own
 * object, by way of slot 1 when slot 0 holds the one at work and is all that is left. */
static struct slot *move_home(struct slot *root)
{
    struct slot *home = zombie_slots(root->cap);
    if (zombie_remaining(root->cap) == 1) {
        root->cap = zombie_with_remaining(root->cap, 2);
        home++;
    }
    cdt_swap(root, root->cap, home, home->cap);
    return home;
}

/* `end`, the last slot of the zombie at work, holds a zombie as well. When it is that of an object
 * inside, that one goes to work, and the other waits in slot 0 of the object inside unless it has
 * no other slot left. */
static void meet(struct slot **root, struct slot *work, struct slot *end)
{
    uint64_t remaining = zombie_remaining(work->cap);
    struct slot *link = zombie_slots(end->cap);
    if (end == work && remaining == 1) {
        cdt_remove(work);
    } else if (end == *root) {
        *root = move_home(*root);
    } else if (zombie_remaining(end->cap) == 0) {
        cdt_remove(end);
    } else if (remaining == 1) {
        cdt_remove(work);
        cdt_move(end, work, end->cap);
    } else if (link == *root) {
        *root = move_home(*root);
    } else {
        cdt_swap(work, work->cap, end, end->cap);
        cdt_swap(end, end->cap, link, link->cap);
    }
}

/* One step of the zombie in *root, which may move. At work is that one or the one in its last slot.
 */
static enum outcome zombie_step(struct cpu *cpu, struct slot **root)
{
    struct slot *work = *root;
    struct slot *end = zombie_end(work);
    struct cap rest = cap_null();
    if (end && cap_type(end->cap) == CAP_ZOMBIE && end != work) {
        work = end;
        end = zombie_end(work);
    }
    if (!end) {
        cdt_remove(work);
        return DONE;
    }
    if (cap_type(end->cap) == CAP_ZOMBIE) {
        meet(root, work, end);
        return DONE;
    }
    if (!cap_is_null(end->cap)) {
        if (finalise(cpu, end, &rest) == PREEMPTED)
            return PREEMPTED;
        if (!cap_is_null(rest)) {
            end->cap = rest;
            return DONE;
        }
        cdt_remove(end);
        cpu->work_units++; /* the slot counts as well */
    }
    work->cap = zombie_with_remaining(work->cap, zombie_remaining(work->cap) - 1);
    return DONE;
}

/* One step towards an empty *root, which is in use. */
static enum outcome delete_step(struct cpu *cpu, struct slot **root)
{
    struct slot *slot = *root;
    struct cap rest;
    if (cap_type(slot->cap) == CAP_ZOMBIE)
        return zombie_step(cpu, root);
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
