/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Interrupts and SGIs: every check in its order, delivery, acknowledgement, deletion
 * (abi/invocations.md §6, abi/vectors.md §5, §11).
 */
#include "core_fixture.h"
#include "wait.h"

enum {
    ROOT = SLOT_INIT_CNODE,
    CONTROL = SLOT_IRQ_CONTROL,
    GET = LABEL_IRQ_CONTROL_GET,
    TRIGGER = LABEL_IRQ_CONTROL_GET_TRIGGER,
    ISSUE = LABEL_IRQ_CONTROL_ISSUE_SGI_SIGNAL,
    LINE = 40,
    TIMER = 27,
    LAST = 159,
    D = FX_DEPTH
};

static uint64_t handler, notification, badged, endpoint;

static int setup(void **state)
{
    fx_setup(state);
    endpoint = fx_new(OBJECT_ENDPOINT, 0);
    notification = fx_new(OBJECT_NOTIFICATION, 0);
    badged = fx_mint(notification, RIGHTS_ALL, 0x40);
    handler = fx_slot();
    return 0;
}

static void interrupt(void)
{
    fx_trap(TRAP_INTERRUPT, 0, 0);
}

static bool is_pending(void)
{
    return hal_irq_pending();
}

/* A handler with the badged notification for the line. */
static void get_handler(uint64_t irq)
{
    OK(CONTROL, GET, W(irq, handler, D), C(ROOT));
    OK(handler, LABEL_IRQ_HANDLER_SET_NOTIFICATION, W(), C(badged));
}

/* ---- checks ---- */

static void get_checks(void **unused)
{
    (void)unused;
    REFUSED(CONTROL, GET, W(160, handler), C(ROOT), ERROR_TRUNCATED_MESSAGE, I());
    REFUSED(CONTROL, GET, W(160, handler, 0), C(), ERROR_TRUNCATED_MESSAGE, I());
    REFUSED(CONTROL, GET, W(160, handler, 0), C(endpoint), ERROR_RANGE, I(0, LAST));
    REFUSED(CONTROL, GET, W(~0ull, handler, 0), C(endpoint), ERROR_RANGE, I(0, LAST));
    REFUSED(CONTROL, GET, W(1ull << 32 | LINE, handler, 0), C(ROOT), ERROR_RANGE, I(0, LAST));
    REFUSED(CONTROL, GET, W(TIMER, handler, 0), C(endpoint), ERROR_REVOKE_FIRST, I());
    REFUSED(CONTROL, GET, W(LINE, handler, 0), C(endpoint), ERROR_FAILED_LOOKUP,
            I(0, LOOKUP_INVALID_ROOT));
    REFUSED(CONTROL, GET, W(LINE, handler, 0), C(ROOT), ERROR_RANGE, I(1, 64));
    REFUSED(CONTROL, GET, W(LINE, endpoint, D), C(ROOT), ERROR_DELETE_FIRST, I());
    OK(CONTROL, GET, W(LINE, handler, D), C(ROOT));
    REFUSED(CONTROL, GET, W(LINE, endpoint, 0), C(endpoint), ERROR_REVOKE_FIRST, I());
    OK(CONTROL, GET, W(LAST, fx_slot(), D), C(ROOT));
    OK(CONTROL, GET, W(0, fx_slot(), D), C(ROOT));
    REFUSED(CONTROL, LABEL_IRQ_HANDLER_ACK, W(), C(), ERROR_ILLEGAL_OPERATION, I());
    REFUSED(handler, GET, W(), C(), ERROR_ILLEGAL_OPERATION, I());
}

