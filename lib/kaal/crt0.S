/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Entry of an initial thread (abi/boot.md §5): x0 = bootinfo, every other register 0, no stack. The
 * stack is 32 KiB of the program's own BSS.
 */
    .section .text.start, "ax"
    .global _start
    .type _start, %function
_start:
    adrp    x1, kaal_stack_top
    add     x1, x1, :lo12:kaal_stack_top
    mov     sp, x1
    mov     x29, xzr
    mov     x30, xzr
    b       kaal_start
    .size _start, . - _start

    .section .bss.stack, "aw", %nobits
    .balign 16
    .global kaal_stack_bottom
kaal_stack_bottom:
    .skip   32768
    .global kaal_stack_top
kaal_stack_top:
