/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Debug and benchmark calls (abi/syscalls.md §8), and their being off.
 */
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>

#include "console.h"
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
    snprintf(line, sizeof line, "0x%llx: ep_%llx (WRGP, badge: 0)", (unsigned long long)endpoint,
             (unsigned long long)cap_object(fx_cap(endpoint)));
    assert_non_null(strstr(text, line));
    snprintf(line, sizeof line, "0x%llx: tcb_%llx\r\n", (unsigned long long)thread,
             (unsigned long long)cap_object(fx_cap(thread)));
    assert_non_null(strstr(text, line));
}

/* capDL language specification, revision 1.0, "Syntax": a line each of the sections that the
 * snapshot uses. The first group is an object or a cap to one. */
#define NAME    "[a-z][a-z0-9_]*"
#define NUMBER  "(0x[0-9a-f]+|[0-9]+)"
#define COMMENT "( ?-- .*)?"
static const char object_line[] =
    "^(" NAME ") = (ep|notification|tcb|pt|pd|asid_pool|irq|cnode \\(" NUMBER
    " bits\\)|ut \\(" NUMBER " bits, paddr: " NUMBER "\\)|frame \\(" NUMBER "[kM], paddr: " NUMBER
    "\\))$";
static const char cap_line[] =
    "^" NUMBER ": (" NAME ")( \\(((([RWGPX]+, )?badge: " NUMBER ")|(guard: " NUMBER
    ", guard_size: " NUMBER ")|reply|master_reply|([RWX]+, )?asid: \\(" NUMBER ", " NUMBER
    "\\))\\))?" COMMENT "$";

static bool is_line(const char *pattern, const char *line, unsigned group, char *word)
{
    regmatch_t match[3];
    regex_t regex;
    assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED), 0);
    bool is = regexec(&regex, line, 3, match, 0) == 0;
    regfree(&regex);
    if (is)
        snprintf(word, 40, "%.*s", (int)(match[group].rm_eo - match[group].rm_so),
                 line + match[group].rm_so);
    return is;
}

/* The name of a cap is that of a declared object, or of one that needs no declaration. */
static void expect_declared(const char *objects, const char *word)
{
    char declaration[60];
    snprintf(declaration, sizeof declaration, "\n%s = ", word);
    if (!strstr(objects, declaration) && strcmp(word, "irq_control") != 0 &&
        strcmp(word, "asid_control") != 0 && strcmp(word, "domain") != 0)
        fail_msg("%s is no declared object", word);
}

static void a_snapshot_is_capdl(void **unused)
{
    static char seen[sizeof text];
    char word[40], *objects = seen, *caps, *line, *rest;
    unsigned lines[2] = {0}, comments = 0;
    uint64_t slot[] = {fx_slot(), fx_slot(), fx_slot(), fx_slot(), fx_new(OBJECT_CNODE, 3)};
    (void)unused; /* one of each cap, a zombie among them */
    OK(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_GET, W(40, slot[0], FX_DEPTH), C(ROOT));
    OK(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_GET, W(41, slot[1], FX_DEPTH), C(ROOT));
    OK(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_ISSUE_SGI_SIGNAL, W(3, 0, slot[2], FX_DEPTH), C(ROOT));
    (void)fx_copy(slot[0], RIGHTS_ALL);
    (void)fx_copy(fx_new(OBJECT_ENDPOINT, 0), 0);
    (void)fx_new_from(fx_device(21), OBJECT_LARGE_PAGE, 0);
    fx_at(slot[3])->cap = cap_reply(pa_of(fx.root), false, true);
    fx_at(slot[4])->cap = cap_zombie(cap_object(fx_cap(slot[4])), 3, false, 1);
    fx.unchecked = true; /* neither came about by calls */
    debug(SYS_DEBUG_SNAPSHOT, 0);
    for (char *from = text, *to = seen; *from; from++)
        if (*from != '\r')
            *to++ = *from;
    assert_memory_equal(seen, "arch aarch64\n\nobjects {\n", 24);
    caps = strstr(seen, "\n}\n\ncaps {\n");
    assert_non_null(caps);
    caps[1] = 0;
    objects = strdup(seen);
    for (line = strtok_r(seen + 24, "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest), lines[0]++)
        if (!is_line(object_line, line, 1, word))
            fail_msg("no object of capDL: %s", line);
    for (line = strtok_r(caps + 11, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        if (strncmp(line, "-- ", 3) == 0)
            comments++;
        else if (is_line(cap_line, line, 2, word))
            expect_declared(objects, word), lines[1]++;
        else if (is_line("^(" NAME ") \\{$", line, 1, word))
            expect_declared(objects, word);
        else
            assert_string_equal(line, "}");
    }
    assert_true(lines[0] > 20 && lines[1] > lines[0]);
    CONTAINS(objects, " = frame (2M, paddr: 0x");
    CONTAINS(objects, "\nirq_40 = irq\nirq_41 = irq\n"); /* each once */
    assert_int_equal(comments, 2);                       /* the SGI cap and the zombie */
    free(objects);
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
    assert_non_null(strstr(text, "\"rootserver\": CNode_Copy: destination slot 11 is occupied "
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
        CASE(a_snapshot_is_capdl),
        CASE(benchmark_log),
        CASE(no_scheduling_decision),
        CASE(off_means_unknown),
        CASE(benchmark_calls_of_a_release_kernel),
        CASE(refusals_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
