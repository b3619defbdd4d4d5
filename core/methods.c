/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The table of invocations (abi/invocations.md §2), with the least message that gets past the first
 * TruncatedMessage check of each.
 */
#include "objects.h"

#define METHOD(constant, type, words, caps, decode)                                                \
    [LABEL_##constant] = {type, words, caps, decode, NAME_##constant}

/* Names as the documents spell them. */
#define X(number, constant, name) static const char NAME_##constant[] = name;
KAAL_LABELS(X)
#undef X

const struct method methods[LABEL_COUNT] = {
    METHOD(UNTYPED_RETYPE, CAP_UNTYPED, 6, 1, decode_untyped_retype),
    METHOD(TCB_READ_REGISTERS, CAP_TCB, 2, 0, decode_tcb_read_registers),
    METHOD(TCB_WRITE_REGISTERS, CAP_TCB, 2, 0, decode_tcb_write_registers),
    METHOD(TCB_COPY_REGISTERS, CAP_TCB, 1, 1, decode_tcb_copy_registers),
    METHOD(TCB_CONFIGURE, CAP_TCB, 4, 3, decode_tcb_configure),
    METHOD(TCB_SET_PRIORITY, CAP_TCB, 1, 1, decode_tcb_set_priority),
    METHOD(TCB_SET_MC_PRIORITY, CAP_TCB, 1, 1, decode_tcb_set_mc_priority),
    METHOD(TCB_SET_SCHED_PARAMS, CAP_TCB, 2, 1, decode_tcb_set_sched_params),
    METHOD(TCB_SET_IPC_BUFFER, CAP_TCB, 1, 1, decode_tcb_set_ipc_buffer),
    METHOD(TCB_SET_SPACE, CAP_TCB, 3, 2, decode_tcb_set_space),
    METHOD(TCB_SUSPEND, CAP_TCB, 0, 0, decode_tcb_suspend),
    METHOD(TCB_RESUME, CAP_TCB, 0, 0, decode_tcb_resume),
    METHOD(TCB_BIND_NOTIFICATION, CAP_TCB, 0, 1, decode_tcb_bind_notification),
    METHOD(TCB_UNBIND_NOTIFICATION, CAP_TCB, 0, 0, decode_tcb_unbind_notification),
    METHOD(TCB_SET_TLS_BASE, CAP_TCB, 1, 0, decode_tcb_set_tls_base),
    METHOD(TCB_SET_FLAGS, CAP_TCB, 2, 0, decode_tcb_set_flags),
    METHOD(CNODE_REVOKE, CAP_CNODE, 2, 0, decode_cnode_revoke),
    METHOD(CNODE_DELETE, CAP_CNODE, 2, 0, decode_cnode_delete),
    METHOD(CNODE_CANCEL_BADGED_SENDS, CAP_CNODE, 2, 0, decode_cnode_cancel_badged_sends),
    METHOD(CNODE_COPY, CAP_CNODE, 2, 0, decode_cnode_copy),
    METHOD(CNODE_MINT, CAP_CNODE, 2, 0, decode_cnode_mint),
    METHOD(CNODE_MOVE, CAP_CNODE, 2, 0, decode_cnode_move),
    METHOD(CNODE_MUTATE, CAP_CNODE, 2, 0, decode_cnode_mutate),
    METHOD(CNODE_ROTATE, CAP_CNODE, 2, 0, decode_cnode_rotate),
    METHOD(CNODE_SAVE_CALLER, CAP_CNODE, 2, 0, decode_cnode_save_caller),
    METHOD(IRQ_CONTROL_GET, CAP_IRQ_CONTROL, 3, 1, decode_irq_control_get),
    METHOD(IRQ_HANDLER_ACK, CAP_IRQ_HANDLER, 0, 0, decode_irq_handler_ack),
    METHOD(IRQ_HANDLER_SET_NOTIFICATION, CAP_IRQ_HANDLER, 0, 1,
           decode_irq_handler_set_notification),
    METHOD(IRQ_HANDLER_CLEAR, CAP_IRQ_HANDLER, 0, 0, decode_irq_handler_clear),
    METHOD(DOMAIN_SET_SET, CAP_DOMAIN, 1, 0, decode_domain_set),
    METHOD(DOMAIN_SET_SCHEDULE_CONFIGURE, CAP_DOMAIN, 3, 0, decode_domain_schedule_configure),
    METHOD(DOMAIN_SET_SCHEDULE_SET_START, CAP_DOMAIN, 1, 0, decode_domain_schedule_set_start),
    METHOD(VSPACE_CLEAN_DATA, CAP_VSPACE, 2, 0, decode_vspace_cache),
    METHOD(VSPACE_INVALIDATE_DATA, CAP_VSPACE, 2, 0, decode_vspace_cache),
    METHOD(VSPACE_CLEAN_INVALIDATE_DATA, CAP_VSPACE, 2, 0, decode_vspace_cache),
    METHOD(VSPACE_UNIFY_INSTRUCTION, CAP_VSPACE, 2, 0, decode_vspace_cache),
    METHOD(SMC_CALL, CAP_SMC, 8, 0, decode_smc_call),
    METHOD(PAGE_TABLE_MAP, CAP_PAGE_TABLE, 2, 1, decode_page_table_map),
    METHOD(PAGE_TABLE_UNMAP, CAP_PAGE_TABLE, 0, 0, decode_page_table_unmap),
    METHOD(PAGE_MAP, CAP_FRAME, 3, 1, decode_page_map),
    METHOD(PAGE_UNMAP, CAP_FRAME, 0, 0, decode_page_unmap),
    METHOD(PAGE_CLEAN_DATA, CAP_FRAME, 2, 0, decode_page_cache),
    METHOD(PAGE_INVALIDATE_DATA, CAP_FRAME, 2, 0, decode_page_cache),
    METHOD(PAGE_CLEAN_INVALIDATE_DATA, CAP_FRAME, 2, 0, decode_page_cache),
    METHOD(PAGE_UNIFY_INSTRUCTION, CAP_FRAME, 2, 0, decode_page_cache),
    METHOD(PAGE_GET_ADDRESS, CAP_FRAME, 0, 0, decode_page_get_address),
    METHOD(ASID_CONTROL_MAKE_POOL, CAP_ASID_CONTROL, 2, 2, decode_asid_control_make_pool),
    METHOD(ASID_POOL_ASSIGN, CAP_ASID_POOL, 0, 1, decode_asid_pool_assign),
    METHOD(IRQ_CONTROL_GET_TRIGGER, CAP_IRQ_CONTROL, 4, 1, decode_irq_control_get_trigger),
    METHOD(IRQ_CONTROL_ISSUE_SGI_SIGNAL, CAP_IRQ_CONTROL, 4, 1, decode_irq_control_issue_sgi),
};
