/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Rings (lib/ring/ring.h) in one thread: order, limits, when the other side is signalled, wrap of
 * the indices, restarts, and a hostile other side. Two threads at once: tests/threads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../lib/ring/ring.c"

struct sample {
    uint64_t a, b;
    uint32_t c;
};
RING_TYPE(samples, struct sample);
RING_TYPE(words, uint64_t);

enum {
    ENTRIES = 8
};

static unsigned signals[2]; /* by struct ring.signal: 1 = to the consumer, 2 = to the producer */

void ring_signal(const struct ring *r)
{
    assert_true(r->signal == 1 || r->signal == 2);
    signals[r->signal - 1]++;
}

/* Exactly the ring's bytes on the heap: AddressSanitizer sees any access outside. */
static struct ring_shared *memory;
static struct ring producer, consumer;

static void open_both(uint32_t entries, size_t entry_bytes)
{
    free(memory);
    size_t bytes = RING_BYTES(entries, entry_bytes);
    assert_int_equal(posix_memalign((void **)&memory, RING_LINE, bytes), 0);
    memset(memory, 0, bytes);
    ring_open_producer(&producer, memory, entries, 1);
    ring_open_consumer(&consumer, memory, entries, 2);
    signals[0] = signals[1] = 0;
}

static void keeps_the_order(void **unused)
{
    (void)unused;
    open_both(ENTRIES, sizeof(struct sample));
    uint64_t pushed = 0, popped = 0;
    for (unsigned round = 0; round < 1000; round++) {
        for (unsigned i = 0; i < round % 10; i++) {
            struct sample s = {pushed, ~pushed, (uint32_t)pushed * 3};
            pushed += samples_push(&producer, &s);
        }
        for (unsigned i = 0; i < round % 7; i++) {
            struct sample s;
            if (samples_pop(&consumer, &s)) {
                assert_true(s.a == popped && s.b == ~popped && s.c == (uint32_t)popped * 3);
                popped++;
            }
        }
        assert_true(pushed >= popped && pushed - popped <= ENTRIES);
    }
    assert_true(popped > 1000);
}

static void is_full_and_empty(void **unused)
{
    (void)unused;
    open_both(ENTRIES, sizeof(uint64_t));
    uint64_t w = 0;
    assert_false(words_pop(&consumer, &w));
    for (w = 0; w < ENTRIES; w++) {
        assert_true(words_push(&producer, &w));
    }
    assert_false(words_push(&producer, &w));
    for (uint64_t i = 0; i < ENTRIES; i++) {
        assert_true(words_pop(&consumer, &w));
        assert_int_equal(w, i);
    }
    assert_false(words_pop(&consumer, &w));
    assert_true(words_push(&producer, &w));
}

/* A ring of one entry is empty and full in turn. */
static void signals_only_at_the_edges(void **unused)
{
    (void)unused;
    open_both(ENTRIES, sizeof(uint64_t));
    uint64_t w = 7;
    for (unsigned i = 0; i < ENTRIES; i++) {
        assert_true(words_push(&producer, &w));
        assert_int_equal(signals[0], 1); /* the first push only */
    }
    assert_int_equal(signals[1], 0);
    for (unsigned i = 0; i < ENTRIES; i++) {
        assert_true(words_pop(&consumer, &w));
        assert_int_equal(signals[1], 1); /* the first pop only */
    }
    assert_true(words_push(&producer, &w));
    assert_int_equal(signals[0], 2);
}

static void moves_batches(void **unused)
{
    (void)unused;
    uint64_t in[20], out[20];
    open_both(ENTRIES, sizeof(uint64_t));
    for (unsigned i = 0; i < 20; i++) {
        in[i] = 100 + i;
    }
    assert_int_equal(words_push_many(&producer, in, 0), 0);
    assert_int_equal(words_push_many(&producer, in, 5), 5);
    assert_int_equal(signals[0], 1);
    assert_int_equal(words_push_many(&producer, in + 5, 15), 3); /* what fits */
    assert_int_equal(words_push_many(&producer, in, 1), 0);
    assert_int_equal(signals[0], 1);
    assert_int_equal(words_pop_many(&consumer, out, 6), 6);
    assert_int_equal(signals[1], 1);
    assert_int_equal(words_push_many(&producer, in + 8, 12), 6); /* over the end of the memory */
    assert_int_equal(words_pop_many(&consumer, out + 6, 14), 8);
    assert_int_equal(signals[1], 2);
    assert_memory_equal(in, out, 14 * sizeof(in[0]));
    assert_int_equal(words_pop_many(&consumer, out, 20), 0);
}

