/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * ASID pools and ASIDs: checks in their order, lost and reused ASIDs (abi/vspace.md §2,
 * abi/invocations.md §8, abi/vectors.md §11).
 */
#include "mapping_bed.h"

/* ---- ASIDs ---- */

static void assign_checks(void **unused)
{
    (void)unused;
    REFUSED(POOL, LABEL_ASID_POOL_ASSIGN, W(), C(), ERROR_TRUNCATED_MESSAGE, I());
    REFUSED(POOL, LABEL_ASID_POOL_ASSIGN, W(), C(tcb), ERROR_INVALID_CAPABILITY, I(1));
    REFUSED(POOL, LABEL_ASID_POOL_ASSIGN, W(), C(SPACE), ERROR_INVALID_CAPABILITY, I(1));
    OK(POOL, LABEL_ASID_POOL_ASSIGN, W(), C(empty_space));
    assert_int_equal(mapping_asid(fx_cap(empty_space)), 2); /* the lowest free one */
    REFUSED(POOL, LABEL_ASID_POOL_ASSIGN, W(), C(empty_space), ERROR_INVALID_CAPABILITY, I(1));
    uint64_t copy = fx_copy(empty_space, RIGHTS_ALL); /* copies share it */
    assert_int_equal(mapping_asid(fx_cap(copy)), 2);
    fx_delete(empty_space);
    assert_int_equal(asid_root(fx.cpu->kernel, 2).raw, cap_object(fx_cap(copy)));
    fx_delete(copy);
    assert_int_equal(asid_root(fx.cpu->kernel, 2).raw, 0);
}

static uint64_t make_pool(uint64_t *untyped)
{
    uint64_t pool = fx_slot();
    *untyped = fx_new(OBJECT_UNTYPED, 12);
    OK(SLOT_ASID_CONTROL, LABEL_ASID_CONTROL_MAKE_POOL, W(pool, D), C(*untyped, ROOT));
    return pool;
}

static void make_pool_checks(void **unused)
{
    uint64_t untyped = fx_new(OBJECT_UNTYPED, 12);
    uint64_t bigger = fx_new(OBJECT_UNTYPED, 13);
    uint64_t device = fx_new_from(fx_device(12), OBJECT_UNTYPED, 12);
    uint64_t pool = fx_slot();
    (void)unused;
    REFUSED(SLOT_ASID_CONTROL, LABEL_ASID_CONTROL_MAKE_POOL, W(tcb), C(tcb, tcb),
            ERROR_TRUNCATED_MESSAGE, I());
    REFUSED(SLOT_ASID_CONTROL, LABEL_ASID_CONTROL_MAKE_POOL, W(tcb, 0), C(tcb),
            ERROR_TRUNCATED_MESSAGE, I());
    uint64_t wrong[] = {tcb, bigger, device};
    for (unsigned i = 0; i < 3; i++)
        REFUSED(SLOT_ASID_CONTROL, LABEL_ASID_CONTROL_MAKE_POOL, W(tcb, 0), C(wrong[i], tcb),
                ERROR_INVALID_CAPABILITY, I(1));
    REFUSED(SLOT_ASID_CONTROL, LABEL_ASID_CONTROL_MAKE_POOL, W(tcb, 0), C(untyped, tcb),
            ERROR_FAILED_LOOKUP, I(0, LOOKUP_INVALID_ROOT));
    REFUSED(SLOT_ASID_CONTROL, LABEL_ASID_CONTROL_MAKE_POOL, W(tcb, 0), C(untyped, ROOT),
            ERROR_RANGE, I(1, 64));
    REFUSED(SLOT_ASID_CONTROL, LABEL_ASID_CONTROL_MAKE_POOL, W(tcb, D), C(untyped, ROOT),
            ERROR_DELETE_FIRST, I());
    OK(SLOT_ASID_CONTROL, LABEL_ASID_CONTROL_MAKE_POOL, W(pool, D), C(untyped, ROOT));
    assert_int_equal(asid_pool_index(fx_cap(pool)), 1);
    REFUSED(SLOT_ASID_CONTROL, LABEL_ASID_CONTROL_MAKE_POOL, W(tcb, 0), C(untyped, tcb),
            ERROR_REVOKE_FIRST, I());
    REFUSED(untyped, LABEL_UNTYPED_RETYPE, W(OBJECT_ENDPOINT, 0, 0, 0, fx_slot(), 1), C(ROOT),
            ERROR_NOT_ENOUGH_MEMORY, I(0));
}

