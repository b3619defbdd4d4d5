/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Invocations of the main thread that are measured: each returns its cost in instructions and ends
 * the run when it is refused.
 */
#pragma once
#include "bench.h"

uint64_t measure(uint64_t cap, uint64_t label, struct kaal_words words, struct kaal_words extra);
/* Objects into the root CNode. */
uint64_t measure_retype(uint64_t from, enum object_type type, uint64_t bits, uint64_t slot,
                        uint64_t count);
/* A CNode method on one slot: Delete, Revoke, … */
uint64_t measure_slot(uint64_t label, struct kaal_slot to);
