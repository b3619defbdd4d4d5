/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Commands on time, through the channels "clock" (seconds since 1970) and "timer".
 */
#include "service/clock.h"

#include <stdio.h>

#include "service/timer.h"
#include "shell.h"

typedef unsigned long long ull; /* for %llu */

static const struct env_entry *channel(const char *name)
{
    return comp_find(name, ENV_CHANNEL);
}

static bool is_leap(unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Year, month and day of a day counted from 1970-01-01. */
static void date_of(uint32_t days, unsigned *year, unsigned *month, unsigned *day)
{
    static const unsigned char length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    *year = 1970;
    *month = 0;
    for (uint32_t n = 365; days >= n; n = is_leap(*year) ? 366 : 365) {
        days -= n;
        ++*year;
    }
    for (;;) {
        unsigned n = length[*month] + (*month == 1 && is_leap(*year));
        if (days < n) {
            break;
        }
        days -= n;
        ++*month;
    }
    ++*month;
    *day = days + 1;
}

static void run_time(int count, char **words)
{
    struct clock_time t;
    unsigned year, month, day;
    (void)count;
    (void)words;
    enum system_error error = rpc_call(channel("clock"), CLOCK_GET, NULL, 0, &t, sizeof(t), NULL);
    if (error != SYSTEM_OK) {
        printf("time: %s\n", comp_error_sentence(error));
        return;
    }
    date_of(t.seconds / 86400, &year, &month, &day);
    uint32_t second = t.seconds % 86400;
    printf("%04u-%02u-%02u %02u:%02u:%02u UTC\n", year, month, day, (unsigned)(second / 3600),
           (unsigned)(second / 60 % 60), (unsigned)(second % 60));
}

static void run_uptime(int count, char **words)
{
    struct timer_now now;
    (void)count;
    (void)words;
    enum system_error error =
        rpc_call(channel("timer"), TIMER_NOW, NULL, 0, &now, sizeof(now), NULL);
    if (error != SYSTEM_OK) {
        printf("uptime: %s\n", comp_error_sentence(error));
        return;
    }
    printf("%llu.%03llu s\n", (ull)(now.ns / 1000000000), (ull)(now.ns / 1000000 % 1000));
}

static void run_sleep(int count, char **words)
{
    struct timer_now now;
    unsigned milliseconds;
    (void)count;
    if (sscanf(words[1], "%u", &milliseconds) != 1) {
        printf("sleep: expected milliseconds, found '%s'\n", words[1]);
        return;
    }
    enum system_error error =
        rpc_call(channel("timer"), TIMER_NOW, NULL, 0, &now, sizeof(now), NULL);
    if (error == SYSTEM_OK) {
        struct timer_sleep q = {now.ns + milliseconds * 1000000ull};
        error = rpc_call(channel("timer"), TIMER_SLEEP, &q, sizeof(q), NULL, 0, NULL);
    }
    if (error != SYSTEM_OK) {
        printf("sleep: %s\n", comp_error_sentence(error));
    }
}

const struct command clock_commands[] = {
    {"time", "", "date and time", 0, 0, run_time, WORD_NONE},
    {"uptime", "", "seconds since the start", 0, 0, run_uptime, WORD_NONE},
    {"sleep", "MILLISECONDS", "waits", 1, 1, run_sleep, WORD_NONE},
    {0},
};
