/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * CancelBadgedSends, preempted again and again (abi/objects.md §3.6, §3.5): it ends, after as many
 * units as senders waited when it began, with the same result; whatever happens to the queue in
 * between.
 */
#include <stdlib.h>

#include "core_fixture.h"

enum {
    ROOT = SLOT_INIT_CNODE,
    CANCEL = LABEL_CNODE_CANCEL_BADGED_SENDS,
    SENDERS = 24,
    SENDER_PRIORITY = 50,
    PRIORITY = 200,
    BADGE = 7,
    OTHER_BADGE = 8
};

static uint64_t endpoint, badged[2], sender[SENDERS], canceller[2], helper;
static uint64_t seed;

static unsigned random_below(unsigned n)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (unsigned)(seed >> 33) % n;
}

static int setup(void **unused)
{
    struct platform platform;
    (void)unused;
    machine_small_platform(&platform, 1 << 20);
    fx_boot(&platform);
    endpoint = fx_new(OBJECT_ENDPOINT, 0);
    badged[0] = fx_mint(endpoint, RIGHTS_ALL, BADGE);
    badged[1] = fx_mint(endpoint, RIGHTS_ALL, OTHER_BADGE);
    for (unsigned i = 0; i < SENDERS; i++)
        sender[i] = fx_thread(SENDER_PRIORITY, true);
    for (unsigned i = 0; i < 2; i++)
        canceller[i] = fx_thread(PRIORITY, true);
    helper = fx_thread(PRIORITY, true);
    fx.cpu->kernel->work_limit = 1;
    return 0;
}

static struct tcb *thread(unsigned i)
{
    return fx_tcb(sender[i]);
}

static void send(unsigned i, uint64_t cptr)
{
    fx_switch(thread(i));
    fx_syscall(SYS_SEND, cptr, 1, W(), C());
    fx_switch(fx.root);
    assert_int_equal(thread(i)->state, THREAD_BLOCKED_SEND);
}

static bool is_preempted(unsigned c)
{
    const struct tcb *tcb = fx_tcb(canceller[c]);
    return tcb->state == THREAD_RESTART || tcb->context.next_pc == tcb->context.reg[REG_PC];
}

/* The call, an interrupt coming after its first unit. */
static void begin(unsigned c, uint64_t cptr)
{
    fx_switch(fx_tcb(canceller[c]));
    machine_preempt_at(1);
    fx_syscall_once(SYS_CALL, ROOT, CANCEL, W(cptr, FX_DEPTH), C());
    fx_switch(fx.root);
}

/* The preempted call once more, and again an interrupt after one unit. */
static void again(unsigned c)
{
    fx_switch(fx_tcb(canceller[c]));
    machine_preempt_at(1);
    fx_trap(TRAP_SYSCALL, 0x56000000, 0);
    fx_switch(fx.root);
}

static unsigned finish(unsigned c)
{
    unsigned n = 0;
    for (; is_preempted(c); n++)
        again(c);
    return n;
}

/* The threads in the endpoint's queue are these, in this order. */
static void expect_waiting(const unsigned *expected, unsigned count)
{
    const struct tcb *tcb = endpoint_of(fx_cap(endpoint))->queue.head;
    for (unsigned i = 0; i < count; i++, tcb = tcb->wait_next) {
        assert_non_null(tcb);
        assert_ptr_equal(tcb, thread(expected[i]));
    }
    assert_null(tcb);
}

/* ---- the result is that of the call without interrupts, and comes after one unit a sender ---- */

