/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The UART driver on the model, with injected errors: what is sent and received, in which order,
 * and what is counted.
 */
#include "driver_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../components/drivers/pl011/pl011.c"
#include "../../lib/ring/env.c"
#include "../../lib/ring/ring.c"
#include "internal.h"

static char console[8192];

static int fresh(void **unused)
{
    (void)unused;
    memset(&count, 0, sizeof(count));
    writers = queued = reader = 0;
    driver_fixture("uart", DEVICE_UART, DEVICE_UART_IRQ);
    machine_console_capture(console, sizeof(console));
    driver_start();
    return 0;
}

static unsigned write_call(unsigned n, const char *text)
{
    struct console_text q = {.bytes = strlen(text)};
    memcpy(q.text, text, q.bytes);
    return driver_call(n, CONSOLE_WRITE, &q, CONSOLE_BYTES(q.bytes), NULL, 0);
}

static unsigned read_call(uint64_t most)
{
    struct console_read q = {most};
    return driver_call(0, CONSOLE_READ, &q, sizeof(q), NULL, 0);
}

/* What the last answer brought to a reader. */
static void expect_read(const char *text)
{
    const struct console_text *a = driver_answer();
    assert_int_equal(a->bytes, strlen(text));
    assert_memory_equal(a->text, text, a->bytes);
}

static void expect_console(const char *text)
{
    assert_int_equal(machine_console_used(), strlen(text));
    assert_memory_equal(console, text, strlen(text));
}

static void text_goes_out(void **unused)
{
    (void)unused;
    assert_int_equal(write_call(0, "hello, "), DRIVER_WAITS);
    assert_int_equal(write_call(1, "world"), DRIVER_WAITS);
    assert_int_equal(driver_answers(), 2);
    expect_console("hello, world");
}

/* Slow and stuck, several writers with more than a FIFO: nothing lost, doubled or out of order. */
static void a_stuck_transmitter_loses_nothing(void **unused)
{
    (void)unused;
    char expected[1000] = "", text[100];
    assert_true(machine_inject("uart:slow@2000"));
    assert_true(machine_inject("uart:busy@30"));
    assert_true(machine_inject("uart:busy@200"));
    for (unsigned i = 0; i < WRITERS; i++) {
        (void)snprintf(text, sizeof(text), "line %u of many, longer than a FIFO\n", i);
        strcat(expected, text);
        assert_int_equal(write_call(i % 2, text), DRIVER_WAITS);
    }
    assert_int_equal(write_call(0, "one too many"), SYSTEM_BUSY);
    driver_run_until(100000000);
    assert_int_equal(driver_answers(), WRITERS);
    expect_console(expected);
}

static void input_reaches_the_reader(void **unused)
{
    (void)unused;
    assert_int_equal(read_call(5), DRIVER_WAITS);
    machine_uart_receive("ab", 2);
    driver_run_until(UART_TIMEOUT_NS - 1);
    assert_int_equal(driver_answers(), 0); /* below the FIFO's level: the timeout tells */
    driver_run_until(UART_TIMEOUT_NS);
    expect_read("ab");
    machine_uart_receive("0123456", 7);
    driver_run_until(2 * UART_TIMEOUT_NS);
    assert_int_equal(read_call(5), DRIVER_WAITS); /* answered at once: */
    assert_int_equal(driver_answers(), 2);
    expect_read("01234");
    assert_int_equal(read_call(5), DRIVER_WAITS);
    expect_read("56");
    assert_int_equal(read_call(5), DRIVER_WAITS);
    struct console_read q = {5};
    assert_int_equal(driver_call(1, CONSOLE_READ, &q, sizeof(q), NULL, 0), SYSTEM_BUSY);
    assert_int_equal(read_call(4), DRIVER_WAITS); /* the client's next life */
}

