/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Counters, timers and the performance monitor as EL0 sees them. The engine always traps them; here
 * those that hal_user_access() opened are answered from virtual time.
 */
#pragma once
#include <stdbool.h>

#include "cpu.h"

/* The exception `exit` of `context`: true = it was an access that EL0 may make; it is done and the
 * context stands behind it. False = the kernel must see it. */
bool sysreg_answer(struct context *context, const struct cpu_exit *exit);
