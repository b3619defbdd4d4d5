/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The workers' loop. All share one stack, which is empty at every `svc`: without ticks nothing runs
 * between two of them. So no copied or written register can do harm: only x0..x7 of the `svc`, the
 * number in TPIDR_EL0 and d8 are ever used, and every value of them is harmless.
 */
#include "offsets.h"

    .text
    .global worker_entry, worker_svc, worker_undefined, watchdog_entry
worker_entry:
    adrp    x0, worker_stack_top
    add     x0, x0, :lo12:worker_stack_top
    mov     sp, x0
    mrs     x0, tpidr_el0
    mov     x29, xzr
    mov     x30, xzr
    bl      worker_step
    mov     x16, x0
    ldp     x17, x18, [x16, #STEP_ADDRESS]
    ldp     x0, x1, [x16]
    ldp     x2, x3, [x16, #16]
    ldp     x4, x5, [x16, #32]
    ldr     x7, [x16, #STEP_NUMBER]
    cbz     x18, worker_svc
    cmp     x18, #STEP_STORE
    b.lo    1f
    b.eq    2f
    cmp     x18, #STEP_FP
    b.eq    3f
    br      x17
1:  ldr     x5, [x17]
    b       worker_svc
2:  str     x5, [x17]
    b       worker_svc
3:  fmov    x5, d8
    fmov    d8, x2
worker_svc:
    svc     #0
    b       worker_entry
worker_undefined:
    udf     #0
    b       worker_entry

watchdog_entry:
    mov     x0, x19
    mov     x1, xzr
    mov     x7, #-3 /* Send, abi/syscalls.md §1.1 */
    svc     #0
    b       watchdog_entry

    .section .bss.worker_stack, "aw", %nobits
    .balign 16
    .skip   4096
worker_stack_top:
