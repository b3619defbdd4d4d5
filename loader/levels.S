/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * From EL3 or EL2 down to EL1, for the first and for all other CPUs, and what is left behind there:
 * nothing that EL1 does is trapped or virtualized, counters are not offset, interrupts are the
 * non-secure world's.
 *
 * From EL3 the loader goes to *secure* EL1, where it can give the interrupts to the non-secure
 * world; an SMC to the small monitor here makes EL1 non-secure before the kernel is entered.
 */
#include "levels.h"

    .text

/* To x23 at EL1, from EL2. */
    .global from_el2
from_el2:
    bl      el2_setup
    ldr     x1, =SCTLR_EL1_OFF
    msr     sctlr_el1, x1
    mov     x1, #SPSR_EL1H_MASKED
    msr     spsr_el2, x1
    msr     elr_el2, x23
    isb
    eret

/* To x23 at secure EL1, from EL3. */
    .global from_el3
from_el3:
    ldr     x1, =SCR_SECURE
    bl      el3_setup
    msr     elr_el3, x23
    isb
    eret

/*
 * The monitor's vectors. Only a synchronous exception from EL1 is expected; one at EL3 stops here;
 * interrupts and SError are masked or EL1's own, and nothing is AArch32, so that the other entries
 * are never taken and hold code.
 */
    .balign 0x800
    .global monitor_vectors
monitor_vectors:
    b       .

/* EL3's registers; x1 = SCR_EL3. */
el3_setup:
    msr     scr_el3, x1
    isb
    msr     cptr_el3, xzr
    msr     mdcr_el3, xzr
    mrs     x1, id_aa64pfr0_el1
    ubfx    x1, x1, #24, #4
    cbz     x1, 1f
    mrs     x1, s3_6_c12_c12_5          /* ICC_SRE_EL3: SRE, DFB, DIB, Enable */
    orr     x1, x1, #15
    msr     s3_6_c12_c12_5, x1
    isb
1:  adrp    x1, monitor_vectors
    add     x1, x1, :lo12:monitor_vectors
    msr     vbar_el3, x1
    ldr     x1, =SCTLR_EL1_OFF
    msr     sctlr_el1, x1
    mov     x1, #SPSR_EL1H_MASKED
    msr     spsr_el3, x1
    ret

/* The switch to the non-secure world at EL3: registers of EL3 and, where there is one, EL2. */
go_non_secure:
    mov     x4, x30
    ldr     x1, =SCR_NON_SECURE
    mrs     x2, id_aa64pfr0_el1
    ubfx    x2, x2, #8, #4              /* EL2 */
    cbz     x2, 1f
    orr     x1, x1, #1 << 8             /* HCE */
1:  msr     scr_el3, x1
    isb
    cbz     x2, 2f
    bl      el2_setup
2:  mov     x30, x4
    ret

    .org    monitor_vectors + 0x200
    b       .

/* EL2's registers for a lower level that never asks for EL2; at EL2, or at EL3 with NS set. */
el2_setup:
    ldr     x1, =HCR_EL2_EL1_IS_64
    msr     hcr_el2, x1
    mrs     x1, midr_el1
    msr     vpidr_el2, x1
    mrs     x1, mpidr_el1
    msr     vmpidr_el2, x1
    mov     x1, #3                      /* EL1PCTEN, EL1PCEN */
    msr     cnthctl_el2, x1
    msr     cntvoff_el2, xzr
    msr     hstr_el2, xzr
    msr     vttbr_el2, xzr
    mrs     x1, id_aa64pfr0_el1
    mov     x2, #0x33ff                 /* CPTR_EL2: RES1 bits */
    ubfx    x3, x1, #32, #4             /* SVE: bit 8 is its trap then */
    cbz     x3, 1f
    bic     x2, x2, #1 << 8
1:  mrs     x3, id_aa64pfr1_el1
    ubfx    x3, x3, #24, #4             /* SME: bit 12 likewise */
    cbz     x3, 2f
    bic     x2, x2, #1 << 12
2:  msr     cptr_el2, x2
    ubfx    x1, x1, #24, #4             /* GIC system registers */
    cbz     x1, 3f
    mrs     x1, s3_4_c12_c9_5           /* ICC_SRE_EL2: SRE, DFB, DIB, Enable */
    orr     x1, x1, #15
    msr     s3_4_c12_c9_5, x1
    isb
    msr     s3_4_c12_c11_0, xzr         /* ICH_HCR_EL2 */
3:  mov     x2, xzr
    mrs     x1, id_aa64dfr0_el1
    ubfx    x1, x1, #8, #4              /* PMUVer: 0 and 15 are none */
    cbz     x1, 4f
    cmp     x1, #15
    b.eq    4f
    mrs     x2, pmcr_el0
    ubfx    x2, x2, #11, #5             /* MDCR_EL2.HPMN = PMCR_EL0.N */
