/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A kernel that only reports how it was entered: one line "name value" for each register and
 * system register of abi/boot.md §1, sums over the memory it was given, then status 0. Linked like
 * the reference kernel: upper half, physical 0x40000000, entry in the first bytes, a BSS. It is
 * foreign to KaaL: no note. The UART is reached through the loader's identity map.
 */

#define UART 0x09000000

    .section .head, "ax"
    .global _start
_start:
    adrp    x9, saved
    add     x9, x9, :lo12:saved
    stp     x0, x1, [x9]
    stp     x2, x3, [x9, #16]
    stp     x4, x5, [x9, #32]
    mov     x28, x9
    adrp    x9, stack_top
    add     x9, x9, :lo12:stack_top
    mov     sp, x9

    .macro  show name, register
    adr     x0, 9f
    mov     x1, \register
    bl      print
    b       8f
9:  .asciz  "\name"
    .balign 4
8:
    .endm

    .macro  show_saved name, offset
    ldr     x20, [x28, #\offset]
    show    \name, x20
    .endm

    .macro  show_system name, register
    mrs     x20, \register
    show    \name, x20
    .endm

    show_saved x0, 0
    show_saved x1, 8
    show_saved x2, 16
    show_saved x3, 24
    show_saved x4, 32
    show_saved x5, 40
    adr     x20, _start
    show    pc, x20
    show_system CurrentEL, CurrentEL
    show_system SPSel, SPSel
    show_system DAIF, DAIF
    show_system SCTLR, sctlr_el1
    show_system TCR, tcr_el1
    show_system MAIR, mair_el1
    show_system CPACR, cpacr_el1
    show_system CNTKCTL, cntkctl_el1
    show_system TPIDR_EL0, tpidr_el0
    show_system TPIDRRO_EL0, tpidrro_el0
    show_system TPIDR_EL1, tpidr_el1

    /* where the kernel is: its first and its last page, by the map it runs on */
    adr     x20, _start
    at      s1e1r, x20
    isb
    show_system PAR_first, par_el1
    adrp    x20, bss_end - 1
    at      s1e1r, x20
    isb
    show_system PAR_last, par_el1
    /* the identity map of TTBR0, tried on the loader's own memory, where its tables are, and the UART */
    mrs     x20, ttbr0_el1
    and     x20, x20, #0x0000fffffffff000
    show    TTBR0, x20
    mrs     x20, ttbr0_el1
    and     x20, x20, #0x0000fffffffff000
    at      s1e1r, x20
    isb
    show_system PAR_identity, par_el1
    mov     x20, #UART
    at      s1e1r, x20
    isb
    show_system PAR_uart, par_el1

    /* the kernel's BSS, all but what this program wrote itself */
    adrp    x0, bss_start
    add     x0, x0, :lo12:bss_start
    adrp    x1, bss_end
    add     x1, x1, :lo12:bss_end
    bl      sum
    mov     x20, x0
    show    bss_sum, x20

    /* root task and device tree lie in physical memory: look with the MMU off, from the identity */
    adrp    x0, _start
    at      s1e1r, x0
    isb
    mrs     x1, par_el1
    and     x1, x1, #0x0000fffffffff000
    sub     x27, x0, x1                 /* virtual - physical */
    adr     x2, mmu_off
    sub     x2, x2, x27
    sub     x28, x28, x27
    mov     x9, sp
    sub     x9, x9, x27
    mov     sp, x9
    /* the instruction after the MMU goes off is fetched at the same number: map it first */
    adrp    x4, table
    add     x4, x4, :lo12:table
    sub     x5, x4, x27
    mov     x6, #0x711                  /* block, normal memory (index 4), inner shareable, AF */
    and     x7, x2, #0xffffffffc0000000
    orr     x6, x6, x7
    lsr     x7, x2, #30
    and     x7, x7, #511
    str     x6, [x4, x7, lsl #3]
    add     x8, x4, #4096
    orr     x6, x5, #3
    lsr     x7, x2, #39
    and     x7, x7, #511
    str     x6, [x8, x7, lsl #3]
    sub     x8, x8, x27
    dsb     sy
    msr     ttbr0_el1, x8
    tlbi    vmalle1
    dsb     sy
    isb
    br      x2
mmu_off:
    mrs     x0, sctlr_el1
    bic     x0, x0, #1                  /* M */
    bic     x0, x0, #4                  /* C */
    msr     sctlr_el1, x0
    isb
    ldr     x0, [x28]
    ldr     x1, [x28, #8]
    bl      sum
    mov     x20, x0
    show    user_sum, x20
    ldr     x21, [x28, #32]
    ldr     w20, [x21]
    rev     w20, w20
    show    dtb_magic, x20
    ldr     w20, [x21, #4]
    rev     w20, w20
    show    dtb_size, x20

    /* semihosting SYS_EXIT, status 0 */
    adr     x1, exit_block
    mov     w0, #0x18
    hlt     #0xf000
    b       .

    .balign 8
exit_block:
    .quad   0x20026, 0

/* x0 = sum of the 64-bit words of [x0, x1) */
sum:
    mov     x2, xzr
1:  cmp     x0, x1
    b.hs    2f
    ldr     x3, [x0], #8
    add     x2, x2, x3
    b       1b
2:  mov     x0, x2
    ret

/* prints the string x0, a space, x1 in 16 hexadecimal digits and a newline */
print:
    mov     x2, #UART
1:  ldrb    w3, [x0], #1
    cbz     w3, 2f
    str     w3, [x2]
    b       1b
2:  mov     w3, #' '
    str     w3, [x2]
    mov     x4, #60
3:  lsr     x3, x1, x4
    and     x3, x3, #15
    cmp     x3, #10
    add     x5, x3, #'0'
    add     x6, x3, #'a' - 10
    csel    x5, x5, x6, lo
    str     w5, [x2]
    subs    x4, x4, #4
    b.ge    3b
    mov     w3, #'\n'
    str     w3, [x2]
    ret

    .section .data, "aw"
    .balign 8
saved:
    .space  48, 0xff
    .balign 4096
table:                                  /* level 1, then level 0 */
    .space  8192, 0
    .space  4096, 0xff
stack_top:

    .bss
    .balign 4096
    .space  0x200000
