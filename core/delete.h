/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Deletion, finalisation, revocation (abi/objects.md §3.4, §3.5). No recursion; every step is one
 * work unit; a preempted call finds its way from what the slots hold.
 */
#pragma once
#include "kernel.h"

/* Empties the slot, destroying its object if this was the last cap. */
MUST_CHECK enum outcome delete_slot(struct cpu *cpu, struct slot *slot);
/* Deletes all descendants of the slot's cap. */
MUST_CHECK enum outcome revoke_slot(struct cpu *cpu, struct slot *slot);
/* Deletes a cap whose deletion is short: cdt_is_long_deletion() is false and it is no endpoint or
 * notification. The roots and the buffer in a TCB are of that kind. */
void delete_short(struct cpu *cpu, struct slot *slot);
