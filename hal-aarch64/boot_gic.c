/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Sets up the interrupt controller of the boot CPU: every interrupt masked, not pending, of one
 * priority, shared ones routed here (abi/boot.md §5). Boot-only.
 */
#include "boot.h"
#include "gic.h"

/* One value into `count` words from `offset` on. */
static void fill(uint64_t base, uint32_t offset, uint32_t first, uint32_t count, uint32_t value)
{
    for (uint32_t i = first; i < count; i++) {
        io_write(base, offset + i * 4, value);
    }
}

/* Waits until register writes have taken effect (RWP), within reason. */
static void settle(uint64_t base, uint32_t busy)
{
    for (int i = 0; i < GIC_SPIN_LIMIT && (io_read(base, 0) & busy) != 0; i++) {
    }
}

/* Number of 32-interrupt groups: GICD_TYPER.ITLinesNumber + 1. */
static uint32_t groups(void)
{
    return (io_read(machine.gic_dist, GICD_TYPER) & 31) + 1;
}

static void reset_groups(uint64_t base, uint32_t first, uint32_t count)
{
    fill(base, GICD_ICENABLER, first, count, ~0u);
    fill(base, GICD_ICPENDR, first, count, ~0u);
    fill(base, GICD_ICACTIVER, first, count, ~0u);
    fill(base, GICD_IPRIORITYR, first * 8, count * 8, GIC_PRIORITY * 0x01010101u);
}

/* Group 0 where the groups can be chosen (no security extensions); otherwise firmware has put the
 * interrupts into the group that bit 0 of the control registers enables for us. */
static void setup_v2(void)
{
    uint64_t d = machine.gic_dist;
    uint64_t c = machine.gic_local;
    uint32_t n = groups();
    io_write(d, GICD_CTLR, 0);
    reset_groups(d, 0, n);
    fill(d, GICD_IGROUPR, 0, n, 0);
    uint32_t mask = io_read(d, GICD_ITARGETSR) & 0xff; /* this CPU, in the banked word */
    fill(d, GICD_ITARGETSR, 8, n * 8, mask * 0x01010101u);
    io_write(d, GICD_CTLR, 1);
    io_write(c, GICC_PMR, 0xff);
    io_write(c, GICC_BPR, 0);
    io_write(c, GICC_CTLR, 1);
}

/* Affinity 3.2.1.0 of this CPU in four bytes. */
static uint32_t own_affinity(void)
{
    uint64_t mpidr = sysreg_read(mpidr_el1);
    return (uint32_t)(mpidr & 0xffffff) | (uint32_t)(mpidr >> 32 & 0xff) << 24;
}

/* This CPU's frame in the redistributor region, 0 if it has none. */
static uint64_t find_redistributor(uint64_t base, uint64_t bytes)
{
    uint64_t offset = 0;
    while (bytes - offset >= GICR_STRIDE) {
        uint32_t type = io_read(base + offset, GICR_TYPER);
        if (io_read(base + offset, GICR_TYPER + 4) == own_affinity()) {
            return base + offset;
        }
        if ((type & GICR_TYPER_LAST) != 0) {
            break;
        }
        uint64_t stride = (type & GICR_TYPER_VLPIS) != 0 ? GICR_STRIDE_VLPIS : GICR_STRIDE;
        if (bytes - offset < stride) {
            break;
        }
        offset += stride;
    }
    return 0;
}

static void setup_v3(void)
{
    uint64_t d = machine.gic_dist;
    uint64_t r = machine.gic_local;
    uint32_t n = groups();
    uint32_t affinity = own_affinity();
    io_write(d, GICD_CTLR, 0);
    settle(d, GICD_CTLR_RWP);
    reset_groups(d, 1, n);
    fill(d, GICD_IGROUPR, 1, n, ~0u);
    settle(d, GICD_CTLR_RWP);
    io_write(d, GICD_CTLR, 1 << 4 | 3); /* affinity routing; both group enables of either view */
    settle(d, GICD_CTLR_RWP);
    for (uint32_t irq = 32; irq < n * 32 && irq < GIC_FIRST_SPECIAL; irq++) {
        io_write(d, GICD_IROUTER + irq * 8, affinity & 0xffffff);
        io_write(d, GICD_IROUTER + irq * 8 + 4, affinity >> 24);
    }
    io_write(r, GICR_WAKER, io_read(r, GICR_WAKER) & ~(uint32_t)WAKER_PROCESSOR_SLEEP);
    for (int i = 0; i < GIC_SPIN_LIMIT && (io_read(r, GICR_WAKER) & WAKER_CHILDREN_ASLEEP) != 0;
         i++) {
    }
    reset_groups(r + GICR_SGI_FRAME, 0, 1);
    fill(r + GICR_SGI_FRAME, GICD_IGROUPR, 0, 1, ~0u);
    settle(r, GICR_CTLR_RWP);
    sysreg_write(ICC_SRE, sysreg_read(ICC_SRE) | 1);
    isb(); /* the other ICC registers exist from here on */
    sysreg_write(ICC_PMR, 0xff);
    sysreg_write(ICC_BPR1, 0);
    sysreg_write(ICC_CTLR, 2); /* EOImode */
    sysreg_write(ICC_IGRPEN1, 1);
    isb();
}

const char *boot_gic(struct platform *platform)
{
    machine.gic = platform->gic;
    machine.gic_dist = boot_map_device(platform->gic_frames[0], platform->gic_sizes[0]);
    machine.gic_local = boot_map_device(platform->gic_frames[1], platform->gic_sizes[1]);
    if (machine.gic_dist == 0 || machine.gic_local == 0) {
        return "interrupt controller: expected registers of at most 1 GiB, found more";
    }
    if (machine.gic == GIC_V3) {
        machine.gic_local = find_redistributor(machine.gic_local, platform->gic_sizes[1]);
        if (machine.gic_local == 0) {
            return "interrupt controller: expected a redistributor for this CPU, found none";
        }
        setup_v3();
    } else {
        setup_v2();
    }
    uint32_t highest = groups() * 32 - 1;
    if (highest >= GIC_FIRST_SPECIAL) {
        highest = GIC_FIRST_SPECIAL - 1;
    }
    uint32_t limit = platform->options.max_irq;
    platform->max_irq = limit != 0 && limit < highest ? limit : highest;
    return NULL;
}
