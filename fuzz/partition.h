/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Non-interference: in the start state of two partitions with nothing in common, one acts and the
 * state of the other stays as it was: caps, objects, memory, registers, interrupts.
 *
 * Not part of that state, because the scheduler shares the processor by time: ready queues, time
 * slices, and where a derivation list goes on in the other partition's slots (its order there
 * follows from the caps themselves).
 */
#pragma once
#include <stdbool.h>

#include "kernel.h"

/* A case begins: remembers the state of the partition that rests, if there are partitions. */
void partition_begin(const struct cpu *cpu);
/* Is the current thread one of the partition that rests? Then it executes nothing; time passes. */
bool partition_rests(const struct cpu *cpu);
/* Does the interrupt belong to it? */
bool partition_owns_irq(uint32_t irq);
/* NULL or a sentence in a static buffer. */
const char *partition_check(const struct cpu *cpu);
