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
/* Page_Map of the frame that the current thread calls, with one extra cap. */
struct context *fastpath_page_map(struct cpu *cpu);
/* Page_Unmap, if that is the call and `slot`, the cap called, holds a frame. The message has no
 * caps and at most four words. */
struct context *fastpath_page_unmap(struct cpu *cpu, struct slot *slot);
/* ReplyRecv to a waiting caller, with nothing to receive yet. */
struct context *fastpath_reply_recv(struct cpu *cpu);
/* Send and NBSend to a notification, or to an endpoint somebody waits at. */
struct context *fastpath_send(struct cpu *cpu);
/* Yield alone, or to the next thread of the same priority. */
struct context *fastpath_yield(struct cpu *cpu);
/* A memory fault or user exception of the current thread. Returns false, having changed nothing,
 * when it is for the ordinary way; otherwise the handler is current. */
bool fastpath_fault(struct cpu *cpu, const struct fault *fault);
