/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Linked into testkernel.S, this note makes it a kernel that may be moved (kernel_note.h). */
    .section .note.kaal, "a", %note
    .balign 4
    .word   5, 120, 1
    .asciz  "KaaL"
    .balign 4
desc:
    .word   1, 1                        /* version; flags: movable */
    .quad   0xffffff8040000000, 0xffffff8040001000
    .quad   0xffffff8040005000, 0x100
    .ascii  "Testkernel\0\0\0\0\0\0"
    .ascii  "7.8.9\0\0\0\0\0\0\0\0\0\0\0"
    .ascii  "test\0\0\0\0\0\0\0\0\0\0\0\0"
    .space  32, 0x77
