/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Rates (rates.h). Of processor time, so that other work on the machine counts little.
 */
#include "rates.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "machine.h"
#include "runner.h"
#include "world.h"

enum {
    STEPS = 1 << 22, /* of the calibration loop, at a time */
    ROUNDS = 1 << 14,
};

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static uint64_t calibrate(void)
{
    uint64_t x = 1;
    for (unsigned i = 0; i < STEPS; i++)
        x = (x ^ x >> 29) * 0x9e3779b97f4a7c15ull;
    __asm__ volatile("" : : "r"(x));
    return STEPS;
}

/* Yield, a signal, a poll and a kernel object's call, by whoever runs: each leaves someone running.
 */
static uint64_t bare_traps(void)
{
    static const struct {
        int64_t number;
        uint64_t cptr, info;
    } calls[] = {
        {SYS_YIELD, 0, 0},
        {SYS_SEND, WORLD_SIGNAL_1, 0},
        {SYS_NB_RECV, WORLD_NOTIFICATION, 0},
        {SYS_CALL, WORLD_TCB_A, LABEL_TCB_RESUME << 12},
    };
    const struct trap trap = {.kind = TRAP_SYSCALL, .esr = 0x56000000};
    struct cpu *cpu = world_reset(WORLD_PEERS, false);
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct context *context = core_current(cpu);
        context->reg[REG_PC] = context->next_pc;
        context->next_pc += 4;
        context->reg[REG_X7] = (uint64_t)calls[i % 4].number;
        context->reg[REG_X0] = calls[i % 4].cptr;
        context->reg[REG_X1] = calls[i % 4].info;
        machine_enter(cpu, &trap);
    }
    return ROUNDS;
}

/* One pass over all cases; 0 = one failed. */
static uint64_t run_cases(const struct run_options *options, bool both_ways,
                          const struct rate_case *cases, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct run_result result = both_ways ? run_both_ways(cases[i].bytes, cases[i].size, options)
                                             : run_program(cases[i].bytes, cases[i].size, options);
        if (result.failure) {
            fprintf(stderr, "rates: a case failed: %s\n", result.failure);
            return 0;
        }
    }
    return count;
}

static const char *const modes[] = {"calibrate", "full", "all", "touched", "bare"};

static uint64_t do_some(unsigned mode, const struct rate_case *cases, unsigned count)
{
    static const struct run_options judged = {.refusals = true};
    static const struct run_options light = {.touched = true, .no_model = true};
    switch (mode) {
    case 0: return calibrate();
    case 1: return run_cases(&judged, false, cases, count);
    case 2: return run_cases(&judged, true, cases, count);
    case 3: return run_cases(&light, false, cases, count);
    default: return bare_traps();
    }
}

int rates_print(const char *mode, double seconds, const struct rate_case *cases, unsigned count)
{
    unsigned m = 0;
    while (m < sizeof modes / sizeof modes[0] && strcmp(mode, modes[m]) != 0)
        m++;
    if (m == sizeof modes / sizeof modes[0]) {
        fprintf(stderr, "rates: mode \"%s\", expected calibrate, full, all, touched or bare\n",
                mode);
        return 2;
    }
    double start = seconds_now(), now = start;
    uint64_t done = 0;
    while (now - start < seconds) {
        uint64_t some = do_some(m, cases, count);
        if (some == 0)
            return 2;
        done += some;
        now = seconds_now();
    }
    printf("%.0f\n", (double)done / (now - start));
    return 0;
}
