/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Start states of the fuzzer: small systems built by real system calls on a small machine, kept as
 * snapshots. A state is reset by copying; nothing survives from one case to the next.
 *
 * All start states share the slots below of the root CNode, by which cases name things.
 */
#pragma once
#include <stdint.h>

#include "kernel.h"

enum {
    WORLD_RAM_BYTES = 208 * 1024,
    WORLD_MAX_IRQ = 63,
    WORLD_DEVICE_IRQ = 40,
    WORLD_SECOND_IRQ = 41,     /* of the second partition */
    WORLD_ROOT_RADIX = 10,     /* of the larger start states */
    WORLD_SCANNED_SLOTS = 192, /* of a root CNode at most, by values that name the k-th of a kind */
};

enum world_slot {
    WORLD_TCB_A = 80, /* A and B live in the root task's spaces */
    WORLD_TCB_B,
    WORLD_TCB_C, /* C has spaces of its own */
    WORLD_ENDPOINT,
    WORLD_FAULT_ENDPOINT,
    WORLD_NOTIFICATION,
    WORLD_NOTIFICATION_2,
    WORLD_CNODE,   /* radix 4, guard 0 of size 60 when copied for a thread */
    WORLD_CNODE_C, /* radix 6: the CSpace of C */
    WORLD_VSPACE_C,
    WORLD_TABLE_1, /* tables of C's VSpace, levels 1 to 3 */
    WORLD_TABLE_2,
    WORLD_TABLE_3,
    WORLD_FRAME_A, /* IPC buffers */
    WORLD_FRAME_B,
    WORLD_FRAME_C,
    WORLD_FRAME, /* mapped in C's VSpace */
    WORLD_UNTYPED_PAGE,
    WORLD_UNTYPED_SMALL, /* 2^9 bytes */
    WORLD_BADGED_5,
    WORLD_BADGED_7,
    WORLD_SIGNAL_1, /* badged notification cap */
    WORLD_FRAME_COPY,
    WORLD_IRQ,
    WORLD_LARGE_PAGE, /* device memory */
    WORLD_HUGE_PAGE,
    WORLD_SPARE_TABLE,
    WORLD_SPARE_VSPACE, /* without an ASID */
    WORLD_BADGED_9,
    WORLD_BADGED_5_COPY,
    WORLD_SLOT_END,
    /* With two partitions: the CNodes of both. */
    WORLD_PARKED_FIRST = WORLD_SLOT_END + 2,
    WORLD_PARKED_SECOND,
};

enum world {
    WORLD_PEERS,   /* three threads ready, C waits as a server, faults are received by nobody yet */
    WORLD_DOMAINS, /* two domains; C holds the reply right of B's call, A waits in a queue */
    WORLD_KNOT,    /* CNodes and threads held by their own and each other's last caps */
    WORLD_ACCOUNTS,   /* as the first, with benchmark calls answering */
    WORLD_PARTITIONS, /* two sets of threads, each in a domain, with nothing in common */
    /* Small ones for the explorer, with time slices of one tick. */
    WORLD_EXCHANGE, /* two clients and a server, all in one CSpace: IPC and reply rights */
    WORLD_TREE,     /* two CNodes, caps derived from caps: derivation and revocation */
    WORLD_POOL,     /* Untypeds of several sizes: retyping */
    WORLD_SPACES,   /* tables, frames of two sizes, an ASID pool: address spaces */
    WORLD_COUNT,
};

/* Builds all start states; a call that fails on the way is reported and ends the process. */
void world_make_all(void);
/* The start state that the machine was put into last. */
unsigned world_now(void);
/* Puts the machine into a start state; `traced`: with the core's events on, otherwise the same. */
struct cpu *world_reset(unsigned world, bool traced);
const char *world_name(unsigned world);
/* Physical address of the initial CNode of the start state that the machine was put into last. */
uint64_t world_root_cnode(void);
