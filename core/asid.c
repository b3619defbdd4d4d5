/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Address space identifiers (abi/vspace.md §2).
 */
#include "asid.h"

struct paddr asid_root(const struct kernel *kernel, uint16_t asid)
{
    struct paddr pool = kernel->asid_pools[asid / ASIDS_PER_POOL];
    if (asid == 0 || pool.raw == 0)
        return paddr(0);
    return paddr(asid_pool_at(pool)->root[asid % ASIDS_PER_POOL]);
}

/* The ASID stands for no VSpace any more. While its tables are the current ones a walk may cache
 * their entries again, so they go first. */
static void retire(struct cpu *cpu, uint16_t asid)
{
    if (cpu->space >> 48 == asid)
        asid_switch(cpu, 0);
    hal_tlb_invalidate_asid(asid);
}

void asid_release(struct cpu *cpu, struct cap vspace)
{
    uint16_t asid = mapping_asid(vspace);
    if (asid == 0 || asid_root(cpu->kernel, asid).raw != cap_object(vspace))
        return;
    struct paddr pool = cpu->kernel->asid_pools[asid / ASIDS_PER_POOL];
    asid_pool_at(pool)->root[asid % ASIDS_PER_POOL] = 0;
    retire(cpu, asid);
}

/* A VSpace that still has caps loses its ASID. The fast paths trust a thread's VSpace cap, so they
 * end here for good. */
static void forget(struct cpu *cpu, uint16_t asid)
{
    retire(cpu, asid);
    cpu->kernel->stale_asids = true;
    cpu->fast = false;
}

void asid_pool_release(struct cpu *cpu, struct cap cap)
{
    unsigned index = asid_pool_index(cap);
    const struct asid_pool *pool = asid_pool_at(paddr(cap_object(cap)));
    for (unsigned i = 0; i < ASIDS_PER_POOL; i++)
        if (pool->root[i] != 0)
            forget(cpu, (uint16_t)(index * ASIDS_PER_POOL + i));
    cpu->kernel->asid_pools[index] = paddr(0);
    cpu->work_units += cpu->kernel->work_limit; /* enough work for a look at interrupts */
}

void asid_pool_register(struct kernel *kernel, unsigned index, struct paddr pool)
{
    kernel->asid_pools[index] = pool;
}

void asid_activate(struct cpu *cpu, const struct tcb *tcb)
{
    uint64_t space = 0;
    if (tcb && cap_type(tcb->slots[TCB_VSPACE].cap) == CAP_VSPACE) {
        struct cap vspace = tcb->slots[TCB_VSPACE].cap;
        if (!cpu->kernel->stale_asids ||
            asid_root(cpu->kernel, mapping_asid(vspace)).raw == cap_object(vspace))
            space = vspace_space(vspace);
    }
    if (space != cpu->space)
        asid_switch(cpu, space);
}
