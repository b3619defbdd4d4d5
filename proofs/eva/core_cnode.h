/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Entry points: the methods of CNodes. Which slot the call finds by root, index and depth is fixed;
 * the production code resolves any index and depth before. An empty slot is like another but for
 * its address. Included once, by core.c.
 */
#pragma once

/* ---- Copy, Mint, Move, Mutate: from each slot, to an empty one ---- */

/* Children without a badge: an interrupt handler, a copy of a frame, one of the endpoint. */
static void add_derived(struct cpu *cpu)
{
    (void)cpu;
    cdt_insert_copy(root_slot(S_IRQ_CONTROL), root_slot(DERIVED), cap_irq_handler(41));
    cdt_insert_copy(root_slot(S_PAGE), root_slot(ADDED),
                    cap_frame(PAGE, FRAME_4K, RIGHT_READ, false));
    cdt_insert_copy(root_slot(S_ENDPOINT), root_slot(S_REPLY), root_slot(S_ENDPOINT)->cap);
}

#define FROM_EACH(method, least)                                                                   \
    CALL(CNODE_##method, CALLED, S_ROOT, add_derived, .words = (least), .caps = 1,                 \
         .extra = {S_ROOT}, .targets = 2, .target = {IN_INNER + 1, EACH})
ENTRY(copy, FROM_EACH(COPY, 5), FROM_EACH(MINT, 6))
ENTRY(move, FROM_EACH(MOVE, 4), FROM_EACH(MUTATE, 5))

/* To each slot, or with the other root in each slot; SaveCaller to each, with a caller or none. */
ENTRY(fill,
      CALL(CNODE_COPY, CALLED, S_INNER, NULL, .words = 5, .caps = 1, .extra = {S_ROOT},
           .targets = 2, .target = {EACH, S_BADGED}),
      CALL(CNODE_MOVE, CALLED, S_ROOT, NULL, .words = 4, .caps = 1, .extra = {EACH}, .targets = 2,
           .target = {FREE, S_BADGED}),
      CALL(CNODE_SAVE_CALLER, CALLED, S_ROOT, NULL, .words = 2, .targets = 1, .target = {EACH}),
      CALL(CNODE_SAVE_CALLER, NOBODY_WAITS, S_INNER, NULL, .words = 2, .targets = 1,
           .target = {FREE}))

/* ---- Rotate: destination, source, pivot ---- */

#define ROTATE(...)                                                                                \
    CALL(CNODE_ROTATE, CALLED, S_ROOT, add_derived, .words = 8, .caps = 2,                         \
         .extra = {S_ROOT, S_ROOT}, .targets = 3, .target = {__VA_ARGS__})
ENTRY(rotate, ROTATE(FREE, EACH, S_CHILD), ROTATE(FREE, S_INNER, EACH),
      ROTATE(EACH, S_UNTYPED_SMALL, S_CHILD), ROTATE(FREE, S_ENDPOINT, S_BADGED))
ENTRY(swap, ROTATE(S_UNTYPED_SMALL, S_UNTYPED_SMALL, EACH), ROTATE(S_CHILD, S_CHILD, EACH))

/* ---- Delete, Revoke ---- */

static void add_to_delete(struct cpu *cpu)
{
    add_derived(cpu);
    look_within(cpu, 1);
}
#define DELETE(state, slot, how)                                                                   \
    CALL(CNODE_DELETE, state, S_ROOT, how, .words = 2, .targets = 1, .target = {slot})
#define REVOKE(state, slot, how)                                                                   \
    CALL(CNODE_REVOKE, state, S_ROOT, how, .words = 2, .targets = 1, .target = {slot})
ENTRY(delete, DELETE(CALLED, EACH, add_to_delete))
ENTRY(revoke, REVOKE(CALLED, EACH, add_to_delete), REVOKE(CALLED, S_ROOT, look_soon))
ENTRY(delete_thread, DELETE(CALLED, EACH_THREAD, look_soon))
ENTRY(delete_other_thread, DELETE(FAULTED, EACH_THREAD, look_soon),
      DELETE(NOBODY_WAITS, EACH_THREAD, look_soon), DELETE(SENDERS, EACH_THREAD, look_soon))

/* The handler's interrupt signals a notification that it holds a cap of. */
static void armed(struct cpu *cpu)
{
    arm_irq(cpu);
    look_soon(cpu);
}

