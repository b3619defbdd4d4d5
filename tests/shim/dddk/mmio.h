/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Stands for lib/dddk/mmio.h on the host: a register's address is its physical one, behind it is
 * the hosted machine's model.
 */
#pragma once
#include <stdint.h>

#include "device.h"

static inline uint32_t mmio_read32(const uint32_t *at)
{
    return (uint32_t)device_read((uint64_t)at, 4);
}

static inline void mmio_write32(uint32_t *at, uint32_t value)
{
    device_write((uint64_t)at, 4, value);
}

static inline void mmio_barrier(void)
{
}
