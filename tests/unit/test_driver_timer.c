/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The timer driver on both of its alarms: nothing early, nothing late, nothing lost, over 100 years
 * and the wrap of the clock's 32 bits; its heap beside a model.
 */
#include "driver_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../components/drivers/timer/heap.c"
#include "../../components/drivers/timer/source.c"
#include "../../components/drivers/timer/timer.c"
#include "machine.h"

#define DAY  (86400 * SECOND)
#define YEAR (31557600 * SECOND) /* 365.25 days */

/* ---- the heap ---- */

enum {
    MODEL = 64
};

/* The model: a plain list; the first due is found by looking at all. */
static struct timeout model[MODEL];
static unsigned in_model;

static unsigned model_first(void)
{
    unsigned first = 0;
    for (unsigned i = 1; i < in_model; i++) {
        first = is_before(&model[i], &model[first]) ? i : first;
    }
    return first;
}

static void the_heap_is_like_a_list(void **unused)
{
    (void)unused;
    static struct heap h;
    uint64_t now_ = 0, added = 0;
    srand(7);
    for (unsigned round = 0; round < 100000; round++) {
        unsigned what = (unsigned)rand() % 4;
        struct timeout t = {.at = now_ + (unsigned)rand() % 50,
                            .period = rand() % 3 == 0 ? (unsigned)rand() % 20 : 0,
                            .client = (unsigned)rand() % 3,
                            .id = (unsigned)rand() % 10};
        if (what == 0 && in_model < MODEL) {
            t.order = added++;
            model[in_model++] = t;
            assert_true(heap_add(&h, t));
        } else if (what == 1) {
            unsigned i = 0;
            while (i < in_model && (model[i].client != t.client || model[i].id != t.id)) {
                i++;
            }
            /* Of several equal ones either may go: only the number is compared then. */
            unsigned equal = 0;
            for (unsigned j = 0; j < in_model; j++) {
                equal += model[j].client == t.client && model[j].id == t.id;
            }
            if (equal <= 1) {
                assert_int_equal(heap_cancel(&h, t.client, t.id), equal == 1);
                if (equal == 1) {
                    model[i] = model[--in_model];
                }
            }
        } else {
            struct timeout got;
            now_ += (unsigned)rand() % 4;
            while (heap_take_due(&h, now_, &got)) {
                unsigned i = model_first();
                assert_true(in_model != 0 && model[i].at <= now_);
                assert_true(got.at == model[i].at && got.order == model[i].order);
                if (model[i].period != 0) {
                    while (model[i].at <= now_) {
                        model[i].at += model[i].period;
                    }
                    model[i].order = added++;
                } else {
                    model[i] = model[--in_model];
                }
            }
            assert_true(in_model == 0 || model[model_first()].at > now_);
        }
        assert_int_equal(h.count, in_model);
    }
}

static void the_end_of_time_is_no_beginning(void **unused)
{
    (void)unused;
    static struct heap h;
    struct timeout got;
    assert_true(heap_add(&h, (struct timeout){.at = UINT64_MAX - 5, .period = 10}));
    assert_true(heap_add(&h, (struct timeout){.at = 1, .period = UINT64_MAX}));
    assert_true(heap_take_due(&h, 1, &got) && got.at == 1); /* 1 + 2^64 − 1 is no time */
    assert_false(heap_take_due(&h, UINT64_MAX - 6, &got));
    assert_true(heap_take_due(&h, UINT64_MAX - 5, &got));
    assert_int_equal(h.count, 0);
}

/* ---- the driver ---- */

static uint64_t read_now(void)
{
    struct timer_now n;
    assert_int_equal(driver_call(0, TIMER_NOW, NULL, 0, &n, sizeof(n)), SYSTEM_OK);
    return n.ns;
}

