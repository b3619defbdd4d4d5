/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Deletion of CNodes and TCBs that hold each other or themselves: zombies, and the same end state
 * wherever the work is preempted (abi/objects.md §3.5).
 */
#include <stdlib.h>

#include "cdt.h"
#include "deletion_bed.h"

/* ---- structures that hold themselves ---- */

static void cnode_with_its_own_last_cap(void **unused)
{
    uint64_t untyped = fx_new(OBJECT_UNTYPED, 13);
    uint64_t cnode = fx_new_from(untyped, OBJECT_CNODE, 4);
    const struct slot *slots = cnode_of(fx_cap(cnode));
    (void)unused; /* "can be deleted from outside" */
    copy_into(cnode, 12, fx_new(OBJECT_ENDPOINT, 0));
    copy_into(cnode, 0, fx_new(OBJECT_ENDPOINT, 0));
    move_into(cnode, 7, cnode);
    revoke(untyped);
    assert_true(childless(untyped));
    for (unsigned i = 0; i < 16; i++)
        assert_true(cap_is_null(slots[i].cap));
}

static void cycle_of_two_cnodes(void **unused)
{
    uint64_t untyped = fx_new(OBJECT_UNTYPED, 13);
    uint64_t a = fx_new_from(untyped, OBJECT_CNODE, 3);
    uint64_t b = fx_new_from(untyped, OBJECT_CNODE, 3);
    (void)unused;
    copy_into(a, 5, b);
    copy_into(b, 2, a);
    fx_delete(a); /* b's copy keeps it */
    fx_delete(b); /* the last way in: b only in a, a only in b */
    assert_false(childless(untyped));
    revoke(untyped);
    assert_true(childless(untyped));
}

static void cspace_that_holds_its_thread(void **unused)
{
    uint64_t untyped = fx_new(OBJECT_UNTYPED, 14);
    uint64_t cnode = fx_new_from(untyped, OBJECT_CNODE, 3);
    uint64_t tcb = fx_new_from(untyped, OBJECT_TCB, 0);
    (void)unused;
    OK(tcb, LABEL_TCB_SET_SPACE, W(0, 0, 0), C(cnode, SLOT_INIT_VSPACE));
    move_into(cnode, 6, tcb);
    fx_delete(cnode); /* the thread's CSpace root is the last cap */
    revoke(untyped);
    assert_true(childless(untyped));
}

static void delete_of_a_nest(void **unused)
{
    uint64_t untyped = fx_new(OBJECT_UNTYPED, 14);
    uint64_t outer = fx_new_from(untyped, OBJECT_CNODE, 3);
    uint64_t middle = fx_new_from(untyped, OBJECT_CNODE, 3);
    uint64_t inner = fx_new_from(untyped, OBJECT_CNODE, 3);
    uint64_t tcb = fx_new_from(untyped, OBJECT_TCB, 0);
    (void)unused;
    for (unsigned i = 0; i < 8; i++)
        copy_into(inner, i, SLOT_DOMAIN);
    move_into(middle, 4, inner);
    move_into(middle, 0, tcb);
    move_into(outer, 7, middle);
    fx_delete(outer);
    assert_true(childless(untyped));
}

/* ---- zombies as others see them ---- */

/* Leaves root slot `cnode` (the last cap of a CNode with things in it) a zombie. */
static void make_zombie(uint64_t cnode)
{
    fx.cpu->kernel->work_limit = 1;
    machine_preempt_at(1);
    fx_syscall_once(SYS_CALL, ROOT, LABEL_CNODE_DELETE, W(cnode, FX_DEPTH), C());
    fx.cpu->kernel->work_limit = WORK_UNITS_PER_PREEMPTION;
    machine_preempt_at(0);
    assert_int_equal(cap_type(fx_cap(cnode)), CAP_ZOMBIE);
}

