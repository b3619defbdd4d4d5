/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Crashes at chosen system calls: instead of its N-th system call, a thread of the K-th address
 * space faults at address 0. Address spaces are counted in the order of their first system call,
 * from 1; one that is made where an earlier one lay counts as the same.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct crash_plan {
    uint64_t space; /* 0 = none */
    uint64_t call;
};

/* "SPACE@CALL"; false when it is not that. */
bool crash_read(const char *text, struct crash_plan *plan);
void crash_begin(const struct crash_plan *plan);
/* Counts a system call of the running address space; true when it is the one. */
bool crash_now(void);
/* One line per address space: its number and how many system calls it made. */
void crash_print(void);
