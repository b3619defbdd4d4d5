/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Entry of a component (comp/layout.h): the stack is there, thread-local storage is not. The link
 * script lays the thread-local variables out in the image as the one thread needs them, initial
 * values in place; the thread pointer is two words before them, on their alignment.
 */
    .section .text.start, "ax"
    .global _start
    .type _start, %function
_start:
    adrp    x0, kaal_thread_pointer
    add     x0, x0, :lo12:kaal_thread_pointer
    msr     tpidr_el0, x0
    mov     x29, xzr
    mov     x30, xzr
    b       comp_start
    .size _start, . - _start
