/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The machine of the value analysis: what hal.h promises, and no more. What it answers is any
 * value; what it is asked for must lie in RAM. Included once, by core.c.
 */
#pragma once
#include "hal.h"

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
uint32_t hal_irq_claim(void)
{
    return (uint32_t)any;
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
