/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The rules of confine.h. All sets are those of the state before the trap.
 */
#include "confine.h"

#include <inttypes.h>
#include <stdio.h>

#include "invoke.h"
#include "memory.h"
#include "view.h"

static struct {
    struct view before;
    struct view now;
    enum trap_kind kind;
    uint64_t actor;            /* TCB that trapped, 0 = nobody ran */
    bool found;                /* `all`, `own` are filled */
    struct view_nodes present; /* now */
    struct view_nodes all;
    struct view_nodes own;   /* CSpace of the actor */
    struct view_nodes other; /* of a message's other side */
    uint64_t changed_pages[(MEMORY_PAGES + 63) / 64];
    char sentence[160];
} c;

static void find_sets(void)
{
    if (c.found)
        return;
    c.found = true;
    view_all(&c.before, c.actor, &c.all);
    c.own.count = 0;
    if (c.actor != 0)
        view_cspace(&c.before, view_cap(&c.before, view_tcb_slot(c.actor, TCB_CSPACE)), &c.own);
}

/* ---- questions about sets of slots ---- */

typedef bool test_fn(struct cap held, const void *wanted);

static bool any_cap(const struct view_nodes *nodes, test_fn *test, const void *wanted)
{
    for (unsigned i = 0; i < nodes->count; i++)
        for (uint64_t j = 0; j < nodes->node[i].count; j++) {
            struct cap cap = view_cap(&c.before, nodes->node[i].pa + j * sizeof(struct slot));
            if (!cap_is_null(cap) && test(cap, wanted))
                return true;
        }
    return false;
}

static bool contains(const struct view_nodes *nodes, uint64_t slot)
{
    for (unsigned i = 0; i < nodes->count; i++)
        if (slot >= nodes->node[i].pa &&
            slot < nodes->node[i].pa + nodes->node[i].count * sizeof(struct slot))
            return true;
    return false;
}

static bool allows(struct cap held, const void *wanted)
{
    return view_allows(held, *(const struct cap *)wanted);
}

static bool is_tcb(struct cap held, const void *tcb)
{
    return cap_type(held) == CAP_TCB && held.w[1] == *(const uint64_t *)tcb;
}

static bool is_type(struct cap held, const void *type)
{
    return cap_type(held) == *(const enum cap_type_number *)type;
}

/* An Untyped around the object. */
static bool is_around(struct cap held, const void *wanted)
{
    struct cap cap = *(const struct cap *)wanted;
    uint64_t at = cap_object(cap);
    return cap_type(held) == CAP_UNTYPED && at >= cap_object(held) && cap_object_bits(cap) != 0 &&
           at - cap_object(held) + (1ull << cap_object_bits(cap)) <= untyped_size(held);
}

/* A cap of the object that a zombie takes apart. */
static bool is_alive_or_dying(struct cap held, const void *wanted)
{
    struct cap zombie = *(const struct cap *)wanted;
    return cap_object(held) == cap_object(zombie) &&
           (cap_type(held) == CAP_ZOMBIE ||
            cap_type(held) == (zombie_is_tcb(zombie) ? CAP_TCB : CAP_CNODE));
}

static bool same_authority(struct cap held, const void *wanted)
{
    struct cap a = view_authority(held);
    struct cap b = view_authority(*(const struct cap *)wanted);
    return a.w[0] == b.w[0] && a.w[1] == b.w[1];
}

static bool holds_type(enum cap_type_number type)
{
    return any_cap(&c.own, is_type, &type);
}

static bool holds_tcb(uint64_t tcb)
{
    return any_cap(&c.own, is_tcb, &tcb);
}

/* ---- the call ---- */

static const struct tcb *actor_before(void)
{
    return view_tcb(&c.before, c.actor);
}

static int64_t call_number(void)
{
    return (int64_t)actor_before()->context.reg[REG_X7];
}

