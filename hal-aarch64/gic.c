/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The interrupt part of the contract: chooses between GICv2 and GICv3, and holds what is the same
 * in both. The boot part (boot_gic.c) has set up priorities, groups and targets.
 */
#include "gic.h"

#include "machine.h"

uint32_t hal_irq_claim(void)
{
    return machine.gic == GIC_V3 ? gicv3_claim() : gicv2_claim();
}

void hal_irq_done(uint32_t irq)
{
    if (machine.gic == GIC_V3) {
        gicv3_drop(irq);
        gicv3_deactivate(irq);
    } else {
        gicv2_end(irq);
    }
}

/* Mask before the end of the interrupt: a level that is still high must not come back in between.
 */
void hal_irq_hold(uint32_t irq)
{
    if (machine.gic == GIC_V3) {
        gicv3_drop(irq);
    } else {
        gicv2_enable(irq, false);
        gicv2_end(irq);
    }
}

void hal_irq_release(uint32_t irq)
{
    if (machine.gic == GIC_V3) {
        gicv3_deactivate(irq);
    } else {
        gicv2_enable(irq, true);
    }
}

void hal_irq_enable(uint32_t irq, bool on)
{
    if (machine.gic == GIC_V3) {
        gicv3_enable(irq, on);
    } else {
        gicv2_enable(irq, on);
    }
}

/* GICD_ICFGR / GICR_ICFGR: two bits per interrupt, the upper one = edge. Software-generated
 * interrupts are fixed; an implementation may fix private ones too (the write is then ignored). */
void hal_irq_configure(uint32_t irq, bool edge)
{
    if (irq < 16) {
        return;
    }
    bool local = machine.gic == GIC_V3 && irq < 32;
    uint64_t base = local ? machine.gic_local + GICR_SGI_FRAME : machine.gic_dist;
    uint32_t offset = GICD_ICFGR + irq / 16 * 4;
    uint32_t bit = 2u << irq % 16 * 2;
    uint32_t old = io_read(base, offset);
    io_write(base, offset, edge ? old | bit : old & ~bit);
}

/* ISR_EL1.I: what the interrupt controller signals to this CPU, without asking it over the bus. */
bool hal_irq_pending(void)
{
    return (sysreg_read(isr_el1) & 1u << 7) != 0;
}

void hal_irq_raise_sgi(uint32_t sgi, uint32_t target)
{
    dsb(sy); /* what the receiver shall see is written */
    if (machine.gic == GIC_V3) {
        gicv3_raise_sgi(sgi, target);
    } else {
        gicv2_raise_sgi(sgi, target);
    }
}
