/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Filling the model from the kernel's state (model_mirror.h).
 */
#include "model_mirror.h"

#include "internal.h"
#include "pte.h"
#include "wait.h"

enum {
    LAST_SGI_TARGET_V2 = 7
};

struct filling {
    struct model *m;
    const struct cpu *cpu;
    bool seen[M_SLOTS];
    const struct slot *work[M_SLOTS]; /* to look at */
    unsigned count;
};

/* ---- views ---- */

struct m_cap mirror_cap(struct cap cap)
{
    struct m_cap out = {.type = (uint8_t)cap_type(cap), .object = cap_object(cap)};
    switch (cap_type(cap)) {
    case CAP_UNTYPED:
        out.bits = (uint8_t)untyped_bits(cap);
        out.device = untyped_is_device(cap);
        out.data = untyped_watermark(cap);
        break;
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION:
        out.rights = (uint8_t)ipc_rights(cap);
        out.data = ipc_badge(cap);
        break;
    case CAP_REPLY:
        out.object = cap.w[1];
        out.rights = reply_can_grant(cap) ? RIGHT_GRANT : 0;
        break;
    case CAP_CNODE:
        out.bits = (uint8_t)cnode_radix(cap);
        out.guard_size = (uint8_t)cnode_guard_size(cap);
        out.data = cnode_guard(cap);
        break;
    case CAP_ZOMBIE:
        out.bits = zombie_is_tcb(cap) ? 0 : (uint8_t)cnode_radix(cap);
        out.data = zombie_remaining(cap);
        break;
    case CAP_FRAME:
        out.object = cap.w[1];
        out.bits = (uint8_t)frame_bits(cap);
        out.rights = (uint8_t)frame_rights(cap);
        out.device = frame_is_device(cap);
        out.data = mapping_vaddr(cap);
        out.asid = mapping_asid(cap);
        break;
    case CAP_PAGE_TABLE:
        out.data = mapping_vaddr(cap);
        out.asid = mapping_asid(cap);
        break;
    case CAP_VSPACE: out.asid = mapping_asid(cap); break;
    case CAP_ASID_POOL: out.data = asid_pool_index(cap); break;
    case CAP_IRQ_HANDLER: out.object = irq_handler_irq(cap); break;
    case CAP_SGI_SIGNAL:
        out.object = sgi_number(cap);
        out.data = sgi_target(cap);
        break;
    case CAP_SMC: out.data = cap.w[1]; break;
    default: break;
    }
    return out;
}

static const struct irq_entry *irq_of(const struct cpu *cpu, const struct slot *slot)
{
    const struct irq_entry *first = cpu->kernel->irqs, *entry = (const struct irq_entry *)slot;
    return entry >= first && entry <= first + cpu->kernel->max_irq ? entry : NULL;
}

uint16_t mirror_slot(const struct cpu *cpu, const struct slot *slot)
{
    const struct irq_entry *irq = irq_of(cpu, slot);
    if (!slot)
        return 0;
    if (irq)
        return m_irq_slot((uint64_t)(irq - cpu->kernel->irqs));
    return (uint16_t)((pa_of(slot) - cpu->kernel->ram[0].start) >> SLOT_BITS);
}

const struct slot *mirror_kernel_slot(const struct model *m, const struct cpu *cpu, uint16_t slot)
{
    uint64_t at = m->config.ram + ((uint64_t)slot << SLOT_BITS);
    if (slot >= M_RAM_SLOTS)
        return &cpu->kernel->irqs[slot - M_RAM_SLOTS].slot;
    return slots_at(at);
}

uint64_t mirror_entry(uint64_t pte, unsigned level)
{
    uint64_t address = pte_address(pte);
    switch (pte_kind(pte, level)) {
    case PTE_INVALID: return 0;
    case PTE_TABLE: return address | M_ENTRY_TABLE;
    default: break;
    }
    uint64_t out = address | M_ENTRY_FRAME;
    if (pte_access(pte) != PTE_KERNEL_ONLY)
        out |= M_ENTRY_READ;
    if (pte_access(pte) == PTE_USER_RW)
        out |= M_ENTRY_WRITE;
    if (pte >> 54 & 1)
        out |= M_ENTRY_NO_EXECUTE;
    if ((pte >> 2 & 7) == PTE_ATTR_NORMAL)
        out |= M_ENTRY_CACHED;
    return out;
}

