/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Instructions that a machine may not have: semihosting's HLT without a debugger or emulator, SMC
 * without EL3, HVC without EL2. vectors.S answers an undefined instruction between probe_first and
 * probe_first + PROBE_BYTES with x0 = −1 (NOT_SUPPORTED of Arm DEN 0028) and goes on behind it.
 */
#include "offsets.h"

    .section .text.probe, "ax"
    .balign 16
    .global probe_first
probe_first:

/* int64_t probe_semihosting(uint64_t operation, const void *parameter) */
    .global probe_semihosting
    .type   probe_semihosting, %function
probe_semihosting:
    hlt     #0xf000                 /* Arm semihosting specification, AArch64 */
    ret

/* void probe_smc(uint64_t reg[8]), probe_hvc: x0..x7 = reg[0..7], results in place. Leaves alone
 * what the calling convention (Arm DEN 0028) lets the other side change: x4..x17. */
.macro firmware_call name instruction
    .global \name
    .type   \name, %function
\name:
    stp     x30, x19, [sp, #-16]!
    mov     x19, x0
    ldp     x6, x7, [x19, #48]
    ldp     x4, x5, [x19, #32]
    ldp     x2, x3, [x19, #16]
    ldp     x0, x1, [x19]
    \instruction #0
    stp     x0, x1, [x19]
    stp     x2, x3, [x19, #16]
    stp     x4, x5, [x19, #32]
    stp     x6, x7, [x19, #48]
    ldp     x30, x19, [sp], #16
    ret
.endm
    firmware_call probe_smc smc
    firmware_call probe_hvc hvc
probe_end:
    .if probe_end - probe_first != PROBE_BYTES
    .error "PROBE_BYTES in offsets.h"
    .endif
