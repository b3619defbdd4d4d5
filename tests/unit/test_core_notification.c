/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Notifications and cancelled sends (abi/syscalls.md §5, §6, abi/objects.md §3.6, abi/vectors.md
 * §11). Every case runs twice: with the fast paths and without; both must give the same.
 */
#include "ipc_bed.h"

/* ---- notifications, abi/syscalls.md §6 ---- */

static void signal_with_badge_zero_makes_active(void **unused)
{
    (void)unused;
    fx_signal(notification);
    assert_int_equal(wait_state_of(notification), NOTIFICATION_ACTIVE);
    fx_recv(notification); /* does not block */
    assert_int_equal(client->context.reg[REG_X0], 0);
    assert_int_equal(wait_state_of(notification), NOTIFICATION_IDLE);
}

static void signal_wakes_the_first_waiter(void **unused)
{
    uint64_t badged = fx_mint(notification, ALL, 0xf0);
    (void)unused;
    fx_switch(server);
    fx_recv(notification);
    fx_switch(client);
    fx_signal(badged);
    assert_int_equal(server->context.reg[REG_X0], 0xf0);
    assert_int_equal(wait_state_of(notification), NOTIFICATION_IDLE);
}

static void bound_thread_states(void **unused)
{
    uint64_t badged = fx_mint(notification, ALL, 3);
    (void)unused;
    OK(server_slot, LABEL_TCB_BIND_NOTIFICATION, W(), C(notification));
    fx_signal(badged); /* running: becomes active */
    assert_int_equal(wait_state_of(notification), NOTIFICATION_ACTIVE);
    fx_switch(server);
    fx_recv(endpoint); /* delivered at once, before queued senders */
    assert_int_equal(server->context.reg[REG_X0], 3);
    fx_recv(endpoint);
    assert_int_equal(server->state, THREAD_BLOCKED_RECEIVE);
    fx_switch(client);
    fx_signal(badged); /* blocked receiving on an endpoint: taken off */
    assert_int_equal(server->state, THREAD_RUNNING);
    assert_int_equal(server->context.reg[REG_X0], 3);
    assert_int_equal(wait_state_of(notification), NOTIFICATION_IDLE);
    assert_null(endpoint_of(fx_cap(endpoint))->queue.head);
    fx_switch(server);
    fx_syscall(SYS_SEND, endpoint, 1, W(), C());
    fx_switch(client);
    fx_signal(badged); /* blocked sending: active */
    assert_int_equal(server->state, THREAD_BLOCKED_SEND);
    assert_int_equal(wait_state_of(notification), NOTIFICATION_ACTIVE);
}

static void who_may_wait_on_a_bound_notification(void **unused)
{
    (void)unused; /* abi/syscalls.md §5: not bound or bound to the caller; else CapFault */
    OK(SLOT_INIT_TCB, LABEL_TCB_BIND_NOTIFICATION, W(), C(notification));
    fx_signal(notification);
    fx_recv(notification);
    assert_int_equal(client->state, THREAD_RUNNING);
    server->fault_handler = endpoint;
    fx_switch(server);
    uint64_t svc = server->context.next_pc;
    fx_syscall(SYS_NB_RECV, notification, 0, W(), C());
    fx_switch(client);
    fx_recv(endpoint);
    MESSAGE(client, 0, FAULT_CAP, W(svc, notification, 1, 2, 0));
}

static void recv_on_anything_else_faults(void **unused)
{
    uint64_t wrong[] = {SLOT_NULL, SLOT_INIT_TCB, fx_copy(endpoint, RIGHT_WRITE),
                        fx_copy(notification, RIGHT_WRITE)};
    (void)unused; /* abi/syscalls.md §5; abi/vectors.md §7 */
    server->fault_handler = endpoint;
    for (unsigned i = 0; i < 8; i++) {
        fx_switch(server);
        uint64_t svc = server->context.next_pc;
        fx_syscall(i < 4 ? SYS_RECV : SYS_NB_RECV, wrong[i % 4], 0, W(), C());
        fx_switch(client);
        fx_recv(endpoint);
        MESSAGE(client, 0, FAULT_CAP, W(svc, wrong[i % 4], 1, 2, 0));
        client->context.reg[REG_X1] = 0;
        raw(SYS_REPLY, 0);
        assert_int_equal(server->state, THREAD_RESTART); /* the svc runs again */
    }
}

/* ---- CancelBadgedSends, abi/objects.md §3.6 and abi/vectors.md §11 ---- */

static void cancel_badged_sends(void **unused)
{
    static const uint64_t badges[] = {1, 2, 1, 2, 1};
    uint64_t caps[3] = {0, fx_mint(endpoint, ALL, 1), fx_mint(endpoint, ALL, 2)};
    struct tcb *senders[5];
    static const unsigned first[] = {1, 3};   /* B D */
    static const unsigned then[] = {4, 2, 0}; /* E C A */
    (void)unused;
    for (unsigned i = 0; i < 5; i++) {
        senders[i] = fx_tcb(fx_thread(100, true));
        fx_switch(senders[i]);
        fx_syscall(SYS_SEND, caps[badges[i]], i, W(), C());
        fx_switch(client);
    }
    OK(ROOT, LABEL_CNODE_CANCEL_BADGED_SENDS, W(caps[1], D), C());
    for (unsigned i = 0; i < 2; i++) {
        fx_recv(endpoint);
        assert_int_equal(fx_answer(client).label, first[i]);
    }
    assert_int_equal(fx_poll(endpoint), 0);
    OK(SLOT_INIT_TCB, LABEL_TCB_SET_PRIORITY, W(50), C(SLOT_INIT_TCB));
    while (fx.cpu->current != client) { /* the woken ones execute their Send again */
        struct tcb *tcb = fx.cpu->current;
        if (tcb == senders[1] || tcb == senders[3] || tcb == server)
            fx_recv(notification);
        else
            fx_trap(TRAP_SYSCALL, 0, 0);
    }
    OK(SLOT_INIT_TCB, LABEL_TCB_SET_PRIORITY, W(255), C(SLOT_INIT_TCB));
    for (unsigned i = 0; i < 3; i++) {
        fx_recv(endpoint);
        assert_int_equal(fx_answer(client).label, then[i]);
    }
}

static void cancel_leaves_receivers_and_badge_zero(void **unused)
{
    uint64_t badged = fx_mint(endpoint, ALL, 1);
    (void)unused;
    serve(endpoint);
    OK(ROOT, LABEL_CNODE_CANCEL_BADGED_SENDS, W(badged, D), C());
    OK(ROOT, LABEL_CNODE_CANCEL_BADGED_SENDS, W(endpoint, D), C());
    assert_int_equal(server->state, THREAD_BLOCKED_RECEIVE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IPC_CASE(signal_with_badge_zero_makes_active),
        IPC_CASE(signal_wakes_the_first_waiter),
        IPC_CASE(bound_thread_states),
        IPC_CASE(who_may_wait_on_a_bound_notification),
        IPC_CASE(recv_on_anything_else_faults),
        IPC_CASE(cancel_badged_sends),
        IPC_CASE(cancel_leaves_receivers_and_badge_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
