/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * New objects (abi/objects.md §1).
 */
#pragma once
#include "kernel.h"

/* Makes the object at `pa` (zero-filled, 2^bits bytes) and returns its first cap. */
struct cap object_create(struct cpu *cpu, enum object_type type, unsigned bits, uint64_t pa,
                         bool device);
/* Fills with zeros; bytes is a multiple of 16, `p` aligned to 16. */
void object_zero(void *p, uint64_t bytes);
