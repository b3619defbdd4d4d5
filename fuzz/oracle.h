/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Judging one trap: called right before and right after each kernel entry.
 */
#pragma once
#include <stdbool.h>

#include "kernel.h"
#include "stats.h"

void oracle_init(struct stats *counters);
/* A new case begins. */
void oracle_begin(void);
/* Only what oracle_judge_end() needs to know of the trap. */
void oracle_expect(const struct cpu *cpu, const struct trap *trap);
/* `refusals`: keep a copy of all memory to compare with after a refusal. */
void oracle_before(const struct cpu *cpu, const struct trap *trap, bool refusals);
/* NULL, or what is wrong, in a static buffer. */
const char *oracle_after(const struct cpu *cpu);
/* The case is over: the same, of what takes too long to be looked at after every entry: all
 * translation tables. */
const char *oracle_end(const struct cpu *cpu);
/* Remembers all memory; physical address of the first word that differs from it now, `ignored`
 * apart (0 = none). Between cases only. */
void oracle_remember(void);
uint64_t oracle_difference(const void *ignored);
/* The machine was left by a halt (status 0..255) or a violation: NULL if the trap asked for it. */
const char *oracle_judge_end(const struct cpu *cpu, int status);
