/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * For tests of the machine alone: a core that does nothing takes the kernel's place. Included once
 * per program.
 */
#pragma once
#include <stddef.h>

#include "hal.h"
#include "platform.h"

struct cpu *core_boot(void *state, void *diag, const struct platform *platform)
{
    (void)diag;
    (void)platform;
    return state;
}

struct context *core_enter(struct cpu *cpu, const struct trap *trap)
{
    (void)cpu;
    (void)trap;
    return NULL;
}

struct context *core_current(struct cpu *cpu)
{
    (void)cpu;
    return NULL;
}
