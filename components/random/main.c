/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Random system calls, `random_steps` of them, chosen by `random_seed` (both set with kaal-builder
 * --patch). Ends with status 0. Needs kaal.tick_us=0: the workers share a stack.
 */
#include "kaal/print.h"
#include "random.h"

enum {
    ROUND_STEPS = 4000, /* then the playground is made anew */
};

__attribute__((section(".data"))) volatile uint64_t random_seed = 1;
__attribute__((section(".data"))) volatile uint64_t random_steps = 20000;

static uint64_t turns;

/* A worker's fault or message: start it again, answer, or let it wait. */
static void handle_worker(unsigned who)
{
    switch (below(8)) {
    case 0: break;
    case 1: playground_answer(); break;
    case 2: playground_revive(who, true); break;
    default: playground_revive(who, false); break;
    }
}

/* Nobody can run. */
static void handle_quiet(void)
{
    for (unsigned i = 0; i < 3; i++) {
        playground_revive((unsigned)below(WORKERS), once_in(4));
    }
    playground_restock();
}

static void one_turn(void)
{
    uint64_t badge = playground_wait();
    turns++;
    if (badge >= 1 && badge <= WORKERS) {
        handle_worker((unsigned)badge - 1);
    } else {
        handle_quiet();
    }
    playground_restock();
}

int main(struct bootinfo *bootinfo)
{
    uint64_t rounds = 0, end = 0;
    kaal_printf("random: seed %lu, %lu steps\n", random_seed, random_steps);
    random_start(random_seed);
    playground_open(bootinfo);
    while (step_count + turns < random_steps) {
        if (step_count + turns >= end) {
            end = step_count + turns + ROUND_STEPS;
            rounds++;
            playground_build();
        }
        one_turn();
    }
    kaal_printf("random: %lu steps, %lu turns of the supervisor, %lu rounds, its calls: %lu done, "
                "%lu refused\n",
                step_count, turns, rounds, calls_done, calls_refused);
    return 0;
}
