/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* MMU and caches on and off, the jump to the kernel, and the loader's exception vectors at EL1. */
#include "levels.h"

    .text

/* void mmu_on(const struct tables *t): from MMU off; x0…x5 are spent */
    .global mmu_on
mmu_on:
    ldp     x1, x2, [x0]
    ldp     x3, x4, [x0, #16]
    ldr     x5, [x0, #32]
    tlbi    vmalle1
    ic      iallu
    dsb     sy
    isb
    msr     ttbr0_el1, x1
    msr     ttbr1_el1, x2
    msr     tcr_el1, x3
    msr     mair_el1, x4
    isb
    msr     sctlr_el1, x5
    isb
    ret

/*
 * void mmu_switch(const struct tables *t, uint64_t leave_secure, uint64_t frequency, uint64_t start,
 *                 uint64_t end)
 * From the loader's own tables to those of the kernel's entry, with the MMU off in between; there
 * secure EL1 becomes non-secure. [start, end), which may be empty, is cleaned before that: what the
 * loader itself wrote, for eyes that do not see this cache's secure lines. The caller has cleaned
 * all that it wrote elsewhere. Nothing is stored here.
 */
    .global mmu_switch
mmu_switch:
    ldp     x9, x10, [x0]
    ldp     x11, x12, [x0, #16]
    ldr     x13, [x0, #32]
    mov     x14, x1
    mov     x15, x2
    mov     x16, x30
    mov     x0, x3
    mov     x1, x4
    bl      cache_clean
    ldr     x1, =SCTLR_EL1_OFF
    msr     sctlr_el1, x1
    isb
    cbz     x14, 2f
    ldr     x0, =MONITOR_LEAVE_SECURE
    mov     x1, x15
    smc     #0
2:  tlbi    vmalle1
    ic      iallu
    dsb     sy
    isb
    msr     ttbr0_el1, x9
    msr     ttbr1_el1, x10
    msr     tcr_el1, x11
    msr     mair_el1, x12
    isb
    msr     sctlr_el1, x13
    isb
    mov     x30, x16
    ret

    .macro  each_line operation
    mrs     x2, ctr_el0
    ubfx    x2, x2, #16, #4             /* CTR_EL0.DminLine, in words */
    mov     x3, #4
    lsl     x3, x3, x2
    sub     x2, x3, #1
    bic     x0, x0, x2
1:  cmp     x0, x1
    b.hs    2f
    dc      \operation, x0
    add     x0, x0, x3
    b       1b
2:  dsb     sy
    ret
    .endm

/* void cache_clean(uint64_t start, uint64_t end): cleans and invalidates to the point of coherency;
 * x0…x3 are spent */
    .global cache_clean
cache_clean:
    each_line civac

/* void cache_drop(uint64_t start, uint64_t end): invalidates, for whole cache lines */
    .global cache_drop
cache_drop:
    each_line ivac

/*
 * noreturn void kernel_enter(const uint64_t registers[6], uint64_t entry, uint64_t cpu)
 * Register protocol and zeroed system registers of abi/boot.md §1; TPIDR_EL1 as in its §7.
 */
    .global kernel_enter
kernel_enter:
    mov     x16, x0
    mov     x17, x1
    msr     tpidr_el1, x2
    msr     cntkctl_el1, xzr
    msr     tpidr_el0, xzr
    msr     tpidrro_el0, xzr
    msr     cpacr_el1, xzr
    dsb     sy
    isb
    ldp     x0, x1, [x16]
    ldp     x2, x3, [x16, #16]
    ldp     x4, x5, [x16, #32]
    br      x17

    .macro  vector number
    .balign 0x80
    sub     sp, sp, #256
    stp     x0, x1, [sp]
    mov     x1, #\number
    b       vector_common
    .endm

    .section .text.vectors, "ax"
    .balign 0x800
    .global loader_vectors
loader_vectors:
    .set    n, 0
    .rept   8                           /* there is no lower level yet */
    vector  n
    .set    n, n + 1
    .endr

/* Saves x0…x30 and asks C whether to go on after the instruction (a probing one). */
vector_common:
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x19, [sp, #144]
    stp     x20, x21, [sp, #160]
    stp     x22, x23, [sp, #176]
    stp     x24, x25, [sp, #192]
    stp     x26, x27, [sp, #208]
    stp     x28, x29, [sp, #224]
    str     x30, [sp, #240]
    mov     x0, sp
    bl      loader_exception            /* returns only to skip the instruction */
    mrs     x0, elr_el1
    add     x0, x0, #4
    msr     elr_el1, x0
    mov     x0, #-1
    ldp     x2, x3, [sp, #16]
    ldp     x4, x5, [sp, #32]
    ldp     x6, x7, [sp, #48]
    ldp     x8, x9, [sp, #64]
    ldp     x10, x11, [sp, #80]
    ldp     x12, x13, [sp, #96]
    ldp     x14, x15, [sp, #112]
    ldp     x16, x17, [sp, #128]
    ldr     x30, [sp, #240]
    add     sp, sp, #256
    eret
