/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The machine of the value analysis: what hal.h promises, and no more. What it answers is any
 * value; what it is asked for must lie in RAM. Included once, by core.c.
 */
#pragma once
#include "kernel.h"

static volatile uint64_t any;

int eva_clz(uint64_t word)
{
    int n = 0;
    for (unsigned half = 32; half > 0; half /= 2) {
        if (word >> (64 - half) == 0) {
            n += (int)half;
            word <<= half;
        }
    }
    return n;
}

void hal_console_putc(char c)
{
    (void)c;
}
/*@ assigns \nothing; ensures \false; */
_Noreturn void hal_halt(int status);
/*@ requires in_ram: 0x40000000 <= pa.raw && pa.raw + bytes <= 0x40040000;
    assigns \nothing; */
void hal_memory_typed(struct paddr pa, uint64_t bytes);
/*@ requires in_ram: 0x40000000 <= pa.raw && pa.raw + bytes <= 0x40040000;
    assigns \nothing; */
void hal_memory_untyped(struct paddr pa, uint64_t bytes);
uint64_t hal_pte_load(const uint64_t *entry)
{
    return *entry;
}
void hal_pte_store(uint64_t *entry, uint64_t value)
{
    *entry = value;
}
/*@ assigns \nothing; */
void hal_space_switch(struct paddr root, uint16_t asid);
/*@ assigns \nothing; */
void hal_tlb_invalidate_asid(uint16_t asid);
/*@ assigns \nothing; */
void hal_tlb_invalidate_page(uint16_t asid, struct vaddr va);
/*@ requires in_ram: 0x40000000 <= pa.raw && pa.raw + bytes <= 0x40040000;
    assigns \nothing; */
void hal_cache_range(enum hal_cache_op op, struct paddr pa, uint64_t bytes);
/*@ assigns \nothing; */
void hal_cache_flush_all(void);
/*@ assigns \nothing; */
void hal_fpu_enable(bool el0);
/* The registers' content is any. */
void hal_fpu_save(struct fp_state *to)
{
    to->fpcr = any;
    to->fpsr = any;
    for (unsigned i = 0; i < 64; i++)
        to->v[i] = any;
}
/*@ requires \valid_read(from);
    assigns \nothing; */
void hal_fpu_load(const struct fp_state *from);
static struct kernel *the_kernel(void);
static bool interrupts_apart; /* set by entry points that want each kind in a state of its own */

/* A tick: one state for each choice of whether the thread's slice and the domain's time end. */
static void split_tick(void)
{
    const struct kernel *kernel = the_kernel();
    const struct tcb *current = kernel->cpus[0].current;
    int ends = 0;
    if (current && current->slice <= 1)
        ends = 1;
    if (kernel->domain_time == 1)
        ends += 2;
    //@ split ends;
    ends = 0;
}

/* Any interrupt; a state of its own for the timer's and for the one that has a handler. */
uint32_t hal_irq_claim(void)
{
    enum {
        TIMER = 27,
        HANDLED = 40
    };
    uint32_t irq = Frama_C_unsigned_int_interval(HANDLED + 1, UINT32_MAX);
    int part = Frama_C_interval(0, 4);
    //@ split part;
    if (part == 1) {
        split_tick();
        irq = TIMER;
    } else if (part == 2) {
        irq = HANDLED;
    } else if (part == 3) {
        irq = Frama_C_unsigned_int_interval(0, TIMER - 1);
    } else if (part == 4) {
        irq = Frama_C_unsigned_int_interval(TIMER + 1, HANDLED - 1);
    }
    return irq;
}
/*@ assigns \nothing; */
void hal_irq_done(uint32_t irq);
/*@ assigns \nothing; */
void hal_irq_hold(uint32_t irq);
/*@ assigns \nothing; */
void hal_irq_release(uint32_t irq);
/*@ assigns \nothing; */
void hal_irq_enable(uint32_t irq, bool on);
/*@ assigns \nothing; */
void hal_irq_configure(uint32_t irq, bool edge);
bool hal_irq_pending(void)
{
    return any % 2;
}
/*@ requires sgi < 16;
    assigns \nothing; */
void hal_irq_raise_sgi(uint32_t sgi, uint32_t target);
uint64_t hal_timer_now(void)
{
    return any;
}
/*@ assigns \nothing; */
void hal_timer_arm(uint64_t deadline);
uint32_t hal_cpu_id(void)
{
    return 0;
}
void hal_smc(uint64_t reg[8])
{
    for (unsigned i = 0; i < 8; i++)
        reg[i] = any;
}
/*@ requires \valid_read(event);
    assigns \nothing; */
void hal_event(const struct event *event);
