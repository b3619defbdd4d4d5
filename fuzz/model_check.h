/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The model (model/model.h) in lockstep with the kernel: filled from the kernel's state once at the
 * beginning of a run, it predicts each trap; afterwards registers, error words, who runs, threads,
 * caps, derivation, queues and mappings must be equal.
 *
 * Long calls are one step in the model. While the kernel's is preempted and only the same thread
 * goes on, the prediction waits for its end; when something else happens meanwhile, the model is
 * filled anew from the state in between, and that is counted.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "kernel.h"
#include "stats.h"

enum {
    MODEL_KEEPS = 12, /* start states whose first filling is kept */
    MODEL_BASE = MODEL_KEEPS
};

void model_init(struct model_stats *counters);
/* A run begins in start state `key` (below MODEL_KEEPS; always the same state for the same key). */
void model_begin(const struct cpu *cpu, unsigned key);
/* For callers that take many steps from one state: the state the kernel is in is that one ... */
void model_base(const struct cpu *cpu);
/* ... and the next step begins there. */
void model_to_base(void);
void model_before(const struct cpu *cpu, const struct trap *trap);
/* NULL, or the first difference in one sentence in a static buffer. */
const char *model_after(const struct cpu *cpu);
/* At the end of a run: everything, also what no trap should have touched. */
const char *model_end(const struct cpu *cpu);
/* The run was ended by a halt in the last trap. */
const char *model_halt(void);
