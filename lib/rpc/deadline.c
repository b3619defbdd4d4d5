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

/* The answer came before the timeout, which must not disturb the caller later. */
static void cancel_timeout(const struct env_entry *timer)
{
    struct timer_set q = {.id = RPC_TIMEOUT};
    (void)!call_timer(timer, TIMER_CANCEL, &q, sizeof(q), NULL, 0);
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
static enum system_error look_if_due(struct rpc_deadline *by, uint64_t at, bool *is_due)
{
    struct timer_due due = {0};
    (void)!call_timer(by->timer, TIMER_DUE, NULL, 0, &due, sizeof(due));
    *is_due = (due.ids >> RPC_TIMEOUT & 1) != 0;
    by->timeouts |= due.ids & ~(1ull << RPC_TIMEOUT);
    if (*is_due) {
        return SYSTEM_OK;
    }
    by->signals |= due.ids == 0 ? by->timer->badge : 0;
    return set_timeout(by->timer, at);
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

/* Waits for the answer until `at`. Whether it came; if so, *error is the call's. */
static bool wait_until(const struct env_entry *channel, struct rpc_deadline *by, uint64_t at,
                       uint64_t sequence, void *out, size_t room, enum system_error *error)
{
    bool due = false;
    while (*error == SYSTEM_OK && !due) {
        uint64_t bits = kaal_wait(SLOT_NOTIFICATION);
        by->signals |= bits & ~(channel->badge | by->timer->badge);
        if (take_answer(channel, sequence, out, room, error)) {
            by->signals |= bits & by->timer->badge;
            return true;
        }
        by->signals |= bits & channel->badge;
        if ((bits & by->timer->badge) != 0) {
            *error = look_if_due(by, at, &due);
        }
    }
    return false;
}

enum system_error rpc_call_by(const struct env_entry *channel, struct rpc_deadline *by,
                              uint64_t label, const void *in, size_t in_bytes, void *out,
                              size_t room)
{
    struct timer_now now = {0};
    if (channel == NULL || by->timer == NULL || channel->bytes < RPC_POST_BYTES ||
        in_bytes > RPC_BYTES) {
        return SYSTEM_BAD_ARGUMENT;
    }
    uint64_t sequence = next_sequence();
    uint64_t posted = RPC_POSTED | sequence << 16 | label;
    enum system_error error = call_timer(by->timer, TIMER_NOW, NULL, 0, &now, sizeof(now));
    uint64_t step = by->at > now.ns ? (by->at - now.ns) / TRIES + 1 : 0;
    for (uint64_t at = now.ns; error == SYSTEM_OK;) {
        at = by->at - at > step ? at + step : by->at;
        error = set_timeout(by->timer, at);
        post(channel, posted, in, in_bytes);
        if (wait_until(channel, by, at, sequence, out, room, &error)) {
            cancel_timeout(by->timer);
            return error;
        }
        if (error == SYSTEM_OK && at >= by->at) {
            return SYSTEM_LATE;
        }
    }
    return error;
}
