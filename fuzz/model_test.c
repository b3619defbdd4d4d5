/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Shows that the model in lockstep sees each thing it compares: one step, then one word of the
 * kernel's state is changed as a wrong kernel might have left it. And that model and kernel agree
 * at limits that need more memory than the start states have: there the state is written by hand
 * before the model is filled from it. Prints TAP.
 */
#include <stdio.h>

#include "cspace.h"
#include "fire.h"
#include "internal.h"
#include "program.h"
#include "runner.h"
#include "thread.h"
#include "wait.h"
#include "world.h"

static struct slot *slot_of(unsigned number)
{
    return &slots_at(world_root_cnode())[number];
}
static struct tcb *thread_of(unsigned number)
{
    return tcb_of(slot_of(number)->cap);
}
static uint64_t *word_of(unsigned number, unsigned index)
{
    return (uint64_t *)hal_window(paddr(cap_object(slot_of(number)->cap))) + index;
}

#define DAMAGE(name, statement)                                                                    \
    static void name(struct cpu *cpu)                                                              \
    {                                                                                              \
        (void)cpu;                                                                                 \
        statement;                                                                                 \
    }

DAMAGE(none, (void)0)
/* ---- threads ---- */
DAMAGE(reg, thread_of(WORLD_TCB_C)->context.reg[REG_X28] ^= 1)
DAMAGE(next_pc, cpu->current->context.next_pc += 4)
DAMAGE(state, thread_of(WORLD_TCB_C)->state = THREAD_INACTIVE)
DAMAGE(priority, thread_of(WORLD_TCB_C)->priority--)
DAMAGE(mcp, thread_of(WORLD_TCB_A)->mcp++)
DAMAGE(slice, cpu->current->slice--)
DAMAGE(flags, thread_of(WORLD_TCB_A)->flags ^= TCB_FLAG_FPU_DISABLED)
DAMAGE(domain, thread_of(WORLD_TCB_C)->domain = 1)
DAMAGE(handler, thread_of(WORLD_TCB_A)->fault_handler++)
DAMAGE(buffer, thread_of(WORLD_TCB_A)->ipc_buffer += 1024)
DAMAGE(fault_left, thread_of(WORLD_TCB_A)->fault.label = FAULT_VM)
DAMAGE(running, cpu->current = thread_of(WORLD_TCB_C))
DAMAGE(fp, thread_of(WORLD_TCB_C)->fp.v[3] = 7)
DAMAGE(kept_badge, thread_of(WORLD_TCB_A)->blocked_badge = 3)
DAMAGE(kept_grant, thread_of(WORLD_TCB_A)->blocked_grant ^= 1)
DAMAGE(blocked_on, thread_of(WORLD_TCB_C)->blocked_on.raw += 16)

/* ---- queues ---- */
static void ready_order(struct cpu *cpu)
{
    struct ready_queue *q = &cpu->kernel->ready[0].queue[cpu->current->priority];
    struct tcb *first = q->head, *second = first->ready_next;
    q->head = second;
    first->ready_next = second->ready_next;
    second->ready_next = first;
}
static void waiter(struct cpu *cpu)
{
    (void)cpu;
    endpoint_of(slot_of(WORLD_ENDPOINT)->cap)->queue.head = NULL;
}
static void active(struct cpu *cpu)
{
    (void)cpu;
    wait_set_state(&notification_of(slot_of(WORLD_NOTIFICATION_2)->cap)->queue,
                   NOTIFICATION_ACTIVE);
}
DAMAGE(bound, notification_of(slot_of(WORLD_NOTIFICATION_2)->cap)->bound = cpu->current)

/* ---- caps ---- */
DAMAGE(badge, slot_of(WORLD_BADGED_5)->cap.w[1] = 0)
DAMAGE(right,
       slot_of(WORLD_BADGED_5)->cap = ipc_with_rights(slot_of(WORLD_BADGED_5)->cap, RIGHT_WRITE))
DAMAGE(frame_right,
       slot_of(WORLD_FRAME)->cap = frame_with_rights(slot_of(WORLD_FRAME)->cap, RIGHT_READ))
DAMAGE(object, slot_of(WORLD_FRAME_COPY)->cap.w[1] += 4096)
DAMAGE(type, slot_of(WORLD_SIGNAL_1)->cap = cap_null())
DAMAGE(guard, slot_of(WORLD_CNODE)->cap.w[1] = 1)
DAMAGE(watermark,
       slot_of(WORLD_UNTYPED_SMALL)->cap = untyped_with_watermark(slot_of(WORLD_UNTYPED_SMALL)->cap,
                                                                  16))
