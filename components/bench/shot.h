/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * One shot: registers in, one instruction that enters the kernel, registers out, and the
 * instruction counter read right before and right after it. The two reads of a one-way cost come
 * from two shots: the sender's `before`, the receiver's `after`.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "stub.h"

struct shot {
    uint64_t x[6];   /* x0..x5, in and out (abi/syscalls.md §1.2) */
    uint64_t number; /* enum syscall */
    uint64_t word;   /* x11: address for the storing and loading shots */
    uint64_t before;
    uint64_t after;
};
_Static_assert(offsetof(struct shot, x) == SHOT_X, "stub.h");
_Static_assert(offsetof(struct shot, number) == SHOT_NUMBER, "stub.h");
_Static_assert(offsetof(struct shot, word) == SHOT_WORD, "stub.h");
_Static_assert(offsetof(struct shot, before) == SHOT_BEFORE, "stub.h");
_Static_assert(offsetof(struct shot, after) == SHOT_AFTER, "stub.h");

/* A system call: the one the row is about, and another that belongs to its preparation. tools/bench
 * tells them apart by their addresses. */
void shot_svc(struct shot *shot);
void shot_aside(struct shot *shot);
/* A system call without readings. */
void shot_bare(struct shot *shot);
/* The same by a thread that uses the FP registers before and after; the use after the call lies
 * inside the measured window, so that a kernel that switches them late is charged for it. */
void shot_svc_fp(struct shot *shot);
void shot_aside_fp(struct shot *shot);
/* An undefined instruction (UserException). */
void shot_undefined(struct shot *shot);
/* A load of 8 bytes from `word` (VMFault when nothing is mapped there). */
void shot_load(struct shot *shot);
/* A store of 4 bytes of zero extended x[0] to `word`: a device register that raises an interrupt.
 */
void shot_store(struct shot *shot);
/* The physical timer's condition is withdrawn. */
void shot_timer_off(struct shot *shot);
/* Nothing: what the reads themselves count. */
void shot_empty(struct shot *shot);
void shot_empty_fp(struct shot *shot);

/* Lets PMU event counter 0 count retired instructions, from EL0 (Arm ARM, INST_RETIRED = event 8).
 * Does not use the shot. */
void shot_start_counter(struct shot *shot);
uint64_t counter_read(void);

/* Lets the physical timer fire after `counts`; returns the instruction counter at that moment where
 * the timer counts instructions. */
uint64_t timer_arm(uint64_t counts);
uint64_t timer_hertz(void);

/* Where the system call of shot_aside is. */
extern const char shot_aside_at[];
/* Where the undefined instruction is; its size is 4. */
extern const char shot_undefined_at[];
