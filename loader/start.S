/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Entry of the boot loader: at EL3, EL2 or EL1 with the MMU off, x0 = device tree address or 0, at
 * any 4 KiB aligned address; or from UEFI. Both end in loader_main() at EL1. Until the relocations
 * are applied only PC-relative addresses are used.
 *
 * x19 = device tree, x20 = loader's start, x22 = exception level of the entry.
 */
#include "levels.h"

#define R_AARCH64_RELATIVE 0x403

/* The first instruction is "MZ" in memory, so that the flat image can be a UEFI application. */
    .section .head, "ax"
    .global _start
_start:
    add     x13, x18, #0x16
    b       start_here

    .section .text.start, "ax"
start_here:
    msr     daifset, #15
    mov     x19, x0
    mrs     x22, CurrentEL
    lsr     x22, x22, #2
    cmp     x22, #2
    b.lo    start_el1
    adr     x23, start_el1
    b.eq    from_el2

    /* EL3: some machines start all CPUs here */
    mrs     x1, mpidr_el1
    ldr     x2, =MPIDR_AFFINITY
    ands    x1, x1, x2
    b.ne    pen
    b       from_el3

start_el1:
    ldr     x1, =SCTLR_EL1_OFF
    msr     sctlr_el1, x1
    isb
    bl      relocate
    adrp    x2, bss_start
    add     x2, x2, :lo12:bss_start
    adrp    x3, bss_end
    add     x3, x3, :lo12:bss_end
1:  cmp     x2, x3
    b.hs    2f
    stp     xzr, xzr, [x2], #16
    b       1b
2:  msr     spsel, #1
    adrp    x1, stack_top
    mov     sp, x1
    adrp    x1, loader_vectors
    add     x1, x1, :lo12:loader_vectors
    msr     vbar_el1, x1
    mov     x1, #3 << 20                /* CPACR_EL1.FPEN: the libraries use SIMD registers */
    msr     cpacr_el1, x1
    isb
    mov     x0, x19
    mov     x1, x22
    bl      loader_main
3:  wfi
    b       3b

/* Writes addend + distance from the link address to every place in the table; x1…x7, x20. */
relocate:
    adrp    x20, loader_start
    ldr     x1, [x20, #64 + 24]         /* LOADER_SLOT_OFF_LINK_BASE */
    sub     x7, x20, x1
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
    add     x6, x6, x7
    str     x6, [x4, x7]
    b       1b
2:  ret

/*
 * UEFI's entry (UEFI specification 2.10 §2.3.6): x0 = image handle, x1 = system table, MMU on with
 * memory at its own addresses, EL1 or EL2. Leaves the boot services, turns MMU and caches off and
 * starts the loader as if it had been entered with the device tree that UEFI has.
 */
    .global efi_entry
efi_entry:
    mov     x25, x0
    mov     x26, x1
    bl      relocate
    mov     x0, x25
    mov     x1, x26
    bl      efi_leave
    mov     x19, x0
    msr     daifset, #15
    mrs     x1, CurrentEL
    cmp     x1, #2 << 2
    b.eq    1f
    mrs     x2, sctlr_el1
    bic     x2, x2, #SCTLR_M
    bic     x2, x2, #SCTLR_C
    bic     x2, x2, #SCTLR_I
    msr     sctlr_el1, x2
    b       2f
1:  mrs     x2, sctlr_el2
    bic     x2, x2, #SCTLR_M
    bic     x2, x2, #SCTLR_C
    bic     x2, x2, #SCTLR_I
    msr     sctlr_el2, x2
2:  isb
    ic      iallu
    dsb     sy
    isb
    mov     x0, x19
    b       start_here

/* noreturn void loader_restart(uint64_t dtb, const struct tables *, uint64_t start, uint64_t end)
 * enters a copy of the loader, at [start, end), as it was entered itself: MMU and caches off. */
    .global loader_restart
loader_restart:
    mov     x19, x0
    mov     x21, x2
    mov     x0, x2
    mov     x1, x3
    bl      cache_clean
    adrp    x0, loader_start
    adrp    x1, loader_end
    add     x1, x1, :lo12:loader_end
    bl      cache_clean
    ldr     x1, =SCTLR_EL1_OFF
    msr     sctlr_el1, x1
    isb
    ic      iallu
    dsb     sy
    isb
    mov     x0, x19
    br      x21

/* uint64_t semihost_call(uint64_t operation, const void *argument) */
    .global semihost_call
semihost_call:
    .global semihost_instruction
semihost_instruction:
    hlt     #0xf000
    ret

/* uint64_t psci_hvc, psci_smc(uint64_t function, uint64_t a, uint64_t b, uint64_t c) */
    .global psci_hvc
psci_hvc:
    hvc     #0
    ret
    .global psci_smc
psci_smc:
    smc     #0
    ret

/* uint64_t probe_read32(uint64_t address): the word there, all ones when nothing answers */
    .global probe_read32
probe_read32:
    ldr     w0, [x0]
    ret

    .section .noinit.stack, "aw", %nobits
    .balign 4096
    .space  0x8000
    .global stack_top
stack_top:
