/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Scheduling: the wake-up tables row by row, time slices, priorities
 * (abi/scheduling.md, abi/vectors.md §9).
 */
#include "core_fixture.h"

enum {
    ROOT = SLOT_INIT_CNODE,
    LOW = 50,
    MIDDLE = 100,
    HIGH = 200
};

/* A thread and what it waits on. */
struct actor {
    uint64_t slot;
    struct tcb *tcb;
};

static uint64_t endpoint, notification;

static struct actor actor(unsigned priority)
{
    struct actor a = {.slot = fx_thread(priority, true)};
    a.tcb = fx_tcb(a.slot);
    return a;
}

static int setup(void **state)
{
    fx_setup(state);
    endpoint = fx_new(OBJECT_ENDPOINT, 0);
    notification = fx_new(OBJECT_NOTIFICATION, 0);
    return 0;
}

static struct actor waiter(unsigned priority, uint64_t cptr)
{
    struct actor a = actor(priority);
    fx_switch(a.tcb);
    fx_recv(cptr);
    fx_switch(fx.root);
    return a;
}

/* The initial thread gives way to `a` for good. */
static void only(struct actor a)
{
    fx_switch(fx.root);
    fx_syscall(SYS_CALL, SLOT_INIT_TCB, LABEL_TCB_SUSPEND, W(), C());
    if (fx.cpu->current != a.tcb)
        fx_switch(a.tcb);
}

static void expect_queue(unsigned priority, const struct tcb *first, const struct tcb *second,
                         const struct tcb *third)
{
    const struct tcb *expected[] = {first, second, third};
    const struct tcb *tcb = fx.cpu->kernel->ready[0].queue[priority].head;
    for (unsigned i = 0; i < 3; i++) {
        assert_ptr_equal(tcb, expected[i]);
        tcb = tcb ? tcb->ready_next : NULL;
    }
}

static void expect_current(struct actor a)
{
    assert_ptr_equal(fx.cpu->current, a.tcb);
}

/* ---- §3, first table ---- */

static void current_runnable_candidate_higher(void **unused)
{
    struct actor r = actor(MIDDLE), old = actor(MIDDLE), c = waiter(HIGH, notification);
    (void)unused;
    only(r);
    expect_queue(MIDDLE, old.tcb, NULL, NULL);
    fx_signal(notification);
    expect_current(c);
    expect_queue(MIDDLE, r.tcb, old.tcb, NULL);
}

static void current_runnable_candidate_equal(void **unused)
{
    struct actor r = actor(MIDDLE), old = actor(MIDDLE), c = waiter(MIDDLE, notification);
    (void)unused;
    only(r);
    fx_signal(notification);
    expect_current(r);
    expect_queue(MIDDLE, old.tcb, c.tcb, NULL);
}

static void current_runnable_candidate_lower(void **unused)
{
    struct actor r = actor(MIDDLE), old = actor(LOW), c = waiter(LOW, notification);
    (void)unused;
    only(r);
    fx_signal(notification);
    expect_current(r);
    expect_queue(LOW, c.tcb, old.tcb, NULL);
}

static void current_blocked_candidate_equal(void **unused)
{
    struct actor r = actor(MIDDLE), old = actor(MIDDLE), c = waiter(MIDDLE, endpoint);
    (void)unused; /* direct, ahead of the older one; also "Call to a waiting server" */
    only(r);
    fx_syscall(SYS_CALL, endpoint, 1, W(), C());
    assert_int_equal(r.tcb->state, THREAD_BLOCKED_REPLY);
    expect_current(c);
    expect_queue(MIDDLE, old.tcb, NULL, NULL);
}

static void current_blocked_candidate_higher(void **unused)
{
    struct actor r = actor(MIDDLE), old = actor(MIDDLE), c = waiter(HIGH, endpoint);
    (void)unused;
    only(r);
    fx_syscall(SYS_CALL, endpoint, 1, W(), C());
    expect_current(c);
    expect_queue(MIDDLE, old.tcb, NULL, NULL);
}

