/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Devices that EL0 may map, where QEMU `virt` has them: PL011 UART, PL031 clock, PL061 GPIO. Their
 * registers behave as Arm DDI 0183, 0224 and 0190 say; contents at reset and identification are
 * those of QEMU 7.2. All they do depends on virtual time, on what is written to them and on what is
 * injected (machine.h).
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DEVICE_UART = 0x9000000,
    DEVICE_RTC = 0x9010000,
    DEVICE_GPIO = 0x9030000,
    DEVICE_UART_IRQ = 33,
    DEVICE_RTC_IRQ = 34,
    DEVICE_GPIO_IRQ = 39,
    UART_FIFO = 16,
    UART_CHARACTER_NS = 86806, /* 10 bits at 115200 baud, whatever the divisors say */
    UART_TIMEOUT_NS = 277778,  /* 32 bits: DDI 0183 3.3.12, receive timeout */
    UART_STUCK_NS = 10000000,  /* an injected stuck transmitter */
    DEVICE_INJECTIONS = 32,
};

/* What is injected: each once, when its device's count or time reaches `when`. */
enum inject_kind {
    INJECT_FRAMING, /* the when-th received character has a framing error … */
    INJECT_PARITY,
    INJECT_BREAK,
    INJECT_OVERRUN,  /* … is lost, as if the FIFO were full */
    INJECT_BUSY,     /* behind the when-th written character nothing leaves for UART_STUCK_NS */
    INJECT_SLOW,     /* from the start: a character takes `when` ns to leave */
    INJECT_SPURIOUS, /* at time `when` the line rises without a cause until its status is read */
    INJECT_LINE,     /* at time `when` the GPIO's input `line` gets `level` */
};

struct injection {
    enum inject_kind kind;
    uint32_t page; /* DEVICE_… */
    uint8_t line, level;
    bool done;
    uint64_t when;
};

struct uart_model {
    uint32_t ilpr, ibrd, fbrd, lcr, cr, ifls, imsc, ris, dmacr, rsr;
    uint16_t fifo[UART_FIFO]; /* data and error bits as in UARTDR */
    uint32_t first, count;
    bool overrun;
    uint64_t next_rx, timeout_at; /* virtual ns, 0 = not expected */
    uint32_t tx_count;            /* characters not sent yet; 0 unless the transmitter takes time */
    uint64_t tx_ns, tx_next, stuck_until;
    uint64_t received, written;
    uint8_t tx[UART_FIFO];
    uint64_t input_at; /* bytes taken of the machine's console input */
};

struct rtc_model {
    uint64_t offset; /* counter = offset + seconds of virtual time, modulo 2^32 */
    uint32_t match, load, imsc, ris;
    uint64_t alarm_at; /* virtual ns, 0 = none */
};

struct gpio_model {
    uint8_t dir, is, ibe, iev, ie, latched, afsel; /* latched: edges seen */
    uint8_t out, in;
};

struct device_model {
    struct uart_model uart;
    struct rtc_model rtc;
    struct gpio_model gpio;
    uint32_t spurious; /* bit 0 UART, 1 RTC, 2 GPIO */
    struct injection injection[DEVICE_INJECTIONS];
    unsigned injections;
};

/* Pages above, ascending, zero-terminated. */
extern const uint64_t device_pages[];

/* Puts the devices into their reset state. */
void device_reset(void);
/* Accesses of 1, 2, 4 or 8 bytes inside a device page. */
uint64_t device_read(uint64_t pa, unsigned bytes);
void device_write(uint64_t pa, unsigned bytes, uint64_t value);

/* Lets the devices do what is due by now. */
void device_run(void);
/* When a device does something by itself; false when none will. */
bool device_next_event(uint64_t *ns);
/* The UART is ready for a character that interrupts. */
bool device_waits_for_input(void);

/* ---- between the device files ---- */

/* The first injection of that kind which is due at `count`; it is used up. NULL = none. */
struct injection *inject_take(enum inject_kind kind, uint32_t page, uint64_t count);
/* The earlier of two events; 0 = none. */
uint64_t device_earlier(uint64_t a, uint64_t b);
/* The line of a device with its spurious interrupt. */
void device_line(uint32_t page, bool high);

void uart_reset(void);
uint64_t uart_read(uint64_t offset);
void uart_write(uint64_t offset, uint64_t value);
void uart_run(uint64_t now);
uint64_t uart_next(void);
void uart_input_changed(void);

uint64_t rtc_read(uint64_t offset);
void rtc_write(uint64_t offset, uint64_t value);
void rtc_run(uint64_t now);
uint64_t rtc_next(void);

uint64_t gpio_read(uint64_t offset);
void gpio_write(uint64_t offset, uint64_t value);
void gpio_input(unsigned line, bool level);
