/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Exit statuses of the root task, one per part of its tour; 0 is a complete tour.
 */
#pragma once
#include <stdbool.h>

#include "abi/syscalls.h"

enum step {
    STEP_BOOTINFO = 10,
    STEP_DEVICE_TREE = 11,
    STEP_MEMORY = 12,
    STEP_SPACE = 13,
    STEP_IMAGE = 14,
    STEP_THREAD = 15,
    STEP_EXCHANGE = 16,
    STEP_NOTIFICATION = 17,
    STEP_FAULT = 18,
    STEP_CLEANUP = 19,
};

/* Ends the run with status `step` and one sentence unless `error` is ERROR_NONE. */
void must(enum error_code error, enum step step, const char *operation);

/* Ends the run with status `step` and the sentence `expectation` unless it holds. */
void expect(bool holds, enum step step, const char *expectation);

/* How many expectations and operations have held so far. */
unsigned held_count(void);
