/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Domains (abi/scheduling.md §5). The current entry is never an end marker.
 */
#include "domain.h"

#include "sched.h"

static bool is_end_marker(const struct domain_entry *entry)
{
    return entry->domain == 0 && entry->duration == 0;
}

static void enter(struct kernel *kernel, uint32_t index)
{
    kernel->schedule_index = index;
    kernel->current_domain = (uint32_t)kernel->schedule[index].domain;
    kernel->domain_time = kernel->schedule[index].duration;
}

void domain_tick(struct cpu *cpu)
{
    struct kernel *kernel = cpu->kernel;
    if (kernel->domain_count == 1)
        return;
    kernel->domain_time--;
    if (kernel->domain_time == 0)
        sched_require_choice(cpu);
}

void domain_advance_if_over(struct cpu *cpu)
{
    struct kernel *kernel = cpu->kernel;
    if (kernel->domain_count == 1 || kernel->domain_time != 0)
        return;
    uint32_t next = kernel->schedule_index + 1;
    if (next >= kernel->schedule_count || is_end_marker(&kernel->schedule[next]))
        next = kernel->schedule_start;
    enter(kernel, next);
}

void domain_start_at(struct cpu *cpu, uint32_t start)
{
    struct kernel *kernel = cpu->kernel;
    kernel->schedule_start = start;
    enter(kernel, start);
    sched_require_choice(cpu);
}
