/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Calls and services over endpoints, with typed messages.
 *
 * A message is a label and at most RPC_BYTES of data, which lie in the thread's message words: the
 * client gives pointers to structs, the server reads and writes them in place. Labels are the
 * service's own numbers from 1 on; a reply's label is an enum system_error. More data goes through
 * the channel's shared buffer (rpc_buffer(), rpc_client_buffer()), which the other side can change
 * at any time: copy first, then check.
 *
 * Client:
 *     struct where_question q = {.line = 3};
 *     struct where_answer a;
 *     enum system_error e = rpc_call(channel, WHERE, &q, sizeof q, &a, sizeof a, NULL);
 *
 * Server, one thread that waits in one place (its service endpoint with its notification bound):
 *
 *     static enum system_error where(struct rpc_request *r);
 *     static const struct rpc_method methods[] = {[WHERE] = {where, sizeof(struct q)}};
 *
 *     rpc_serve(&(struct rpc_service){methods, RPC_COUNT(methods), on_signal, NULL});
 */
#pragma once
#include "comp/comp.h"

enum {
    RPC_WORDS = 116, /* fits where the root task's answers fit */
    RPC_BYTES = RPC_WORDS * 8,
    RPC_ERRORS = 256, /* labels of replies: enum system_error, then a service's own errors */
};

#define RPC_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- clients ---- */

/* Calls the channel with `in_bytes` of data. The reply's data, at most `room` bytes, goes to `out`
 * (the rest is zero-filled) and its length to `*got` unless that is NULL. With an error `out` is
 * untouched. SYSTEM_BROKEN: the server died, whether it did its work is unknown. */
COMP_MUST_CHECK enum system_error rpc_call(const struct env_entry *channel, uint64_t label,
                                           const void *in, size_t in_bytes, void *out, size_t room,
                                           size_t *got);

/* The channel's shared buffer (channel->bytes of it); NULL when it has none. */
static inline void *rpc_buffer(const struct env_entry *channel)
{
    return channel->bytes != 0 ? (void *)channel->address : NULL;
}

/* ---- calls with a deadline ---- */

/* Until when a call may take, and what came meanwhile that is not its own. The caller sets
 * `signals` and `timeouts` to 0. */
struct rpc_deadline {
    const struct env_entry *timer; /* channel to the timer */
    uint64_t at;                   /* nanoseconds of the timer's clock (service/timer.h) */
    uint64_t signals; /* or-ed: bits of others; the channel's, and the timer's when it may have died
                         and forgotten, since they may mean more than this call */
    uint64_t
        timeouts; /* or-ed: ids of the caller's own timeouts that fell due, told by TIMER_DUE */
};

/* As rpc_call(), but gives up at `by->at` with SYSTEM_LATE. The request is posted without waiting,
 * posted again while no server takes it, and answered through the channel's shared buffer (at least
 * RPC_POST_BYTES of it) and a signal: so a server that dies may carry it out twice, and one that is
 * late never. Takes the timer's timeout RPC_TIMEOUT, and goes through the deaths of the timer. */
COMP_MUST_CHECK enum system_error rpc_call_by(const struct env_entry *channel,
                                              struct rpc_deadline *by, uint64_t label,
                                              const void *in, size_t in_bytes, void *out,
                                              size_t room);

/* What a posted request is answered with, at the start of the shared buffer. */
struct rpc_post {
    uint64_t sequence; /* of the request that this answers; written last */
    uint64_t label;
    uint64_t bytes;
    uint64_t data[RPC_WORDS];
};
enum {
    RPC_POST_BYTES = sizeof(struct rpc_post),
    RPC_TIMEOUT = 31, /* number of the timer's timeout that a call with a deadline uses */
};
/* Labels of posted requests: this bit, a sequence number, the service's own label. */
#define RPC_POSTED          (1ull << 51)
#define RPC_SEQUENCE(label) ((label) >> 16 & 0xffffffff)
#define RPC_LABEL(label)    ((label)&0xffff)

/* ---- servers ---- */

/* One request while its method runs. */
struct rpc_request {
    uint64_t label;
    uint64_t badge;                 /* which client, comp_client() knows more */
    const struct env_entry *client; /* NULL when the environment does not know the badge */
    void *data;                     /* in: the request; out: the reply, both RPC_BYTES at most */
    size_t bytes;                   /* of the request, whole words */
    size_t reply_bytes;             /* of the reply, 0 at first */
    unsigned caps;                  /* received into the slot of comp_receive_slot(): 0 or 1 */
    uint32_t reply_cap;             /* slot of a cap to pass with the reply, 0 = none */
    bool later;                     /* set by rpc_later() */
};

/* The request's data as a struct. It lies in the IPC buffer: calls and requests to the root task
 * inside a method overwrite it. A method that asked for sizeof(type) may read all of it; a reply
 * written by RPC_OUT lies in the same place: read first, then write. */
#define RPC_IN(r, type) ((const type *)(r)->data)
#define RPC_OUT(r, type)                                                                           \
    ((r)->reply_bytes = sizeof(type), (void)sizeof(char[sizeof(type) <= RPC_BYTES ? 1 : -1]),      \
     (type *)(r)->data)

struct rpc_method {
    /* Answers with the reply's label. Without RPC_OUT the reply has no data. */
    enum system_error (*serve)(struct rpc_request *r);
    size_t least; /* bytes that a request must have, else SYSTEM_BAD_REQUEST */
};

struct rpc_service {
    const struct rpc_method *methods; /* by label; serve NULL = no such request */
    size_t count;
    /* Signals: bits of the notification's word (interrupts, rings, timers); NULL = none expected.
     */
    void (*on_signal)(uint64_t bits, void *context);
    void *context;
};

/* Serves for ever. Without a service endpoint (a component that only reacts to signals) it waits on
 * the notification. */
_Noreturn void rpc_serve(const struct rpc_service *service);

/* One received message or signal, without waiting for the next: what rpc_serve() does in a loop,
 * for components that have a loop of their own. Returns the signal's bits, 0 for a message. */
uint64_t rpc_serve_one(const struct rpc_service *service);

/* Inside a method: keeps the caller waiting and gives a slot by which it is answered later; the
 * method's result is ignored then. 0 when no slot is free. */
COMP_MUST_CHECK uint32_t rpc_later(struct rpc_request *r);
/* Answers a caller that was kept waiting. Must not be called while a method's data is in use. */
void rpc_answer(uint32_t slot, enum system_error label, const void *data, size_t bytes);

/* Forgets a caller that was kept waiting, as it is no more; *slot is 0 then. */
void rpc_forget(uint32_t *slot);

/* The same for methods that let one caller wait at a time, remembered in *waiting (0 = nobody):
 * with SYSTEM_BUSY or SYSTEM_NO_SLOTS it does not wait. A client that waits already has died and
 * asks anew in its next life: the old caller is forgotten. rpc_unpark() answers it with SYSTEM_OK,
 * if any. */
COMP_MUST_CHECK enum system_error rpc_park(struct rpc_request *r, uint32_t *waiting);
void rpc_unpark(uint32_t *waiting, const void *data, size_t bytes);

/* The shared buffer of the request's client and its size; NULL and 0 when it has none. */
void *rpc_client_buffer(const struct rpc_request *r, size_t *bytes);

/* Signals the request's client (its channel entry's badge). */
void rpc_signal(const struct env_entry *client);
