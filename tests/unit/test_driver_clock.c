/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The clock's driver on the model: time, alarms, spurious interrupts.
 */
#include "driver_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../components/drivers/pl031.c"
#include "machine.h"

#define SECOND 1000000000ull

static int fresh(void **unused)
{
    (void)unused;
    waiting = 0;
    driver_fixture("rtc", DEVICE_RTC, DEVICE_RTC_IRQ);
    driver_start();
    return 0;
}

static unsigned ask(uint64_t label, uint32_t seconds)
{
    struct clock_time t = {seconds};
    return driver_call(0, label, &t, sizeof(t), NULL, 0);
}

static void time_can_be_set(void **unused)
{
    (void)unused;
    struct clock_time t;
    assert_int_equal(ask(CLOCK_SET, 1700000000), SYSTEM_OK);
    driver_run_until(5 * SECOND);
    assert_int_equal(driver_call(1, CLOCK_GET, NULL, 0, &t, sizeof(t)), SYSTEM_OK);
    assert_int_equal(t.seconds, 1700000005);
    assert_int_equal(driver_call(1, CLOCK_SET, NULL, 0, NULL, 0), SYSTEM_BAD_REQUEST);
}

static void an_alarm_wakes_its_caller_once(void **unused)
{
    (void)unused;
    assert_true(machine_inject("rtc:spurious@1500000000"));
    assert_int_equal(ask(CLOCK_ALARM, 3), DRIVER_WAITS);
    struct clock_time two = {2};
    assert_int_equal(driver_call(1, CLOCK_ALARM, &two, sizeof(two), NULL, 0), SYSTEM_BUSY);
    assert_int_equal(ask(CLOCK_ALARM, 9), DRIVER_WAITS); /* the client's next life, and one more */
    assert_int_equal(ask(CLOCK_ALARM, 3), DRIVER_WAITS);
    driver_run_until(3 * SECOND - 1);
    assert_int_equal(driver_answers(), 0);
    driver_run_until(3 * SECOND);
    assert_int_equal(driver_answers(), 1);
    assert_int_equal(ask(CLOCK_ALARM, 3), SYSTEM_OK); /* is past */
    assert_int_equal(ask(CLOCK_ALARM, 4), DRIVER_WAITS);
    driver_run_until(10 * SECOND);
    assert_int_equal(driver_answers(), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(time_can_be_set, fresh),
        cmocka_unit_test_setup(an_alarm_wakes_its_caller_once, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