static void last_pool_cap_deleted(void **unused)
{
    uint64_t untyped;
    uint64_t pool = make_pool(&untyped);
    uint64_t copy = fx_copy(pool, RIGHTS_ALL);
    uint64_t page = fx_new(OBJECT_SMALL_PAGE, 0);
    (void)unused; /* abi/vectors.md §11 */
    OK(pool, LABEL_ASID_POOL_ASSIGN, W(), C(empty_space));
    for (unsigned i = 0; i < 3; i++)
        OK(table[i], TABLE_MAP, W(V, 0), C(empty_space));
    OK(frame, MAP, W(V, RW, 3), C(empty_space));
    fx_delete(copy);
    OK(empty_space, LABEL_VSPACE_CLEAN_DATA, W(V, V + 1), C());
    fx_delete(pool);
    REFUSED(empty_space, LABEL_VSPACE_CLEAN_DATA, W(V, V + 1), C(), ERROR_FAILED_LOOKUP, LOST);
    REFUSED(frame, LABEL_PAGE_CLEAN_DATA, W(0, 1), C(), ERROR_FAILED_LOOKUP, LOST);
    REFUSED(frame, MAP, W(V, RW, 3), C(empty_space), ERROR_FAILED_LOOKUP, LOST);
    REFUSED(page, MAP, W(V, RW, 3), C(empty_space), ERROR_FAILED_LOOKUP, LOST);
    REFUSED(table[3], TABLE_MAP, W(V, 0), C(empty_space), ERROR_FAILED_LOOKUP, LOST);
    REFUSED(POOL, LABEL_ASID_POOL_ASSIGN, W(), C(empty_space), ERROR_INVALID_CAPABILITY, I(1));
    fx_copy(empty_space, RIGHTS_ALL);
    OK(fx_new(OBJECT_TCB, 0), LABEL_TCB_SET_SPACE, W(0, 0, 0), C(ROOT, empty_space));
    /* A new pool in the same place, another VSpace with the same ASID. */
    uint64_t second = make_pool(&untyped);
    uint64_t other = fx_new(OBJECT_VSPACE, 0);
    assert_int_equal(asid_pool_index(fx_cap(second)), 1);
    OK(second, LABEL_ASID_POOL_ASSIGN, W(), C(other));
    assert_int_equal(mapping_asid(fx_cap(other)), 512);
    assert_int_equal(mapping_asid(fx_cap(empty_space)), 512);
    REFUSED(empty_space, LABEL_VSPACE_CLEAN_DATA, W(V, V + 1), C(), ERROR_INVALID_CAPABILITY, I(0));
    REFUSED(page, MAP, W(V, RW, 3), C(empty_space), ERROR_INVALID_CAPABILITY, I(1));
    REFUSED(table[3], TABLE_MAP, W(V, 0), C(empty_space), ERROR_INVALID_CAPABILITY, I(1));
    OK(frame, LABEL_PAGE_UNMAP, W(), C());
    OK(table[2], LABEL_PAGE_TABLE_UNMAP, W(), C());
    /* The old VSpace goes: the other one keeps the ASID. */
    OK(ROOT, LABEL_CNODE_REVOKE, W(empty_space, D), C());
    fx_delete(empty_space);
    assert_int_equal(asid_root(fx.cpu->kernel, 512).raw, cap_object(fx_cap(other)));
}

static void a_pool_in_anothers_place(void **unused)
{
    uint64_t untyped, other;
    uint64_t pool = make_pool(&untyped);
    (void)unused; /* Assign: pool no longer registered; another one in its place */
    fx.cpu->kernel->asid_pools[1] = paddr(0);
    fx.unchecked = true;
    REFUSED(pool, LABEL_ASID_POOL_ASSIGN, W(), C(empty_space), ERROR_FAILED_LOOKUP, LOST);
    uint64_t second = make_pool(&other);
    REFUSED(pool, LABEL_ASID_POOL_ASSIGN, W(), C(empty_space), ERROR_INVALID_CAPABILITY, I(0));
    OK(second, LABEL_ASID_POOL_ASSIGN, W(), C(empty_space));
}

static void a_full_pool(void **unused)
{
    uint64_t untyped;
    uint64_t pool = make_pool(&untyped);
    struct asid_pool *entries = hal_window(paddr(cap_object(fx_cap(pool))));
    struct asid_pool *first = hal_window(paddr(cap_object(fx_cap(POOL))));
    (void)unused; /* 512 fit (pool 0: one less, ASID 0 is never used), then DeleteFirst */
    fx.unchecked = true;
    for (unsigned i = 0; i < ASIDS_PER_POOL; i++)
        entries->root[i] = 1;
    for (unsigned i = 2; i < ASIDS_PER_POOL; i++)
        first->root[i] = 1;
    REFUSED(pool, LABEL_ASID_POOL_ASSIGN, W(), C(empty_space), ERROR_DELETE_FIRST, I());
    REFUSED(POOL, LABEL_ASID_POOL_ASSIGN, W(), C(empty_space), ERROR_DELETE_FIRST, I());
    entries->root[511] = 0;
    OK(pool, LABEL_ASID_POOL_ASSIGN, W(), C(empty_space));
    assert_int_equal(mapping_asid(fx_cap(empty_space)), 1023);
    for (unsigned i = 1; i < ASID_POOL_COUNT; i++)
        fx.cpu->kernel->asid_pools[i] = paddr(4096);
    REFUSED(SLOT_ASID_CONTROL, LABEL_ASID_CONTROL_MAKE_POOL, W(0, 0), C(tcb, tcb),
            ERROR_DELETE_FIRST, I());
}

