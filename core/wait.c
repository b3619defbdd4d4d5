/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Queues of waiting threads.
 */
#include "wait.h"

void wait_append(struct wait_queue *queue, struct tcb *tcb, unsigned state)
{
    struct tcb *tail = wait_tail(queue);
    tcb->wait_prev = tail;
    tcb->wait_next = NULL;
    if (tail)
        tail->wait_next = tcb;
    else
        queue->head = tcb;
    queue->tail = wait_word(tcb, state);
}

void wait_remove(struct wait_queue *queue, struct tcb *tcb)
{
    unsigned state = wait_state(queue);
    struct tcb *tail = wait_tail(queue);
    if (tcb->wait_prev)
        tcb->wait_prev->wait_next = tcb->wait_next;
    else
        queue->head = tcb->wait_next;
    if (tcb->wait_next)
        tcb->wait_next->wait_prev = tcb->wait_prev;
    else
        tail = tcb->wait_prev;
    queue->tail = wait_word(tail, tail ? state : 0);
    tcb->wait_next = NULL;
    tcb->wait_prev = NULL;
}
