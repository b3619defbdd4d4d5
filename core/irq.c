/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Interrupts (abi/invocations.md §6, abi/scheduling.md §2).
 */
#include "irq.h"

#include "delete.h"
#include "notification.h"
#include "sched.h"

static void timer_fired(struct cpu *cpu)
{
    if (cpu->kernel->tick == 0) { /* kaal.tick_us=0: somebody else has armed it */
        hal_timer_arm(UINT64_MAX);
        return;
    }
    uint64_t now = hal_timer_now();
    cpu->next_tick += cpu->kernel->tick;
    if (cpu->next_tick <= now)
        cpu->next_tick = now + cpu->kernel->tick;
    hal_timer_arm(cpu->next_tick);
    sched_tick(cpu);
}

static void signal_handler(struct cpu *cpu, const struct irq_entry *entry)
{
    struct cap cap = entry->slot.cap;
    if (cap_type(cap) == CAP_NOTIFICATION && (ipc_rights(cap) & RIGHT_WRITE))
        notification_signal(cpu, notification_of(cap), ipc_badge(cap));
}

void irq_handle_pending(struct cpu *cpu)
{
    uint32_t irq = hal_irq_claim();
    if (irq == HAL_IRQ_NONE)
        return;
    struct kernel *kernel = cpu->kernel;
    if (irq == kernel->timer_irq) {
        timer_fired(cpu);
        hal_irq_done(irq);
    } else if (irq <= kernel->max_irq && kernel->irqs[irq].state == IRQ_SIGNAL) {
        hal_irq_hold(irq);
        signal_handler(cpu, &kernel->irqs[irq]);
    } else {
        hal_irq_enable(irq, false);
        hal_irq_done(irq);
    }
}

enum outcome irq_release(struct cpu *cpu, uint32_t irq)
{
    struct irq_entry *entry = &cpu->kernel->irqs[irq];
    if (delete_slot(cpu, &entry->slot) == PREEMPTED)
        return PREEMPTED;
    entry->state = IRQ_INACTIVE;
    hal_irq_release(irq); /* may unmask */
    hal_irq_enable(irq, false);
    return DONE;
}