DAMAGE(mapped, slot_of(WORLD_FRAME)->cap = with_mapping(slot_of(WORLD_FRAME)->cap, 0, 0))
DAMAGE(revocable, slot_of(WORLD_BADGED_5_COPY)->link |= SLOT_REVOCABLE)
DAMAGE(first_badged, slot_of(WORLD_BADGED_5)->link -= SLOT_FIRST_BADGED)
static void order(struct cpu *cpu)
{
    struct slot *next = slot_next(slot_of(WORLD_BADGED_7));
    (void)cpu;
    slot_of(WORLD_BADGED_7)->link += (uint64_t)slot_next(next) - (uint64_t)next;
}
static void reply_right(struct cpu *cpu)
{
    struct slot *held = &thread_of(WORLD_TCB_C)->slots[TCB_CALLER];
    (void)cpu;
    held->cap = cap_reply(held->cap.w[1], false, !reply_can_grant(held->cap));
}

/* ---- memory, spaces, interrupts, domains ---- */
DAMAGE(frame_word, *word_of(WORLD_FRAME, 100) = 1)
DAMAGE(leaf, *word_of(WORLD_TABLE_3, 0x10) ^= 1ull << 54)
DAMAGE(table_link, *word_of(WORLD_TABLE_1, 0) = 0)
DAMAGE(pool_entry, *word_of(SLOT_INIT_ASID_POOL, 300) = cap_object(slot_of(WORLD_VSPACE_C)->cap))
DAMAGE(pool, cpu->kernel->asid_pools[3] = cpu->kernel->asid_pools[0])
DAMAGE(space, machine.model.root = 0)
DAMAGE(irq_open, cpu->kernel->irqs[50].state = IRQ_SIGNAL)
DAMAGE(irq_masked, hal_irq_enable(WORLD_DEVICE_IRQ, false))
DAMAGE(irq_badge, cpu->kernel->irqs[WORLD_DEVICE_IRQ].slot.cap.w[1] ^= 8)
DAMAGE(time, cpu->kernel->domain_time++)
DAMAGE(schedule, cpu->kernel->schedule[1].duration++)
DAMAGE(start, cpu->kernel->schedule_start = 1)

static const struct fire_test tests[] = {
    {"nothing", WORLD_PEERS, none, NULL},
    {"a register", WORLD_PEERS, reg, "register word"},
    {"an FP register", WORLD_PEERS, fp, "FP registers"},
    {"the next pc", WORLD_PEERS, next_pc, "next pc"},
    {"a thread's state", WORLD_PEERS, state, "state"},
    {"a priority", WORLD_PEERS, priority, "priority"},
    {"a maximum priority", WORLD_PEERS, mcp, "mcp"},
    {"a time slice", WORLD_PEERS, slice, "slice"},
    {"a flag", WORLD_PEERS, flags, "flags"},
    {"a thread's domain", WORLD_DOMAINS, domain, "domain"},
    {"a fault handler", WORLD_PEERS, handler, "handler"},
    {"a buffer's address", WORLD_PEERS, buffer, "buffer address"},
    {"a recorded fault", WORLD_PEERS, fault_left, "recorded fault"},
    {"who runs", WORLD_PEERS, running, "thread that runs"},
    {"a waiting sender's badge", WORLD_DOMAINS, kept_badge, "kept badge"},
    {"a waiting sender's grant right", WORLD_DOMAINS, kept_grant, "kept rights"},
    {"what a thread waits on", WORLD_PEERS, blocked_on, "blocked on"},
    {"the order of ready threads", WORLD_PEERS, ready_order, "ready thread"},
    {"the first that waits", WORLD_PEERS, waiter, "first thread waiting"},
    {"an active notification", WORLD_PEERS, active, "active"},
    {"a bound notification", WORLD_PEERS, bound, "bound thread"},
    {"a badge", WORLD_PEERS, badge, "data"},
    {"a right", WORLD_PEERS, right, "rights"},
    {"a frame's right", WORLD_PEERS, frame_right, "rights"},
    {"a cap's object", WORLD_PEERS, object, "object"},
    {"a cap gone", WORLD_PEERS, type, "type"},
    {"a guard", WORLD_PEERS, guard, "data"},
    {"a watermark", WORLD_PEERS, watermark, "data"},
    {"a mapping record", WORLD_PEERS, mapped, "data"},
    {"who can revoke", WORLD_PEERS, revocable, "revocable"},
    {"who is first with its badge", WORLD_PEERS, first_badged, "firstBadged"},
    {"the derivation list", WORLD_PEERS, order, "next in the derivation list"},
    {"a reply right's grant", WORLD_DOMAINS, reply_right, "rights"},
    {"a word of a frame", WORLD_PEERS, frame_word, "word at"},
    {"a mapping's attribute", WORLD_PEERS, leaf, "table entry"},
    {"a table's link", WORLD_PEERS, table_link, "table entry"},
    {"an ASID", WORLD_PEERS, pool_entry, "word at"},
    {"an ASID pool", WORLD_PEERS, pool, "ASID pool"},
    {"the address space that runs", WORLD_PEERS, space, "address space"},
    {"an interrupt issued", WORLD_PEERS, irq_open, "issued"},
    {"an interrupt masked", WORLD_PEERS, irq_masked, "masked"},
    {"an interrupt's badge", WORLD_PEERS, irq_badge, "data"},
    {"a domain's time", WORLD_DOMAINS, time, "ticks left"},
    {"the domain schedule", WORLD_DOMAINS, schedule, "schedule, entry"},
    {"the start of the schedule", WORLD_DOMAINS, start, "start of the domain schedule"},
};

