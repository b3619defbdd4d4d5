/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A producer and a consumer thread on one ring, with random pauses at every step (built once with
 * ThreadSanitizer, once with AddressSanitizer): every entry arrives once, in order, unharmed, and
 * nobody sleeps on a ring that has work for him: a lost signal ends the test by time.
 *
 *     ring SEED ROUNDS
 */
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../lib/ring/ring.c"

struct sample {
    uint64_t number, check;
};
RING_TYPE(samples, struct sample);

enum {
    BATCH = 5,
    PATIENCE_S = 20
};

static _Alignas(RING_LINE) unsigned char memory[RING_BYTES(64, sizeof(struct sample))];
static uint32_t entries;
static uint64_t rounds, seed;
static sem_t wake[3]; /* by struct ring.signal */
static _Atomic uint64_t signals;

void ring_signal(const struct ring *r)
{
    atomic_fetch_add(&signals, 1);
    sem_post(&wake[r->signal]);
}

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return *state >> 33;
}

static void pause_at_random(uint64_t *state)
{
    uint64_t r = next_random(state) % 64;
    if (r < 8) {
        sched_yield();
    } else if (r == 8) {
        nanosleep(&(struct timespec){0, 1000}, NULL);
    }
}

static void fail(const char *what)
{
    printf("ring: %s, seed %lu\n", what, seed);
    exit(1);
}

static void wait_for(unsigned who)
{
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += PATIENCE_S;
    if (sem_timedwait(&wake[who], &end) != 0) {
        fail(who == 1 ? "the consumer sleeps for ever" : "the producer sleeps for ever");
    }
}

static void *produce(void *unused)
{
    uint64_t state = seed * 2 + 1, n = 0;
    struct ring r;
    struct sample s[BATCH];
    (void)unused;
    ring_open_producer(&r, memory, entries, 1);
    while (n < rounds) {
        uint64_t want = next_random(&state) % BATCH + 1;
        want = want < rounds - n ? want : rounds - n;
        for (uint64_t i = 0; i < want; i++) {
            s[i] = (struct sample){n + i, (n + i) * 0x9e3779b97f4a7c15ull};
        }
        pause_at_random(&state);
        uint32_t done = want == 1 ? samples_push(&r, s) : samples_push_many(&r, s, (uint32_t)want);
        n += done;
        pause_at_random(&state);
        if (done == 0) {
            wait_for(2);
        }
    }
    return ring_is_broken(&r) ? "producer" : NULL;
}

static void *consume(void *unused)
{
    uint64_t state = seed * 2, n = 0;
    struct ring r;
    struct sample s[BATCH];
    (void)unused;
    ring_open_consumer(&r, memory, entries, 2);
    while (n < rounds) {
        uint64_t want = next_random(&state) % BATCH + 1;
        pause_at_random(&state);
        uint32_t done = want == 1 ? samples_pop(&r, s) : samples_pop_many(&r, s, (uint32_t)want);
        for (uint32_t i = 0; i < done; i++, n++) {
            if (s[i].number != n || s[i].check != n * 0x9e3779b97f4a7c15ull) {
                fail("an entry is missing, doubled or damaged");
            }
        }
        pause_at_random(&state);
        if (done == 0) {
            wait_for(1);
        }
    }
    return ring_is_broken(&r) ? "consumer" : NULL;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        return 64;
    }
    uint64_t first = strtoull(argv[1], NULL, 10);
    rounds = strtoull(argv[2], NULL, 10);
    for (unsigned i = 0; i < 7; i++) { /* rings of 1, 2, 4 … 64 entries */
        pthread_t thread;
        void *broken;
        seed = first + i;
        entries = 1u << i;
        memset(memory, 0, sizeof memory);
        sem_init(&wake[1], 0, 0);
        sem_init(&wake[2], 0, 0);
        if (pthread_create(&thread, NULL, produce, NULL) != 0) {
            fail("no thread");
        }
        if (consume(NULL) != NULL) {
            fail("the consumer finds the ring broken");
        }
        pthread_join(thread, &broken);
        if (broken != NULL) {
            fail("the producer finds the ring broken");
        }
    }
    printf("ring: %lu entries through each of 7 rings, %lu signals\n", rounds, signals);
    return 0;
}
