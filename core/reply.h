/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Reply rights (abi/syscalls.md §5.1): a cap derived from the caller's master reply cap, directly
 * after it in the derivation list; at most one exists.
 */
#pragma once
#include "kernel.h"

/* `caller` waits for a reply; `receiver`, who holds no reply right, gets the right. */
void reply_grant(struct tcb *caller, struct tcb *receiver, bool can_grant);
/* The right to reply to `caller` disappears, wherever it is. */
void reply_withdraw(struct tcb *caller);
/* The current thread replies through the reply cap in `slot`, which is emptied. */
void reply_perform(struct cpu *cpu, struct slot *slot);
