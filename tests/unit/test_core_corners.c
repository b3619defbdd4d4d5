/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Ways through the core that are rarely taken: names of nothing, tables that overflow, the last
 * words of a run.
 */
#include <stdio.h>

#include "asid.h"
#include "console.h"
#include "diag.h"
#include "explain.h"

enum {
    ROOT = SLOT_INIT_CNODE,
    FAN = RETYPE_FAN_OUT_LIMIT,
    RAM = 4 << 20,
    CONTAINERS = 1024, /* what invariants.h promises to hold */
    OBJECTS = 8192,
    SNAPSHOT = 128 /* CNodes and threads that a snapshot shows */
};

static int setup_large(void **unused)
{
    struct platform platform;
    (void)unused;
    machine_small_platform(&platform, RAM);
    fx_boot(&platform);
    fx.unchecked = true;
    return 0;
}

/* `count` objects into the slots from `first` on of the CNode in root slot `cnode`. */
static void fill(uint64_t cnode, uint64_t first, uint64_t count, enum object_type type,
                 uint64_t bits)
{
    for (uint64_t done = 0; done < count; done += FAN) {
        uint64_t n = count - done < FAN ? count - done : FAN;
        OK(fx.memory, LABEL_UNTYPED_RETYPE,
           W(type, bits, cnode, cnode == ROOT ? 0 : FX_DEPTH, first + done, n), C(ROOT));
    }
}

static void numbers_without_a_name(void **unused)
{
    (void)unused;
    assert_string_equal(error_name(ERROR_NOT_ENOUGH_MEMORY), "NotEnoughMemory");
    assert_string_equal(error_name(ERROR_COUNT), "?");
    assert_string_equal(fault_name(FAULT_VM), "VMFault");
    assert_string_equal(fault_name(FAULT_VM + 1), "?");
    assert_string_equal(cap_type_name(CAP_TCB), "TCB");
    assert_string_equal(cap_type_name((enum cap_type_number)5), "?");
    assert_string_equal(cap_type_name((enum cap_type_number)31), "?");
}

static void the_walk_says_when_it_cannot_hold_all(void **unused)
{
    uint64_t wide = fx_new(OBJECT_CNODE, 10);
    (void)unused;
    fill(wide, 0, CONTAINERS - 8, OBJECT_CNODE, 1);
    assert_null(fx_broken());
    fill(wide, CONTAINERS - 8, 8, OBJECT_CNODE, 1);
    assert_string_equal(fx_broken(), "walk: too many containers");
}

static void the_walk_holds_as_many_objects_as_it_says(void **unused)
{
    uint64_t wide = fx_new(OBJECT_CNODE, 14);
    (void)unused;
    fill(wide, 0, OBJECTS / 2, OBJECT_ENDPOINT, 0);
    assert_null(fx_broken());
    fill(wide, OBJECTS / 2, OBJECTS / 2, OBJECT_ENDPOINT, 0);
    assert_string_equal(fx_broken(), "walk: too many objects");
}

static void a_snapshot_says_what_it_leaves_out(void **unused)
{
    const char *text;
    (void)unused;
    fill(ROOT, fx_slots(SNAPSHOT), SNAPSHOT - 2, OBJECT_CNODE, 1); /* two: thread, root CNode */
    console_begin();
    fx_syscall(SYS_DEBUG_SNAPSHOT, 0, 0, W(), C());
    text = console_end();
    assert_null(strstr(text, "left out"));
    fx_new(OBJECT_CNODE, 1);
    console_begin();
    fx_syscall(SYS_DEBUG_SNAPSHOT, 0, 0, W(), C());
    text = console_end();
    CONTAINS(text, "-- more than 128 CNodes and threads: the rest is left out\n");
}

static void the_ring_keeps_the_last_ones(void **unused)
{
    const char *text;
    char line[80];
    (void)unused;
    for (unsigned i = 0; i < 3; i++)
        fx_call(ROOT, 4000 + i, W(), C());
    console_begin();
    core_explain(fx.cpu);
    text = console_end();
    assert_null(strstr(text, "earlier refusals"));
    CONTAINS(text, "the cap has no method with label 4000");
    CONTAINS(text, "the cap has no method with label 4002");
    for (unsigned i = 0; i < DIAG_RING; i++)
        fx_call(ROOT, 5000 + i, W(), C());
    console_begin();
    core_explain(fx.cpu);
    text = console_end();
    CONTAINS(text, "(3 earlier refusals are not kept)\n");
    assert_null(strstr(text, "with label 4002"));
    snprintf(line, sizeof line, "with label %u ", 5000 + DIAG_RING - 1);
    CONTAINS(text, line);
    CONTAINS(text, "with label 5000 ");
}

