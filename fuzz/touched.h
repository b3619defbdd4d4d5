/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The cheap oracle for fast campaigns: after each trap only what the trap named is looked at: the
 * thread that trapped and the one that runs, with their slots, and the cap that was invoked, its
 * neighbours in the derivation list, its object's queue. The full walk comes at the end of the run.
 */
#pragma once
#include "kernel.h"

void touched_before(const struct cpu *cpu);
/* NULL or a constant sentence. */
const char *touched_after(const struct cpu *cpu);
