/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Invariants of threads, queues and the scheduler.
 */
#include "cdt.h"
#include "invariants_walk.h"
#include "wait.h"

enum {
    QUEUE_LIMIT = 1 << 20
};

static bool is_waiting(const struct tcb *tcb)
{
    return tcb->state == THREAD_BLOCKED_RECEIVE || tcb->state == THREAD_BLOCKED_SEND ||
           tcb->state == THREAD_BLOCKED_NOTIFICATION;
}

static bool queue_holds(const struct wait_queue *queue, const struct tcb *wanted)
{
    unsigned n = 0;
    for (const struct tcb *tcb = queue->head; tcb && n < QUEUE_LIMIT; tcb = tcb->wait_next, n++)
        if (tcb == wanted)
            return true;
    return false;
}

/* The thread state that a queue in this state holds. */
static enum thread_state expected_state(unsigned state, bool notification)
{
    if (notification)
        return THREAD_BLOCKED_NOTIFICATION;
    return state == ENDPOINT_SENDING ? THREAD_BLOCKED_SEND : THREAD_BLOCKED_RECEIVE;
}

void walk_check_queue(struct walk_state *w, const struct wait_queue *queue, bool notification)
{
    unsigned state = wait_state(queue);
    bool empty = state == ENDPOINT_IDLE || (notification && state == NOTIFICATION_ACTIVE);
    const struct tcb *prev = NULL;
    walk_expect(w, state < 3, "an endpoint or notification is in no known state");
    walk_expect(w, empty == !queue->head, "a wait queue does not fit its object's state");
    for (const struct tcb *tcb = queue->head; tcb; prev = tcb, tcb = tcb->wait_next) {
        if (!walk_expect(w, tcb->wait_prev == prev, "a wait queue's links disagree"))
            return;
        walk_expect(w, tcb->state == expected_state(state, notification),
                    "a thread in a wait queue is not blocked that way");
        walk_expect(w, tcb->blocked_on.raw == pa_of(queue),
                    "a thread waits in another queue than it says");
    }
    walk_expect(w, wait_tail(queue) == prev, "a wait queue's tail is not its last thread");
}

void walk_check_bound(struct walk_state *w, const struct notification *ntfn)
{
    if (ntfn->bound)
        walk_expect(w, ntfn->bound->bound == ntfn, "a bound thread does not point back");
}

static void check_reply(struct walk_state *w, const struct tcb *tcb)
{
    const struct slot *master = &tcb->slots[TCB_REPLY];
    const struct slot *caller = &tcb->slots[TCB_CALLER];
    walk_expect(w, cap_is_null(caller->cap) || cap_type(caller->cap) == CAP_REPLY,
                "a caller slot holds something else than a reply cap");
    if (cap_type(master->cap) != CAP_REPLY)
        return;
    walk_expect(w, reply_is_master(master->cap) && tcb_of(master->cap) == tcb && !master->prev,
                "a master reply cap is not its thread's");
    const struct slot *right = slot_next(master);
    if (!right)
        return;
    walk_expect(w,
                cap_type(right->cap) == CAP_REPLY && !reply_is_master(right->cap) &&
                    tcb_of(right->cap) == tcb && !slot_next(right),
                "what follows a master reply cap is not its one reply cap");
    walk_expect(w, tcb->state == THREAD_BLOCKED_REPLY,
                "there is a right to reply to a thread that waits for none");
}

/* A preempted CancelBadgedSends knows two senders of one queue, and they know it. */
static void check_cancel(struct walk_state *w, const struct tcb *tcb)
{
    const struct cancel *cancel = &w->cpu->kernel->cancel;
    bool at_end = cancel->endpoint && (tcb == cancel->next || tcb == cancel->last);
    walk_expect(w, (tcb->cancel == cancel) == at_end && (at_end || !tcb->cancel),
                "a sender and a preempted CancelBadgedSends disagree");
    if (at_end)
        walk_expect(
            w, tcb->state == THREAD_BLOCKED_SEND && tcb->blocked_on.raw == pa_of(cancel->endpoint),
            "a preempted CancelBadgedSends goes on at a thread outside its queue");
}

