/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Endpoints: queues, message transfer, cap transfer, reply rights (abi/syscalls.md §3 to §5,
 * abi/vectors.md §8). The frame's own thread receives or sends; probes are the other side.
 */
#include "kaal/string.h"
#include "probe.h"
#include "suites.h"

#define FILL 0xeee0 /* the receiver's caps_or_badges before a message, as in abi/vectors.md §8 */

static void fill_badges(struct ipc_buffer *b)
{
    for (unsigned i = 0; i < MSG_MAX_EXTRA_CAPS; i++) {
        b->caps_or_badges[i] = FILL + i;
    }
}

/* What this thread receives next on `ep`, after everything else has run. */
static struct kaal_message receive(uint64_t ep)
{
    struct kaal_message m = {0};
    settle();
    fill_badges(kaal_ipc_buffer);
    kaal_nb_recv(ep, &m);
    return m;
}

/* Offers `slot` as this thread's receive slot; 0 = none. */
static void offer(uint64_t slot)
{
    kaal_ipc_buffer->receive_cnode = ROOT;
    kaal_ipc_buffer->receive_index = slot;
    kaal_ipc_buffer->receive_depth = slot == 0 ? 0 : WORD_BITS;
}

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
        struct kaal_message m = receive(ep);
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

static void nb_send_wants_a_waiter(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0);
    struct kaal_message m = {.info = msginfo_new(7, 0, 0, 1)};
    kaal_nb_send(ep, &m);
    m = receive(ep);
    check_eq(m.badge, 0);
    check_eq(m.info, 0);
    /* Other senders queued: dropped as well. */
    struct probe *p = probe_new();
    probe_call(p, SYS_SEND, ep, msginfo_new(1, 0, 0, 0), 0, 0);
    settle();
    struct kaal_message second = {.info = msginfo_new(8, 0, 0, 0)};
    kaal_nb_send(ep, &second);
    m = receive(ep);
    check_eq(m.info, msginfo_new(1, 0, 0, 0));
    m = receive(ep);
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
    fill_badges(p->buffer);
    probe_call(p, SYS_SEND, ep, msginfo_new(3, 7, 1, 6), 1, 2);
    struct kaal_message m = receive(ep);
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
    struct kaal_message m = receive(ep);
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

/* One message of seven words with the three extra caps, through a cap of badge 99 and `rights`, to
 * this thread, which offers `slot`. */
static struct kaal_message transfer(uint64_t ep, uint64_t rights, const uint64_t *caps,
                                    uint64_t slot)
{
    struct probe *p = probe_new();
    uint64_t cap = mint_of(ep, rights, 0x99);
    offer(slot);
    for (unsigned i = 0; i < MSG_MAX_EXTRA_CAPS; i++) {
        p->buffer->caps_or_badges[i] = caps[i] == 0 ? cap : caps[i];
    }
    probe_call(p, SYS_SEND, cap, msginfo_new(9, 7, 3, 7), 1, 2);
    return receive(ep);
}

static void check_badges(uint64_t first, uint64_t second, uint64_t third)
{
    check_eq(kaal_ipc_buffer->caps_or_badges[0], first);
    check_eq(kaal_ipc_buffer->caps_or_badges[1], second);
    check_eq(kaal_ipc_buffer->caps_or_badges[2], third);
}

static void cap_transfer(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0), ntfn = object(OBJECT_NOTIFICATION, 0);
    uint64_t slot = slot_new();
    const uint64_t mixed[] = {0, ntfn, 0}; /* 0: the cap sent through */
    struct kaal_message m = transfer(ep, RIGHTS_ALL, mixed, slot);
    check_eq(m.badge, 0x99);
    check_eq(m.info, msginfo_new(9, 5, 3, 7));
    check_badges(0x99, FILL + 1, 0x99);
    check(occupied(slot));
    /* What arrived is a working copy of the notification, all rights kept. */
    kaal_signal(slot);
    check_eq(kaal_poll(ntfn), 0);
    (void)mint_of(slot, RIGHTS_ALL, 5);
    must(kaal_cnode_revoke(at(ntfn)));
    check(!occupied(slot));
}

static void cap_transfer_needs_grant(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0), ntfn = object(OBJECT_NOTIFICATION, 0);
    uint64_t slot = slot_new();
    const uint64_t mixed[] = {0, ntfn, 0};
    struct kaal_message m = transfer(ep, RIGHT_WRITE | RIGHT_GRANT_REPLY, mixed, slot);
    check_eq(m.info, msginfo_new(9, 0, 0, 7));
    check_badges(FILL, FILL + 1, FILL + 2);
    check(!occupied(slot));
}

