/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A capability as core_caps() shows it: where it lies, what it is, what it was derived from.
 * Addresses are physical. Strings live until the visit returns.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Whose slot it is. Of a thread the slots are: CSpace, VSpace, its right to be replied to, the
 * reply right it holds, IPC buffer. */
struct cap_holder {
    enum cap_holder_kind {
        HOLDER_UNKNOWN, /* nothing reachable: slots of an object that is being taken apart */
        HOLDER_CNODE,
        HOLDER_THREAD,
        HOLDER_IRQ,
    } kind;
    uint64_t object; /* of CNodes and threads; number of an interrupt */
    uint64_t slots;
    const char *name;  /* of a thread, "" = none */
    const char *state; /* of a thread, in words */
    uint64_t waits_on; /* endpoint or notification that it waits on, 0 = none */
    unsigned priority;
};

struct cap_view {
    struct cap_holder holder;
    uint64_t slot;    /* index */
    unsigned depth;   /* in the derivation tree: its parent is the last one visited with a smaller
                         depth */
    const char *type; /* "Endpoint", … */
    uint64_t object;  /* 0 = none in memory */
    unsigned object_bits;
    uint64_t free;    /* Untyped: bytes that are not used */
    unsigned rights;  /* Endpoint, Notification, Frame: abi/syscalls.md §2, RIGHT_ bits */
    uint64_t badge;   /* Endpoint, Notification */
    uint64_t address; /* Frame, PageTable: virtual; IRQHandler: its number */
    unsigned asid;    /* Frame, PageTable: of the mapping; VSpace: its own. 0 = none */
    bool device;      /* Untyped, Frame */
};
