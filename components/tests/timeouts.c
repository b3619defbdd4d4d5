/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Client of the timer: sleeps, timeouts once and again, cancelled ones, in units of the timer's
 * resolution (at least a millisecond).
 */
#include <stdio.h>
#include <stdlib.h>

#include "service/timer.h"

static const struct env_entry *timer;

static void expect(bool holds, const char *what)
{
    if (!holds) {
        printf("expected that %s\n", what);
        exit(1);
    }
}

static struct timer_now now(void)
{
    struct timer_now n = {0};
    expect(rpc_call(timer, TIMER_NOW, NULL, 0, &n, sizeof(n), NULL) == SYSTEM_OK, "there is time");
    return n;
}

static void set(uint64_t id, uint64_t at, uint64_t period)
{
    struct timer_set q = {.at = at, .period = period, .id = id};
    expect(rpc_call(timer, TIMER_SET, &q, sizeof(q), NULL, 0, NULL) == SYSTEM_OK, "it can be set");
}

static uint64_t wait_for_due(void)
{
    struct timer_due d = {0};
    while (d.ids == 0) {
        expect((kaal_wait(SLOT_NOTIFICATION) & timer->badge) != 0, "the timer signals");
        expect(rpc_call(timer, TIMER_DUE, NULL, 0, &d, sizeof(d), NULL) == SYSTEM_OK, "due");
    }
    return d.ids;
}

int main(void)
{
    timer = comp_find("timer", ENV_CHANNEL);
    struct timer_now start = now();
    uint64_t unit = start.resolution < 1000000 ? 1000000 : start.resolution;
    uint64_t until = start.ns + unit;
    expect(timer_sleep_until(timer, until) == SYSTEM_OK, "it wakes");
    uint64_t woken = timer_now(timer);
    expect(woken >= until && woken < until + 2 * unit, "not early, not late");
    set(3, woken + unit, unit);     /* again and again */
    set(7, woken + 2 * unit, 0);    /* once, with the second of those */
    set(8, woken + 2 * unit, 0);    /* not at all */
    set(9, UINT64_MAX, UINT64_MAX); /* at the end of time */
    struct timer_set cancel = {.id = 8};
    expect(rpc_call(timer, TIMER_CANCEL, &cancel, sizeof(cancel), NULL, 0, NULL) == SYSTEM_OK &&
               rpc_call(timer, TIMER_CANCEL, &cancel, sizeof(cancel), NULL, 0, NULL) ==
                   SYSTEM_NOT_FOUND,
           "it can be cancelled once");
    uint64_t seen[32] = {0};
    while (seen[3] < 3) {
        uint64_t ids = wait_for_due();
        for (unsigned i = 0; i < 32; i++) {
            seen[i] += ids >> i & 1;
        }
    }
    expect(seen[7] == 1 && seen[8] == 0 && seen[9] == 0, "each comes as often as it was set");
    expect(now().ns >= woken + 3 * unit, "three periods have passed");
    printf("timeouts: all is well\n");
    return 0;
}
