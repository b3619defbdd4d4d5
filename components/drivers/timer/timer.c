/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Timer driver: many timeouts of many clients on one alarm (service/timer.h). The system
 * description chooses the alarm: a "timer" with registers is a PL031, one without is the CPU's
 * physical timer (interrupt 30), which the kernel must open to EL0.
 */
#include "service/timer.h"
#include "heap.h"
#include "source.h"

enum {
    CLIENTS = 44, /* an environment has no more entries */
    PHYSICAL_TIMER = 30
};

static struct heap heap;
static const struct source *source;
static struct {
    uint64_t badge, ids;
} due[CLIENTS];

/* The client's due timeouts, one bit each; NULL when there are too many clients. */
static uint64_t *due_of(uint64_t badge)
{
    for (unsigned i = 0; i < CLIENTS; i++) {
        if (due[i].badge == 0 || due[i].badge == badge) {
            due[i].badge = badge;
            return &due[i].ids;
        }
    }
    return NULL;
}

static void fire(const struct timeout *t)
{
    if (t->slot != 0) {
        rpc_answer(t->slot, SYSTEM_OK, NULL, 0);
        return;
    }
    *due_of(t->client) |= 1ull << t->id;
    rpc_signal(comp_client(t->client));
}

/* Fires what is due and arms the alarm for the next; one that passes meanwhile is fired too. */
static void run(void)
{
    struct timeout t;
    do {
        uint64_t now = source->now();
        while (heap_take_due(&heap, now, &t)) {
            fire(&t);
        }
        source->arm(heap_first(&heap) != NULL ? heap_first(&heap)->at : UINT64_MAX);
    } while (heap_first(&heap) != NULL && heap_first(&heap)->at <= source->now());
}

static enum system_error get_now(struct rpc_request *r)
{
    *RPC_OUT(r, struct timer_now) = (struct timer_now){source->now(), source->resolution};
    return SYSTEM_OK;
}

/* More sleep than a client has threads: those before were of lives that have ended. */
static void forget_first_sleeper(uint64_t client)
{
    struct timeout t;
    if (heap_take_sleeper(&heap, client, &t)) {
        rpc_forget(&t.slot);
    }
}

static enum system_error sleep_until(struct rpc_request *r)
{
    struct timeout t = {.at = RPC_IN(r, struct timer_sleep)->until, .client = r->badge};
    if (t.at <= source->now()) {
        return SYSTEM_OK;
    }
    if (heap_count(&heap, r->badge, true) >= TIMER_SLEEPS) {
        forget_first_sleeper(r->badge);
    }
    if (heap.count == HEAP_TIMEOUTS) {
        return SYSTEM_QUOTA;
    }
    t.slot = rpc_later(r);
    if (t.slot == 0) {
        return SYSTEM_NO_SLOTS;
    }
    (void)heap_add(&heap, t);
    run();
    return SYSTEM_OK;
}

static enum system_error set(struct rpc_request *r)
{
    struct timer_set q = *RPC_IN(r, struct timer_set);
    struct timeout t = {.at = q.at, .period = q.period, .client = r->badge, .id = (uint32_t)q.id};
    if (q.id >= TIMER_IDS) {
        return SYSTEM_BAD_ARGUMENT;
    }
    (void)heap_cancel(&heap, r->badge, t.id);
    if (due_of(r->badge) == NULL || !heap_add(&heap, t)) {
        return SYSTEM_NO_MEMORY;
    }
    *due_of(r->badge) &= ~(1ull << t.id); /* of what it was before */
    run();
    return SYSTEM_OK;
}

static enum system_error cancel(struct rpc_request *r)
{
    uint64_t id = RPC_IN(r, struct timer_set)->id;
    uint64_t *ids = due_of(r->badge);
    if (ids != NULL && id < TIMER_IDS) {
        *ids &= ~(1ull << id);
    }
    bool was = id < TIMER_IDS && heap_cancel(&heap, r->badge, (uint32_t)id);
    return was ? SYSTEM_OK : SYSTEM_NOT_FOUND;
}

static enum system_error get_due(struct rpc_request *r)
{
    uint64_t *ids = due_of(r->badge);
    RPC_OUT(r, struct timer_due)->ids = ids != NULL ? *ids : 0;
    if (ids != NULL) {
        *ids = 0;
    }
    return SYSTEM_OK;
}

static enum system_error init(struct dddk_device *device)
{
    source = device->registers == NULL ? &source_physical : &source_pl031;
    enum system_error e = source->open(device);
    if (e == SYSTEM_OK) {
        run();
    }
    return e;
}

static void irq(struct dddk_device *device)
{
    (void)device;
    source->answer();
    run();
}

static const struct rpc_method methods[] = {
    [TIMER_NOW] = {get_now, 0},
    [TIMER_SLEEP] = {sleep_until, sizeof(struct timer_sleep)},
    [TIMER_SET] = {set, sizeof(struct timer_set)},
    [TIMER_CANCEL] = {cancel, sizeof(struct timer_set)},
    [TIMER_DUE] = {get_due, 0},
};

const struct dddk_driver dddk_driver = {.device = "timer",
                                        .interrupt = true,
                                        .interrupt_number = PHYSICAL_TIMER,
                                        .init = init,
                                        .irq = irq,
                                        DDDK_METHODS(methods)};
