/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A root task that is only loaded, never run: its bytes are summed by testkernel.S. */
    .text
    .global _start
_start:
    b       .
    .space  0x1001, 0x5a

    .data
    .balign 8
    .global word64
    .type   word64, %object
    .size   word64, 8
word64:
    .quad   0x1122334455667788
    .global word32
    .type   word32, %object
    .size   word32, 4
word32:
    .word   0x99aabbcc
    .space  0x123, 0xa5

    .bss
    .space  0x2345
