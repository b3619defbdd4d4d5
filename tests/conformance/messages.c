/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The buffer of this thread is filled before each message, so that what the kernel leaves alone is
 * seen.
 */
#include "messages.h"

void message_fill_badges(struct ipc_buffer *b)
{
    for (unsigned i = 0; i < MSG_MAX_EXTRA_CAPS; i++) {
        b->caps_or_badges[i] = FILL + i;
    }
}

struct kaal_message message_receive(uint64_t ep)
{
    struct kaal_message m = {0};
    settle();
    message_fill_badges(kaal_ipc_buffer);
    kaal_nb_recv(ep, &m);
    return m;
}

void message_offer_slot(uint64_t slot)
{
    kaal_ipc_buffer->receive_cnode = ROOT;
    kaal_ipc_buffer->receive_index = slot;
    kaal_ipc_buffer->receive_depth = slot == 0 ? 0 : WORD_BITS;
}