static void ends_under_constant_interrupts(void **unused)
{
    void *start = malloc(machine_snapshot_bytes());
    (void)unused;
    for (unsigned i = 0; i < SENDERS; i++)
        send(i, badged[i % 3 == 1]);
    fx_switch(fx_tcb(canceller[0]));
    fx.cpu->work_units = 0;
    machine_snapshot(start);
    machine_preempt_at(0);
    fx_syscall(SYS_CALL, ROOT, CANCEL, W(badged[0], FX_DEPTH), C());
    fx_switch(fx.root);
    struct machine_hash straight = machine_hash();
    assert_int_equal(machine_preempt_asked(), SENDERS - 1);

    machine_restore(start);
    fx_switch(fx.root);
    begin(0, badged[0]);
    assert_int_equal(finish(0), SENDERS - 1);
    struct machine_hash hash = machine_hash();
    assert_memory_equal(&hash, &straight, sizeof hash);
    for (unsigned i = 0; i < SENDERS; i++)
        assert_int_equal(thread(i)->state, i % 3 == 1 ? THREAD_BLOCKED_SEND : THREAD_RESTART);
    free(start);
}

static void senders_that_come_later_stay(void **unused)
{
    (void)unused; /* before each restart another one comes, with the badge that is cancelled */
    for (unsigned i = 0; i < 6; i++)
        send(i, badged[0]);
    begin(0, badged[0]);
    for (unsigned i = 6; is_preempted(0); i++) {
        send(i, badged[0]);
        again(0);
    }
    expect_waiting((const unsigned[]){6, 7, 8, 9, 10}, 5);
}

static void anothers_call_on_another_endpoint(void **unused)
{
    uint64_t other = fx_new(OBJECT_ENDPOINT, 0);
    uint64_t cptr = fx_mint(other, RIGHTS_ALL, BADGE);
    (void)unused; /* the first thread's call is brought to its end, then comes the second's own */
    for (unsigned i = 0; i < 6; i++)
        send(i, i < 3 ? badged[0] : cptr);
    begin(0, badged[0]);
    begin(1, cptr);
    assert_int_equal(finish(1), 4 - 1); /* no look between the two */
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(thread(i)->state, THREAD_RESTART);
    send(0, badged[0]); /* not there when the first call began */
    again(0);
    assert_false(is_preempted(0));
    assert_int_equal(thread(0)->state, THREAD_BLOCKED_SEND);
}

static void endpoint_deleted_in_between(void **unused)
{
    (void)unused; /* all senders go; the preempted call finds its slot empty */
    for (unsigned i = 0; i < 6; i++)
        send(i, badged[1]);
    begin(0, badged[0]);
    machine_preempt_at(0);
    OK(ROOT, LABEL_CNODE_REVOKE, W(endpoint, FX_DEPTH), C());
    fx_delete(endpoint);
    again(0);
    assert_int_equal(fx_answer(fx_tcb(canceller[0])).label, ERROR_ILLEGAL_OPERATION);
    assert_int_equal(fx_tcb(canceller[0])->progress_bytes, 0);
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(thread(i)->state, THREAD_RESTART);
}

/* A call given up halfway: its thread goes, or gets other registers. */
static void given_up(void **unused)
{
    (void)unused;
    for (unsigned i = 0; i < 6; i++)
        send(i, badged[i % 2]);
    begin(0, badged[0]); /* number 0 is gone */
    machine_preempt_at(0);
    fx_delete(canceller[0]);
    send(0, badged[0]);
    begin(1, badged[1]);
    finish(1);
    expect_waiting((const unsigned[]){0}, 1);
    begin(1, badged[0]);
    finish(1);
    expect_waiting(NULL, 0);
}

static void other_registers(void **unused)
{
    (void)unused; /* the call made anew is another call */
    for (unsigned i = 0; i < 4; i++)
        send(i, badged[0]);
    begin(0, badged[0]);
    struct tcb *tcb = fx_tcb(canceller[0]);
    OK(canceller[0], LABEL_TCB_WRITE_REGISTERS, W(0, 1, tcb->context.reg[REG_PC]), C());
    send(0, badged[0]);
    again(0);
    finish(0);
    expect_waiting(NULL, 0);
}

/* ---- anything in between ---- */

