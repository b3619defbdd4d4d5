/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What a campaign reached, in numbers. The counters lie in a file shared by all processes of the
 * campaign (KAAL_FUZZ_STATS=FILE), so that they outlive processes that the fuzzer ends; without the
 * variable they are the process's own.
 */
#pragma once
#include <stdint.h>

#include "abi/labels.h"
#include "abi/syscalls.h"

enum {
    STATS_SYSCALLS = 9, /* by −number; 0 = all others */
    STATS_FAULTS = 6,
};

struct label_stats {
    uint64_t attempts; /* on a cap that has the method */
    uint64_t successes;
    uint64_t preempted;
    uint64_t errors[ERROR_COUNT];
};

/* Of the model of the interface (model_check.h). */
struct model_stats {
    uint64_t traps;     /* seen */
    uint64_t predicted; /* and found equal, open words apart */
    uint64_t waiting;   /* ended in the middle of a call whose end was predicted before */
    uint64_t refilled;  /* ended there, and the model went on from the state in between */
    uint64_t open;      /* predicted but for words that the documents leave open */
    uint64_t missing;   /* not modelled; nothing is predicted in the rest of such a run */
    uint64_t missing_by_label[LABEL_COUNT]; /* 0 = no method */
};

struct stats {
    uint64_t cases;
    uint64_t traps;
    uint64_t refusals_checked;
    uint64_t syscalls[STATS_SYSCALLS];
    uint64_t faults[STATS_FAULTS];
    struct label_stats labels[LABEL_COUNT];
    struct model_stats model;
};

/* Never NULL. Ends the process with status 2 when the file cannot be had. */
struct stats *stats_open(void);
/* Prints them as a table. Returns how many labels never succeeded, which are named last. */
unsigned stats_report(const struct stats *stats);
