/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Code that probes execute. Every piece ends in an undefined instruction, which stops the probe
 * with a UserException fault and all registers as they are (abi/syscalls.md §7).
 */
    .text
    .macro snippet name
    .balign 16
    .global \name
\name:
    .endm
    .macro stop name
    .global \name\()_end
\name\()_end:
    .word   0
    .endm

    snippet snippet_svc
    svc     #0
    stop    snippet_svc

    snippet snippet_svc_immediate
    svc     #0x1234
    stop    snippet_svc_immediate

    snippet snippet_two
    svc     #0
    svc     #0
    stop    snippet_two

    snippet snippet_load
    ldr     x1, [x0]
    stop    snippet_load

    snippet snippet_store
    str     x1, [x0]
    stop    snippet_store

    snippet snippet_jump
    br      x0
    .word   0

    snippet snippet_undefined
    .word   0

    snippet snippet_break
    brk     #0
    .word   0

    snippet snippet_fp
    fmov    d0, x0
    stop    snippet_fp

    snippet snippet_counter
    mrs     x1, cntvct_el0
    stop    snippet_counter

    snippet snippet_cycles
    mrs     x1, pmccntr_el0
    stop    snippet_cycles

    /* Allowed to EL0: cache maintenance by address, the cache type register. */
    snippet snippet_cache
    mrs     x1, ctr_el0
    dc      cvau, x0
    dc      cvac, x0
    dc      civac, x0
    dsb     ish
    ic      ivau, x0
    dsb     ish
    isb
    stop    snippet_cache

    snippet snippet_wait
    wfe
    wfi
    stop    snippet_wait

    /* x0 to x30, sp, TPIDR_EL0, TPIDRRO_EL0 to the 272 bytes at x20; x21 is spoilt afterwards. */
    snippet snippet_registers
    .irp    n, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28
    str     x\n, [x20, #\n * 8]
    .endr
    .irp    n, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29
    str     x\n, [x20, #\n * 8]
    .endr
    str     x30, [x20, #240]
    mov     x21, sp
    str     x21, [x20, #248]
    mrs     x21, tpidr_el0
    str     x21, [x20, #256]
    mrs     x21, tpidrro_el0
    str     x21, [x20, #264]
    stop    snippet_registers

    snippet snippet_physical_counter
    mrs     x1, cntpct_el0
    mrs     x1, cntp_ctl_el0
    stop    snippet_physical_counter

    snippet snippet_flags
    msr     nzcv, x9
    svc     #0
    mrs     x10, nzcv
    stop    snippet_flags

    /* x20 = 528 bytes to load (V0..V31, FPCR, FPSR), x21 = 528 bytes to store. */
    snippet snippet_fp_file
    .irp    n, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
    ldr     q\n, [x20, #\n * 16]
    .endr
    .irp    n, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
    ldr     q\n, [x20, #\n * 16]
    .endr
    add     x24, x20, #512
    ldp     x22, x23, [x24]
    msr     fpcr, x22
    msr     fpsr, x23
    svc     #0
    .irp    n, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
    str     q\n, [x21, #\n * 16]
    .endr
    .irp    n, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
    str     q\n, [x21, #\n * 16]
    .endr
    mrs     x22, fpcr
    mrs     x23, fpsr
    add     x24, x21, #512
    stp     x22, x23, [x24]
    stop    snippet_fp_file

/*
 * void uart_store(volatile uint32_t *to, uint32_t value): the store is the last instruction of a page,
 * where translated code ends on every emulator. So an interrupt that it causes is taken at the same
 * instruction by all of them, and machines can be compared (docs/lockstep.md).
 */
    .section .text.uart_store, "ax"
    .balign 4096
    .skip   4096 - 4
    .global uart_store
uart_store:
    str     w1, [x0]
    ret