struct waiter {
    unsigned thread;
    unsigned badge;
    bool cancelled; /* by a call that has begun */
};
static struct waiter waiters[1000];
static unsigned waiter_count;
static bool at_work[2]; /* a canceller's call has begun and not ended */
static unsigned cancelled_badge[2];

static void drop(unsigned i)
{
    waiter_count--;
    memmove(&waiters[i], &waiters[i + 1], (waiter_count - i) * sizeof waiters[0]);
}

static int waiter_of(const struct tcb *tcb)
{
    for (unsigned i = 0; i < waiter_count; i++)
        if (thread(waiters[i].thread) == tcb)
            return (int)i;
    return -1;
}

/* The queue is what the model says, but for cancelled ones, which may be gone already or must be.
 */
static void compare(bool all)
{
    const struct tcb *tcb = endpoint_of(fx_cap(endpoint))->queue.head;
    for (unsigned i = 0; i < waiter_count; i++) {
        if (tcb == thread(waiters[i].thread) && !(all && waiters[i].cancelled))
            tcb = tcb->wait_next;
        else if (!waiters[i].cancelled)
            fail_msg("sender %u is not in the queue where it should be", waiters[i].thread);
    }
    assert_null(tcb);
}

static void event_send(void)
{
    unsigned i = random_below(SENDERS), badge = random_below(2);
    if (thread(i)->state == THREAD_BLOCKED_SEND || !thread_is_runnable(thread(i)))
        return;
    int known = waiter_of(thread(i)); /* cancelled meanwhile */
    if (known >= 0)
        drop((unsigned)known);
    send(i, badged[badge]);
    waiters[waiter_count++] = (struct waiter){i, badge, false};
}

static void event_receive(void)
{
    const struct tcb *first = endpoint_of(fx_cap(endpoint))->queue.head;
    if (!first)
        return;
    drop((unsigned)waiter_of(first));
    fx_switch(fx_tcb(helper));
    fx_poll(endpoint);
    fx_switch(fx.root);
}

static void event_resume(void)
{
    unsigned i = random_below(SENDERS);
    if (thread(i)->state != THREAD_BLOCKED_SEND)
        return;
    drop((unsigned)waiter_of(thread(i)));
    OK(sender[i], LABEL_TCB_RESUME, W(), C());
}

/* One entry of canceller c. A call that still had to end the other's takes those who wait now. */
static void step(unsigned c, unsigned badge)
{
    bool begins = fx_tcb(canceller[c])->progress_bytes == 0;
    if (!at_work[c])
        cancelled_badge[c] = badge;
    for (unsigned i = 0; begins && i < waiter_count; i++)
        if (waiters[i].badge == cancelled_badge[c])
            waiters[i].cancelled = true;
    if (at_work[c])
        again(c);
    else
        begin(c, badged[badge]);
    at_work[c] = is_preempted(c);
}

static void event_cancel(void)
{
    unsigned c = random_below(2);
    step(c, random_below(2));
}

static void a_naive_model_agrees(void **unused)
{
    static void (*const events[])(void) = {event_send,   event_send,   event_receive,
                                           event_resume, event_cancel, event_cancel};
    (void)unused;
    for (unsigned round = 0; round < 200; round++) {
        seed = round;
        for (unsigned i = 0; i < 40; i++) {
            events[random_below(6)]();
            compare(false);
        }
        unsigned left = 2 * waiter_count + 2;
        for (unsigned c = 0; c < 2; c++)
            for (; at_work[c]; left--) {
                assert_int_not_equal(left, 0);
                step(c, 0);
            }
        compare(true);
        for (unsigned i = waiter_count; i > 0; i--)
            if (waiters[i - 1].cancelled)
                drop(i - 1);
    }
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, fx_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(ends_under_constant_interrupts),
        CASE(senders_that_come_later_stay),
        CASE(anothers_call_on_another_endpoint),
        CASE(endpoint_deleted_in_between),
        CASE(given_up),
        CASE(other_registers),
        CASE(a_naive_model_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
