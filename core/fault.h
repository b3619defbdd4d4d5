/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Faults: their messages and what a reply to one does (abi/syscalls.md §7).
 */
#pragma once
#include "kernel.h"

/* Records a fault with the thread, or forgets it. */
void fault_record(struct tcb *tcb, const struct fault *fault);
void fault_clear(struct tcb *tcb);
/* The current thread faults: a message to its handler, or a double fault. */
void fault_raise(struct cpu *cpu, const struct fault *fault);
void fault_raise_cap(struct cpu *cpu, uint64_t cptr, bool in_receive,
                     const struct lookup_fault *lookup);
/* Writes the message of the fault recorded in `faulter` into the receiver's registers. */
void fault_send_message(const struct tcb *faulter, struct tcb *receiver, uint64_t badge);
/* Takes the replier's message as the answer to the fault; clears the fault. Returns whether the
 * thread goes on (at its restart address). */
MUST_CHECK bool fault_apply_reply(struct cpu *cpu, struct tcb *faulter, const struct tcb *replier);