static void zombie_is_nothing_to_others(void **unused)
{
    uint64_t cnode = fx_new(OBJECT_CNODE, 4);
    uint64_t empty = fx_slot();
    (void)unused; /* abi/objects.md §3.5 "Zombies" */
    copy_into(cnode, 2, SLOT_DOMAIN);
    make_zombie(cnode);
    REFUSED(cnode, LABEL_CNODE_DELETE, W(0, 4), C(), ERROR_INVALID_CAPABILITY, I(0));
    REFUSED(ROOT, LABEL_CNODE_COPY, W(empty, FX_DEPTH, cnode, FX_DEPTH, 15), C(ROOT),
            ERROR_ILLEGAL_OPERATION, I());
    REFUSED(ROOT, LABEL_CNODE_MINT, W(empty, FX_DEPTH, cnode, FX_DEPTH, 15, 0), C(ROOT),
            ERROR_ILLEGAL_OPERATION, I());
    REFUSED(ROOT, LABEL_CNODE_COPY, W(cnode, FX_DEPTH, SLOT_DOMAIN, FX_DEPTH, 15), C(ROOT),
            ERROR_DELETE_FIRST, I());
    REFUSED(fx.memory, LABEL_UNTYPED_RETYPE, W(OBJECT_ENDPOINT, 0, 0, 0, cnode, 1), C(ROOT),
            ERROR_DELETE_FIRST, I());
    fx_syscall(SYS_DEBUG_CAP_IDENTIFY, cnode, 0, W(), C());
    assert_int_equal(fx.root->context.reg[REG_X0], CAP_ZOMBIE);
    fx_delete(cnode);
    assert_true(cap_is_null(fx_cap(cnode)));
}

static void root_that_is_a_zombie_cannot_be_replaced(void **unused)
{
    uint64_t cnode = fx_new(OBJECT_CNODE, 4);
    uint64_t tcb = fx_new(OBJECT_TCB, 0);
    (void)unused; /* abi/invocations.md §4, space checks: the last cap, too */
    OK(tcb, LABEL_TCB_SET_SPACE, W(0, 0, 0), C(cnode, SLOT_INIT_VSPACE));
    OK(tcb, LABEL_TCB_SET_SPACE, W(0, 0, 0), C(cnode, SLOT_INIT_VSPACE));
    fx_delete(cnode);
    REFUSED(tcb, LABEL_TCB_SET_SPACE, W(0, 0, 0), C(ROOT, SLOT_INIT_VSPACE),
            ERROR_ILLEGAL_OPERATION, I());
    REFUSED(tcb, LABEL_TCB_CONFIGURE, W(0, 0, 0, 0), C(ROOT, SLOT_INIT_VSPACE, 0),
            ERROR_ILLEGAL_OPERATION, I());
}

/* ---- preemption at every unit ---- */

/* Performs one call (label on root slot `slot`) preempted at unit 1, 2, … and then goes on; every
 * run must end in the state of the run without preemption. */
static unsigned same_end_everywhere(uint64_t label, uint64_t slot)
{
    void *start = malloc(machine_snapshot_bytes());
    struct machine_hash end;
    unsigned units = 0;
    fx.cpu->kernel->work_limit = 1;
    machine_snapshot(start);
    for (unsigned unit = 0; unit <= units; unit++) {
        machine_preempt_at(unit);
        OK(ROOT, label, W(slot, FX_DEPTH), C());
        fx.cpu->work_units = 0; /* the counter alone may differ */
        struct machine_hash hash = machine_hash();
        if (unit == 0) {
            end = hash;
            units = (unsigned)machine_preempt_asked();
        }
        if (memcmp(&hash, &end, sizeof hash) != 0)
            fail_msg("preempted at unit %u of %u the state ends differently", unit, units);
        machine_restore(start);
    }
    machine_preempt_at(0);
    OK(ROOT, label, W(slot, FX_DEPTH), C());
    free(start);
    return units;
}

/* A thread may run while its CSpace root is being taken apart by somebody else: to it the zombie at
 * work, of a CNode or of a TCB, is no root (abi/objects.md §4.1), whatever cptr it tries; and
 * nobody can give it another one (abi/objects.md §3.5). */
