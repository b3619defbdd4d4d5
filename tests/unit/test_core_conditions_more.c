/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Single conditions of decisions of several that no other test shows to matter (make mcdc), of
 * scheduling and mappings: threads that ended or lost their VSpace, records that fit in all but
 * one thing.
 */
#include "cdt.h"
#include "core_fixture.h"
#include "pte.h"
#include "vspace.h"

enum {
    ROOT = SLOT_INIT_CNODE,
    D = FX_DEPTH,
    PRIORITY = 50
};

/* ---- scheduling ---- */

static int setup_two_domains(void **unused)
{
    struct platform platform;
    (void)unused;
    machine_small_platform(&platform, FX_RAM);
    platform.options.domains = 2;
    fx_boot(&platform);
    return 0;
}

static void ready_in_another_domain(void **unused)
{
    struct tcb *tcb = fx_tcb(fx_thread(PRIORITY, true));
    (void)unused;
    tcb->domain = 1; /* behind its queue's back */
    fx_reports("a thread is in the wrong ready queue");
}

/* A thread that deletes itself and then is interrupted by a tick in the middle of the call: the
 * tick is nobody's, the thread never comes back (abi/scheduling.md §4, abi/objects.md §3.5). */
static void tick_after_the_caller_ended(void **unused)
{
    uint64_t untyped = fx_new(OBJECT_UNTYPED, 14);
    uint64_t thread = fx_new_from(untyped, OBJECT_TCB, 0);
    struct tcb *tcb = fx_tcb(thread);
    uint64_t at;
    (void)unused;
    (void)fx_new_from(untyped, OBJECT_ENDPOINT, 0);
    OK(thread, LABEL_TCB_SET_SPACE, W(0, 0, 0), C(ROOT, SLOT_INIT_VSPACE));
    OK(thread, LABEL_TCB_RESUME, W(), C());
    fx.cpu->kernel->work_limit = 1;
    while (tcb->state != THREAD_INACTIVE) {
        fx_switch(tcb);
        tcb->slice = 1; /* a tick of its own puts it behind the others */
        assert_true(machine_next_event(&at));
        machine_advance(at - machine_now());
        fx_syscall_once(SYS_CALL, ROOT, LABEL_CNODE_REVOKE, W(untyped, D), C());
        assert_ptr_equal(fx.cpu->current, fx.root);
    }
    assert_false(tcb->queued);
}

/* By the fast path a yield never leads to a thread without a VSpace. */
static void yield_to_a_thread_that_lost_its_vspace(void **unused)
{
    uint64_t space = fx_new(OBJECT_VSPACE, 0), heir = fx_thread(PRIORITY, true);
    struct tcb *from = fx_tcb(fx_thread(PRIORITY, true)), *to = fx_tcb(heir);
    (void)unused;
    OK(SLOT_INIT_ASID_POOL, LABEL_ASID_POOL_ASSIGN, W(), C(space));
    OK(heir, LABEL_TCB_SET_SPACE, W(0, 0, 0), C(ROOT, space));
    fx_switch(to);
    fx_switch(fx.root);
    OK(ROOT, LABEL_CNODE_REVOKE, W(space, D), C());
    assert_true(cap_is_null(to->slots[TCB_VSPACE].cap));
    fx.cpu->fast = true;
    fx_switch(from);
    OK(SLOT_INIT_TCB, LABEL_TCB_SUSPEND, W(), C());
    assert_int_equal(to->state, THREAD_RUNNING);
    fx_yield();
    assert_ptr_equal(fx.cpu->current, to);
    assert_true(from->queued);
}

/* ---- mappings ---- */

static const char unrecorded[] = "what a page shows is in no cap's record";

static struct walk place_of(uint64_t va)
{
    return vspace_walk(paddr(fx_cap(SLOT_INIT_VSPACE).w[1]), va);
}

/* The record has address and memory, and is a page table's. */
static void page_recorded_as_a_table(void **unused)
{
    struct cap table = fx_cap(fx.info->user_image_paging.end - 1);
    uint64_t *entry = hal_window(paddr(fx_cap(SLOT_INIT_VSPACE).w[1]));
    (void)unused;
    for (unsigned level = 0; level < 2; level++)
        entry = hal_window(paddr(pte_address(entry[pte_index(mapping_vaddr(table), level)])));
    entry += pte_index(mapping_vaddr(table), 2);
    assert_int_equal(pte_address(*entry), cap_object(table));
    *entry = pte_user_leaf(cap_object(table), 2, PTE_USER_RW, true, true);
    fx_reports(unrecorded);
}

