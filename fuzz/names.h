/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the values of a program (program.h) mean that name the k-th slot of a kind, or where it is
 * mapped: by the current thread's root CNode.
 */
#pragma once
#include "kernel.h"
#include "program.h"

/* Nobody runs: all such values are 0. */
const struct value_source *names_of(const struct cpu *cpu);
