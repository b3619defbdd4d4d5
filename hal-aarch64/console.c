/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Console and end of the run. The console is the PL011 that the device tree names; until it is
 * known, characters go to semihosting (where there is any), so that sentences of the early boot are
 * seen. A stuck device costs time, never a hang.
 */
#include "machine.h"
#include "offsets.h"

/* PL011 (Arm DDI 0183) registers. */
enum {
    UART_DR = 0x00,
    UART_FR = 0x18
};
enum {
    FR_BUSY = 1 << 3,
    FR_TXFF = 1 << 5
};

/* Semihosting operations (Arm semihosting specification). */
enum {
    SYS_WRITEC = 0x03,
    SYS_EXIT = 0x18
};
#define ADP_STOPPED_APPLICATION_EXIT 0x20026ull

#define PSCI_SYSTEM_OFF 0x84000008ull /* Arm DEN 0022 */

enum {
    SPIN_LIMIT = 10000000
};

/* Waits until the flags in `busy` are clear, or long enough for any sane device. */
static void uart_wait(uint32_t busy)
{
    for (int i = 0; i < SPIN_LIMIT && (io_read(machine.uart, UART_FR) & busy) != 0; i++) {
    }
}

static void put_byte(char c)
{
    if (machine.uart == 0) {
        probe_semihosting(SYS_WRITEC, &c);
        return;
    }
    uart_wait(FR_TXFF);
    io_write(machine.uart, UART_DR, (uint8_t)c);
}

void hal_console_putc(char c)
{
    if (c == '\n') {
        put_byte('\r');
    }
    put_byte(c);
}

void put_text(const char *s)
{
    while (*s != '\0') {
        hal_console_putc(*s++);
    }
}

void put_hex(uint64_t value)
{
    int shift = 60;
    while (shift > 0 && value >> shift == 0) {
        shift -= 4;
    }
    put_text("0x");
    for (; shift >= 0; shift -= 4) {
        hal_console_putc("0123456789abcdef"[value >> shift & 15]);
    }
}

void put_decimal(uint64_t value)
{
    char digits[20];
    int n = 0;
    do {
        digits[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    while (n > 0) {
        hal_console_putc(digits[--n]);
    }
}

/* Semihosting first (an emulator takes the status), then PSCI, then rest. */
_Noreturn void hal_halt(int status)
{
    uint64_t block[2] = {ADP_STOPPED_APPLICATION_EXIT, (uint64_t)status & 255};
    uint64_t call[8] = {PSCI_SYSTEM_OFF};
    if (machine.uart != 0) {
        uart_wait(FR_BUSY);
    }
    probe_semihosting(SYS_EXIT, block);
    if (machine.psci == PSCI_HVC) {
        probe_hvc(call);
    } else if (machine.psci == PSCI_SMC) {
        probe_smc(call);
    }
    for (;;) {
        __asm__ volatile("wfi");
    }
}
