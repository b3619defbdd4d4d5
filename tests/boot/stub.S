/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A kernel that checks how it was entered: every register and system register that abi/boot.md §1
 * names, and what a lower level finds of what EL2 and EL3 must leave behind. Linked like the
 * reference kernel: upper half, entry in the first bytes, 2 MiB of BSS. It ends the machine by
 * semihosting with status 0, or the number of the first check that fails (the second argument of
 * `expect`); 100 and more is an exception, 100 + its class. It first prints CNTVCT_EL0 as it was at
 * entry, in hexadecimal.
 *
 * Assembled with CPUS=n (default 1): that many CPUs must come, each with its own number.
 */
    .ifndef CPUS
    .set    CPUS, 1
    .endif

    .section .head, "ax"
    .global _start
_start:
    mrs     x18, cntvct_el0
    mrs     x19, tpidr_el1
    cbnz    x19, secondary
    adrp    x28, saved
    add     x28, x28, :lo12:saved
    stp     x0, x1, [x28]
    stp     x2, x3, [x28, #16]
    stp     x4, x5, [x28, #32]
    adrp    x9, stack_top
    mov     sp, x9
    adrp    x9, vectors
    add     x9, x9, :lo12:vectors
    msr     vbar_el1, x9

    .macro  bad number
    mov     x0, #\number
    b       finish
    .endm

    .macro  expect condition, number
    b.\condition 8f
    bad     \number
8:
    .endm

    .macro  expect_system register, value, number
    mrs     x9, \register
    ldr     x10, =\value
    cmp     x9, x10
    expect  eq, \number
    .endm

    mov     x0, x18
    bl      print
    expect_system CurrentEL, 0x4, 1
    expect_system SPSel, 1, 2
    expect_system DAIF, 0x3c0, 3
    expect_system sctlr_el1, 0x00c5183d, 4
    mrs     x9, id_aa64mmfr0_el1        /* TCR.IPS: PARange, at most 48 bits */
    and     x9, x9, #15
    mov     x10, #5
    cmp     x9, x10
    csel    x9, x9, x10, lo
    ldr     x10, =0x1085100510
    orr     x10, x10, x9, lsl #32
    mrs     x9, tcr_el1
    cmp     x9, x10
    expect  eq, 5
    expect_system mair_el1, 0x0000aaff440c0400, 6
    expect_system cpacr_el1, 0, 7
    expect_system cntkctl_el1, 0, 8
    expect_system tpidr_el0, 0, 9
    expect_system tpidrro_el0, 0, 10
    adr     x9, _start
    ldr     x10, =_start
    cmp     x9, x10
    expect  eq, 11

    /* x27 = virtual - physical of the kernel's window; its memory is write-back */
    adr     x9, _start
    at      s1e1r, x9
    isb
    mrs     x10, par_el1
    tst     x10, #1
    expect  eq, 12
    lsr     x11, x10, #56
    cmp     x11, #0xff
    expect  eq, 13
    and     x10, x10, #0x0000fffffffff000
    sub     x27, x9, x10

    /* root task: x0, x1 page aligned and ascending; x3 inside, by x2 */
    ldp     x0, x1, [x28]
    orr     x9, x0, x1
    tst     x9, #0xfff
    expect  eq, 14
    cmp     x0, x1
    expect  lo, 15
    ldp     x2, x3, [x28, #16]
    add     x9, x3, x2
    cmp     x9, x0
    expect  hs, 16
    cmp     x9, x1
    expect  lo, 17
    ldr     w9, [x9, x27]               /* "b ." is the root task's first instruction */
    ldr     w10, =0x14000000
    cmp     w9, w10
    expect  eq, 18

    /* device tree: right behind the kernel's last page, with its exact size, before the root task */
    ldp     x4, x5, [x28, #32]
    adrp    x9, image_end
    add     x9, x9, :lo12:image_end
    sub     x9, x9, x27
    cmp     x4, x9
    expect  eq, 19
    add     x9, x4, x5
    cmp     x9, x0
    expect  ls, 20
    ldr     w9, [x4, x27]
    ldr     w10, =0xedfe0dd0
    cmp     w9, w10
    expect  eq, 21
    add     x9, x4, #4
    ldr     w9, [x9, x27]
    rev     w9, w9
    cmp     x9, x5
    expect  eq, 22

    /* BSS */
    adrp    x9, bss_start
    add     x9, x9, :lo12:bss_start
    adrp    x10, bss_end
    add     x10, x10, :lo12:bss_end
1:  ldr     x11, [x9], #8
    cbz     x11, 2f
    bad     23
2:  cmp     x9, x10
    b.lo    1b

    /* counters: a frequency, no virtual offset, not trapped */
    mrs     x9, cntfrq_el0
    cmp     x9, #0
    expect  ne, 24
    isb
    mrs     x9, cntpct_el0
    isb
    mrs     x10, cntvct_el0
    isb
    mrs     x11, cntpct_el0
    cmp     x9, x10
    expect  ls, 25
    cmp     x10, x11
    expect  ls, 26

    /* PMU: all counters are EL1's */
    mrs     x9, id_aa64dfr0_el1
    ubfx    x9, x9, #8, #4
    cbz     x9, 3f
    cmp     x9, #15
    b.eq    3f
    mrs     x9, pmcr_el0
    ubfx    x9, x9, #11, #5
    cmp     x9, #0
    expect  ne, 27
3:
    /* identification: MIDR is the CPU's own, of Arm or (QEMU max) any implementer */
    mrs     x9, midr_el1
    cmp     x9, #0
    expect  ne, 28
    mrs     x9, mpidr_el1
    tst     x9, #1 << 31                /* RES1 */
    expect  ne, 29

    /* GIC system registers can be used */
    mrs     x9, id_aa64pfr0_el1
    ubfx    x9, x9, #24, #4
    cbz     x9, 4f
    mov     x10, #7
    msr     s3_0_c12_c12_5, x10         /* ICC_SRE_EL1 */
    isb
    mrs     x10, s3_0_c12_c12_5
    tst     x10, #1
    expect  ne, 30
4:
    /* FP is not trapped by a higher level */
    mov     x9, #3 << 20
    msr     cpacr_el1, x9
    isb
    fmov    d0, x9
    fmov    x10, d0
    cmp     x9, x10
    expect  eq, 31

    /* the other CPUs */
    mrs     x9, cntpct_el0
    mrs     x10, cntfrq_el0
    add     x9, x9, x10, lsl #2
    adrp    x11, arrived
    add     x11, x11, :lo12:arrived
5:  ldar    w12, [x11]
    cmp     w12, #CPUS - 1
    b.eq    6f
    yield
    mrs     x12, cntpct_el0
    cmp     x12, x9
    expect  lo, 32
    b       5b
6:  mov     x0, xzr

finish:
    adrp    x1, exit_block
    add     x1, x1, :lo12:exit_block
    str     x0, [x1, #8]
    mov     w0, #0x18                   /* semihosting SYS_EXIT */
    hlt     #0xf000
    b       .

/* Each CPU adds one, when its number is one that is expected and the registers are the first's. */
secondary:
    cmp     x19, #CPUS
    b.hs    9f
    adrp    x9, saved
    add     x9, x9, :lo12:saved
    mrs     x10, sctlr_el1
    ldr     x11, =0x00c5183d
    cmp     x10, x11
    b.ne    9f
    mrs     x10, CurrentEL
    cmp     x10, #4
    b.ne    9f
    adrp    x9, seen
    add     x9, x9, :lo12:seen
    mov     w10, #1
    strb    w10, [x9, x19]
    adrp    x9, arrived
    add     x9, x9, :lo12:arrived
7:  ldaxr   w10, [x9]
    add     w10, w10, #1
    stlxr   w11, w10, [x9]
    cbnz    w11, 7b
9:  wfe
    b       9b

/* x0 in 16 hexadecimal digits and a newline, by semihosting SYS_WRITE0; x0…x5 */
print:
    adrp    x1, digits
    add     x1, x1, :lo12:digits
    mov     x2, #60
    mov     x5, x1
1:  lsr     x3, x0, x2
    and     x3, x3, #15
    cmp     x3, #10
    add     x4, x3, #'0'
    add     x3, x3, #'a' - 10
    csel    x3, x4, x3, lo
    strb    w3, [x1], #1
    subs    x2, x2, #4
    b.ge    1b
    mov     x1, x5
    mov     w0, #4
    hlt     #0xf000
    ret

    .section .text.vectors, "ax"
    .balign 0x800
vectors:
    .rept   16
    mrs     x0, esr_el1
    lsr     x0, x0, #26
    add     x0, x0, #100
    b       finish
    .balign 0x80
    .endr

    .section .data, "aw"
    .balign 16
saved:
    .space  48, 0xff
exit_block:
    .quad   0x20026, 0
digits:
    .ascii  "                \n\0"
    .balign 64
arrived:
    .word   0
    .balign 64
seen:
    .space  64
    .balign 4096
    .space  4096, 0xff
stack_top:

    .ifdef  NOTE
    .section .note.kaal, "a", %note
    .balign 4
    .word   5, 120, 1
    .asciz  "KaaL"
    .balign 4
    .word   1, NOTE                     /* version, flags */
    .quad   0xffffff8040000000, 0xffffff8040001000
    .quad   0xffffff8040003000, 0x100
    .ascii  "Stub\0\0\0\0\0\0\0\0\0\0\0\0"
    .ascii  "1.0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    .ascii  "test\0\0\0\0\0\0\0\0\0\0\0\0"
    .space  32, 0x77
    .endif

    .bss
    .balign 4096
    .space  0x200000