/* The cap that x0 names, or null. */
static struct cap named_cap(void)
{
    uint64_t slot = view_lookup(&c.before, view_cap(&c.before, view_tcb_slot(c.actor, TCB_CSPACE)),
                                actor_before()->context.reg[REG_X0]);
    return slot != 0 ? view_cap(&c.before, slot) : cap_null();
}

static bool is_sending(void)
{
    int64_t number = c.actor != 0 && c.kind == TRAP_SYSCALL ? call_number() : 0;
    return number == SYS_CALL || number == SYS_SEND || number == SYS_NB_SEND ||
           number == SYS_REPLY || number == SYS_REPLY_RECV;
}

static bool is_receiving(void)
{
    int64_t number = c.actor != 0 && c.kind == TRAP_SYSCALL ? call_number() : 0;
    return number == SYS_RECV || number == SYS_NB_RECV || number == SYS_REPLY_RECV;
}

/* Label of the invocation of a cap of that type; 0 = it is none. */
static uint64_t label_on(enum cap_type_number type)
{
    int64_t number = c.actor != 0 && c.kind == TRAP_SYSCALL ? call_number() : 0;
    if ((number != SYS_CALL && number != SYS_SEND && number != SYS_NB_SEND) ||
        cap_type(named_cap()) != type)
        return 0;
    return msginfo_label(actor_before()->context.reg[REG_X1]);
}

/* May the actor send caps: by an endpoint with grant, by a reply right with grant? */
static bool may_grant(void)
{
    struct cap cap = named_cap();
    int64_t number = call_number();
    if (number == SYS_REPLY || number == SYS_REPLY_RECV)
        cap = view_cap(&c.before, view_tcb_slot(c.actor, TCB_CALLER));
    if (cap_type(cap) == CAP_REPLY)
        return reply_can_grant(cap);
    return cap_type(cap) == CAP_ENDPOINT && (ipc_rights(cap) & RIGHT_GRANT) != 0;
}

/* ---- messages ---- */

static bool waits(const struct tcb *tcb)
{
    return tcb->state == THREAD_BLOCKED_RECEIVE || tcb->state == THREAD_BLOCKED_REPLY;
}

/* A cap that the actor sent: the slot is in the CSpace of a thread that waited for it. */
static bool sent_by_actor(uint64_t slot, struct cap cap)
{
    if (!is_sending() || !may_grant() || !any_cap(&c.own, allows, &cap))
        return false;
    for (unsigned i = 0; i < c.all.count; i++) {
        uint64_t tcb = c.all.node[i].tcb;
        if (tcb == 0 || !waits(view_tcb(&c.before, tcb)) || waits(view_tcb(&c.now, tcb)))
            continue;
        view_cspace(&c.before, view_cap(&c.before, view_tcb_slot(tcb, TCB_CSPACE)), &c.other);
        if (contains(&c.other, slot))
            return true;
    }
    return false;
}

/* A cap that a waiting sender had: the slot is in the actor's CSpace. */
static bool received_by_actor(uint64_t slot, struct cap cap)
{
    if (!is_receiving() || !contains(&c.own, slot))
        return false;
    for (unsigned i = 0; i < c.all.count; i++) {
        uint64_t tcb = c.all.node[i].tcb;
        if (tcb == 0 || view_tcb(&c.before, tcb)->state != THREAD_BLOCKED_SEND ||
            view_tcb(&c.now, tcb)->state == THREAD_BLOCKED_SEND ||
            !view_tcb(&c.before, tcb)->blocked_grant)
            continue;
        view_cspace(&c.before, view_cap(&c.before, view_tcb_slot(tcb, TCB_CSPACE)), &c.other);
        if (any_cap(&c.other, allows, &cap))
            return true;
    }
    return false;
}

/* A new right to reply to `caller`, at `holder`: one of them trapped, the other one waited. It may
 * grant what the endpoint cap allowed through which the holder received. */
static bool reply_right_is_due(uint64_t holder, struct cap right)
{
    uint64_t caller = right.w[1];
    const struct tcb *was = view_tcb(&c.before, caller);
    const struct tcb *receiver = view_tcb(&c.before, holder);
    if (view_tcb(&c.now, caller)->state != THREAD_BLOCKED_REPLY)
        return false;
    if (caller == c.actor)
        return receiver->state == THREAD_BLOCKED_RECEIVE &&
               (!reply_can_grant(right) || receiver->blocked_grant);
    return holder == c.actor && is_receiving() && was->state == THREAD_BLOCKED_SEND &&
           was->blocked_is_call &&
           (!reply_can_grant(right) || (ipc_rights(named_cap()) & RIGHT_GRANT) != 0);
}

/* ---- slots ---- */

static bool is_made(struct cap cap)
{
    switch (cap_type(cap)) {
    case CAP_IRQ_HANDLER: return label_on(CAP_IRQ_CONTROL) != 0 && holds_type(CAP_IRQ_CONTROL);
    case CAP_SGI_SIGNAL: return label_on(CAP_IRQ_CONTROL) == LABEL_IRQ_CONTROL_ISSUE_SGI_SIGNAL;
    case CAP_ASID_POOL:
        return label_on(CAP_ASID_CONTROL) == LABEL_ASID_CONTROL_MAKE_POOL &&
               any_cap(&c.own, is_around, &cap);
    default:
        return label_on(CAP_UNTYPED) == LABEL_UNTYPED_RETYPE && any_cap(&c.own, is_around, &cap);
    }
}

/* Is the slot in an object that is being taken apart? */
static bool is_dying(uint64_t slot)
{
    for (unsigned i = 0; i < c.present.count; i++) {
        const struct view_node *node = &c.present.node[i];
        if (node->dying && slot >= node->pa && slot < node->pa + node->count * sizeof(struct slot))
            return true;
    }
    return false;
}

static const char *judge_cnode_slot(uint64_t slot, struct cap cap)
{
    struct cap own_reply = view_cap(&c.before, view_tcb_slot(c.actor, TCB_CALLER));
    if (c.actor == 0)
        return "a cap appeared while nobody ran";
    if (received_by_actor(slot, cap) || sent_by_actor(slot, cap))
        return NULL;
    if (!contains(&c.own, slot))
        return "a cap appeared outside the CSpace of the thread that trapped, and by no message";
    if (any_cap(&c.own, allows, &cap) || is_made(cap) || view_allows(own_reply, cap))
        return NULL;
    return "a cap appeared that nothing in the CSpace of the thread that trapped allows";
}

static const char *judge_thread_slot(uint64_t tcb, unsigned which, struct cap cap)
{
    if (which == TCB_REPLY)
        return reply_is_master(cap) && cap.w[1] == tcb ? NULL
                                                       : "a thread got a foreign master reply cap";
    if (which == TCB_CALLER)
        return cap_type(cap) == CAP_REPLY && !reply_is_master(cap) && reply_right_is_due(tcb, cap)
                   ? NULL
                   : "a right to reply appeared without a call or fault";
    if (!holds_tcb(tcb))
        return "a slot of a thread was set by someone without a cap of the thread";
    return any_cap(&c.own, allows, &cap) ? NULL : "a thread got a cap from nowhere";
}

/* `cap` is new in slot `index` of `node`. */
static const char *judge(const struct view_node *node, uint64_t index, struct cap cap)
{
    uint64_t slot = node->pa + index * sizeof(struct slot);
    find_sets();
    if (cap_type(cap) == CAP_ZOMBIE)
        return any_cap(&c.all, is_alive_or_dying, &cap) ? NULL
                                                        : "a zombie of an object that had no cap";
    if (is_dying(slot) && any_cap(&c.all, same_authority, &cap))
        return NULL;
    if (node->tcb != 0)
        return judge_thread_slot(node->tcb, (unsigned)index, cap);
    return judge_cnode_slot(slot, cap);
}

