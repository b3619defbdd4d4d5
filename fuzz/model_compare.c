/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Model against kernel (model_mirror.h): the first difference as one sentence with what the model
 * says and what the kernel has.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"
#include "model_mirror.h"
#include "pte.h"
#include "wait.h"

static char sentence[256];

__attribute__((format(printf, 3, 4))) static const char *differs(uint64_t model, uint64_t kernel,
                                                                 const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int used = vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    snprintf(sentence + used, sizeof sentence - (size_t)used,
             ": model 0x%" PRIx64 ", kernel 0x%" PRIx64, model, kernel);
    return sentence;
}

/* One number of the model against the kernel's. */
struct pair {
    const char *name;
    uint64_t model, kernel;
};

static const struct pair *first_pair(const struct pair *pairs, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (pairs[i].model != pairs[i].kernel)
            return &pairs[i];
    return NULL;
}

#define PAIR(field)                                                                                \
    {                                                                                              \
#field, a->field, b->field                                                                 \
    }
#define COUNT(pairs) (unsigned)(sizeof(pairs) / sizeof *(pairs))

/* ---- slots ---- */

static struct m_cap kernel_cap(const struct slot *slot)
{
    struct m_cap cap = mirror_cap(slot->cap);
    if (cap.type == CAP_REPLY && reply_is_master(slot->cap))
        return (struct m_cap){0};
    cap.revocable = slot_flags(slot) & SLOT_REVOCABLE;
    cap.first_badged = (slot_flags(slot) & SLOT_FIRST_BADGED) != 0;
    return cap;
}

/* All that slot_differs() compares, without making words of it. */
static bool slot_equals(const struct model *m, const struct cpu *cpu, uint16_t id,
                        const struct slot *slot, const struct m_cap *b)
{
    const struct m_cap *a = &m->slot[id].cap;
    if (a->type != b->type || a->object != b->object || a->data != b->data || a->asid != b->asid ||
        a->rights != b->rights || a->bits != b->bits || a->guard_size != b->guard_size ||
        a->device != b->device)
        return false;
    return a->type == CAP_NULL || a->type == CAP_REPLY ||
           (a->revocable == b->revocable && a->first_badged == b->first_badged &&
            m_list_next(m, id) == mirror_slot(cpu, slot_next(slot)));
}

static const char *slot_differs(const struct model *m, const struct cpu *cpu, uint16_t id,
                                const struct slot *slot)
{
    const struct m_cap view = kernel_cap(slot), *a = &m->slot[id].cap, *b = &view;
    if (slot_equals(m, cpu, id, slot, b))
        return NULL;
    bool listed = a->type != CAP_NULL && a->type != CAP_REPLY;
    const struct pair pairs[] = {
        PAIR(type),
        PAIR(object),
        PAIR(data),
        PAIR(asid),
        PAIR(rights),
        PAIR(bits),
        PAIR(guard_size),
        PAIR(device),
        {"revocable", listed && a->revocable, listed && b->revocable},
        {"firstBadged", listed && a->first_badged, listed && b->first_badged},
        {"next in the derivation list", listed ? m_list_next(m, id) : 0,
         listed ? mirror_slot(cpu, slot_next(slot)) : 0},
    };
    const struct pair *bad = first_pair(pairs, COUNT(pairs));
    return bad ? differs(bad->model, bad->kernel, "slot number %u (cap type %u), %s", id, a->type,
                         bad->name)
               : NULL;
}

/* Endpoint and notification themselves, by any cap to them. */
static const char *queue_differs(struct model *m, const struct m_cap *cap)
{
    const struct wait_queue *queue = hal_window(paddr(cap->object));
    const struct m_thread *first = NULL;
    for (unsigned i = 0; i < m->s.waiting.count && !first; i++)
        if (m->s.thread[m->s.waiting.thread[i]].blocked_on == cap->object)
            first = &m->s.thread[m->s.waiting.thread[i]];
    uint64_t head = queue->head ? pa_of(queue->head) : 0;
    if ((first ? first->addr : 0) != head)
        return differs(first ? first->addr : 0, head, "first thread waiting on 0x%" PRIx64,
                       cap->object);
    return NULL;
}

