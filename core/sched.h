/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The scheduler's internal interface (abi/scheduling.md). Nothing outside sched.c and domain.c
 * touches ready queues.
 */
#pragma once
#include "kernel.h"

/* Into its domain's ready queue, at the head or the tail; nothing if it is queued already. */
void sched_enqueue_head(struct cpu *cpu, struct tcb *tcb);
void sched_enqueue_tail(struct cpu *cpu, struct tcb *tcb);
/* Out of its ready queue; nothing if it is in none. */
void sched_dequeue(struct cpu *cpu, struct tcb *tcb);

/* A runnable thread was woken: the wake-up rules apply (§3). */
void sched_wake(struct cpu *cpu, struct tcb *tcb);
/* Woken among many: head of its queue and a full choice (§3, deletion and CancelBadgedSends). */
void sched_wake_among_many(struct cpu *cpu, struct tcb *tcb);
/* A full choice is due at the end of this kernel entry. */
void sched_require_choice(struct cpu *cpu);
/* Yield of the current thread (§2). */
void sched_yield_current(struct cpu *cpu);
/* One timer tick (§2, §5). */
void sched_tick(struct cpu *cpu);
/* Stores a priority and applies the consequences (§4). */
void sched_set_priority(struct cpu *cpu, struct tcb *tcb, uint8_t priority);
/* Moves a thread to another domain (§5). */
void sched_set_domain(struct cpu *cpu, struct tcb *tcb, uint8_t domain);
/* The end of a kernel entry: settles who is current and makes it ready to resume. */
void sched_finish(struct cpu *cpu);

/* Highest priority with a ready thread in a domain, or -1. */
static inline int sched_highest(const struct ready *ready)
{
    if (ready->top == 0)
        return -1;
    int word = 63 - __builtin_clzll(ready->top);
    return word * 64 + 63 - __builtin_clzll(ready->bitmap[word]);
}
/* Is a thread of the current domain with a higher priority than this ready? */
static inline bool sched_is_ready_above(const struct cpu *cpu, int priority)
{
    return sched_highest(&cpu->kernel->ready[cpu->kernel->current_domain]) > priority;
}
