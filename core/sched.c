/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Priority scheduling with wake-up rules (abi/scheduling.md). The current thread is in no queue
 * between kernel entries; every other runnable thread is in its domain's queue of its priority.
 */
#include "sched.h"

#include "domain.h"

static struct ready *ready_of(struct cpu *cpu, const struct tcb *tcb)
{
    return &cpu->kernel->ready[tcb->domain];
}

static inline uint64_t with_bit(uint64_t word, unsigned bit)
{
    return word | 1ull << bit;
}
static inline uint64_t without_bit(uint64_t word, unsigned bit)
{
    return word & ~(1ull << bit);
}

static void mark_ready(struct ready *ready, unsigned priority)
{
    unsigned word = priority / 64;
    ready->bitmap[word] = with_bit(ready->bitmap[word], priority % 64);
    ready->top = with_bit(ready->top, word);
}

static void mark_empty(struct ready *ready, unsigned priority)
{
    unsigned word = priority / 64;
    ready->bitmap[word] = without_bit(ready->bitmap[word], priority % 64);
    if (ready->bitmap[word] == 0)
        ready->top = without_bit(ready->top, word);
}

/* `tcb` becomes the first of its queue. */
static inline __attribute__((always_inline)) void push_head(struct ready *ready, struct tcb *tcb)
{
    struct ready_queue *queue = &ready->queue[tcb->priority];
    tcb->queued = true;
    tcb->ready_prev = NULL;
    tcb->ready_next = queue->head;
    if (queue->head)
        queue->head->ready_prev = tcb;
    else
        queue->tail = tcb;
    queue->head = tcb;
    mark_ready(ready, tcb->priority);
}

/* `tcb` becomes the last of its queue. */
static inline __attribute__((always_inline)) void push_tail(struct ready *ready, struct tcb *tcb)
{
    struct ready_queue *queue = &ready->queue[tcb->priority];
    tcb->queued = true;
    tcb->ready_next = NULL;
    tcb->ready_prev = queue->tail;
    if (queue->tail)
        queue->tail->ready_next = tcb;
    else
        queue->head = tcb;
    queue->tail = tcb;
    mark_ready(ready, tcb->priority);
}

static inline __attribute__((always_inline)) void take_out(struct ready *ready, struct tcb *tcb)
{
    struct ready_queue *queue = &ready->queue[tcb->priority];
    tcb->queued = false;
    if (tcb->ready_prev)
        tcb->ready_prev->ready_next = tcb->ready_next;
    else
        queue->head = tcb->ready_next;
    if (tcb->ready_next)
        tcb->ready_next->ready_prev = tcb->ready_prev;
    else
        queue->tail = tcb->ready_prev;
    tcb->ready_next = NULL;
    tcb->ready_prev = NULL;
    if (!queue->head)
        mark_empty(ready, tcb->priority);
}

void sched_enqueue_head(struct cpu *cpu, struct tcb *tcb)
{
    if (!tcb->queued)
        push_head(ready_of(cpu, tcb), tcb);
}

void sched_enqueue_tail(struct cpu *cpu, struct tcb *tcb)
{
    if (!tcb->queued)
        push_tail(ready_of(cpu, tcb), tcb);
}

void sched_dequeue(struct cpu *cpu, struct tcb *tcb)
{
    if (tcb->queued)
        take_out(ready_of(cpu, tcb), tcb);
}

void sched_require_choice(struct cpu *cpu)
{
    if (cpu->action == SCHED_CANDIDATE) {
        sched_enqueue_head(cpu, cpu->candidate);
        cpu->candidate = NULL;
    }
    cpu->action = SCHED_CHOOSE;
}

void sched_wake(struct cpu *cpu, struct tcb *tcb)
{
    if (tcb->domain != cpu->kernel->current_domain) {
        sched_enqueue_head(cpu, tcb);
    } else if (cpu->action != SCHED_RESUME_CURRENT) {
        sched_require_choice(cpu);
        sched_enqueue_head(cpu, tcb);
    } else {
        cpu->action = SCHED_CANDIDATE;
        cpu->candidate = tcb;
    }
}

