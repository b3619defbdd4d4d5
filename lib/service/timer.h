/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Service of time: components/drivers/timer. Time is in nanoseconds since an unspecified moment,
 * the same for all clients and across restarts of the driver; it never goes back. A resolution of
 * one second (PL031) or better (EL0 timer) is told by TIMER_NOW; nothing is due too early.
 *
 * Each client has TIMER_IDS timeouts, by number. When one is due, the client's notification gets
 * the bit of the channel (env_entry.badge), and TIMER_DUE says which.
 */
#pragma once
#include "rpc/rpc.h"

enum timer_label {
    TIMER_NOW = 1, /* -> struct timer_now */
    TIMER_SLEEP,   /* struct timer_sleep: waits; at once when that is past */
    TIMER_SET,     /* struct timer_set: an id that is set, or due and not told of, is set anew */
    TIMER_CANCEL,  /* struct timer_set, its id; SYSTEM_NOT_FOUND when it is not set */
    TIMER_DUE,     /* -> struct timer_due: since the last such call */
};

enum {
    TIMER_IDS = 32,  /* per client: 0..31 */
    TIMER_SLEEPS = 4 /* per client: calls of TIMER_SLEEP that wait at once; with one more, the first
                        is forgotten: it was an earlier life's */
};

struct timer_now {
    uint64_t ns;
    uint64_t resolution;
};

struct timer_sleep {
    uint64_t until;
};

struct timer_set {
    uint64_t at;
    uint64_t period; /* 0 = once. Periods that were missed are skipped, not made up for. */
    uint64_t id;
};

struct timer_due {
    uint64_t ids; /* bit per id */
};

/* The time; 0 when the timer cannot be reached. */
static inline uint64_t timer_now(const struct env_entry *channel)
{
    struct timer_now n = {0};
    return rpc_call(channel, TIMER_NOW, NULL, 0, &n, sizeof(n), NULL) == SYSTEM_OK ? n.ns : 0;
}

/* Waits until that time, through the deaths of the driver too. */
COMP_MUST_CHECK static inline enum system_error timer_sleep_until(const struct env_entry *channel,
                                                                  uint64_t ns)
{
    struct timer_sleep q = {ns};
    enum system_error e;
    do {
        e = rpc_call(channel, TIMER_SLEEP, &q, sizeof(q), NULL, 0, NULL);
    } while (e == SYSTEM_BROKEN);
    return e;
}
