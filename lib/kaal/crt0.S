/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Entry of an initial thread (abi/boot.md §5): x0 = bootinfo, every other register 0, no stack. The
 * stack is 32 KiB of the program's own BSS. What the registers held is noted first.
 */
    .section .text.start, "ax"
    .global _start
    .type _start, %function
_start:
    /* x30 is used as a pointer; it is noted as it was only while that is the address 0. */
    cbnz    x30, 1f
    adrp    x30, kaal_entry_registers
    add     x30, x30, :lo12:kaal_entry_registers
    stp     x0, x1, [x30, #0]
    stp     x2, x3, [x30, #16]
    stp     x4, x5, [x30, #32]
    stp     x6, x7, [x30, #48]
    stp     x8, x9, [x30, #64]
    stp     x10, x11, [x30, #80]
    stp     x12, x13, [x30, #96]
    stp     x14, x15, [x30, #112]
    stp     x16, x17, [x30, #128]
    stp     x18, x19, [x30, #144]
    stp     x20, x21, [x30, #160]
    stp     x22, x23, [x30, #176]
    stp     x24, x25, [x30, #192]
    stp     x26, x27, [x30, #208]
    stp     x28, x29, [x30, #224]
    mov     x1, sp
    mrs     x2, tpidr_el0
    mrs     x3, tpidrro_el0
    stp     x1, x2, [x30, #248]
    str     x3, [x30, #264]
1:  adrp    x1, kaal_stack_top
    add     x1, x1, :lo12:kaal_stack_top
    mov     sp, x1
    mov     x29, xzr
    mov     x30, xzr
    b       kaal_start
    .size _start, . - _start

    /* x0 to x30, sp, TPIDR_EL0, TPIDRRO_EL0; x30 reads as 0. */
    .section .bss.entry, "aw", %nobits
    .balign 16
    .global kaal_entry_registers
kaal_entry_registers:
    .skip   34 * 8

    .section .bss.stack, "aw", %nobits
    .balign 16
    .global kaal_stack_bottom
kaal_stack_bottom:
    .skip   32768
    .global kaal_stack_top
kaal_stack_top:
