/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Short ways for the commonest system calls: same state and registers as the ordinary way, for the
 * cases they take. Each returns the context to resume, or NULL having changed nothing.
 */
#pragma once
#include "kernel.h"

/* Call on an endpoint whose first waiter may run at once. */
struct context *fastpath_call(struct cpu *cpu);
/* ReplyRecv to a waiting caller, with nothing to receive yet. */
struct context *fastpath_reply_recv(struct cpu *cpu);
