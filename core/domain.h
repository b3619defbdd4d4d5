/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Domains and their schedule (abi/scheduling.md §5).
 */
#pragma once
#include "kernel.h"

/* One tick of the current domain's time; with one domain time is not counted. */
void domain_tick(struct cpu *cpu);
/* Takes the next entry of the schedule when the current one's time is over. */
void domain_advance_if_over(struct cpu *cpu);
/* Makes entry `start` the first and the current one. */
void domain_start_at(struct cpu *cpu, uint32_t start);
