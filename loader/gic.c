/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The interrupt controller where the loader was entered at EL3, which is before any firmware: all
 * interrupts become group 1, the non-secure world's (GICv2: IHI 0048; GICv3: IHI 0069 §12).
 */
#include "machine.h"

#define GICD_CTLR      0x000u
#define GICD_TYPER     0x004u
#define GICD_IGROUPR   0x080u
#define GICD_IGRPMODR  0xd00u
#define GICD_CTLR_RWP  (1u << 31)
#define GICD_CTLR_ARES 0x30u /* affinity routing in both worlds */

#define GICC_PMR 0x004u

#define GICR_TYPER         0x008u
#define GICR_TYPER_LAST    (1u << 4)
#define GICR_TYPER_VLPIS   (1u << 1)
#define GICR_WAKER         0x014u
#define GICR_WAKER_SLEEP   (1u << 1)
#define GICR_WAKER_ASLEEP  (1u << 2)
#define GICR_SGI_FRAME     0x10000u
#define REDISTRIBUTOR      0x20000u
#define REDISTRIBUTOR_VLPI 0x40000u

static volatile uint32_t *reg(uint64_t base, uint64_t offset)
{
    return (volatile uint32_t *)(uintptr_t)(base + offset);
}

static unsigned group_registers(uint64_t distributor)
{
    return (*reg(distributor, GICD_TYPER) & 31) + 1;
}

static void set_groups(uint64_t distributor, unsigned first)
{
    for (unsigned i = first; i < group_registers(distributor); i++) {
        *reg(distributor, GICD_IGROUPR + 4 * i) = UINT32_MAX;
    }
}

/* The registers of the other CPUs' own interrupts are banked: they set them as they start. */
static void set_v2(const struct image_gic *gic)
{
    set_groups(gic->distributor.base, 0);
    *reg(gic->second.base, GICC_PMR) = 0xff;
}

static void wake(uint64_t redistributor)
{
    *reg(redistributor, GICR_WAKER) &= ~GICR_WAKER_SLEEP;
    while ((*reg(redistributor, GICR_WAKER) & GICR_WAKER_ASLEEP) != 0) {
    }
    *reg(redistributor, GICR_SGI_FRAME + GICD_IGROUPR) = UINT32_MAX;
    *reg(redistributor, GICR_SGI_FRAME + GICD_IGRPMODR) = 0;
}

static void set_v3(const struct image_gic *gic)
{
    uint64_t distributor = gic->distributor.base;
    uint64_t at = gic->second.base;
    uint64_t end = at + gic->second.size;
    uint32_t type = 0;

    *reg(distributor, GICD_CTLR) = GICD_CTLR_ARES;
    while ((*reg(distributor, GICD_CTLR) & GICD_CTLR_RWP) != 0) {
    }
    set_groups(distributor, 1);
    for (unsigned i = 1; i < group_registers(distributor); i++) {
        *reg(distributor, GICD_IGRPMODR + 4 * i) = 0;
    }
    while ((type & GICR_TYPER_LAST) == 0 && at + REDISTRIBUTOR <= end) {
        type = *reg(at, GICR_TYPER);
        wake(at);
        at += (type & GICR_TYPER_VLPIS) != 0 ? REDISTRIBUTOR_VLPI : REDISTRIBUTOR;
    }
}

void gic_map(struct space *s, const struct image_gic *gic)
{
    if (gic->version != 0) {
        space_identity(s, gic->distributor.base, gic->distributor.base + gic->distributor.size,
                       true);
        space_identity(s, gic->second.base, gic->second.base + gic->second.size, true);
    }
}

void gic_make_non_secure(const struct image_gic *gic)
{
    if (gic->version == 2) {
        set_v2(gic);
    } else if (gic->version == 3) {
        set_v3(gic);
    }
}
