/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Tests of what judges: each runs one step, then damages the state as a wrong kernel would have
 * left it, and expects a certain sentence.
 */
#pragma once
#include "kernel.h"
#include "runner.h"

struct fire_test {
    const char *what;
    uint8_t world;
    void (*damage)(struct cpu *cpu);
    const char *expected; /* in the sentence; NULL: nothing is wrong */
};

/* Prints one line of TAP for each, numbered from `first`. Every other sentence, or one that does
 * not begin with `beginning`, is a failure; returns their number. */
unsigned fire_all(const struct fire_test *tests, unsigned count, unsigned first,
                  const struct run_options *options, const char *beginning);
/* One line of TAP. */
void fire_tell(bool good, unsigned number, const char *what);
