/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * IRQControl and IRQHandler methods (abi/invocations.md §6).
 */
#include "cdt.h"
#include "cspace.h"
#include "delete.h"
#include "objects.h"

enum {
    SGI_LAST = 15,
    GIC_V2_TARGET_LAST = 7
};
/* plan->arg of Get and GetTrigger */
enum {
    ARG_IRQ,
    ARG_SET_TRIGGER,
    ARG_EDGE
};

static enum error_code empty_slot(const struct invocation *call, uint64_t index, uint64_t depth,
                                  struct slot **dest, struct refusal *no)
{
    if (cspace_target(call_cap(call, 0), index, depth, false, dest, no))
        return no->code;
    if (!cap_is_null((*dest)->cap))
        return refuse(no, ERROR_DELETE_FIRST, "destination slot % is occupied", index);
    return ERROR_NONE;
}

static enum outcome commit_get(const struct invocation *call, const struct plan *plan,
                               struct reply *reply)
{
    uint32_t irq = (uint32_t)plan->arg[ARG_IRQ];
    (void)reply;
    if (plan->arg[ARG_SET_TRIGGER])
        hal_irq_configure(irq, plan->arg[ARG_EDGE]);
    call->cpu->kernel->irqs[irq].state = IRQ_SIGNAL;
    hal_irq_enable(irq, true);
    cdt_insert_copy(call->slot, plan->dest, cap_irq_handler(irq));
    return DONE;
}

static enum error_code decode_get(const struct invocation *call, uint64_t index, uint64_t depth,
                                  struct plan *plan, struct refusal *no)
{
    const struct kernel *kernel = call->cpu->kernel;
    uint64_t irq = call_word(call, 0);
    plan->commit = commit_get;
    if (irq > kernel->max_irq)
        return refuse_range(no, 0, kernel->max_irq, "interrupt number is %", irq);
    plan->arg[ARG_IRQ] = irq;
    if (kernel->irqs[irq].state != IRQ_INACTIVE)
        return refuse(no, ERROR_REVOKE_FIRST, "interrupt % is issued already", irq);
    return empty_slot(call, index, depth, &plan->dest, no);
}

enum error_code decode_irq_control_get(const struct invocation *call, struct plan *plan,
                                       struct refusal *no)
{
    plan->arg[ARG_SET_TRIGGER] = false;
    return decode_get(call, call_word(call, 1), call_word(call, 2), plan, no);
}

enum error_code decode_irq_control_get_trigger(const struct invocation *call, struct plan *plan,
                                               struct refusal *no)
{
    plan->arg[ARG_SET_TRIGGER] = true;
    plan->arg[ARG_EDGE] = call_word(call, 1) != 0;
    return decode_get(call, call_word(call, 2), call_word(call, 3), plan, no);
}

static enum outcome commit_issue_sgi(const struct invocation *call, const struct plan *plan,
                                     struct reply *reply)
{
    (void)reply;
    cdt_insert_copy(call->slot, plan->dest, plan->cap);
    return DONE;
}

enum error_code decode_irq_control_issue_sgi(const struct invocation *call, struct plan *plan,
                                             struct refusal *no)
{
    uint64_t sgi = call_word(call, 0);
    uint64_t target = call_word(call, 1);
    uint64_t last = call->cpu->kernel->gic == GIC_V2 ? GIC_V2_TARGET_LAST : UINT32_MAX;
    plan->commit = commit_issue_sgi;
    if (sgi > SGI_LAST)
        return refuse_range(no, 0, SGI_LAST, "SGI number is %", sgi);
    if (target > last)
        return refuse_argument(no, 1, "there is no SGI target %", target);
    plan->cap = cap_sgi_signal((uint32_t)sgi, (uint32_t)target);
    return empty_slot(call, call_word(call, 2), call_word(call, 3), &plan->dest, no);
}

/* ---- handler ---- */

static struct slot *notification_slot(const struct invocation *call)
{
    return &call->cpu->kernel->irqs[irq_handler_irq(call->cap)].slot;
}

static enum outcome commit_ack(const struct invocation *call, const struct plan *plan,
                               struct reply *reply)
{
    (void)plan;
    (void)reply;
    hal_irq_release(irq_handler_irq(call->cap));
    return DONE;
}

enum error_code decode_irq_handler_ack(const struct invocation *call, struct plan *plan,
                                       struct refusal *no)
{
    (void)call;
    (void)no;
    plan->commit = commit_ack;
    return ERROR_NONE;
}

static enum outcome commit_set_notification(const struct invocation *call, const struct plan *plan,
                                            struct reply *reply)
{
    struct slot *dest = notification_slot(call);
    (void)reply;
    if (delete_slot(call->cpu, dest) == PREEMPTED)
        return PREEMPTED;
    cdt_insert_copy(plan->source, dest, plan->cap);
    return DONE;
}

enum error_code decode_irq_handler_set_notification(const struct invocation *call,
                                                    struct plan *plan, struct refusal *no)
{
    plan->commit = commit_set_notification;
    plan->source = call->extra.slot[0];
    plan->cap = plan->source->cap;
    if (cap_type(plan->cap) != CAP_NOTIFICATION || !(ipc_rights(plan->cap) & RIGHT_WRITE))
        return refuse_cap(no, 0, "the cap is not a notification with write right");
    return ERROR_NONE;
}

static enum outcome commit_clear(const struct invocation *call, const struct plan *plan,
                                 struct reply *reply)
{
    (void)plan;
    (void)reply;
    return delete_slot(call->cpu, notification_slot(call));
}

enum error_code decode_irq_handler_clear(const struct invocation *call, struct plan *plan,
                                         struct refusal *no)
{
    (void)call;
    (void)no;
    plan->commit = commit_clear;
    return ERROR_NONE;
}