/* ---- threads and queues ---- */

static uint8_t state_of(const struct tcb *tcb)
{
    static const uint8_t states[] = {
        [THREAD_INACTIVE] = M_INACTIVE,
        [THREAD_RUNNING] = M_RUNNING,
        [THREAD_RESTART] = M_RESTART,
        [THREAD_BLOCKED_RECEIVE] = M_BLOCKED_RECEIVE,
        [THREAD_BLOCKED_SEND] = M_BLOCKED_SEND,
        [THREAD_BLOCKED_REPLY] = M_BLOCKED_REPLY,
        [THREAD_BLOCKED_NOTIFICATION] = M_BLOCKED_NOTIFICATION,
    };
    return states[tcb->state];
}

static struct m_fault fault_of(const struct tcb *tcb)
{
    const struct fault *f = &tcb->fault;
    struct m_fault out = {.label = (uint8_t)f->label};
    switch (f->label) {
    case FAULT_CAP:
        out.flag = f->in_receive != 0;
        out.address = f->word;
        out.failure = (struct m_failure){.type = (uint8_t)f->lookup.type,
                                         .bits_left = (uint8_t)f->lookup.bits_left,
                                         .bits_found = (uint8_t)f->lookup.bits_found,
                                         .guard = f->lookup.guard_found};
        break;
    case FAULT_UNKNOWN_SYSCALL: out.number = f->word; break;
    case FAULT_USER_EXCEPTION: out.esr = f->esr; break;
    case FAULT_VM:
        out.flag = f->is_instruction != 0;
        out.address = f->word;
        out.esr = f->esr;
        break;
    default: break;
    }
    return out;
}

/* What the thread sees, or will see, in the FP/SIMD registers. */
static uint64_t fp_of(const struct cpu *cpu, const struct tcb *tcb)
{
    bool seen = tcb == cpu->current && machine.model.fpu;
    const uint64_t *word =
        (const uint64_t *)(seen || cpu->fp_owner == tcb ? &machine.model.fp : &tcb->fp);
    uint64_t sum = 0;
    for (unsigned i = 0; i < sizeof tcb->fp / sizeof *word; i++)
        sum += word[i] * (0x9e3779b97f4a7c15ull * (2 * i + 1));
    return sum;
}

void mirror_thread(struct m_thread *t, const struct cpu *cpu, const struct tcb *tcb)
{
    *t = (struct m_thread){.addr = pa_of(tcb),
                           .next_pc = tcb->context.next_pc,
                           .handler = tcb->fault_handler,
                           .buffer = tcb->ipc_buffer,
                           .notification = tcb->bound ? pa_of(tcb->bound) : 0,
                           .fp = fp_of(cpu, tcb),
                           .fault = fault_of(tcb),
                           .state = state_of(tcb),
                           .queued = tcb->queued,
                           .priority = tcb->priority,
                           .mcp = tcb->mcp,
                           .domain = tcb->domain,
                           .slice = (uint8_t)tcb->slice,
                           .flags = tcb->flags};
    __builtin_memcpy(t->reg, tcb->context.reg, sizeof t->reg);
    if (t->state >= M_BLOCKED_SEND && t->state <= M_BLOCKED_NOTIFICATION)
        t->blocked_on = tcb->blocked_on.raw;
    if (t->state != M_BLOCKED_SEND && t->state != M_BLOCKED_RECEIVE)
        return;
    t->rights = tcb->blocked_grant ? RIGHT_GRANT : 0;
    if (t->state == M_BLOCKED_RECEIVE)
        return;
    t->rights |= tcb->blocked_grant_reply ? RIGHT_GRANT_REPLY : 0;
    t->badge = tcb->blocked_badge;
    t->is_call = tcb->blocked_is_call;
}

static uint8_t known_thread(struct model *m, uint64_t addr)
{
    unsigned i = 1;
    while (i < m->s.threads && m->s.thread[i].addr != addr)
        i++;
    return i < m->s.threads ? (uint8_t)i : 0;
}

static void fill_thread(struct model *m, const struct cpu *cpu, uint64_t addr)
{
    if (known_thread(m, addr))
        return;
    if (m->s.threads == M_THREADS) {
        m->s.gave_up = true;
        return;
    }
    mirror_thread(&m->s.thread[m->s.threads++], cpu, tcb_at(addr));
}

