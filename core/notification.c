/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Notifications (abi/syscalls.md §6).
 */
#include "notification.h"

#include "sched.h"
#include "thread.h"
#include "wait.h"

static void deliver(struct cpu *cpu, struct tcb *tcb, uint64_t word)
{
    tcb->context.reg[REG_X0] = word;
    tcb->state = THREAD_RUNNING;
    sched_wake(cpu, tcb);
}

void notification_signal(struct cpu *cpu, struct notification *ntfn, uint64_t badge)
{
    switch (wait_state(&ntfn->queue)) {
    case NOTIFICATION_WAITING: {
        struct tcb *first = ntfn->queue.head;
        wait_remove(&ntfn->queue, first);
        deliver(cpu, first, badge);
        break;
    }
    case NOTIFICATION_ACTIVE: ntfn->word |= badge; break;
    default:
        if (ntfn->bound && ntfn->bound->state == THREAD_BLOCKED_RECEIVE) {
            thread_cancel_ipc(ntfn->bound);
            deliver(cpu, ntfn->bound, badge);
        } else {
            wait_set_state(&ntfn->queue, NOTIFICATION_ACTIVE);
            ntfn->word = badge;
        }
    }
}

static uint64_t take_word(struct notification *ntfn)
{
    uint64_t word = ntfn->word;
    ntfn->word = 0;
    wait_set_state(&ntfn->queue, NOTIFICATION_IDLE);
    return word;
}

void notification_receive(struct cpu *cpu, struct notification *ntfn, bool may_block)
{
    struct tcb *tcb = cpu->current;
    if (wait_state(&ntfn->queue) == NOTIFICATION_ACTIVE) {
        tcb->context.reg[REG_X0] = take_word(ntfn);
    } else if (!may_block) {
        tcb->context.reg[REG_X0] = 0;
    } else {
        tcb->state = THREAD_BLOCKED_NOTIFICATION;
        tcb->blocked_on = hal_window_paddr(ntfn);
        wait_append(&ntfn->queue, tcb, NOTIFICATION_WAITING);
    }
}

bool notification_take_bound(struct tcb *tcb)
{
    struct notification *ntfn = tcb->bound;
    if (!ntfn || wait_state(&ntfn->queue) != NOTIFICATION_ACTIVE)
        return false;
    tcb->context.reg[REG_X0] = take_word(ntfn);
    return true;
}

void notification_bind(struct notification *ntfn, struct tcb *tcb)
{
    ntfn->bound = tcb;
    tcb->bound = ntfn;
}

void notification_unbind(struct notification *ntfn)
{
    if (!ntfn->bound)
        return;
    ntfn->bound->bound = NULL;
    ntfn->bound = NULL;
}
