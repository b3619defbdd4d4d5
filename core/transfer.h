/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Message and cap transfer between two threads (abi/syscalls.md §4).
 */
#pragma once
#include "kernel.h"

/* Slots of the extra caps of a message. */
struct extra_caps {
    unsigned count;
    struct slot *slot[MSG_MAX_EXTRA_CAPS];
};

/* Looks up the first `count` extra caps in the sender's CSpace. On failure *cptr and *fault say
 * which and why. */
MUST_CHECK bool extra_caps_lookup(const struct tcb *sender, const struct ipc_buffer *buffer,
                                  unsigned count, struct extra_caps *out, uint64_t *cptr,
                                  struct lookup_fault *fault);

struct transfer {
    struct tcb *sender;
    struct tcb *receiver;
    uint64_t badge;
    const struct endpoint *endpoint; /* passed through; NULL for a reply */
    bool grant;                      /* caps may be transferred */
    const struct extra_caps *extra;  /* already looked up in this trap, or NULL */
};

/* The sender's message (or its recorded fault's) goes to the receiver, with badge and info word. */
void transfer_message(const struct transfer *transfer);