static void zombie_is_no_root_of_a_running_thread(void **unused)
{
    static const uint64_t cptrs[] = {0, 1, 1ull << 63, 1ull << 63 | 3, ~0ull};
    uint64_t untyped = fx_new(OBJECT_UNTYPED, 14);
    uint64_t space = fx_new_from(untyped, OBJECT_CNODE, 2);
    uint64_t inner = fx_new(OBJECT_TCB, 0);
    uint64_t thread = fx_thread(200, true);
    unsigned zombies = 0;
    void *start = malloc(machine_snapshot_bytes());
    (void)unused;
    OK(thread, LABEL_TCB_SET_SPACE, W(0, 0, 0), C(space, SLOT_INIT_VSPACE));
    move_into(space, 3, inner);
    fx_delete(space); /* the thread's root is the last cap */
    fx.cpu->kernel->work_limit = 1;
    machine_snapshot(start);
    for (unsigned i = 0; i < 20 * 5; i++) {
        machine_preempt_at(i / 5 + 1);
        fx_syscall_once(SYS_CALL, ROOT, LABEL_CNODE_REVOKE, W(untyped, FX_DEPTH), C());
        if (cap_type(fx_tcb(thread)->slots[TCB_CSPACE].cap) == CAP_ZOMBIE) {
            zombies++;
            REFUSED(thread, LABEL_TCB_SET_SPACE, W(0, 0, 0), C(ROOT, SLOT_INIT_VSPACE),
                    ERROR_ILLEGAL_OPERATION, I());
            fx_switch(fx_tcb(thread));
            fx_syscall_once(i % 2 ? SYS_SEND : SYS_CALL, cptrs[i % 5], 0, W(), C());
            assert_int_equal(fx_tcb(thread)->state, THREAD_INACTIVE); /* double fault */
        }
        machine_restore(start);
    }
    assert_true(zombies >= (TCB_SLOT_COUNT + 4) * 5); /* at every slot of both objects */
    free(start);
}

static void preempted_delete_of_a_nest(void **unused)
{
    uint64_t untyped = fx_new(OBJECT_UNTYPED, 14);
    uint64_t outer = fx_new_from(untyped, OBJECT_CNODE, 2);
    uint64_t middle = fx_new_from(untyped, OBJECT_CNODE, 3);
    uint64_t inner = fx_new_from(untyped, OBJECT_CNODE, 2);
    uint64_t tcb = fx_new_from(untyped, OBJECT_TCB, 0);
    (void)unused;
    uint64_t space = fx_new_from(untyped, OBJECT_CNODE, 2);
    OK(tcb, LABEL_TCB_SET_SPACE, W(0, 0, 0), C(space, SLOT_INIT_VSPACE));
    copy_into(space, 2, SLOT_DOMAIN);
    fx_delete(space);
    copy_into(inner, 1, SLOT_DOMAIN);
    move_into(inner, 3, tcb);
    move_into(middle, 4, inner);
    copy_into(middle, 1, fx_new_from(untyped, OBJECT_ENDPOINT, 0));
    move_into(outer, 2, middle);
    assert_true(same_end_everywhere(LABEL_CNODE_DELETE, outer) > 10);
}

static void preempted_revoke_of_cycles(void **unused)
{
    uint64_t untyped = fx_new(OBJECT_UNTYPED, 14);
    uint64_t a = fx_new_from(untyped, OBJECT_CNODE, 3);
    uint64_t b = fx_new_from(untyped, OBJECT_CNODE, 2);
    uint64_t tcb = fx_new_from(untyped, OBJECT_TCB, 0);
    (void)unused;
    OK(tcb, LABEL_TCB_SET_SPACE, W(0, 0, 0), C(a, SLOT_INIT_VSPACE));
    copy_into(a, 0, SLOT_DOMAIN);
    copy_into(b, 3, b);
    move_into(a, 5, b);
    copy_into(a, 7, a);
    move_into(a, 2, tcb);
    fx_delete(a);
    same_end_everywhere(LABEL_CNODE_REVOKE, untyped);
    assert_true(childless(untyped));
}

