/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The machine's life after loading: boot the core, then engine → trap → core, until an end.
 */
#pragma once
#include "options.h"

/* Boots and runs the loaded machine. Returns the exit status of the program; an end that is not the
 * root task's is explained in one sentence on standard error. */
int run_machine(const struct options *options);
