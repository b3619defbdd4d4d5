/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The model in lockstep (model_check.h): when it is filled, when it moves, when it is compared.
 */
#include "model_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"
#include "model_mirror.h"
#include "thread.h"
#include "world.h"

_Static_assert((int)WORLD_COUNT <= (int)MODEL_KEEPS && (int)WORLD_RAM_BYTES == (int)M_RAM_BYTES &&
                   (int)WORLD_MAX_IRQ < (int)M_IRQS,
               "the model's bounds");

/* A start state as filled, and the state that moves; both equal but for what is noted as dirty. */
struct kept {
    bool filled;
    struct model start, live;
};

static struct {
    struct kept kept[MODEL_KEEPS + 1];
    struct model *m;
    struct model_stats *stats;
    struct m_trap trap;
    bool off; /* given up for the rest of the run */
    /* The kernel is in the middle of a call whose end the model shows. */
    bool waits;
    const struct tcb *waiter;
    uint64_t waiter_reg[REG_COUNT];
    struct ipc_buffer waiter_buffer;
    struct fp_state waiter_fp;
    /* of the trap at hand */
    bool interrupt_waits; /* a real one, at entry */
    uint64_t asked;
} lock;

void model_init(struct model_stats *counters)
{
    lock.stats = counters;
}

/* ---- filling ---- */

static void clear_changes(struct model *m)
{
    m->slots_changed = m->words_changed = 0;
}

static void fill_masks(struct model *m)
{
    const struct irq_model *gic = &machine.model.irq;
    for (unsigned i = 0; i < M_IRQS; i++)
        m->s.irq_masked[i] = !((gic->enabled.w[i / 64] & ~gic->held.w[i / 64]) >> i % 64 & 1);
}

static void fill(struct model *m, const struct cpu *cpu)
{
    memset(m, 0, sizeof *m);
    mirror_fill(m, cpu, slots_at(world_root_cnode()), 1ull << WORLD_ROOT_RADIX);
    fill_masks(m);
    clear_changes(m);
}

/* Records that are not in use need no copy. */
static void restore_small(struct m_small *to, const struct m_small *from)
{
    memcpy(to, from, offsetof(struct m_small, notification));
    memcpy(to->notification, from->notification, from->notifications * sizeof *to->notification);
    memcpy(to->thread, from->thread, from->threads * sizeof *to->thread);
    memcpy(to->node, from->node, from->nodes * sizeof *to->node);
}

static void restore(struct kept *kept)
{
    for (unsigned g = 0; g < M_GROUPS; g++)
        if (kept->live.group_dirty[g])
            memcpy(&kept->live.slot[g * M_GROUP], &kept->start.slot[g * M_GROUP],
                   M_GROUP * sizeof(struct m_slot));
    for (unsigned p = 0; p < M_PAGES; p++)
        if (kept->live.page_dirty[p])
            memcpy(&kept->live.memory[p << (PAGE_BITS - 3)],
                   &kept->start.memory[p << (PAGE_BITS - 3)], 1 << PAGE_BITS);
    memset(kept->live.group_dirty, 0, sizeof kept->live.group_dirty);
    memset(kept->live.page_dirty, 0, sizeof kept->live.page_dirty);
    restore_small(&kept->live.s, &kept->start.s);
    clear_changes(&kept->live);
}

static void begin(struct kept *kept)
{
    restore(kept);
    lock.m = &kept->live;
    lock.off = lock.waits = false;
}

void model_begin(const struct cpu *cpu, unsigned key)
{
    struct kept *kept = &lock.kept[key];
    if (!kept->filled) {
        fill(&kept->start, cpu);
        kept->live = kept->start;
        kept->filled = true;
    }
    begin(kept);
}

void model_base(const struct cpu *cpu)
{
    struct kept *kept = &lock.kept[MODEL_BASE];
    fill(&kept->start, cpu);
    kept->live = kept->start;
}

void model_to_base(void)
{
    begin(&lock.kept[MODEL_BASE]);
}

/* From a state in the middle of a call; everything may be different from the start. */
static void refill(const struct cpu *cpu)
{
    fill(lock.m, cpu);
    memset(lock.m->group_dirty, 1, sizeof lock.m->group_dirty);
    memset(lock.m->page_dirty, 1, sizeof lock.m->page_dirty);
    lock.waits = false;
    lock.stats->refilled++;
}

/* ---- before a trap ---- */

/* What user level did since: the running thread's registers and its buffer. */
static void take_user_state(struct model *m, const struct cpu *cpu)
{
    struct m_thread *t = m_current(m);
    uint64_t buffer = m_buffer(m, t, false);
    struct m_thread now;
    mirror_thread(&now, cpu, cpu->current);
    memcpy(t->reg, now.reg, sizeof t->reg);
    t->next_pc = now.next_pc;
    t->fp = now.fp;
    if (!buffer)
        return;
    memcpy(m_word(m, buffer), hal_window(paddr(buffer)), sizeof(struct ipc_buffer));
    m->page_dirty[(buffer - m->config.ram) >> PAGE_BITS] = true;
}

static struct m_trap view_trap(const struct trap *trap)
{
    static const uint8_t kinds[] = {
        [TRAP_SYSCALL] = M_TRAP_SYSCALL,
        [TRAP_DATA_ABORT] = M_TRAP_DATA_ABORT,
        [TRAP_INSTRUCTION_ABORT] = M_TRAP_INSTRUCTION_ABORT,
        [TRAP_USER_EXCEPTION] = M_TRAP_EXCEPTION,
        [TRAP_INTERRUPT] = M_TRAP_INTERRUPT,
    };
    struct m_trap out = {.kind = (enum m_trap_kind)kinds[trap->kind],
                         .esr = trap->esr,
                         .far = trap->far,
                         .irq = M_NO_IRQ};
    if (trap->kind == TRAP_INTERRUPT)
        out.irq = irq_offered();
    return out;
}

