/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Calls with a deadline: a server that answers at once, that never answers, and that is not there.
 */
#include <stdio.h>
#include <string.h>

#include "comp/system.h"
#include "service/echo.h"
#include "service/timer.h"

enum {
    HANG = 2, /* the server's method that never ends */
    MILLISECONDS = 20,
};

/* ---- the server ---- */

static enum system_error echo(struct rpc_request *r)
{
    struct echo_text t = *RPC_IN(r, struct echo_text);
    t.count++;
    *RPC_OUT(r, struct echo_text) = t;
    return SYSTEM_OK;
}

static enum system_error hang(struct rpc_request *r)
{
    (void)r;
    while (kaal_wait(SLOT_NOTIFICATION) != 0) {
    }
    return SYSTEM_OK; /* a signal without a bit never comes */
}

static _Noreturn void server(void)
{
    static const struct rpc_method methods[] = {
        [ECHO_TEXT] = {echo, sizeof(struct echo_text)},
        [HANG] = {hang, 0},
    };
    rpc_serve(&(struct rpc_service){methods, RPC_COUNT(methods), NULL, NULL});
}

/* ---- the client ---- */

static unsigned cases;
static unsigned failed;

static void check(bool holds, const char *what)
{
    printf("%sok %u - %s\n", holds ? "" : "not ", ++cases, what);
    failed += !holds;
}

static const struct env_entry *timer;
static struct rpc_deadline by; /* of the last call */

static uint64_t now(void)
{
    struct timer_now n = {0};
    (void)!rpc_call(timer, TIMER_NOW, NULL, 0, &n, sizeof(n), NULL);
    return n.ns;
}

/* One call with a deadline MILLISECONDS from now; how long it took. */
static enum system_error call(uint64_t label, struct echo_text *t, uint64_t *took)
{
    const struct env_entry *channel = comp_find("server", ENV_CHANNEL);
    uint64_t begin = now();
    by = (struct rpc_deadline){.timer = timer, .at = begin + MILLISECONDS * 1000000ull};
    enum system_error error = rpc_call_by(channel, &by, label, t, sizeof(*t), t, sizeof(*t));
    *took = now() - begin;
    return error;
}

/* Sets the timeout `id` for half a deadline from now. */
static bool set_own(uint32_t id)
{
    struct timer_set q = {.at = now() + MILLISECONDS * 500000ull, .id = id};
    return rpc_call(timer, TIMER_SET, &q, sizeof(q), NULL, 0, NULL) == SYSTEM_OK;
}

/* Ids that TIMER_DUE tells a while after the deadline. */
static uint64_t due_later(void)
{
    struct timer_sleep sleep = {.until = now() + 3 * MILLISECONDS * 1000000ull};
    struct timer_due due = {.ids = UINT64_MAX};
    (void)!rpc_call(timer, TIMER_SLEEP, &sleep, sizeof(sleep), NULL, 0, NULL);
    (void)!rpc_call(timer, TIMER_DUE, NULL, 0, &due, sizeof(due), NULL);
    return due.ids;
}

static int client(void)
{
    struct echo_text t = {.count = 41, .text = "in time"};
    uint64_t took;
    timer = comp_find("timer", ENV_CHANNEL);
    check(call(ECHO_TEXT, &t, &took) == SYSTEM_OK, "a server that answers is in time");
    check(t.count == 42 && strcmp(t.text, "in time") == 0, "with its answer");
    check(took < MILLISECONDS * 1000000ull, "before the deadline");
    check(call(9, &t, &took) == SYSTEM_BAD_REQUEST, "a refusal comes through");
    check(call(HANG, &t, &took) == SYSTEM_LATE, "a server that hangs is late");
    check(took >= MILLISECONDS * 1000000ull, "not before the deadline");
    check(call(ECHO_TEXT, &t, &took) == SYSTEM_LATE, "and stays so");
    check(system_restart("server") == SYSTEM_OK, "it is started anew");
    check(call(ECHO_TEXT, &t, &took) == SYSTEM_OK && t.count == 43, "and answers again");
    check(due_later() == 0, "and leaves no timeout behind");
    check(system_kill("server") == SYSTEM_OK, "it is stopped for good");
    check(set_own(5), "a timeout of the client's own is set");
    check(call(ECHO_TEXT, &t, &took) == SYSTEM_LATE, "nobody is late too");
    check(by.timeouts == 1u << 5, "and the client's own timeout is not lost");
    printf("1..%u\n", cases);
    fflush(stdout);
    return failed != 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "server") == 0) {
        server();
    }
    /* Runs when everybody else waits: in the middle of the first call that hangs. */
    if (argc > 1 && strcmp(argv[1], "breaker") == 0) {
        enum system_error error = system_restart("timer");
        printf("timer restarted: %s\n", comp_error_sentence(error));
        return error != SYSTEM_OK;
    }
    return client();
}
