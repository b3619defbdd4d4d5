/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Accesses to device registers: one instruction each, of the register's size, never moved or
 * merged. Device memory orders the accesses to one device among themselves; an access that must
 * come after memory was written (DMA) needs mmio_barrier() before it.
 */
#pragma once
#include <stdint.h>

static inline uint32_t mmio_read32(const uint32_t *at)
{
    uint32_t value;
    __asm__ volatile("ldr %w0, [%1]" : "=r"(value) : "r"(at) : "memory");
    return value;
}

static inline void mmio_write32(uint32_t *at, uint32_t value)
{
    __asm__ volatile("str %w0, [%1]" : : "r"(value), "r"(at) : "memory");
}

static inline void mmio_barrier(void)
{
    __asm__ volatile("dsb sy" : : : "memory");
}
