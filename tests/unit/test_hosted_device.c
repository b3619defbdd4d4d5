/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The device models beside the manuals (Arm DDI 0183 PL011, DDI 0224 PL031, DDI 0190 PL061): FIFO
 * levels, timeouts, errors, alarms, edges, and what is injected.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "device.h"
#include "internal.h"

enum {
    UARTDR = 0x00,
    UARTRSR = 0x04,
    UARTFR = 0x18,
    UARTLCR_H = 0x2c,
    UARTCR = 0x30,
    UARTIFLS = 0x34,
    UARTIMSC = 0x38,
    UARTRIS = 0x3c,
    UARTMIS = 0x40,
    UARTICR = 0x44,
    RX = 1 << 4,
    TX = 1 << 5,
    RT = 1 << 6,
    FE = 1 << 7,
    PE = 1 << 8,
    BE = 1 << 9,
    OE = 1 << 10,
    BUSY = 1 << 3,
    RXFE = 1 << 4,
    TXFF = 1 << 5,
    RXFF = 1 << 6,
    TXFE = 1 << 7,
};
#define SECOND 1000000000ull

static char console[256];

static uint32_t get(uint64_t base, uint64_t offset)
{
    return (uint32_t)device_read(base + offset, 4);
}

static void put(uint64_t base, uint64_t offset, uint32_t value)
{
    device_write(base + offset, 4, value);
}

static bool line(uint32_t irq)
{
    return (machine.model.irq.line.w[irq / 64] >> irq % 64 & 1) != 0;
}

static int fresh(void **unused)
{
    struct platform p;
    (void)unused;
    machine_small_platform(&p, 1 << 20);
    machine_create(&p, 0);
    machine_console_capture(console, sizeof console);
    put(DEVICE_UART, UARTLCR_H, 0x70); /* FIFOs, 8 bits */
    put(DEVICE_UART, UARTCR, 0x301);
    return 0;
}

/* ---- UART ---- */

static void receive_level(void **unused)
{
    (void)unused;
    static const struct {
        uint32_t field, level;
    } rows[] = {{0, 2}, {1, 4}, {2, 8}, {3, 12}, {4, 14}}; /* DDI 0183 3.3.9, of 16 */
    for (unsigned i = 0; i < 5; i++) {
        fresh(NULL);
        put(DEVICE_UART, UARTIFLS, rows[i].field << 3);
        put(DEVICE_UART, UARTIMSC, RX);
        for (uint32_t n = 1; n <= UART_FIFO; n++) {
            machine_uart_receive("x", 1);
            assert_int_equal((get(DEVICE_UART, UARTRIS) & RX) != 0, n >= rows[i].level);
            assert_int_equal(line(DEVICE_UART_IRQ), n >= rows[i].level);
        }
        assert_true((get(DEVICE_UART, UARTFR) & RXFF) != 0);
        for (uint32_t n = UART_FIFO; n > 0; n--) {
            assert_int_equal(get(DEVICE_UART, UARTDR), 'x');
            assert_int_equal(line(DEVICE_UART_IRQ), n - 1 >= rows[i].level);
        }
        assert_true((get(DEVICE_UART, UARTFR) & RXFE) != 0);
    }
}

static void receive_timeout(void **unused)
{
    (void)unused;
    put(DEVICE_UART, UARTIMSC, RT);
    machine_uart_receive("ab", 2);
    machine_advance(UART_TIMEOUT_NS - 1);
    assert_false(line(DEVICE_UART_IRQ));
    uint64_t at = 0;
    assert_true(machine_next_event(&at));
    assert_int_equal(at, UART_TIMEOUT_NS);
    machine_advance(1);
    assert_int_equal(get(DEVICE_UART, UARTMIS), RT);
    assert_true(line(DEVICE_UART_IRQ));
    assert_int_equal(get(DEVICE_UART, UARTDR), 'a');
    assert_true(line(DEVICE_UART_IRQ)); /* until the FIFO is empty */
    assert_int_equal(get(DEVICE_UART, UARTDR), 'b');
    assert_false(line(DEVICE_UART_IRQ));
    machine_uart_receive("c", 1);
    machine_advance(UART_TIMEOUT_NS);
    put(DEVICE_UART, UARTICR, RT); /* or until it is cleared */
    assert_false(line(DEVICE_UART_IRQ));
}

