/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Trapped system registers (ARM DDI 0487: ESR class 0x18 D13.2.37, generic timer D11, performance
 * monitors D7). Which option opens which register: abi/boot.md §5, CNTKCTL_EL1 and PMUSERENR_EL0.
 */
#include "sysreg.h"

#include "internal.h"

/* The place of Xn in a context; 31 = XZR. */
static const uint8_t x_place[31] = {
    REG_X0,  REG_X1,  REG_X2,  REG_X3,  REG_X4,  REG_X5,  REG_X6,  REG_X7,
    REG_X8,  REG_X9,  REG_X10, REG_X11, REG_X12, REG_X13, REG_X14, REG_X15,
    REG_X16, REG_X17, REG_X18, REG_X19, REG_X20, REG_X21, REG_X22, REG_X23,
    REG_X24, REG_X25, REG_X26, REG_X27, REG_X28, REG_X29, REG_X30,
};

/* op0, op1, CRn, CRm, op2 in one number, as `mrs` encodes them. */
#define SYSREG(op0, op1, crn, crm, op2)                                                            \
    ((op0) << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2))

enum sysreg_name {
    CNTFRQ = SYSREG(3, 3, 14, 0, 0),
    CNTPCT = SYSREG(3, 3, 14, 0, 1),
    CNTVCT = SYSREG(3, 3, 14, 0, 2),
    CNTP_TVAL = SYSREG(3, 3, 14, 2, 0),
    CNTP_CTL = SYSREG(3, 3, 14, 2, 1),
    CNTP_CVAL = SYSREG(3, 3, 14, 2, 2),
    CNTV_TVAL = SYSREG(3, 3, 14, 3, 0),
    CNTV_CTL = SYSREG(3, 3, 14, 3, 1),
    CNTV_CVAL = SYSREG(3, 3, 14, 3, 2),
    PMCCNTR = SYSREG(3, 3, 9, 13, 0),
};

struct access {
    unsigned name;
    unsigned rt;
    bool read;
};

/* ISS of class 0x18: Op0 21..20, Op2 19..17, Op1 16..14, CRn 13..10, Rt 9..5, CRm 4..1, direction.
 */
static struct access decode(uint32_t esr)
{
    unsigned op0 = esr >> 20 & 3, op2 = esr >> 17 & 7, op1 = esr >> 14 & 7;
    unsigned crn = esr >> 10 & 15, crm = esr >> 1 & 15;
    return (struct access){
        .name = SYSREG(op0, op1, crn, crm, op2), .rt = esr >> 5 & 31, .read = (esr & 1) != 0};
}

/* PMCR_EL0 … PMOVSSET_EL0; PMEVCNTRn_EL0, PMEVTYPERn_EL0, PMCCFILTR_EL0. */
static bool is_pmu(unsigned name)
{
    return (name >> 3 >= SYSREG(3, 3, 9, 12, 0) >> 3 && name >> 3 <= SYSREG(3, 3, 9, 14, 0) >> 3) ||
           (name >> 3 >= SYSREG(3, 3, 14, 8, 0) >> 3 && name >> 3 <= SYSREG(3, 3, 14, 15, 0) >> 3);
}

static bool may(const struct access *a)
{
    const struct boot_options *o = &machine.model.access;
    switch (a->name) {
    case CNTFRQ: return a->read && (o->el0_physical_counter || o->el0_virtual_counter);
    case CNTPCT: return a->read && o->el0_physical_counter;
    case CNTVCT: return a->read && o->el0_virtual_counter;
    case CNTP_TVAL:
    case CNTP_CTL:
    case CNTP_CVAL: return o->el0_physical_timer;
    case CNTV_TVAL:
    case CNTV_CTL:
    case CNTV_CVAL: return o->el0_virtual_timer;
    default: return is_pmu(a->name) && o->el0_pmu;
    }
}

/* CTL: ENABLE bit 0, IMASK bit 1, ISTATUS bit 2. */
static uint64_t timer_read(unsigned timer, unsigned which)
{
    const struct timer_model *t = &machine.model.timer[timer];
    bool status = t->enabled && clock_counter() >= t->deadline;
    switch (which) {
    case 0: return (uint32_t)(t->deadline - clock_counter());
    case 1: return (uint64_t)t->enabled | (uint64_t)t->masked << 1 | (uint64_t)status << 2;
    default: return t->deadline;
    }
}

static void timer_write(unsigned timer, unsigned which, uint64_t value)
{
    struct timer_model *t = &machine.model.timer[timer];
    switch (which) {
    case 0: t->deadline = clock_counter() + (uint64_t)(int64_t)(int32_t)value; break;
    case 1:
        t->enabled = (value & 1) != 0;
        t->masked = (value & 2) != 0;
        break;
    default: t->deadline = value; break;
    }
}

/* Which timer an access means; the low two bits of the name are its register. */
static unsigned timer_of(unsigned name)
{
    return name >> 3 == CNTV_TVAL >> 3 ? TIMER_KERNEL : TIMER_PHYSICAL;
}

static uint64_t value_of(const struct access *a)
{
    switch (a->name) {
    case CNTFRQ: return machine.platform.timer_hz;
    case CNTPCT:
    case CNTVCT: return clock_counter();
    case PMCCNTR: return machine.model.now - machine.model.cycle_offset;
    default: return is_pmu(a->name) ? 0 : timer_read(timer_of(a->name), a->name & 7);
    }
}

static void write_to(const struct access *a, uint64_t value)
{
    if (a->name == PMCCNTR) {
        machine.model.cycle_offset = machine.model.now - value;
    } else if (!is_pmu(a->name)) {
        timer_write(timer_of(a->name), a->name & 7, value);
    }
}

bool sysreg_answer(struct context *context, const struct cpu_exit *exit)
{
    struct access a = decode(exit->esr);
    if (exit->kind != CPU_EXCEPTION || exit->esr >> 26 != 0x18 || !may(&a)) {
        return false;
    }
    if (!a.read) {
        write_to(&a, a.rt < 31 ? context->reg[x_place[a.rt]] : 0);
    } else if (a.rt < 31) {
        context->reg[x_place[a.rt]] = value_of(&a);
    }
    context->next_pc += 4;
    context->reg[REG_PC] = context->next_pc;
    return true;
}
