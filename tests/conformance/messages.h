/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * This thread as a receiver of messages with caps.
 */
#pragma once
#include "probe.h"

#define FILL 0xeee0 /* caps_or_badges before a message, as in abi/vectors.md §8 */

/* Puts FILL, FILL + 1, … into the words where badges arrive. */
void message_fill_badges(struct ipc_buffer *b);

/* What this thread receives next on `ep`, after everything else has run. */
struct kaal_message message_receive(uint64_t ep);

/* Offers `slot` as this thread's receive slot; 0 = none. */
void message_offer_slot(uint64_t slot);