static void current_blocked_candidate_lower_none_between(void **unused)
{
    struct actor r = actor(MIDDLE), old = actor(LOW), c = waiter(LOW, endpoint);
    (void)unused; /* no ready thread above C: direct, ahead of the older equal one */
    only(r);
    fx_syscall(SYS_CALL, endpoint, 1, W(), C());
    expect_current(c);
    expect_queue(LOW, old.tcb, NULL, NULL);
}

static void current_blocked_candidate_lower_one_between(void **unused)
{
    struct actor r = actor(HIGH), between = actor(MIDDLE), old = actor(LOW);
    struct actor c = waiter(LOW, endpoint);
    (void)unused;
    only(r);
    fx_syscall(SYS_CALL, endpoint, 1, W(), C());
    expect_current(between);
    expect_queue(LOW, c.tcb, old.tcb, NULL);
}

static void idle_and_an_interrupt(void **unused)
{
    uint64_t handler = fx_slot();
    struct actor c = waiter(LOW, notification);
    (void)unused; /* "R is idle"; "IRQ signal waking a thread" */
    OK(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_GET, W(40, handler, FX_DEPTH), C(ROOT));
    OK(handler, LABEL_IRQ_HANDLER_SET_NOTIFICATION, W(), C(notification));
    fx_syscall(SYS_CALL, SLOT_INIT_TCB, LABEL_TCB_SUSPEND, W(), C());
    assert_null(fx.cpu->current);
    assert_int_equal(machine_space_root(), 0); /* §1: idle in the empty address space */
    machine_irq_line(40, true);
    fx_trap(TRAP_INTERRUPT, 0, 0);
    expect_current(c);
}

/* ---- §3, second table: events ---- */

static void event_reply(void **unused)
{
    struct actor client = actor(HIGH), server = actor(MIDDLE), old = actor(MIDDLE);
    (void)unused; /* the caller woken is candidate, the replier stays runnable */
    only(client);
    fx_syscall(SYS_CALL, endpoint, 1, W(), C());
    fx_switch(server.tcb);
    fx_recv(endpoint);
    fx_syscall(SYS_REPLY, 0, 0, W(), C());
    expect_current(client);
    expect_queue(MIDDLE, server.tcb, old.tcb, NULL);
}

static void serve_one(struct actor client, struct actor server)
{
    only(client);
    fx_syscall(SYS_CALL, endpoint, 1, W(), C());
    fx_switch(server.tcb);
    fx_recv(endpoint);
    assert_int_equal(client.tcb->state, THREAD_BLOCKED_REPLY);
}

static void event_reply_recv_blocks(void **unused)
{
    struct actor client = actor(MIDDLE), server = actor(MIDDLE), old = actor(MIDDLE);
    (void)unused; /* candidate, current not runnable: direct switch ahead of the older one */
    serve_one(client, server);
    fx_syscall(SYS_REPLY_RECV, endpoint, 0, W(), C());
    expect_current(client);
    expect_queue(MIDDLE, old.tcb, NULL, NULL);
    assert_int_equal(server.tcb->state, THREAD_BLOCKED_RECEIVE);
}

static void event_reply_recv_finds_a_call(void **unused)
{
    struct actor client = actor(MIDDLE), server = actor(MIDDLE), other = actor(MIDDLE);
    (void)
        unused; /* current stays runnable; the replied-to thread is candidate, equal: to the tail */
    serve_one(client, server);
    fx_switch(other.tcb);
    fx_syscall(SYS_CALL, endpoint, 2, W(), C());
    fx_switch(server.tcb);
    struct actor old = {0, fx.cpu->kernel->ready[0].queue[MIDDLE].head};
    fx_syscall(SYS_REPLY_RECV, endpoint, 0, W(), C());
    expect_current(server);
    assert_int_equal(other.tcb->state, THREAD_BLOCKED_REPLY);
    assert_null(old.tcb);
    expect_queue(MIDDLE, client.tcb, NULL, NULL);
}

static void event_reply_recv_finds_a_send(void **unused)
{
    struct actor client = actor(MIDDLE), server = actor(MIDDLE), other = actor(MIDDLE);
    struct actor old = actor(MIDDLE);
    (void)unused; /* two wake-ups: both to the head, full choice; current was put there last */
    serve_one(client, server);
    fx_switch(other.tcb);
    fx_syscall(SYS_SEND, endpoint, 2, W(), C());
    fx_switch(server.tcb);
    fx_syscall(SYS_REPLY_RECV, endpoint, 0, W(), C());
    expect_current(server);
    expect_queue(MIDDLE, other.tcb, client.tcb, old.tcb);
}

static void event_recv_finds_a_send(void **unused)
{
    struct actor r = actor(MIDDLE), sender = actor(HIGH);
    (void)unused; /* sender candidate, receiver runnable */
    only(sender);
    fx_syscall(SYS_SEND, endpoint, 1, W(), C());
    expect_current(r);
    fx_recv(endpoint);
    expect_current(sender);
    expect_queue(MIDDLE, r.tcb, NULL, NULL);
}

static void event_resume_equal(void **unused)
{
    struct actor r = actor(MIDDLE), old = actor(MIDDLE);
    uint64_t c = fx_thread(MIDDLE, false);
    (void)unused; /* right behind the current thread, before older ones */
    only(r);
    OK(c, LABEL_TCB_RESUME, W(), C());
    expect_current(r);
    expect_queue(MIDDLE, fx_tcb(c), old.tcb, NULL);
}

static void event_resume_lower_and_higher(void **unused)
{
    struct actor r = actor(MIDDLE), old = actor(LOW);
    uint64_t low = fx_thread(LOW, false), high = fx_thread(HIGH, false);
    (void)unused;
    only(r);
    OK(low, LABEL_TCB_RESUME, W(), C());
    expect_queue(LOW, fx_tcb(low), old.tcb, NULL);
    fx_syscall(SYS_CALL, high, LABEL_TCB_RESUME, W(), C());
    assert_ptr_equal(fx.cpu->current, fx_tcb(high));
    expect_queue(MIDDLE, r.tcb, NULL, NULL);
}

static void event_write_registers_with_resume(void **unused)
{
    struct actor r = actor(MIDDLE), old = actor(MIDDLE);
    uint64_t c = fx_thread(MIDDLE, false);
    (void)unused;
    only(r);
    OK(c, LABEL_TCB_WRITE_REGISTERS, W(1, 1, 0x1000), C());
    expect_queue(MIDDLE, fx_tcb(c), old.tcb, NULL);
}

static void vector_resume_three_then_yield(void **unused)
{
    uint64_t a = fx_thread(255, false), b = fx_thread(255, false), c = fx_thread(255, false);
    (void)unused; /* abi/vectors.md §9: C, B, A */
    OK(a, LABEL_TCB_RESUME, W(), C());
    OK(b, LABEL_TCB_RESUME, W(), C());
    OK(c, LABEL_TCB_RESUME, W(), C());
    fx_yield();
    assert_ptr_equal(fx.cpu->current, fx_tcb(c));
    expect_queue(255, fx_tcb(b), fx_tcb(a), fx.root);
}

static void vector_signal_three_then_yield(void **unused)
{
    struct actor a = waiter(255, notification), b = waiter(255, notification);
    struct actor c = waiter(255, notification);
    (void)unused; /* A, B, C */
    for (unsigned i = 0; i < 3; i++)
        fx_signal(notification);
    fx_yield();
    expect_current(a);
    expect_queue(255, b.tcb, c.tcb, fx.root);
}

static void vector_delete_notification_then_yield(void **unused)
{
    struct actor x = waiter(255, notification), y = waiter(255, notification);
    struct actor z = waiter(255, notification);
    (void)unused; /* Z, Y, X */
    fx_delete(notification);
    fx_yield();
    expect_current(z);
    expect_queue(255, y.tcb, x.tcb, fx.root);
}