static void get_trigger_checks(void **unused)
{
    (void)unused;
    REFUSED(CONTROL, TRIGGER, W(160, 0, handler), C(ROOT), ERROR_TRUNCATED_MESSAGE, I());
    REFUSED(CONTROL, TRIGGER, W(160, 0, handler, 0), C(), ERROR_TRUNCATED_MESSAGE, I());
    REFUSED(CONTROL, TRIGGER, W(160, 0, handler, 0), C(endpoint), ERROR_RANGE, I(0, LAST));
    REFUSED(CONTROL, TRIGGER, W(TIMER, 0, handler, 0), C(endpoint), ERROR_REVOKE_FIRST, I());
    REFUSED(CONTROL, TRIGGER, W(LINE, 1, handler, 65), C(ROOT), ERROR_RANGE, I(1, 64));
    REFUSED(CONTROL, TRIGGER, W(LINE, 1, endpoint, D), C(ROOT), ERROR_DELETE_FIRST, I());
    OK(CONTROL, TRIGGER, W(LINE, ~0ull, handler, D), C(ROOT)); /* else edge */
    machine_irq_pulse(LINE);
    assert_true(is_pending());
}

static void issue_sgi_checks(void **unused)
{
    (void)unused;
    REFUSED(CONTROL, ISSUE, W(16, 8, handler), C(ROOT), ERROR_TRUNCATED_MESSAGE, I());
    REFUSED(CONTROL, ISSUE, W(16, 8, handler, 0), C(), ERROR_TRUNCATED_MESSAGE, I());
    REFUSED(CONTROL, ISSUE, W(16, 8, handler, 0), C(endpoint), ERROR_RANGE, I(0, 15));
    REFUSED(CONTROL, ISSUE, W(15, 8, handler, 0), C(endpoint), ERROR_INVALID_ARGUMENT, I(1));
    REFUSED(CONTROL, ISSUE, W(15, ~0ull, handler, 0), C(endpoint), ERROR_INVALID_ARGUMENT, I(1));
    REFUSED(CONTROL, ISSUE, W(15, 7, handler, 0), C(ROOT), ERROR_RANGE, I(1, 64));
    REFUSED(CONTROL, ISSUE, W(15, 7, endpoint, D), C(ROOT), ERROR_DELETE_FIRST, I());
    OK(CONTROL, ISSUE, W(3, 0, handler, D), C(ROOT));
    fx.cpu->kernel->gic = GIC_V3; /* targets up to 2^32 − 1 */
    REFUSED(CONTROL, ISSUE, W(3, 1ull << 32, fx_slot(), D), C(ROOT), ERROR_INVALID_ARGUMENT, I(1));
    uint64_t slot = fx_slot();
    OK(CONTROL, ISSUE, W(3, UINT32_MAX, slot, D), C(ROOT));
    assert_int_equal(sgi_target(fx_cap(slot)), UINT32_MAX);
}

static void set_notification_checks(void **unused)
{
    uint64_t deaf = fx_copy(notification, RIGHT_READ);
    (void)unused; /* InvCap(0), not 1 */
    OK(CONTROL, GET, W(LINE, handler, D), C(ROOT));
    REFUSED(handler, LABEL_IRQ_HANDLER_SET_NOTIFICATION, W(), C(), ERROR_TRUNCATED_MESSAGE, I());
    REFUSED(handler, LABEL_IRQ_HANDLER_SET_NOTIFICATION, W(), C(endpoint), ERROR_INVALID_CAPABILITY,
            I(0));
    REFUSED(handler, LABEL_IRQ_HANDLER_SET_NOTIFICATION, W(), C(deaf), ERROR_INVALID_CAPABILITY,
            I(0));
    OK(handler, LABEL_IRQ_HANDLER_ACK, W(), C());
    OK(handler, LABEL_IRQ_HANDLER_CLEAR, W(), C());
}

/* ---- delivery ---- */

static void unmasked_at_once(void **unused)
{
    (void)unused;
    machine_irq_line(LINE, true);
    assert_false(is_pending());
    OK(CONTROL, GET, W(LINE, handler, D), C(ROOT));
    assert_true(is_pending());
}

static void masked_until_ack(void **unused)
{
    (void)unused;
    get_handler(LINE);
    machine_irq_line(LINE, true);
    interrupt();
    assert_false(is_pending());
    assert_int_equal(fx_poll(notification), 0x40);
    interrupt();
    assert_int_equal(fx_poll(notification), 0);
    OK(handler, LABEL_IRQ_HANDLER_ACK, W(), C());
    assert_true(is_pending()); /* a level still high */
    machine_irq_line(LINE, false);
    assert_false(is_pending());
}

