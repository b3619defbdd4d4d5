/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What a thread owns of the processor, as plain data, and the traps that lead into the core.
 * The exception vectors know these offsets; hal-aarch64 asserts them.
 */
#pragma once
#include <stdint.h>

#include "abi/syscalls.h"

/* General registers of a thread: the 36 words of the interface (abi/invocations.md §4) and the
 * hidden next PC. reg[REG_PC] is the restart address: the `svc` itself for a system call, the
 * faulting instruction for a fault, the interrupted instruction for an interrupt. `next_pc` is
 * where the machine resumes: ELR_EL1 as saved (after the `svc`; otherwise equal to reg[REG_PC]). */
struct context {
    uint64_t reg[REG_COUNT];
    uint64_t next_pc;
};
_Static_assert(sizeof(struct context) == 37 * 8, "offsets in the exception vectors");

/* FP/SIMD state: FPCR, FPSR, V0..V31 as pairs of words (low, high). All zero in a new thread. The
 * control words come first, so that every field is in reach of one base register. */
struct fp_state {
    uint64_t fpcr;
    uint64_t fpsr;
    uint64_t v[64];
};

enum trap_kind {
    TRAP_SYSCALL,           /* svc from AArch64 EL0 (ESR class 0x15) */
    TRAP_DATA_ABORT,        /* from EL0 (class 0x24); far = FAR_EL1 */
    TRAP_INSTRUCTION_ABORT, /* from EL0 (class 0x20); far = PC */
    TRAP_USER_EXCEPTION,    /* any other synchronous exception from EL0 */
    TRAP_INTERRUPT,         /* IRQ, from EL0 or while waiting */
};

struct trap {
    enum trap_kind kind;
    uint32_t esr; /* ESR_EL1 bits 31..0; 0 for an interrupt, not used for a system call */
    uint64_t far; /* fault address of the two aborts, otherwise 0 */
};
