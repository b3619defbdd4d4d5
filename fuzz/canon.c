/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The digest (canon.h). Objects are numbered in the order in which a walk meets them that starts at
 * the initial CNode and depends on nothing but the abstract state; the numbers stand for addresses.
 */
#include "canon.h"

#include <string.h>

#include "internal.h"
#include "memory.h"
#include "pte.h"
#include "thread.h"
#include "wait.h"

enum {
    UNIT = 16, /* smallest object */
    UNITS = WORLD_RAM_BYTES / UNIT,
    MAX_NODES = 1024,
    MAX_LINKED = 8192,
    PLACES = 256,
    ROOT_SLOTS = 1 << WORLD_ROOT_RADIX,
};

/* Something with slots, met and not yet walked. */
struct node {
    uint64_t pa; /* of the first slot */
    uint64_t count;
    const struct tcb *tcb; /* NULL = a CNode */
};

static struct {
    const struct cpu *cpu;
    uint64_t repeat_pc;
    struct canon_digest digest;
    uint32_t epoch; /* marks what follows as this walk's */
    uint32_t next;
    struct {
        uint32_t epoch, number, walked;
    } unit[2][UNITS]; /* objects; Untypeds, which may share an address with their child */
    struct node node[MAX_NODES];
    unsigned nodes;
    const struct slot *linked[MAX_LINKED];
    unsigned linked_count;
    uint64_t root;         /* the initial CNode */
    uint8_t place[PLACES]; /* of its first slots */
} d;

static void add(uint64_t word)
{
    unsigned __int128 m = (unsigned __int128)(d.digest.w[0] ^ word) * 0x9e3779b97f4a7c15ull;
    d.digest.w[0] = (uint64_t)m ^ (uint64_t)(m >> 64);
    d.digest.w[1] = (d.digest.w[1] + word) * 0xc2b2ae3d27d4eb4full ^ d.digest.w[0];
}

/* Number of the object at `pa`. Beyond RAM there is only what boot made, so the address itself will
 * do. */
static uint64_t number(uint64_t pa, bool untyped)
{
    if (!memory_has(pa, UNIT))
        return pa;
    uint64_t unit = (pa - MEMORY_START) / UNIT;
    if (d.unit[untyped][unit].epoch != d.epoch) {
        d.unit[untyped][unit].epoch = d.epoch;
        d.unit[untyped][unit].number = ++d.next;
    }
    return d.unit[untyped][unit].number;
}

/* Adds the number; is the object met for the first time? */
static bool add_number(uint64_t pa, bool untyped)
{
    add(number(pa, untyped));
    if (!memory_has(pa, UNIT))
        return false;
    uint64_t unit = (pa - MEMORY_START) / UNIT;
    bool is_new = d.unit[untyped][unit].walked != d.epoch;
    d.unit[untyped][unit].walked = d.epoch;
    return is_new;
}

static void add_node(uint64_t pa, uint64_t count, const struct tcb *tcb)
{
    if (d.nodes < MAX_NODES)
        d.node[d.nodes++] = (struct node){pa, count, tcb};
}

static void add_tcb(const struct tcb *tcb)
{
    if (!tcb)
        add(0);
    else if (add_number(pa_of(tcb), false))
        add_node(pa_of(tcb->slots), TCB_SLOT_COUNT, tcb);
}

/* Threads in a queue, in order. */
static void add_queue(const struct wait_queue *queue)
{
    add(wait_state(queue));
    for (const struct tcb *tcb = queue->head; tcb; tcb = tcb->wait_next)
        add_tcb(tcb);
}

static void add_table(uint64_t pa, unsigned level);

static void add_entry(uint64_t pte, unsigned level)
{
    add(pte & ~PTE_ADDRESS_MASK);
    add(number(pte_address(pte), false));
    if (pte_kind(pte, level) == PTE_TABLE)
        add_table(pte_address(pte), level + 1);
}

static void add_table(uint64_t pa, unsigned level)
{
    const uint64_t *table = hal_window(paddr(pa));
    for (unsigned i = 0; i < PTE_ENTRIES; i++) {
        if (table[i] % 2 == 0)
            continue;
        add(level << 16 | i);
        add_entry(table[i], level);
    }
    add(level);
}

/* The object of a cap that is met for the first time. */
static void add_object(struct cap cap)
{
    switch (cap_type(cap)) {
    case CAP_ENDPOINT: add_queue(&endpoint_of(cap)->queue); break;
    case CAP_NOTIFICATION:
        add_queue(&notification_of(cap)->queue);
        add(notification_of(cap)->word);
        add_tcb(notification_of(cap)->bound);
        break;
    case CAP_CNODE: add_node(cap_object(cap), cnode_slots(cap), NULL); break;
    case CAP_TCB: add_node(pa_of(tcb_of(cap)->slots), TCB_SLOT_COUNT, tcb_of(cap)); break;
    case CAP_ZOMBIE:
        if (zombie_is_tcb(cap))
            add_node(pa_of(tcb_at(cap_object(cap))->slots), TCB_SLOT_COUNT,
                     tcb_at(cap_object(cap)));
        else
            add_node(cap_object(cap), 1ull << cnode_radix(cap), NULL);
        break;
    case CAP_VSPACE: add_table(cap_object(cap), 0); break;
    case CAP_PAGE_TABLE: /* its level is nowhere, so its words go in as they are */
        for (unsigned i = 0; i < PTE_ENTRIES; i++) {
            uint64_t pte = ((const uint64_t *)hal_window(paddr(cap_object(cap))))[i];
            if (pte % 2 != 0) {
                add((uint64_t)i << 12 | pte % UNIT);
                add(number(pte_address(pte), false));
            }
        }
        break;
    default: break;
    }
}

/* Words of the cap without the address. */
static void add_cap(struct cap cap)
{
    uint64_t pa = cap_object(cap);
    if (pa == 0) {
        add(cap.w[0]);
        if (cap_type(cap) == CAP_REPLY)
            add_tcb(tcb_of(cap));
        else
            add(cap.w[1]);
        return;
    }
    switch (cap_type(cap)) {
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION: add(cap.w[0] % (1 << 16)), add(cap.w[1]); break;
    case CAP_CNODE:
    case CAP_ZOMBIE: add(cap.w[0] % (1 << 17)), add(cap.w[1]); break;
    default: add(cap.w[0]); break;
    }
    if (add_number(pa, cap_type(cap) == CAP_UNTYPED))
        add_object(cap);
}

/* ---- slots ---- */

static uint64_t place_of(const struct node *node, uint64_t index)
{
    return node->pa == d.root && index < PLACES ? d.place[index] : index;
}

/* Which slot: its container's number in the walk and its place there; interrupts by number. */
static void add_slot_name(const struct slot *slot)
{
    if (!slot) {
        add(0);
        return;
    }
    uint64_t pa = pa_of(slot);
    for (unsigned i = 0; i < d.nodes; i++) {
        const struct node *node = &d.node[i];
        if (pa >= node->pa && pa < node->pa + node->count * sizeof *slot) {
            add((uint64_t)(i + 1) << 32 | place_of(node, (pa - node->pa) / sizeof *slot));
            return;
        }
    }
    add(~0ull);
}

static void add_slot(uint64_t index, const struct slot *slot)
{
    if (cap_is_null(slot->cap))
        return;
    add(index);
    add_cap(slot->cap);
    if (slot->link == 0)
        return;
    if (d.linked_count < MAX_LINKED)
        d.linked[d.linked_count++] = slot;
    add(slot_flags(slot));
}

static void add_slots(const struct node *node)
{
    const struct slot *slots = hal_window(paddr(node->pa));
    for (uint64_t i = 0; i < node->count && i < PLACES; i++)
        add_slot(i, &slots[place_of(node, i)]);
    for (uint64_t i = PLACES; i < node->count; i++)
        add_slot(i, &slots[i]);
}

/* When all containers are known: what follows each slot in the derivation list. */
static void add_links(void)
{
    for (unsigned i = 0; i < d.linked_count; i++)
        add_slot_name(slot_next(d.linked[i]));
}

/* ---- threads ---- */

/* Will the kernel still read the registers of the call the thread is in, or about to do again? */
static bool has_call(const struct tcb *tcb)
{
    return tcb->state == THREAD_BLOCKED_SEND || tcb->state == THREAD_RESTART ||
           tcb->state == THREAD_BLOCKED_RECEIVE || tcb->state == THREAD_BLOCKED_NOTIFICATION ||
           tcb->context.next_pc == d.repeat_pc;
}

/* What the call in x7 reads: a receive its cptr, the others also the message. */
static void add_call(const struct tcb *tcb)
{
    const struct ipc_buffer *buffer = thread_buffer(tcb, false);
    int64_t number = (int64_t)tcb->context.reg[REG_X7];
    uint64_t info = tcb->context.reg[REG_X1];
    add((uint64_t)number);
    add(tcb->context.reg[REG_X0]);
    if (number == SYS_RECV || number == SYS_NB_RECV || number == SYS_YIELD)
        return;
    add(info);
    for (unsigned i = 0; i < msginfo_length(info) && i < MSG_MAX_LENGTH; i++)
        if (i < MSG_REGISTERS || buffer)
            add(thread_message(tcb, buffer, i));
    for (unsigned i = 0; buffer && i < msginfo_extra_caps(info); i++)
        add(buffer->caps_or_badges[i]);
}

static void add_fault(const struct fault *fault)
{
    add((uint64_t)fault->label << 8 | fault->in_receive << 1 | fault->is_instruction);
    add(fault->esr);
    add(fault->word);
    add((uint64_t)fault->lookup.type << 32 | fault->lookup.bits_left);
    add(fault->lookup.guard_found);
    add(fault->lookup.bits_found);
}

static void add_blocking(const struct tcb *tcb)
{
    bool blocked = tcb->state == THREAD_BLOCKED_RECEIVE || tcb->state == THREAD_BLOCKED_SEND ||
                   tcb->state == THREAD_BLOCKED_NOTIFICATION;
    if (!blocked)
        return;
    add((uint64_t)tcb->blocked_grant << 2 | (uint64_t)tcb->blocked_grant_reply << 1 |
        tcb->blocked_is_call);
    if (tcb->state == THREAD_BLOCKED_SEND)
        add(tcb->blocked_badge);
    add(number(tcb->blocked_on.raw, false));
}