static void without_a_notification_it_is_dropped(void **unused)
{
    (void)unused;
    OK(CONTROL, GET, W(LINE, handler, D), C(ROOT));
    machine_irq_line(LINE, true);
    interrupt();
    assert_false(is_pending()); /* still masked */
    OK(handler, LABEL_IRQ_HANDLER_ACK, W(), C());
    assert_true(is_pending());
}

static void the_stored_cap_is_a_copy(void **unused)
{
    (void)unused; /* its badge counts; deleting the user's cap does not take it */
    get_handler(LINE);
    fx_delete(badged);
    machine_irq_line(LINE, true);
    interrupt();
    assert_int_equal(fx_poll(notification), 0x40);
    OK(ROOT, LABEL_CNODE_REVOKE, W(notification, D), C()); /* the copy is a descendant */
    assert_true(cap_is_null(fx.cpu->kernel->irqs[LINE].slot.cap));
}

static void replacing_and_clearing(void **unused)
{
    uint64_t other = fx_mint(notification, RIGHTS_ALL, 0x80);
    (void)unused;
    get_handler(LINE);
    OK(handler, LABEL_IRQ_HANDLER_SET_NOTIFICATION, W(), C(other));
    machine_irq_line(LINE, true);
    interrupt();
    assert_int_equal(fx_poll(notification), 0x80);
    OK(handler, LABEL_IRQ_HANDLER_CLEAR, W(), C());
    OK(handler, LABEL_IRQ_HANDLER_ACK, W(), C());
    interrupt();
    assert_int_equal(fx_poll(notification), 0);
}

static void last_handler_cap_deleted(void **unused)
{
    uint64_t copy;
    (void)unused; /* abi/objects.md §3.5: notification dropped, inactive and masked */
    get_handler(LINE);
    copy = fx_copy(handler, RIGHTS_ALL);
    fx_delete(handler);
    machine_irq_line(LINE, true);
    assert_true(is_pending());
    fx_delete(copy);
    assert_false(is_pending());
    assert_true(cap_is_null(fx.cpu->kernel->irqs[LINE].slot.cap));
    get_handler(LINE); /* may be issued again */
    assert_true(is_pending());
}

static void last_handler_cap_deleted_while_held(void **unused)
{
    (void)unused;
    get_handler(LINE);
    machine_irq_line(LINE, true);
    interrupt();
    fx_delete(handler);
    assert_false(is_pending());
    get_handler(LINE);
    assert_true(is_pending());
}

static void handler_holds_the_last_cap_of_a_notification(void **unused)
{
    uint64_t lone = fx_new(OBJECT_NOTIFICATION, 0);
    uint64_t waiter = fx_thread(100, true);
    (void)unused;
    OK(CONTROL, GET, W(LINE, handler, D), C(ROOT));
    OK(handler, LABEL_IRQ_HANDLER_SET_NOTIFICATION, W(), C(lone));
    fx_switch(fx_tcb(waiter));
    fx_recv(lone);
    fx_switch(fx.root);
    fx_delete(lone);
    assert_int_equal(fx_tcb(waiter)->state, THREAD_BLOCKED_NOTIFICATION);
    fx.cpu->kernel->work_limit = 1;
    machine_preempt_at(1);
    fx_delete(handler);
    assert_int_equal(fx_tcb(waiter)->state, THREAD_RESTART);
    assert_true(cap_is_null(fx_cap(handler)));
}

