/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Byte offsets the assembly files use. machine.c asserts each against the C declaration.
 */
#pragma once

/* struct context: word index (enum context_register) times 8 */
#define CTX_PC      0
#define CTX_SP      8
#define CTX_SPSR    16
#define CTX_X0      24
#define CTX_X2      40
#define CTX_X4      56
#define CTX_X6      72
#define CTX_X8      88  /* x8, x16 */
#define CTX_X17     104 /* x17, x18 */
#define CTX_X29     120 /* x29, x30 */
#define CTX_X9      136
#define CTX_X11     152
#define CTX_X13     168
#define CTX_X15     184 /* x15, x19 */
#define CTX_X20     200
#define CTX_X22     216
#define CTX_X24     232
#define CTX_X26     248
#define CTX_X28     264 /* x28, tpidr_el0 */
#define CTX_TPIDRRO 280 /* tpidrro_el0, next_pc */
#define CTX_NEXT_PC 288

/* enum trap_kind */
#define KIND_SYSCALL           0
#define KIND_DATA_ABORT        1
#define KIND_INSTRUCTION_ABORT 2
#define KIND_USER_EXCEPTION    3
#define KIND_INTERRUPT         4

/* struct trap */
#define TRAP_KIND  0
#define TRAP_FAR   8
#define TRAP_BYTES 16

/* struct machine_cpu */
#define CPU_STACK 0 /* stack_top, core */

/* struct fatal_frame */
#define FATAL_X0    0
#define FATAL_SP    248
#define FATAL_ESR   256 /* esr, elr */
#define FATAL_FAR   272 /* far, spsr */
#define FATAL_BYTES 288

/* Bytes of code in probe.S */
#define PROBE_BYTES 112

/* Exit status of the run after a fatal exception, and after a boot that was refused */
#define STATUS_KERNEL_BUG   101
#define STATUS_SERROR       102
#define STATUS_BOOT_REFUSED 103
