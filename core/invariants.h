/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What holds between kernel entries, checked over everything reachable: current and ready threads,
 * interrupt slots, every container a cap leads to, every neighbour in the derivation list; and from
 * `slots` on, the initial CNode, whose memory no Untyped covers: needed to find everything while
 * threads that could name it are blocked. For tests, fuzzers and debug builds.
 */
#pragma once
#include "kernel.h"

/* NULL, or which invariant is broken (a constant sentence). Also broken: more than 1024 containers,
 * 8192 objects or 8192 recorded mappings, which the walk cannot hold. */
const char *invariants_check(const struct cpu *cpu, struct slot *slots, uint64_t count);
/* The same and, of every VSpace with an ASID, all translation tables. */
const char *invariants_check_all(const struct cpu *cpu, struct slot *slots, uint64_t count);