static void cap_transfer_stops(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0), ntfn = object(OBJECT_NOTIFICATION, 0);
    uint64_t slot = slot_new();
    const uint64_t mixed[] = {0, ntfn, 0}, two[] = {ntfn, ntfn, 0};
    const uint64_t control[] = {SLOT_IRQ_CONTROL, ntfn, 0}, parent[] = {case_untyped(), ntfn, 0};
    /* The receive slot is occupied. */
    struct kaal_message m = transfer(ep, RIGHTS_ALL, mixed, ntfn);
    check_eq(m.info, msginfo_new(9, 1, 1, 7));
    check_badges(0x99, FILL + 1, FILL + 2);
    /* The second cap finds the slot used up. */
    m = transfer(ep, RIGHTS_ALL, two, slot);
    check_eq(m.info, msginfo_new(9, 0, 1, 7));
    check_badges(FILL, FILL + 1, FILL + 2);
    check(occupied(slot));
    /* Caps that cannot be derived. */
    slot = slot_new();
    m = transfer(ep, RIGHTS_ALL, control, slot);
    check_eq(m.info, msginfo_new(9, 0, 0, 7));
    m = transfer(ep, RIGHTS_ALL, parent, slot);
    check_eq(m.info, msginfo_new(9, 0, 0, 7));
    check(!occupied(slot));
}

static void receive_slot_lookup(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0), ntfn = object(OBJECT_NOTIFICATION, 0);
    uint64_t slot = slot_new(), cnode = object(OBJECT_CNODE, 4);
    struct probe *p = probe_new();
    uint64_t cap = mint_of(ep, RIGHTS_ALL, 0x99);
    const struct {
        uint64_t root, index, depth;
        bool usable;
    } rows[] = {
        {ROOT, slot, 63, false}, {ROOT, slot, 0, false},    {ROOT, slot, 65, false},
        {ntfn, slot, 64, false}, {1ull << 63, 3, 4, false}, {cnode, 3, 5, false},
        {cnode, 3, 3, false},    {cnode, 3, 4, true},
    };
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        kaal_ipc_buffer->receive_cnode = rows[i].root;
        kaal_ipc_buffer->receive_index = rows[i].index;
        kaal_ipc_buffer->receive_depth = rows[i].depth;
        p->buffer->caps_or_badges[0] = cap;
        p->buffer->caps_or_badges[1] = ntfn;
        probe_call(p, SYS_SEND, cap, msginfo_new(9, 0, 2, 0), 1, 2);
        struct kaal_message m = receive(ep);
        check_eq(m.info, msginfo_new(9, 1, rows[i].usable ? 2 : 1, 0));
        run();
    }
    check_eq(kaal_cnode_copy((struct kaal_slot){cnode, 3, 4}, at(ep), 0), ERROR_DELETE_FIRST);
    check(!occupied(slot));
    offer(0);
}

static void untyped_is_sent_once(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0), from = untyped(12), slot = slot_new();
    const uint64_t caps[] = {from, 0, 0};
    struct kaal_message m = transfer(ep, RIGHTS_ALL, caps, slot);
    check_eq(m.info, msginfo_new(9, 6, 3, 7));
    struct invocation v =
        INVOCATION(from, LABEL_UNTYPED_RETYPE, CAPS(ROOT), OBJECT_ENDPOINT, 0, 0, 0, slot_new(), 1);
    check_call(v, NO_MEMORY(0));
    v.target = slot;
    check_call(v, OK);
}

static void badge_of_another_endpoint_is_a_cap(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0), other = object(OBJECT_ENDPOINT, 0);
    uint64_t slot = slot_new();
    const uint64_t caps[] = {other, 0, 0};
    struct kaal_message m = transfer(ep, RIGHTS_ALL, caps, slot);
    check_eq(m.info, msginfo_new(9, 6, 3, 7));
    check_badges(FILL, 0x99, 0x99);
    check(occupied(slot));
}

static void call_without_grant(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0), saved = slot_new();
    struct probe *p = probe_new();
    probe_call(p, SYS_CALL, copy_of(ep, RIGHT_WRITE), msginfo_new(5, 0, 0, 1), 1, 2);
    struct kaal_message m = receive(ep);
    check_eq(m.info, msginfo_new(5, 0, 0, 1));
    must(kaal_cnode_save_caller(at(saved)));
    check(!occupied(saved));
    run();
    check(probe_blocked(p));
    /* Inactive; Resume executes the Call again. */
    must(kaal_tcb_resume(p->tcb));
    m = receive(ep);
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
    struct kaal_message m = receive(ep);
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

/* Receives a Call of `p` through a cap with `rights`, whatever the caller's, and replies with one
 * cap: it is the receiver's grant that counts (abi/syscalls.md §4). */
static void reply_with_cap(struct probe *p, uint64_t ep, uint64_t rights, uint64_t cap)
{
    probe_call(p, SYS_CALL, copy_of(ep, RIGHT_WRITE | RIGHT_GRANT_REPLY), msginfo_new(5, 0, 0, 1),
               1, 2);
    (void)receive(copy_of(ep, rights));
    kaal_ipc_buffer->caps_or_badges[0] = cap;
    struct kaal_message m = {.info = msginfo_new(6, 0, 1, 0)};
    kaal_reply(&m);
    run();
    check(probe_done(p));
}