static void fill_waiting(struct model *m, const struct cpu *cpu, const struct wait_queue *queue)
{
    for (const struct tcb *t = queue->head; t; t = t->wait_next) {
        fill_thread(m, cpu, pa_of(t));
        m->s.waiting.thread[m->s.waiting.count++] = known_thread(m, pa_of(t));
    }
}

static bool is_waiting_filled(const struct model *m, const struct wait_queue *queue)
{
    for (unsigned i = 0; i < m->s.waiting.count; i++)
        if (m->s.thread[m->s.waiting.thread[i]].addr == pa_of(queue->head))
            return true;
    return false;
}

static void fill_queue(struct model *m, const struct cpu *cpu, const struct wait_queue *queue)
{
    if (queue->head && !is_waiting_filled(m, queue))
        fill_waiting(m, cpu, queue);
}

static void fill_notification(struct model *m, const struct cpu *cpu, uint64_t addr)
{
    const struct notification *n = hal_window(paddr(addr));
    bool active = wait_state(&n->queue) == NOTIFICATION_ACTIVE;
    fill_queue(m, cpu, &n->queue);
    if (!active && !n->bound)
        return;
    struct m_notification *out = m_notification_of(m, addr, true);
    out->active = active;
    out->word = active ? n->word : 0;
    out->bound = n->bound ? pa_of(n->bound) : 0;
}

static void fill_ready(struct model *m, const struct kernel *kernel)
{
    for (unsigned d = 0; d < kernel->domain_count; d++) {
        struct m_queue *q = &m->s.ready[d];
        for (int p = PRIORITY_COUNT - 1; p >= 0; p--)
            for (const struct tcb *t = kernel->ready[d].queue[p].head; t; t = t->ready_next)
                q->thread[q->count++] = known_thread(m, pa_of(t));
    }
}

/* ---- memory ---- */

static void fill_words(struct model *m, uint64_t addr)
{
    __builtin_memcpy(m_word(m, addr), hal_window(paddr(addr)), 1 << PAGE_BITS);
}

static void fill_table(struct model *m, uint64_t addr, unsigned level)
{
    const uint64_t *entry = hal_window(paddr(addr));
    for (unsigned i = 0; i < PTE_ENTRIES; i++) {
        uint64_t word = mirror_entry(entry[i], level);
        m_word(m, addr)[i] = word;
        if (word & M_ENTRY_TABLE)
            fill_table(m, word & ~(uint64_t)M_ENTRY_BITS, level + 1);
    }
}

/* A table's level is where it is mapped; one that is not mapped is empty or its contents do not
 * matter before it is zeroed; VSpaces fill what lies below them. */
static void fill_object(struct model *m, const struct cpu *cpu, const struct m_cap *cap)
{
    switch (cap->type) {
    case CAP_TCB: fill_thread(m, cpu, cap->object); break;
    case CAP_CNODE: m_add_node(m, cap->object, cap->bits); break;
    case CAP_ENDPOINT:
        fill_queue(m, cpu, &((const struct endpoint *)hal_window(paddr(cap->object)))->queue);
        break;
    case CAP_NOTIFICATION: fill_notification(m, cpu, cap->object); break;
    case CAP_VSPACE: fill_table(m, cap->object, 0); break;
    case CAP_ASID_POOL: fill_words(m, cap->object); break;
    case CAP_FRAME:
        if (!cap->device)
            fill_words(m, cap->object);
        break;
    case CAP_ZOMBIE:
        if (cap->bits)
            m_add_node(m, cap->object, cap->bits);
        else
            fill_thread(m, cpu, cap->object);
        break;
    default: break;
    }
}

/* ---- slots ---- */

static void find(struct filling *f, const struct slot *slot)
{
    uint16_t id = mirror_slot(f->cpu, slot);
    if (!slot || f->seen[id])
        return;
    f->seen[id] = true;
    f->work[f->count++] = slot;
}

static void find_inside(struct filling *f, struct cap cap)
{
    struct m_cap view = mirror_cap(cap);
    uint64_t count = 0;
    switch (view.type) {
    case CAP_CNODE: count = 1ull << view.bits; break;
    case CAP_TCB: count = TCB_SLOT_COUNT; break;
    case CAP_ZOMBIE: count = view.bits ? 1ull << view.bits : TCB_SLOT_COUNT; break;
    default: return;
    }
    const struct slot *slot = view.type == CAP_TCB || (view.type == CAP_ZOMBIE && !view.bits)
                                  ? tcb_at(view.object)->slots
                                  : slots_at(view.object);
    for (uint64_t i = 0; i < count; i++)
        find(f, &slot[i]);
}