static unsigned set_timeout(unsigned client, uint64_t id, uint64_t at, uint64_t period)
{
    struct timer_set q = {.at = at, .period = period, .id = id};
    return driver_call(client, TIMER_SET, &q, sizeof(q), NULL, 0);
}

static uint64_t take_due(unsigned client)
{
    struct timer_due d;
    assert_int_equal(driver_call(client, TIMER_DUE, NULL, 0, &d, sizeof(d)), SYSTEM_OK);
    return d.ids;
}

static void open_pl031(uint32_t start)
{
    memset(&heap, 0, sizeof(heap));
    memset(due, 0, sizeof(due));
    driver_fixture("timer", DEVICE_RTC, DEVICE_RTC_IRQ);
    device_write(DEVICE_RTC + 8, 4, start);
    driver_start();
}

static void open_physical(void)
{
    memset(&heap, 0, sizeof(heap));
    memset(due, 0, sizeof(due));
    driver_fixture("timer", 0, PHYSICAL_TIMER);
    driver_start();
}

static void sleepers_wake_in_order(void **unused)
{
    (void)unused;
    open_pl031(1000);
    uint64_t t = read_now();
    assert_int_equal(t, 1000 * SECOND);
    for (unsigned i = 0; i < 3; i++) {
        struct timer_sleep s = {t + (3 - i) * SECOND - 1};
        assert_int_equal(driver_call(i % 2, TIMER_SLEEP, &s, sizeof(s), NULL, 0), DRIVER_WAITS);
    }
    for (unsigned i = 1; i <= 3; i++) {
        driver_run_until(i * SECOND - 1);
        assert_int_equal(driver_answers(), i - 1);
        driver_run_until(i * SECOND);
        assert_int_equal(driver_answers(), i);
    }
    struct timer_sleep past = {t};
    assert_int_equal(driver_call(0, TIMER_SLEEP, &past, sizeof(past), NULL, 0), SYSTEM_OK);
}

static void quotas_hold(void **unused)
{
    (void)unused;
    open_physical();
    struct timer_sleep s = {DAY};
    for (unsigned i = 0; i < TIMER_SLEEPS; i++) {
        assert_int_equal(driver_call(0, TIMER_SLEEP, &s, sizeof(s), NULL, 0), DRIVER_WAITS);
    }
    /* One more takes the place of the first, which an earlier life of the client had begun. */
    assert_int_equal(driver_call(0, TIMER_SLEEP, &s, sizeof(s), NULL, 0), DRIVER_WAITS);
    assert_int_equal(driver_call(1, TIMER_SLEEP, &s, sizeof(s), NULL, 0), DRIVER_WAITS);
    assert_int_equal(set_timeout(0, TIMER_IDS, DAY, 0), SYSTEM_BAD_ARGUMENT);
    for (unsigned i = 0; i < 3 * TIMER_IDS; i++) {
        assert_int_equal(set_timeout(0, i % TIMER_IDS, DAY, 0), SYSTEM_OK);
    }
    assert_int_equal(heap.count, TIMER_SLEEPS + 1 + TIMER_IDS);
}

/* What was due and not told of is not due any more when it is set anew or cancelled. */
static void a_new_timeout_is_not_due(void **unused)
{
    (void)unused;
    open_pl031(0);
    for (unsigned id = 0; id < 3; id++) {
        assert_int_equal(set_timeout(0, id, SECOND, 0), SYSTEM_OK);
    }
    driver_run_until(SECOND);
    assert_int_equal(set_timeout(0, 0, 9 * SECOND, 0), SYSTEM_OK);
    struct timer_set q = {.id = 1};
    assert_int_equal(driver_call(0, TIMER_CANCEL, &q, sizeof(q), NULL, 0), SYSTEM_NOT_FOUND);
    assert_int_equal(take_due(0), 1u << 2);
}

