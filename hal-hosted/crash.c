/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Counting system calls per address space (crash.h).
 */
#include "crash.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "machine.h"

enum {
    SPACES = 256 /* that are told apart; later ones are counted as the last */
};

static struct {
    struct crash_plan plan;
    unsigned spaces;
    uint64_t root[SPACES];
    uint64_t calls[SPACES];
} crash;

bool crash_read(const char *text, struct crash_plan *plan)
{
    char end;
    return sscanf(text, "%" SCNu64 "@%" SCNu64 "%c", &plan->space, &plan->call, &end) == 2 &&
           plan->space != 0 && plan->space <= SPACES && plan->call != 0;
}

void crash_begin(const struct crash_plan *plan)
{
    memset(&crash, 0, sizeof crash);
    crash.plan = *plan;
}

bool crash_now(void)
{
    uint64_t root = machine_space_root();
    unsigned i = 0;
    while (i < crash.spaces && crash.root[i] != root) {
        i++;
    }
    if (i == crash.spaces && i < SPACES) {
        crash.root[crash.spaces++] = root;
    }
    i = i < SPACES ? i : SPACES - 1;
    crash.calls[i]++;
    return crash.plan.space == i + 1 && crash.plan.call == crash.calls[i];
}

void crash_print(void)
{
    for (unsigned i = 0; i < crash.spaces; i++) {
        printf("address space %u: %" PRIu64 " system calls\n", i + 1, crash.calls[i]);
    }
}