enum {
    TESTS = sizeof tests / sizeof tests[0]
};

/* ---- limits ---- */

enum {
    POOL = 120, /* a slot */
    NUMBER = 1, /* of its pool */
};

/* Every ASID of the first pool is some VSpace's. */
static void fill_pool(struct cpu *cpu)
{
    (void)cpu;
    for (unsigned i = 1; i < ASIDS_PER_POOL; i++)
        if (*word_of(SLOT_INIT_ASID_POOL, i) == 0)
            *word_of(SLOT_INIT_ASID_POOL, i) = cap_object(slot_of(WORLD_VSPACE_C)->cap);
}
static void fill_pools(struct cpu *cpu)
{
    for (unsigned i = 0; i < ASID_POOL_COUNT; i++)
        cpu->kernel->asid_pools[i] = cpu->kernel->asid_pools[0];
}
static void pool_without_number(struct cpu *cpu)
{
    (void)cpu;
    slot_of(POOL)->cap = cap_asid_pool(cap_object(slot_of(SLOT_INIT_ASID_POOL)->cap), NUMBER);
}
static void number_of_another(struct cpu *cpu)
{
    pool_without_number(cpu);
    cpu->kernel->asid_pools[NUMBER] = paddr(cap_object(slot_of(WORLD_FRAME)->cap));
}

#define ASSIGN(pool)                                                                               \
    {                                                                                              \
        STEP_CALL, 5, pool, LABEL_ASID_POOL_ASSIGN, 0, 1, WORLD_SPARE_VSPACE                       \
    }

static const struct limit {
    const char *what;
    void (*prepare)(struct cpu *cpu);
    uint8_t step[10];
    enum error_code expected; /* abi/invocations.md, the method's checks */
} limits[] = {
    {"a pool of which every ASID is taken", fill_pool, ASSIGN(SLOT_INIT_ASID_POOL),
     ERROR_DELETE_FIRST},
    {"a pool that has no number", pool_without_number, ASSIGN(POOL), ERROR_FAILED_LOOKUP},
    {"a pool whose number is another's", number_of_another, ASSIGN(POOL), ERROR_INVALID_CAPABILITY},
    {"all numbers of pools taken",
     fill_pools,
     {STEP_CALL, 8, SLOT_ASID_CONTROL, LABEL_ASID_CONTROL_MAKE_POOL, 2, 2, WORLD_UNTYPED_PAGE,
      SLOT_INIT_CNODE, POOL, WORD_BITS},
     ERROR_DELETE_FIRST},
};

enum {
    LIMITS = sizeof limits / sizeof limits[0]
};

static bool agree(const struct limit *limit)
{
    static const struct run_options options = {.model_alone = true};
    struct cpu *cpu = world_reset(WORLD_SPACES, false);
    const struct tcb *caller = cpu->current;
    limit->prepare(cpu);
    run_base(cpu);
    run_from(cpu, &options);
    struct run_result result = run_step(limit->step, 2u + limit->step[1]);
    uint64_t error = msginfo_label(caller->context.reg[REG_X1]);
    if (!result.failure && error == limit->expected)
        return true;
    printf("# expected: error %u of both\n# found:    %llu, %s\n", limit->expected,
           (unsigned long long)error, result.failure ? result.failure : "of both");
    return false;
}

static unsigned agree_on_all(unsigned first)
{
    unsigned failed = 0;
    for (unsigned i = 0; i < LIMITS; i++) {
        bool good = agree(&limits[i]);
        failed += !good;
        fire_tell(good, first + i, limits[i].what);
    }
    return failed;
}

int main(void)
{
    static const struct run_options options = {.model_alone = true};
    unsigned failed;
    run_init(stats_open());
    printf("1..%d\n", TESTS + LIMITS);
    failed = fire_all(tests, TESTS, 1, &options, "model: ");
    failed += agree_on_all(TESTS + 1);
    return failed != 0;
}
