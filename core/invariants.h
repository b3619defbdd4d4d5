/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What holds between kernel entries, checked over everything reachable: current and ready threads,
 * interrupt slots, every container a cap leads to, every neighbour in the derivation list.
 * For tests, fuzzers and debug builds.
 */
#pragma once
#include "kernel.h"

/* NULL, or which invariant is broken (a constant sentence). Also broken: more than 1024 containers
 * or 8192 objects, which the walk cannot hold. */
const char *invariants_check(const struct cpu *cpu);
/* The same, looking also into a table of slots that is always there: the initial CNode, whose
 * memory no Untyped covers. Needed to find everything while threads that could name it are
 * blocked; only then is every registered ASID pool and VSpace expected to have a cap. */
const char *invariants_check_from(const struct cpu *cpu, struct slot *slots, uint64_t count);