static const char *say(const char *why, uint64_t pa, const char *what)
{
    snprintf(c.sentence, sizeof c.sentence, "confinement: %s: %s at 0x%" PRIx64, why, what, pa);
    return c.sentence;
}

static bool page_changed(uint64_t pa)
{
    uint64_t page = (pa - MEMORY_START) / MEMORY_PAGE_BYTES;
    return (c.changed_pages[page / 64] >> page % 64 & 1) != 0;
}

static const char *judge_node(const struct view_node *node)
{
    uint64_t end = node->pa + node->count * sizeof(struct slot);
    for (uint64_t slot = node->pa; slot < end; slot += sizeof(struct slot)) {
        if (!page_changed(slot)) { /* on to the next page */
            slot = (slot / MEMORY_PAGE_BYTES + 1) * MEMORY_PAGE_BYTES - sizeof(struct slot);
            continue;
        }
        struct cap cap = view_cap(&c.now, slot);
        struct cap old = view_cap(&c.before, slot);
        if (cap_is_null(cap) || (cap.w[0] == old.w[0] && cap.w[1] == old.w[1]) ||
            view_allows(old, cap))
            continue;
        const char *why = judge(node, (slot - node->pa) / sizeof(struct slot), cap);
        if (why)
            return say(why, slot, cap_type_name(cap_type(cap)));
    }
    return NULL;
}

/* ---- threads ---- */

/* The highest maximum priority of a thread whose cap the actor holds. */
static unsigned best_authority(void)
{
    unsigned best = 0;
    for (unsigned i = 0; i < c.all.count; i++) {
        uint64_t tcb = c.all.node[i].tcb;
        if (tcb != 0 && view_tcb(&c.before, tcb)->mcp > best && holds_tcb(tcb))
            best = view_tcb(&c.before, tcb)->mcp;
    }
    return best;
}

static bool is_readable_notification(struct cap held, const void *object)
{
    return cap_type(held) == CAP_NOTIFICATION && cap_object(held) == *(const uint64_t *)object &&
           (ipc_rights(held) & RIGHT_READ) != 0;
}

static bool was_thread(uint64_t tcb)
{
    for (unsigned i = 0; i < c.all.count; i++)
        if (c.all.node[i].tcb == tcb)
            return true;
    return false;
}

static const char *judge_thread(uint64_t pa)
{
    const struct tcb *now = view_tcb(&c.now, pa);
    const struct tcb *was = view_tcb(&c.before, pa);
    bool rises = now->priority > was->priority || now->mcp > was->mcp;
    bool binds = now->bound && now->bound != was->bound;
    if (!rises && !binds && now->domain == was->domain)
        return NULL;
    find_sets();
    if (!was_thread(pa)) /* a new one */
        return NULL;
    if (now->domain != was->domain && !holds_type(CAP_DOMAIN))
        return say("a thread changed its domain without a domain cap", pa, "TCB");
    if (!holds_tcb(pa))
        return say("a thread was changed by someone without a cap of it", pa, "TCB");
    unsigned best = rises ? best_authority() : PRIORITY_COUNT;
    if ((now->priority > was->priority && now->priority > best) ||
        (now->mcp > was->mcp && now->mcp > best))
        return say("a thread rose above every maximum priority at hand", pa, "TCB");
    uint64_t notification = binds ? pa_of(now->bound) : 0;
    if (binds && !any_cap(&c.own, is_readable_notification, &notification))
        return say("a thread was bound to a notification without a cap to read it", pa, "TCB");
    return NULL;
}

/* ---- translation tables ---- */

struct descriptor {
    uint64_t address;
    bool block; /* below the last level */
    bool el0_write;
};

/* A frame or table that the descriptor may lead to. */
static bool leads_to(struct cap held, const void *wanted)
{
    const struct descriptor *d = wanted;
    if (cap_type(held) == CAP_PAGE_TABLE)
        return !d->block && held.w[1] == d->address;
    return cap_type(held) == CAP_FRAME && d->address == held.w[1] &&
           (frame_rights(held) & RIGHT_READ) != 0 &&
           (!d->el0_write || (frame_rights(held) & RIGHT_WRITE) != 0) &&
           d->block == (frame_size(held) != FRAME_4K);
}

