/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Endpoints: queues, message transfer, reply rights (abi/syscalls.md §3 to §5). The frame's own
 * thread receives or sends; probes are the other side.
 */
#include "messages.h"
#include "suites.h"

static void send_queue_is_fifo(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0);
    struct probe *p[3];
    for (unsigned i = 0; i < 3; i++) {
        p[i] = probe_new();
        /* Later ones have a higher priority: the queue ignores it. */
        must(kaal_tcb_set_priority(p[i]->tcb, SLOT_INIT_TCB, PROBE_PRIORITY + i));
        probe_call(p[i], i == 1 ? SYS_CALL : SYS_SEND, mint_of(ep, RIGHTS_ALL, 10 + i),
                   msginfo_new(i, 0, 0, 2), i, 0);
        run();
        check(probe_blocked(p[i]));
    }
    for (unsigned i = 0; i < 3; i++) {
        struct kaal_message m = message_receive(ep);
        check_eq(m.badge, 10 + i);
        check_eq(m.info, msginfo_new(i, 0, 0, 2));
        check_eq(m.mr[0], i);
    }
    run();
    check(probe_done(p[0]) && probe_blocked(p[1]) && probe_done(p[2]));
}

static void receive_queue_is_fifo(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0);
    struct probe *p[3];
    for (unsigned i = 0; i < 3; i++) {
        p[i] = probe_new();
        must(kaal_tcb_set_priority(p[i]->tcb, SLOT_INIT_TCB, PROBE_PRIORITY + i));
        probe_call(p[i], SYS_RECV, ep, 0, 0, 0);
        run();
    }
    for (unsigned i = 0; i < 3; i++) {
        struct kaal_message m = {.info = msginfo_new(7, 0, 0, 1), .mr = {0x60 + i}};
        kaal_nb_send(ep, &m);
        run();
        check(probe_done(p[i]));
        check_eq(p[i]->regs[REG_X2], 0x60 + i);
    }
}

/* Five senders are queued; then some of them leave. */
static void leaving_the_send_queue(void)
{
    static const struct {
        unsigned gone;
        uint64_t order[4];
    } rows[] = {{0x4, {0, 1, 3, 4}},
                {0x1, {1, 2, 3, 4}},
                {0x10, {0, 1, 2, 3}},
                {0xe, {0, 4, 9, 9}},
                {0x11, {1, 2, 3, 9}}};
    uint64_t ep = object(OBJECT_ENDPOINT, 0);
    struct probe *p[5];
    for (unsigned i = 0; i < 5; i++) {
        p[i] = probe_new();
    }
    for (unsigned r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
        for (unsigned i = 0; i < 5; i++) {
            probe_call(p[i], SYS_SEND, ep, msginfo_new(1, 0, 0, 1), i, 0);
            settle();
        }
        for (unsigned i = 0; i < 5; i++) {
            if ((rows[r].gone >> i & 1) != 0) {
                must(kaal_tcb_suspend(p[i]->tcb));
            }
        }
        for (unsigned k = 0; k < 4 && rows[r].order[k] != 9; k++) {
            struct kaal_message m = {0};
            kaal_nb_recv(ep, &m);
            check_eq(m.info, msginfo_new(1, 0, 0, 1));
            check_eq(m.mr[0], rows[r].order[k]);
        }
        struct kaal_message none = {0};
        kaal_nb_recv(ep, &none);
        check_eq(none.info, 0);
        run();
    }
}

static void nb_send_wants_a_waiter(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0);
    struct kaal_message m = {.info = msginfo_new(7, 0, 0, 1)};
    kaal_nb_send(ep, &m);
    m = message_receive(ep);
    check_eq(m.badge, 0);
    check_eq(m.info, 0);
    /* Other senders queued: dropped as well. */
    struct probe *p = probe_new();
    probe_call(p, SYS_SEND, ep, msginfo_new(1, 0, 0, 0), 0, 0);
    settle();
    struct kaal_message second = {.info = msginfo_new(8, 0, 0, 0)};
    kaal_nb_send(ep, &second);
    m = message_receive(ep);
    check_eq(m.info, msginfo_new(1, 0, 0, 0));
    m = message_receive(ep);
    check_eq(m.info, 0);
}

