/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Delete and Revoke: what the last cap's deletion does to each object, what a revocation takes
 * (abi/objects.md §3.3 to §3.5).
 */
#include "cdt.h"
#include "deletion_bed.h"

/* ---- what the last cap's deletion does, abi/objects.md §3.5 row by row ---- */

static void not_the_last_cap_only_empties_the_slot(void **unused)
{
    uint64_t cnode = fx_new(OBJECT_CNODE, 4);
    uint64_t copy = fx_copy(cnode, ALL);
    (void)unused;
    move_into(cnode, 3, fx_new(OBJECT_ENDPOINT, 0));
    fx_delete(copy);
    assert_int_equal(cap_type(cnode_of(fx_cap(cnode))[3].cap), CAP_ENDPOINT);
}

static void endpoint_wakes_all_who_wait(void **unused)
{
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    uint64_t a = fx_thread(255, true);
    uint64_t b = fx_thread(255, true);
    (void)unused;
    fx_switch(fx_tcb(a));
    fx_recv(endpoint);
    fx_switch(fx_tcb(b));
    fx_recv(endpoint);
    fx_switch(fx.root);
    fx_delete(endpoint);
    assert_int_equal(fx_tcb(a)->state, THREAD_RESTART);
    assert_int_equal(fx_tcb(b)->state, THREAD_RESTART);
    /* abi/scheduling.md §3: each at the head of its queue, so the later one is first. */
    const struct ready_queue *queue = &fx.cpu->kernel->ready[0].queue[255];
    assert_ptr_equal(queue->head, fx_tcb(b));
    assert_ptr_equal(queue->tail, fx_tcb(a));
}

static void notification_is_unbound_and_wakes(void **unused)
{
    uint64_t notification = fx_new(OBJECT_NOTIFICATION, 0);
    uint64_t a = fx_thread(100, true);
    (void)unused;
    fx_switch(fx_tcb(a));
    fx_recv(notification);
    fx_switch(fx.root);
    fx_delete(notification);
    assert_int_equal(fx_tcb(a)->state, THREAD_RESTART);
    uint64_t other = fx_new(OBJECT_NOTIFICATION, 0);
    OK(a, LABEL_TCB_BIND_NOTIFICATION, W(), C(other));
    fx_delete(other);
    assert_null(fx_tcb(a)->bound);
    REFUSED(a, LABEL_TCB_UNBIND_NOTIFICATION, W(), C(), ERROR_ILLEGAL_OPERATION, I());
}

static void tcb_loses_everything(void **unused)
{
    uint64_t notification = fx_new(OBJECT_NOTIFICATION, 0);
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    uint64_t a = fx_thread(255, true);
    const struct tcb *tcb = fx_tcb(a);
    (void)unused;
    OK(a, LABEL_TCB_BIND_NOTIFICATION, W(), C(notification));
    fx_switch(fx_tcb(a));
    fx_recv(endpoint);
    fx_switch(fx.root);
    fx_delete(a);
    assert_null(notification_of(fx_cap(notification))->bound);
    assert_null(endpoint_of(fx_cap(endpoint))->queue.head);
    for (unsigned i = 0; i < TCB_SLOT_COUNT; i++)
        assert_true(cap_is_null(tcb->slots[i].cap));
}

static void ready_tcb_leaves_its_queue(void **unused)
{
    uint64_t a = fx_thread(7, true);
    (void)unused;
    fx_delete(a);
    assert_null(fx.cpu->kernel->ready[0].queue[7].head);
}

static void reply_right_goes_with_the_caller(void **unused)
{
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    uint64_t a = fx_thread(255, true);
    (void)unused; /* abi/syscalls.md §5.1, last point */
    fx_switch(fx_tcb(a));
    fx_syscall(SYS_CALL, endpoint, 5, W(), C());
    fx_switch(fx.root);
    fx_recv(endpoint);
    assert_int_equal(cap_type(fx.root->slots[TCB_CALLER].cap), CAP_REPLY);
    uint64_t saved = fx_slot();
    OK(ROOT, LABEL_CNODE_SAVE_CALLER, W(saved, FX_DEPTH), C());
    assert_int_equal(cap_type(fx_cap(saved)), CAP_REPLY);
    fx_delete(a);
    assert_true(cap_is_null(fx_cap(saved)));
}

static void reply_cap_deleted_leaves_the_caller_blocked(void **unused)
{
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    uint64_t a = fx_thread(255, true);
    uint64_t saved = fx_slot();
    (void)unused;
    fx_switch(fx_tcb(a));
    fx_syscall(SYS_CALL, endpoint, 5, W(), C());
    fx_switch(fx.root);
    fx_recv(endpoint);
    OK(ROOT, LABEL_CNODE_SAVE_CALLER, W(saved, FX_DEPTH), C());
    fx_delete(saved);
    assert_int_equal(fx_tcb(a)->state, THREAD_BLOCKED_REPLY);
    OK(a, LABEL_TCB_RESUME, W(), C());
    assert_int_equal(fx_tcb(a)->state, THREAD_RESTART);
}

static void cnode_is_emptied(void **unused)
{
    uint64_t cnode = fx_new(OBJECT_CNODE, 4);
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    const struct slot *slots = cnode_of(fx_cap(cnode));
    (void)unused;
    for (unsigned i = 0; i < 16; i += 3)
        copy_into(cnode, i, endpoint);
    fx_delete(cnode);
    for (unsigned i = 0; i < 16; i++)
        assert_true(cap_is_null(slots[i].cap));
    assert_int_equal(cap_type(fx_cap(endpoint)), CAP_ENDPOINT);
}

