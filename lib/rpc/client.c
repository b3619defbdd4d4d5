/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The client's side of rpc.h. Message words 0..3 travel in registers.
 */
#include "kaal/string.h"
#include "rpc/rpc.h"

/* What the data words say beyond the data is zero, so that nothing of older messages leaks. */
static void fill(const void *in, size_t bytes, struct kaal_message *m)
{
    uint64_t *words = kaal_ipc_buffer->msg;
    if (bytes == 0) {
        return;
    }
    if (bytes % 8 != 0) {
        words[bytes / 8] = 0;
    }
    memcpy(words, in, bytes);
    memcpy(m->mr, words, bytes < sizeof(m->mr) ? (bytes + 7) / 8 * 8 : sizeof(m->mr));
}

enum system_error rpc_call(const struct env_entry *channel, uint64_t label, const void *in,
                           size_t in_bytes, void *out, size_t room, size_t *got)
{
    if (channel == NULL || in_bytes > RPC_BYTES) {
        return SYSTEM_BAD_ARGUMENT;
    }
    struct kaal_message m = {.info = msginfo_new(label, 0, 0, (in_bytes + 7) / 8)};
    fill(in, in_bytes, &m);
    uint64_t result = comp_call(channel->slot, &m);
    if (result != SYSTEM_OK) {
        return result < RPC_ERRORS ? (enum system_error)result : SYSTEM_BAD_REQUEST;
    }
    memcpy(kaal_ipc_buffer->msg, m.mr, sizeof(m.mr));
    size_t bytes = msginfo_length(m.info) * 8;
    bytes = bytes < room ? bytes : room;
    if (room != 0) {
        memcpy(out, kaal_ipc_buffer->msg, bytes);
        memset((char *)out + bytes, 0, room - bytes);
    }
    if (got != NULL) {
        *got = bytes;
    }
    return SYSTEM_OK;
}