static const char *notification_differs(struct model *m, uint64_t addr)
{
    const struct notification *n = hal_window(paddr(addr));
    const struct m_notification *mine = m_notification_of(m, addr, false);
    bool active = wait_state(&n->queue) == NOTIFICATION_ACTIVE;
    const struct pair pairs[] = {
        {"active", mine && mine->active, active},
        {"word", mine && mine->active ? mine->word : 0, active ? n->word : 0},
        {"bound thread", mine ? mine->bound : 0, n->bound ? pa_of(n->bound) : 0},
    };
    const struct pair *bad = first_pair(pairs, COUNT(pairs));
    return bad ? differs(bad->model, bad->kernel, "notification 0x%" PRIx64 ", %s", addr, bad->name)
               : NULL;
}

static const char *object_differs(struct model *m, const struct m_cap *cap)
{
    const char *bad = NULL;
    if (cap->type == CAP_ENDPOINT || cap->type == CAP_NOTIFICATION)
        bad = queue_differs(m, cap);
    if (!bad && cap->type == CAP_NOTIFICATION)
        bad = notification_differs(m, cap->object);
    return bad;
}

static const char *slots_differ(struct model *m, const struct cpu *cpu, uint16_t first,
                                const struct slot *slot, uint64_t count)
{
    const char *bad = NULL;
    for (uint64_t i = 0; i < count && !bad; i++) {
        uint16_t id = (uint16_t)(first + i);
        if (m->slot[id].cap.type == CAP_NULL && cap_is_null(slot[i].cap))
            continue;
        bad = slot_differs(m, cpu, id, &slot[i]);
        if (!bad)
            bad = object_differs(m, &m->slot[id].cap);
    }
    return bad;
}

/* ---- threads ---- */

static const char *context_differs(const struct m_thread *a, const struct m_thread *b)
{
    bool equal = memcmp(a->reg, b->reg, sizeof a->reg) == 0;
    for (unsigned i = 0; i < REG_COUNT && !equal; i++)
        if (a->reg[i] != b->reg[i])
            return differs(a->reg[i], b->reg[i], "thread 0x%" PRIx64 ", register word %u", a->addr,
                           i);
    if (a->state == M_RUNNING && a->next_pc != b->next_pc)
        return differs(a->next_pc, b->next_pc, "thread 0x%" PRIx64 ", next pc", a->addr);
    return NULL;
}

static const char *fault_differs(const struct m_thread *t, const struct m_fault *a,
                                 const struct m_fault *b)
{
    const struct pair pairs[] = {
        PAIR(label),
        PAIR(flag),
        PAIR(esr),
        PAIR(address),
        PAIR(number),
        PAIR(failure.type),
        PAIR(failure.guard),
        PAIR(failure.bits_left),
        PAIR(failure.bits_found),
    };
    const struct pair *bad = first_pair(pairs, COUNT(pairs));
    return bad ? differs(bad->model, bad->kernel, "thread 0x%" PRIx64 ", recorded fault's %s",
                         t->addr, bad->name)
               : NULL;
}

/* What a blocked thread's cap allowed, as far as it matters. */
static uint64_t kept_rights(const struct m_thread *t)
{
    bool replied = (t->rights & (RIGHT_GRANT | RIGHT_GRANT_REPLY)) != 0;
    if (t->state == M_BLOCKED_SEND && t->is_call && replied)
        return (t->rights & RIGHT_GRANT) | RIGHT_GRANT_REPLY;
    return t->rights & RIGHT_GRANT;
}