static void message_lengths(void)
{
    static const struct {
        uint64_t sent, delivered;
    } rows[] = {{0, 0}, {1, 1}, {4, 4}, {5, 5}, {119, 119}, {120, 120}, {121, 120}, {127, 120}};
    uint64_t ep = object(OBJECT_ENDPOINT, 0);
    struct probe *p = probe_new();
    for (unsigned r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
        struct ipc_buffer *b = kaal_ipc_buffer;
        for (unsigned i = 0; i < MSG_MAX_LENGTH; i++) {
            p->buffer->msg[i] = 0x5000 + i;
        }
        b->tag = 0x1234;
        b->user_data = 0x5678;
        probe_call(p, SYS_SEND, ep, msginfo_new(3, 0, 0, rows[r].sent), 1, 2);
        struct kaal_message m = {0};
        settle();
        for (unsigned i = 0; i < MSG_MAX_LENGTH; i++) {
            b->msg[i] = 0x9000 + i;
        }
        kaal_nb_recv(ep, &m);
        check_eq(m.info, msginfo_new(3, 0, 0, rows[r].delivered));
        check_eq(m.mr[0], rows[r].sent >= 1 ? 1 : 0);
        for (unsigned i = 0; i < MSG_MAX_LENGTH; i++) {
            bool copied = i >= MSG_REGISTERS && i < rows[r].delivered;
            check_eq(b->msg[i], (copied ? 0x5000 : 0x9000) + i);
        }
        check_eq(b->tag, 0x1234);
        check_eq(b->user_data, 0x5678);
        run();
    }
}

static void without_buffers(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0);
    struct probe *p = probe_new();
    must(kaal_tcb_set_ipc_buffer(p->tcb, 0, SLOT_NULL));
    message_fill_badges(p->buffer);
    probe_call(p, SYS_SEND, ep, msginfo_new(3, 7, 1, 6), 1, 2);
    struct kaal_message m = message_receive(ep);
    check_eq(m.info, msginfo_new(3, 0, 0, 4));
    run();
    /* As a receiver: the sender's six words arrive as four. */
    probe_call(p, SYS_RECV, ep, 0, 0, 0);
    settle();
    m = (struct kaal_message){.info = msginfo_new(4, 0, 0, 6), .mr = {1, 2, 3, 4}};
    kaal_nb_send(ep, &m);
    run();
    check(probe_done(p));
    check_eq(p->regs[REG_X1], msginfo_new(4, 0, 0, 4));
    check_eq(p->regs[REG_X5], 4);
}

static void read_only_buffer(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0);
    struct probe *p = probe_new();
    uint64_t frame = copy_of(p->buffer_frame, RIGHT_READ);
    must(kaal_tcb_set_ipc_buffer(p->tcb, (uint64_t)p->buffer, frame));
    p->buffer->msg[4] = 0x77;
    probe_call(p, SYS_SEND, ep, msginfo_new(3, 0, 0, 5), 1, 2);
    struct kaal_message m = message_receive(ep);
    check_eq(m.info, msginfo_new(3, 0, 0, 5));
    check_eq(kaal_ipc_buffer->msg[4], 0x77);
    run();
    probe_call(p, SYS_RECV, ep, 0, 0, 0);
    settle();
    m = (struct kaal_message){.info = msginfo_new(4, 0, 0, 6)};
    kaal_nb_send(ep, &m);
    run();
    check_eq(p->buffer->msg[4], 0x77);
    check(probe_done(p));
    check_eq(p->regs[REG_X1], msginfo_new(4, 0, 0, 4));
}

