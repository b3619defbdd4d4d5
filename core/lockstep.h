/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What is said about kernel entries when a boot option asks for it: events handed to the machine
 * (kaal.trace_from, kaal.trace_to, kaal.log=trace), and lines of digests by which two machines are
 * compared (kaal.lockstep).
 *
 *     lockstep <entry> <digest of all events up to it> <digest of the state after it>
 *     lockstep end <entries> <events> <state>            at DebugHalt
 */
#pragma once
#include "diag.h"

void lockstep_init(struct diag *diag, const struct boot_options *options);
/* The event in cpu->diag is complete. */
void lockstep_event(struct cpu *cpu);
/* The run ends inside this kernel entry, which has no event. */
void lockstep_end(struct cpu *cpu);
