/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Virtual time: nanoseconds, moved only by machine_advance() (one executed instruction counts as
 * one). The counter of the timers is derived from it.
 */
#include "internal.h"

enum {
    NS_PER_S = 1000000000
};

static uint64_t ns_to_ticks(uint64_t ns)
{
    return (uint64_t)((unsigned __int128)ns * machine.platform.timer_hz / NS_PER_S);
}

/* First nanosecond at which the counter shows `ticks`. */
static uint64_t ticks_to_ns(uint64_t ticks)
{
    uint32_t hz = machine.platform.timer_hz;
    unsigned __int128 ns = ((unsigned __int128)ticks * NS_PER_S + hz - 1) / hz;
    return ns > UINT64_MAX ? UINT64_MAX : (uint64_t)ns;
}

uint64_t machine_now(void)
{
    return machine.model.now;
}

void machine_advance(uint64_t ns)
{
    machine.model.now += ns;
    device_run();
}

uint64_t clock_counter(void)
{
    return ns_to_ticks(machine.model.now);
}

bool clock_timer_fires(unsigned timer)
{
    const struct timer_model *t = &machine.model.timer[timer];
    return t->enabled && !t->masked && clock_counter() >= t->deadline;
}

/* A timer whose line is already high is no event to come. */
bool machine_next_event(uint64_t *ns)
{
    bool found = device_next_event(ns);
    for (unsigned i = 0; i < TIMER_COUNT; i++) {
        const struct timer_model *t = &machine.model.timer[i];
        if (!t->enabled || t->masked || clock_timer_fires(i)) {
            continue;
        }
        uint64_t at = ticks_to_ns(t->deadline);
        if (!found || at < *ns) {
            *ns = at;
        }
        found = true;
    }
    return found;
}

uint64_t hal_timer_now(void)
{
    return clock_counter();
}

void hal_timer_arm(uint64_t deadline)
{
    machine.model.timer[TIMER_KERNEL] = (struct timer_model){.enabled = true, .deadline = deadline};
}
