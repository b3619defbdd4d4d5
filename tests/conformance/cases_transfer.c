/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Cap transfer, in messages and in replies (abi/syscalls.md §4, abi/vectors.md §8).
 */
#include "messages.h"
#include "suites.h"

/* One message of seven words with the three extra caps, through a cap of badge 99 and `rights`, to
 * this thread, which offers `slot`. */
static struct kaal_message transfer(uint64_t ep, uint64_t rights, const uint64_t *caps,
                                    uint64_t slot)
{
    struct probe *p = probe_new();
    uint64_t cap = mint_of(ep, rights, 0x99);
    message_offer_slot(slot);
    for (unsigned i = 0; i < MSG_MAX_EXTRA_CAPS; i++) {
        p->buffer->caps_or_badges[i] = caps[i] == 0 ? cap : caps[i];
    }
    probe_call(p, SYS_SEND, cap, msginfo_new(9, 7, 3, 7), 1, 2);
    return message_receive(ep);
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
        struct kaal_message m = message_receive(ep);
        check_eq(m.info, msginfo_new(9, 1, rows[i].usable ? 2 : 1, 0));
        run();
    }
    check_eq(kaal_cnode_copy((struct kaal_slot){cnode, 3, 4}, at(ep), 0), ERROR_DELETE_FIRST);
    check(!occupied(slot));
    message_offer_slot(0);
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

/* Receives a Call of `p` through a cap with `rights`, whatever the caller's, and replies with one
 * cap: it is the receiver's grant that counts (abi/syscalls.md §4). */
static void reply_with_cap(struct probe *p, uint64_t ep, uint64_t rights, uint64_t cap)
{
    probe_call(p, SYS_CALL, copy_of(ep, RIGHT_WRITE | RIGHT_GRANT_REPLY), msginfo_new(5, 0, 0, 1),
               1, 2);
    (void)message_receive(copy_of(ep, rights));
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

static const struct test tests[] = {
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
    {"SYS-4-04 SYS-4-07 OBJ-5-03", "caps in replies need the grant of the receiver's cap",
     caps_in_replies},
};
const struct suite suite_transfer = SUITE("transfer", tests);
