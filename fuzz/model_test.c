/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Shows that the model in lockstep sees each thing it compares: one step, then one word of the
 * kernel's state is changed as a wrong kernel might have left it. Prints TAP.
 */
#include <stdio.h>
#include <string.h>

#include "cspace.h"
#include "internal.h"
#include "program.h"
#include "runner.h"
#include "thread.h"
#include "wait.h"
#include "world.h"

struct test {
    const char *what;
    uint8_t world;
    void (*damage)(struct cpu *cpu);
    const char *expected; /* in the sentence; NULL: nothing is wrong */
};

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

static const struct test tests[] = {
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

static bool fires(const struct test *test)
{
    const uint8_t yield[] = {test->world, STEP_YIELD, 0};
    const struct run_options options = {.damage = test->damage, .model_alone = true};
    struct run_result result = run_program(yield, sizeof yield, &options);
    if (!test->expected && !result.failure)
        return true;
    if (test->expected && result.failure && strncmp(result.failure, "model: ", 7) == 0 &&
        strstr(result.failure, test->expected))
        return true;
    printf("# expected: %s\n# found:    %s\n", test->expected ? test->expected : "nothing",
           result.failure ? result.failure : "nothing");
    return false;
}

int main(void)
{
    unsigned failed = 0;
    run_init(stats_open());
    printf("1..%d\n", TESTS);
    for (unsigned i = 0; i < TESTS; i++) {
        bool good = fires(&tests[i]);
        failed += !good;
        printf("%sok %u - the model sees: %s\n", good ? "" : "not ", i + 1, tests[i].what);
    }
    return failed != 0;
}
