/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Short ways for the commonest system calls: same state and registers as the ordinary way. Each
 * returns the context to resume; what it does not take goes the ordinary way from inside, as a tail
 * call, so that the short way needs no stack frame. Precondition: cpu->fast.
 */
#pragma once
#include "kernel.h"

/* The ordinary way for a system call of the current thread. */
struct context *core_syscall_slowly(struct cpu *cpu);
/* Call on an endpoint whose first waiter may run at once. */
struct context *fastpath_call(struct cpu *cpu);
/* ReplyRecv to a waiting caller, with nothing to receive yet. */
struct context *fastpath_reply_recv(struct cpu *cpu);
