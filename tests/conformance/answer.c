/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The registers that a message does not use are filled with known values, so that a reply that
 * writes more than it may is seen.
 */
#include "answer.h"

#include "kaal/syscalls.h"

enum {
    UNUSED_WORD = 0x22
}; /* x2 = 0x22, x3 = 0x33 …, as in abi/vectors.md §1 */

struct reply invoke(const struct invocation *v)
{
    struct ipc_buffer *buffer = kaal_ipc_buffer;
    struct kaal_message m = {.info = msginfo_new(v->label, 0, v->caps, v->length)};
    struct reply reply;
    for (uint64_t i = 0; i < MAX_WORDS; i++) {
        uint64_t word = i < v->length ? v->word[i] : UNUSED_WORD + 0x11 * i;
        if (i < MSG_REGISTERS) {
            m.mr[i] = word;
            reply.before[i] = word;
        } else {
            buffer->msg[i] = word;
        }
    }
    for (uint64_t i = 0; i < MSG_MAX_EXTRA_CAPS; i++) {
        buffer->caps_or_badges[i] = v->cap[i];
    }
    kaal_call(v->target, &m);
    reply.x0 = m.badge;
    reply.info = m.info;
    for (uint64_t i = 0; i < MSG_REGISTERS; i++) {
        reply.mr[i] = m.mr[i];
    }
    reply.mr[MSG_REGISTERS] = buffer->msg[MSG_REGISTERS];
    return reply;
}

bool is_answer(const struct reply *reply, const struct answer *answer)
{
    if (reply->x0 != 0 || reply->info != msginfo_new(answer->label, 0, 0, answer->count)) {
        return false;
    }
    for (uint64_t i = 0; i < answer->count; i++) {
        if (reply->mr[i] != answer->word[i]) {
            return false;
        }
    }
    for (uint64_t i = answer->count; answer->label == ERROR_NONE && i < MSG_REGISTERS; i++) {
        if (reply->mr[i] != reply->before[i]) {
            return false;
        }
    }
    return true;
}