/* A release kernel prints no refusal, and keeps it all the same. */
static void the_ring_is_in_every_flavour(void **unused)
{
    struct platform platform;
    const char *text;
    (void)unused;
    machine_small_platform(&platform, FX_RAM);
    platform.flavour = "release";
    fx_boot(&platform);
    fx.cpu->diag->log = LOG_NORMAL;
    console_begin();
    fx_call(ROOT, LABEL_CNODE_COPY, W(SLOT_DOMAIN, FX_DEPTH, 0, 0, 15), C(ROOT));
    assert_string_equal(console_end(), "");
    console_begin();
    core_explain(fx.cpu);
    text = console_end();
    assert_string_equal(text, "\"rootserver\": CNode_Copy: destination slot 11 is occupied "
                              "(DeleteFirst)\n");
}

/* What a double fault says of the place: a thread without handler, here at `far`. */
static const char *last_words(uint64_t thread, uint64_t far)
{
    fx.cpu->diag->log = LOG_REFUSALS;
    if (fx.cpu->current != fx_tcb(thread))
        fx_switch(fx_tcb(thread));
    console_begin();
    fx_trap(TRAP_DATA_ABORT, 0x92000044, far);
    return console_end();
}

static void a_double_fault_shows_the_mapping(void **unused)
{
    uint64_t thread = fx_thread(200, true);
    char line[80];
    (void)unused;
    snprintf(line, sizeof line, "at level 3 of VSpace 0x%llx\n",
             (unsigned long long)cap_object(fx_cap(SLOT_INIT_VSPACE)));
    CONTAINS(last_words(thread, fx.info->ipc_buffer), line);
}

static void a_double_fault_above_the_user_range(void **unused)
{
    uint64_t thread = fx_thread(200, true);
    (void)unused;
    CONTAINS(last_words(thread, USER_TOP + 1), "the address is above the user range");
}

static void a_double_fault_without_an_address_space(void **unused)
{
    uint64_t bare = fx_new(OBJECT_TCB, 0), thread = fx_thread(200, true);
    uint64_t untyped = fx_new(OBJECT_UNTYPED, 12), pool = fx_slot();
    uint64_t vspace = fx_new(OBJECT_VSPACE, 0);
    (void)unused;
    OK(bare, LABEL_TCB_RESUME, W(), C());
    CONTAINS(last_words(bare, 0x1000), "the thread has no address space");
    fx_switch(fx.root); /* another loses the ASID of its own with the pool (abi/vspace.md §2) */
    OK(SLOT_ASID_CONTROL, LABEL_ASID_CONTROL_MAKE_POOL, W(pool, FX_DEPTH), C(untyped, ROOT));
    OK(pool, LABEL_ASID_POOL_ASSIGN, W(), C(vspace));
    OK(thread, LABEL_TCB_SET_SPACE, W(0, 0, 0), C(ROOT, vspace));
    fx_delete(pool);
    CONTAINS(last_words(thread, 0x1000), "the thread has no address space");
}

static void quiet_means_quiet(void **unused)
{
    uint64_t thread = fx_thread(200, true);
    (void)unused;
    fx.cpu->diag->log = LOG_QUIET;
    fx_switch(fx_tcb(thread));
    console_begin();
    fx_trap(TRAP_DATA_ABORT, 0x92000044, 0x1000);
    assert_string_equal(console_end(), "");
}

/* The owner of the FP registers goes; nobody's state is saved into what was its memory, and the
 * next thread to use FP starts with zeroes (abi/scheduling.md §7). */
static void the_owner_of_the_fp_registers_is_deleted(void **unused)
{
    enum {
        ESR_FP = 0x1fe00000
    };
    uint64_t thread = fx_thread(200, true);
    struct fp_state seen, mine = {.fpcr = 1 << 22, .v = {7, 8}}, none = {0};
    (void)unused;
    fx_switch(fx_tcb(thread));
    fx_trap(TRAP_USER_EXCEPTION, ESR_FP, 0);
    hal_fpu_load(&mine);
    fx_switch(fx.root);
    fx_yield();
    fx_delete(thread);
    struct machine_hash before = machine_hash();
    fx_trap(TRAP_USER_EXCEPTION, ESR_FP, 0);
    hal_fpu_save(&seen);
    assert_memory_equal(&seen, &none, sizeof seen);
    struct machine_hash after = machine_hash();
    assert_memory_not_equal(&before, &after, sizeof before); /* the owner is noted, no more */
    assert_ptr_equal(fx.cpu->fp_owner, fx.root);
}

#define LARGE_CASE(f) cmocka_unit_test_setup_teardown(f, setup_large, fx_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FX_CASE(numbers_without_a_name),
        LARGE_CASE(the_walk_says_when_it_cannot_hold_all),
        LARGE_CASE(the_walk_holds_as_many_objects_as_it_says),
        LARGE_CASE(a_snapshot_says_what_it_leaves_out),
        FX_CASE(the_ring_keeps_the_last_ones),
        cmocka_unit_test_teardown(the_ring_is_in_every_flavour, fx_teardown),
        FX_CASE(a_double_fault_shows_the_mapping),
        FX_CASE(a_double_fault_above_the_user_range),
        FX_CASE(a_double_fault_without_an_address_space),
        FX_CASE(quiet_means_quiet),
        FX_CASE(the_owner_of_the_fp_registers_is_deleted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
