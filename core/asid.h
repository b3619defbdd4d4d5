/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Address space identifiers (abi/vspace.md §2): 128 pools of 512; ASID 0 is never used.
 */
#pragma once
#include "kernel.h"

static inline struct asid_pool *asid_pool_at(struct paddr pa)
{
    return hal_window(pa);
}
/* Level-0 table that the ASID translates through now, 0 = none. */
struct paddr asid_root(const struct kernel *kernel, uint16_t asid);
/* The VSpace cap is being finalised: its ASID becomes free, if it still names this VSpace. */
void asid_release(struct cpu *cpu, struct cap vspace);
/* The pool is being finalised: every VSpace in it loses its translation. */
void asid_pool_release(struct cpu *cpu, struct cap pool);
/* Registers `pool` (zero-filled) in place `index`. */
void asid_pool_register(struct kernel *kernel, unsigned index, struct paddr pool);
/* EL0 will run in this space (vspace_space(); 0 = the empty one). */
static inline __attribute__((always_inline)) void asid_switch(struct cpu *cpu, uint64_t space)
{
    cpu->space = space;
    hal_space_switch(paddr(space % (1ull << 48)), (uint16_t)(space >> 48));
}
/* EL0 will run in the thread's address space; NULL or no valid VSpace = the empty one. */
void asid_activate(struct cpu *cpu, const struct tcb *tcb);
