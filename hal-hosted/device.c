/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The devices of device.h. Register maps: Arm DDI 0183 (PL011), DDI 0224 (PL031), DDI 0190 (PL061).
 */
#include "device.h"

#include "internal.h"

enum {
    PAGE = 4096,
    ID_FIRST = 0xfd0,
    RTC_TICK_NS = 1000000000
};

const uint64_t device_pages[] = {DEVICE_UART, DEVICE_RTC, DEVICE_GPIO, 0};

/* ---- PL011: sends at once, receives nothing ---- */

enum {
    UART_DR = 0x00,
    UART_FR = 0x18,
    UART_CR = 0x30,
    UART_IFLS = 0x34,
    UART_IMSC = 0x38,
    UART_RIS = 0x3c,
    UART_MIS = 0x40,
    UART_ICR = 0x44,
    UART_DMACR = 0x48,
    UART_TX_INTERRUPT = 1 << 5,
    UART_FR_EMPTY = 0x90, /* both FIFOs empty */
};

/* Storage of the registers that keep what is written, by offset / 4 up to UART_DMACR. */
static uint64_t *uart(uint64_t offset)
{
    return &machine.model.uart_regs[offset / 4];
}

static void uart_update(void)
{
    machine_irq_line(DEVICE_UART_IRQ, (*uart(UART_RIS) & *uart(UART_IMSC)) != 0);
}

static uint64_t uart_read(uint64_t offset)
{
    switch (offset) {
    case UART_DR: return 0;
    case UART_FR: return UART_FR_EMPTY;
    case UART_MIS: return *uart(UART_RIS) & *uart(UART_IMSC);
    default: return offset <= UART_DMACR ? *uart(offset) : 0;
    }
}

static void uart_write(uint64_t offset, uint64_t value)
{
    switch (offset) {
    case UART_DR:
        machine_console_put((char)value);
        *uart(UART_RIS) |= UART_TX_INTERRUPT;
        break;
    case UART_ICR: *uart(UART_RIS) &= ~value; break;
    case UART_FR:
    case UART_RIS:
    case UART_MIS: break;
    default:
        if (offset <= UART_DMACR) {
            *uart(offset) = value;
        }
        break;
    }
    uart_update();
}

/* ---- PL031: seconds of virtual time since the start ---- */

enum {
    RTC_DR = 0x00,
    RTC_MR = 0x04,
    RTC_LR = 0x08,
    RTC_CR = 0x0c
};

static uint64_t rtc_now(void)
{
    return (uint32_t)(machine.model.rtc_offset + machine.model.now / RTC_TICK_NS);
}

static uint64_t rtc_read(uint64_t offset)
{
    switch (offset) {
    case RTC_DR: return rtc_now();
    case RTC_MR: return machine.model.rtc_match;
    case RTC_LR: return machine.model.rtc_load;
    case RTC_CR: return 1; /* enabled for ever */
    default: return 0;
    }
}

static void rtc_write(uint64_t offset, uint64_t value)
{
    if (offset == RTC_MR) {
        machine.model.rtc_match = value;
    } else if (offset == RTC_LR) {
        machine.model.rtc_offset += value - rtc_now();
        machine.model.rtc_load = value;
    }
}

/* ---- PL061: eight lines with nothing attached; inputs read as zero ---- */

enum {
    GPIO_DATA_END = 0x400,
    GPIO_DIR = 0x400,
    GPIO_REGS_END = 0x424
};

/* Data is addressed with the mask of lines in bits 9..2; registers from DIR on are kept. */
static uint64_t gpio_read(uint64_t offset)
{
    if (offset < GPIO_DATA_END) {
        return machine.model.gpio_data & offset >> 2;
    }
    return offset < GPIO_REGS_END ? machine.model.gpio_regs[(offset - GPIO_DIR) / 4] : 0;
}

static void gpio_write(uint64_t offset, uint64_t value)
{
    if (offset < GPIO_DATA_END) {
        uint64_t mask = offset >> 2 & machine.model.gpio_regs[0] & 0xff;
        machine.model.gpio_data = (machine.model.gpio_data & ~mask) | (value & mask);
    } else if (offset < GPIO_REGS_END) {
        machine.model.gpio_regs[(offset - GPIO_DIR) / 4] = value & 0xff;
    }
}

/* ---- all ---- */

struct device {
    uint64_t page;
    uint64_t (*read)(uint64_t offset);
    void (*write)(uint64_t offset, uint64_t value);
    uint8_t id[12]; /* registers 0xfd0 … 0xffc */
};

static const struct device devices[] = {
    {DEVICE_UART, uart_read, uart_write, {0, 0, 0, 0, 0x11, 0x10, 0x14, 0, 0x0d, 0xf0, 5, 0xb1}},
    {DEVICE_RTC, rtc_read, rtc_write, {0, 0, 0, 0, 0x31, 0x10, 0x14, 0, 0x0d, 0xf0, 5, 0xb1}},
    {DEVICE_GPIO, gpio_read, gpio_write, {0, 0, 0, 0, 0x61, 0x10, 4, 0, 0x0d, 0xf0, 5, 0xb1}},
};

static const struct device *device_at(uint64_t pa)
{
    for (unsigned i = 0; i < sizeof devices / sizeof devices[0]; i++) {
        if (pa / PAGE == devices[i].page / PAGE) {
            return &devices[i];
        }
    }
    return NULL;
}

void device_reset(void)
{
    *uart(UART_CR) = 0x300;
    *uart(UART_IFLS) = 0x12;
}

/* The registers are words: halves and bytes are parts of one, eight bytes are two. */
uint64_t device_read(uint64_t pa, unsigned bytes)
{
    const struct device *d = device_at(pa);
    uint64_t offset = pa % PAGE & ~3ull;
    if (d == NULL) {
        return 0;
    }
    if (bytes == 8) {
        return device_read(pa, 4) | device_read(pa + 4, 4) << 32;
    }
    uint64_t value = offset >= ID_FIRST ? d->id[(offset - ID_FIRST) / 4] : d->read(offset);
    return value >> pa % 4 * 8 & (bytes == 4 ? 0xffffffff : (1ull << bytes * 8) - 1);
}

void device_write(uint64_t pa, unsigned bytes, uint64_t value)
{
    const struct device *d = device_at(pa);
    if (bytes == 8) {
        device_write(pa, 4, value & 0xffffffff);
        device_write(pa + 4, 4, value >> 32);
    } else if (d != NULL && pa % PAGE < ID_FIRST) {
        d->write(pa % PAGE & ~3ull, value << pa % 4 * 8);
    }
}
