/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Client of clock and GPIO: what both machines can show by themselves. With the argument `watch` it
 * waits for a line that somebody moves from outside.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/clock.h"
#include "service/gpio.h"

static void expect(bool holds, const char *what)
{
    if (!holds) {
        printf("expected that %s\n", what);
        exit(1);
    }
}

static void check_clock(const struct env_entry *rtc)
{
    struct clock_time t = {1000000}, now = {0};
    expect(rpc_call(rtc, CLOCK_SET, &t, sizeof(t), NULL, 0, NULL) == SYSTEM_OK, "the clock is set");
    expect(rpc_call(rtc, CLOCK_GET, NULL, 0, &now, sizeof(now), NULL) == SYSTEM_OK &&
               now.seconds - t.seconds <= 1,
           "it has that time");
    expect(rpc_call(rtc, CLOCK_ALARM, &t, sizeof(t), NULL, 0, NULL) == SYSTEM_OK,
           "an alarm in the past comes at once");
    t.seconds += 2;
    expect(rpc_call(rtc, CLOCK_ALARM, &t, sizeof(t), NULL, 0, NULL) == SYSTEM_OK, "it comes");
    expect(rpc_call(rtc, CLOCK_GET, NULL, 0, &now, sizeof(now), NULL) == SYSTEM_OK &&
               now.seconds >= t.seconds && now.seconds - t.seconds <= 1,
           "the alarm comes in time");
}

static void check_gpio(const struct env_entry *gpio)
{
    struct gpio_lines q = {0x07, 0x07}, a = {0};
    expect(rpc_call(gpio, GPIO_DIRECTION, &q, sizeof(q), NULL, 0, NULL) == SYSTEM_OK, "outputs");
    q = (struct gpio_lines){0xff, 0xf5};
    expect(rpc_call(gpio, GPIO_SET, &q, sizeof(q), NULL, 0, NULL) == SYSTEM_OK, "they are set");
    expect(rpc_call(gpio, GPIO_GET, NULL, 0, &a, sizeof(a), NULL) == SYSTEM_OK && a.value == 5,
           "outputs have their values, inputs are low");
}

int main(int argc, char **argv)
{
    const struct env_entry *gpio = comp_find("gpio", ENV_CHANNEL);
    if (argc == 2 && strcmp(argv[1], "watch") == 0) {
        struct gpio_lines q = {0xff, 0}, a = {0};
        expect(rpc_call(gpio, GPIO_WATCH, &q, sizeof(q), &a, sizeof(a), NULL) == SYSTEM_OK,
               "moved");
        printf("lines 0x%x moved, now 0x%x\n", (unsigned)a.mask, (unsigned)a.value);
        return 0;
    }
    check_clock(comp_find("rtc", ENV_CHANNEL));
    check_gpio(gpio);
    printf("devices: all is well\n");
    return 0;
}
