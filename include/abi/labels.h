/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Invocation labels in numeric order (abi/invocations.md §2, column 16.0.0).
 * One list; everything that needs numbers or names expands it.
 */
#pragma once

/* X(number, CONSTANT, "name as in the documents") */
#define KAAL_LABELS(X)                                                                             \
    X(1, UNTYPED_RETYPE, "Untyped_Retype")                                                         \
    X(2, TCB_READ_REGISTERS, "TCB_ReadRegisters")                                                  \
    X(3, TCB_WRITE_REGISTERS, "TCB_WriteRegisters")                                                \
    X(4, TCB_COPY_REGISTERS, "TCB_CopyRegisters")                                                  \
    X(5, TCB_CONFIGURE, "TCB_Configure")                                                           \
    X(6, TCB_SET_PRIORITY, "TCB_SetPriority")                                                      \
    X(7, TCB_SET_MC_PRIORITY, "TCB_SetMCPriority")                                                 \
    X(8, TCB_SET_SCHED_PARAMS, "TCB_SetSchedParams")                                               \
    X(9, TCB_SET_IPC_BUFFER, "TCB_SetIPCBuffer")                                                   \
    X(10, TCB_SET_SPACE, "TCB_SetSpace")                                                           \
    X(11, TCB_SUSPEND, "TCB_Suspend")                                                              \
    X(12, TCB_RESUME, "TCB_Resume")                                                                \
    X(13, TCB_BIND_NOTIFICATION, "TCB_BindNotification")                                           \
    X(14, TCB_UNBIND_NOTIFICATION, "TCB_UnbindNotification")                                       \
    X(15, TCB_SET_TLS_BASE, "TCB_SetTLSBase")                                                      \
    X(16, TCB_SET_FLAGS, "TCB_SetFlags")                                                           \
    X(17, CNODE_REVOKE, "CNode_Revoke")                                                            \
    X(18, CNODE_DELETE, "CNode_Delete")                                                            \
    X(19, CNODE_CANCEL_BADGED_SENDS, "CNode_CancelBadgedSends")                                    \
    X(20, CNODE_COPY, "CNode_Copy")                                                                \
    X(21, CNODE_MINT, "CNode_Mint")                                                                \
    X(22, CNODE_MOVE, "CNode_Move")                                                                \
    X(23, CNODE_MUTATE, "CNode_Mutate")                                                            \
    X(24, CNODE_ROTATE, "CNode_Rotate")                                                            \
    X(25, CNODE_SAVE_CALLER, "CNode_SaveCaller")                                                   \
    X(26, IRQ_CONTROL_GET, "IRQControl_Get")                                                       \
    X(27, IRQ_HANDLER_ACK, "IRQHandler_Ack")                                                       \
    X(28, IRQ_HANDLER_SET_NOTIFICATION, "IRQHandler_SetNotification")                              \
    X(29, IRQ_HANDLER_CLEAR, "IRQHandler_Clear")                                                   \
    X(30, DOMAIN_SET_SET, "DomainSet_Set")                                                         \
    X(31, DOMAIN_SET_SCHEDULE_CONFIGURE, "DomainSet_ScheduleConfigure")                            \
    X(32, DOMAIN_SET_SCHEDULE_SET_START, "DomainSet_ScheduleSetStart")                             \
    X(33, VSPACE_CLEAN_DATA, "ARM_VSpace_Clean_Data")                                              \
    X(34, VSPACE_INVALIDATE_DATA, "ARM_VSpace_Invalidate_Data")                                    \
    X(35, VSPACE_CLEAN_INVALIDATE_DATA, "ARM_VSpace_CleanInvalidate_Data")                         \
    X(36, VSPACE_UNIFY_INSTRUCTION, "ARM_VSpace_Unify_Instruction")                                \
    X(37, SMC_CALL, "ARM_SMC_Call")                                                                \
    X(38, PAGE_TABLE_MAP, "ARM_PageTable_Map")                                                     \
    X(39, PAGE_TABLE_UNMAP, "ARM_PageTable_Unmap")                                                 \
    X(40, PAGE_MAP, "ARM_Page_Map")                                                                \
    X(41, PAGE_UNMAP, "ARM_Page_Unmap")                                                            \
    X(42, PAGE_CLEAN_DATA, "ARM_Page_Clean_Data")                                                  \
    X(43, PAGE_INVALIDATE_DATA, "ARM_Page_Invalidate_Data")                                        \
    X(44, PAGE_CLEAN_INVALIDATE_DATA, "ARM_Page_CleanInvalidate_Data")                             \
    X(45, PAGE_UNIFY_INSTRUCTION, "ARM_Page_Unify_Instruction")                                    \
    X(46, PAGE_GET_ADDRESS, "ARM_Page_GetAddress")                                                 \
    X(47, ASID_CONTROL_MAKE_POOL, "ARM_ASIDControl_MakePool")                                      \
    X(48, ASID_POOL_ASSIGN, "ARM_ASIDPool_Assign")                                                 \
    X(49, IRQ_CONTROL_GET_TRIGGER, "IRQControl_GetTrigger")                                        \
    X(50, IRQ_CONTROL_ISSUE_SGI_SIGNAL, "IRQControl_IssueSGISignal")

enum label {
    LABEL_INVALID = 0,
#define X(number, constant, name) LABEL_##constant = (number),
    KAAL_LABELS(X)
#undef X
    LABEL_COUNT = 51
};
