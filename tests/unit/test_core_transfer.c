/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Cap transfer in messages (abi/syscalls.md §4, abi/vectors.md §8). Every case runs twice: with the
 * fast paths and without; both must give the same.
 */
#include "cdt.h"
#include "ipc_bed.h"

/* ---- cap transfer, abi/vectors.md §8 ---- */

static uint64_t badged_endpoint, receive_slot;

static void prepare_receiver(uint64_t depth)
{
    struct ipc_buffer *to = buffer_of(server);
    badged_endpoint = fx_mint(endpoint, ALL, 0x99);
    receive_slot = fx_slot();
    to->receive_cnode = ROOT;
    to->receive_index = receive_slot;
    to->receive_depth = depth;
    for (unsigned i = 0; i < 3; i++)
        to->caps_or_badges[i] = 0xeee0 + i;
    serve(endpoint);
}

static void expect_caps(unsigned unwrapped, unsigned extra, uint64_t a, uint64_t b, uint64_t c)
{
    const struct ipc_buffer *to = buffer_of(server);
    assert_int_equal(fx_answer(server).unwrapped, unwrapped);
    assert_int_equal(fx_answer(server).extra, extra);
    assert_int_equal(to->caps_or_badges[0], a);
    assert_int_equal(to->caps_or_badges[1], b);
    assert_int_equal(to->caps_or_badges[2], c);
}

static void send_caps(uint64_t through, struct list caps)
{
    fx_syscall(SYS_SEND, through, 1, W(1, 2, 3, 4, 5, 6, 7), caps);
    assert_int_equal(fx_answer(server).length, 7);
}

static void caps_normal(void **unused)
{
    (void)unused;
    prepare_receiver(D);
    send_caps(badged_endpoint, C(badged_endpoint, notification, badged_endpoint));
    expect_caps(5, 3, 0x99, 0xeee1, 0x99);
    assert_int_equal(cap_type(fx_cap(receive_slot)), CAP_NOTIFICATION);
    assert_int_equal(ipc_rights(fx_cap(receive_slot)), RIGHT_READ | RIGHT_WRITE);
    assert_true(cdt_is_ancestor(fx_at(notification), fx_at(receive_slot)));
}

static void caps_without_grant(void **unused)
{
    (void)unused;
    prepare_receiver(D);
    send_caps(fx_copy(badged_endpoint, ALL & ~RIGHT_GRANT),
              C(badged_endpoint, notification, badged_endpoint));
    expect_caps(0, 0, 0xeee0, 0xeee1, 0xeee2);
    assert_true(cap_is_null(fx_cap(receive_slot)));
}

static void caps_slot_occupied(void **unused)
{
    (void)unused;
    prepare_receiver(D);
    buffer_of(server)->receive_index = SLOT_DOMAIN;
    send_caps(badged_endpoint, C(badged_endpoint, notification, badged_endpoint));
    expect_caps(1, 1, 0x99, 0xeee1, 0xeee2);
}

static void caps_two_real_ones(void **unused)
{
    (void)unused;
    prepare_receiver(D);
    send_caps(badged_endpoint, C(notification, notification, badged_endpoint));
    expect_caps(0, 1, 0xeee0, 0xeee1, 0xeee2);
    assert_int_equal(cap_type(fx_cap(receive_slot)), CAP_NOTIFICATION);
}

static void caps_unresolvable_slot(void **unused)
{
    static const uint64_t depths[] = {63, 0, 65, ~0ull};
    (void)unused;
    for (unsigned i = 0; i < 4; i++) {
        prepare_receiver(depths[i]);
        send_caps(badged_endpoint, C(badged_endpoint, notification, badged_endpoint));
        expect_caps(1, 1, 0x99, 0xeee1, 0xeee2);
        assert_true(cap_is_null(fx_cap(receive_slot)));
    }
}

static void caps_that_have_no_copy_stop_the_loop(void **unused)
{
    uint64_t vspace = fx_new(OBJECT_VSPACE, 0);
    uint64_t empty = fx_slot();
    uint64_t sources[] = {SLOT_IRQ_CONTROL, vspace, empty, fx.memory};
    (void)unused; /* derivation gives an error or nothing; the memory Untyped has children */
    for (unsigned i = 0; i < 4; i++) {
        prepare_receiver(D);
        send_caps(badged_endpoint, C(sources[i], notification));
        expect_caps(0, 0, 0xeee0, 0xeee1, 0xeee2);
        assert_true(cap_is_null(fx_cap(receive_slot)));
    }
}

static void caps_frames_arrive_unmapped_untypeds_fill_the_source(void **unused)
{
    uint64_t untyped = fx_new(OBJECT_UNTYPED, 12);
    (void)unused;
    prepare_receiver(D);
    send_caps(badged_endpoint, C(SLOT_BOOTINFO_FRAME));
    assert_int_equal(mapping_asid(fx_cap(receive_slot)), 0);
    prepare_receiver(D);
    send_caps(badged_endpoint, C(untyped));
    assert_int_equal(untyped_watermark(fx_cap(receive_slot)), 0);
    assert_int_equal(untyped_watermark(fx_cap(untyped)), 4096);
    assert_true(cdt_is_ancestor(fx_at(untyped), fx_at(receive_slot)));
}

static void caps_of_a_blocked_sender_are_looked_up_late(void **unused)
{
    (void)unused; /* abi/syscalls.md §4: again at transfer time; any failure → none */
    prepare_receiver(D);
    fx_switch(client);
    fx_delete(server_slot);
    uint64_t sender_slot = fx_thread(255, true);
    struct tcb *sender = fx_tcb(sender_slot);
    struct ipc_buffer *mine = buffer_of(client);
    for (unsigned bad = 0; bad < 2; bad++) {
        fx_switch(sender);
        fx_syscall(SYS_SEND, badged_endpoint, 1, W(), C(notification, badged_endpoint));
        fx_switch(client);
        if (bad)
            buffer_of(sender)->caps_or_badges[1] = 1ull << 63;
        mine->receive_cnode = ROOT;
        mine->receive_index = receive_slot;
        mine->receive_depth = D;
        fx_recv(endpoint);
        assert_int_equal(fx_answer(client).extra, bad ? 0 : 2);
        if (!bad)
            fx_delete(receive_slot);
    }
    assert_true(cap_is_null(fx_cap(receive_slot)));
}

static void caps_of_a_reply_follow_the_servers_grant(void **unused)
{
    uint64_t rights[] = {ALL, ALL & ~RIGHT_GRANT};
    (void)unused; /* §4: the grant right of the cap through which the server received */
    for (unsigned i = 0; i < 2; i++) {
        uint64_t mine = fx_copy(endpoint, rights[i]);
        struct ipc_buffer *to = buffer_of(client);
        uint64_t place = fx_slot();
        to->receive_cnode = ROOT;
        to->receive_index = place;
        to->receive_depth = D;
        serve(mine);
        fx_syscall(SYS_CALL, endpoint, 1, W(), C());
        fx_switch(server);
        fx_syscall(SYS_REPLY, 0, 2, W(), C(endpoint)); /* never unwrapped for replies */
        assert_int_equal(fx_answer(client).extra, i == 0);
        assert_int_equal(fx_answer(client).unwrapped, 0);
        assert_int_equal(cap_type(fx_cap(place)), i == 0 ? CAP_ENDPOINT : CAP_NULL);
        fx_switch(client);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IPC_CASE(caps_normal),
        IPC_CASE(caps_without_grant),
        IPC_CASE(caps_slot_occupied),
        IPC_CASE(caps_two_real_ones),
        IPC_CASE(caps_unresolvable_slot),
        IPC_CASE(caps_that_have_no_copy_stop_the_loop),
        IPC_CASE(caps_frames_arrive_unmapped_untypeds_fill_the_source),
        IPC_CASE(caps_of_a_blocked_sender_are_looked_up_late),
        IPC_CASE(caps_of_a_reply_follow_the_servers_grant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
