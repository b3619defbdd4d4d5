/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Entry of the boot loader, its exception vectors, semihosting, and the jump to the kernel.
 *
 * Entered with the MMU off, x0 = device tree address or 0, at any 4 KiB aligned address. Until the
 * relocations are applied only PC-relative addresses are used.
 */

#define R_AARCH64_RELATIVE 0x403

    .section .head, "ax"
    .global _start
_start:
    b       start_here

    .section .text.start, "ax"
start_here:
    msr     daifset, #15
    mov     x19, x0
    adrp    x20, loader_start

    /* relocations: write (addend + distance from the link address) */
    ldr     x1, [x20, #64 + 24]         /* LOADER_SLOT_OFF_LINK_BASE */
    sub     x21, x20, x1
    adrp    x2, relocations_start
    add     x2, x2, :lo12:relocations_start
    adrp    x3, relocations_end
    add     x3, x3, :lo12:relocations_end
1:  cmp     x2, x3
    b.hs    2f
    ldp     x4, x5, [x2], #16
    ldr     x6, [x2], #8
    cmp     x5, #R_AARCH64_RELATIVE
    b.ne    1b
    add     x6, x6, x21
    str     x6, [x4, x21]
    b       1b

2:  adrp    x2, bss_start
    add     x2, x2, :lo12:bss_start
    adrp    x3, bss_end
    add     x3, x3, :lo12:bss_end
3:  cmp     x2, x3
    b.hs    4f
    stp     xzr, xzr, [x2], #16
    b       3b

4:  mrs     x1, CurrentEL
    lsr     x1, x1, #2
    adrp    x2, stack_top
    mov     x3, x2
    adrp    x4, loader_vectors
    add     x4, x4, :lo12:loader_vectors
    cmp     x1, #1
    b.ne    5f
    msr     spsel, #1
    msr     vbar_el1, x4
    mov     x5, #3 << 20                /* CPACR_EL1.FPEN: libfdt uses SIMD registers */
    msr     cpacr_el1, x5
    isb
5:  mov     sp, x3
    mov     x0, x19
    bl      loader_main
6:  wfi
    b       6b

/* noreturn void loader_restart(uint64_t dtb, uint64_t start): enters a copy of the loader */
    .global loader_restart
loader_restart:
    dsb     sy
    ic      iallu
    dsb     sy
    isb
    br      x1

/* uint64_t semihost_call(uint64_t operation, const void *argument) */
    .global semihost_call
semihost_call:
    .global semihost_instruction
semihost_instruction:
    hlt     #0xf000
    ret

/* void psci_system_off(void): the call by hvc, for machines without semihosting */
    .global psci_system_off
psci_system_off:
    mov     w0, #0x0008
    movk    w0, #0x8400, lsl #16
    .global psci_instruction
psci_instruction:
    hvc     #0
    ret

/*
 * void mmu_enable(uint64_t ttbr0, uint64_t ttbr1, uint64_t tcr, uint64_t mair, uint64_t sctlr)
 * The caller runs in memory that ttbr0 maps to itself.
 */
    .global mmu_enable
mmu_enable:
    dsb     sy
    ic      iallu
    tlbi    vmalle1
    dsb     sy
    isb
    msr     mair_el1, x3
    msr     tcr_el1, x2
    msr     ttbr0_el1, x0
    msr     ttbr1_el1, x1
    isb
    msr     sctlr_el1, x4
    isb
    ret

/*
 * noreturn void kernel_enter(const uint64_t registers[6], uint64_t entry)
 * Register protocol and zeroed system registers of abi/boot.md §1.
 */
    .global kernel_enter
kernel_enter:
    mov     x16, x0
    mov     x17, x1
    msr     cntkctl_el1, xzr
    msr     tpidr_el0, xzr
    msr     tpidrro_el0, xzr
    msr     tpidr_el1, xzr
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
    .rept   16
    vector  n
    .set    n, n + 1
    .endr

/* Saves x0…x30 and asks C whether to go on after the instruction (a probed hlt or hvc). */
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

    .section .noinit, "aw", %nobits
    .balign 4096
    .space  0x8000
    .global stack_top
stack_top:
