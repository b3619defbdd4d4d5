/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Pictures and their differences (change.h).
 */
#include "change.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "pte.h"
#include "thread.h"
#include "wait.h"

enum {
    MAX_NODES = 4096,
    MAX_ITEMS = 1 << 16,
    MAX_THREADS = 256,
    TEXT_BYTES = 160,
};

/* One word pair with a name: a slot with its cap, an endpoint's or notification's state, a
 * descriptor. Ascending by key. */
struct item {
    uint64_t pa;
    struct cap cap;
    bool is_slot;
};

struct thread_picture {
    uint64_t pa;
    enum thread_state state;
    uint8_t priority, mcp, domain, flags;
    enum fault_label fault;
    uint64_t bound;
    uint64_t reg[6];
    uint64_t pc;
};

struct picture {
    struct item *item;
    size_t items;
    struct thread_picture thread[MAX_THREADS];
    unsigned threads;
    uint64_t current;
};

struct node {
    uint64_t pa, count, tcb;
};

static struct {
    const struct cpu *cpu;
    uint64_t root_cnode;
    unsigned radix;
    struct node node[MAX_NODES];
    unsigned nodes;
    struct picture picture[2];
    unsigned taken;
    FILE *to;
    unsigned lines;
} c;

void change_begin(const struct cpu *cpu, uint64_t root_cnode, unsigned radix)
{
    c.cpu = cpu;
    c.root_cnode = root_cnode;
    c.radix = radix;
    c.taken = 0;
    for (unsigned i = 0; i < 2; i++)
        if (!c.picture[i].item)
            c.picture[i].item = malloc(MAX_ITEMS * sizeof(struct item));
}

/* ---- taking ---- */

static void add_node(uint64_t pa, uint64_t count, uint64_t tcb)
{
    for (unsigned i = 0; i < c.nodes; i++)
        if (c.node[i].pa == pa)
            return;
    if (c.nodes < MAX_NODES)
        c.node[c.nodes++] = (struct node){pa, count, tcb};
}

static void add_tcb(const struct tcb *tcb)
{
    if (tcb)
        add_node(pa_of(tcb->slots), TCB_SLOT_COUNT, pa_of(tcb));
}

static void add_item(struct picture *p, uint64_t pa, struct cap cap, bool is_slot)
{
    if (p->items < MAX_ITEMS)
        p->item[p->items++] = (struct item){pa, cap, is_slot};
}

static void add_table(struct picture *p, uint64_t pa)
{
    const uint64_t *table = hal_window(paddr(pa));
    for (unsigned i = 0; i < PTE_ENTRIES; i++)
        if (table[i] != 0)
            add_item(p, pa + i * 8, (struct cap){{table[i], 0}}, false);
}

static void follow(struct picture *p, struct cap cap)
{
    switch (cap_type(cap)) {
    case CAP_CNODE: add_node(cap_object(cap), cnode_slots(cap), 0); break;
    case CAP_TCB: add_tcb(tcb_of(cap)); break;
    case CAP_REPLY: add_tcb(tcb_of(cap)); break;
    case CAP_ZOMBIE:
        if (zombie_is_tcb(cap))
            add_tcb(tcb_at(cap_object(cap)));
        else
            add_node(cap_object(cap), 1ull << cnode_radix(cap), 0);
        break;
    case CAP_NOTIFICATION: {
        const struct notification *n = notification_of(cap);
        add_item(p, cap_object(cap), (struct cap){{wait_state(&n->queue), n->word}}, false);
        break;
    }
    case CAP_PAGE_TABLE:
    case CAP_VSPACE: add_table(p, cap_object(cap)); break;
    default: break;
    }
}

static void take_thread(struct picture *p, const struct tcb *tcb)
{
    if (p->threads == MAX_THREADS)
        return;
    struct thread_picture *t = &p->thread[p->threads++];
    *t = (struct thread_picture){.pa = pa_of(tcb),
                                 .state = tcb->state,
                                 .priority = tcb->priority,
                                 .mcp = tcb->mcp,
                                 .domain = tcb->domain,
                                 .flags = tcb->flags,
                                 .fault = tcb->faulty ? tcb->fault.label : FAULT_NULL,
                                 .bound = tcb->bound ? pa_of(tcb->bound) : 0,
                                 .pc = tcb->context.next_pc};
    memcpy(t->reg, tcb->context.reg, sizeof t->reg);
}

static void take_node(struct picture *p, const struct node *node)
{
    const struct slot *slots = hal_window(paddr(node->pa));
    if (node->tcb != 0)
        take_thread(p, tcb_at(node->tcb));
    for (uint64_t i = 0; i < node->count; i++) {
        if (cap_is_null(slots[i].cap))
            continue;
        add_item(p, pa_of(&slots[i]), slots[i].cap, true);
        follow(p, slots[i].cap);
    }
}

static int by_address(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    return x->pa < y->pa ? -1 : x->pa > y->pa;
}

static void drop_doubles(struct picture *p)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->items; i++)
        if (i == 0 || p->item[i].pa != p->item[kept - 1].pa)
            p->item[kept++] = p->item[i];
    p->items = kept;
}

static void take(struct picture *p)
{
    const struct kernel *kernel = c.cpu->kernel;
    p->items = p->threads = c.nodes = 0;
    p->current = c.cpu->current ? pa_of(c.cpu->current) : 0;
    add_node(c.root_cnode, 1ull << c.radix, 0);
    add_tcb(c.cpu->current);
    for (uint32_t irq = 0; irq <= kernel->max_irq; irq++)
        if (!cap_is_null(kernel->irqs[irq].slot.cap))
            add_node(pa_of(&kernel->irqs[irq].slot), 1, 0);
    for (uint32_t domain = 0; domain < kernel->domain_count; domain++)
        for (unsigned i = 0; i < PRIORITY_COUNT; i++)
            add_tcb(kernel->ready[domain].queue[i].head);
    for (unsigned i = 0; i < c.nodes; i++)
        take_node(p, &c.node[i]);
    qsort(p->item, p->items, sizeof *p->item, by_address);
    drop_doubles(p);
}

/* ---- words ---- */

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("    ", c.to);
    vfprintf(c.to, format, args);
    fputc('\n', c.to);
    va_end(args);
    c.lines++;
}

static void thread_name(uint64_t tcb, char *text)
{
    const char *name = diag_thread_name(c.cpu->diag, tcb);
    if (tcb == 0)
        snprintf(text, TEXT_BYTES, "nobody");
    else if (name[0])
        snprintf(text, TEXT_BYTES, "\"%s\"", name);
    else
        snprintf(text, TEXT_BYTES, "thread 0x%" PRIx64, tcb);
}

static void slot_name(uint64_t pa, char *text)
{
    static const char *const of_tcb[] = {"CSpace", "VSpace", "master reply", "held reply right",
                                         "IPC buffer"};
    char name[TEXT_BYTES];
    for (unsigned i = 0; i < c.nodes; i++) {
        const struct node *node = &c.node[i];
        uint64_t index = (pa - node->pa) / sizeof(struct slot);
        if (pa < node->pa || index >= node->count)
            continue;
        if (node->tcb != 0) {
            thread_name(node->tcb, name);
            snprintf(text, TEXT_BYTES, "%.100s %s", name, of_tcb[index]);
        } else if (node->pa == c.root_cnode) {
            snprintf(text, TEXT_BYTES, "slot %" PRIu64, index);
        } else {
            snprintf(text, TEXT_BYTES, "CNode 0x%" PRIx64 " slot %" PRIu64, node->pa, index);
        }
        return;
    }
    snprintf(text, TEXT_BYTES, "slot at 0x%" PRIx64, pa);
}

static void cap_words(struct cap cap, char *text)
{
    const char *type = cap_type_name(cap_type(cap));
    uint64_t pa = cap_object(cap);
    switch (cap_type(cap)) {
    case CAP_UNTYPED:
        snprintf(text, TEXT_BYTES, "%s 0x%" PRIx64 " of 2^%u bytes, used to 0x%" PRIx64, type, pa,
                 untyped_bits(cap), untyped_watermark(cap));
        break;
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION:
        snprintf(text, TEXT_BYTES, "%s 0x%" PRIx64 " rights %s%s%s%s badge %" PRIu64, type, pa,
                 ipc_rights(cap) & RIGHT_READ ? "r" : "", ipc_rights(cap) & RIGHT_WRITE ? "w" : "",
                 ipc_rights(cap) & RIGHT_GRANT ? "g" : "",
                 ipc_rights(cap) & RIGHT_GRANT_REPLY ? "p" : "", ipc_badge(cap));
        break;
    case CAP_CNODE:
        snprintf(text, TEXT_BYTES, "%s 0x%" PRIx64 " radix %u guard 0x%" PRIx64 " of %u bits", type,
                 pa, cnode_radix(cap), cnode_guard(cap), cnode_guard_size(cap));
        break;
    case CAP_ZOMBIE:
        snprintf(text, TEXT_BYTES, "%s of 0x%" PRIx64 ", %" PRIu64 " slots left", type, pa,
                 zombie_remaining(cap));
        break;
    case CAP_FRAME:
        snprintf(text, TEXT_BYTES, "%s 0x%" PRIx64 " of 2^%u bytes %s%s", type, pa, frame_bits(cap),
                 frame_rights(cap) & RIGHT_WRITE ? "rw" : "r",
                 mapping_asid(cap) ? ", mapped" : ", not mapped");
        break;
    case CAP_REPLY:
        snprintf(text, TEXT_BYTES, "%s to thread 0x%" PRIx64 "%s%s", type, cap.w[1],
                 reply_is_master(cap) ? ", master" : "", reply_can_grant(cap) ? ", grant" : "");
        break;
    default: snprintf(text, TEXT_BYTES, "%s 0x%" PRIx64, type, pa ? pa : cap.w[1]);
    }
}

/* NULL = not there. */
static void say_item(const struct item *was, const struct item *now)
{
    char name[TEXT_BYTES], before[TEXT_BYTES], after[TEXT_BYTES];
    uint64_t pa = was ? was->pa : now->pa;
    if (!(was ? was : now)->is_slot) {
        const uint64_t none[2] = {0, 0};
        const uint64_t *b = was ? was->cap.w : none, *a = now ? now->cap.w : none;
        say("object word 0x%" PRIx64 ": 0x%" PRIx64 " 0x%" PRIx64 " -> 0x%" PRIx64 " 0x%" PRIx64,
            pa, b[0], b[1], a[0], a[1]);
        return;
    }
    slot_name(pa, name);
    cap_words(was ? was->cap : cap_null(), before);
    cap_words(now ? now->cap : cap_null(), after);
    if (!was)
        say("%s: + %s", name, after);
    else if (!now)
        say("%s: - %s", name, before);
    else
        say("%s: %s -> %s", name, before, after);
}

static void compare_items(const struct picture *was, const struct picture *now)
{
    size_t i = 0, j = 0;
    while (i < was->items || j < now->items) {
        const struct item *a = i < was->items ? &was->item[i] : NULL;
        const struct item *b = j < now->items ? &now->item[j] : NULL;
        if (a && b && a->pa == b->pa) {
            if (memcmp(&a->cap, &b->cap, sizeof a->cap) != 0)
                say_item(a, b);
            i++, j++;
        } else if (!b || (a && a->pa < b->pa)) {
            say_item(a, NULL);
            i++;
        } else {
            say_item(NULL, b);
            j++;
        }
    }
}

static const char *state_name(enum thread_state state)
{
    static const char *const names[] = {
        "inactive",        "running",          "about to restart",         "blocked receiving",
        "blocked sending", "blocked on reply", "blocked on a notification"};
    return names[state];
}

/* Registers count for threads other than the one that trapped: its own are in the event's line. */
static void compare_thread(const struct thread_picture *was, const struct thread_picture *now,
                           bool trapped)
{
    char name[TEXT_BYTES];
    thread_name(now->pa, name);
    if (was->state != now->state)
        say("%s: %s -> %s", name, state_name(was->state), state_name(now->state));
    if (was->priority != now->priority || was->mcp != now->mcp || was->domain != now->domain)
        say("%s: priority %u -> %u, maximum %u -> %u, domain %u -> %u", name, was->priority,
            now->priority, was->mcp, now->mcp, was->domain, now->domain);
    if (was->fault != now->fault)
        say("%s: recorded fault %u -> %u", name, was->fault, now->fault);
    if (was->bound != now->bound)
        say("%s: bound notification 0x%" PRIx64 " -> 0x%" PRIx64, name, was->bound, now->bound);
    if (!trapped && memcmp(was->reg, now->reg, sizeof was->reg) != 0)
        say("%s: x0..x5 = 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64
            " 0x%" PRIx64,
            name, now->reg[0], now->reg[1], now->reg[2], now->reg[3], now->reg[4], now->reg[5]);
    if (!trapped && was->pc != now->pc)
        say("%s: goes on at 0x%" PRIx64, name, now->pc);
}

static void compare_threads(const struct picture *was, const struct picture *now)
{
    for (unsigned i = 0; i < now->threads; i++)
        for (unsigned j = 0; j < was->threads; j++)
            if (was->thread[j].pa == now->thread[i].pa)
                compare_thread(&was->thread[j], &now->thread[i], was->current == now->thread[i].pa);
}

void change_write(FILE *to, const struct cpu *cpu)
{
    struct picture *now = &c.picture[c.taken % 2];
    const struct picture *was = &c.picture[(c.taken + 1) % 2];
    c.cpu = cpu;
    c.to = to;
    c.lines = 0;
    take(now);
    if (c.taken++ == 0 || !to)
        return;
    compare_threads(was, now);
    compare_items(was, now);
    if (c.lines == 0)
        say("no change");
}
