/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The physical counter and timer of the CPU (Arm ARM D11.1), where the kernel lets EL0 use them.
 */
#pragma once
#include <stdint.h>

static inline uint64_t counter_frequency(void)
{
    uint64_t hz;
    __asm__ volatile("mrs %0, cntfrq_el0" : "=r"(hz));
    return hz;
}

static inline uint64_t counter_now(void)
{
    uint64_t ticks;
    __asm__ volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(ticks) : : "memory");
    return ticks;
}

/* The timer's interrupt is high from that count on; it goes low when another one is set. */
static inline void counter_arm(uint64_t ticks)
{
    __asm__ volatile("msr cntp_cval_el0, %0\n\tmsr cntp_ctl_el0, %1\n\tisb"
                     :
                     : "r"(ticks), "r"(1ul)
                     : "memory");
}

static inline void counter_disarm(void)
{
    __asm__ volatile("msr cntp_ctl_el0, %0\n\tisb" : : "r"(0ul) : "memory");
}
