/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The consumer of the ring "numbers" of the system "lives" (sink.h): pops what comes, sees that it
 * only grows, and says how far it has come.
 */
#include "sink.h"

#include "ring/ring.h"

RING_TYPE(numbers, uint64_t);

static struct ring ring;
static struct sink_report seen;

static void pop_all(void)
{
    uint64_t n;
    while (numbers_pop(&ring, &n)) {
        seen.disorder += n <= seen.last;
        seen.last = n;
        seen.count++;
    }
}

static void on_signal(uint64_t bits, void *context)
{
    (void)bits;
    (void)context;
    pop_all();
}

static enum system_error report(struct rpc_request *r)
{
    pop_all();
    *RPC_OUT(r, struct sink_report) = seen;
    return SYSTEM_OK;
}

int main(void)
{
    static const struct rpc_method methods[] = {[SINK_REPORT] = {report, 0}};
    if (!ring_open_env(&ring, comp_find("numbers", ENV_CONSUMER), sizeof(uint64_t))) {
        comp_fail(1, "the ring 'numbers'", SYSTEM_NOT_FOUND);
    }
    seen.life = comp_env()->generation;
    rpc_serve(&(struct rpc_service){methods, RPC_COUNT(methods), on_signal, NULL});
}
