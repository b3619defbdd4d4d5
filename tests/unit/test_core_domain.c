/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Domains: checks in their order, the schedule, threads of other domains (abi/scheduling.md §5,
 * abi/invocations.md §7, abi/vectors.md §5).
 */
#include "core_fixture.h"

enum {
    ROOT = SLOT_INIT_CNODE,
    DOMAIN = SLOT_DOMAIN,
    SET = LABEL_DOMAIN_SET_SET,
    CONFIGURE = LABEL_DOMAIN_SET_SCHEDULE_CONFIGURE,
    START = LABEL_DOMAIN_SET_SCHEDULE_SET_START
};
#define LONGEST ((1ull << 56) - 1)

static struct kernel *kernel;

static int setup_one(void **state)
{
    fx_setup(state);
    kernel = fx.cpu->kernel;
    return 0;
}

/* 4 domains, 8 entries. */
static int setup_four(void **unused)
{
    struct platform platform;
    (void)unused;
    machine_small_platform(&platform, FX_RAM);
    platform.options.domains = 4;
    platform.options.domain_schedules = 8;
    fx_boot(&platform);
    kernel = fx.cpu->kernel;
    return 0;
}

static void tick(void)
{
    uint64_t at;
    assert_true(machine_next_event(&at));
    machine_advance(at - machine_now());
    fx_trap(TRAP_INTERRUPT, 0, 0);
}

/* ---- checks ---- */

static void checks_with_one_domain(void **unused)
{
    (void)unused;
    REFUSED(DOMAIN, SET, W(), C(SLOT_INIT_TCB), ERROR_TRUNCATED_MESSAGE, I());
    REFUSED(DOMAIN, SET, W(1), C(), ERROR_INVALID_ARGUMENT, I(0));
    REFUSED(DOMAIN, SET, W(~0ull), C(ROOT), ERROR_INVALID_ARGUMENT, I(0));
    REFUSED(DOMAIN, SET, W(0), C(), ERROR_TRUNCATED_MESSAGE, I());
    REFUSED(DOMAIN, SET, W(0), C(ROOT), ERROR_INVALID_ARGUMENT, I(1));
    OK(DOMAIN, SET, W(0), C(SLOT_INIT_TCB));
    REFUSED(DOMAIN, CONFIGURE, W(1, 1), C(), ERROR_TRUNCATED_MESSAGE, I());
    REFUSED(DOMAIN, CONFIGURE, W(1, 1, LONGEST + 1), C(), ERROR_RANGE, I(0, 0));
    REFUSED(DOMAIN, CONFIGURE, W(~0ull, 0, 1), C(), ERROR_RANGE, I(0, 0));
    REFUSED(DOMAIN, CONFIGURE, W(0, 1, LONGEST + 1), C(), ERROR_RANGE, I(0, 0));
    REFUSED(DOMAIN, CONFIGURE, W(0, 0, LONGEST + 1), C(), ERROR_INVALID_ARGUMENT, I(2));
    REFUSED(DOMAIN, CONFIGURE, W(0, 0, 0), C(), ERROR_INVALID_ARGUMENT, I(2));
    OK(DOMAIN, CONFIGURE, W(0, 0, LONGEST), C());
    REFUSED(DOMAIN, START, W(), C(), ERROR_TRUNCATED_MESSAGE, I());
    REFUSED(DOMAIN, START, W(2), C(), ERROR_RANGE, I(0, 1));
    REFUSED(DOMAIN, START, W(~0ull), C(), ERROR_RANGE, I(0, 1));
    REFUSED(DOMAIN, START, W(1), C(), ERROR_INVALID_ARGUMENT, I(0));
    OK(DOMAIN, START, W(0), C());
    REFUSED(DOMAIN, LABEL_CNODE_DELETE, W(), C(), ERROR_ILLEGAL_OPERATION, I());
}

static void checks_with_four_domains(void **unused)
{
    (void)unused;
    REFUSED(DOMAIN, SET, W(4), C(ROOT), ERROR_INVALID_ARGUMENT, I(0));
    REFUSED(DOMAIN, CONFIGURE, W(7, 4, 0), C(), ERROR_RANGE, I(0, 6)); /* the last is never set */
    REFUSED(DOMAIN, CONFIGURE, W(6, 4, LONGEST + 1), C(), ERROR_RANGE, I(0, 3));
    REFUSED(DOMAIN, CONFIGURE, W(6, 3, LONGEST + 1), C(), ERROR_INVALID_ARGUMENT, I(2));
    REFUSED(DOMAIN, CONFIGURE, W(6, 3, 0), C(), ERROR_INVALID_ARGUMENT, I(1));
    REFUSED(DOMAIN, CONFIGURE, W(0, 3, 0), C(), ERROR_INVALID_ARGUMENT, I(1));
    REFUSED(DOMAIN, CONFIGURE, W(0, 0, 0), C(), ERROR_INVALID_ARGUMENT, I(2));
    OK(DOMAIN, CONFIGURE, W(6, 3, 5), C());
    REFUSED(DOMAIN, START, W(8), C(), ERROR_RANGE, I(0, 7));
    REFUSED(DOMAIN, START, W(5), C(), ERROR_INVALID_ARGUMENT, I(0));
}

/* ---- effects ---- */

static void schedule_at_boot(void **unused)
{
    (void)unused;
    assert_int_equal(kernel->schedule[0].domain, 0);
    assert_true(kernel->schedule[0].duration == LONGEST);
    for (unsigned i = 1; i < kernel->schedule_count; i++)
        assert_true(kernel->schedule[i].domain == 0 && kernel->schedule[i].duration == 0);
    assert_int_equal(kernel->schedule_start, 0);
    assert_int_equal(kernel->schedule_index, 0);
}

static void one_domain_counts_no_time(void **unused)
{
    (void)unused;
    OK(DOMAIN, CONFIGURE, W(0, 0, 1), C());
    OK(DOMAIN, START, W(0), C());
    for (unsigned i = 0; i < 4; i++)
        tick();
    assert_ptr_equal(fx.cpu->current, fx.root);
    assert_int_equal(kernel->domain_time, 1);
}

static void moving_another_thread(void **unused)
{
    uint64_t a = fx_thread(255, true), b = fx_thread(255, true);
    (void)unused; /* queued at the head in its new domain; the caller goes on */
    OK(DOMAIN, SET, W(2), C(a));
    OK(DOMAIN, SET, W(2), C(b));
    assert_ptr_equal(kernel->ready[2].queue[255].head, fx_tcb(b));
    assert_ptr_equal(kernel->ready[2].queue[255].tail, fx_tcb(a));
    assert_null(kernel->ready[0].queue[255].head);
    uint64_t c = fx_thread(255, false); /* inactive: only stored */
    OK(DOMAIN, SET, W(3), C(c));
    assert_int_equal(fx_tcb(c)->domain, 3);
    assert_null(kernel->ready[3].queue[255].head);
}

static void moving_oneself(void **unused)
{
    uint64_t a = fx_thread(10, true);
    (void)unused; /* a choice at once: the thread of the current domain runs */
    fx_syscall(SYS_CALL, DOMAIN, SET, W(1), C(SLOT_INIT_TCB));
    assert_ptr_equal(fx.cpu->current, fx_tcb(a));
    assert_ptr_equal(kernel->ready[1].queue[255].head, fx.root);
    MESSAGE(fx.root, 0, ERROR_NONE, W());
}

static void woken_in_another_domain_is_only_queued(void **unused)
{
    uint64_t notification = fx_new(OBJECT_NOTIFICATION, 0);
    uint64_t a = fx_thread(255, true);
    (void)unused; /* abi/scheduling.md §3 */
    fx_switch(fx_tcb(a));
    fx_recv(notification);
    fx_switch(fx.root);
    OK(DOMAIN, SET, W(1), C(a));
    fx_signal(notification);
    assert_ptr_equal(fx.cpu->current, fx.root);
    assert_ptr_equal(kernel->ready[1].queue[255].head, fx_tcb(a));
}

static void new_threads_get_the_current_domain(void **unused)
{
    (void)unused;
    OK(DOMAIN, CONFIGURE, W(1, 1, 100), C());
    fx_syscall(SYS_CALL, DOMAIN, SET, W(1), C(SLOT_INIT_TCB));
    assert_null(fx.cpu->current); /* nobody is left in domain 0 */
    kernel->domain_time = 1;
    tick();
    assert_ptr_equal(fx.cpu->current, fx.root);
    assert_int_equal(fx_tcb(fx_new(OBJECT_TCB, 0))->domain, 1);
}

static void the_schedule_goes_round(void **unused)
{
    static const unsigned expected[] = {1, 1, 2, 0, 0, 0, 1, 1, 2, 0};
    struct tcb *threads[3] = {NULL, fx_tcb(fx_thread(9, true)), fx_tcb(fx_thread(9, true))};
    (void)unused; /* index + 1, or the start index when that is an end marker */
    threads[0] = fx.root;
    OK(DOMAIN, SET, W(1), C(fx.next_slot - 4));
    OK(DOMAIN, SET, W(2), C(fx.next_slot - 2));
    OK(DOMAIN, CONFIGURE, W(2, 1, 2), C());
    OK(DOMAIN, CONFIGURE, W(3, 2, 1), C());
    OK(DOMAIN, CONFIGURE, W(4, 0, 3), C());
    fx_syscall(SYS_CALL, DOMAIN, START, W(2), C());
    MESSAGE(fx.root, 0, ERROR_NONE, W()); /* descheduled, but answered */
    for (unsigned i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        assert_int_equal(kernel->current_domain, expected[i]);
        assert_ptr_equal(fx.cpu->current, threads[expected[i]]);
        tick();
    }
    assert_int_equal(kernel->schedule_start, 2);
}

static void a_running_entry_keeps_its_time(void **unused)
{
    (void)unused;
    OK(DOMAIN, CONFIGURE, W(0, 0, 10), C());
    assert_true(kernel->domain_time == LONGEST);
    OK(DOMAIN, START, W(0), C());
    assert_int_equal(kernel->domain_time, 10);
    tick();
    OK(DOMAIN, CONFIGURE, W(0, 0, 50), C());
    assert_int_equal(kernel->domain_time, 9);
}

static void an_idle_domain_idles(void **unused)
{
    (void)unused; /* abi/scheduling.md §1: only the current domain is served */
    OK(DOMAIN, CONFIGURE, W(1, 1, 2), C());
    fx_syscall(SYS_CALL, DOMAIN, START, W(1), C());
    assert_null(fx.cpu->current);
    tick();
    assert_null(fx.cpu->current);
    tick(); /* start index 1 again: entry 2 is an end marker */
    assert_null(fx.cpu->current);
    assert_int_equal(kernel->domain_time, 2);
}

#define ONE(f)  cmocka_unit_test_setup_teardown(f, setup_one, fx_teardown)
#define FOUR(f) cmocka_unit_test_setup_teardown(f, setup_four, fx_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ONE(checks_with_one_domain),
        FOUR(checks_with_four_domains),
        ONE(schedule_at_boot),
        ONE(one_domain_counts_no_time),
        FOUR(moving_another_thread),
        FOUR(moving_oneself),
        FOUR(woken_in_another_domain_is_only_queued),
        FOUR(new_threads_get_the_current_domain),
        FOUR(the_schedule_goes_round),
        FOUR(a_running_entry_keeps_its_time),
        FOUR(an_idle_domain_idles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