static bool is_master(struct cap cap)
{
    return cap_type(cap) == CAP_REPLY && reply_is_master(cap);
}

static void fill_slot(struct filling *f, const struct slot *slot)
{
    struct m_slot *out = &f->m->slot[mirror_slot(f->cpu, slot)];
    if (cap_is_null(slot->cap))
        return;
    find(f, slot->prev);
    find(f, slot_next(slot));
    find_inside(f, slot->cap);
    if (is_master(slot->cap))
        return;
    out->cap = mirror_cap(slot->cap);
    out->cap.revocable = slot_flags(slot) & SLOT_REVOCABLE;
    out->cap.first_badged = (slot_flags(slot) & SLOT_FIRST_BADGED) != 0;
    fill_object(f->m, f->cpu, &out->cap);
}

static void fill_replies(struct filling *f)
{
    for (unsigned i = 0; i < f->count; i++) {
        uint16_t id = mirror_slot(f->cpu, f->work[i]);
        const struct m_cap *cap = &f->m->slot[id].cap;
        if (cap->type == CAP_REPLY)
            f->m->s.thread[known_thread(f->m, cap->object)].reply_slot = id;
    }
}

static void fill_lists(struct filling *f)
{
    static uint16_t list[M_SLOTS];
    for (unsigned i = 0; i < f->count; i++) {
        const struct slot *slot = f->work[i];
        unsigned n = 0;
        if (cap_is_null(slot->cap) || slot->prev || cap_type(slot->cap) == CAP_REPLY)
            continue;
        for (; slot; slot = slot_next(slot))
            list[n++] = mirror_slot(f->cpu, slot);
        m_build_list(f->m, list, n);
    }
}

/* ---- the rest ---- */

static void fill_config(struct m_config *config, const struct kernel *k)
{
    *config = (struct m_config){.ram = k->ram[0].start,
                                .thread_slots = offsetof(struct tcb, slots) >> SLOT_BITS,
                                .max_irq = k->max_irq,
                                .timer_irq = k->timer_irq,
                                .domains = k->domain_count,
                                .schedules = k->schedule_count,
                                .slice = (uint8_t)k->slice_ticks,
                                .debug_calls = k->debug_calls,
                                .benchmark_calls = k->benchmark_calls,
                                .sgi_targets = k->gic == GIC_V2 ? LAST_SGI_TARGET_V2 : UINT32_MAX,
                                .initial_spsr = k->initial_spsr};
}

static void fill_small(struct model *m, const struct kernel *k)
{
    m->s.domain = (uint8_t)k->current_domain;
    m->s.domain_time = k->domain_time;
    m->s.domain_index = k->schedule_index;
    m->s.domain_start = k->schedule_start;
    for (unsigned i = 0; i < k->schedule_count && i < M_SCHEDULE; i++)
        m->s.schedule[i] =
            (struct m_schedule_entry){k->schedule[i].domain, k->schedule[i].duration};
    for (unsigned i = 0; i < ASID_POOL_COUNT; i++)
        m->s.pools[i] = k->asid_pools[i].raw;
    for (unsigned i = 0; i <= k->max_irq; i++)
        m->s.irq_issued[i] = k->irqs[i].state == IRQ_SIGNAL;
}

void mirror_fill(struct model *m, const struct cpu *cpu, const struct slot *root, uint64_t slots)
{
    static struct filling f;
    f = (struct filling){.m = m, .cpu = cpu};
    m->s.threads = 1;
    fill_config(&m->config, cpu->kernel);
    fill_small(m, cpu->kernel);
    for (uint64_t i = 0; i < slots; i++)
        find(&f, &root[i]);
    for (unsigned i = 0; i <= cpu->kernel->max_irq; i++)
        find(&f, &cpu->kernel->irqs[i].slot);
    if (cpu->current)
        fill_thread(m, cpu, pa_of(cpu->current));
    for (unsigned i = 0; i < f.count; i++)
        fill_slot(&f, f.work[i]);
    fill_replies(&f);
    fill_lists(&f);
    fill_ready(m, cpu->kernel);
    m->s.current = cpu->current ? known_thread(m, pa_of(cpu->current)) : 0;
}