static void preempted_wake_up_of_waiters(void **unused)
{
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    uint64_t notification = fx_new(OBJECT_NOTIFICATION, 0);
    (void)unused; /* waiters of lower priority than the deleting thread */
    for (unsigned i = 0; i < 6; i++) {
        uint64_t a = fx_thread(100 + i % 2, true);
        fx_switch(fx_tcb(a));
        fx_recv(i < 3 ? endpoint : notification);
        fx_switch(fx.root);
    }
    assert_int_equal(same_end_everywhere(LABEL_CNODE_DELETE, endpoint), 3);
    assert_int_equal(same_end_everywhere(LABEL_CNODE_DELETE, notification), 3);
}

static void preempted_wake_up_inside_a_cnode(void **unused)
{
    uint64_t cnode = fx_new(OBJECT_CNODE, 2);
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    (void)unused; /* the last cap of the endpoint is in the CNode that dies */
    for (unsigned i = 0; i < 3; i++) {
        uint64_t a = fx_thread(100, true);
        fx_switch(fx_tcb(a));
        fx_recv(endpoint);
        fx_switch(fx.root);
    }
    move_into(cnode, 2, endpoint);
    assert_true(same_end_everywhere(LABEL_CNODE_DELETE, cnode) >= 4 + 3);
    assert_int_equal(fx.cpu->kernel->ready[0].queue[100].head->state, THREAD_RESTART);
}

static void woken_waiter_meets_an_empty_slot_at_once(void **unused)
{
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    uint64_t deleter = fx_thread(100, true);
    uint64_t waiter[3];
    (void)unused;
    for (unsigned i = 0; i < 3; i++) {
        waiter[i] = fx_thread(200, true);
        fx_switch(fx_tcb(waiter[i]));
        fx_recv(endpoint);
        fx_switch(fx.root);
    }
    OK(SLOT_INIT_TCB, LABEL_TCB_SET_PRIORITY, W(50), C(SLOT_INIT_TCB));
    fx_switch(fx_tcb(deleter));
    fx.cpu->kernel->work_limit = 1;
    machine_preempt_at(1);
    fx_syscall_once(SYS_CALL, ROOT, LABEL_CNODE_DELETE, W(endpoint, FX_DEPTH), C());
    /* Preempted after the first: it runs, being higher, and executes its Recv again. It must find
     * what it would find after the deletion: MissingCapability, no handler, hence inactive
     * (abi/syscalls.md §9 "Endpoint deleted", §7). */
    assert_ptr_equal(fx.cpu->current, fx_tcb(waiter[0]));
    fx_recv(endpoint);
    assert_int_equal(fx_tcb(waiter[0])->state, THREAD_INACTIVE);
    /* The deleter goes on: both others are woken. */
    assert_ptr_equal(fx.cpu->current, fx_tcb(deleter));
    fx_syscall_once(SYS_CALL, ROOT, LABEL_CNODE_DELETE, W(endpoint, FX_DEPTH), C());
    assert_true(cap_is_null(fx_cap(endpoint)));
    assert_int_equal(fx_tcb(waiter[0])->state, THREAD_INACTIVE);
}

/* ---- a zombie must not go while another one waits in its memory ---- */

/* CNode `i` (of untyped `part`) holds its own last cap in slot 10 and that of CNode `o` in slot 2.
 * When the revocation of `part` is preempted, `o` is at work in slot 10 of `i`. */
