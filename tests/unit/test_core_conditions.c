/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Single conditions of decisions of several that no other test shows to matter (make mcdc): what
 * covers what in the derivation list (abi/objects.md §3.2), and damages of which one part of an
 * invariant alone takes notice.
 */
#include "cdt.h"
#include "core_fixture.h"
#include "vspace.h"

enum {
    ROOT = SLOT_INIT_CNODE,
    D = FX_DEPTH,
    PRIORITY = 50
};

/* ---- the derivation list (abi/objects.md §3.2, §3.3) ---- */

static void what_irq_control_covers(void **unused)
{
    struct cap control = fx_cap(SLOT_IRQ_CONTROL);
    (void)unused;
    assert_true(cap_covers(control, control));
    assert_true(cap_covers(control, cap_irq_handler(40)));
    assert_true(cap_covers(control, cap_sgi_signal(1, 0)));
    assert_false(cap_covers(control, fx_cap(SLOT_DOMAIN)));
    assert_false(cap_covers(cap_irq_handler(40), cap_irq_handler(41)));
    assert_false(cap_covers(cap_irq_handler(40), control));
}

static void singletons_cover_their_kind(void **unused)
{
    struct cap asid = fx_cap(SLOT_ASID_CONTROL);
    struct cap domain = fx_cap(SLOT_DOMAIN);
    (void)unused;
    assert_true(cap_covers(asid, asid));
    assert_false(cap_covers(asid, domain));
    assert_false(cap_covers(domain, asid));
}

/* An SGI cap issued by IRQControl is the parent of its copies, and of no other one issued. */
static void sgi_caps_and_their_copies(void **unused)
{
    uint64_t first = fx_slot(), second = fx_slot();
    (void)unused;
    OK(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_ISSUE_SGI_SIGNAL, W(1, 0, first, D), C(ROOT));
    OK(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_ISSUE_SGI_SIGNAL, W(1, 0, second, D), C(ROOT));
    uint64_t copy = fx_copy(first, 0);
    assert_true(cdt_is_ancestor(fx_at(first), fx_at(copy)));
    assert_false(cdt_is_ancestor(fx_at(first), fx_at(second)));
    assert_false(cdt_is_ancestor(fx_at(second), fx_at(first)));
}

/* §3.3: two caps minted with one badge are siblings; a copy of such a cap is its child. */
static void equal_badges(void **unused)
{
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    uint64_t first = fx_mint(endpoint, RIGHTS_ALL, 7), second = fx_mint(endpoint, RIGHTS_ALL, 7);
    uint64_t copy = fx_copy(first, RIGHTS_ALL);
    (void)unused;
    assert_true(cdt_is_ancestor(fx_at(first), fx_at(copy)));
    assert_false(cdt_is_ancestor(fx_at(first), fx_at(second)));
    assert_false(cdt_is_ancestor(fx_at(second), fx_at(first)));
}

static void last_cap_of_a_thread_is_a_long_deletion(void **unused)
{
    uint64_t thread = fx_new(OBJECT_TCB, 0);
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    (void)unused;
    assert_true(cdt_is_long_deletion(fx_at(thread)));
    assert_false(cdt_is_long_deletion(fx_at(endpoint)));
    (void)fx_copy(thread, 0);
    assert_false(cdt_is_long_deletion(fx_at(thread)));
}

/* ---- links ---- */

static void empty_slot_with_a_previous_one(void **unused)
{
    (void)unused;
    fx_at(SLOT_NULL)->prev = fx_at(SLOT_DOMAIN);
    fx_reports("an empty slot is not all zero");
}

/* A copy that lies below its source, so that the walk meets it first. */
static uint64_t child_before_parent(void)
{
    uint64_t source = fx_new(OBJECT_NOTIFICATION, 0);
    uint64_t child = fx_copy(source, RIGHTS_ALL);
    uint64_t place = fx_slot();
    OK(ROOT, LABEL_CNODE_MOVE, W(place, D, source, D), C(ROOT));
    assert_null(fx_broken());
    return child;
}