static void without_fifos_one_character(void **unused)
{
    (void)unused;
    put(DEVICE_UART, UARTLCR_H, 0x60);
    machine_uart_receive("p", 1);
    assert_int_equal(get(DEVICE_UART, UARTRIS), RX);
    assert_true((get(DEVICE_UART, UARTFR) & RXFF) != 0);
    machine_uart_receive("q", 1); /* lost */
    assert_int_equal(get(DEVICE_UART, UARTRIS), RX | OE);
    assert_int_equal(get(DEVICE_UART, UARTDR), 'p');
    assert_int_equal(get(DEVICE_UART, UARTRIS), OE);
}

static void errors_travel_with_the_character(void **unused)
{
    (void)unused;
    assert_true(machine_inject("uart:framing@2"));
    assert_true(machine_inject("uart:parity@3"));
    assert_true(machine_inject("uart:break@4"));
    machine_uart_receive("abcde", 5);
    assert_int_equal(get(DEVICE_UART, UARTRIS), FE | PE | BE);
    const uint32_t expected[] = {'a', 'b' | 0x100, 'c' | 0x200, 0x500, 'e'};
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(get(DEVICE_UART, UARTDR), expected[i]);
        assert_int_equal(get(DEVICE_UART, UARTRSR), expected[i] >> 8);
    }
    put(DEVICE_UART, UARTICR, FE | PE | BE);
    assert_int_equal(get(DEVICE_UART, UARTRIS), 0);
}

static void overrun_marks_the_next_character(void **unused)
{
    (void)unused;
    machine_uart_receive("0123456789abcdefX", 17);
    assert_int_equal(get(DEVICE_UART, UARTRIS) & OE, OE);
    assert_int_equal(get(DEVICE_UART, UARTRSR) & 8, 8);
    for (unsigned i = 0; i < UART_FIFO; i++) {
        assert_int_equal(get(DEVICE_UART, UARTDR), "0123456789abcdef"[i]);
    }
    machine_uart_receive("Y", 1);
    assert_int_equal(get(DEVICE_UART, UARTDR), 'Y' | 0x800);
    put(DEVICE_UART, UARTRSR, 0);
    assert_int_equal(get(DEVICE_UART, UARTRSR), 0);
}

static void sending_takes_time_when_told(void **unused)
{
    (void)unused;
    assert_true(machine_inject("uart:slow@1000"));
    put(DEVICE_UART, UARTIFLS, 0); /* at most 2 left */
    put(DEVICE_UART, UARTIMSC, TX);
    for (unsigned i = 0; i < UART_FIFO; i++) {
        assert_int_equal(get(DEVICE_UART, UARTFR) & TXFF, 0);
        put(DEVICE_UART, UARTDR, 'a' + i);
    }
    assert_int_equal(get(DEVICE_UART, UARTFR) & (TXFF | BUSY | TXFE), TXFF | BUSY);
    machine_advance(13 * 1000 + 999);
    assert_int_equal(machine_console_used(), 13);
    assert_false(line(DEVICE_UART_IRQ));
    machine_advance(1);
    assert_true(line(DEVICE_UART_IRQ));
    machine_advance(2000);
    assert_int_equal(get(DEVICE_UART, UARTFR) & (TXFF | BUSY | TXFE), TXFE);
    assert_memory_equal(console, "abcdefghijklmnop", 16);
}

