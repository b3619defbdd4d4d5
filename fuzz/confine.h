/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Authority confinement, judged after each trap on the state before and after it (memory.h): a cap,
 * a mapping, a binding or a priority that is new somewhere must come from what the thread that
 * trapped had, or from what a thread that sent it a message had, and may only appear where that
 * thread could put it.
 *
 * Rules, each after abi/objects.md §2..§5 and abi/syscalls.md §3..§5:
 *   - a cap in a CNode comes from a cap that view_allows() it in the CSpace of the thread that
 *     trapped, or is made there from an Untyped, IRQControl or ASIDControl of that CSpace, by the
 *     method that makes it; the CNode is one of that CSpace too;
 *   - or it comes by a message: from the sender's CSpace through an endpoint cap or a reply right
 *     with grant, into the CSpace of the receiver;
 *   - a reply right appears for a thread that called or faulted, at the receiver of its message;
 *   - slots of threads and interrupts change for holders of their caps only;
 *   - a zombie appears for an object of which there was a cap, and moves caps inside dying objects
 *     only;
 *   - a descriptor in a translation table leads to a frame, with no more rights, or to a table that
 *     is in the CSpace;
 *   - a thread is bound to a notification, or rises in priority, by holders of its cap, the
 * priority being at most the maximum of a thread whose cap they hold.
 */
#pragma once
#include "kernel.h"

/* Called after memory_compare(). NULL or a sentence in a static buffer. */
const char *confine_check(const struct cpu *cpu, const struct trap *trap);