static void memory_of_a_slot_in_use_stays_covered(void **unused)
{
    enum {
        OWN = 10,
        OTHER = 2
    };
    (void)unused;
    uint64_t all = fx_new(OBJECT_UNTYPED, 15);
    uint64_t o = fx_new_from(all, OBJECT_CNODE, 4);
    uint64_t part = fx_new_from(all, OBJECT_UNTYPED, 13);
    uint64_t i = fx_new_from(part, OBJECT_CNODE, 4);
    struct slot *slots = cnode_of(fx_cap(i));
    for (unsigned n = 0; n < 16; n++)
        copy_into(o, n, SLOT_DOMAIN);
    move_into(i, OTHER, o);
    move_into(i, OWN, i);
    void *start = malloc(machine_snapshot_bytes());
    fx.cpu->kernel->work_limit = 1;
    machine_snapshot(start);
    for (unsigned unit = 1; unit < 80; unit++) {
        machine_preempt_at(unit);
        fx_syscall_once(SYS_CALL, ROOT, LABEL_CNODE_REVOKE, W(part, FX_DEPTH), C());
        machine_preempt_at(0);
        revoke(part);
        assert_true(childless(part));
        for (unsigned n = 0; n < 16; n++)
            if (!cap_is_null(slots[n].cap))
                fail_msg("preempted at unit %u: slot %u of freed memory is in use", unit, n);
        assert_false(cdt_is_ancestor(fx_at(all), slot_next(fx_at(part)) ? slot_next(fx_at(part))
                                                                        : fx_at(ROOT)));
        machine_restore(start);
    }
    free(start);
}

/* An entry of the list that is a descendant when Revoke begins is gone when it ends (abi/objects.md
 * §3.4), its slot is empty, and so is all that only it held, memory of others (§3.5), preempted or
 * not: twice here, at any two units. */
static void revoked_slot_is_empty_wherever_it_was_preempted(void **unused)
{
    uint64_t part = fx_new(OBJECT_UNTYPED, 13);
    uint64_t other = fx_new(OBJECT_UNTYPED, 13);
    uint64_t outer = fx_new_from(part, OBJECT_CNODE, 2);
    uint64_t inner = fx_new_from(other, OBJECT_CNODE, 2);
    uint64_t innermost = fx_new_from(other, OBJECT_TCB, 0);
    void *start = malloc(machine_snapshot_bytes());
    (void)unused;
    copy_into(inner, 0, SLOT_DOMAIN);
    move_into(inner, 1, innermost);
    move_into(outer, 3, inner);
    copy_into(outer, 1, SLOT_DOMAIN);
    fx.unrepeated = true; /* it preempts by itself */
    fx.cpu->kernel->work_limit = 1;
    machine_snapshot(start);
    for (unsigned first = 1; first < 24; first++) {
        for (unsigned second = 1; second < 24; second++) {
            machine_preempt_at(first);
            fx_syscall_once(SYS_CALL, ROOT, LABEL_CNODE_REVOKE, W(part, FX_DEPTH), C());
            machine_preempt_at(second);
            fx_syscall_once(SYS_CALL, ROOT, LABEL_CNODE_REVOKE, W(part, FX_DEPTH), C());
            machine_preempt_at(0);
            revoke(part);
            if (!cap_is_null(fx_cap(outer)) || !childless(other))
                fail_msg("preempted at units %u and %u: something is left", first, second);
            machine_restore(start);
        }
    }
    free(start);
}

/* ---- random structures, random interleaving ---- */

static uint64_t seed;

static uint64_t random_below(uint64_t n)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (seed >> 33) % n;
}

enum {
    PARTS = 3,
    PER_PART = 3,
    OBJECTS = PARTS * PER_PART,
    RANDOM_RADIX = 2
};

struct jungle {
    uint64_t all;
    uint64_t part[PARTS];
    uint64_t object[OBJECTS]; /* root slots; CNodes and TCBs */
};

static void any_call(uint64_t cptr, uint64_t label, struct list words, struct list caps)
{
    fx_syscall_once(SYS_CALL, cptr, label, words, caps);
}

