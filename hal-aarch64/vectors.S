/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Exception vectors (Arm ARM D1.10) and the way back to EL0.
 * Keeps true: while EL0 runs, SP_EL1 is the running context, so the registers are saved with no
 * scratch register; in the kernel SP_EL1 is this CPU's stack, empty at every trap. Interrupts stay
 * masked at EL1. TPIDRRO_EL0 is not saved, EL0 cannot write it; it is restored with every context,
 * as TPIDR_EL0 is, so the fatal paths may use both as scratch.
 */
#include "offsets.h"

/* General registers and the EL0 system registers; leaves x19 = CPU, x20 = ELR, SP = stack.
 * x21 = restart PC is set by the caller between the two halves. */
.macro save_general
    stp     x0, x1, [sp, #CTX_X0]
    stp     x2, x3, [sp, #CTX_X2]
    stp     x4, x5, [sp, #CTX_X4]
    stp     x6, x7, [sp, #CTX_X6]
    stp     x8, x16, [sp, #CTX_X8]
    stp     x17, x18, [sp, #CTX_X17]
    stp     x29, x30, [sp, #CTX_X29]
    stp     x9, x10, [sp, #CTX_X9]
    stp     x11, x12, [sp, #CTX_X11]
    stp     x13, x14, [sp, #CTX_X13]
    stp     x15, x19, [sp, #CTX_X15]
    stp     x20, x21, [sp, #CTX_X20]
    stp     x22, x23, [sp, #CTX_X22]
    stp     x24, x25, [sp, #CTX_X24]
    stp     x26, x27, [sp, #CTX_X26]
    mrs     x22, tpidr_el0
    stp     x28, x22, [sp, #CTX_X28]
    mrs     x20, elr_el1
.endm

.macro save_system
    mrs     x22, sp_el0
    stp     x21, x22, [sp, #CTX_PC]
    mrs     x22, spsr_el1
    str     x22, [sp, #CTX_SPSR]
    str     x20, [sp, #CTX_NEXT_PC]
    mrs     x19, tpidr_el1
    ldp     x22, x0, [x19, #CPU_STACK]
    mov     sp, x22
.endm

/* struct trap on the stack: w1 = kind, w2 = ESR, x3 = FAR; x0 = the core's CPU. */
.macro enter_core
    stp     w1, w2, [sp, #-TRAP_BYTES]!
    str     x3, [sp, #TRAP_FAR]
    mov     x1, sp
    bl      core_enter
.endm

.macro fatal_vector kind
    .balign 128
    msr     tpidrro_el0, x0
    msr     tpidr_el0, x1
    mov     x0, #\kind
    b       fatal_entry
.endm

/* Each entry has 128 bytes. What does not belong to the way of a system call lies in those that are
 * hardly used. */
    .section .text.vectors, "ax"
    .balign 2048
    .global vectors
vectors:
    /* Current EL with SP_EL0: never used. */
    fatal_vector 0
    fatal_vector 1
    fatal_vector 2
    fatal_vector 3
    /* Current EL with SP_EL1: a kernel bug, or one of the instructions in probe.S. */
    .balign 128
    /* A fault on a probing instruction (class 0, unknown) is its answer: x0 = −1, go on behind it. */
    msr     tpidrro_el0, x0
    msr     tpidr_el0, x1
    mrs     x0, esr_el1
    lsr     w0, w0, #26
    cbnz    w0, 1f
    mrs     x0, elr_el1
    adrp    x1, probe_first
    add     x1, x1, #:lo12:probe_first
    sub     x1, x0, x1
    cmp     x1, #PROBE_BYTES        /* unsigned: below probe_first counts as beyond */
    b.hs    1f
    add     x0, x0, #4
    msr     elr_el1, x0
    mov     x0, #-1
    mrs     x1, tpidr_el0
    eret
1:  mov     x0, #4
    b       fatal_entry

    fatal_vector 5
    fatal_vector 6
    fatal_vector 7
    /* EL0, AArch64. */
    .balign 128
    save_general
    b       el0_sync
    .balign 128
    save_general
    b       el0_irq
    fatal_vector 10

/* Nothing to run: interrupts are masked, WFI wakes all the same when one is pending. */
wait:
    mrs     x19, tpidr_el1
    ldp     x22, x0, [x19, #CPU_STACK]
    mov     sp, x22
    dsb     sy                      /* stores to devices are out before the CPU sleeps */
    wfi
    b       enter_interrupt

el0_irq:
    mov     x21, x20
    save_system
enter_interrupt:
    mov     w1, #KIND_INTERRUPT
    mov     w2, #0
    mov     x3, #0
    enter_core
    b       kernel_resume

    fatal_vector 11

el0_fault:
    mov     x21, x20
    mrs     x25, far_el1
    save_system
    cmp     w24, #0x24              /* data abort from EL0 */
    mov     w1, #KIND_DATA_ABORT
    mov     x3, x25
    b.eq    1f
    cmp     w24, #0x20              /* instruction abort from EL0 */
    mov     w1, #KIND_INSTRUCTION_ABORT
    mov     x3, x20
    b.eq    1f
    mov     w1, #KIND_USER_EXCEPTION
    mov     x3, #0
1:  mov     w2, w23
    enter_core
    b       kernel_resume

    /* EL0, AArch32: never entered. */
    fatal_vector 12

fatal_rest:
    mrs     x2, tpidrro_el0
    mrs     x3, tpidr_el0
    stp     x2, x3, [x1, #FATAL_X0]
    mrs     x2, esr_el1
    mrs     x3, elr_el1
    stp     x2, x3, [x1, #FATAL_ESR]
    mrs     x2, far_el1
    mrs     x3, spsr_el1
    stp     x2, x3, [x1, #FATAL_FAR]
    adrp    x2, kernel_stack_top
    add     x2, x2, #:lo12:kernel_stack_top
    mov     sp, x2
    b       fatal_report

    fatal_vector 13
    fatal_vector 14
    fatal_vector 15

/* x0 = number of the vector; x0 and x1 are in the two thread registers. Takes the whole stack. */
fatal_entry:
    adrp    x1, fatal_frame
    add     x1, x1, #:lo12:fatal_frame
    stp     x2, x3, [x1, #16]
    stp     x4, x5, [x1, #32]
    stp     x6, x7, [x1, #48]
    stp     x8, x9, [x1, #64]
    stp     x10, x11, [x1, #80]
    stp     x12, x13, [x1, #96]
    stp     x14, x15, [x1, #112]
    stp     x16, x17, [x1, #128]
    stp     x18, x19, [x1, #144]
    stp     x20, x21, [x1, #160]
    stp     x22, x23, [x1, #176]
    stp     x24, x25, [x1, #192]
    stp     x26, x27, [x1, #208]
    stp     x28, x29, [x1, #224]
    mov     x2, sp
    stp     x30, x2, [x1, #240]
    b       fatal_rest

    .balign 128

/* The common case lies in one line: system call, core, return. */
el0_sync:
    mrs     x23, esr_el1
    lsr     w24, w23, #26
    cmp     w24, #0x15              /* SVC from AArch64 */
    b.ne    el0_fault
    sub     x21, x20, #4
    save_system
    mov     x1, x7
    bl      core_enter_syscall
    /* falls into kernel_resume with the context in x0 */

    .global kernel_resume
    .type   kernel_resume, %function
kernel_resume:
    cbz     x0, wait
    mov     sp, x0
    ldp     x1, x2, [sp, #CTX_TPIDRRO]
    msr     tpidrro_el0, x1
    msr     elr_el1, x2
    ldp     x28, x3, [sp, #CTX_X28]
    msr     tpidr_el0, x3
    ldp     x4, x5, [sp, #CTX_SP]   /* sp, spsr */
    msr     sp_el0, x4
    msr     spsr_el1, x5
    ldp     x0, x1, [sp, #CTX_X0]
    ldp     x2, x3, [sp, #CTX_X2]
    ldp     x4, x5, [sp, #CTX_X4]
    ldp     x6, x7, [sp, #CTX_X6]
    ldp     x8, x16, [sp, #CTX_X8]
    ldp     x17, x18, [sp, #CTX_X17]
    ldp     x29, x30, [sp, #CTX_X29]
    ldp     x9, x10, [sp, #CTX_X9]
    ldp     x11, x12, [sp, #CTX_X11]
    ldp     x13, x14, [sp, #CTX_X13]
    ldp     x15, x19, [sp, #CTX_X15]
    ldp     x20, x21, [sp, #CTX_X20]
    ldp     x22, x23, [sp, #CTX_X22]
    ldp     x24, x25, [sp, #CTX_X24]
    ldp     x26, x27, [sp, #CTX_X26]
    eret                            /* also clears the exclusive monitor */
    dsb     nsh                     /* no straight-line speculation past the return */
    isb

/* kernel_stack: lowest of the writable memory, see kernel.ld. */
    .section .bss.kernel_stack, "aw", %nobits
    .balign 4096
    .space  8192
    .global kernel_stack_top
kernel_stack_top:
