/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Notifications (abi/syscalls.md §6).
 */
#pragma once
#include "kernel.h"

void notification_signal(struct cpu *cpu, struct notification *ntfn, uint64_t badge);
/* Receive by the current thread; blocks it unless `may_block` is false (then x0 := 0). */
void notification_receive(struct cpu *cpu, struct notification *ntfn, bool may_block);
/* The bound notification of the thread is active: its word is delivered. */
bool notification_take_bound(struct tcb *tcb);
void notification_bind(struct notification *ntfn, struct tcb *tcb);
void notification_unbind(struct notification *ntfn);
