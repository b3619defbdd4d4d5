/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * An event as one line of words, the same on every machine.
 */
#pragma once
#include "event.h"

/* Gives the line, newline included, to `put` in pieces:
 *
 *     #<entry> "<thread>" 0x<TCB> at 0x<pc> <trap> [x1..x5]( => <refusal or fault>)( = x0..x5)
 *         (; next "<thread>" 0x<TCB>)
 *
 * The registers after the trap are left out when they are those before it.
 */
void event_text(const struct event *event, void (*put)(const char *text));

/* "Call", … by the number in x7; "VMFault", … by enum fault_label. "unknown" for others. */
const char *event_call_name(int64_t number);
const char *event_fault_name(uint64_t label);