/* Spurious interrupts wake nobody. */
static void spurious_interrupts_are_harmless(void **unused)
{
    (void)unused;
    open_pl031(0);
    assert_int_equal(set_timeout(0, 1, 10 * SECOND, 0), SYSTEM_OK);
    for (unsigned i = 1; i < 10; i++) {
        char spec[40];
        (void)snprintf(spec, sizeof(spec), "rtc:spurious@%u", i * 1000000);
        assert_true(machine_inject(spec));
    }
    driver_run_until(10 * SECOND - 1);
    assert_int_equal(driver_signals(0), 0);
    driver_run_until(10 * SECOND);
    assert_int_equal(driver_signals(0), 1);
}

/* A restarted driver goes on in the same time. */
static void time_survives_a_restart(void **unused)
{
    (void)unused;
    open_pl031(5000);
    driver_run_until(7 * SECOND);
    uint64_t before = read_now();
    seconds = 0;
    driver_start();
    assert_int_equal(read_now(), before);
}

/* A daily timeout, one in 100 years, and one whose period is no whole number of seconds. Of each
 * firing it is checked that it is not early, and not later than the resolution. */
static void run_100_years(uint64_t resolution)
{
    uint64_t start = read_now(), fired[3] = {0};
    const uint64_t period[3] = {DAY, 0, 12345678901234567ull};
    const uint64_t first[3] = {start + DAY, start + 100 * YEAR - DAY / 2, start + 1};
    for (unsigned id = 0; id < 3; id++) {
        assert_int_equal(set_timeout(1, id, first[id], period[id]), SYSTEM_OK);
    }
    uint64_t base = machine_now();
    for (uint64_t day = 1; day <= 36525; day++) {
        unsigned before = driver_signals(1);
        driver_run_until(base + day * DAY + resolution);
        uint64_t ids = take_due(1), now_ = read_now();
        assert_int_equal(driver_signals(1) - before, __builtin_popcountll(ids));
        for (unsigned id = 0; id < 3; id++) {
            if ((ids >> id & 1) == 0) {
                continue;
            }
            uint64_t at = first[id] + fired[id]++ * period[id];
            assert_true(at <= now_ && now_ - at <= DAY + resolution);
        }
        assert_int_equal(fired[0], day);
    }
    assert_int_equal(fired[1], 1);
    assert_int_equal(fired[2], (36525 * DAY + resolution - 1) / period[2] + 1);
    assert_true(read_now() - start >= 100 * YEAR);
}

static void a_century_on_the_clock(void **unused)
{
    (void)unused;
    open_pl031(0xf0000000); /* it wraps after eight years */
    run_100_years(SECOND);
    assert_true(seconds > UINT32_MAX);
}

static void a_century_on_the_cpu_timer(void **unused)
{
    (void)unused;
    open_physical();
    run_100_years(1000);
}

/* Alone with one timeout behind the wrap the driver still wakes often enough to see it. */
static void a_lonely_wrap_is_seen(void **unused)
{
    (void)unused;
    open_pl031(0xfffffff0);
    uint64_t far = read_now() + 130 * YEAR;
    assert_int_equal(set_timeout(0, 4, far, 0), SYSTEM_OK);
    driver_run_until(130 * YEAR - SECOND);
    assert_int_equal(driver_signals(0), 0);
    driver_run_until(130 * YEAR + SECOND);
    assert_int_equal(driver_signals(0), 1);
    assert_int_equal(read_now(), far + SECOND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_heap_is_like_a_list),
        cmocka_unit_test(the_end_of_time_is_no_beginning),
        cmocka_unit_test(sleepers_wake_in_order),
        cmocka_unit_test(quotas_hold),
        cmocka_unit_test(a_new_timeout_is_not_due),
        cmocka_unit_test(spurious_interrupts_are_harmless),
        cmocka_unit_test(time_survives_a_restart),
        cmocka_unit_test(a_century_on_the_clock),
        cmocka_unit_test(a_century_on_the_cpu_timer),
        cmocka_unit_test(a_lonely_wrap_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
