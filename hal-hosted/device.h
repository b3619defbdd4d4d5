/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Devices that EL0 may map, where QEMU `virt` has them: PL011 UART (interrupt 33), PL031 clock,
 * PL061 GPIO. Register contents at reset and identification are those of QEMU 7.2.
 */
#pragma once
#include <stdint.h>

enum {
    DEVICE_UART = 0x9000000,
    DEVICE_RTC = 0x9010000,
    DEVICE_GPIO = 0x9030000,
    DEVICE_UART_IRQ = 33,
};

/* Pages above, ascending, zero-terminated. */
extern const uint64_t device_pages[];

/* Puts the devices into their reset state. */
void device_reset(void);
/* Accesses of 1, 2, 4 or 8 bytes inside a device page. */
uint64_t device_read(uint64_t pa, unsigned bytes);
void device_write(uint64_t pa, unsigned bytes, uint64_t value);
