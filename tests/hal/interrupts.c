/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Steps: interrupts reach a running EL0 and a waiting CPU.
 */
#include "suite.h"

static uint64_t armed;

static void arm_soon(void)
{
    armed = hal_timer_now();
    hal_timer_arm(armed + machine_platform->timer_hz / 1000);
}

static void expect_timer(const struct trap *t, const char *name)
{
    uint32_t irq = machine_platform->timer_irq;
    check(t->kind == TRAP_INTERRUPT, name);
    equals(t->esr, 0, "... without a syndrome");
    equals(t->far, 0, "... and without an address");
    check(hal_irq_pending(), "the interrupt is pending in the kernel");
    equals(hal_irq_claim(), irq, "it is the timer's");
    check(hal_timer_now() - armed >= machine_platform->timer_hz / 1000, "not before its deadline");
    hal_timer_arm(armed + machine_platform->timer_hz * 3600ull);
    hal_irq_done(irq);
}

static void prepare_loop(void)
{
    BEGIN(INSN_LOOP);
    user.reg[REG_X19] = 0x1919;
    arm_soon();
}

static void judge_loop(const struct trap *t)
{
    expect_timer(t, "the timer interrupts a running EL0");
    equals(user.reg[REG_PC], code_at(0), "... at its instruction");
    equals(user.next_pc, code_at(0), "... which is executed again");
    equals(user.reg[REG_X19], 0x1919, "... with its registers saved");
}

static void judge_wait(const struct trap *t)
{
    expect_timer(t, "the timer wakes a waiting CPU");
}

/* An interrupt that is already pending ends the wait at once. */
static void prepare_pending(void)
{
    hal_irq_enable(7, true);
    hal_irq_raise_sgi(7, 0);
}

static void judge_pending(const struct trap *t)
{
    check(t->kind == TRAP_INTERRUPT, "a pending interrupt ends the wait at once");
    equals(hal_irq_claim(), 7, "... and is claimed");
    hal_irq_done(7);
    hal_irq_enable(7, false);
}

static void prepare_pending_user(void)
{
    hal_irq_enable(7, true);
    hal_irq_raise_sgi(7, 0);
    BEGIN(INSN_LOOP);
}

const struct step interrupt_steps[] = {
    {"running", prepare_loop, judge_loop, false},
    {"waiting", arm_soon, judge_wait, true},
    {"pending", prepare_pending, judge_pending, true},
    {"pending at EL0", prepare_pending_user, judge_pending, false},
    {NULL, NULL, NULL, false},
};
