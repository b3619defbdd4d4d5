/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Calls and services, by the first argument: `serve` serves, `call` checks every kind of answer,
 * `kill` ends the server while `call` waits for it.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "comp/system.h"
#include "rpc/rpc.h"

enum method {
    SUM = 1, /* struct pair -> uint64_t */
    TWIST,   /* any bytes -> the same bytes, each inverted */
    GATHER,  /* bytes in the shared buffer -> their sum */
    KEEP,    /* keeps the caller waiting */
    RELEASE, /* answers the kept one with 4711, and signals this client */
    NEVER,   /* keeps the caller waiting for ever */
    LABELS,
};

struct pair {
    uint64_t a, b;
};

/* ---- the server ---- */

static uint32_t kept;

static enum system_error sum(struct rpc_request *r)
{
    struct pair p = *RPC_IN(r, struct pair);
    *RPC_OUT(r, uint64_t) = p.a + p.b;
    return SYSTEM_OK;
}

static enum system_error twist(struct rpc_request *r)
{
    unsigned char *at = r->data;
    for (size_t i = 0; i < r->bytes; i++) {
        at[i] = (unsigned char)~at[i];
    }
    r->reply_bytes = r->bytes;
    return SYSTEM_OK;
}

static enum system_error gather(struct rpc_request *r)
{
    size_t bytes, n = *RPC_IN(r, uint64_t);
    const unsigned char *at = rpc_client_buffer(r, &bytes);
    uint64_t total = 0;
    if (n > bytes) {
        return SYSTEM_BAD_ARGUMENT;
    }
    for (size_t i = 0; i < n; i++) {
        total += at[i];
    }
    *RPC_OUT(r, uint64_t) = total;
    return SYSTEM_OK;
}

static enum system_error keep(struct rpc_request *r)
{
    kept = rpc_later(r);
    return kept != 0 ? SYSTEM_OK : SYSTEM_NO_SLOTS;
}

static enum system_error release(struct rpc_request *r)
{
    uint64_t value = 4711;
    if (kept == 0) {
        return SYSTEM_NOT_FOUND;
    }
    rpc_answer(kept, SYSTEM_OK, &value, sizeof(value));
    kept = 0;
    rpc_signal(r->client);
    return SYSTEM_OK;
}

static enum system_error never(struct rpc_request *r)
{
    return rpc_later(r) != 0 ? SYSTEM_OK : SYSTEM_NO_SLOTS;
}

static int serve(void)
{
    static const struct rpc_method methods[LABELS] = {
        [SUM] = {sum, sizeof(struct pair)},
        [TWIST] = {twist, 0},
        [GATHER] = {gather, 8},
        [KEEP] = {keep, 0},
        [RELEASE] = {release, 0},
        [NEVER] = {never, 0},
    };
    rpc_serve(&(struct rpc_service){.methods = methods, .count = LABELS});
}

/* ---- the clients ---- */

static const struct env_entry *server;

static void expect(bool holds, const char *what)
{
    if (!holds) {
        printf("expected that %s\n", what);
        exit(1);
    }
}

static void check_messages(void)
{
    struct pair p = {40, 2};
    uint64_t n = 0;
    size_t got = 0;
    expect(rpc_call(server, SUM, &p, sizeof(p), &n, sizeof(n), &got) == SYSTEM_OK && n == 42 &&
               got == 8,
           "40 + 2 is 42");
    expect(rpc_call(server, SUM, &p, 8, &n, sizeof(n), NULL) == SYSTEM_BAD_REQUEST,
           "a request that is too short is refused");
    expect(rpc_call(server, LABELS, NULL, 0, NULL, 0, NULL) == SYSTEM_BAD_REQUEST &&
               rpc_call(server, 0, NULL, 0, NULL, 0, NULL) == SYSTEM_BAD_REQUEST,
           "unknown labels are refused");
    for (size_t bytes = 0; bytes <= RPC_BYTES; bytes += bytes < 80 ? 1 : 53) {
        unsigned char in[RPC_BYTES], out[RPC_BYTES + 8];
        for (size_t i = 0; i < bytes; i++) {
            in[i] = (unsigned char)(i * 7 + bytes);
        }
        expect(rpc_call(server, TWIST, in, bytes, out, sizeof(out), &got) == SYSTEM_OK &&
                   got == (bytes + 7) / 8 * 8,
               "as many bytes come back, in whole words");
        for (size_t i = 0; i < got; i++) {
            expect(out[i] == (i < bytes ? (unsigned char)~in[i] : 0xff), "each is inverted");
        }
    }
}

static void check_buffer(void)
{
    uint64_t n = server->bytes, total = 0;
    memset(rpc_buffer(server), 3, server->bytes);
    expect(rpc_call(server, GATHER, &n, 8, &total, 8, NULL) == SYSTEM_OK && total == 3 * n,
           "the server reads the shared buffer");
    n++;
    expect(rpc_call(server, GATHER, &n, 8, &total, 8, NULL) == SYSTEM_BAD_ARGUMENT,
           "it reads no further");
}

/* What an ordinary C program may rely on. */
static void check_c_library(void)
{
    static jmp_buf place;
    volatile int jumps = 0;
    char text[40];
    char *large = malloc(300000);
    expect(large != NULL, "the heap grows");
    memset(large, 1, 300000);
    free(large);
    errno = 0;
    expect(malloc(1 << 30) == NULL && errno == ENOMEM, "up to its limit");
    if (setjmp(place) < 3) {
        jumps++;
        longjmp(place, jumps);
    }
    expect(jumps == 3, "setjmp returns what longjmp gives");
    snprintf(text, sizeof(text), "%5.2f %s %lx", 3.14159, "pi", ~0ul);
    expect(strcmp(text, " 3.14 pi ffffffffffffffff") == 0, "printf formats");
}

static int call(void)
{
    uint64_t n = 0;
    server = comp_find("server", ENV_CHANNEL);
    check_c_library();
    check_messages();
    check_buffer();
    expect(rpc_call(server, KEEP, NULL, 0, &n, 8, NULL) == SYSTEM_OK && n == 4711,
           "a caller that was kept waiting is answered later");
    expect(rpc_call(server, NEVER, NULL, 0, &n, 8, NULL) == SYSTEM_BROKEN,
           "a call whose server dies is broken");
    expect(((const struct control *)LAYOUT_CONTROL)->channel == 0, "no call is under way");
    printf("calls: all is well\n");
    return 0;
}

/* Runs at a lower priority: when the others wait. */
static int kill_server(void)
{
    server = comp_find("server", ENV_CHANNEL);
    expect(rpc_call(server, RELEASE, NULL, 0, NULL, 0, NULL) == SYSTEM_OK, "one was kept");
    expect((kaal_wait(SLOT_NOTIFICATION) & server->badge) != 0, "the server's signal came");
    expect(system_kill("server") == SYSTEM_OK, "the server can be killed");
    return 0;
}

int main(int argc, char **argv)
{
    const char *part = argc == 2 ? argv[1] : "";
    return strcmp(part, "serve") == 0  ? serve()
           : strcmp(part, "call") == 0 ? call()
           : strcmp(part, "kill") == 0 ? kill_server()
                                       : 64;
}
