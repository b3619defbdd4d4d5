/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What a kernel entry did to the abstract state, in words: caps that came, went or changed,
 * threads, notifications, translation tables. Two pictures of the state are compared; each holds
 * what can be found from the initial CNode and the running and ready threads.
 */
#pragma once
#include <stdio.h>

#include "kernel.h"

/* Before the first picture: where the initial CNode is. */
void change_begin(const struct cpu *cpu, uint64_t root_cnode, unsigned radix);
/* Takes a picture, and writes the differences from the one before (none for the first), a line
 * each; "no change" if there are none. Without a file it only takes the picture. */
void change_write(FILE *to, const struct cpu *cpu);