/* Endpoint and notification have one cap each. */
static void single(struct cpu *cpu)
{
    cdt_remove(root_slot(S_BADGED));
    cdt_remove(root_slot(S_SIGNAL));
    look_soon(cpu);
}
ENTRY(delete_last, DELETE(CALLED, S_IRQ, armed), DELETE(FAULTED, S_FAULTS, look_soon),
      DELETE(SENDERS, S_ENDPOINT, single), DELETE(RECEIVERS, S_ENDPOINT, single),
      DELETE(CALLED, S_NOTIFICATION, single), DELETE(FAULTED, S_NOTIFICATION, single))

/* A CNode whose cap lies in itself, beside a thread's only cap. */
static void hold_itself(struct cpu *cpu)
{
    cdt_move(root_slot(S_TCB_C), slots_at(INNER) + 3, root_slot(S_TCB_C)->cap);
    cdt_move(root_slot(S_INNER), slots_at(INNER) + 1, root_slot(S_INNER)->cap);
    look_soon(cpu);
}

/* A CNode that holds a CNode that holds a thread's only cap. */
static void nest(struct cpu *cpu)
{
    struct slot *outer = slots_at(OTHER);
    put(ADDED, cap_cnode(OTHER, 2, 0, 0));
    cdt_move(root_slot(S_TCB_C), slots_at(INNER) + 3, root_slot(S_TCB_C)->cap);
    cdt_move(root_slot(S_INNER), outer + 2, root_slot(S_INNER)->cap);
    cdt_insert_copy(root_slot(S_PAGE), outer + 3, cap_frame(PAGE, FRAME_4K, RIGHT_READ, false));
    look_soon(cpu);
}
ENTRY(delete_nested, DELETE(CALLED, IN_INNER + 1, hold_itself), DELETE(CALLED, ADDED, nest))

/* All that lies in RAM is derived from one Untyped: threads, the running one among them, the CNode
 * that holds the very slot that is revoked, tables and pools. */
static void one_family(struct cpu *cpu)
{
    struct slot *last = root_slot(ADDED);
    put(ADDED, cap_untyped(RAM, 18, false, 1 << 18));
    for (unsigned i = 0; i < ADDED; i++) {
        struct slot *slot = root_slot(i);
        if (slot->prev || cap_object_bits(slot->cap) == 0 || i == S_DEVICE)
            continue;
        slot->prev = last;
        last->link = slot_link(slot, slot_flags(last));
        for (last = slot; slot_next(last);)
            last = slot_next(last);
    }
    look_within(cpu, 40);
}
ENTRY(revoke_family, REVOKE(CALLED, ADDED, one_family))

/* ---- CancelBadgedSends ---- */

/* Of each sender it is known whether he has the cap's badge; badges are only compared. */
static void badged_senders(struct cpu *cpu)
{
    enum {
        BADGE = 7,
        ANOTHER = 8
    };
    int match = Frama_C_interval(0, 3);
    //@ split match;
    root_slot(S_BADGED)->cap = cap_endpoint(ENDPOINTS, BADGE, RIGHTS_ALL);
    tcb_at(TCB_B)->blocked_badge = match % 2 ? BADGE : ANOTHER;
    tcb_at(TCB_C)->blocked_badge = match / 2 ? BADGE : ANOTHER;
    look_within(cpu, 3);
}

/* The call was preempted before the second sender. */
static void cancelling(struct cpu *cpu)
{
    struct tcb *a = tcb_at(TCB_A), *c = tcb_at(TCB_C);
    struct endpoint *endpoint = hal_window(paddr(ENDPOINTS));
    badged_senders(cpu);
    cpu->kernel->cancel = (struct cancel){a, endpoint, ipc_badge(root_slot(S_BADGED)->cap), c, c};
    c->cancel = &cpu->kernel->cancel;
}
static void cancelling_own(struct cpu *cpu)
{
    cancelling(cpu);
    tcb_at(TCB_A)->progress_start = paddr(ENDPOINTS);
    tcb_at(TCB_A)->progress_bytes = cpu->kernel->cancel.badge;
}

#define CANCEL(state, slot, how)                                                                   \
    CALL(CNODE_CANCEL_BADGED_SENDS, state, S_ROOT, how, .words = 2, .targets = 1, .target = {slot})
ENTRY(cancel, CANCEL(CALLED, EACH, NULL), CANCEL(SENDERS, S_BADGED, badged_senders),
      CANCEL(SENDERS, S_BADGED, cancelling_own), CANCEL(SENDERS, S_BADGED, cancelling),
      DELETE(SENDERS, S_TCB_C, cancelling))