static void event_cancel_badged_sends(void **unused)
{
    uint64_t badged = fx_mint(endpoint, RIGHTS_ALL, 7);
    struct actor a = actor(MIDDLE), b = actor(MIDDLE), high = actor(HIGH);
    (void)unused; /* each at the head in queue order, full choice */
    only(a);
    fx_syscall(SYS_SEND, badged, 1, W(), C());
    fx_switch(b.tcb);
    fx_syscall(SYS_SEND, badged, 1, W(), C());
    fx_switch(high.tcb);
    OK(SLOT_INIT_CNODE, LABEL_CNODE_CANCEL_BADGED_SENDS, W(badged, FX_DEPTH), C());
    expect_current(high);
    expect_queue(MIDDLE, b.tcb, a.tcb, NULL);
}

static void event_fault(void **unused)
{
    struct actor r = actor(MIDDLE), old = actor(MIDDLE), handler = waiter(LOW, endpoint);
    (void)unused; /* the faulter blocks as in Call */
    r.tcb->fault_handler = endpoint;
    only(r);
    fx_trap(TRAP_DATA_ABORT, 0x92000005, 0x1234);
    assert_int_equal(r.tcb->state, THREAD_BLOCKED_REPLY);
    expect_current(old);
    expect_queue(LOW, handler.tcb, NULL, NULL);
    fx_switch(handler.tcb);
    fx_syscall(SYS_REPLY, 0, 0, W(), C()); /* resumes: candidate */
    expect_current(r);
}

/* ---- §2: time slices ---- */

static void tick(void)
{
    uint64_t at;
    assert_true(machine_next_event(&at));
    machine_advance(at - machine_now());
    fx_trap(TRAP_INTERRUPT, 0, 0);
}

static void slice_of_five_ticks(void **unused)
{
    struct actor a = actor(255);
    (void)unused; /* §1: 5 ticks of 2 ms; full at creation */
    uint64_t start = machine_now();
    for (unsigned i = 0; i < 4; i++) {
        tick();
        assert_ptr_equal(fx.cpu->current, fx.root);
    }
    tick();
    expect_current(a);
    assert_int_equal(machine_now() - start, 10000000);
    assert_int_equal(fx.root->slice, 5);
    expect_queue(255, fx.root, NULL, NULL);
}

static void slice_is_kept_across_blocking_and_yield(void **unused)
{
    struct actor a = actor(255);
    (void)unused;
    tick();
    tick();
    assert_int_equal(fx.root->slice, 3);
    fx_yield();
    expect_current(a);
    assert_int_equal(fx.root->slice, 3);
    assert_int_equal(a.tcb->slice, 5); /* never donated */
    tick();
    assert_int_equal(a.tcb->slice, 4);
    fx_recv(notification);
    assert_int_equal(a.tcb->slice, 4);
    fx_signal(notification);
    assert_int_equal(a.tcb->slice, 4);
}

static void alone_it_goes_on(void **unused)
{
    (void)unused;
    fx_yield();
    assert_ptr_equal(fx.cpu->current, fx.root);
    for (unsigned i = 0; i < 11; i++)
        tick();
    assert_ptr_equal(fx.cpu->current, fx.root);
}

static void idle_takes_no_slice(void **unused)
{
    struct actor a = waiter(MIDDLE, notification);
    (void)unused;
    fx_syscall(SYS_CALL, SLOT_INIT_TCB, LABEL_TCB_SUSPEND, W(), C());
    tick();
    assert_null(fx.cpu->current);
    assert_int_equal(a.tcb->slice, 5);
}

/* ---- §4: priorities ---- */

