/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The first thing that does not hold ends the run: nothing after it would mean anything.
 */
#include "step.h"

#include "kaal/error.h"
#include "kaal/print.h"
#include "kaal/runtime.h"
#include "kaal/syscalls.h"

static unsigned held;

void must(enum error_code error, enum step step, const char *operation)
{
    if (error != ERROR_NONE) {
        kaal_printf("root task: %s was refused: %s (error %u, words 0x%lx 0x%lx)\n", operation,
                    kaal_strerror(error), error, kaal_ipc_buffer->msg[0], kaal_ipc_buffer->msg[1]);
        kaal_exit(step);
    }
    held++;
}

void expect(bool holds, enum step step, const char *expectation)
{
    if (!holds) {
        kaal_printf("root task: expected that %s\n", expectation);
        kaal_exit(step);
    }
    held++;
}

unsigned held_count(void)
{
    return held;
}
