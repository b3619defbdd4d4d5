/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Interrupts as the core sees them (abi/invocations.md §6).
 */
#pragma once
#include "kernel.h"

/* Claims and handles one interrupt, if any waits. */
void irq_handle_pending(struct cpu *cpu);
/* The last handler cap goes: notification dropped, inactive and masked. */
MUST_CHECK enum outcome irq_release(struct cpu *cpu, uint32_t irq);