static void previous_one_points_elsewhere(void **unused)
{
    uint64_t child = child_before_parent();
    (void)unused;
    fx_at(child)->prev = fx_at(SLOT_DOMAIN);
    fx_reports("the previous entry of the derivation list does not point back");
}

static void previous_one_is_empty(void **unused)
{
    uint64_t child = child_before_parent();
    struct slot *empty = fx_at(fx_slot());
    (void)unused;
    empty->link = (uint64_t)fx_at(child);
    fx_at(child)->prev = empty;
    fx_reports("the previous entry of the derivation list does not point back");
}

static void next_one_is_empty(void **unused)
{
    uint64_t last = fx_new(OBJECT_ENDPOINT, 0);
    struct slot *empty = fx_at(fx_slot());
    struct slot *slot = fx_at(last);
    (void)unused;
    slot->link = (uint64_t)empty | slot_flags(slot);
    empty->prev = slot;
    fx_reports("the next entry of the derivation list does not point back");
}

/* ---- reply rights (abi/syscalls.md §5.1) ---- */

static struct tcb *caller;

/* `caller` waits for the initial thread's reply. */
static struct slot *right_of_a_caller(void)
{
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    caller = fx_tcb(fx_thread(PRIORITY, true));
    fx_switch(caller);
    fx_syscall(SYS_CALL, endpoint, 1, W(), C());
    fx_switch(fx.root);
    fx_recv(endpoint);
    return slot_next(&caller->slots[TCB_REPLY]);
}

static void right_of_another_thread(void **unused)
{
    struct slot *right = right_of_a_caller();
    (void)unused;
    right->cap = cap_reply(pa_of(fx.root), false, true);
    fx_reports("what follows a master reply cap is not its one reply cap");
}

static void two_rights_for_one_caller(void **unused)
{
    struct slot *right = right_of_a_caller();
    struct slot *second = fx_at(fx_slot());
    (void)unused;
    *second = (struct slot){right->cap, right, 0};
    right->link = (uint64_t)second;
    fx_reports("what follows a master reply cap is not its one reply cap");
}

static void master_that_is_none(void **unused)
{
    struct slot *master = &fx.root->slots[TCB_REPLY];
    (void)unused;
    master->cap = cap_reply(pa_of(fx.root), false, true);
    fx_reports("a master reply cap is not its thread's");
}

static void master_with_a_parent(void **unused)
{
    struct slot *master = &fx.root->slots[TCB_REPLY];
    struct slot *parent = fx_at(fx_slot());
    (void)unused;
    *parent = (struct slot){cap_reply(pa_of(fx.root), false, true), NULL, (uint64_t)master};
    master->prev = parent;
    fx_reports("a master reply cap is not its thread's");
}

/* ---- CancelBadgedSends, threads ---- */

static void sender_of_a_cancel_elsewhere(void **unused)
{
    static struct cancel other;
    (void)unused;
    fx.root->cancel = &other;
    fx_reports("a sender and a preempted CancelBadgedSends disagree");
}

static struct tcb *sender(uint64_t endpoint)
{
    struct tcb *tcb = fx_tcb(fx_thread(PRIORITY, true));
    fx_switch(tcb);
    fx_syscall(SYS_SEND, endpoint, 1, W(), C());
    fx_switch(fx.root);
    assert_int_equal(tcb->state, THREAD_BLOCKED_SEND);
    return tcb;
}

static void cancel_at_another_endpoints_sender(void **unused)
{
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    uint64_t other = fx_new(OBJECT_ENDPOINT, 0);
    struct tcb *tcb = sender(endpoint);
    (void)unused;
    fx.cpu->kernel->cancel = (struct cancel){fx.root, endpoint_of(fx_cap(other)), 1, tcb, tcb};
    tcb->cancel = &fx.cpu->kernel->cancel;
    fx_reports("a preempted CancelBadgedSends goes on at a thread outside its queue");
}