static void caps_in_replies(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0), ntfn = object(OBJECT_NOTIFICATION, 0);
    uint64_t slot = slot_new();
    struct probe *p = probe_new();
    p->buffer->receive_cnode = ROOT;
    p->buffer->receive_index = slot;
    p->buffer->receive_depth = WORD_BITS;
    reply_with_cap(p, ep, RIGHT_READ | RIGHT_GRANT_REPLY, ntfn);
    check_eq(p->regs[REG_X1], msginfo_new(6, 0, 0, 0));
    check(!occupied(slot));
    reply_with_cap(p, ep, RIGHT_READ | RIGHT_GRANT, ntfn);
    check_eq(p->regs[REG_X1], msginfo_new(6, 0, 1, 0));
    check(occupied(slot));
    must(kaal_cnode_delete(at(slot)));
    /* The endpoint's own cap is a cap like any other in a reply. */
    reply_with_cap(p, ep, RIGHTS_ALL, ep);
    check_eq(p->regs[REG_X1], msginfo_new(6, 0, 1, 0));
    check(occupied(slot));
}

static void saved_reply_caps(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0), saved = slot_new(), moved = slot_new();
    struct probe *p = probe_new();
    probe_call(p, SYS_CALL, ep, msginfo_new(5, 0, 0, 1), 1, 2);
    (void)receive(ep);
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
    (void)receive(ep);
    must(kaal_cnode_save_caller(at(saved)));
    check(occupied(saved));
    must(kaal_cnode_delete(at(saved)));
    run();
    check(probe_blocked(p));
    must(kaal_tcb_resume(p->tcb));
    (void)receive(ep);
    must(kaal_cnode_save_caller(at(saved)));
    must(kaal_cnode_delete(at(p->tcb)));
    check(!occupied(saved));
}

static void waiting_on_notifications_keeps_the_reply(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0), ntfn = object(OBJECT_NOTIFICATION, 0);
    struct probe *p = probe_new();
    probe_call(p, SYS_CALL, ep, msginfo_new(5, 0, 0, 1), 1, 2);
    (void)receive(ep);
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
    {"SYS-3.1-02 VEC-1-10", "NBSend wants a waiting receiver", nb_send_wants_a_waiter},
    {"SYS-2.1-01 SYS-2.1-05 SYS-4-01 SYS-1.2-07 SYS-1.2-08 SYS-2.2-01 SYS-2.2-02 SYS-2.2-03 "
     "VEC-8-03",
     "lengths from 0 to 127", message_lengths},
    {"SYS-3-07 SYS-3-08 SYS-4-02 VEC-11-13 SYS-3-03", "threads without a buffer", without_buffers},
    {"SYS-2.2-08 SYS-2.2-10 VSP-7-03", "a read-only buffer sends but does not receive",
     read_only_buffer},
    {"VEC-8-01 SYS-4-07 SYS-4-08 SYS-4-10 SYS-4-11 SYS-4-13 SYS-2.1-02 SYS-2.1-03 SYS-2.1-06 "
     "SYS-2.2-04 SYS-2.2-05 SYS-2.2-06 SYS-2.2-07 SYS-4-06",
     "badges are unwrapped, one cap arrives", cap_transfer},
    {"VEC-8-02 SYS-4-03 OBJ-5-03", "no caps without grant", cap_transfer_needs_grant},
    {"VEC-8-04 VEC-8-05 SYS-4-09 SYS-4-12 SYS-4-15 SYS-4.1-01 SYS-4.1-06", "where transfer stops",
     cap_transfer_stops},
    {"VEC-8-06 SYS-4-14 SYS-4-15 SYS-4-16 OBJ-4.2-02", "receive slots that cannot be used",
     receive_slot_lookup},
    {"SYS-4.1-02 OBJ-2-20 OBJ-3.1-06", "an Untyped sent makes its source full",
     untyped_is_sent_once},
    {"SYS-4-07", "a cap of another endpoint is transferred", badge_of_another_endpoint_is_a_cap},
    {"VEC-8-07 SYS-3.1-04 SYS-5-09", "Call with neither grant nor grant-reply", call_without_grant},
    {"VEC-8-08 SYS-3-16 SYS-5.1-02 SYS-3.1-04 OBJ-5-04", "Call with grant-reply only",
     call_with_grant_reply},
    {"SYS-4-04 SYS-4-07 OBJ-5-03", "caps in replies need the grant of the receiver's cap",
     caps_in_replies},
    {"SYS-5.1-01 SYS-5.1-02 SYS-5.1-03 SYS-5.1-07 OBJ-3.5-12 SYS-4.1-06 OBJ-3.1-07",
     "saved reply caps", saved_reply_caps},
    {"SYS-5-11", "receiving on a notification keeps the reply right",
     waiting_on_notifications_keeps_the_reply},
    {"SYS-9-02 OBJ-3.5-03 OBJ-3.5-14", "deleting an endpoint releases its queue", endpoint_deleted},
    {"VEC-11-12 OBJ-3.6-01 OBJ-3.6-02 SCH-3-19 INV-5-05", "CancelBadgedSends", cancel_badged_sends},
};
const struct suite suite_ipc = SUITE("ipc", tests);
