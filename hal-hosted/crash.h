/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Crashes at chosen system calls: instead of its N-th system call, a thread of the K-th address
 * space faults at address 0. Address spaces are counted in the order of their first system call,
 * from 1; one that is made where an earlier one lay counts as the same. What follows is measured:
 * the first system call of the next thread of that name ends the recovery.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "event.h"

struct crash_plan {
    uint64_t space; /* 0 = none */
    uint64_t call;
};

/* "SPACE@CALL"; false when it is not that. */
bool crash_read(const char *text, struct crash_plan *plan);
void crash_begin(const struct crash_plan *plan);
/* Counts a system call of the running address space; true when it is the one. `instructions`: that
 * EL0 has executed so far. */
bool crash_now(uint64_t instructions);
/* A kernel entry that is over, of a run with a plan. */
void crash_event(const struct event *event, uint64_t instructions);
/* What became of the plan, in one line: nothing without a plan. */
void crash_print_recovery(void);
/* One line per address space: its number and how many system calls it made. */
void crash_print(void);
