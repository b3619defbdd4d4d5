/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Queues of threads waiting on an endpoint or notification: FIFO, doubly linked through
 * wait_next/wait_prev, with the object's state beside the tail pointer (abi/syscalls.md §3.1, §6).
 */
#pragma once
#include "kernel.h"

static inline unsigned wait_state(const struct wait_queue *queue)
{
    return queue->tail % 4;
}
static inline struct tcb *wait_tail(const struct wait_queue *queue)
{
    return (struct tcb *)(queue->tail - queue->tail % 4);
}
static inline uint64_t wait_word(const struct tcb *tail, unsigned state)
{
    return (uint64_t)tail + state;
}
static inline void wait_set_state(struct wait_queue *queue, unsigned state)
{
    queue->tail = wait_word(wait_tail(queue), state);
}
/* Appends a thread; the object is in `state` afterwards. */
void wait_append(struct wait_queue *queue, struct tcb *tcb, unsigned state);
/* Takes a queued thread out; the object becomes idle when it was the last one. */
void wait_remove(struct wait_queue *queue, struct tcb *tcb);
