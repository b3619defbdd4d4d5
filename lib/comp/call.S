/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * uint64_t comp_call(uint64_t slot, struct kaal_message *m): a Call that the root task can end when
 * its server dies (struct control, comp/env.h). The addresses of the svc and of the instruction
 * behind it are noted first, the channel last: a thread that has noted a channel has noted the rest.
 * The kernel preserves x6 and up (abi/syscalls.md §1), and so does who moves the thread.
 */
#include "comp/call_offsets.h"

    .section .text.comp_call, "ax"
    .global comp_call
    .type comp_call, %function
comp_call:
    movz    x9, #(LAYOUT_CONTROL_ADDRESS >> 32), lsl #32
    movk    x9, #((LAYOUT_CONTROL_ADDRESS >> 16) & 0xffff), lsl #16
    adr     x10, 1f
    adr     x11, 2f
    mov     x12, x1
    stp     x10, x11, [x9, #CONTROL_CALL_START]
    str     x0, [x9, #CONTROL_CHANNEL]
    ldr     x1, [x12, #MESSAGE_INFO]
    ldp     x2, x3, [x12, #MESSAGE_MR]
    ldp     x4, x5, [x12, #MESSAGE_MR + 16]
    mov     x7, #-1 /* SYS_CALL */
1:  svc     #0
2:  str     xzr, [x9, #CONTROL_CHANNEL]
    stp     x0, x1, [x12, #MESSAGE_BADGE]
    stp     x2, x3, [x12, #MESSAGE_MR]
    stp     x4, x5, [x12, #MESSAGE_MR + 16]
    lsr     x0, x1, #12 /* the label */
    movz    w10, #(CALL_BROKEN >> 16), lsl #16
    movk    w10, #(CALL_BROKEN & 0xffff)
    cmp     x0, x10
    mov     x10, #SYSTEM_BROKEN_NUMBER
    csel    x0, x10, x0, eq
    ret
    .size comp_call, . - comp_call
