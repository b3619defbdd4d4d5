/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Start-up check of a CPU engine: short programs with known ends. It knows only cpu.h.
 */
#pragma once
#include "cpu.h"

/* Uses eight pages of RAM from `ram` on, which must be zero, and zeroes them again. Returns NULL
 * or one sentence saying which behaviour was expected and found. */
const char *cpu_check(const struct cpu_engine *engine, const struct cpu_bus *bus, uint64_t ram);