static void call_without_grant(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0), saved = slot_new();
    struct probe *p = probe_new();
    probe_call(p, SYS_CALL, copy_of(ep, RIGHT_WRITE), msginfo_new(5, 0, 0, 1), 1, 2);
    struct kaal_message m = message_receive(ep);
    check_eq(m.info, msginfo_new(5, 0, 0, 1));
    must(kaal_cnode_save_caller(at(saved)));
    check(!occupied(saved));
    run();
    check(probe_blocked(p));
    /* Inactive; Resume executes the Call again. */
    must(kaal_tcb_resume(p->tcb));
    m = message_receive(ep);
    check_eq(m.info, msginfo_new(5, 0, 0, 1));
}

static void call_with_grant_reply(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0), saved = slot_new(),
             ntfn = object(OBJECT_NOTIFICATION, 0);
    struct probe *p = probe_new();
    p->buffer->caps_or_badges[0] = ntfn;
    probe_call(p, SYS_CALL, copy_of(ep, RIGHT_WRITE | RIGHT_GRANT_REPLY), msginfo_new(5, 0, 1, 1),
               1, 2);
    struct kaal_message m = message_receive(ep);
    check_eq(m.info, msginfo_new(5, 0, 0, 1));
    must(kaal_cnode_save_caller(at(saved)));
    check(occupied(saved));
    struct invocation v = INVOCATION(saved, 9, NO_CAPS, 0x77);
    check_call(v, OK);
    check(!occupied(saved));
    run();
    check(probe_done(p));
    check_eq(p->regs[REG_X0], 0);
    check_eq(p->regs[REG_X1], msginfo_new(9, 0, 0, 1));
    check_eq(p->regs[REG_X2], 0x77);
}

static void saved_reply_caps(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0), saved = slot_new(), moved = slot_new();
    struct probe *p = probe_new();
    probe_call(p, SYS_CALL, ep, msginfo_new(5, 0, 0, 1), 1, 2);
    (void)message_receive(ep);
    must(kaal_cnode_save_caller(at(saved)));
    struct invocation v = INVOCATION(ROOT, LABEL_CNODE_COPY, CAPS(ROOT), moved, 64, saved, 64, 15);
    check_call(v, ILLEGAL);
    must(kaal_cnode_move(at(moved), at(saved)));
    /* Nothing is held any more: Reply has no effect. */
    struct kaal_message m = {.info = msginfo_new(1, 0, 0, 0)};
    kaal_reply(&m);
    run();
    check(probe_blocked(p));
    /* Suspended meanwhile: the cap is gone. */
    must(kaal_tcb_suspend(p->tcb));
    check(!occupied(moved));
    /* Resumed: the Call is executed again. Deleting the cap leaves the caller blocked. */
    must(kaal_tcb_resume(p->tcb));
    (void)message_receive(ep);
    must(kaal_cnode_save_caller(at(saved)));
    check(occupied(saved));
    must(kaal_cnode_delete(at(saved)));
    run();
    check(probe_blocked(p));
    must(kaal_tcb_resume(p->tcb));
    (void)message_receive(ep);
    must(kaal_cnode_save_caller(at(saved)));
    must(kaal_cnode_delete(at(p->tcb)));
    check(!occupied(saved));
}

static void waiting_on_notifications_keeps_the_reply(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0), ntfn = object(OBJECT_NOTIFICATION, 0);
    struct probe *p = probe_new();
    probe_call(p, SYS_CALL, ep, msginfo_new(5, 0, 0, 1), 1, 2);
    (void)message_receive(ep);
    check_eq(kaal_poll(ntfn), 0);
    struct kaal_message m = {.info = msginfo_new(6, 0, 0, 0)};
    kaal_reply(&m);
    run();
    check(probe_done(p));
}

static void endpoint_deleted(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0), slot = copy_of(ep, RIGHTS_ALL);
    struct probe *r = probe_new();
    probe_call(r, SYS_RECV, slot, 0, 0, 0);
    settle();
    must(kaal_cnode_delete(at(ep)));
    run();
    check(probe_blocked(r));
    must(kaal_cnode_delete(at(slot)));
    run();
    check_eq(msginfo_label(r->fault.info), FAULT_CAP);
    check_eq(r->fault.mr[1], slot);

    ep = object(OBJECT_ENDPOINT, 0);
    struct probe *c = probe_new(), *s = probe_new();
    probe_call(c, SYS_CALL, ep, msginfo_new(5, 0, 0, 1), 1, 2);
    probe_call(s, SYS_SEND, ep, msginfo_new(5, 0, 0, 1), 1, 2);
    settle();
    must(kaal_cnode_delete(at(ep)));
    run();
    check(probe_done(c) && probe_done(s));
    check_eq(c->regs[REG_X1], msginfo_new(ERROR_INVALID_CAPABILITY, 0, 0, 1));
    check_eq(s->regs[REG_X1], msginfo_new(5, 0, 0, 1));
}

