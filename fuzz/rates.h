/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Measuring how fast cases run.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct rate_case {
    const uint8_t *bytes;
    size_t size;
};

/* Prints one number, something a second of processor time, by mode:
 *   calibrate  steps of a fixed loop of arithmetic
 *   full       cases under the invariant walk, the model and all that looks at changes
 *   all        the same, and once more through the ordinary ways
 *   touched    cases with touched.h after every trap, the walk at the end
 *   bare       traps, of the core in a loop
 * Returns 0, or 2 after a sentence: an unknown mode, or a case that failed. */
int rates_print(const char *mode, double seconds, const struct rate_case *cases, unsigned count);