static void grow(struct jungle *j)
{
    j->all = fx_new(OBJECT_UNTYPED, 16);
    for (unsigned i = 0; i < PARTS; i++)
        j->part[i] = fx_new_from(j->all, OBJECT_UNTYPED, 13);
    for (unsigned i = 0; i < OBJECTS; i++) {
        bool tcb = i % PER_PART == 0;
        j->object[i] =
            fx_new_from(j->part[i / PER_PART], tcb ? OBJECT_TCB : OBJECT_CNODE, RANDOM_RADIX);
    }
    for (unsigned n = 0; n < 24; n++) { /* refusals do no harm here */
        uint64_t from = j->object[random_below(OBJECTS)];
        uint64_t to = j->object[random_below(OBJECTS)];
        if (cap_type(fx_cap(to)) == CAP_TCB)
            any_call(to, LABEL_TCB_SET_SPACE, W(0, 0, 0), C(from, SLOT_INIT_VSPACE));
        else
            any_call(to, LABEL_CNODE_COPY, W(random_below(4), RANDOM_RADIX, from, FX_DEPTH, ALL),
                     C(ROOT));
    }
    for (unsigned i = 0; i < OBJECTS; i++) /* most ways in from outside are lost */
        if (random_below(4) != 0)
            any_call(j->object[(i + 1 + random_below(OBJECTS - 1)) % OBJECTS], LABEL_CNODE_MOVE,
                     W(random_below(4), RANDOM_RADIX, j->object[i], FX_DEPTH), C(ROOT));
}

static void one_step(const struct jungle *j)
{
    uint64_t part = j->part[random_below(PARTS)];
    uint64_t object = j->object[random_below(OBJECTS)];
    switch (random_below(5)) {
    case 0:
    case 1: any_call(ROOT, LABEL_CNODE_REVOKE, W(part, FX_DEPTH), C()); break;
    case 2: any_call(ROOT, LABEL_CNODE_REVOKE, W(j->all, FX_DEPTH), C()); break;
    case 3: any_call(ROOT, LABEL_CNODE_DELETE, W(object, FX_DEPTH), C()); break;
    default: /* a childless part is zeroed and used again */
        any_call(part, LABEL_UNTYPED_RETYPE, W(OBJECT_CNODE, RANDOM_RADIX, 0, 0, object, 1),
                 C(ROOT));
    }
}

static void random_structures_die_in_any_order(void **unused)
{
    void *start = malloc(machine_snapshot_bytes());
    fx.unrepeated = true; /* preempted anyway */
    struct fixture fixture = fx;
    (void)unused;
    machine_snapshot(start);
    for (unsigned round = 0; round < 150; round++) {
        struct jungle j;
        seed = round;
        grow(&j);
        fx.cpu->kernel->work_limit = 1;
        for (unsigned step = 0; step < 60; step++) {
            machine_preempt_at(1 + random_below(6));
            one_step(&j);
        }
        machine_preempt_at(0);
        revoke(j.all);
        assert_true(childless(j.all));
        fx_new_from(j.all, OBJECT_UNTYPED, 16);
        machine_restore(start);
        fx = fixture;
    }
    free(start);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FX_CASE(cnode_with_its_own_last_cap),
        FX_CASE(cycle_of_two_cnodes),
        FX_CASE(cspace_that_holds_its_thread),
        FX_CASE(delete_of_a_nest),
        FX_CASE(zombie_is_nothing_to_others),
        FX_CASE(root_that_is_a_zombie_cannot_be_replaced),
        FX_CASE(zombie_is_no_root_of_a_running_thread),
        FX_CASE(preempted_delete_of_a_nest),
        FX_CASE(preempted_revoke_of_cycles),
        FX_CASE(preempted_wake_up_of_waiters),
        FX_CASE(preempted_wake_up_inside_a_cnode),
        FX_CASE(woken_waiter_meets_an_empty_slot_at_once),
        FX_CASE(memory_of_a_slot_in_use_stays_covered),
        FX_CASE(revoked_slot_is_empty_wherever_it_was_preempted),
        FX_CASE(random_structures_die_in_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