static void cancel_badged_sends(void)
{
    static const uint64_t badges[] = {1, 2, 1, 2, 1};
    uint64_t ep = object(OBJECT_ENDPOINT, 0), first = mint_of(ep, RIGHTS_ALL, 1);
    struct probe *p[5];
    for (unsigned i = 0; i < 5; i++) {
        p[i] = probe_new();
        probe_call(p[i], SYS_SEND, mint_of(ep, RIGHTS_ALL, badges[i]), msginfo_new(0, 0, 0, 1),
                   0xa + i, 0);
        run();
    }
    must(kaal_cnode_cancel_badged_sends(at(ep))); /* badge 0: no effect */
    must(kaal_cnode_cancel_badged_sends(at(first)));
    /* A to E were queued; B and D stay, the others send again, in reverse order. */
    static const uint64_t order[] = {0xb, 0xd, 0xe, 0xc, 0xa};
    for (unsigned i = 0; i < 5; i++) {
        struct kaal_message m = {0};
        if (i == 2) {
            settle();
        }
        kaal_nb_recv(ep, &m);
        check_eq(m.mr[0], order[i]);
    }
}

static const struct test tests[] = {
    {"SYS-3.1-02 SYS-3.1-05 SYS-5-08 SYS-5-09 SYS-5.2-01 SCH-3-22", "senders are served in order",
     send_queue_is_fifo},
    {"SYS-3.1-01 SYS-3.1-05 SYS-3.1-03 SYS-3-09 SYS-3-13", "receivers are served in order",
     receive_queue_is_fifo},
    {"SYS-3.1-05 SCH-6-01", "suspended in the middle of an endpoint's queue",
     leaving_the_send_queue},
    {"SYS-3.1-02 VEC-1-10", "NBSend wants a waiting receiver", nb_send_wants_a_waiter},
    {"SYS-2.1-01 SYS-2.1-05 SYS-4-01 SYS-1.2-07 SYS-1.2-08 SYS-2.2-01 SYS-2.2-02 SYS-2.2-03 "
     "VEC-8-03",
     "lengths from 0 to 127", message_lengths},
    {"SYS-3-07 SYS-3-08 SYS-4-02 VEC-11-13 SYS-3-03", "threads without a buffer", without_buffers},
    {"SYS-2.2-08 SYS-2.2-10 VSP-7-03", "a read-only buffer sends but does not receive",
     read_only_buffer},
    {"VEC-8-07 SYS-3.1-04 SYS-5-09", "Call with neither grant nor grant-reply", call_without_grant},
    {"VEC-8-08 SYS-3-16 SYS-5.1-02 SYS-3.1-04 OBJ-5-04", "Call with grant-reply only",
     call_with_grant_reply},
    {"SYS-5.1-01 SYS-5.1-02 SYS-5.1-03 SYS-5.1-07 OBJ-3.5-12 SYS-4.1-06 OBJ-3.1-07",
     "saved reply caps", saved_reply_caps},
    {"SYS-5-11", "receiving on a notification keeps the reply right",
     waiting_on_notifications_keeps_the_reply},
    {"SYS-9-02 OBJ-3.5-03 OBJ-3.5-14", "deleting an endpoint releases its queue", endpoint_deleted},
    {"VEC-11-12 OBJ-3.6-01 OBJ-3.6-02 SCH-3-19 INV-5-05", "CancelBadgedSends", cancel_badged_sends},
};
const struct suite suite_ipc = SUITE("ipc", tests);
