/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Endpoints (abi/syscalls.md §3.1, §5).
 */
#include "endpoint.h"

#include "cancel.h"
#include "notification.h"
#include "reply.h"
#include "sched.h"
#include "thread.h"
#include "wait.h"

/* After the transfer of a Call or fault: who may reply to the sender. `reply_grants` is the grant
 * right of the cap the receiver used. */
static void finish_call(struct tcb *sender, struct tcb *receiver, bool may_be_replied,
                        bool reply_grants)
{
    if (may_be_replied)
        reply_grant(sender, receiver, reply_grants);
    else
        sender->state = THREAD_INACTIVE;
}

static void block_sender(struct cpu *cpu, const struct endpoint_send *send)
{
    struct tcb *tcb = cpu->current;
    tcb->state = THREAD_BLOCKED_SEND;
    tcb->blocked_on = hal_window_paddr(send->endpoint);
    tcb->blocked_badge = send->badge;
    tcb->blocked_grant = send->grant;
    tcb->blocked_grant_reply = send->grant_reply;
    tcb->blocked_is_call = send->is_call;
    wait_append(&send->endpoint->queue, tcb, ENDPOINT_SENDING);
}

void endpoint_send(struct cpu *cpu, const struct endpoint_send *send)
{
    struct tcb *sender = cpu->current;
    if (wait_state(&send->endpoint->queue) != ENDPOINT_RECEIVING) {
        if (send->may_block)
            block_sender(cpu, send);
        return;
    }
    struct tcb *receiver = send->endpoint->queue.head;
    wait_remove(&send->endpoint->queue, receiver);
    struct transfer transfer = {sender,         receiver,    send->badge,
                                send->endpoint, send->grant, send->extra};
    transfer_message(&transfer);
    receiver->state = THREAD_RUNNING;
    sched_wake(cpu, receiver);
    if (send->is_call)
        finish_call(sender, receiver, send->grant || send->grant_reply, receiver->blocked_grant);
}

static void take_sender(struct cpu *cpu, struct endpoint *endpoint, bool reply_grants)
{
    struct tcb *receiver = cpu->current;
    struct tcb *sender = endpoint->queue.head;
    if (sender->cancel)
        cancel_leave(sender);
    wait_remove(&endpoint->queue, sender);
    struct transfer transfer = {
        sender, receiver, sender->blocked_badge, endpoint, sender->blocked_grant, NULL};
    transfer_message(&transfer);
    if (sender->blocked_is_call) {
        finish_call(sender, receiver, sender->blocked_grant || sender->blocked_grant_reply,
                    reply_grants);
    } else {
        sender->state = THREAD_RUNNING;
        sched_wake(cpu, sender);
    }
}

void endpoint_receive(struct cpu *cpu, struct cap cap, bool may_block)
{
    struct tcb *tcb = cpu->current;
    struct endpoint *endpoint = endpoint_of(cap);
    bool reply_grants = ipc_rights(cap) & RIGHT_GRANT;
    if (notification_take_bound(tcb))
        return;
    if (wait_state(&endpoint->queue) == ENDPOINT_SENDING) {
        take_sender(cpu, endpoint, reply_grants);
    } else if (!may_block) {
        tcb->context.reg[REG_X0] = 0;
    } else {
        tcb->state = THREAD_BLOCKED_RECEIVE;
        tcb->blocked_on = hal_window_paddr(endpoint);
        tcb->blocked_grant = reply_grants;
        wait_append(&endpoint->queue, tcb, ENDPOINT_RECEIVING);
    }
}
