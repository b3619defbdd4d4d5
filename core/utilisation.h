/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Where the time goes, for the benchmark calls (abi/syscalls.md §8). Counted only while the boot
 * option for benchmark calls is on; in counts of the kernel timer.
 */
#pragma once
#include "kernel.h"

void utilisation_enter(struct cpu *cpu);
/* `entered` is the thread that was current at entry, NULL = none or no longer a thread. */
void utilisation_leave(struct cpu *cpu, struct tcb *entered);
/* System calls −23 … −26. */
void utilisation_get(struct cpu *cpu);
void utilisation_reset(struct cpu *cpu);
void utilisation_dump_all(struct cpu *cpu);
void utilisation_reset_all(struct cpu *cpu);
