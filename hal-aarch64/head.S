/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Kernel entry (abi/boot.md §1): at the link address, under the loader's tables, x0..x5 as there.
 * Finds out where the image lies, changes to the kernel's own tables, runs the boot and leaves the
 * boot part. Keeps true: the loader's tables and its stack are not used behind boot_switch_code.
 */
#include "offsets.h"

.macro address register symbol
    adrp    \register, \symbol
    add     \register, \register, #:lo12:\symbol
.endm

    .section .head, "ax"
    .global kernel_entry
kernel_entry:
    msr     daifset, #15
    address x9, boot_args
    stp     x0, x1, [x9]
    stp     x2, x3, [x9, #16]
    stp     x4, x5, [x9, #32]
    msr     spsel, #1
    address x10, boot_stack_top
    mov     sp, x10
    mov     x10, #3 << 20           /* FP at all levels: the device-tree library uses it */
    msr     cpacr_el1, x10
    msr     mdscr_el1, xzr          /* no debug exceptions left by firmware */
    address x10, vectors            /* from here on a fault is reported */
    msr     vbar_el1, x10
    address x10, machine_cpu0
    address x11, kernel_stack_top
    str     x11, [x10, #CPU_STACK]
    msr     tpidr_el1, x10
    isb

    /* The image's physical address: what the loader's tables say about its first byte. */
    adr     x10, kernel_entry
    at      s1e1r, x10
    isb
    mrs     x11, par_el1
    tbnz    x11, #0, stuck
    and     x11, x11, #0x0000fffffffff000
    str     x11, [x9, #48]
    mov     x28, x11

    bl      boot_tables
    ldp     x20, x21, [x0]          /* empty table, identity */
    ldp     x22, x23, [x0, #16]     /* ttbr1, tcr */
    ldp     x24, x25, [x0, #32]     /* mair, sctlr */
    adr     x10, back
    adr     x9, boot_switch_code
    adr     x11, kernel_entry
    sub     x9, x9, x11
    add     x9, x9, x28             /* where the next part lies physically */

    /* Replace the lower half: empty first, so that nothing of the loader's is left in the TLB. */
    msr     ttbr0_el1, x20
    isb
    tlbi    vmalle1
    dsb     nsh
    isb
    msr     ttbr0_el1, x21
    isb
    br      x9

    /* At the physical address, with the MMU off for the change of everything: no entry of the old
     * tables can meet one of the new (break before make). No data is touched meanwhile. */
    .balign 64
    .global boot_switch_code
boot_switch_code:
    mrs     x11, sctlr_el1
    bic     x11, x11, #1
    msr     sctlr_el1, x11
    isb
    msr     mair_el1, x24
    msr     tcr_el1, x23
    msr     ttbr1_el1, x22
    isb
    tlbi    vmalle1
    dsb     nsh
    isb
    msr     sctlr_el1, x25
    isb
    br      x10

back:
    msr     ttbr0_el1, x20
    isb
    tlbi    vmalle1
    dsb     nsh
    isb
    bl      boot_main               /* x0 = the core's CPU, x1 = pages of the boot part */
    address x9, kernel_stack_top
    mov     sp, x9
    b       kernel_start

stuck:
    wfi
    b       stuck

    .section .boot.stack, "aw", %nobits
    .balign 16
    .space  16384
boot_stack_top:
