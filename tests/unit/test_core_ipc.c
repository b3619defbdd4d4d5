/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Messages and replies (abi/syscalls.md §1 to §5, abi/vectors.md §1, §8, §11). Every case runs
 * twice: with the fast paths and without; both must give the same.
 */
#include "cdt.h"
#include "ipc_bed.h"

static void set_scratch(uint64_t x1)
{
    static const uint64_t values[] = {0x22, 0x33, 0x44, 0x55, 0x66};
    for (unsigned i = 0; i < 5; i++)
        client->context.reg[REG_X2 + i] = values[i];
    client->context.reg[REG_X8] = 0x88;
    client->context.reg[REG_X1] = x1;
}

static void expect_registers(uint64_t x0, uint64_t x1)
{
    static const uint64_t values[] = {0x22, 0x33, 0x44, 0x55, 0x66};
    assert_true(client->context.reg[REG_X0] == x0);
    assert_true(client->context.reg[REG_X1] == x1);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(client->context.reg[REG_X2 + i], values[i]);
    assert_int_equal(client->context.reg[REG_X8], 0x88);
}

/* ---- abi/vectors.md §1 ---- */

static void registers_of_notifications(void **unused)
{
    uint64_t badged = fx_mint(notification, ALL, 0x50);
    uint64_t five = fx_mint(notification, ALL, 5);
    (void)unused;
    set_scratch(msginfo_new(77, 0, 0, 2));
    raw(SYS_CALL, badged);
    expect_registers(0, 0);
    set_scratch(0x1234567);
    raw(SYS_NB_RECV, notification);
    expect_registers(0x50, 0x1234567);
    raw(SYS_NB_RECV, notification);
    expect_registers(0, 0x1234567);
    set_scratch(msginfo_new(3, 1, 0, 4));
    raw(SYS_SEND, badged);
    expect_registers(badged, msginfo_new(3, 1, 0, 4));
    raw(SYS_SEND, five);
    raw(SYS_NB_RECV, notification);
    assert_int_equal(client->context.reg[REG_X0], 0x55);
}

static void registers_of_endpoints(void **unused)
{
    uint64_t silent = fx_copy(endpoint, RIGHT_READ);
    uint64_t badged = fx_mint(notification, ALL, 8);
    (void)unused;
    set_scratch(5);
    raw(SYS_SEND, silent); /* does not fault */
    expect_registers(silent, 5);
    raw(SYS_NB_SEND, silent);
    expect_registers(silent, 5);
    raw(SYS_NB_SEND, endpoint);
    expect_registers(endpoint, 5);
    raw(SYS_NB_RECV, endpoint);
    expect_registers(0, 5);
    OK(SLOT_INIT_TCB, LABEL_TCB_BIND_NOTIFICATION, W(), C(notification));
    fx_signal(badged);
    set_scratch(5);
    raw(SYS_NB_RECV, endpoint);
    expect_registers(8, 5);
}

static void yield_changes_nothing(void **unused)
{
    struct context before;
    (void)unused; /* abi/syscalls.md §1 */
    client->context.reg[REG_X7] = (uint64_t)SYS_YIELD;
    before = client->context;
    fx_trap(TRAP_SYSCALL, 0x56000000, 0);
    for (unsigned i = 1; i < REG_COUNT; i++)
        assert_int_equal(client->context.reg[i], before.reg[i]);
}

/* ---- send and receive ---- */

static void message_by_registers(void **unused)
{
    uint64_t badged = fx_mint(endpoint, ALL, 0xabcdef0123456789);
    (void)unused;
    serve(endpoint);
    server->context.reg[REG_X5] = 0x5555;
    fx_syscall(SYS_SEND, badged, 0xfffffffffffff, W(1, 2, 3), C());
    MESSAGE(server, 0xabcdef0123456789, 0xfffffffffffff, W(1, 2, 3));
    assert_int_equal(server->context.reg[REG_X5], 0x5555); /* only as many words as sent */
    assert_int_equal(server->state, THREAD_RUNNING);
    assert_int_equal(client->state, THREAD_RUNNING);
}

static void message_by_buffer(void **unused)
{
    uint64_t words[MSG_MAX_LENGTH];
    (void)unused;
    for (unsigned i = 0; i < MSG_MAX_LENGTH; i++)
        words[i] = 1000 + i;
    serve(endpoint);
    buffer_of(server)->msg[0] = 77; /* words 0..3 of the buffer and the tag are not the kernel's */
    buffer_of(server)->tag = 78;
    fx_syscall(SYS_CALL, endpoint, 9, (struct list){words, MSG_MAX_LENGTH}, C());
    MESSAGE(server, 0, 9, ((struct list){words, MSG_MAX_LENGTH}));
    assert_int_equal(buffer_of(server)->msg[0], 77);
    assert_int_equal(buffer_of(server)->tag, 78);
}

static void length_127_counts_as_120(void **unused)
{
    (void)unused; /* abi/vectors.md §8 */
    serve(endpoint);
    buffer_of(server)->user_data = 5;
    client->context.reg[REG_X1] = msginfo_new(1, 0, 0, 127);
    raw(SYS_CALL, endpoint);
    assert_int_equal(fx_answer(server).length, 120);
    assert_int_equal(buffer_of(server)->user_data, 5);
}

static void no_buffer_no_more_than_four(void **unused)
{
    (void)unused; /* abi/vectors.md §11 */
    OK(server_slot, LABEL_TCB_SET_IPC_BUFFER, W(0), C(ROOT));
    serve(endpoint);
    fx_syscall(SYS_SEND, endpoint, 3, W(1, 2, 3, 4, 5, 6), C(notification));
    MESSAGE(server, 0, 3, W(1, 2, 3, 4));
    fx_switch(server);
    server->context.reg[REG_X0] = endpoint;
    server->context.reg[REG_X1] = msginfo_new(3, 7, 1, 6);
    server->context.reg[REG_X7] = (uint64_t)SYS_SEND;
    fx_trap(TRAP_SYSCALL, 0, 0);
    fx_switch(client);
    fx_recv(endpoint);
    assert_int_equal(client->context.reg[REG_X1], msginfo_new(3, 0, 0, 4));
}

static void unusable_buffers(void **unused)
{
    uint64_t frame = fx_new(OBJECT_SMALL_PAGE, 0);
    uint64_t read_only = fx_copy(frame, RIGHT_READ);
    uint64_t none = fx_copy(frame, 0);
    (void)unused; /* abi/syscalls.md §2.2: read-only suffices to send, not to receive */
    OK(server_slot, LABEL_TCB_SET_IPC_BUFFER, W(0x400), C(read_only));
    assert_null(thread_buffer(server, true));
    assert_ptr_equal(thread_buffer(server, false),
                     (char *)hal_window(paddr(cap_object(fx_cap(frame)))) + 0x400);
    serve(endpoint);
    fx_syscall(SYS_SEND, endpoint, 3, W(1, 2, 3, 4, 5, 6), C());
    MESSAGE(server, 0, 3, W(1, 2, 3, 4));
    OK(server_slot, LABEL_TCB_SET_IPC_BUFFER, W(0x400), C(none));
    assert_null(thread_buffer(server, false));
}

static void senders_queue_first_in_first_out(void **unused)
{
    uint64_t badges[3];
    uint64_t threads[3];
    (void)unused; /* independent of priority */
    for (unsigned i = 0; i < 3; i++) {
        badges[i] = fx_mint(endpoint, ALL, i + 1);
        threads[i] = fx_thread(100 + i, true);
        fx_switch(fx_tcb(threads[i]));
        fx_syscall(SYS_SEND, badges[i], i, W(), C());
        fx_switch(client);
    }
    for (unsigned i = 0; i < 3; i++) {
        fx_recv(endpoint);
        assert_int_equal(client->context.reg[REG_X0], i + 1);
        assert_int_equal(fx_tcb(threads[i])->state, THREAD_RUNNING);
    }
}

static void receivers_queue_first_in_first_out(void **unused)
{
    uint64_t other = fx_thread(254, true);
    (void)unused;
    serve(endpoint);
    fx_switch(fx_tcb(other));
    fx_recv(endpoint);
    fx_switch(client);
    fx_syscall(SYS_NB_SEND, endpoint, 7, W(), C());
    assert_int_equal(server->state, THREAD_RUNNING);
    assert_int_equal(fx_tcb(other)->state, THREAD_BLOCKED_RECEIVE);
}

static void rights_are_remembered_from_the_send(void **unused)
{
    uint64_t badged = fx_mint(endpoint, ALL, 66);
    (void)unused; /* abi/syscalls.md §3.1: badge and rights of the used cap from this moment */
    fx_switch(server);
    fx_syscall(SYS_CALL, badged, 1, W(), C());
    fx_switch(client);
    fx_delete(badged);
    fx_recv(endpoint);
    assert_int_equal(client->context.reg[REG_X0], 66);
    assert_int_equal(server->state, THREAD_BLOCKED_REPLY);
}

/* ---- Call and reply ---- */

static void call_and_reply(void **unused)
{
    (void)unused;
    serve(endpoint);
    fx_syscall(SYS_CALL, endpoint, 4, W(40, 41), C());
    MESSAGE(server, 0, 4, W(40, 41));
    assert_int_equal(client->state, THREAD_BLOCKED_REPLY);
    assert_int_equal(cap_type(server->slots[TCB_CALLER].cap), CAP_REPLY);
    fx_switch(server);
    fx_syscall(SYS_REPLY_RECV, endpoint, 6, W(60, 61, 62, 63, 64), C());
    MESSAGE(client, 0, 6, W(60, 61, 62, 63, 64)); /* badge 0 */
    assert_int_equal(client->state, THREAD_RUNNING);
    assert_true(cap_is_null(server->slots[TCB_CALLER].cap));
    assert_int_equal(server->state, THREAD_BLOCKED_RECEIVE);
    fx_syscall(SYS_CALL, endpoint, 5, W(50), C()); /* and again */
    MESSAGE(server, 0, 5, W(50));
}

static void reply_with_none_held(void **unused)
{
    (void)unused;
    fx_syscall(SYS_REPLY, 0, 6, W(1), C());
    assert_int_equal(client->context.reg[REG_X1], msginfo_new(6, 0, 0, 1));
    fx_switch(server);
    fx_syscall(SYS_REPLY_RECV, endpoint, 6, W(1), C());
    assert_int_equal(server->state, THREAD_BLOCKED_RECEIVE);
}

static void call_without_reply_rights(void **unused)
{
    uint64_t less = fx_copy(endpoint, RIGHT_WRITE);
    (void)unused; /* abi/vectors.md §8: delivered, SaveCaller finds nothing, inactive at the svc */
    serve(endpoint);
    uint64_t svc = client->context.next_pc;
    fx_syscall(SYS_CALL, less, 4, W(40), C());
    MESSAGE(server, 0, 4, W(40));
    assert_int_equal(client->state, THREAD_INACTIVE);
    assert_int_equal(client->context.reg[REG_PC], svc);
    assert_true(cap_is_null(server->slots[TCB_CALLER].cap));
    assert_ptr_equal(fx.cpu->current, server);
    OK(SLOT_INIT_TCB, LABEL_TCB_RESUME, W(), C());
    fx_switch(client);
    assert_int_equal(client->context.next_pc, svc); /* the Call runs again */
}

static void call_with_grant_reply_only(void **unused)
{
    uint64_t less = fx_copy(endpoint, RIGHT_WRITE | RIGHT_GRANT_REPLY);
    uint64_t saved = fx_slot();
    (void)unused; /* abi/vectors.md §8, below the table */
    serve(endpoint);
    fx_syscall(SYS_CALL, less, 4, W(40), C(notification));
    assert_int_equal(fx_answer(server).extra, 0);
    fx_switch(server);
    OK(ROOT, LABEL_CNODE_SAVE_CALLER, W(saved, D), C());
    fx_syscall(SYS_DEBUG_CAP_IDENTIFY, saved, 0, W(), C());
    assert_int_equal(server->context.reg[REG_X0], CAP_REPLY);
    OK(saved, 9, W(77), C());
    assert_true(cap_is_null(fx_cap(saved)));
    assert_int_equal(client->context.reg[REG_X0], 0);
    assert_int_equal(client->context.reg[REG_X1], 0x9001);
    assert_int_equal(client->context.reg[REG_X2], 77);
    assert_int_equal(client->state, THREAD_RUNNING);
}

static void saved_reply_cap_moves_but_does_not_copy(void **unused)
{
    uint64_t saved = fx_slot();
    uint64_t moved = fx_slot();
    (void)unused;
    serve(endpoint);
    fx_syscall(SYS_CALL, endpoint, 4, W(), C());
    fx_switch(server);
    OK(ROOT, LABEL_CNODE_SAVE_CALLER, W(saved, D), C());
    REFUSED(ROOT, LABEL_CNODE_COPY, W(moved, D, saved, D, ALL), C(ROOT), ERROR_ILLEGAL_OPERATION,
            I());
    OK(ROOT, LABEL_CNODE_MOVE, W(moved, D, saved, D), C(ROOT));
    OK(ROOT, LABEL_CNODE_MUTATE, W(saved, D, moved, D, 5), C(ROOT));
    OK(SLOT_INIT_TCB, LABEL_TCB_RESUME, W(), C()); /* withdrawn */
    assert_true(cap_is_null(fx_cap(saved)));
    assert_int_equal(client->state, THREAD_RESTART);
}

static void receive_deletes_the_held_right(void **unused)
{
    (void)unused; /* abi/syscalls.md §5: on an endpoint, not on a notification */
    serve(endpoint);
    fx_syscall(SYS_CALL, endpoint, 4, W(), C());
    fx_switch(server);
    assert_int_equal(fx_poll(notification), 0);
    assert_false(cap_is_null(server->slots[TCB_CALLER].cap));
    assert_int_equal(fx_poll(endpoint), 0);
    assert_true(cap_is_null(server->slots[TCB_CALLER].cap));
    assert_int_equal(client->state, THREAD_BLOCKED_REPLY);
}

static void failed_receive_keeps_the_held_right(void **unused)
{
    uint64_t less = fx_copy(endpoint, RIGHT_WRITE);
    (void)unused; /* a fault comes before the deletion */
    serve(endpoint);
    fx_syscall(SYS_CALL, endpoint, 4, W(), C());
    fx_switch(server);
    fx_recv(less);
    assert_int_equal(server->state, THREAD_INACTIVE);
    assert_false(cap_is_null(server->slots[TCB_CALLER].cap));
}

/* ---- lookups of a send, abi/syscalls.md §3 steps 1 and 3 ---- */

static void lookup_failures_of_sends(void **unused)
{
    static const int64_t numbers[] = {SYS_CALL, SYS_SEND, SYS_NB_SEND};
    uint64_t faults = fx_mint(endpoint, ALL, 0xfa);
    uint64_t g = 64 - fx.info->init_cnode_bits;
    (void)unused;
    for (unsigned i = 0; i < 3; i++) {
        for (unsigned which = 0; which < 2; which++) { /* the cptr, then the second extra cap */
            uint64_t thread = fx_thread(255, true);
            struct tcb *tcb = fx_tcb(thread);
            tcb->fault_handler = faults;
            fx_switch(tcb);
            uint64_t svc = tcb->context.next_pc;
            if (which == 0)
                fx_syscall(numbers[i], 1ull << 63, 0, W(), C(notification));
            else
                fx_syscall(numbers[i], notification, 0, W(), C(notification, 1ull << 63));
            fx_switch(client);
            if (numbers[i] == SYS_NB_SEND) {
                assert_int_equal(tcb->state, THREAD_RUNNING);
                continue;
            }
            fx_recv(endpoint);
            MESSAGE(client, 0xfa, FAULT_CAP, W(svc, 1ull << 63, 0, 4, 0x40, 0, g));
        }
    }
    assert_int_equal(fx_poll(notification), 0);
    assert_int_equal(wait_state_of(notification), NOTIFICATION_IDLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IPC_CASE(registers_of_notifications),
        IPC_CASE(registers_of_endpoints),
        IPC_CASE(yield_changes_nothing),
        IPC_CASE(message_by_registers),
        IPC_CASE(message_by_buffer),
        IPC_CASE(length_127_counts_as_120),
        IPC_CASE(no_buffer_no_more_than_four),
        IPC_CASE(unusable_buffers),
        IPC_CASE(senders_queue_first_in_first_out),
        IPC_CASE(receivers_queue_first_in_first_out),
        IPC_CASE(rights_are_remembered_from_the_send),
        IPC_CASE(call_and_reply),
        IPC_CASE(reply_with_none_held),
        IPC_CASE(call_without_reply_rights),
        IPC_CASE(call_with_grant_reply_only),
        IPC_CASE(saved_reply_cap_moves_but_does_not_copy),
        IPC_CASE(receive_deletes_the_held_right),
        IPC_CASE(failed_receive_keeps_the_held_right),
        IPC_CASE(lookup_failures_of_sends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
