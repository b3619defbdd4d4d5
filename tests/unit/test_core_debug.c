/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Debug and benchmark calls (abi/syscalls.md §8), and their being off.
 */
#include <stdio.h>

#include "core_fixture.h"
#include "diag.h"
#include "thread.h"

enum {
    ROOT = SLOT_INIT_CNODE
};

static char text[16384];

static uint64_t debug(int64_t number, uint64_t x0)
{
    fx_syscall(number, x0, 0, W(), C());
    return fx.root->context.reg[REG_X0];
}

static int setup(void **state)
{
    fx_setup(state);
    fx.cpu->kernel->benchmark_calls = true;
    memset(text, 0, sizeof text);
    machine_console_capture(text, sizeof text - 1);
    return 0;
}

static void put_char(void **unused)
{
    struct context before;
    (void)unused; /* nothing changes; CR before LF */
    debug(SYS_DEBUG_PUT_CHAR, 0x4100 + 'k');
    before = fx.root->context;
    debug(SYS_DEBUG_PUT_CHAR, '\n');
    assert_string_equal(text, "k\r\n");
    for (unsigned i = REG_X1; i < REG_COUNT; i++)
        assert_int_equal(fx.root->context.reg[i], before.reg[i]);
}

static void cap_identify(void **unused)
{
    uint64_t handler = fx_slot(), sgi = fx_slot();
    (void)unused; /* the numbers of abi/syscalls.md §8 */
    OK(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_GET, W(40, handler, FX_DEPTH), C(ROOT));
    OK(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_ISSUE_SGI_SIGNAL, W(3, 0, sgi, FX_DEPTH), C(ROOT));
    const struct {
        uint64_t slot, number;
    } rows[] = {{SLOT_NULL, 0},
                {SLOT_BOOTINFO_FRAME, 1},
                {fx.memory, 2},
                {fx_new(OBJECT_PAGE_TABLE, 0), 3},
                {fx_new(OBJECT_ENDPOINT, 0), 4},
                {fx_new(OBJECT_NOTIFICATION, 0), 6},
                {SLOT_INIT_VSPACE, 9},
                {ROOT, 10},
                {SLOT_ASID_CONTROL, 11},
                {SLOT_INIT_TCB, 12},
                {SLOT_INIT_ASID_POOL, 13},
                {SLOT_IRQ_CONTROL, 14},
                {handler, 16},
                {SLOT_DOMAIN, 20},
                {sgi, 27},
                {1ull << 63, 0}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(debug(SYS_DEBUG_CAP_IDENTIFY, rows[i].slot), rows[i].number);
}

static void halts(void *status)
{
    debug(SYS_DEBUG_HALT, *(uint64_t *)status);
}

static void halt(void **unused)
{
    uint64_t status = 0x1207;
    (void)unused; /* the low byte of x0 is the status of the run */
    assert_int_equal(machine_guard(halts, &status), 7);
}

static void names_a_thread(void *slot)
{
    debug(SYS_DEBUG_NAME_THREAD, *(uint64_t *)slot);
}

static void name_thread(void **unused)
{
    uint64_t tcb = fx_new(OBJECT_TCB, 0);
    uint64_t wrong = ROOT;
    char *name = (char *)thread_buffer(fx.root, true)->msg;
    (void)unused; /* at buffer offset 8; a name of 960 bytes halts, so does a wrong cap */
    strcpy(name, "walker");
    debug(SYS_DEBUG_NAME_THREAD, tcb);
    assert_string_equal(diag_thread_name(fx.cpu->diag, pa_of(fx_tcb(tcb))), "walker");
    memset(name, 'x', 959);
    name[959] = 0;
    debug(SYS_DEBUG_NAME_THREAD, tcb);
    assert_int_equal(strlen(diag_thread_name(fx.cpu->diag, pa_of(fx_tcb(tcb)))),
                     DIAG_NAME_BYTES - 1);
    uint64_t pa = pa_of(fx_tcb(tcb));
    fx_delete(tcb);
    assert_string_equal(diag_thread_name(fx.cpu->diag, pa), "");
    tcb = fx_new(OBJECT_TCB, 0);
    assert_in_range(machine_guard(names_a_thread, &wrong), 1, 255);
    memset(name, 'x', 960);
    assert_in_range(machine_guard(names_a_thread, &tcb), 1, 255);
    OK(SLOT_INIT_TCB, LABEL_TCB_SET_IPC_BUFFER, W(0), C(ROOT));
    assert_in_range(machine_guard(names_a_thread, &tcb), 1, 255);
}

static void dump_and_snapshot(void **unused)
{
    char line[80];
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    uint64_t thread = fx_thread(77, true);
    (void)unused;
    debug(SYS_DEBUG_DUMP_SCHEDULER, 0);
    assert_non_null(strstr(text, "rootserver"));
    assert_non_null(strstr(text, "priority 77"));
    debug(SYS_DEBUG_SNAPSHOT, 0);
    assert_non_null(strstr(text, "arch aarch64"));
    snprintf(line, sizeof line, "0x%llx: Endpoint_%llx", (unsigned long long)endpoint,
             (unsigned long long)cap_object(fx_cap(endpoint)));
    assert_non_null(strstr(text, line));
    snprintf(line, sizeof line, "0x%llx: TCB_%llx", (unsigned long long)thread,
             (unsigned long long)cap_object(fx_cap(thread)));
    assert_non_null(strstr(text, line));
}

static void benchmark_log(void **unused)
{
    uint64_t large = fx_new_from(fx_device(21), OBJECT_LARGE_PAGE, 0);
    (void)unused; /* 3 without a log buffer; a 2 MiB frame serves */
    assert_int_equal(debug(SYS_BENCHMARK_RESET_LOG, 9), 3);
    assert_int_equal(debug(SYS_BENCHMARK_SET_LOG_BUFFER, SLOT_BOOTINFO_FRAME), 3);
    assert_int_equal(debug(SYS_BENCHMARK_SET_LOG_BUFFER, 1ull << 63), 3);
    assert_int_equal(debug(SYS_BENCHMARK_SET_LOG_BUFFER, large), 0);
    assert_int_equal(debug(SYS_BENCHMARK_RESET_LOG, 9), 0);
    assert_int_equal(debug(SYS_BENCHMARK_SET_LOG_BUFFER, SLOT_BOOTINFO_FRAME), 3);
    assert_int_equal(debug(SYS_BENCHMARK_RESET_LOG, 9), 0); /* the one before stays */
    assert_int_equal(debug(SYS_BENCHMARK_FINALIZE_LOG, 9), 0);
    assert_int_equal(debug(SYS_BENCHMARK_NULL_SYSCALL, 9), 9);
    assert_int_equal(debug(SYS_BENCHMARK_FLUSH_CACHES, 0), 0);
}

static void no_scheduling_decision(void **unused)
{
    uint64_t other = fx_thread(255, true);
    (void)unused; /* "return straight to the caller" */
    debug(SYS_DEBUG_PUT_CHAR, 'x');
    debug(SYS_BENCHMARK_NULL_SYSCALL, 0);
    assert_ptr_equal(fx.cpu->current, fx.root);
    assert_int_equal(fx_tcb(other)->state, THREAD_RESTART);
}

static void off_means_unknown(void **unused)
{
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    uint64_t thread = fx_thread(255, true);
    (void)unused;
    fx_tcb(thread)->fault_handler = endpoint;
    fx.cpu->kernel->debug_calls = false;
    fx.cpu->kernel->benchmark_calls = false;
    for (int64_t number = -9; number >= -30; number--) {
        fx_switch(fx_tcb(thread));
        fx_syscall_once(number, 1, 0, W(), C());
        fx_switch(fx.root);
        fx_recv(endpoint);
        assert_int_equal(fx_answer(fx.root).label, FAULT_UNKNOWN_SYSCALL);
        assert_true(fx_answer(fx.root).mr[12] == (uint64_t)number);
        fx_syscall(SYS_REPLY, 0, 0, W(), C());
    }
    assert_int_equal(machine_console_used(), 0);
}

/* §8: of the benchmark calls, a release kernel has those without a trace of debugging only. */
static void benchmark_calls_of_a_release_kernel(void **unused)
{
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    uint64_t thread = fx_thread(255, true);
    (void)unused;
    fx_tcb(thread)->fault_handler = endpoint;
    fx.cpu->kernel->debug_flavour = false;
    assert_int_equal(debug(SYS_BENCHMARK_NULL_SYSCALL, 9), 9);
    assert_int_equal(debug(SYS_BENCHMARK_FLUSH_CACHES, 0), 0);
    fx_switch(fx_tcb(thread));
    fx_syscall_once(SYS_BENCHMARK_DUMP_ALL_UTILISATION, 1, 0, W(), C());
    fx_switch(fx.root);
    fx_recv(endpoint);
    assert_int_equal(fx_answer(fx.root).label, FAULT_UNKNOWN_SYSCALL);
}

static void refusals_in_words(void **unused)
{
    (void)unused; /* the ring, outside the hashed state */
    fx.cpu->diag->log = LOG_REFUSALS;
    fx_call(ROOT, LABEL_CNODE_COPY, W(SLOT_DOMAIN, 64, 0, 0, 15), C(ROOT));
    assert_non_null(strstr(text, "\"rootserver\": CNode_Copy: the destination slot is occupied "
                                 "(DeleteFirst)"));
    fx_call(ROOT, 4000, W(), C());
    assert_non_null(strstr(text, "IllegalOperation"));
    fx_trap(TRAP_DATA_ABORT, 0x92000005, 0x1234);
    assert_non_null(strstr(text, "double fault"));
    assert_non_null(strstr(text, "VMFault"));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, fx_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(put_char),
        CASE(cap_identify),
        CASE(halt),
        CASE(name_thread),
        CASE(dump_and_snapshot),
        CASE(benchmark_log),
        CASE(no_scheduling_decision),
        CASE(off_means_unknown),
        CASE(benchmark_calls_of_a_release_kernel),
        CASE(refusals_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
