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
    bool fired;
    bool recovered;
    char name[32];               /* of the thread that crashed, once its fault has been seen */
    uint64_t instructions, time; /* at the crash, then since the crash */
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

bool crash_now(uint64_t instructions)
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
    bool now = crash.plan.space == i + 1 && crash.plan.call == crash.calls[i];
    if (now && !crash.fired) {
        crash.fired = true;
        crash.instructions = instructions;
        crash.time = machine_now();
    }
    return now;
}

void crash_event(const struct event *event, uint64_t instructions)
{
    if (!crash.fired || crash.recovered || event->thread == 0) {
        return;
    }
    if (crash.name[0] == '\0') {
        snprintf(crash.name, sizeof crash.name, "%s", event->thread_name);
    } else if (event->trap->kind == TRAP_SYSCALL && strcmp(event->thread_name, crash.name) == 0) {
        crash.recovered = true;
        crash.instructions = instructions - crash.instructions;
        crash.time = machine_now() - crash.time;
    }
}

void crash_print_recovery(void)
{
    if (crash.recovered) {
        printf("crash: %s makes system calls again %" PRIu64 " instructions, %" PRIu64
               " ns later\n",
               crash.name, crash.instructions, crash.time);
    } else if (crash.plan.space != 0) {
        printf("crash: %s\n", crash.fired ? "nobody of that name made a system call again"
                                          : "no such system call was made");
    }
}

void crash_print(void)
{
    for (unsigned i = 0; i < crash.spaces; i++) {
        printf("address space %u: %" PRIu64 " system calls\n", i + 1, crash.calls[i]);
    }
}
