/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Costs as a function of how much there is. What must not grow: IPC with threads and endpoints
 * queued elsewhere, scheduling with ready threads at many priorities, Copy and Delete in a large
 * derivation tree. What grows linearly: Revoke, and the zeroing at Retype. A row's name ends in the
 * size. Needs a root CNode of 2^21 slots.
 */
#include "invoke.h"

enum {
    THREADS_PER_ENDPOINT = 10,
    FAN_OUT = 256,         /* objects of one Retype */
    GROWTH_PRIORITY = 252, /* of the main thread: above it are only threads that wait */
};

/* `count` objects in consecutive slots. */
static uint64_t many(enum object_type type, uint64_t count)
{
    uint64_t first = pool_slots((unsigned)count);
    for (uint64_t done = 0; done < count; done += FAN_OUT) {
        uint64_t n = count - done < FAN_OUT ? count - done : FAN_OUT;
        (void)measure_retype(pool_arena(), type, 0, first + done, n);
    }
    return first;
}

/* Threads above the main thread, which wait on endpoints, ten on each. */
static void waiting_crowd(uint64_t count)
{
    uint64_t endpoint = many(OBJECT_ENDPOINT, count / THREADS_PER_ENDPOINT);
    uint64_t tcb = many(OBJECT_TCB, count);
    for (uint64_t i = 0; i < count; i++)
        make_thread(tcb + i, MAX_PRIORITY, SYS_RECV, endpoint + i / THREADS_PER_ENDPOINT);
}

/* Ready threads of the priorities 0 to count − 1, below the main thread. */
static void ready_crowd(uint64_t count)
{
    uint64_t tcb = many(OBJECT_TCB, count);
    for (uint64_t i = 0; i < count; i++)
        make_thread(tcb + i, i, SYS_YIELD, 0);
}

static void ipc_row(const char *name, uint64_t threads, bool reply)
{
    static uint64_t samples[SAMPLES];
    row_begin(name);
    pool_object(OBJECT_ENDPOINT, 0);
    waiting_crowd(threads);
    ipc_samples(reply, samples);
    row_end(samples, SAMPLES, "instructions");
}

/* Two threads of the highest priority, the main thread, ready below them, and a crowd: threads are
 * ready at `priorities` priorities. */
static void yield_row(const char *name, uint64_t priorities)
{
    static uint64_t samples[SAMPLES];
    row_begin(name);
    main_priority(PRIORITY_COUNT - 2);
    pool_object(OBJECT_ENDPOINT, 0);
    ready_crowd(priorities - 2);
    yield_samples(PRIORITY_COUNT - 1, samples);
    main_priority(GROWTH_PRIORITY);
    row_end(samples, SAMPLES, "instructions");
}

/* Copy and Delete of one more cap when `count` copies are there. */
static void tree_rows(const char *copy_name, const char *delete_name, uint64_t count)
{
    static uint64_t copies[SAMPLES], deletes[SAMPLES];
    row_begin(copy_name);
    uint64_t endpoint = pool_object(OBJECT_ENDPOINT, 0), slot = pool_slots((unsigned)count + 1);
    for (uint64_t i = 0; i < count + SAMPLES; i++) {
        uint64_t c = measure(SLOT_INIT_CNODE, LABEL_CNODE_COPY,
                             KAAL_WORDS(slot, WORD_BITS, endpoint, WORD_BITS, RIGHTS_ALL),
                             KAAL_WORDS(SLOT_INIT_CNODE));
        if (i < count) {
            slot++;
        } else {
            copies[i - count] = c;
            deletes[i - count] = measure_slot(LABEL_CNODE_DELETE, at(slot));
        }
    }
    pool_reset();
    row_end(copies, SAMPLES, "instructions");
    row_begin(delete_name);
    row_end(deletes, SAMPLES, "instructions");
}

static void revoke_row(const char *name, uint64_t count)
{
    uint64_t sample;
    row_begin(name);
    uint64_t endpoint = pool_object(OBJECT_ENDPOINT, 0), slot = pool_slots((unsigned)count);
    for (uint64_t i = 0; i < count; i++)
        must(kaal_cnode_copy(at(slot + i), at(endpoint), RIGHTS_ALL), "CNode_Copy");
    sample = measure_slot(LABEL_CNODE_REVOKE, at(endpoint));
    pool_reset();
    row_end(&sample, 1, "instructions");
}

static void zero_row(const char *name, uint64_t bits)
{
    row_begin(name);
    pool_object(OBJECT_ENDPOINT, 0);
    uint64_t sample = reset_cost(bits);
    pool_reset();
    row_end(&sample, 1, "instructions");
}

void rows_growth(void)
{
    main_priority(GROWTH_PRIORITY);
    ipc_row("growth_call_threads_10", 10, false);
    ipc_row("growth_call_threads_100", 100, false);
    ipc_row("growth_call_threads_1000", 1000, false);
    ipc_row("growth_call_threads_10000", 10000, false);
    ipc_row("growth_call_threads_100000", 100000, false);
    ipc_row("growth_replyrecv_threads_10", 10, true);
    ipc_row("growth_replyrecv_threads_1000", 1000, true);
    ipc_row("growth_replyrecv_threads_100000", 100000, true);
    yield_row("growth_yield_priorities_2", 2);
    yield_row("growth_yield_priorities_16", 16);
    yield_row("growth_yield_priorities_64", 64);
    yield_row("growth_yield_priorities_256", PRIORITY_COUNT);
    tree_rows("growth_copy_caps_10", "growth_delete_caps_10", 10);
    tree_rows("growth_copy_caps_1000", "growth_delete_caps_1000", 1000);
    tree_rows("growth_copy_caps_100000", "growth_delete_caps_100000", 100000);
    tree_rows("growth_copy_caps_1000000", "growth_delete_caps_1000000", 1000000);
    revoke_row("growth_revoke_caps_10", 10);
    revoke_row("growth_revoke_caps_100", 100);
    revoke_row("growth_revoke_caps_1000", 1000);
    revoke_row("growth_revoke_caps_10000", 10000);
    revoke_row("growth_revoke_caps_100000", 100000);
    zero_row("growth_zero_kib_4", 12);
    zero_row("growth_zero_kib_64", 16);
    zero_row("growth_zero_kib_1024", 20);
    zero_row("growth_zero_kib_16384", 24);
}
