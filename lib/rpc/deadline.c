/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Calls with a deadline: the thread never waits for the server, only for its own notification,
 * which the server's answer and the timer both reach.
 */
#include "kaal/string.h"
#include "rpc/rpc.h"
#include "service/timer.h"

enum {
    TRIES = 8, /* times that a request nobody takes is posted again before the deadline, and that
                  a timer that dies is called again */
};

/* A call to the timer, whose driver may die too. */
static enum system_error call_timer(const struct env_entry *timer, uint64_t label, const void *in,
                                    size_t in_bytes, void *out, size_t room)
{
    enum system_error error = SYSTEM_BROKEN;
    for (unsigned i = 0; i < TRIES && error == SYSTEM_BROKEN; i++) {
        error = rpc_call(timer, label, in, in_bytes, out, room, NULL);
    }
    return error;
}

static enum system_error set_timeout(const struct env_entry *timer, uint64_t at)
{
    struct timer_set q = {.at = at, .period = 0, .id = RPC_TIMEOUT};
    return call_timer(timer, TIMER_SET, &q, sizeof(q), NULL, 0);
}

/* A number that no answer in the buffer has, which an earlier life of this component may have got.
 */
static uint64_t next_sequence(void)
{
    static uint64_t last;
    return ((uint64_t)comp_env()->generation << 24 | (++last & 0xffffff)) & 0xffffffff;
}

/* After a signal of the timer. When it is not for this timeout the driver may have died and
 * forgotten it: it is set again, and due at once when its time has passed. */
static enum system_error look_if_due(const struct env_entry *timer, uint64_t at, bool *is_due)
{
    struct timer_due due = {0};
    *is_due = call_timer(timer, TIMER_DUE, NULL, 0, &due, sizeof(due)) == SYSTEM_OK &&
              (due.ids >> RPC_TIMEOUT & 1) != 0;
    return *is_due ? SYSTEM_OK : set_timeout(timer, at);
}

/* Sends without waiting: dropped when the server is not receiving. */
static void post(const struct env_entry *channel, uint64_t label, const void *in, size_t bytes)
{
    struct kaal_message m = {.info = msginfo_new(label, 0, 0, (bytes + 7) / 8)};
    memset(kaal_ipc_buffer->msg, 0, (bytes + 7) / 8 * 8);
    memcpy(kaal_ipc_buffer->msg, in, bytes);
    memcpy(m.mr, kaal_ipc_buffer->msg, sizeof(m.mr));
    kaal_nb_send(channel->slot, &m);
}

/* The answer to request `sequence`, if it has come. */
static bool take_answer(const struct env_entry *channel, uint64_t sequence, void *out, size_t room,
                        enum system_error *error)
{
    const struct rpc_post *p = (const struct rpc_post *)channel->address;
    if (__atomic_load_n(&p->sequence, __ATOMIC_ACQUIRE) != sequence) {
        return false;
    }
    size_t bytes = p->bytes < sizeof(p->data) ? p->bytes : sizeof(p->data);
    bytes = bytes < room ? bytes : room;
    *error = p->label < RPC_ERRORS ? (enum system_error)p->label : SYSTEM_BAD_REQUEST;
    if (*error == SYSTEM_OK && room != 0) {
        memcpy(out, p->data, bytes);
        memset((char *)out + bytes, 0, room - bytes);
    }
    return true;
}

enum system_error rpc_call_by(const struct env_entry *channel, const struct env_entry *timer,
                              uint64_t deadline, uint64_t label, const void *in, size_t in_bytes,
                              void *out, size_t room, uint64_t *others)
{
    struct timer_now now = {0};
    enum system_error error = SYSTEM_BAD_ARGUMENT;
    if (channel == NULL || timer == NULL || channel->bytes < RPC_POST_BYTES ||
        in_bytes > RPC_BYTES) {
        return SYSTEM_BAD_ARGUMENT;
    }
    uint64_t sequence = next_sequence();
    uint64_t posted = RPC_POSTED | sequence << 16 | label;
    error = call_timer(timer, TIMER_NOW, NULL, 0, &now, sizeof(now));
    uint64_t step = deadline > now.ns ? (deadline - now.ns) / TRIES + 1 : 0;
    for (uint64_t at = now.ns; error == SYSTEM_OK;) {
        at = deadline - at > step ? at + step : deadline;
        error = set_timeout(timer, at);
        post(channel, posted, in, in_bytes);
        bool due = false;
        while (error == SYSTEM_OK && !due) {
            uint64_t bits = kaal_wait(SLOT_NOTIFICATION);
            *others |= bits & ~(channel->badge | timer->badge);
            if (take_answer(channel, sequence, out, room, &error)) {
                return error;
            }
            if ((bits & timer->badge) != 0) {
                error = look_if_due(timer, at, &due);
            }
        }
        if (error == SYSTEM_OK && at >= deadline) {
            return SYSTEM_LATE;
        }
    }
    return error;
}
