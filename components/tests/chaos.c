/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Restarts servers at moments that nobody planned, while their clients use them, until calls to
 * every kind of server have been broken LEAST times; then tells the clients to end. They assert all
 * results by themselves. Keeps books: what was free before is free after. The argument is the
 * number of restarts after which it gives up.
 */
#include <stdio.h>
#include <stdlib.h>

#include "comp/system.h"
#include "dddk/counter.h"
#include "notes.h"
#include "service/timer.h"

static const char *const workers[] = {"worker1", "worker2", "worker3"};
static const char *const waiters[] = {"waiter1", "waiter2", "waiter3"};

enum {
    LEAST = 3,
    SERVERS = NOTE_KINDS - 1, /* there is no sink here */
    WORKERS = sizeof(workers) / sizeof(workers[0]),
    WAITERS = sizeof(waiters) / sizeof(waiters[0]),
    RINGS = WORKERS + WAITERS,
};

static struct {
    unsigned restarts, broken;
    uint64_t ticks; /* the longest from a broken call's begin to the next answer */
} count[NOTE_KINDS];

static void must(enum system_error error, const char *what)
{
    if (error != SYSTEM_OK) {
        comp_fail(1, what, error);
    }
}

static void each(enum system_error (*what)(const char *name), const char *const *names, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        must(what(names[i]), names[i]);
    }
}

static struct system_memory books(void)
{
    struct system_memory m;
    each(system_kill, waiters, WAITERS);
    each(system_kill, workers, WORKERS);
    each(system_kill, note_kind, SERVERS);
    must(system_memory(&m), "books");
    return m;
}

/* Workers that have not ended. */
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

static uint64_t random_below(uint64_t below)
{
    static uint64_t seed = 1;
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (seed >> 33) % below;
}

static void sleep_for(uint64_t ns)
{
    const struct env_entry *timer = comp_find("timer", ENV_CHANNEL);
    must(timer_sleep_until(timer, timer_now(timer) + ns), "timer");
}

/* The kinds of the calls that are under way: the last that each ring tells of. */
static uint32_t take_notes(struct ring rings[RINGS])
{
    uint64_t note;
    uint32_t under_way = 0;
    for (unsigned i = 0; i < RINGS; i++) {
        unsigned last = NOTE_KINDS;
        while (notes_pop(&rings[i], &note)) {
            unsigned kind = note_kind_of(note) % NOTE_KINDS;
            uint64_t ticks = note_ticks_of(note);
            switch (note_event_of(note)) {
            case NOTE_BEGIN: last = kind; break;
            case NOTE_BROKEN: count[kind].broken++; break;
            case NOTE_ANSWERED:
                count[kind].ticks = ticks > count[kind].ticks ? ticks : count[kind].ticks;
            }
        }
        under_way |= last < NOTE_KINDS ? 1u << last : 0;
    }
    return under_way;
}

/* Any of `kinds` to which calls were not broken often enough; SERVERS when there is none. */
static unsigned victim_of(uint32_t kinds)
{
    unsigned wanted[SERVERS], n = 0;
    for (unsigned i = 0; i < SERVERS; i++) {
        if ((kinds >> i & 1) != 0 && count[i].broken < LEAST) {
            wanted[n++] = i;
        }
    }
    return n == 0 ? SERVERS : wanted[random_below(n)];
}

/* Wakes at any moment and stops the server of a call that is under way then. Those of the waiters
 * are when nothing else has been for long. */
static unsigned restart_until_enough(struct ring rings[RINGS], unsigned most)
{
    enum {
        MOST_NS = 300000
    };
    unsigned restarts = 0;
    uint32_t waiting =
        1u << note_number("uart") | 1u << note_number("clock") | 1u << note_number("gpio");
    while (victim_of(~0u) != SERVERS && restarts < most) {
        sleep_for(random_below(MOST_NS));
        unsigned victim = victim_of(take_notes(rings) | (random_below(8) == 0 ? waiting : 0));
        if (victim != SERVERS) {
            must(system_restart(note_kind[victim]), note_kind[victim]);
            count[victim].restarts++;
            restarts++;
        }
    }
    return restarts;
}

/* Waits until the workers have come to their end. */
static void end_work(struct ring rings[RINGS])
{
    enum {
        WHILE_NS = 1000000
    };
    const struct env_entry *e = NULL;
    struct ring stop;
    uint64_t word = 1;
    while ((e = comp_next(ENV_PRODUCER, e)) != NULL) {
        if (!ring_open_env(&stop, e, sizeof(uint64_t)) || !notes_push(&stop, &word)) {
            comp_fail(1, e->name, SYSTEM_BUSY);
        }
    }
    while (at_work() != 0) {
        sleep_for(WHILE_NS);
        (void)take_notes(rings);
    }
}

static void open_rings(struct ring rings[RINGS])
{
    const struct env_entry *e = NULL;
    for (unsigned i = 0; i < RINGS; i++) {
        e = comp_next(ENV_CONSUMER, e);
        if (!ring_open_env(&rings[i], e, sizeof(uint64_t))) {
            comp_fail(1, "rings of notes", SYSTEM_NOT_FOUND);
        }
    }
}

static bool report(unsigned restarts, const struct system_memory *before,
                   const struct system_memory *after)
{
    bool good =
        before->free == after->free && before->untypeds == after->untypeds &&
        before->slots_free + before->free_untypeds == after->slots_free + after->free_untypeds;
    for (unsigned i = 0; i < SERVERS; i++) {
        printf("%s: %u restarts, %u broken calls", note_kind[i], count[i].restarts,
               count[i].broken);
        if (count[i].ticks != 0) {
            printf(", answered after at most %llu us",
                   (unsigned long long)(count[i].ticks * 1000000 / counter_frequency()));
        }
        printf("\n");
        good = good && count[i].broken >= LEAST;
    }
    printf(
        "%u restarts; free bytes %llu before, %llu after; slots %llu, %llu; untypeds %llu, %llu\n",
        restarts, (unsigned long long)before->free, (unsigned long long)after->free,
        (unsigned long long)(before->slots_free + before->free_untypeds),
        (unsigned long long)(after->slots_free + after->free_untypeds),
        (unsigned long long)before->untypeds, (unsigned long long)after->untypeds);
    fflush(stdout);
    return good;
}

int main(int argc, char **argv)
{
    static struct ring rings[RINGS];
    unsigned most = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : 1000;
    struct system_memory before = books();
    open_rings(rings);
    each(system_spawn, note_kind, SERVERS);
    each(system_spawn, waiters, WAITERS);
    each(system_spawn, workers, WORKERS);
    unsigned restarts = restart_until_enough(rings, most);
    end_work(rings);
    struct system_memory after = books();
    (void)system_halt(report(restarts, &before, &after) ? 0 : 3);
    return 0;
}
