/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * GICv3 (Arm IHI 0069) through system registers, EOImode 1: the end of an interrupt drops the
 * priority, it stays active (and so cannot fire) until it is deactivated.
 */
#include "gic.h"
#include "machine.h"

/* The DSB orders the acknowledgement before what the handler does at the device. */
uint32_t gicv3_claim(void)
{
    uint32_t irq = (uint32_t)sysreg_read(ICC_IAR1) & 0xffffff;
    dsb(sy);
    return irq >= GIC_FIRST_SPECIAL && irq < 8192 ? HAL_IRQ_NONE : irq;
}

void gicv3_drop(uint32_t irq)
{
    sysreg_write(ICC_EOIR1, irq);
    isb();
}

void gicv3_deactivate(uint32_t irq)
{
    sysreg_write(ICC_DIR, irq);
    isb();
}

/* Masking also ends a hold: the interrupt must be able to fire when it is let again. */
void gicv3_enable(uint32_t irq, bool on)
{
    bool local = irq < 32;
    uint64_t base = local ? machine.gic_local + GICR_SGI_FRAME : machine.gic_dist;
    uint32_t offset = irq / 32 * 4;
    uint32_t bit = 1u << irq % 32;
    io_write(base, (on ? GICD_ISENABLER : GICD_ICENABLER) + offset, bit);
    if (on) {
        return;
    }
    uint64_t frame = local ? machine.gic_local : machine.gic_dist;
    uint32_t busy = local ? (uint32_t)GICR_CTLR_RWP : (uint32_t)GICD_CTLR_RWP;
    for (int i = 0; i < GIC_SPIN_LIMIT && (io_read(frame, 0) & busy) != 0; i++) {
    }
    io_write(base, GICD_ICACTIVER + offset, bit);
    dsb(sy);
}

/* Affinity 3.2.1.0 from the four bytes of `target`; the lowest selects one of 16 in a group of 16
 * (range selector). */
void gicv3_raise_sgi(uint32_t sgi, uint32_t target)
{
    uint64_t aff0 = target & 255;
    uint64_t word = (uint64_t)(target >> 24) << 48 | (uint64_t)(target >> 16 & 255) << 32 |
                    (uint64_t)(target >> 8 & 255) << 16 | aff0 / 16 << 44 | (uint64_t)sgi << 24 |
                    1ull << aff0 % 16;
    sysreg_write(ICC_SGI1R, word);
    isb();
}