static void damaged_characters_are_dropped_and_counted(void **unused)
{
    (void)unused;
    assert_true(machine_inject("uart:framing@2") && machine_inject("uart:parity@4"));
    assert_true(machine_inject("uart:break@6") && machine_inject("uart:overrun@8"));
    assert_true(machine_inject("uart:spurious@1"));
    driver_run_until(2);
    machine_uart_receive("aXbXcXdXe", 9);
    driver_run_until(2 * UART_TIMEOUT_NS);
    assert_int_equal(read_call(20), DRIVER_WAITS);
    expect_read("abcde");
    struct console_status s;
    assert_int_equal(driver_call(0, CONSOLE_STATUS, NULL, 0, &s, sizeof(s)), SYSTEM_OK);
    assert_true(s.framing == 1 && s.parity == 1 && s.breaks == 1 && s.overruns == 1);
    assert_true(s.spurious == 1 && s.received == 5 && s.lost == 0);
    machine_uart_receive("0123456789abcdefgh", 18); /* two more than the FIFO holds */
    driver_run_until(3 * UART_TIMEOUT_NS);
    assert_int_equal(read_call(20), DRIVER_WAITS);
    expect_read("0123456789abcdef");
    machine_uart_receive("z", 1);
    driver_run_until(5 * UART_TIMEOUT_NS);
    assert_int_equal(count.overruns, 2); /* told by the next character */
}

static void a_full_queue_drops_the_newest(void **unused)
{
    (void)unused;
    for (unsigned i = 0; i < QUEUE + 10; i++) {
        machine_uart_receive("n", 1);
        driver_interrupts();
        driver_run_until(machine_now() + UART_TIMEOUT_NS);
    }
    assert_int_equal(count.received, QUEUE);
    assert_int_equal(count.lost, 10);
    assert_int_equal(read_call(CONSOLE_TEXT), DRIVER_WAITS);
    assert_int_equal(queued, QUEUE - CONSOLE_TEXT);
}

static void bad_requests_change_nothing(void **unused)
{
    (void)unused;
    struct console_text q = {.bytes = CONSOLE_TEXT + 1};
    assert_int_equal(driver_call(0, CONSOLE_WRITE, &q, sizeof(q), NULL, 0), SYSTEM_BAD_ARGUMENT);
    q.bytes = 100; /* more than the message has */
    assert_int_equal(driver_call(0, CONSOLE_WRITE, &q, 16, NULL, 0), SYSTEM_BAD_ARGUMENT);
    assert_int_equal(driver_call(0, CONSOLE_WRITE, NULL, 0, NULL, 0), SYSTEM_BAD_REQUEST);
    assert_int_equal(read_call(0), SYSTEM_BAD_ARGUMENT);
    assert_int_equal(read_call(CONSOLE_TEXT + 1), SYSTEM_BAD_ARGUMENT);
    assert_int_equal(driver_call(0, 99, NULL, 0, NULL, 0), SYSTEM_BAD_REQUEST);
    expect_console("");
    assert_int_equal(writers + reader, 0);
}

/* Random texts both ways with random faults: what comes out is what went in, less what is counted.
 */
static void random_faults(void **unused)
{
    (void)unused;
    static const char *const faults[] = {"framing", "parity", "break", "busy"};
    for (unsigned seed = 0; seed < 200; seed++) {
        fresh(NULL);
        srand(seed);
        char spec[40], expected[2000] = "";
        for (unsigned i = 0; i < 10; i++) {
            (void)snprintf(spec, sizeof(spec), "uart:%s@%d", faults[rand() % 4], rand() % 200 + 1);
            assert_true(machine_inject(spec));
        }
        unsigned fed = 0;
        for (unsigned i = 0; i < 40; i++) {
            (void)snprintf(spec, sizeof(spec), "<%u:%d>", i, rand());
            if (write_call(i % 2, spec) == DRIVER_WAITS) {
                strcat(expected, spec);
            }
            for (int n = rand() % 8; n > 0; n--, fed++) {
                machine_uart_receive("r", 1);
            }
            driver_run_until(machine_now() + (unsigned)rand() % 400000);
        }
        driver_run_until(machine_now() + 200000000);
        expect_console(expected);
        assert_int_equal(writers, 0);
        /* One character may have several faults; each is dropped once. */
        unsigned bad = fed - (unsigned)count.received;
        assert_true(bad <= count.framing + count.parity + count.breaks + count.overruns);
        assert_true(bad >= count.breaks && bad >= count.framing && bad >= count.parity);
        assert_int_equal(count.lost, 0);
    }
}

#define CASE(f) cmocka_unit_test_setup(f, fresh)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(text_goes_out),
        CASE(a_stuck_transmitter_loses_nothing),
        CASE(input_reaches_the_reader),
        CASE(damaged_characters_are_dropped_and_counted),
        CASE(a_full_queue_drops_the_newest),
        CASE(bad_requests_change_nothing),
        CASE(random_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
