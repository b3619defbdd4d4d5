// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// A root task without an end of its own, for tests/hosted/ends.sh. The word `mode`, patched into the
// image, chooses: 0 suspends itself (abi/invocations.md: TCB_Suspend, label 11), 1 loops, 2 executes
// nothing but an undefined instruction (a fault that nobody handles).
    .globl  _start
_start:
    adrp    x9, mode
    ldr     x9, [x9, :lo12:mode]
    cbz     x9, 1f
    cmp     x9, #1
    b.eq    2f
    .word   0
1:  mov     x0, #1                  // the initial thread's TCB
    mov     x1, #11 << 12
    mov     x7, #-1                 // Call
    svc     #0
2:  b       2b

    .data
    .globl  mode
    .type   mode, %object
    .size   mode, 8
    .balign 8
mode:
    .quad   0
