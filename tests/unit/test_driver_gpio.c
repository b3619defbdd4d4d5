/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The GPIO's driver on the model: directions, values, edges.
 */
#include "driver_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../components/drivers/pl061.c"
#include "machine.h"

static int fresh(void **unused)
{
    (void)unused;
    waiting = 0;
    driver_fixture("gpio", DEVICE_GPIO, DEVICE_GPIO_IRQ);
    driver_start();
    return 0;
}

static unsigned ask(uint64_t label, uint32_t mask, uint32_t value)
{
    struct gpio_lines q = {mask, value};
    return driver_call(0, label, &q, sizeof(q), NULL, 0);
}

static void only_outputs_are_set(void **unused)
{
    (void)unused;
    struct gpio_lines a;
    assert_int_equal(ask(GPIO_DIRECTION, 0x3c, 0x0c), SYSTEM_OK);
    assert_int_equal(ask(GPIO_SET, 0xf8, 0xff), SYSTEM_OK); /* of 2 and 3 only 3 is meant */
    assert_int_equal(machine_gpio_lines(), 0x08);
    assert_int_equal(ask(GPIO_DIRECTION, 0x04, 0), SYSTEM_OK); /* 2 becomes an input, 3 stays */
    machine_gpio_input(2, true);
    assert_int_equal(driver_call(1, GPIO_GET, NULL, 0, &a, sizeof(a)), SYSTEM_OK);
    assert_true(a.mask == GPIO_ALL && a.value == 0x0c);
}

static void an_edge_wakes_the_watcher_once(void **unused)
{
    (void)unused;
    assert_true(machine_inject("gpio:spurious@100") && machine_inject("gpio:6=1@300"));
    machine_gpio_input(1, true); /* before anybody watches */
    driver_interrupts();
    assert_int_equal(ask(GPIO_WATCH, 0x42, 0), DRIVER_WAITS);
    struct gpio_lines other = {0x42, 0};
    assert_int_equal(driver_call(1, GPIO_WATCH, &other, sizeof(other), NULL, 0), SYSTEM_BUSY);
    assert_int_equal(ask(GPIO_WATCH, 0x42, 0), DRIVER_WAITS); /* its next life */
    machine_gpio_input(5, true);                              /* not watched */
    driver_run_until(299);
    assert_int_equal(driver_answers(), 0);
    driver_run_until(300);
    assert_int_equal(driver_answers(), 1);
    const struct gpio_lines *a = driver_answer();
    assert_true(a->mask == 0x40 && a->value == 0x62);
    machine_gpio_input(6, false);
    driver_interrupts();
    assert_int_equal(driver_answers(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(only_outputs_are_set, fresh),
        cmocka_unit_test_setup(an_edge_wakes_the_watcher_once, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