static void runs_over_2_to_the_32(void **unused)
{
    (void)unused;
    open_both(ENTRIES, sizeof(uint64_t));
    memory->producer.index = memory->consumer.index = UINT32_MAX - 2;
    ring_open_producer(&producer, memory, ENTRIES, 1);
    ring_open_consumer(&consumer, memory, ENTRIES, 2);
    uint64_t w = 0, got;
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < ENTRIES; i++, w++) {
            assert_true(words_push(&producer, &w));
        }
        assert_false(words_push(&producer, &w));
        for (uint64_t i = w - ENTRIES; i < w; i++) {
            assert_true(words_pop(&consumer, &got));
            assert_int_equal(got, i);
        }
    }
    assert_false(ring_is_broken(&producer) || ring_is_broken(&consumer));
    assert_int_equal(memory->producer.index, (uint32_t)(UINT32_MAX - 2 + 3 * ENTRIES));
}

static void a_producer_goes_on_after_a_restart(void **unused)
{
    (void)unused;
    open_both(ENTRIES, sizeof(uint64_t));
    uint64_t w = 1;
    assert_true(words_push(&producer, &w));
    assert_false(ring_other_restarted(&consumer));
    memset(&producer, 0xa5, sizeof(producer)); /* its own memory is gone */
    signals[0] = 0;
    ring_open_producer(&producer, memory, ENTRIES, 1);
    assert_int_equal(signals[0], 1); /* the old life may have died before it signalled */
    w = 2;
    assert_true(words_push(&producer, &w));
    assert_true(ring_other_restarted(&consumer));
    assert_false(ring_other_restarted(&consumer));
    assert_true(words_pop(&consumer, &w) && w == 1);
    assert_true(words_pop(&consumer, &w) && w == 2);
    assert_false(words_pop(&consumer, &w));
}

static void a_consumer_skips_after_a_restart(void **unused)
{
    (void)unused;
    open_both(ENTRIES, sizeof(uint64_t));
    uint64_t w = 1;
    for (unsigned i = 0; i < ENTRIES; i++) {
        assert_true(words_push(&producer, &w));
    }
    memset(&consumer, 0xa5, sizeof(consumer));
    signals[1] = 0;
    ring_open_consumer(&consumer, memory, ENTRIES, 2);
    assert_int_equal(signals[1], 1); /* the producer may wait for room */
    assert_true(ring_other_restarted(&producer));
    assert_false(words_pop(&consumer, &w));
    w = 9;
    assert_true(words_push(&producer, &w));
    assert_true(words_pop(&consumer, &w) && w == 9);
}

/* Whatever the other side writes: no access outside the ring (AddressSanitizer), at most ENTRIES in
 * one go, and a lie that shows is remembered. */
static void a_hostile_side_breaks_only_the_ring(void **unused)
{
    (void)unused;
    uint64_t buffer[4 * ENTRIES] = {0};
    srand(1);
    for (unsigned round = 0; round < 20000; round++) {
        open_both(ENTRIES, sizeof(uint64_t));
        for (unsigned i = 0; i < 12; i++) {
            uint32_t lie = (uint32_t)rand() << (rand() % 3 * 8);
            if (rand() % 2 != 0) {
                memory->consumer.index = lie;
                uint32_t n = words_push_many(&producer, buffer, (uint32_t)rand() % (4 * ENTRIES));
                assert_true(n <= ENTRIES);
                (void)words_push(&producer, buffer);
            } else {
                memory->producer.index = lie;
                uint32_t n = words_pop_many(&consumer, buffer, (uint32_t)rand() % (4 * ENTRIES));
                assert_true(n <= ENTRIES);
                (void)words_pop(&consumer, buffer);
            }
        }
    }
}

static void a_lie_is_seen(void **unused)
{
    (void)unused;
    uint64_t w = 0;
    open_both(ENTRIES, sizeof(uint64_t));
    memory->producer.index = ENTRIES + 1; /* one more than there can be */
    assert_false(words_pop(&consumer, &w));
    assert_true(ring_is_broken(&consumer));
    memory->producer.index = 1; /* the truth again, too late */
    assert_false(words_pop(&consumer, &w));
    ring_open_consumer(&consumer, memory, ENTRIES, 2);
    assert_false(ring_is_broken(&consumer));
    open_both(ENTRIES, sizeof(uint64_t));
    memory->consumer.index = ENTRIES + 1; /* popped what was never pushed */
    for (unsigned i = 0; i < ENTRIES; i++) {
        (void)words_push(&producer, &w);
    }
    assert_false(words_push(&producer, &w));
    assert_true(ring_is_broken(&producer));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_the_order),
        cmocka_unit_test(is_full_and_empty),
        cmocka_unit_test(signals_only_at_the_edges),
        cmocka_unit_test(moves_batches),
        cmocka_unit_test(runs_over_2_to_the_32),
        cmocka_unit_test(a_producer_goes_on_after_a_restart),
        cmocka_unit_test(a_consumer_skips_after_a_restart),
        cmocka_unit_test(a_hostile_side_breaks_only_the_ring),
        cmocka_unit_test(a_lie_is_seen),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(memory);
    return failed;
}