static void a_stuck_transmitter_comes_back(void **unused)
{
    (void)unused;
    assert_true(machine_inject("uart:busy@3"));
    for (unsigned i = 0; i < 5; i++) {
        put(DEVICE_UART, UARTDR, 'a' + i);
    }
    assert_int_equal(machine_console_used(), 2);
    assert_int_equal(get(DEVICE_UART, UARTFR) & (TXFF | BUSY), TXFF | BUSY);
    machine_advance(UART_STUCK_NS);
    assert_int_equal(machine_console_used(), 5);
    assert_int_equal(get(DEVICE_UART, UARTFR) & (TXFF | BUSY), 0);
    assert_memory_equal(console, "abcde", 5);
}

static void typed_input_waits_for_room(void **unused)
{
    (void)unused;
    static const uint8_t text[] = "0123456789abcdefghij";
    machine.input = text;
    machine.input_bytes = 20;
    put(DEVICE_UART, UARTCR, 0x301);
    machine_advance(30 * UART_CHARACTER_NS);
    assert_true((get(DEVICE_UART, UARTFR) & RXFF) != 0);
    assert_int_equal(get(DEVICE_UART, UARTRIS) & OE, 0);
    for (unsigned i = 0; i < 20; i++) {
        assert_int_equal(get(DEVICE_UART, UARTDR), text[i]);
        machine_advance(UART_CHARACTER_NS);
    }
    assert_true((get(DEVICE_UART, UARTFR) & RXFE) != 0);
}

static void spurious_interrupts_go_when_looked_at(void **unused)
{
    (void)unused;
    static const struct {
        const char *spec;
        uint64_t page, status;
        uint32_t irq;
    } rows[] = {{"uart:spurious@500", DEVICE_UART, UARTMIS, DEVICE_UART_IRQ},
                {"rtc:spurious@500", DEVICE_RTC, 0x18, DEVICE_RTC_IRQ},
                {"gpio:spurious@500", DEVICE_GPIO, 0x418, DEVICE_GPIO_IRQ}};
    for (unsigned i = 0; i < 3; i++) {
        fresh(NULL);
        assert_true(machine_inject(rows[i].spec));
        machine_advance(499);
        assert_false(line(rows[i].irq));
        machine_advance(1);
        assert_true(line(rows[i].irq));
        assert_int_equal(get(rows[i].page, rows[i].status), 0);
        assert_false(line(rows[i].irq));
    }
}

/* ---- clock ---- */

static void alarm_at_the_match(void **unused)
{
    (void)unused;
    put(DEVICE_RTC, 0x08, 1000);
    put(DEVICE_RTC, 0x10, 1);
    put(DEVICE_RTC, 0x04, 1003);
    assert_int_equal(get(DEVICE_RTC, 0x14), 0);
    machine_advance(3 * SECOND - 1);
    assert_false(line(DEVICE_RTC_IRQ));
    machine_advance(1);
    assert_int_equal(get(DEVICE_RTC, 0x00), 1003);
    assert_int_equal(get(DEVICE_RTC, 0x18), 1);
    assert_true(line(DEVICE_RTC_IRQ));
    put(DEVICE_RTC, 0x1c, 1);
    assert_false(line(DEVICE_RTC_IRQ));
    machine_advance(100 * SECOND); /* once */
    assert_int_equal(get(DEVICE_RTC, 0x14), 0);
    put(DEVICE_RTC, 0x10, 0); /* masked: raw status only */
    put(DEVICE_RTC, 0x04, 1104);
    machine_advance(SECOND);
    assert_int_equal(get(DEVICE_RTC, 0x14), 1);
    assert_int_equal(get(DEVICE_RTC, 0x18), 0);
    assert_false(line(DEVICE_RTC_IRQ));
}

static void the_counter_wraps(void **unused)
{
    (void)unused;
    put(DEVICE_RTC, 0x08, UINT32_MAX);
    put(DEVICE_RTC, 0x10, 1);
    put(DEVICE_RTC, 0x04, 1);
    put(DEVICE_RTC, 0x1c, 1);
    machine_advance(SECOND);
    assert_int_equal(get(DEVICE_RTC, 0x00), 0);
    assert_false(line(DEVICE_RTC_IRQ));
    machine_advance(SECOND);
    assert_true(line(DEVICE_RTC_IRQ));
}

