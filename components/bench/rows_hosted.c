/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Work whose time is taken from outside (tools/bench/hosted.py), on machines that have no
 * instruction counter: "begin NAME COUNT" and "end NAME" on the console around each piece.
 */
#include "bench.h"
#include "kaal/print.h"

enum {
    YIELDS = 1000000,
    EXCHANGES = 250000, /* of two system calls each */
    LOOPS = 100000000,
    LOOP_INSTRUCTIONS = 4,
    STORE_ROUNDS = 2000,
    STORE_BYTES = 4096,
    STORE_INSTRUCTIONS = 5
};

static void yields(void)
{
    kaal_printf("begin yield %u\n", YIELDS);
    for (unsigned i = 0; i < YIELDS; i++)
        kaal_yield();
    kaal_printf("end yield\n");
}

/* Call and ReplyRecv between two threads in two address spaces. */
static void exchanges(void)
{
    uint64_t ep = pool_object(OBJECT_ENDPOINT, 0);
    struct worker *server = worker_new(ANY, true), *client = worker_new(ANY, false);
    server->rounds = EXCHANGES + 1;
    client->rounds = EXCHANGES;
    worker_step(server, SYS_RECV, ep, 0)->shoot = shot_bare;
    server->once = server->steps;
    worker_step(server, SYS_REPLY_RECV, ep, 0)->shoot = shot_bare;
    worker_step(client, SYS_CALL, ep, 0)->shoot = shot_bare;
    worker_start(server, 0);
    kaal_printf("begin call %u\n", 2 * EXCHANGES);
    worker_start(client, 0);
    expect(client->done == 1, "the client has made all its Calls");
    kaal_printf("end call\n");
    pool_reset();
    workers_forget();
}

static void compute(void)
{
    uint64_t count = LOOPS, value = 1;
    kaal_printf("begin compute %u\n", LOOPS * LOOP_INSTRUCTIONS);
    __asm__ volatile("1: eor %0, %0, %1, lsl #7\n"
                     "add %0, %0, #3\n"
                     "subs %1, %1, #1\n"
                     "b.ne 1b"
                     : "+r"(value), "+r"(count)
                     :
                     : "cc");
    kaal_printf("end compute\n");
}

/* Loads and stores beside arithmetic: the bytes of a page, each mixed into the next. */
static void memory(void)
{
    static uint8_t bytes[STORE_BYTES];
    uint64_t rounds = STORE_ROUNDS, value = 1, at, left, loaded;
    kaal_printf("begin memory %u\n", STORE_ROUNDS * (4 + STORE_BYTES * STORE_INSTRUCTIONS));
    __asm__ volatile("1: mov %2, %5\n"
                     "mov %3, %6\n"
                     "2: ldrb %w4, [%2]\n"
                     "add %0, %4, %0, lsl #1\n"
                     "strb %w0, [%2], #1\n"
                     "subs %3, %3, #1\n"
                     "b.ne 2b\n"
                     "subs %1, %1, #1\n"
                     "b.ne 1b"
                     : "+r"(value), "+r"(rounds), "=&r"(at), "=&r"(left), "=&r"(loaded)
                     : "r"(bytes), "r"((uint64_t)STORE_BYTES)
                     : "cc", "memory");
    kaal_printf("end memory\n");
}

void rows_hosted(void)
{
    yields();
    exchanges();
    compute();
    memory();
}