4:  msr     mdcr_el2, x2
    ret

    .org    monitor_vectors + 0x400
monitor_lower:                          /* synchronous, from EL1 */
    mrs     x17, esr_el3
    lsr     x17, x17, #26
    cmp     x17, #0x17                  /* SMC from AArch64 */
    b.ne    monitor_report
    ldr     x17, =MONITOR_MOVE
    cmp     x0, x17
    b.eq    3f
    ldr     x17, =MONITOR_LEAVE_SECURE
    cmp     x0, x17
    mov     x0, #-1                     /* NOT_SUPPORTED of the SMC calling convention */
    b.ne    1f
    mrs     x0, cntfrq_el0
    cbnz    x0, 2f
    msr     cntfrq_el0, x1
2:  mov     x17, x30
    bl      go_non_secure
    mov     x30, x17
    mov     x0, xzr
1:  eret
3:  msr     vbar_el3, x1
    eret

/* An exception that came up here is EL1's to report. */
monitor_report:
    mrs     x0, esr_el3
    msr     esr_el1, x0
    mrs     x0, elr_el3
    msr     elr_el1, x0
    mrs     x0, far_el3
    msr     far_el1, x0
    mov     x0, #SPSR_EL1H_MASKED
    msr     spsr_el3, x0
    adrp    x0, loader_vectors
    add     x0, x0, :lo12:loader_vectors
    add     x0, x0, #0x200
    msr     elr_el3, x0
    eret

/*
 * A secondary CPU's entry, MMU off, at the level that its firmware or the pen has: down to
 * non-secure EL1, then into the kernel as the first CPU, with its logical number in TPIDR_EL1. The
 * parameters were cleaned to memory. A CPU that the device tree does not know waits here.
 */
    .global secondary_entry
secondary_entry:
    msr     daifset, #15
    adrp    x20, secondary_parameters
    add     x20, x20, :lo12:secondary_parameters
    adr     x23, secondary_el1
    mrs     x22, CurrentEL
    lsr     x22, x22, #2
    cmp     x22, #2
    b.lo    secondary_el1
    b.eq    from_el2
    ldr     x1, [x20, #SECONDARY_GICD]  /* GICv2: the banked registers of this CPU */
    cbz     x1, 1f
    mov     w2, #-1
    str     w2, [x1, #0x80]             /* GICD_IGROUPR0 */
    ldr     x1, [x20, #SECONDARY_GICC]
    mov     w2, #0xff
    str     w2, [x1, #4]                /* GICC_PMR */
1:  ldr     x1, =SCR_SECURE
    bl      el3_setup
    mrs     x1, cntfrq_el0
    cbnz    x1, 2f
    ldr     x1, [x20, #SECONDARY_FREQUENCY]
    msr     cntfrq_el0, x1
2:  bl      go_non_secure
    msr     elr_el3, x23
    isb
    eret

secondary_el1:
    mrs     x1, mpidr_el1
    ldr     x2, =MPIDR_AFFINITY
    and     x1, x1, x2
    ldr     x3, [x20, #SECONDARY_COUNT]
    add     x4, x20, #SECONDARY_MPIDR
    mov     x21, xzr
1:  cmp     x21, x3
    b.hs    3f
    ldr     x2, [x4, x21, lsl #3]
    cmp     x1, x2
    b.eq    2f
    add     x21, x21, #1
    b       1b
2:  adrp    x1, loader_vectors
    add     x1, x1, :lo12:loader_vectors
    msr     vbar_el1, x1
    msr     spsel, #1
    adrp    x1, stack_top
    mov     sp, x1
    mov     x0, x20
    bl      mmu_on
    add     x1, x20, #SECONDARY_STARTED
    mov     w2, #1
    str     w2, [x1, x21, lsl #2]
    dsb     sy
    sev
    mov     x2, x21
    ldr     x1, [x20, #SECONDARY_ENTRY]
    add     x0, x20, #SECONDARY_REGISTERS
    b       kernel_enter
3:  wfe
    b       3b

/*
 * The pen: a page of its own, position independent, that stays as it is when the loader is gone
 * (the device tree passed on reserves it). Entered at EL3 by every CPU but the first.
 */
    .section .pen, "awx"
    .balign 4096
    .global pen
pen:
    msr     daifset, #15
    adr     x10, pen
    mrs     x1, mpidr_el1
    and     x2, x1, #7
    ubfx    x3, x1, #8, #3
    add     x2, x2, x3, lsl #3
    add     x2, x2, x10
    mov     w3, #1
    strb    w3, [x2, #PEN_HERE]
1:  ldr     x3, [x10, #PEN_RELEASE]
    cbnz    x3, 2f
    wfe
    b       1b
2:  strb    wzr, [x2, #PEN_HERE]
    dsb     sy
    ic      iallu
    dsb     sy
    isb
    br      x3
    .space  4096 - (. - pen)            /* the words above, and nothing else */
