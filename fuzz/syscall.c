/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The system-call fuzz target: one program of traps (program.h) per case, in the engine interface
 * that libFuzzer, AFL++ and OSS-Fuzz share. A failed oracle prints its sentence and aborts.
 */
#include <stdio.h>
#include <stdlib.h>

#include "runner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct run_options options = {.refusals = true};
    static struct stats *stats;
    if (!stats) {
        stats = stats_open();
        run_init(stats);
    }
    struct run_result result = run_both_ways(data, size, &options);
    if (result.failure) {
        fprintf(stderr, "step %u: %s\n", result.step, result.failure);
        abort();
    }
    return 0;
}
