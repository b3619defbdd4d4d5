/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What happens, in words: the event of each kernel entry, refusals as sentences, double faults.
 * Reads state, changes diagnostics only.
 */
#pragma once
#include "invoke.h"

void explain_enter(struct cpu *cpu, const struct trap *trap);
void explain_invocation(const struct invocation *call);
void explain_receive(struct cpu *cpu, struct cap cap);
void explain_refusal(const struct invocation *call, const struct refusal *no);
void explain_leave(struct cpu *cpu);
/* The thread has a fault and nobody to tell: thread, fault, address, mapping found, registers. */
void explain_double_fault(struct cpu *cpu, const struct tcb *tcb, const struct fault *fault);
const char *error_name(uint64_t code);
const char *fault_name(uint64_t label);