static void thread_without_a_cap(void **unused)
{
    uint64_t thread = fx_thread(PRIORITY, true);
    (void)unused;
    cdt_remove(fx_at(thread));
    fx_reports("a thread without a cap is still in use");
}

/* ---- survivors of make mutation-check ---- */

/* A thread that used FP traps again once FP is forbidden to it, and not before (abi/scheduling.md
 * §7, abi/invocations.md §4 SetFlags). */
static void forbidding_fp_takes_it_away(void **unused)
{
    enum {
        ESR_FP = 0x1fe00000
    };
    uint64_t thread = fx_thread(PRIORITY, true);
    (void)unused;
    fx_switch(fx_tcb(thread));
    fx_trap(TRAP_USER_EXCEPTION, ESR_FP, 0);
    assert_true(fx_tcb(thread)->fp_live);
    fx_switch(fx.root);
    OK_WITH(thread, LABEL_TCB_SET_FLAGS, W(0, 0), C(), I(0));
    assert_true(fx_tcb(thread)->fp_live);
    OK_WITH(thread, LABEL_TCB_SET_FLAGS, W(0, TCB_FLAG_FPU_DISABLED), C(),
            I(TCB_FLAG_FPU_DISABLED));
    assert_false(fx_tcb(thread)->fp_live);
}

/* A Call by the fast path between two threads that use FP keeps the caller's state in its TCB. */
static void fast_call_saves_fp(void **unused)
{
    enum {
        ESR_FP = 0x1fe00000
    };
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    struct tcb *server = fx_tcb(fx_thread(PRIORITY, true));
    struct tcb *client = fx_tcb(fx_thread(PRIORITY, true));
    struct fp_state mine = {.fpcr = 1 << 22, .v = {7, 8}};
    (void)unused;
    fx.cpu->fast = true;
    fx_switch(server);
    fx_trap(TRAP_USER_EXCEPTION, ESR_FP, 0);
    fx_recv(endpoint);
    fx_switch(client);
    fx_trap(TRAP_USER_EXCEPTION, ESR_FP, 0);
    hal_fpu_load(&mine);
    fx_syscall(SYS_CALL, endpoint, 1, W(), C());
    assert_ptr_equal(fx.cpu->current, server);
    assert_ptr_equal(fx.cpu->fp_owner, server);
    assert_memory_equal(&client->fp, &mine, sizeof mine);
}

static bool never_executes(uint64_t slot)
{
    enum {
        UXN = 54 /* Arm ARM D5.3.3 */
    };
    struct walk walk = vspace_find_frame(fx.cpu->kernel, fx_cap(slot));
    assert_non_null(walk.entry);
    return walk.pte >> UXN & 1;
}

/* The image may be executed, IPC buffer and bootinfo not (abi/boot.md §5). */
static void which_initial_pages_execute(void **unused)
{
    (void)unused;
    assert_false(never_executes(fx.info->user_image_frames.start));
    assert_true(never_executes(SLOT_IPC_BUFFER_FRAME));
    assert_true(never_executes(SLOT_BOOTINFO_FRAME));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FX_CASE(what_irq_control_covers),
        FX_CASE(singletons_cover_their_kind),
        FX_CASE(sgi_caps_and_their_copies),
        FX_CASE(equal_badges),
        FX_CASE(last_cap_of_a_thread_is_a_long_deletion),
        FX_CASE(empty_slot_with_a_previous_one),
        FX_CASE(previous_one_points_elsewhere),
        FX_CASE(previous_one_is_empty),
        FX_CASE(next_one_is_empty),
        FX_CASE(right_of_another_thread),
        FX_CASE(two_rights_for_one_caller),
        FX_CASE(master_that_is_none),
        FX_CASE(master_with_a_parent),
        FX_CASE(sender_of_a_cancel_elsewhere),
        FX_CASE(cancel_at_another_endpoints_sender),
        FX_CASE(thread_without_a_cap),
        FX_CASE(forbidding_fp_takes_it_away),
        FX_CASE(fast_call_saves_fp),
        FX_CASE(which_initial_pages_execute),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
