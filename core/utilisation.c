/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Where the time goes (abi/syscalls.md §8). Between kernel entries the time runs for the current
 * thread, or for idle; inside the kernel it runs for the thread that entered.
 */
#include "utilisation.h"

#include "cspace.h"
#include "diag.h"
#include "print.h"
#include "thread.h"

enum {
    WORDS = 13,
    HALT_BY_BAD_CALL = 103
};

static struct utilisation *account_of(struct cpu *cpu, struct tcb *tcb)
{
    return tcb ? &tcb->utilisation : &cpu->idle;
}

static void charge_user(struct cpu *cpu, uint64_t now)
{
    uint64_t spent = now - cpu->time_mark;
    account_of(cpu, cpu->current)->time += spent;
    cpu->total.time += spent;
    cpu->time_mark = now;
}

void utilisation_enter(struct cpu *cpu)
{
    charge_user(cpu, hal_timer_now());
    account_of(cpu, cpu->current)->entries++;
    cpu->total.entries++;
}

void utilisation_leave(struct cpu *cpu, struct tcb *entered)
{
    uint64_t now = hal_timer_now();
    uint64_t spent = now - cpu->time_mark;
    account_of(cpu, entered)->kernel_time += spent;
    cpu->total.kernel_time += spent;
    cpu->total.time += spent;
    cpu->time_mark = now;
    if (cpu->current != entered) {
        account_of(cpu, cpu->current)->schedules++;
        cpu->total.schedules++;
    }
}

/* The thread that x0 names; anything else ends the run, like the other debugging calls. */
static struct tcb *named_thread(struct cpu *cpu)
{
    struct lookup_fault ignored;
    uint64_t cptr = cpu->current->context.reg[REG_X0];
    const struct slot *slot = cspace_lookup(cpu->current, cptr, &ignored);
    if (!slot || cap_type(slot->cap) != CAP_TCB) {
        print("thread utilisation: the cap is not a TCB\n");
        hal_halt(HALT_BY_BAD_CALL);
    }
    return tcb_of(slot->cap);
}

void utilisation_get(struct cpu *cpu)
{
    const struct utilisation *thread = &named_thread(cpu)->utilisation;
    const struct utilisation *idle = &cpu->idle;
    const struct utilisation *total = &cpu->total;
    const uint64_t words[WORDS] = {
        thread->time,     thread->schedules,  thread->kernel_time, thread->entries, idle->time,
        idle->time,       idle->schedules,    idle->kernel_time,   idle->entries,   total->time,
        total->schedules, total->kernel_time, total->entries,
    };
    struct ipc_buffer *buffer = thread_buffer(cpu->current, true);
    for (unsigned i = 0; buffer && i < WORDS; i++)
        buffer->msg[i] = words[i];
}

void utilisation_reset(struct cpu *cpu)
{
    named_thread(cpu)->utilisation = (struct utilisation){0};
}

typedef void visit_fn(struct cpu *cpu, struct tcb *tcb);

/* Every ready thread and the current one. */
static void visit_threads(struct cpu *cpu, visit_fn *visit)
{
    visit(cpu, cpu->current);
    for (unsigned domain = 0; domain < cpu->kernel->domain_count; domain++)
        for (unsigned p = 0; p < PRIORITY_COUNT; p++)
            for (struct tcb *tcb = cpu->kernel->ready[domain].queue[p].head; tcb;
                 tcb = tcb->ready_next)
                visit(cpu, tcb);
}

static void print_one(struct cpu *cpu, struct tcb *tcb)
{
    print("  0x%x \"%s\": %u, %u schedules, kernel %u, %u entries\n", pa_of(tcb),
          diag_thread_name(cpu->diag, pa_of(tcb)), tcb->utilisation.time,
          tcb->utilisation.schedules, tcb->utilisation.kernel_time, tcb->utilisation.entries);
}

static void reset_one(struct cpu *cpu, struct tcb *tcb)
{
    (void)cpu;
    tcb->utilisation = (struct utilisation){0};
}

void utilisation_dump_all(struct cpu *cpu)
{
    print("utilisation of ready threads, of %u timer counts:\n", cpu->total.time);
    visit_threads(cpu, print_one);
}

void utilisation_reset_all(struct cpu *cpu)
{
    visit_threads(cpu, reset_one);
    cpu->idle = (struct utilisation){0};
    cpu->total = (struct utilisation){0};
}
