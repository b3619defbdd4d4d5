/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * CancelBadgedSends on queues of any length.
 */
#pragma once
#include "kernel.h"

/* Threads that queue at `endpoint` to send with `badge`, which is not 0, execute their calls again;
 * others keep their order (abi/objects.md §3.6). `caller` is the thread that asks. One sender a
 * work unit; a preempted call, made again, goes on where it was. */
MUST_CHECK enum outcome cancel_badged(struct cpu *cpu, struct tcb *caller,
                                      struct endpoint *endpoint, uint64_t badge);
/* To be called before a sender with a `cancel` leaves its queue. Rare. */
__attribute__((cold, noinline)) void cancel_leave(struct tcb *sender);
