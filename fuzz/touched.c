/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Looking at what a trap named (touched.h).
 */
#include "touched.h"

#include "cspace.h"
#include "wait.h"

static const struct tcb *actor;
static const struct slot *named; /* by x0, NULL = nothing */

void touched_before(const struct cpu *cpu)
{
    struct lookup_fault ignored;
    actor = cpu->current;
    named = actor ? cspace_lookup(actor, actor->context.reg[REG_X0], &ignored) : NULL;
}

static bool links_agree(const struct slot *slot)
{
    if (cap_is_null(slot->cap))
        return !slot->prev && slot->link == 0;
    return (!slot->prev || slot_next(slot->prev) == slot) &&
           (!slot_next(slot) || slot_next(slot)->prev == slot);
}

static bool queue_agrees(const struct wait_queue *queue)
{
    const struct tcb *prev = NULL;
    for (const struct tcb *tcb = queue->head; tcb; prev = tcb, tcb = tcb->wait_next)
        if (tcb->wait_prev != prev || tcb->blocked_on.raw != pa_of(queue))
            return false;
    return wait_tail(queue) == prev;
}

static const char *look_at_thread(const struct cpu *cpu, const struct tcb *tcb)
{
    if (tcb->state > THREAD_BLOCKED_NOTIFICATION)
        return "touched: a thread is in no known state";
    if (tcb->queued != (thread_is_runnable(tcb) && tcb != cpu->current))
        return "touched: a runnable thread is in no ready queue, or another one is in one";
    for (unsigned i = 0; i < TCB_SLOT_COUNT; i++)
        if (!links_agree(&tcb->slots[i]))
            return "touched: a thread's slot and its neighbours in the derivation list disagree";
    return NULL;
}

static const char *look_at_cap(const struct slot *slot)
{
    if (!links_agree(slot))
        return "touched: the invoked slot and its neighbours in the derivation list disagree";
    if (cap_type(slot->cap) == CAP_ENDPOINT && !queue_agrees(&endpoint_of(slot->cap)->queue))
        return "touched: the links of an endpoint's queue disagree";
    if (cap_type(slot->cap) == CAP_NOTIFICATION &&
        !queue_agrees(&notification_of(slot->cap)->queue))
        return "touched: the links of a notification's queue disagree";
    return NULL;
}

const char *touched_after(const struct cpu *cpu)
{
    const char *why = NULL;
    if (cpu->current && cpu->current->state != THREAD_RUNNING)
        why = "touched: the current thread is not running";
    if (!why && cpu->current)
        why = look_at_thread(cpu, cpu->current);
    if (!why && actor)
        why = look_at_thread(cpu, actor);
    if (!why && named)
        why = look_at_cap(named);
    return why;
}
