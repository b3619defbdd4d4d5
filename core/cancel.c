/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * CancelBadgedSends under interrupts. Keeps true: a preempted call never looks at a sender twice,
 * nor at one that came after it began, so it ends after as many units as senders waited then.
 *
 * The call that was preempted is in kernel->cancel; the first and the last sender still to be
 * looked at know it, so that it moves on when they leave the queue. Another thread's call first
 * brings it to its end; who finds that done when its turn comes has nothing left to do. A call
 * given up halfway (its thread got other registers, or is gone) waits there for the next.
 */
#include "cancel.h"

#include "thread.h"
#include "wait.h"

static void set_marks(struct cancel *cancel, struct cancel *mark)
{
    cancel->next->cancel = mark;
    cancel->last->cancel = mark;
}

static void end(struct cancel *cancel)
{
    *cancel = (struct cancel){0};
}

void cancel_leave(struct tcb *sender)
{
    struct cancel *cancel = sender->cancel;
    set_marks(cancel, NULL);
    if (cancel->next == cancel->last) {
        end(cancel);
        return;
    }
    if (cancel->next == sender)
        cancel->next = sender->wait_next;
    else
        cancel->last = sender->wait_prev;
    set_marks(cancel, cancel);
}

/* From next to last. */
static enum outcome go_on(struct cpu *cpu, struct cancel *cancel)
{
    bool more = true;
    while (more) {
        struct tcb *sender = cancel->next;
        more = sender != cancel->last;
        cancel->next = sender->wait_next;
        if (sender->blocked_badge == cancel->badge) {
            wait_remove(&cancel->endpoint->queue, sender);
            thread_restart_among_many(cpu, sender);
        }
        if (more && preemption_point(cpu) == PREEMPTED) {
            set_marks(cancel, cancel);
            return PREEMPTED;
        }
    }
    end(cancel);
    return DONE;
}

/* The thread remembers which call it was preempted in. */
static enum outcome go_on_for(struct cpu *cpu, struct cancel *cancel)
{
    struct tcb *caller = cancel->caller;
    struct paddr endpoint = hal_window_paddr(cancel->endpoint);
    uint64_t badge = cancel->badge;
    if (go_on(cpu, cancel) == DONE)
        return DONE;
    caller->progress_start = endpoint;
    caller->progress_bytes = badge;
    return PREEMPTED;
}

enum outcome cancel_badged(struct cpu *cpu, struct tcb *caller, struct endpoint *endpoint,
                           uint64_t badge)
{
    struct cancel *cancel = &cpu->kernel->cancel;
    bool again = caller->progress_start.raw == pa_of(endpoint) && caller->progress_bytes == badge;
    caller->progress_start = paddr(0);
    caller->progress_bytes = 0;
    if (again && cancel->caller != caller)
        return DONE;
    if (cancel->endpoint) {
        set_marks(cancel, NULL);
        if (again)
            return go_on_for(cpu, cancel);
        if (go_on(cpu, cancel) == PREEMPTED)
            return PREEMPTED;
    }
    if (wait_state(&endpoint->queue) != ENDPOINT_SENDING)
        return DONE;
    *cancel =
        (struct cancel){caller, endpoint, badge, endpoint->queue.head, wait_tail(&endpoint->queue)};
    return go_on_for(cpu, cancel);
}
