/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Reply rights (abi/syscalls.md §5.1, §7.1).
 */
#include "reply.h"

#include "cdt.h"
#include "fault.h"
#include "sched.h"
#include "transfer.h"

void reply_grant(struct tcb *caller, struct tcb *receiver, bool can_grant)
{
    struct slot *master = &caller->slots[TCB_REPLY];
    ensure(slot_next(master) == NULL);
    ensure(cap_is_null(receiver->slots[TCB_CALLER].cap));
    caller->state = THREAD_BLOCKED_REPLY;
    cdt_insert_copy(master, &receiver->slots[TCB_CALLER],
                    cap_reply(pa_of(caller), false, can_grant));
}

void reply_withdraw(struct tcb *caller)
{
    struct slot *right = slot_next(&caller->slots[TCB_REPLY]);
    if (right)
        cdt_remove(right);
}

void reply_perform(struct cpu *cpu, struct slot *slot)
{
    struct tcb *caller = tcb_of(slot->cap);
    bool can_grant = reply_can_grant(slot->cap);
    ensure(caller->state == THREAD_BLOCKED_REPLY);
    if (!caller->faulty) {
        struct transfer transfer = {cpu->current, caller, 0, NULL, can_grant, NULL};
        transfer_message(&transfer);
        cdt_remove(slot);
        caller->state = THREAD_RUNNING;
        sched_wake(cpu, caller);
        return;
    }
    cdt_remove(slot);
    if (fault_apply_reply(cpu, caller, cpu->current)) {
        caller->state = THREAD_RESTART;
        sched_wake(cpu, caller);
    } else {
        caller->state = THREAD_INACTIVE;
    }
}
