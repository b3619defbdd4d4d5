/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The digest of the abstract state. The walk is breadth first from current thread, ready queues and
 * interrupts, so equal states are walked in the same order wherever they lie.
 */
#include "digest.h"

#include "asid.h"
#include "pte.h"
#include "thread.h"
#include "wait.h"

enum {
    MAX_CONTAINERS = 512,
    /* A container in one word: physical address, radix above it. */
    RADIX_SHIFT = 48,
    RADIX_OF_TCB = 63,
};

struct digest {
    const struct cpu *cpu;
    uint64_t value;
    unsigned count;
    uint64_t container[MAX_CONTAINERS]; /* CNodes and TCBs found; a queue and a set */
};

static void add(struct digest *d, uint64_t word)
{
    d->value = digest_add(d->value, word);
}

static uint64_t object_word(const void *object)
{
    return object ? pa_of(object) : 0;
}

/* The interrupts' slots lie in the kernel, whose place is the machine's: they go by number. */
static uint64_t slot_word(const struct digest *d, const struct slot *slot)
{
    const struct kernel *kernel = d->cpu->kernel;
    const struct irq_entry *entry = (const struct irq_entry *)slot;
    if (entry >= kernel->irqs && entry <= kernel->irqs + kernel->max_irq)
        return ~(uint64_t)(entry - kernel->irqs);
    return object_word(slot);
}

/* ---- finding ---- */

static void find(struct digest *d, uint64_t pa, unsigned radix)
{
    uint64_t container = pa | (uint64_t)radix << RADIX_SHIFT;
    for (unsigned i = 0; i < d->count; i++)
        if (d->container[i] == container)
            return;
    if (d->count < MAX_CONTAINERS)
        d->container[d->count++] = container;
}

static void find_thread(struct digest *d, const struct tcb *tcb)
{
    if (tcb)
        find(d, pa_of(tcb), RADIX_OF_TCB);
}

static void find_in(struct digest *d, struct cap cap)
{
    switch (cap_type(cap)) {
    case CAP_CNODE: find(d, cap_object(cap), cnode_radix(cap)); break;
    case CAP_TCB: find(d, cap_object(cap), RADIX_OF_TCB); break;
    case CAP_REPLY: find_thread(d, tcb_of(cap)); break;
    case CAP_ZOMBIE:
        find(d, cap_object(cap), zombie_is_tcb(cap) ? RADIX_OF_TCB : cnode_radix(cap));
        break;
    default: break;
    }
}

/* ---- adding ---- */

static void add_queue(struct digest *d, const struct wait_queue *queue)
{
    add(d, wait_state(queue));
    add(d, object_word(queue->head));
    add(d, object_word(wait_tail(queue)));
}

static void add_object(struct digest *d, struct cap cap)
{
    if (cap_type(cap) == CAP_ENDPOINT) {
        add_queue(d, &endpoint_of(cap)->queue);
    } else if (cap_type(cap) == CAP_NOTIFICATION) {
        const struct notification *notification = notification_of(cap);
        add_queue(d, &notification->queue);
        add(d, notification->word);
        add(d, object_word(notification->bound));
    }
}

static void add_slot(struct digest *d, uint64_t index, const struct slot *slot)
{
    if (cap_is_null(slot->cap))
        return;
    add(d, index);
    add(d, slot->cap.w[0]);
    add(d, slot->cap.w[1]);
    add(d, slot_word(d, slot->prev));
    add(d, slot_word(d, slot_next(slot)));
    add(d, slot_flags(slot));
    add_object(d, slot->cap);
    find_in(d, slot->cap);
}

static void add_blocking(struct digest *d, const struct tcb *tcb)
{
    add(d, tcb->state);
    add(d, (uint64_t)tcb->queued << 4 | (uint64_t)tcb->fp_live << 3 |
               (uint64_t)tcb->blocked_grant << 2 | (uint64_t)tcb->blocked_grant_reply << 1 |
               tcb->blocked_is_call);
    add(d, tcb->blocked_badge);
    add(d, tcb->blocked_on.raw);
    add(d, object_word(tcb->wait_next));
    add(d, object_word(tcb->wait_prev));
    add(d, object_word(tcb->ready_next));
    add(d, object_word(tcb->ready_prev));
    add(d, object_word(tcb->bound));
    add(d, tcb->cancel != NULL);
}

static void add_fault(struct digest *d, const struct fault *fault)
{
    add(d, fault->label);
    add(d, (uint64_t)fault->in_receive << 1 | fault->is_instruction);
    add(d, fault->esr);
    add(d, fault->word);
    add(d, fault->lookup.type);
    add(d, fault->lookup.bits_left);
    add(d, fault->lookup.guard_found);
    add(d, fault->lookup.bits_found);
}

static void add_words(struct digest *d, const void *from, size_t bytes)
{
    const uint64_t *word = from;
    for (size_t i = 0; i < bytes / sizeof *word; i++)
        add(d, word[i]);
}

