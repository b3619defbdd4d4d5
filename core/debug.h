/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Debug and benchmark calls (abi/syscalls.md §8).
 */
#pragma once
#include "kernel.h"

/* Performs system call `number` for the current thread, or returns false when it is none of those
 * that answer under the present boot options. */
bool debug_call(struct cpu *cpu, int64_t number);
/* Prints all capabilities reachable from the current thread as capDL. */
void debug_snapshot(struct cpu *cpu);
/* Prints the threads that are ready, and the current one. */
void debug_dump_scheduler(struct cpu *cpu);