static void add_thread(const struct tcb *tcb)
{
    const struct ipc_buffer *buffer = thread_buffer(tcb, true);
    add((uint64_t)tcb->state << 32 | tcb->rank);
    add((uint64_t)tcb->mcp << 48 | (uint64_t)tcb->flags << 32 | tcb->slice);
    add(tcb->context.next_pc == d.repeat_pc);
    if (has_call(tcb))
        add_call(tcb);
    for (unsigned i = REG_X7 + 1; i < REG_COUNT; i++)
        add(tcb->context.reg[i]);
    add_blocking(tcb);
    add(tcb->bound ? number(pa_of(tcb->bound), false) : 0);
    add(tcb->fault_handler);
    add(tcb->ipc_buffer);
    add(tcb->progress_bytes);
    add_fault(&tcb->fault);
    if (buffer) {
        add(buffer->receive_cnode);
        add(buffer->receive_index);
        add(buffer->receive_depth);
    }
}

/* ---- the rest ---- */

static void add_scheduler(void)
{
    const struct kernel *kernel = d.cpu->kernel;
    add_tcb(d.cpu->current);
    add_tcb(d.cpu->fp_owner);
    for (uint32_t domain = 0; domain < kernel->domain_count; domain++)
        for (unsigned w = 0; w < PRIORITY_COUNT / 64; w++)
            for (uint64_t bits = kernel->ready[domain].bitmap[w]; bits != 0; bits &= bits - 1) {
                unsigned priority = w * 64 + (unsigned)__builtin_ctzll(bits);
                add((uint64_t)domain << 8 | priority);
                const struct tcb *tcb = kernel->ready[domain].queue[priority].head;
                for (; tcb; tcb = tcb->ready_next)
                    add_tcb(tcb);
            }
    add((uint64_t)kernel->current_domain << 32 | kernel->schedule_index);
    add(kernel->schedule_start);
    if (kernel->domain_count > 1)
        add(kernel->domain_time);
    for (uint32_t i = 0; i < kernel->schedule_count; i++)
        add(kernel->schedule[i].domain << 56 ^ kernel->schedule[i].duration);
}

static void add_interrupts(void)
{
    const struct kernel *kernel = d.cpu->kernel;
    const struct irq_model *irq = &machine.model.irq;
    add(irq->enabled.w[0]);
    add(irq->latched.w[0]);
    add(irq->line.w[0]);
    add(irq->held.w[0]);
    for (uint32_t i = 0; i <= kernel->max_irq; i++) {
        if (kernel->irqs[i].state == IRQ_INACTIVE)
            continue;
        add((uint64_t)i << 8 | kernel->irqs[i].state);
        if (!cap_is_null(kernel->irqs[i].slot.cap))
            add_cap(kernel->irqs[i].slot.cap);
    }
}

static void add_asids(void)
{
    add(d.cpu->kernel->stale_asids);
    for (unsigned i = 0; i < ASID_POOL_COUNT; i++) {
        struct paddr pa = d.cpu->kernel->asid_pools[i];
        if (pa.raw == 0)
            continue;
        const struct asid_pool *pool = hal_window(pa);
        add((uint64_t)i << 32 | number(pa.raw, false));
        for (unsigned j = 0; j < ASIDS_PER_POOL; j++)
            if (pool->root[j] != 0)
                add((uint64_t)j << 32 | number(pool->root[j], false));
    }
}

static struct canon_digest walk(void)
{
    d.digest = (struct canon_digest){{0x243f6a8885a308d3ull, 0x13198a2e03707344ull}};
    d.epoch++;
    d.next = 0;
    d.nodes = 0;
    d.linked_count = 0;
    add_node(d.root, ROOT_SLOTS, NULL);
    add_slots(&d.node[0]);
    add_scheduler();
    add_interrupts();
    for (unsigned i = 0; i < d.nodes; i++) {
        struct node node = d.node[i];
        add(i);
        if (node.tcb)
            add_thread(node.tcb);
        if (i != 0)
            add_slots(&node);
    }
    add_asids();
    add_links();
    return d.digest;
}

struct canon_digest canon_digest(const struct cpu *cpu, const struct canon_symmetry *symmetry,
                                 uint64_t repeat_pc)
{
    d.cpu = cpu;
    d.repeat_pc = repeat_pc;
    d.root = world_root_cnode();
    for (unsigned i = 0; i < sizeof d.place; i++)
        d.place[i] = (uint8_t)i;
    struct canon_digest digest = walk();
    if (symmetry->count == 0)
        return digest;
    for (unsigned i = 0; i < symmetry->count; i++) {
        d.place[symmetry->swap[i][0]] = symmetry->swap[i][1];
        d.place[symmetry->swap[i][1]] = symmetry->swap[i][0];
    }
    struct canon_digest other = walk();
    return memcmp(&digest, &other, sizeof digest) < 0 ? digest : other;
}