static void add_thread(struct digest *d, const struct tcb *tcb)
{
    const struct ipc_buffer *buffer = thread_buffer(tcb, false);
    add_words(d, &tcb->context, sizeof tcb->context);
    add(d, (uint64_t)tcb->priority << 24 | (uint64_t)tcb->mcp << 16 | (uint64_t)tcb->domain << 8 |
               tcb->flags);
    add(d, tcb->slice);
    add_blocking(d, tcb);
    add(d, tcb->fault_handler);
    add(d, tcb->ipc_buffer);
    add(d, tcb->progress_start.raw);
    add(d, tcb->progress_bytes);
    add_fault(d, &tcb->fault);
    if (tcb != d->cpu->fp_owner)
        add_words(d, &tcb->fp, sizeof tcb->fp);
    if (buffer)
        add_words(d, buffer, sizeof *buffer);
}

static void add_container(struct digest *d, uint64_t container)
{
    unsigned radix = (unsigned)(container >> RADIX_SHIFT);
    uint64_t pa = container % (1ull << RADIX_SHIFT);
    const struct slot *slots = slots_at(pa);
    uint64_t count = 1ull << radix % RADIX_OF_TCB;
    add(d, container);
    if (radix == RADIX_OF_TCB) {
        add_thread(d, tcb_at(pa));
        slots = tcb_at(pa)->slots;
        count = TCB_SLOT_COUNT;
    }
    for (uint64_t i = 0; i < count; i++)
        add_slot(d, i, &slots[i]);
}

static void add_ready(struct digest *d, uint64_t domain)
{
    const struct ready *ready = &d->cpu->kernel->ready[domain];
    for (unsigned priority = 0; priority < PRIORITY_COUNT; priority++) {
        const struct ready_queue *queue = &ready->queue[priority];
        if (!queue->head)
            continue;
        add(d, domain << 8 | priority);
        for (const struct tcb *tcb = queue->head; tcb; tcb = tcb->ready_next) {
            add(d, pa_of(tcb));
            find_thread(d, tcb);
        }
    }
}

static void add_scheduler(struct digest *d)
{
    const struct kernel *kernel = d->cpu->kernel;
    add(d, object_word(d->cpu->current));
    add(d, object_word(d->cpu->fp_owner));
    add(d, d->cpu->space);
    find_thread(d, d->cpu->current);
    add(d, object_word(kernel->cancel.endpoint));
    add(d, kernel->cancel.badge);
    add(d, object_word(kernel->cancel.next));
    add(d, object_word(kernel->cancel.last));
    for (uint32_t i = 0; i < kernel->domain_count; i++)
        add_ready(d, i);
    add(d, kernel->current_domain);
    add(d, kernel->schedule_index);
    add(d, kernel->schedule_start);
    for (uint32_t i = 0; i < kernel->schedule_count; i++) {
        add(d, kernel->schedule[i].domain);
        add(d, kernel->schedule[i].duration);
    }
}

static void add_interrupts(struct digest *d)
{
    const struct kernel *kernel = d->cpu->kernel;
    for (uint32_t irq = 0; irq <= kernel->max_irq; irq++) {
        if (kernel->irqs[irq].state == IRQ_INACTIVE)
            continue;
        add(d, (uint64_t)irq << 8 | kernel->irqs[irq].state);
        add_slot(d, irq, &kernel->irqs[irq].slot);
    }
}

/* Every valid descriptor below a level-0 table. */
static void add_tables(struct digest *d, uint64_t root)
{
    const uint64_t *table[PTE_LEVELS] = {hal_window(paddr(root))};
    unsigned index[PTE_LEVELS] = {0};
    unsigned level = 0;
    for (;;) {
        if (index[level] == PTE_ENTRIES) {
            if (level == 0)
                return;
            level--;
            continue;
        }
        uint64_t pte = hal_pte_load(&table[level][index[level]++]);
        if (pte_kind(pte, level) == PTE_INVALID)
            continue;
        add(d, (uint64_t)level << 16 | index[level]);
        add(d, pte);
        if (pte_kind(pte, level) == PTE_TABLE) {
            level++;
            table[level] = hal_window(paddr(pte_address(pte)));
            index[level] = 0;
        }
    }
}

static void add_spaces(struct digest *d)
{
    for (unsigned i = 0; i < ASID_POOL_COUNT; i++) {
        struct paddr pa = d->cpu->kernel->asid_pools[i];
        if (pa.raw == 0)
            continue;
        const struct asid_pool *pool = hal_window(pa);
        add(d, (uint64_t)i << 48 | pa.raw);
        for (unsigned j = 0; j < ASIDS_PER_POOL; j++) {
            if (pool->root[j] == 0)
                continue;
            add(d, (uint64_t)j << 48 | pool->root[j]);
            add_tables(d, pool->root[j]);
        }
    }
}

uint64_t digest_state(const struct cpu *cpu)
{
    static struct digest digest; /* scratch, too large for a kernel stack */
    struct digest *d = &digest;
    d->cpu = cpu;
    d->value = 0;
    d->count = 0;
    add_scheduler(d);
    add_interrupts(d);
    add_spaces(d);
    for (unsigned i = 0; i < d->count; i++)
        add_container(d, d->container[i]);
    return d->value;
}
