/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * TCB_Configure, SetIPCBuffer, SetSpace (abi/invocations.md §4).
 */
#include "cdt.h"
#include "delete.h"
#include "derive.h"
#include "objects.h"

enum install {
    INSTALL_CSPACE,
    INSTALL_VSPACE,
    INSTALL_BUFFER
};
/* plan->arg */
enum {
    ARG_FAULT_HANDLER,
    ARG_BUFFER_ADDRESS
};

enum {
    IPC_BUFFER_ALIGN = 1024
};

/* ---- checks ---- */

/* *Buffer checks*, made when the address is not 0. */
static enum error_code check_buffer(const struct invocation *call, unsigned extra, uint64_t address,
                                    struct plan *plan, struct refusal *no)
{
    plan->install.buffer = true;
    plan->arg[ARG_BUFFER_ADDRESS] = address;
    plan->install.source[INSTALL_BUFFER] = NULL;
    if (address == 0)
        return ERROR_NONE;
    struct slot *slot = call->extra.slot[extra];
    struct cap *cap = &plan->install.cap[INSTALL_BUFFER];
    if (derive(slot, slot->cap, cap, no))
        return no->code;
    if (cap_type(*cap) != CAP_FRAME)
        return refuse_illegal(no, "the IPC buffer is not a frame");
    if (frame_is_device(*cap))
        return refuse_illegal(no, "the IPC buffer is device memory");
    if (address % IPC_BUFFER_ALIGN != 0)
        return refuse(no, ERROR_ALIGNMENT, "the IPC buffer address # is not 1024-aligned", address);
    plan->install.source[INSTALL_BUFFER] = slot;
    return ERROR_NONE;
}

static enum error_code check_cspace(const struct slot *slot, uint64_t data, struct cap *cap,
                                    struct refusal *no)
{
    *cap = slot->cap;
    if (data != 0) {
        *cap = cap_apply_data(*cap, data, false);
        if (cap_is_null(*cap))
            return refuse_illegal(no, "the guard cannot be applied to the CSpace root");
    }
    if (derive(slot, *cap, cap, no))
        return no->code;
    if (cap_type(*cap) != CAP_CNODE)
        return refuse_illegal(no, "the CSpace root is not a CNode");
    return ERROR_NONE;
}

static enum error_code check_vspace(const struct slot *slot, uint64_t data, struct cap *cap,
                                    struct refusal *no)
{
    *cap = slot->cap;
    if (data != 0) {
        *cap = cap_apply_data(*cap, data, false);
        if (cap_is_null(*cap))
            return refuse_illegal(no, "the VSpace data cannot be applied");
    }
    if (derive(slot, *cap, cap, no))
        return no->code;
    if (cap_type(*cap) != CAP_VSPACE || mapping_asid(*cap) == 0)
        return refuse_illegal(no, "the VSpace root is not a VSpace with an ASID");
    return ERROR_NONE;
}

/* *Space checks*: cap[0] and cap[1] with their data words. */
static enum error_code check_roots(const struct invocation *call, uint64_t cspace_data,
                                   uint64_t vspace_data, struct plan *plan, struct refusal *no)
{
    const struct tcb *tcb = tcb_of(call->cap);
    if (cdt_is_long_deletion(&tcb->slots[TCB_CSPACE]) ||
        cdt_is_long_deletion(&tcb->slots[TCB_VSPACE]))
        return refuse_illegal(no, "the thread holds the last cap of its root");
    plan->install.roots = true;
    plan->install.source[INSTALL_CSPACE] = call->extra.slot[0];
    plan->install.source[INSTALL_VSPACE] = call->extra.slot[1];
    if (check_cspace(call->extra.slot[0], cspace_data, &plan->install.cap[INSTALL_CSPACE], no))
        return no->code;
    return check_vspace(call->extra.slot[1], vspace_data, &plan->install.cap[INSTALL_VSPACE], no);
}

/* ---- commit ---- */

/* What is deleted is no last cap of a CNode or TCB (check_roots), so its deletion empties no other
 * slot: the source and the invoked cap are still there. */
static void replace(const struct invocation *call, const struct plan *plan, struct tcb *tcb,
                    enum tcb_slot slot, enum install which)
{
    delete_short(call->cpu, &tcb->slots[slot]);
    if (plan->install.source[which])
        cdt_insert_copy(plan->install.source[which], &tcb->slots[slot], plan->install.cap[which]);
}

static enum outcome commit_install(const struct invocation *call, const struct plan *plan,
                                   struct reply *reply)
{
    struct tcb *tcb = tcb_of(call->cap);
    (void)reply;
    if (plan->install.fault_handler)
        tcb->fault_handler = plan->arg[ARG_FAULT_HANDLER];
    if (plan->install.roots) {
        replace(call, plan, tcb, TCB_CSPACE, INSTALL_CSPACE);
        replace(call, plan, tcb, TCB_VSPACE, INSTALL_VSPACE);
    }
    if (plan->install.buffer) {
        tcb->ipc_buffer = plan->arg[ARG_BUFFER_ADDRESS];
        replace(call, plan, tcb, TCB_IPC_BUFFER, INSTALL_BUFFER);
    }
    return DONE;
}

static void start_plan(struct plan *plan, bool fault_handler)
{
    plan->commit = commit_install;
    plan->install.fault_handler = fault_handler;
    plan->install.roots = false;
    plan->install.buffer = false;
}

/* ---- decode ---- */

enum error_code decode_tcb_configure(const struct invocation *call, struct plan *plan,
                                     struct refusal *no)
{
    start_plan(plan, true);
    plan->arg[ARG_FAULT_HANDLER] = call_word(call, 0);
    if (check_buffer(call, 2, call_word(call, 3), plan, no))
        return no->code;
    return check_roots(call, call_word(call, 1), call_word(call, 2), plan, no);
}

enum error_code decode_tcb_set_ipc_buffer(const struct invocation *call, struct plan *plan,
                                          struct refusal *no)
{
    start_plan(plan, false);
    return check_buffer(call, 0, call_word(call, 0), plan, no);
}

enum error_code decode_tcb_set_space(const struct invocation *call, struct plan *plan,
                                     struct refusal *no)
{
    start_plan(plan, true);
    plan->arg[ARG_FAULT_HANDLER] = call_word(call, 0);
    return check_roots(call, call_word(call, 1), call_word(call, 2), plan, no);
}
