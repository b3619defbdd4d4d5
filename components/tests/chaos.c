/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Restarts servers at moments that nobody planned, while the workers use them, until the workers
 * are done. Keeps books: what was free before is free after. The argument is the number of
 * restarts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "comp/system.h"
#include "service/timer.h"

static const char *const servers[] = {"echo", "vfs", "log", "names"};
static const char *const workers[] = {"worker1", "worker2", "worker3"};

enum {
    SERVERS = sizeof(servers) / sizeof(servers[0]),
    WORKERS = sizeof(workers) / sizeof(workers[0]),
};

static void must(enum system_error error, const char *what)
{
    if (error != SYSTEM_OK) {
        comp_fail(1, what, error);
    }
}

static void all(enum system_error (*what)(const char *name))
{
    for (unsigned i = 0; i < SERVERS; i++) {
        must(what(servers[i]), servers[i]);
    }
    for (unsigned i = 0; i < WORKERS; i++) {
        must(what(workers[i]), workers[i]);
    }
}

static struct system_memory books(void)
{
    struct system_memory m;
    must(system_memory(&m), "books");
    return m;
}

/* Workers that have not ended; a worker that failed ends the run. */
static unsigned at_work(void)
{
    struct system_component c;
    unsigned n = 0;
    for (uint64_t i = 0; system_component(i, &c) == SYSTEM_OK; i++) {
        for (unsigned k = 0; k < WORKERS; k++) {
            n += strcmp(c.name, workers[k]) == 0 && c.state == STATE_RUNNING;
        }
    }
    return n;
}

/* Sleeps for a while that differs each time, so that it wakes in the middle of anything. */
static void sleep(uint64_t *seed)
{
    const struct env_entry *timer = comp_find("timer", ENV_CHANNEL);
    struct timer_now now;
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    must(rpc_call(timer, TIMER_NOW, NULL, 0, &now, sizeof(now), NULL), "timer");
    struct timer_sleep q = {now.ns + (*seed >> 42)};
    must(rpc_call(timer, TIMER_SLEEP, &q, sizeof(q), NULL, 0, NULL), "timer");
}

int main(int argc, char **argv)
{
    unsigned most = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : 100;
    uint64_t seed = 1;
    unsigned restarts = 0;
    all(system_kill);
    struct system_memory before = books();
    all(system_spawn);
    while (at_work() != 0) {
        sleep(&seed);
        if (restarts < most) {
            must(system_restart(servers[(seed >> 40) % SERVERS]), "restart");
            restarts++;
        }
    }
    all(system_kill);
    struct system_memory after = books();
    printf(
        "chaos: %u restarts; free bytes %llu before, %llu after; slots %llu, %llu; untypeds %llu, "
        "%llu\n",
        restarts, (unsigned long long)before.free, (unsigned long long)after.free,
        (unsigned long long)before.slots_free, (unsigned long long)after.slots_free,
        (unsigned long long)before.untypeds, (unsigned long long)after.untypeds);
    fflush(stdout);
    (void)system_halt(memcmp(&before, &after, sizeof(before)) == 0 ? 0 : 3);
    return 0;
}