void sched_wake_among_many(struct cpu *cpu, struct tcb *tcb)
{
    sched_enqueue_head(cpu, tcb);
    sched_require_choice(cpu);
}

void sched_yield_current(struct cpu *cpu)
{
    sched_enqueue_tail(cpu, cpu->current);
    sched_require_choice(cpu);
}

void sched_tick(struct cpu *cpu)
{
    struct tcb *current = cpu->current;
    if (current && thread_is_runnable(current)) {
        if (current->slice > 1) {
            current->slice--;
        } else {
            current->slice = cpu->kernel->slice_ticks;
            sched_enqueue_tail(cpu, current);
            sched_require_choice(cpu);
        }
    }
    domain_tick(cpu);
}

void sched_set_priority(struct cpu *cpu, struct tcb *tcb, uint8_t priority)
{
    sched_dequeue(cpu, tcb);
    tcb->priority = priority;
    if (!thread_is_runnable(tcb))
        return;
    if (tcb == cpu->current)
        sched_require_choice(cpu);
    else
        sched_wake(cpu, tcb);
}

void sched_set_domain(struct cpu *cpu, struct tcb *tcb, uint8_t domain)
{
    sched_dequeue(cpu, tcb);
    tcb->domain = domain;
    if (tcb == cpu->current)
        sched_require_choice(cpu);
    else if (thread_is_runnable(tcb))
        sched_enqueue_head(cpu, tcb);
}

static void run(struct cpu *cpu, struct tcb *tcb)
{
    if (tcb)
        sched_dequeue(cpu, tcb);
    cpu->current = tcb;
}

static void choose(struct cpu *cpu)
{
    domain_advance_if_over(cpu);
    const struct ready *ready = &cpu->kernel->ready[cpu->kernel->current_domain];
    int priority = sched_highest(ready);
    run(cpu, priority < 0 ? NULL : ready->queue[priority].head);
}

/* The current thread goes on: nothing above it is ready, and the candidate is not above it either.
 * What enqueueing the current thread at the head and choosing it again would come to. */
static bool current_goes_on(struct cpu *cpu)
{
    struct tcb *current = cpu->current;
    struct tcb *candidate = cpu->candidate;
    if (candidate->priority > current->priority || current->queued ||
        sched_is_ready_above(cpu, current->priority))
        return false;
    if (candidate->priority == current->priority)
        sched_enqueue_tail(cpu, candidate);
    else
        sched_enqueue_head(cpu, candidate);
    return true;
}

/* The table of §3 for candidate and current thread. */
static void settle_candidate(struct cpu *cpu, bool current_runnable)
{
    struct tcb *current = cpu->current;
    struct tcb *candidate = cpu->candidate;
    if ((!current || candidate->priority < current->priority) &&
        sched_is_ready_above(cpu, candidate->priority)) {
        sched_enqueue_head(cpu, candidate);
        choose(cpu);
    } else if (current_runnable && candidate->priority == current->priority) {
        sched_enqueue_tail(cpu, candidate);
        choose(cpu);
    } else {
        run(cpu, candidate);
    }
}

static void settle(struct cpu *cpu)
{
    struct tcb *current = cpu->current;
    bool runnable = current && thread_is_runnable(current);
    if (cpu->action == SCHED_RESUME_CURRENT && runnable)
        return;
    if (cpu->action == SCHED_CANDIDATE && runnable && current_goes_on(cpu)) {
        cpu->action = SCHED_RESUME_CURRENT;
        cpu->candidate = NULL;
        return;
    }
    if (runnable)
        sched_enqueue_head(cpu, current);
    if (cpu->action == SCHED_CANDIDATE)
        settle_candidate(cpu, runnable);
    else
        choose(cpu);
    cpu->action = SCHED_RESUME_CURRENT;
    cpu->candidate = NULL;
}

void sched_finish(struct cpu *cpu)
{
    settle(cpu);
    struct tcb *current = cpu->current;
    if (current && current->state == THREAD_RESTART) {
        current->context.next_pc = current->context.reg[REG_PC];
        current->state = THREAD_RUNNING;
    }
}