static const char *thread_differs(const struct cpu *cpu, const struct m_thread *a)
{
    struct m_thread view, *b = &view;
    mirror_thread(&view, cpu, tcb_at(a->addr));
    bool blocked = a->state >= M_BLOCKED_SEND && a->state <= M_BLOCKED_NOTIFICATION;
    bool sends = a->state == M_BLOCKED_SEND;
    bool asks = sends || a->state == M_BLOCKED_RECEIVE;
    const struct pair pairs[] = {
        PAIR(state),
        PAIR(priority),
        PAIR(mcp),
        PAIR(domain),
        PAIR(slice),
        PAIR(flags),
        PAIR(queued),
        PAIR(handler),
        PAIR(notification),
        {"FP registers", a->fp, b->fp},
        {"buffer address", a->buffer, b->buffer},
        {"blocked on", blocked ? a->blocked_on : 0, b->blocked_on},
        {"kept rights", asks ? kept_rights(a) : 0, asks ? kept_rights(b) : 0},
        {"kept badge", sends ? a->badge : 0, b->badge},
        {"is a call", sends && a->is_call, b->is_call},
    };
    const struct pair *bad = first_pair(pairs, COUNT(pairs));
    if (bad)
        return differs(bad->model, bad->kernel, "thread 0x%" PRIx64 ", %s", a->addr, bad->name);
    const char *other = context_differs(a, b);
    if (!other)
        other = fault_differs(a, &a->fault, &b->fault);
    return other;
}

static const char *waiting_differs(const struct model *m)
{
    for (unsigned i = 0; i < m->s.waiting.count; i++) {
        const struct m_thread *t = &m->s.thread[m->s.waiting.thread[i]];
        uint64_t next = 0;
        for (unsigned j = i + 1; j < m->s.waiting.count && !next; j++)
            if (m->s.thread[m->s.waiting.thread[j]].blocked_on == t->blocked_on)
                next = m->s.thread[m->s.waiting.thread[j]].addr;
        const struct tcb *real = tcb_at(t->addr)->wait_next;
        if (next != (real ? pa_of(real) : 0))
            return differs(next, real ? pa_of(real) : 0, "thread waiting behind 0x%" PRIx64,
                           t->addr);
    }
    return NULL;
}

static const char *ready_differs(const struct model *m, const struct kernel *k)
{
    for (unsigned d = 0; d < k->domain_count; d++) {
        const struct ready *ready = &k->ready[d];
        const struct m_queue *q = &m->s.ready[d];
        unsigned at = 0;
        for (unsigned w = PRIORITY_COUNT / 64; w-- > 0;)
            for (uint64_t bits = ready->bitmap[w]; bits;) {
                unsigned bit = 63 - (unsigned)__builtin_clzll(bits);
                bits ^= 1ull << bit;
                const struct tcb *t = ready->queue[w * 64 + bit].head;
                for (; t; t = t->ready_next, at++) {
                    uint64_t mine = at < q->count ? m->s.thread[q->thread[at]].addr : 0;
                    if (mine != pa_of(t))
                        return differs(mine, pa_of(t), "ready thread %u of domain %u", at, d);
                }
            }
        if (at != q->count)
            return differs(q->count, at, "number of ready threads of domain %u", d);
    }
    return NULL;
}

static const char *threads_differ(struct model *m, const struct cpu *cpu)
{
    const char *bad = NULL;
    uint64_t mine = m_current(m)->addr, real = cpu->current ? pa_of(cpu->current) : 0;
    if ((m->s.current ? mine : 0) != real)
        return differs(m->s.current ? mine : 0, real, "thread that runs");
    for (unsigned i = 1; i < m->s.threads && !bad; i++) {
        const struct m_thread *t = &m->s.thread[i];
        if (!t->addr)
            continue;
        bad = thread_differs(cpu, t);
        if (!bad)
            bad = slots_differ(m, cpu, m_thread_slot(m, t, M_CSPACE), tcb_at(t->addr)->slots,
                               TCB_SLOT_COUNT);
    }
    if (!bad)
        bad = waiting_differs(m);
    return bad ? bad : ready_differs(m, cpu->kernel);
}

/* ---- domains, interrupts, ASIDs, the running space ---- */

