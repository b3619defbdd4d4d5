/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Interrupt controller. It keeps true: an interrupt is offered when it is enabled, its input is
 * high (level) or an edge waits, and it is neither active nor held; of several the lowest id is
 * claimed first, as a GIC does at equal priority; a claimed one is active until done or held.
 */
#include "internal.h"

static bool has(const struct irq_set *set, uint32_t irq)
{
    return (set->w[irq / 64] >> irq % 64 & 1) != 0;
}

static void put(struct irq_set *set, uint32_t irq, bool on)
{
    uint64_t bit = 1ull << irq % 64;
    set->w[irq / 64] = on ? set->w[irq / 64] | bit : set->w[irq / 64] & ~bit;
}

static struct irq_model *model(void)
{
    return &machine.model.irq;
}

static void check_id(uint32_t irq, const char *who)
{
    if (irq >= IRQ_COUNT) {
        machine_violate("%s: interrupt id %u, expected 0..%u", who, irq, IRQ_COUNT - 1);
    }
}

/* A GICv2 may have its SGIs always enabled (IHI 0048B 4.3.5), and QEMU's has: so has this one. */
static bool is_unmaskable(uint32_t irq)
{
    return machine.platform.gic == GIC_V2 && irq < IRQ_SGIS;
}

/* SGIs are always edge-triggered (GICv2 specification 3.2.2). */
void irq_reset(struct irq_model *irq, uint32_t timer_irq)
{
    *irq = (struct irq_model){0};
    irq->edge.w[0] = (1ull << IRQ_SGIS) - 1;
    irq->enabled.w[0] = is_unmaskable(0) ? irq->edge.w[0] : 0;
    put(&irq->enabled, timer_irq, true);
}

static void set_line(uint32_t irq, bool high)
{
    if (high && !has(&model()->line, irq)) {
        put(&model()->latched, irq, true);
    }
    put(&model()->line, irq, high);
}

void machine_irq_line(uint32_t irq, bool high)
{
    check_id(irq, "machine_irq_line");
    set_line(irq, high);
}

void machine_irq_pulse(uint32_t irq)
{
    check_id(irq, "machine_irq_pulse");
    set_line(irq, false);
    set_line(irq, true);
    set_line(irq, false);
}

/* The timers drive level inputs; they follow the clock whenever somebody looks. */
static void follow_timers(void)
{
    set_line(machine.platform.timer_irq, clock_timer_fires(TIMER_KERNEL));
    set_line(IRQ_PPI_PHYSICAL_TIMER, clock_timer_fires(TIMER_PHYSICAL));
}

uint32_t irq_offered(void)
{
    const struct irq_model *m = model();
    follow_timers();
    for (unsigned i = 0; i < IRQ_WORDS; i++) {
        uint64_t waiting = (m->latched.w[i] & m->edge.w[i]) | (m->line.w[i] & ~m->edge.w[i]);
        uint64_t ready = waiting & m->enabled.w[i] & ~m->active.w[i] & ~m->held.w[i];
        if (ready != 0) {
            return i * 64 + (uint32_t)__builtin_ctzll(ready);
        }
    }
    return HAL_IRQ_NONE;
}

bool irq_is_pending(void)
{
    return irq_offered() != HAL_IRQ_NONE;
}

uint32_t hal_irq_claim(void)
{
    uint32_t irq = irq_offered();
    if (irq != HAL_IRQ_NONE) {
        put(&model()->active, irq, true);
        put(&model()->latched, irq, false);
        if (machine.on_interrupt != NULL) {
            machine.on_interrupt(irq);
        }
    }
    return irq;
}

static void end_active(uint32_t irq, const char *who)
{
    check_id(irq, who);
    if (!has(&model()->active, irq)) {
        machine_violate("%s: interrupt %u is not active, expected one that was claimed", who, irq);
    }
    put(&model()->active, irq, false);
}

void hal_irq_done(uint32_t irq)
{
    end_active(irq, "hal_irq_done");
}

void hal_irq_hold(uint32_t irq)
{
    end_active(irq, "hal_irq_hold");
    put(&model()->held, irq, !is_unmaskable(irq));
}

void hal_irq_release(uint32_t irq)
{
    check_id(irq, "hal_irq_release");
    put(&model()->held, irq, false);
}

void hal_irq_enable(uint32_t irq, bool on)
{
    check_id(irq, "hal_irq_enable");
    put(&model()->enabled, irq, on || is_unmaskable(irq));
    if (!on) {
        put(&model()->held, irq, false);
    }
}

void hal_irq_configure(uint32_t irq, bool edge)
{
    check_id(irq, "hal_irq_configure");
    if (irq >= IRQ_SGIS) {
        put(&model()->edge, irq, edge);
    }
}

/* Preemption points ask here; a script may answer instead of the hardware. */
bool hal_irq_pending(void)
{
    machine.model.preempt_asked++;
    if (machine.model.preempt_at != 0 && machine.model.preempt_asked == machine.model.preempt_at) {
        return true;
    }
    return irq_is_pending();
}

void machine_preempt_at(uint64_t n)
{
    machine.model.preempt_at = n;
    machine.model.preempt_asked = 0;
}

uint64_t machine_preempt_asked(void)
{
    return machine.model.preempt_asked;
}

/* This machine's one CPU is interface 0 (GICv2) or affinity 0 (GICv3). */
void hal_irq_raise_sgi(uint32_t sgi, uint32_t target)
{
    if (sgi >= IRQ_SGIS) {
        machine_violate("hal_irq_raise_sgi: SGI %u, expected 0..%u", sgi, IRQ_SGIS - 1);
    }
    if (machine.platform.gic == GIC_V2 && target > 7) {
        machine_violate("hal_irq_raise_sgi: target %u, expected 0..7 on GICv2", target);
    }
    if (target == 0) {
        put(&model()->latched, sgi, true);
    }
}
