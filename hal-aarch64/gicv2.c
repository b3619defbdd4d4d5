/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * GICv2 (Arm IHI 0048B) with EOImode 0: the end of an interrupt drops the priority and deactivates.
 * Keeps true: an interrupt is ended with the very word that was read when it was acknowledged.
 */
#include "gic.h"
#include "machine.h"

static uint32_t acknowledged; /* GICC_IAR: id, and the sending CPU of an SGI */

uint32_t gicv2_claim(void)
{
    uint32_t iar = io_read(machine.gic_local, GICC_IAR);
    uint32_t irq = iar & 0x3ff;
    if (irq >= GIC_FIRST_SPECIAL) {
        return HAL_IRQ_NONE;
    }
    acknowledged = iar;
    return irq;
}

/* The DSB: the interrupt line to the CPU has followed before the kernel leaves. */
void gicv2_end(uint32_t irq)
{
    uint32_t word = (acknowledged & 0x3ff) == irq ? acknowledged : irq;
    io_write(machine.gic_local, GICC_EOIR, word);
    dsb(sy);
}

void gicv2_enable(uint32_t irq, bool on)
{
    uint32_t offset = on ? GICD_ISENABLER : GICD_ICENABLER;
    io_write(machine.gic_dist, offset + irq / 32 * 4, 1u << irq % 32);
    dsb(sy);
}

void gicv2_raise_sgi(uint32_t sgi, uint32_t target)
{
    io_write(machine.gic_dist, GICD_SGIR, 1u << (16 + target) | sgi);
}