static const char *domains_differ(const struct model *m, const struct kernel *k)
{
    const struct pair pairs[] = {
        {"domain", m->s.domain, k->current_domain},
        {"ticks left of the domain", m->s.domain_time, k->domain_time},
        {"index in the domain schedule", m->s.domain_index, k->schedule_index},
        {"start of the domain schedule", m->s.domain_start, k->schedule_start},
    };
    const struct pair *bad = first_pair(pairs, COUNT(pairs));
    if (bad)
        return differs(bad->model, bad->kernel, "%s", bad->name);
    for (unsigned i = 0; i < k->schedule_count; i++)
        if (m->s.schedule[i].domain != k->schedule[i].domain ||
            m->s.schedule[i].duration != k->schedule[i].duration)
            return differs(m->s.schedule[i].duration, k->schedule[i].duration,
                           "domain schedule, entry %u", i);
    return NULL;
}

/* Lines 0..15 of a GICv2 cannot be masked. */
static const char *irqs_differ(struct model *m, const struct cpu *cpu)
{
    const char *bad = NULL;
    for (unsigned i = 0; i <= cpu->kernel->max_irq && !bad; i++) {
        const struct irq_entry *entry = &cpu->kernel->irqs[i];
        const struct irq_model *gic = &machine.model.irq;
        bool issued = entry->state == IRQ_SIGNAL;
        bool masked = !((gic->enabled.w[i / 64] & ~gic->held.w[i / 64]) >> i % 64 & 1);
        if (m->s.irq_issued[i] != issued)
            return differs(m->s.irq_issued[i], issued, "interrupt %u, issued", i);
        if (i >= IRQ_SGIS && i != cpu->kernel->timer_irq && m->s.irq_masked[i] != masked)
            return differs(m->s.irq_masked[i], masked, "interrupt %u, masked", i);
        bad = slots_differ(m, cpu, m_irq_slot(i), &entry->slot, 1);
    }
    return bad;
}

static const char *space_differs(struct model *m)
{
    uint64_t mine = 0;
    if (m->s.current) {
        struct m_cap cap = m_cap_of(m, m_thread_slot(m, m_current(m), M_VSPACE));
        if (cap.type == CAP_VSPACE && m_space_of_asid(m, cap.asid) == cap.object)
            mine = cap.object;
    }
    if (mine != machine_space_root())
        return differs(mine, machine_space_root(), "address space that runs");
    return NULL;
}

static const char *pools_differ(const struct model *m, const struct kernel *k)
{
    for (unsigned i = 0; i < ASID_POOL_COUNT; i++)
        if (m->s.pools[i] != k->asid_pools[i].raw)
            return differs(m->s.pools[i], k->asid_pools[i].raw, "ASID pool %u", i);
    return NULL;
}

/* ---- memory ---- */

/* A page without user access is execute-never whatever the attributes say. */
static uint64_t comparable(uint64_t entry)
{
    bool shut = (entry & M_ENTRY_FRAME) && !(entry & M_ENTRY_READ);
    return shut ? entry | M_ENTRY_NO_EXECUTE : entry;
}

/* Whether it is an entry, and of which level, is told by the value itself where the model has set
 * it: a leaf's level by its kind. */
static bool word_equals(uint64_t model, uint64_t kernel)
{
    return model == kernel || comparable(model) == comparable(mirror_entry(kernel, 2)) ||
           comparable(model) == comparable(mirror_entry(kernel, 3));
}

static const char *words_differ(struct model *m, uint64_t addr, unsigned count, int level)
{
    const uint64_t *mine = m_word(m, addr), *real = hal_window(paddr(addr));
    if (level < 0 && memcmp(mine, real, count * sizeof *mine) == 0)
        return NULL;
    for (unsigned i = 0; i < count; i++) {
        if ((mine[i] | real[i]) == 0)
            continue;
        uint64_t kernel = level < 0 ? real[i] : mirror_entry(real[i], (unsigned)level);
        if (mine[i] != kernel && (level < 0 || comparable(mine[i]) != comparable(kernel)))
            return differs(mine[i], kernel, "%s at 0x%" PRIx64, level < 0 ? "word" : "table entry",
                           addr + (uint64_t)i * 8);
    }
    return NULL;
}