/* ---- GPIO ---- */

static void edges_and_levels(void **unused)
{
    (void)unused;
    put(DEVICE_GPIO, 0x404, 0x0c); /* IS: lines 2 and 3 by level */
    put(DEVICE_GPIO, 0x408, 0x02); /* IBE: line 1 on both edges */
    put(DEVICE_GPIO, 0x40c, 0x05); /* IEV: line 0 rising, line 2 high; 3 low, 4 falling */
    assert_int_equal(get(DEVICE_GPIO, 0x414), 0x08); /* line 3 is low */
    machine_gpio_input(0, true);
    machine_gpio_input(1, true);
    machine_gpio_input(2, true);
    machine_gpio_input(3, true);
    machine_gpio_input(4, true);
    assert_int_equal(get(DEVICE_GPIO, 0x414), 0x07);
    put(DEVICE_GPIO, 0x41c, 0xff); /* IC: edges only */
    assert_int_equal(get(DEVICE_GPIO, 0x414), 0x04);
    machine_gpio_input(0, false);
    machine_gpio_input(1, false);
    machine_gpio_input(2, false);
    machine_gpio_input(4, false);
    assert_int_equal(get(DEVICE_GPIO, 0x414), 0x12);
    assert_false(line(DEVICE_GPIO_IRQ));
    put(DEVICE_GPIO, 0x410, 0x02); /* IE */
    assert_int_equal(get(DEVICE_GPIO, 0x418), 0x02);
    assert_true(line(DEVICE_GPIO_IRQ));
    put(DEVICE_GPIO, 0x41c, 0x02);
    assert_false(line(DEVICE_GPIO_IRQ));
}

static void outputs_do_not_interrupt(void **unused)
{
    (void)unused;
    put(DEVICE_GPIO, 0x400, 0x0f);
    put(DEVICE_GPIO, 0x408, 0xff);
    put(DEVICE_GPIO, 0x410, 0xff);
    put(DEVICE_GPIO, 0x3fc, 0xff);
    assert_int_equal(machine_gpio_lines(), 0x0f);
    assert_false(line(DEVICE_GPIO_IRQ));
    assert_true(machine_inject("gpio:7=1@100"));
    machine_advance(100);
    assert_int_equal(get(DEVICE_GPIO, 0x3fc), 0x8f);
    assert_int_equal(get(DEVICE_GPIO, 0x418), 0x80);
    assert_true(line(DEVICE_GPIO_IRQ));
}

static void only_known_faults_are_planned(void **unused)
{
    (void)unused;
    static const char *const bad[] = {
        "",           "uart",       "uart:busy",   "uart:busy@",  "uart:busy@x", "uart:busy@1x",
        "gpio:8=1@1", "gpio:1=2@1", "rtc:break@1", "uart:slow@-1"};
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(machine_inject(bad[i]));
    }
    for (unsigned i = 0; i < DEVICE_INJECTIONS; i++) {
        assert_true(machine_inject("gpio:0=1@0x10"));
    }
    assert_false(machine_inject("gpio:0=1@0x10"));
}

#define CASE(f) cmocka_unit_test_setup(f, fresh)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(receive_level),
        CASE(receive_timeout),
        CASE(without_fifos_one_character),
        CASE(errors_travel_with_the_character),
        CASE(overrun_marks_the_next_character),
        CASE(sending_takes_time_when_told),
        CASE(a_stuck_transmitter_comes_back),
        CASE(typed_input_waits_for_room),
        CASE(spurious_interrupts_go_when_looked_at),
        CASE(alarm_at_the_match),
        CASE(the_counter_wraps),
        CASE(edges_and_levels),
        CASE(outputs_do_not_interrupt),
        CASE(only_known_faults_are_planned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
