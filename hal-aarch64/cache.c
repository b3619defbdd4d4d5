/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Cache maintenance by address through the window, and by set and way for a whole CPU
 * (Arm ARM D4.4). Complete on return.
 */
#include "machine.h"

#define dc(operation, address) __asm__ volatile("dc " #operation ", %0" : : "r"(address) : "memory")

/* Smallest data-cache line in bytes: CTR_EL0.DminLine is log2 of its words. */
static uint64_t data_line(void)
{
    return 4u << (sysreg_read(ctr_el0) >> 16 & 15);
}

/* Lines that hold bytes of others as well are cleaned too: those bytes must not be lost. */
static void invalidate(uint64_t start, uint64_t end, uint64_t line)
{
    for (uint64_t p = start / line * line; p < end; p += line) {
        if (p < start || p + line > end) {
            dc(civac, p);
        } else {
            dc(ivac, p);
        }
    }
}

/* CTR_EL0.L1Ip = 3: physically indexed, so that any address of the line will do. Otherwise the user
 * address may index differently from the window's: everything goes. */
static void invalidate_instructions(uint64_t start, uint64_t end)
{
    uint64_t ctr = sysreg_read(ctr_el0);
    uint64_t line = 4u << (ctr & 15);
    if ((ctr >> 14 & 3) == 3) {
        for (uint64_t p = start / line * line; p < end; p += line) {
            __asm__ volatile("ic ivau, %0" : : "r"(p) : "memory");
        }
    } else {
        __asm__ volatile("ic iallu" : : : "memory");
    }
}

void hal_cache_range(enum hal_cache_op op, struct paddr pa, uint64_t bytes)
{
    uint64_t line = data_line();
    uint64_t start = (uint64_t)hal_window(pa);
    uint64_t end = start + bytes;
    uint64_t p = start / line * line;
    switch (op) {
    case HAL_CACHE_CLEAN_POC:
        for (; p < end; p += line) {
            dc(cvac, p);
        }
        break;
    case HAL_CACHE_CLEAN_POU:
    case HAL_CACHE_UNIFY:
        for (; p < end; p += line) {
            dc(cvau, p);
        }
        break;
    case HAL_CACHE_INVALIDATE_POC: invalidate(start, end, line); break;
    case HAL_CACHE_CLEAN_INVALIDATE_POC:
        for (; p < end; p += line) {
            dc(civac, p);
        }
        break;
    }
    dsb(sy); /* the operations are complete, for devices too */
    if (op == HAL_CACHE_UNIFY) {
        invalidate_instructions(start, end);
        dsb(nsh); /* the instruction cache's as well */
        isb();    /* nothing fetched earlier survives */
    }
}

/* Cleans and invalidates one data or unified cache level by set and way (Arm ARM D4.4.8). */
static void flush_level(uint64_t level)
{
    sysreg_write(csselr_el1, level << 1);
    isb(); /* CCSIDR now describes that level */
    uint64_t ccsidr = sysreg_read(ccsidr_el1);
    bool wide = (sysreg_read(id_aa64mmfr2_el1) >> 20 & 15) != 0; /* FEAT_CCIDX */
    uint64_t line_bits = (ccsidr & 7) + 4;
    uint64_t ways = wide ? (ccsidr >> 3 & 0x1fffff) + 1 : (ccsidr >> 3 & 0x3ff) + 1;
    uint64_t sets = wide ? (ccsidr >> 32 & 0xffffff) + 1 : (ccsidr >> 13 & 0x7fff) + 1;
    unsigned way_shift = ways == 1 ? 0 : (unsigned)__builtin_clz((unsigned)ways - 1);
    for (uint64_t way = 0; way < ways; way++) {
        for (uint64_t set = 0; set < sets; set++) {
            dc(cisw, way << way_shift | set << line_bits | level << 1);
        }
    }
}

void hal_cache_flush_all(void)
{
    uint64_t clidr = sysreg_read(clidr_el1);
    uint64_t levels = clidr >> 24 & 7; /* LoC */
    for (uint64_t level = 0; level < levels; level++) {
        if ((clidr >> 3 * level & 7) >= 2) { /* has a data or unified cache */
            flush_level(level);
        }
    }
    dsb(sy); /* data is out before the instruction cache refills from it */
    __asm__ volatile("ic iallu" : : : "memory");
    dsb(nsh);
    isb();
}
