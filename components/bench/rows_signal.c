/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * One-way messages: Send, Signal, Yield between threads. What wakes a higher thread is measured
 * from the sender's reading to the receiver's; what does not is the sender's own.
 */
#include "bench.h"

/* Something is sent from one priority to another. */
struct one_way {
    bool notification;
    uint64_t length;
    uint8_t from, to; /* priorities */
    bool other_as;
};

static struct step *logged_step(struct worker *w, enum syscall number, uint64_t cptr, uint64_t info)
{
    struct step *s = worker_step(w, number, cptr, info);
    s->logged = true;
    return s;
}

static void send_step(struct worker *w, const struct one_way *o, uint64_t object)
{
    uint64_t cap = pool_mint(object, RIGHTS_ALL, w->badge | 1);
    logged_step(w, SYS_SEND, worker_cap(w, cap), msginfo_new(0, 0, 0, o->length))->shoot = shot_svc;
}

static struct worker *start_receiver(const struct one_way *o, uint64_t object)
{
    struct worker *w = worker_new(o->to, o->other_as);
    logged_step(w, SYS_RECV, worker_cap(w, object), 0);
    w->rounds = ROUNDS + 1; /* the last one waits for good */
    worker_start(w, 0);
    return w;
}

/* The receiver preempts the sender. */
static void to_higher(const struct one_way *o, uint64_t *samples)
{
    uint64_t object = pool_object(o->notification ? OBJECT_NOTIFICATION : OBJECT_ENDPOINT, 0);
    struct worker *receiver = start_receiver(o, object);
    struct worker *sender = worker_new(o->from, false);
    send_step(sender, o, object);
    worker_start(sender, 0);
    expect(sender->done == 1 && receiver->log_count == ROUNDS, "every message arrives");
    for (unsigned i = 0; i < SAMPLES; i++)
        samples[i] = cost(sender->log[i + WARM_UP].before, receiver->log[i + WARM_UP].after);
}

/* The sender goes on; the main thread, below both, starts each round when both wait again. */
static void to_lower(const struct one_way *o, uint64_t *samples)
{
    uint64_t object = pool_object(o->notification ? OBJECT_NOTIFICATION : OBJECT_ENDPOINT, 0);
    uint64_t go = pool_object(OBJECT_NOTIFICATION, 0);
    struct worker *receiver = start_receiver(o, object);
    struct worker *sender = worker_new(o->from, false);
    worker_step(sender, SYS_RECV, worker_cap(sender, go), 0);
    send_step(sender, o, object);
    worker_start(sender, 0);
    for (unsigned i = 0; i < ROUNDS; i++)
        kaal_signal(go);
    expect(sender->done == 1 && receiver->log_count == ROUNDS, "every message arrives");
    for (unsigned i = 0; i < SAMPLES; i++)
        samples[i] = cost(sender->log[i + WARM_UP].before, sender->log[i + WARM_UP].after);
}

static void one_way_row(const char *name, struct one_way o)
{
    static uint64_t samples[MAX_DRAWS * SAMPLES];
    row_begin(name);
    for (unsigned d = 0; d < draws(); d++) {
        if (shuffled)
            shuffled_crowd();
        if (o.to > o.from)
            to_higher(&o, samples + d * SAMPLES);
        else
            to_lower(&o, samples + d * SAMPLES);
        pool_reset();
        workers_forget();
    }
    row_end(samples, draws() * SAMPLES, "instructions");
}

static uint8_t own_priority;

void main_priority(uint8_t priority)
{
    own_priority = priority;
    must(kaal_tcb_set_priority(SLOT_INIT_TCB, SLOT_INIT_TCB, priority), "TCB_SetPriority");
}

/* Two threads of one priority, above the main thread's, that yield to each other: from one's
 * reading to the other's. */
static void yield_to_each_other(uint8_t priority, bool other_as, uint64_t *samples)
{
    struct worker *w[2];
    for (unsigned i = 0; i < 2; i++) {
        w[i] = worker_new(priority, other_as && i);
        w[i]->priority = w[0]->priority;
        logged_step(w[i], SYS_YIELD, 0, 0)->shoot = shot_svc;
    }
    uint8_t before = own_priority;
    main_priority(MAX_PRIORITY + 1); /* both are ready before the first runs */
    worker_start(w[0], 0);
    worker_start(w[1], 0);
    main_priority(before);
    expect(w[0]->done == 1 && w[1]->done == 1, "both threads end");
    /* The one that ran first is one yield ahead. */
    bool swapped = (int32_t)(w[0]->log[0].before - w[1]->log[0].before) > 0;
    const struct worker *first = w[swapped], *second = w[!swapped];
    for (unsigned i = 0; i < SAMPLES; i++)
        samples[i] = cost(second->log[i + 2].before, first->log[i + 2].after);
    pool_reset();
    workers_forget();
}

void yield_samples(uint8_t priority, uint64_t *samples)
{
    yield_to_each_other(priority, false, samples);
}

static void yield_row(const char *name, bool other_as)
{
    static uint64_t samples[MAX_DRAWS * SAMPLES];
    row_begin(name);
    for (unsigned d = 0; d < draws(); d++) {
        if (shuffled)
            shuffled_crowd();
        yield_to_each_other(ANY, other_as, samples + d * SAMPLES);
    }
    row_end(samples, draws() * SAMPLES, "instructions");
}

void rows_signal(void)
{
    one_way_row("send_len0_prio_253_254", (struct one_way){false, 0, LOWER, HIGHER, true});
    one_way_row("send_len0_prio_253_254_same_as", (struct one_way){false, 0, LOWER, HIGHER, false});
    one_way_row("send_len10_prio_253_254", (struct one_way){false, 10, LOWER, HIGHER, true});
    one_way_row("send_len0_prio_254_253", (struct one_way){false, 0, HIGHER, LOWER, true});
    one_way_row("signal_low_prio", (struct one_way){true, 0, HIGHER, LOWER, true});
    one_way_row("signal_high_prio_thread", (struct one_way){true, 0, LOWER, HIGHER, false});
    one_way_row("signal_high_prio_process", (struct one_way){true, 0, LOWER, HIGHER, true});
    yield_row("yield_two_threads", false);
    yield_row("yield_two_threads_other_as", true);
}