static void own_thread(void **unused)
{
    uint64_t a = fx_thread(200, true);
    (void)unused; /* a thread that deletes its own last TCB cap stops for good */
    fx_switch(fx_tcb(a));
    fx_syscall(SYS_CALL, ROOT, LABEL_CNODE_DELETE, W(a, FX_DEPTH), C());
    assert_ptr_equal(fx.cpu->current, fx.root);
    assert_true(cap_is_null(fx_cap(a)));
}

/* ---- revoke, abi/objects.md §3.3 table ---- */

static void revoke_follows_the_tree(void **unused)
{
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    uint64_t copy = fx_copy(endpoint, ALL);
    uint64_t copy2 = fx_copy(copy, ALL);
    (void)unused;
    revoke(copy); /* siblings: nothing happens */
    assert_false(cap_is_null(fx_cap(copy2)));
    revoke(endpoint);
    assert_true(cap_is_null(fx_cap(copy)) && cap_is_null(fx_cap(copy2)));
    assert_false(cap_is_null(fx_cap(endpoint)));
}

static void revoke_of_badged(void **unused)
{
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    uint64_t a = fx_mint(endpoint, ALL, 31);
    uint64_t b = fx_copy(a, ALL);
    uint64_t c = fx_mint(endpoint, ALL, 31);
    (void)unused; /* abi/vectors.md §3 */
    revoke(b);
    assert_false(cap_is_null(fx_cap(a)) || cap_is_null(fx_cap(b)) || cap_is_null(fx_cap(c)));
    revoke(a);
    assert_true(cap_is_null(fx_cap(b)));
    assert_false(cap_is_null(fx_cap(c)));
    revoke(endpoint);
    assert_true(cap_is_null(fx_cap(a)) && cap_is_null(fx_cap(c)));
}

static void original_deleted_first(void **unused)
{
    uint64_t untyped = fx_new(OBJECT_UNTYPED, 12);
    uint64_t endpoint = fx_new_from(untyped, OBJECT_ENDPOINT, 0);
    uint64_t a = fx_copy(endpoint, ALL);
    uint64_t b = fx_copy(endpoint, ALL);
    (void)unused; /* copies survive; only the Untyped can revoke them */
    fx_delete(endpoint);
    revoke(a);
    revoke(b);
    assert_false(cap_is_null(fx_cap(a)) || cap_is_null(fx_cap(b)));
    revoke(untyped);
    assert_true(cap_is_null(fx_cap(a)) && cap_is_null(fx_cap(b)));
}

static void first_badged_passes_on(void **unused)
{
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    uint64_t old = fx_mint(endpoint, ALL, 5);
    uint64_t a = fx_mint(endpoint, ALL, 5); /* list: endpoint, a, b, old */
    uint64_t b = fx_copy(a, ALL);
    (void)unused; /* abi/objects.md §3.1 Delete: b becomes firstBadged, so old stays independent */
    assert_ptr_equal(slot_next(fx_at(a)), fx_at(b));
    assert_ptr_equal(slot_next(fx_at(b)), fx_at(old));
    fx_delete(a);
    assert_int_equal(slot_flags(fx_at(b)), SLOT_FIRST_BADGED);
    revoke(b);
    assert_false(cap_is_null(fx_cap(old)));
}

static void revoke_of_an_untyped_frees_it(void **unused)
{
    uint64_t untyped = fx_new(OBJECT_UNTYPED, 14);
    uint64_t inner = fx_new_from(untyped, OBJECT_UNTYPED, 13);
    (void)unused;
    fx_new_from(inner, OBJECT_TCB, 0);
    fx_new_from(inner, OBJECT_CNODE, 5);
    fx_new_from(untyped, OBJECT_SMALL_PAGE, 0);
    revoke(untyped);
    assert_true(childless(untyped));
    assert_true(cap_is_null(fx_cap(inner)));
    fx_new_from(untyped, OBJECT_UNTYPED, 14);
}

static void interrupts_are_looked_for_every_hundred_units(void **unused)
{
    enum {
        COPIES = 250,
        UNITS = 100 /* abi/boot.md §6: CONFIG_MAX_NUM_WORK_UNITS_PER_PREEMPTION */
    };
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    (void)unused;         /* a cap deleted is a unit (abi/objects.md §3.5) */
    fx.unrepeated = true; /* questions are counted */
    for (unsigned i = 0; i < COPIES; i++)
        fx_copy(endpoint, RIGHTS_ALL);
    fx.cpu->work_units = 0;
    machine_preempt_at(0);
    OK(SLOT_INIT_CNODE, LABEL_CNODE_REVOKE, W(endpoint, FX_DEPTH), C());
    assert_int_equal(machine_preempt_asked(), COPIES / UNITS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FX_CASE(not_the_last_cap_only_empties_the_slot),
        FX_CASE(endpoint_wakes_all_who_wait),
        FX_CASE(notification_is_unbound_and_wakes),
        FX_CASE(tcb_loses_everything),
        FX_CASE(ready_tcb_leaves_its_queue),
        FX_CASE(reply_right_goes_with_the_caller),
        FX_CASE(reply_cap_deleted_leaves_the_caller_blocked),
        FX_CASE(cnode_is_emptied),
        FX_CASE(own_thread),
        FX_CASE(revoke_follows_the_tree),
        FX_CASE(revoke_of_badged),
        FX_CASE(original_deleted_first),
        FX_CASE(first_badged_passes_on),
        FX_CASE(revoke_of_an_untyped_frees_it),
        FX_CASE(interrupts_are_looked_for_every_hundred_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
