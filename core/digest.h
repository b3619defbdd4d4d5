/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A 64-bit digest of the abstract state: what two machines that were given the same calls must
 * agree on. It knows physical addresses only, so the place of the kernel does not matter. Not
 * cryptographic.
 */
#pragma once
#include "kernel.h"

/* Adds one word: multiplication by an odd constant, then the high half comes down to be mixed by
 * the next one. */
static inline uint64_t digest_add(uint64_t digest, uint64_t word)
{
    digest = (digest ^ word) * 0x9e3779b97f4a7c15ull;
    return digest ^ digest >> 32;
}

/* Everything that a cap, a ready queue or an interrupt leads to: caps with their place in the
 * derivation list, threads with registers and IPC buffers, wait and ready queues, interrupts,
 * ASIDs, translation tables, the schedule. Time and user memory are left out. Reads only. Beyond
 * 512 CNodes and threads the rest is left out, the same rest everywhere. */
uint64_t digest_state(const struct cpu *cpu);