/* The record has address and memory, and is a larger page's. */
static void page_recorded_as_a_larger_one(void **unused)
{
    enum {
        VA = 0x800000
    };
    uint64_t large = fx_new_from(fx_device(21), OBJECT_LARGE_PAGE, 0);
    uint64_t table = fx_new(OBJECT_PAGE_TABLE, 0);
    (void)unused;
    OK(table, LABEL_PAGE_TABLE_MAP, W(VA, 0), C(SLOT_INIT_VSPACE));
    struct walk walk = place_of(VA);
    assert_int_equal(walk.level, PTE_LEVELS - 1);
    fx_at(large)->cap = with_mapping(fx_cap(large), mapping_asid(fx_cap(SLOT_INIT_VSPACE)), VA);
    assert_null(fx_broken());
    *walk.entry = pte_user_leaf(cap_object(fx_cap(large)), walk.level, PTE_USER_RW, false, true);
    fx_reports(unrecorded);
}

/* A page that user level may read, by a cap without any right. */
static void page_for_reading_without_a_right(void **unused)
{
    struct slot *slot = fx_at(fx.info->user_image_frames.start);
    struct walk walk = vspace_find_frame(fx.cpu->kernel, slot->cap);
    (void)unused;
    *walk.entry = pte_user_leaf(cap_object(slot->cap), walk.level, PTE_USER_RO, true, false);
    assert_null(fx_broken());
    slot->cap = frame_with_rights(slot->cap, 0);
    fx_reports(unrecorded);
}

/* An ASID pool has 512 entries (abi/vspace.md §3); what lies behind it is none. */
static void memory_behind_an_asid_pool(void **unused)
{
    uint64_t untyped = fx_new(OBJECT_UNTYPED, 13), pool = fx_slot();
    uint64_t first = fx_new_from(untyped, OBJECT_UNTYPED, 12);
    uint64_t page = fx_new_from(untyped, OBJECT_SMALL_PAGE, 0);
    (void)unused;
    OK(SLOT_ASID_CONTROL, LABEL_ASID_CONTROL_MAKE_POOL, W(pool, D), C(first, ROOT));
    assert_int_equal(cap_object(fx_cap(page)), cap_object(fx_cap(pool)) + 4096);
    *(uint64_t *)hal_window(paddr(cap_object(fx_cap(page)))) = fx_cap(SLOT_INIT_VSPACE).w[1];
    assert_null(fx_broken());
}

/* ---- the derivation list ---- */

/* Caps to one endpoint on both sides of another endpoint's. */
static void caps_apart_among_their_like(void **unused)
{
    uint64_t first = fx_new(OBJECT_ENDPOINT, 0);
    (void)unused;
    (void)fx_new(OBJECT_ENDPOINT, 0);
    cdt_insert_copy(fx_at(fx.memory), fx_at(fx_slot()), fx_cap(first));
    fx_reports("caps to one object are apart in the derivation list");
}

/* Page_Map by the fast path with a VSpace cap that is not there is the fault that the ordinary way
 * makes of it (abi/syscalls.md §3.1). */
static void page_map_without_a_vspace_cap(void **unused)
{
    const uint64_t missing = 1ull << 63;
    uint64_t frame = fx_new(OBJECT_SMALL_PAGE, 0), faults = fx_new(OBJECT_ENDPOINT, 0);
    struct tcb *tcb = fx_tcb(fx_thread(PRIORITY, true));
    (void)unused;
    fx.cpu->fast = true;
    tcb->fault_handler = faults;
    fx_switch(tcb);
    fx_syscall_once(SYS_CALL, frame, LABEL_PAGE_MAP, W(0x800000, 3, 0), C(missing));
    fx_switch(fx.root);
    fx_recv(faults);
    struct answer a = fx_answer(fx.root);
    assert_int_equal(a.label, FAULT_CAP);
    assert_true(a.mr[1] == missing && a.mr[2] == 0);
    assert_int_equal(mapping_asid(fx_cap(frame)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ready_in_another_domain, setup_two_domains, fx_teardown),
        FX_CASE(tick_after_the_caller_ended),
        FX_CASE(yield_to_a_thread_that_lost_its_vspace),
        FX_CASE(page_recorded_as_a_table),
        FX_CASE(page_recorded_as_a_larger_one),
        FX_CASE(page_for_reading_without_a_right),
        FX_CASE(memory_behind_an_asid_pool),
        FX_CASE(caps_apart_among_their_like),
        FX_CASE(page_map_without_a_vspace_cap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
