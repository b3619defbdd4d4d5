/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Console and ending of the boot loader. Report lines go to the device that the device tree names
 * and nowhere else; a failure's sentence is also seen without one, by semihosting.
 */
#include "machine.h"

/* Arm PL011 (DDI 0183) */
#define PL011_DR      0x00u
#define PL011_FR      0x18u
#define PL011_FR_TXFF (1u << 5)

/* 16550: register numbers */
#define UART_THR      0u
#define UART_LSR      5u
#define UART_LSR_THRE (1u << 5)

/* Cadence UART (Zynq UltraScale+ TRM, UG1085) */
#define CDNS_CR      0x00u
#define CDNS_CR_TX   0x14u /* transmitter on, receiver on */
#define CDNS_SR      0x2cu
#define CDNS_SR_FULL (1u << 4)
#define CDNS_FIFO    0x30u

/* Arm semihosting, AArch64: operations and the reason of SYS_EXIT. */
#define SYS_WRITE0                   0x04u
#define SYS_EXIT                     0x18u
#define ADP_STOPPED_APPLICATION_EXIT 0x20026u

#define PSCI_SYSTEM_OFF 0x84000008u

static struct image_uart uart;
static enum loader_level limit = LOADER_NORMAL;
static enum image_psci conduit;

static uint32_t get(uint64_t offset, unsigned width)
{
    uintptr_t at = (uintptr_t)(uart.base + offset);

    return width == 1 ? *(volatile uint8_t *)at : *(volatile uint32_t *)at;
}

static void set(uint64_t offset, unsigned width, uint32_t value)
{
    uintptr_t at = (uintptr_t)(uart.base + offset);

    if (width == 1) {
        *(volatile uint8_t *)at = (uint8_t)value;
    } else {
        *(volatile uint32_t *)at = value;
    }
}

void console_start(const struct image_uart *found)
{
    uart = *found;
    if (uart.kind == IMAGE_UART_CADENCE) {
        set(CDNS_CR, 4, CDNS_CR_TX);
    }
}

uint64_t console_base(void)
{
    return uart.kind == IMAGE_UART_NONE ? 0 : uart.base;
}

void console_level(enum loader_level level)
{
    limit = level;
}

void console_psci(enum image_psci psci)
{
    conduit = psci;
}

static void put(char c)
{
    switch (uart.kind) {
    case IMAGE_UART_NONE: break;
    case IMAGE_UART_PL011:
        while ((get(PL011_FR, 4) & PL011_FR_TXFF) != 0) {
        }
        set(PL011_DR, 4, (uint8_t)c);
        break;
    case IMAGE_UART_16550:
        while ((get(UART_LSR << uart.shift, uart.width) & UART_LSR_THRE) == 0) {
        }
        set(UART_THR, uart.width, (uint8_t)c);
        break;
    case IMAGE_UART_CADENCE:
        while ((get(CDNS_SR, 4) & CDNS_SR_FULL) != 0) {
        }
        set(CDNS_FIFO, 4, (uint8_t)c);
        break;
    }
}

static void print(const char *text)
{
    while (*text != '\0') {
        put(*text++);
    }
}

static void print_line(const char *text)
{
    print(text);
    put('\n');
}

void console_line(enum loader_level level, const char *text)
{
    if (level <= limit) {
        print_line(text);
    }
}

void console_text(enum loader_level level, const char *text)
{
    if (level <= limit) {
        print("loader: ");
        print_line(text);
    }
}

void console_number(enum loader_level level, const char *label, uint64_t value)
{
    char buf[128];
    struct image_text t;

    if (level <= limit) {
        text_start(&t, buf, sizeof buf);
        text_str(&t, label);
        text_hex(&t, value);
        console_text(level, buf);
    }
}

uint64_t psci_call(enum image_psci psci, uint64_t function, uint64_t a, uint64_t b, uint64_t c)
{
    switch (psci) {
    case IMAGE_PSCI_NONE: break;
    case IMAGE_PSCI_HVC: return psci_hvc(function, a, b, c);
    case IMAGE_PSCI_SMC: return psci_smc(function, a, b, c);
    }
    return UINT64_MAX; /* NOT_SUPPORTED */
}

_Noreturn void loader_fail(const char *sentence, enum loader_exit status)
{
    uint64_t block[2] = {ADP_STOPPED_APPLICATION_EXIT, status};

    if (uart.kind != IMAGE_UART_NONE) {
        print_line(sentence);
    } else {
        semihost_call(SYS_WRITE0, sentence);
        semihost_call(SYS_WRITE0, "\n");
    }
    semihost_call(SYS_EXIT, block);
    (void)psci_call(conduit, PSCI_SYSTEM_OFF, 0, 0, 0);
    for (;;) {
        __asm__ volatile("wfi");
    }
}

_Noreturn void loader_fail_error(const struct image_error *err)
{
    char sentence[320];
    char buf[256];
    struct image_text t;

    image_error_text(err, buf, sizeof buf);
    text_start(&t, sentence, sizeof sentence);
    text_str(&t, "KaaL loader: ");
    text_str(&t, buf);
    loader_fail(sentence, (enum loader_exit)image_exit_status(err->code));
}