/* The thread that was preempted executes its call again, which nobody has changed. */
static bool goes_on(const struct cpu *cpu, const struct trap *trap)
{
    const struct tcb *tcb = cpu->current;
    const struct ipc_buffer *buffer;
    if (trap->kind != TRAP_SYSCALL || tcb != lock.waiter)
        return false;
    buffer = thread_buffer(tcb, false);
    return memcmp(tcb->context.reg, lock.waiter_reg, sizeof lock.waiter_reg) == 0 &&
           (!buffer || memcmp(buffer, &lock.waiter_buffer, sizeof *buffer) == 0) &&
           memcmp(&machine.model.fp, &lock.waiter_fp, sizeof lock.waiter_fp) == 0;
}

static void remember_call(const struct tcb *tcb)
{
    lock.waiter = tcb;
    memcpy(lock.waiter_reg, tcb->context.reg, sizeof lock.waiter_reg);
}

/* The caller's registers are as at entry, and so is its buffer; or it is gone. */
static void wait_for_end(void)
{
    const struct ipc_buffer *buffer = thread_buffer(lock.waiter, false);
    lock.waits = true;
    if (buffer)
        lock.waiter_buffer = *buffer;
    lock.waiter_fp = machine.model.fp;
}

void model_before(const struct cpu *cpu, const struct trap *trap)
{
    lock.stats->traps++;
    if (lock.off) {
        lock.stats->missing++;
        lock.stats->missing_by_label[0]++;
        return;
    }
    lock.interrupt_waits = irq_is_pending();
    lock.asked = machine_preempt_asked();
    lock.trap = view_trap(trap);
    if (lock.waits && goes_on(cpu, trap))
        return;
    if (lock.waits)
        refill(cpu);
    clear_changes(lock.m);
    if (cpu->current)
        take_user_state(lock.m, cpu);
    if (trap->kind == TRAP_SYSCALL)
        remember_call(cpu->current);
    model_step(lock.m, &lock.trap);
}

/* ---- after a trap ---- */

/* A question was answered with yes on the way: the call was left in the middle. */
static bool was_preempted(void)
{
    uint64_t asked = machine_preempt_asked(), at = machine.model.preempt_at;
    if (lock.trap.kind != M_TRAP_SYSCALL || asked == lock.asked)
        return false;
    return lock.interrupt_waits || (at > lock.asked && at <= asked);
}

/* What the documents leave open is as the kernel has it. */
static void take_open_words(struct model *m)
{
    const struct m_call *call = &m->call;
    struct m_thread *t = &m->s.thread[call->caller];
    uint64_t buffer;
    if (!call->open_registers && !call->open_count)
        return;
    lock.stats->open++;
    for (unsigned i = 0; i < REG_COUNT; i++)
        if (call->open_registers >> i & 1)
            t->reg[i] = tcb_at(t->addr)->context.reg[i];
    buffer = m_buffer(m, t, true);
    if (buffer)
        memcpy(m_word(m, buffer + offsetof(struct ipc_buffer, msg[call->open_first])),
               hal_window(paddr(buffer + offsetof(struct ipc_buffer, msg[call->open_first]))),
               call->open_count * sizeof(uint64_t));
}

static const char *explain(const char *difference)
{
    static char sentence[400];
    static const char *const traps[] = {"system call", "data abort", "instruction abort",
                                        "exception", "interrupt"};
    if (!difference)
        return NULL;
    snprintf(sentence, sizeof sentence, "model: %s (x7 %" PRId64 ", label %" PRIu64 "): %s",
             traps[lock.trap.kind], (int64_t)lock.m->call.number, lock.m->call.label, difference);
    return sentence;
}

static void give_up(void)
{
    uint64_t label = lock.m->call.invoked ? lock.m->call.label : 0;
    lock.off = true;
    lock.stats->predicted--;
    lock.stats->missing++;
    lock.stats->missing_by_label[label < LABEL_COUNT ? label : 0]++;
}

static const char *judge(const struct cpu *cpu,
                         const char *(*compare)(struct model *, const struct cpu *))
{
    if (lock.m->s.gave_up) {
        give_up();
        return NULL;
    }
    return explain(compare(lock.m, cpu));
}

const char *model_after(const struct cpu *cpu)
{
    if (lock.off)
        return NULL;
    if (was_preempted()) {
        lock.stats->waiting++;
        wait_for_end();
        if (thread_is_runnable(lock.waiter) &&
            memcmp(lock.waiter->context.reg, lock.waiter_reg, sizeof lock.waiter_reg) != 0)
            return explain("a preempted call changed its caller's registers");
        if (lock.interrupt_waits || !model_repeats(lock.m))
            refill(cpu);
        return NULL;
    }
    lock.waits = false;
    lock.stats->predicted++;
    if (lock.m->call.halts)
        return explain("the run goes on, the model says it ends here");
    take_open_words(lock.m);
    return judge(cpu, compare_changed);
}

const char *model_halt(void)
{
    if (lock.off || lock.waits)
        return NULL;
    lock.stats->predicted++;
    return lock.m->call.halts ? NULL : explain("the run ends here, the model says it goes on");
}

const char *model_end(const struct cpu *cpu)
{
    if (lock.off || lock.waits)
        return NULL;
    if (cpu->current)
        take_user_state(lock.m, cpu);
    return judge(cpu, compare_all);
}
