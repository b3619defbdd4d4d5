/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A digest of the abstract state that is the same for states that differ only in what no program
 * can tell: where objects lie, what the time is, what registers held that the next call sets
 * anyway, and which of interchangeable threads is which.
 *
 * In it: every cap that the initial CNode, a thread or an interrupt leads to, with rights, badge,
 * watermark, mapping and its place in the derivation list; threads with their states, queues,
 * priorities, slices, faults, and the registers and buffer words that a call still to be done will
 * read; endpoints and notifications; translation tables; ASIDs; the schedule; interrupt lines.
 * Left out: addresses, user memory, time, FP contents, x0..x7 of threads that are free to act.
 */
#pragma once
#include "kernel.h"

enum {
    CANON_MAX_SWAPS = 4
};

/* Slots of the initial CNode that change places when two interchangeable threads do; the alphabet
 * must be closed under it. */
struct canon_symmetry {
    unsigned count;
    uint8_t swap[CANON_MAX_SWAPS][2];
};

struct canon_digest {
    uint64_t w[2];
};

/* A thread whose next PC is `repeat_pc` is about to execute its call again. */
struct canon_digest canon_digest(const struct cpu *cpu, const struct canon_symmetry *symmetry,
                                 uint64_t repeat_pc);