static const char *table_differs(struct model *m, uint64_t addr, unsigned level)
{
    const char *bad = words_differ(m, addr, PTE_ENTRIES, (int)level);
    for (unsigned i = 0; i < PTE_ENTRIES && !bad && level < PTE_LEVELS - 1; i++) {
        uint64_t entry = m_word(m, addr)[i];
        if (entry & M_ENTRY_TABLE)
            bad = table_differs(m, entry & ~(uint64_t)M_ENTRY_BITS, level + 1);
    }
    return bad;
}

static const char *contents_differ(struct model *m, const struct m_cap *cap)
{
    switch (cap->type) {
    case CAP_FRAME:
        return cap->device ? NULL : words_differ(m, cap->object, 1 << (cap->bits - 3), -1);
    case CAP_ASID_POOL: return words_differ(m, cap->object, ASIDS_PER_POOL, -1);
    case CAP_VSPACE: return table_differs(m, cap->object, 0);
    default: return NULL;
    }
}

static const char *changes_differ(struct model *m)
{
    unsigned n = m->words_changed;
    for (unsigned i = 0; i < n && i < M_CHANGES; i++) {
        uint64_t addr = m->config.ram + 8ull * m->word_changed[i];
        uint64_t kernel = *(const uint64_t *)hal_window(paddr(addr));
        if (!word_equals(*m_word(m, addr), kernel))
            return differs(*m_word(m, addr), kernel, "word at 0x%" PRIx64, addr);
    }
    return NULL;
}

/* ---- both ---- */

static const char *small_differ(struct model *m, const struct cpu *cpu)
{
    const char *bad = threads_differ(m, cpu);
    if (!bad)
        bad = domains_differ(m, cpu->kernel);
    if (!bad)
        bad = irqs_differ(m, cpu);
    if (!bad)
        bad = pools_differ(m, cpu->kernel);
    return bad ? bad : space_differs(m);
}

static bool is_in_use(const struct model *m, uint16_t slot)
{
    if (slot >= M_RAM_SLOTS)
        return true;
    for (unsigned i = 0; i < m->s.nodes; i++)
        if ((unsigned)(slot - m_slot_at(m, m->s.node[i].addr)) < 1u << m->s.node[i].bits)
            return true;
    return false;
}

/* CNodes' slots that the trap touched; those of threads and interrupts are compared always. */
static const char *nodes_differ(struct model *m, const struct cpu *cpu)
{
    const char *bad = NULL;
    for (unsigned i = 0; i < m->slots_changed && !bad; i++) {
        uint16_t id = m->slot_changed[i];
        if (is_in_use(m, id))
            bad = slots_differ(m, cpu, id, mirror_kernel_slot(m, cpu, id), 1);
    }
    return bad;
}

const char *compare_changed(struct model *m, const struct cpu *cpu)
{
    const char *bad = NULL;
    if (m->slots_changed > M_CHANGES || m->words_changed > M_CHANGES)
        return compare_all(m, cpu);
    bad = nodes_differ(m, cpu);
    if (!bad)
        bad = small_differ(m, cpu);
    return bad ? bad : changes_differ(m);
}

static const char *node_differs(struct model *m, const struct cpu *cpu, const struct m_node *node)
{
    uint16_t first = m_slot_at(m, node->addr);
    const char *bad = slots_differ(m, cpu, first, slots_at(node->addr), 1ull << node->bits);
    for (unsigned i = 0; i < 1u << node->bits && !bad; i++)
        bad = contents_differ(m, &m->slot[first + i].cap);
    return bad;
}

const char *compare_all(struct model *m, const struct cpu *cpu)
{
    const char *bad = small_differ(m, cpu);
    for (unsigned i = 0; i < m->s.nodes && !bad; i++)
        bad = node_differs(m, cpu, &m->s.node[i]);
    return bad;
}