static void priority_of_the_current_thread(void **unused)
{
    struct actor r = actor(HIGH), other = actor(MIDDLE);
    (void)unused; /* to the head of its new queue: keeps running unless something higher is ready */
    only(r);
    fx_syscall(SYS_CALL, r.slot, LABEL_TCB_SET_PRIORITY, W(MIDDLE), C(r.slot));
    expect_current(r);
    fx_syscall(SYS_CALL, r.slot, LABEL_TCB_SET_PRIORITY, W(MIDDLE - 1), C(r.slot));
    expect_current(other);
    expect_queue(MIDDLE - 1, r.tcb, NULL, NULL);
    assert_int_equal(r.tcb->mcp, HIGH);
    MESSAGE(r.tcb, 0, ERROR_NONE, W());
}

static void priority_of_a_ready_thread_is_a_wake_up(void **unused)
{
    struct actor r = actor(MIDDLE), a = actor(LOW), old = actor(MIDDLE);
    (void)unused;
    only(r);
    OK(a.slot, LABEL_TCB_SET_PRIORITY, W(MIDDLE), C(r.slot)); /* equal: tail */
    expect_queue(MIDDLE, old.tcb, a.tcb, NULL);
    expect_queue(LOW, NULL, NULL, NULL);
    OK(a.slot, LABEL_TCB_SET_PRIORITY, W(LOW), C(r.slot));
    expect_queue(LOW, a.tcb, NULL, NULL);
    OK(r.slot, LABEL_TCB_SET_MC_PRIORITY, W(MIDDLE), C(r.slot));
    r.tcb->mcp = HIGH;
    fx_syscall(SYS_CALL, a.slot, LABEL_TCB_SET_PRIORITY, W(HIGH), C(r.slot));
    expect_current(a);
    expect_queue(MIDDLE, r.tcb, old.tcb, NULL);
}

static void priority_of_a_blocked_thread_is_stored(void **unused)
{
    struct actor a = waiter(LOW, notification), b = waiter(LOW, notification);
    (void)unused; /* wait queues are not reordered */
    OK(b.slot, LABEL_TCB_SET_PRIORITY, W(HIGH), C(SLOT_INIT_TCB));
    assert_int_equal(b.tcb->priority, HIGH);
    fx_signal(notification);
    assert_int_equal(a.tcb->state, THREAD_RUNNING);
    assert_int_equal(b.tcb->state, THREAD_BLOCKED_NOTIFICATION);
}

static void lowering_the_mcp_leaves_the_priority(void **unused)
{
    struct actor a = actor(HIGH);
    (void)unused;
    OK(a.slot, LABEL_TCB_SET_MC_PRIORITY, W(LOW), C(SLOT_INIT_TCB));
    assert_int_equal(a.tcb->mcp, LOW);
    assert_int_equal(a.tcb->priority, HIGH);
    expect_queue(HIGH, a.tcb, NULL, NULL);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, fx_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(current_runnable_candidate_higher),
        CASE(current_runnable_candidate_equal),
        CASE(current_runnable_candidate_lower),
        CASE(current_blocked_candidate_equal),
        CASE(current_blocked_candidate_higher),
        CASE(current_blocked_candidate_lower_none_between),
        CASE(current_blocked_candidate_lower_one_between),
        CASE(idle_and_an_interrupt),
        CASE(event_reply),
        CASE(event_reply_recv_blocks),
        CASE(event_reply_recv_finds_a_call),
        CASE(event_reply_recv_finds_a_send),
        CASE(event_recv_finds_a_send),
        CASE(event_resume_equal),
        CASE(event_resume_lower_and_higher),
        CASE(event_write_registers_with_resume),
        CASE(vector_resume_three_then_yield),
        CASE(vector_signal_three_then_yield),
        CASE(vector_delete_notification_then_yield),
        CASE(event_cancel_badged_sends),
        CASE(event_fault),
        CASE(slice_of_five_ticks),
        CASE(slice_is_kept_across_blocking_and_yield),
        CASE(alone_it_goes_on),
        CASE(idle_takes_no_slice),
        CASE(priority_of_the_current_thread),
        CASE(priority_of_a_ready_thread_is_a_wake_up),
        CASE(priority_of_a_blocked_thread_is_stored),
        CASE(lowering_the_mcp_leaves_the_priority),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
