/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Utilisation calls (abi/syscalls.md §8: BenchmarkGetThreadUtilisation and its words).
 */
#include "core_fixture.h"
#include "thread.h"

enum {
    NS_PER_COUNT = 16 /* 62.5 MHz */
};

/* Words of the answer, in the order of abi/syscalls.md §8. */
enum {
    TCB_TIME,
    TCB_SCHEDULES,
    TCB_KERNEL,
    TCB_ENTRIES,
    IDLE_LOCAL,
    IDLE_OF_CPU,
    IDLE_SCHEDULES,
    IDLE_KERNEL,
    IDLE_ENTRIES,
    TOTAL_TIME,
    TOTAL_SCHEDULES,
    TOTAL_KERNEL,
    TOTAL_ENTRIES
};

static int setup(void **unused)
{
    struct platform platform;
    (void)unused;
    machine_small_platform(&platform, FX_RAM);
    platform.options.benchmark_calls = true;
    fx_boot(&platform);
    fx.unrepeated = true; /* entries are counted */
    return 0;
}

static const uint64_t *utilisation(uint64_t tcb)
{
    fx_syscall(SYS_BENCHMARK_GET_THREAD_UTILISATION, tcb, 0, W(), C());
    return thread_buffer(fx.root, true)->msg;
}

static void time_of_the_running_thread(void **unused)
{
    (void)unused;
    fx_syscall(SYS_BENCHMARK_RESET_ALL_UTILISATION, 0, 0, W(), C());
    const uint64_t *words = utilisation(SLOT_INIT_TCB);
    assert_int_equal(words[TCB_TIME], 0);
    assert_int_equal(words[TCB_ENTRIES], 1); /* the one that asks */
    machine_advance(1000 * NS_PER_COUNT);
    words = utilisation(SLOT_INIT_TCB);
    assert_int_equal(words[TCB_TIME], 1000);
    assert_int_equal(words[TOTAL_TIME], 1000);
    assert_int_equal(words[TCB_ENTRIES], 2);
    assert_int_equal(words[TOTAL_ENTRIES], 2);
    assert_int_equal(words[IDLE_LOCAL], 0);
    fx_syscall(SYS_BENCHMARK_RESET_THREAD_UTILISATION, SLOT_INIT_TCB, 0, W(), C());
    words = utilisation(SLOT_INIT_TCB);
    assert_int_equal(words[TCB_TIME], 0);
    assert_int_equal(words[TOTAL_TIME], 1000);
}

static void another_thread_and_idle(void **unused)
{
    uint64_t notification = fx_new(OBJECT_NOTIFICATION, 0);
    uint64_t thread = fx_thread(255, true);
    uint64_t handler = fx_slot();
    (void)unused;
    OK(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_GET, W(40, handler, FX_DEPTH), C(SLOT_INIT_CNODE));
    OK(handler, LABEL_IRQ_HANDLER_SET_NOTIFICATION, W(), C(notification));
    fx_syscall(SYS_BENCHMARK_RESET_ALL_UTILISATION, 0, 0, W(), C());
    fx_yield();
    assert_ptr_equal(fx.cpu->current, fx_tcb(thread));
    machine_advance(500 * NS_PER_COUNT);
    fx_syscall_once(SYS_CALL, thread, LABEL_TCB_SUSPEND, W(), C());
    fx_recv(notification);
    assert_null(fx.cpu->current);
    machine_advance(70 * NS_PER_COUNT);
    machine_irq_line(40, true);
    fx_trap(TRAP_INTERRUPT, 0, 0);
    const uint64_t *words = utilisation(thread);
    assert_int_equal(words[TCB_TIME], 500);
    assert_int_equal(words[TCB_SCHEDULES], 1);
    assert_int_equal(words[TCB_ENTRIES], 1);
    assert_int_equal(words[IDLE_LOCAL], 70);
    assert_int_equal(words[IDLE_OF_CPU], 70);
    assert_int_equal(words[IDLE_SCHEDULES], 1);
    assert_int_equal(words[TOTAL_TIME], 570);
    assert_int_equal(words[TOTAL_SCHEDULES], 4); /* thread, root, idle, root */
}

static void gets(void *slot)
{
    fx_syscall(SYS_BENCHMARK_GET_THREAD_UTILISATION, *(uint64_t *)slot, 0, W(), C());
}

static void bad_caps_and_the_dump(void **unused)
{
    char text[2000] = {0};
    uint64_t slot = SLOT_DOMAIN;
    (void)unused;
    machine_console_capture(text, sizeof text - 1);
    assert_in_range(machine_guard(gets, &slot), 1, 255);
    slot = 1ull << 63;
    assert_in_range(machine_guard(gets, &slot), 1, 255);
    fx_thread(20, true);
    fx_syscall(SYS_BENCHMARK_DUMP_ALL_UTILISATION, 0, 0, W(), C());
    assert_non_null(strstr(text, "rootserver"));
    OK(SLOT_INIT_TCB, LABEL_TCB_SET_IPC_BUFFER, W(0), C(SLOT_DOMAIN));
    fx_syscall(SYS_BENCHMARK_GET_THREAD_UTILISATION, SLOT_INIT_TCB, 0, W(), C()); /* no place */
}

static void a_thread_that_deletes_itself(void **unused)
{
    uint64_t thread = fx_thread(255, true);
    (void)unused; /* nothing is charged to what is gone */
    fx_switch(fx_tcb(thread));
    fx_syscall_once(SYS_CALL, SLOT_INIT_CNODE, LABEL_CNODE_DELETE, W(thread, FX_DEPTH), C());
    assert_ptr_equal(fx.cpu->current, fx.root);
    assert_true(cap_is_null(fx_cap(thread)));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, fx_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(time_of_the_running_thread),
        CASE(another_thread_and_idle),
        CASE(bad_caps_and_the_dump),
        CASE(a_thread_that_deletes_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