/* Bits of descriptors from the Arm manual (D5.3): 0 valid, 1 table or page, 6 EL0, 7 read-only. */
__attribute__((no_sanitize("address"))) static const char *judge_table(uint64_t table)
{
    const uint64_t *now = view_at(&c.now, table);
    const uint64_t *was = view_at(&c.before, table);
    for (unsigned i = 0; i < MEMORY_PAGE_WORDS; i++) {
        if (now[i] == was[i] || now[i] % 2 == 0)
            continue;
        struct descriptor d = {.address = now[i] & 0x0000fffffffff000ull,
                               .block = now[i] % 4 == 1,
                               .el0_write = (now[i] >> 6 & 3) == 1};
        find_sets();
        if (!any_cap(&c.own, leads_to, &d))
            return say("a descriptor leads to memory of which there was no such cap", table + i * 8,
                       "table");
    }
    return NULL;
}

static const char *judge_tables(const struct view_node *node)
{
    const struct slot *slot = view_at(&c.now, node->pa), *end = slot + node->count;
    for (; slot < end; slot++) {
        enum cap_type_number type = cap_type(slot->cap);
        if (type != CAP_PAGE_TABLE && type != CAP_VSPACE)
            continue;
        uint64_t table = cap_object(slot->cap);
        const char *why = page_changed(table) ? judge_table(table) : NULL;
        if (why)
            return why;
    }
    return NULL;
}

/* ---- the whole ---- */

/* Notification caps of interrupts lie in the kernel's own table. */
static const char *judge_interrupts(const struct cpu *cpu)
{
    const struct kernel *kernel = cpu->kernel;
    for (uint32_t irq = 0; irq <= kernel->max_irq; irq++) {
        uint64_t slot = pa_of(&kernel->irqs[irq].slot);
        struct cap cap = view_cap(&c.now, slot);
        struct cap handler = cap_irq_handler(irq);
        if (cap_is_null(cap) || view_allows(view_cap(&c.before, slot), cap))
            continue;
        find_sets();
        if (!any_cap(&c.own, allows, &handler) || !any_cap(&c.own, allows, &cap))
            return say("an interrupt got a notification without caps of both", slot, "interrupt");
    }
    return NULL;
}

static void begin(const struct cpu *cpu, const struct trap *trap)
{
    c.before = view_before();
    c.now = view_now();
    const struct cpu *was = view_at(&c.before, pa_of(cpu));
    c.kind = trap->kind;
    c.actor = was->current ? pa_of(was->current) : 0;
    c.found = false;
    for (unsigned i = 0; i < sizeof c.changed_pages / sizeof c.changed_pages[0]; i++)
        c.changed_pages[i] = 0;
    for (unsigned i = 0; i < memory_changed_count(); i++)
        c.changed_pages[memory_changed_page(i) / 64] |= 1ull << memory_changed_page(i) % 64;
    view_all(&c.now, cpu->current ? pa_of(cpu->current) : 0, &c.present);
}

const char *confine_check(const struct cpu *cpu, const struct trap *trap)
{
    begin(cpu, trap);
    const char *why = page_changed(pa_of(cpu->kernel->irqs)) ||
                              page_changed(pa_of(cpu->kernel->irqs + cpu->kernel->max_irq))
                          ? judge_interrupts(cpu)
                          : NULL;
    for (unsigned i = 0; i < c.present.count && !why; i++) {
        const struct view_node *node = &c.present.node[i];
        why = judge_node(node);
        if (!why)
            why = judge_tables(node);
        if (!why && node->tcb != 0 && !node->dying && page_changed(node->tcb))
            why = judge_thread(node->tcb);
    }
    return why;
}