static void replacing_the_last_cap_of_a_notification(void **unused)
{
    uint64_t lone = fx_new(OBJECT_NOTIFICATION, 0);
    uint64_t waiter[3];
    (void)unused; /* waking them is preempted; the call ends all the same */
    OK(CONTROL, GET, W(LINE, handler, D), C(ROOT));
    OK(handler, LABEL_IRQ_HANDLER_SET_NOTIFICATION, W(), C(lone));
    for (unsigned i = 0; i < 3; i++) {
        waiter[i] = fx_thread(100, true);
        fx_switch(fx_tcb(waiter[i]));
        fx_recv(lone);
        fx_switch(fx.root);
    }
    fx_delete(lone);
    fx.cpu->kernel->work_limit = 1;
    machine_preempt_at(2);
    fx_syscall_once(SYS_CALL, handler, LABEL_IRQ_HANDLER_SET_NOTIFICATION, W(), C(badged));
    assert_int_equal(fx_tcb(waiter[1])->state, THREAD_RESTART);
    assert_int_equal(fx_tcb(waiter[2])->state, THREAD_BLOCKED_NOTIFICATION);
    OK(handler, LABEL_IRQ_HANDLER_SET_NOTIFICATION, W(), C(badged));
    assert_int_equal(fx_tcb(waiter[2])->state, THREAD_RESTART);
    machine_irq_line(LINE, true);
    interrupt();
    assert_int_equal(fx_poll(notification), 0x40);
}

static void unissued_interrupts_are_masked(void **unused)
{
    (void)unused;
    hal_irq_enable(LINE, true);
    machine_irq_line(LINE, true);
    interrupt();
    assert_false(is_pending());
    hal_irq_enable(200, true); /* above the highest */
    machine_irq_line(200, true);
    interrupt();
    assert_false(is_pending());
}

static void no_interrupt_at_all(void **unused)
{
    struct machine_hash before = machine_hash();
    (void)unused; /* id 1023: nothing happens */
    uint64_t pc = fx.root->context.reg[REG_PC];
    fx_trap(TRAP_INTERRUPT, 0, 0);
    fx.root->context.reg[REG_PC] = pc;
    struct machine_hash after = machine_hash();
    assert_memory_equal(&before, &after, sizeof before);
}

/* ---- SGIs ---- */

static void sgi_raised_by_oneself(void **unused)
{
    uint64_t sgi = fx_slot();
    (void)unused; /* abi/vectors.md §11: word 40; again after Ack; nothing after Clear */
    get_handler(3);
    OK(CONTROL, ISSUE, W(3, 0, sgi, D), C(ROOT));
    for (unsigned i = 0; i < 2; i++) {
        OK(sgi, 12345, W(1, 2, 3), C()); /* any label */
        interrupt();
        assert_int_equal(fx_poll(notification), 0x40);
        OK(handler, LABEL_IRQ_HANDLER_ACK, W(), C());
    }
    OK(handler, LABEL_IRQ_HANDLER_CLEAR, W(), C());
    fx_syscall(SYS_NB_SEND, sgi, 0, W(), C());
    interrupt();
    assert_int_equal(fx_poll(notification), 0);
}

static void interrupt_wakes_a_bound_thread(void **unused)
{
    uint64_t thread = fx_thread(255, true);
    (void)unused;
    get_handler(LINE);
    OK(thread, LABEL_TCB_BIND_NOTIFICATION, W(), C(notification));
    fx_switch(fx_tcb(thread));
    fx_recv(endpoint);
    fx_switch(fx.root);
    machine_irq_line(LINE, true);
    interrupt();
    assert_int_equal(fx_tcb(thread)->state, THREAD_RUNNING);
    assert_int_equal(fx_tcb(thread)->context.reg[REG_X0], 0x40);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, fx_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(get_checks),
        CASE(get_trigger_checks),
        CASE(issue_sgi_checks),
        CASE(set_notification_checks),
        CASE(unmasked_at_once),
        CASE(masked_until_ack),
        CASE(without_a_notification_it_is_dropped),
        CASE(the_stored_cap_is_a_copy),
        CASE(replacing_and_clearing),
        CASE(last_handler_cap_deleted),
        CASE(last_handler_cap_deleted_while_held),
        CASE(handler_holds_the_last_cap_of_a_notification),
        CASE(replacing_the_last_cap_of_a_notification),
        CASE(unissued_interrupts_are_masked),
        CASE(no_interrupt_at_all),
        CASE(sgi_raised_by_oneself),
        CASE(interrupt_wakes_a_bound_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