/* The translation checker of the hosted machine objects to an ASID that stands for another root
 * without having been invalidated. */
static void asids_are_used_again(void **unused)
{
    uint64_t thread = fx_thread(100, true);
    (void)unused; /* abi/objects.md §3.5, rows VSpace and ASID pool: TLB flushed */
    for (unsigned i = 0; i < 4; i++) {
        uint64_t untyped;
        uint64_t pool = i < 2 ? POOL : make_pool(&untyped);
        uint64_t vspace = fx_new(OBJECT_VSPACE, 0);
        OK(pool, LABEL_ASID_POOL_ASSIGN, W(), C(vspace));
        assert_int_equal(mapping_asid(fx_cap(vspace)), i < 2 ? 2 : 512);
        OK(thread, LABEL_TCB_SET_SPACE, W(0, 0, 0), C(ROOT, vspace));
        fx_switch(fx_tcb(thread));
        fx_syscall(SYS_NB_SEND, SLOT_NULL, 0, W(), C());
        assert_int_equal(machine_space_root(), cap_object(fx_cap(vspace)));
        fx_switch(fx.root);
        if (i >= 2)
            fx_delete(pool);
        OK(ROOT, LABEL_CNODE_REVOKE, W(vspace, D), C());
        fx_delete(vspace);
        OK(thread, LABEL_TCB_SET_SPACE, W(0, 0, 0), C(ROOT, SPACE));
    }
}

/* The record of a table outlives its VSpace; where the ASID stands for another one that has a table
 * of its own in that place, Unmap is without effect there (abi/vspace.md §3: stale records). */
static void record_of_a_table_of_another_life(void **unused)
{
    uint64_t second = fx_new(OBJECT_VSPACE, 0), other[3];
    (void)unused;
    OK(POOL, LABEL_ASID_POOL_ASSIGN, W(), C(empty_space));
    for (unsigned i = 0; i < 3; i++)
        OK(table[i], TABLE_MAP, W(V, 0), C(empty_space));
    uint16_t asid = mapping_asid(fx_cap(empty_space));
    fx_delete(empty_space);
    OK(POOL, LABEL_ASID_POOL_ASSIGN, W(), C(second));
    assert_int_equal(mapping_asid(fx_cap(second)), asid);
    for (unsigned i = 0; i < 3; i++) {
        other[i] = fx_new(OBJECT_PAGE_TABLE, 0);
        OK(other[i], TABLE_MAP, W(V, 0), C(second));
    }
    for (unsigned i = 0; i < 3; i++)
        OK(table[i], LABEL_PAGE_TABLE_UNMAP, W(), C());
    OK(frame, MAP, W(V, RW, ATTR_DEFAULT), C(second)); /* all three are there still */
}

/* A thread that takes its own address space away: no walk may cache entries of the old tables after
 * the invalidation, so the space is left before. */
static void deleted_while_running_in_it(void **unused)
{
    uint64_t thread = fx_thread(100, true);
    uint64_t roots[3] = {0};
    (void)unused;
    for (unsigned i = 0; i < 3; i++) {
        uint64_t untyped = fx_new(OBJECT_UNTYPED, 12);
        uint64_t vspace = fx_new_from(untyped, OBJECT_VSPACE, 0);
        roots[i] = cap_object(fx_cap(vspace));
        OK(POOL, LABEL_ASID_POOL_ASSIGN, W(), C(vspace));
        assert_int_equal(mapping_asid(fx_cap(vspace)), 2);
        OK(thread, LABEL_TCB_SET_SPACE, W(0, 0, 0), C(ROOT, vspace));
        fx_switch(fx_tcb(thread));
        fx_syscall(SYS_NB_SEND, SLOT_NULL, 0, W(), C());
        assert_int_equal(machine_space_root(), roots[i]);
        OK(ROOT, LABEL_CNODE_REVOKE, W(untyped, D), C()); /* its TCB's cap and the last one */
        assert_int_equal(machine_space_root(), 0);
        fx_switch(fx.root);
    }
    assert_true(roots[0] != roots[1] && roots[1] != roots[2]);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, mapping_setup, fx_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(assign_checks),
        CASE(make_pool_checks),
        CASE(last_pool_cap_deleted),
        CASE(a_pool_in_anothers_place),
        CASE(a_full_pool),
        CASE(asids_are_used_again),
        CASE(record_of_a_table_of_another_life),
        CASE(deleted_while_running_in_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
