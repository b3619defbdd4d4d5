/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Non-interference (partition.h). Which bits of memory are the resting partition's state is the
 * same for all cases, and found once, in the start state; then a trap must not change any of them.
 */
#include "partition.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"
#include "memory.h"
#include "view.h"
#include "world.h"

enum {
    MAX_THREADS = 8
};

static struct {
    bool known;
    uint64_t mask[WORLD_RAM_BYTES / 8]; /* its bits */
    uint64_t tcb[MAX_THREADS];
    unsigned threads;
    struct view_nodes cspace;
    char sentence[128];
} p;

/* ---- what belongs to it ---- */

static void set_bytes(uint64_t pa, uint64_t bytes, uint8_t value)
{
    if (memory_has(pa, bytes))
        memset((uint8_t *)p.mask + (pa - MEMORY_START), value, bytes);
}

#define OWN(pa, bytes)    set_bytes(pa, bytes, 0xff)
#define SHARED(pa, bytes) set_bytes(pa, bytes, 0)
#define SHARED_FIELD(tcb, field)                                                                   \
    SHARED((tcb) + __builtin_offsetof(struct tcb, field), sizeof((struct tcb *)0)->field)

/* Caps are its state; how the derivation list goes on is not. */
static void own_slots(uint64_t pa, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        OWN(pa + i * sizeof(struct slot), sizeof(struct cap));
        SHARED(pa + i * sizeof(struct slot) + sizeof(struct cap),
               sizeof(struct slot) - sizeof(struct cap));
    }
}

/* A running thread's restart address follows its PC at each interrupt. */
static void own_thread(uint64_t tcb)
{
    p.tcb[p.threads++ % MAX_THREADS] = tcb;
    OWN(tcb, 1ull << TCB_BITS);
    SHARED_FIELD(tcb, slice);
    SHARED_FIELD(tcb, queued);
    SHARED_FIELD(tcb, ready_next);
    SHARED_FIELD(tcb, ready_prev);
    SHARED_FIELD(tcb, utilisation);
    if (thread_is_runnable(tcb_at(tcb)))
        SHARED_FIELD(tcb, context.reg[REG_PC]);
    own_slots(view_tcb_slot(tcb, TCB_CSPACE), TCB_SLOT_COUNT);
}

static void own_object(const struct kernel *kernel, struct cap cap)
{
    switch (cap_type(cap)) {
    case CAP_CNODE: own_slots(cap_object(cap), 1ull << cnode_radix(cap)); break;
    case CAP_TCB:
        for (unsigned i = 0; i < p.threads; i++)
            if (p.tcb[i] == cap.w[1])
                return;
        own_thread(cap.w[1]);
        break;
    case CAP_IRQ_HANDLER: {
        const struct irq_entry *entry = &kernel->irqs[irq_handler_irq(cap)];
        OWN(pa_of(entry), sizeof *entry);
        SHARED(pa_of(&entry->slot) + sizeof(struct cap), sizeof(struct slot) - sizeof(struct cap));
        break;
    }
    case CAP_ASID_POOL:
        OWN(pa_of(&kernel->asid_pools[asid_pool_index(cap)]), sizeof(uint64_t));
        OWN(cap_object(cap), 1ull << ASID_POOL_BITS);
        break;
    default:
        if (cap_object_bits(cap) != 0)
            OWN(cap_object(cap), 1ull << cap_object_bits(cap));
    }
}

static void find_state(const struct cpu *cpu)
{
    struct view v = view_now();
    struct cap root = slots_at(world_root_cnode())[WORLD_PARKED_SECOND].cap;
    p.known = true;
    view_cspace(&v, root, &p.cspace);
    for (unsigned i = 0; i < p.cspace.count; i++)
        for (uint64_t j = 0; j < p.cspace.node[i].count; j++)
            own_object(cpu->kernel, view_cap(&v, p.cspace.node[i].pa + j * sizeof(struct slot)));
}

void partition_begin(const struct cpu *cpu)
{
    if (world_now() == WORLD_PARTITIONS && !p.known)
        find_state(cpu);
}

bool partition_rests(const struct cpu *cpu)
{
    if (world_now() != WORLD_PARTITIONS || !cpu->current)
        return false;
    for (unsigned i = 0; i < p.threads; i++)
        if (p.tcb[i] == pa_of(cpu->current))
            return true;
    return false;
}

bool partition_owns_irq(uint32_t irq)
{
    return world_now() == WORLD_PARTITIONS && irq == WORLD_SECOND_IRQ;
}

/* ---- the check ---- */

__attribute__((no_sanitize("address"))) static const char *judge_page(unsigned page)
{
    uint64_t pa = MEMORY_START + (uint64_t)page * MEMORY_PAGE_BYTES;
    const uint64_t *now = memory_now(pa);
    const uint64_t *was = memory_before(pa);
    const uint64_t *mask = &p.mask[page * MEMORY_PAGE_WORDS];
    for (unsigned i = 0; i < MEMORY_PAGE_WORDS; i++)
        if (mask[i] != 0 && ((now[i] ^ was[i]) & mask[i]) != 0) {
            snprintf(p.sentence, sizeof p.sentence,
                     "interference: the resting partition's word at 0x%" PRIx64 " became 0x%" PRIx64
                     ", expected 0x%" PRIx64,
                     pa + i * 8, now[i], was[i]);
            return p.sentence;
        }
    return NULL;
}

static bool irq_bit(const struct irq_set *set)
{
    return (set->w[WORLD_SECOND_IRQ / 64] >> WORLD_SECOND_IRQ % 64 & 1) != 0;
}

const char *partition_check(const struct cpu *cpu)
{
    const char *why = NULL;
    (void)cpu;
    if (world_now() != WORLD_PARTITIONS)
        return NULL;
    for (unsigned i = 0; i < memory_changed_count() && !why; i++)
        why = judge_page(memory_changed_page(i));
    if (!why && (!irq_bit(&machine.model.irq.enabled) || irq_bit(&machine.model.irq.held) ||
                 irq_bit(&machine.model.irq.active)))
        why = "interference: the resting partition's interrupt is no longer ready";
    return why;
}
