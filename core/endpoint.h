/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Endpoints (abi/syscalls.md §3.1, §5).
 */
#pragma once
#include "transfer.h"

struct endpoint_send {
    struct endpoint *endpoint;
    uint64_t badge;
    bool grant;
    bool grant_reply;
    bool may_block;
    bool is_call;
    const struct extra_caps *extra; /* looked up in this trap, or NULL */
};

/* The current thread sends. */
void endpoint_send(struct cpu *cpu, const struct endpoint_send *send);
/* The current thread receives through an endpoint cap with read right. */
void endpoint_receive(struct cpu *cpu, struct cap cap, bool may_block);