static void check_thread(struct walk_state *w, const struct tcb *tcb)
{
    walk_expect(w, tcb->state <= THREAD_BLOCKED_NOTIFICATION, "a thread is in no known state");
    walk_expect(w, tcb->domain < w->cpu->kernel->domain_count, "a thread is in no known domain");
    walk_expect(w, tcb->slice >= 1 && tcb->slice <= w->cpu->kernel->slice_ticks,
                "a thread's time slice is out of range");
    walk_expect(w, tcb->queued == (thread_is_runnable(tcb) && tcb != w->cpu->current),
                "a runnable thread is in no ready queue, or another one is in one");
    if (is_waiting(tcb))
        walk_expect(w, queue_holds(hal_window(tcb->blocked_on), tcb),
                    "a blocked thread is not in the queue it waits in");
    if (tcb->bound)
        walk_expect(w, tcb->bound->bound == tcb, "a bound notification does not point back");
    check_reply(w, tcb);
    check_cancel(w, tcb);
    walk_expect(w, walk_object(w, CAP_TCB, pa_of(tcb)) || walk_object(w, CAP_ZOMBIE, pa_of(tcb)),
                "a thread without a cap is still in use");
}

void walk_check_threads(struct walk_state *w)
{
    const struct cpu *cpu = w->cpu;
    walk_expect(w, cpu->action == SCHED_RESUME_CURRENT && !cpu->candidate,
                "a scheduling decision is left over");
    walk_expect(w, !cpu->current || cpu->current->state == THREAD_RUNNING,
                "the current thread is not running");
    for (unsigned i = 0; i < w->containers; i++)
        if (w->container[i].tcb)
            check_thread(w, w->container[i].tcb);
}

static void check_ready_queue(struct walk_state *w, const struct ready *ready, unsigned domain,
                              unsigned priority)
{
    const struct ready_queue *queue = &ready->queue[priority];
    bool bit = ready->bitmap[priority / 64] >> priority % 64 & 1;
    const struct tcb *prev = NULL;
    walk_expect(w, bit == (queue->head != NULL), "a ready bit does not fit its queue");
    for (const struct tcb *tcb = queue->head; tcb; prev = tcb, tcb = tcb->ready_next) {
        if (!walk_expect(w, tcb->ready_prev == prev, "a ready queue's links disagree"))
            return;
        walk_expect(w, tcb->queued && tcb->priority == priority && tcb->domain == domain,
                    "a thread is in the wrong ready queue");
    }
    walk_expect(w, queue->tail == prev, "a ready queue's tail is not its last thread");
}

/* Nothing is ready at 64 priorities: neither bit nor queue says so. */
static bool nothing_ready(const struct ready *ready, unsigned word)
{
    const struct ready_queue *queue = &ready->queue[64 * word];
    uint64_t any = ready->bitmap[word];
    for (unsigned i = 0; i < 64; i++)
        any |= (uint64_t)queue[i].head | (uint64_t)queue[i].tail;
    return any == 0;
}

void walk_check_ready(struct walk_state *w)
{
    for (unsigned domain = 0; domain < w->cpu->kernel->domain_count; domain++) {
        const struct ready *ready = &w->cpu->kernel->ready[domain];
        for (unsigned word = 0; word < PRIORITY_COUNT / 64; word++) {
            walk_expect(w, (ready->top >> word & 1) == (ready->bitmap[word] != 0),
                        "the top ready word does not fit the bitmap");
            if (nothing_ready(ready, word))
                continue;
            for (unsigned p = 64 * word; p < 64 * word + 64; p++)
                check_ready_queue(w, ready, domain, p);
        }
    }
}
