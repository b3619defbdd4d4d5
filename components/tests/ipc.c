/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * IPC between components, by the system calls alone: a server, a tester that prints TAP, and eight
 * senders that queue. Expected values: abi/syscalls.md §2 to §5 (transfer, badges, queues,
 * notifications).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "comp/system.h"

enum {
    SENDERS = 8,
    WORDS = 120,
};

/* Labels of messages to the server. */
enum {
    LABEL_COMPLEMENT = 1, /* replies with the complement of every word */
    LABEL_ORDER,          /* from a sender: noted, answered at once */
    LABEL_NEXT,           /* the next noted badge in word 0, 0 = none */
    LABEL_CAP,            /* a cap: used to send label 7 with word 0 = caps received */
    LABEL_WAIT,           /* waits for the ring's signal before anything else is received */
};

static uint64_t noted[SENDERS];
static unsigned notes;
static unsigned told;

static const struct env_entry *entry(const char *name, enum env_kind kind)
{
    const struct env_entry *e = comp_find(name, kind);
    if (e == NULL) {
        comp_fail(2, name, SYSTEM_NOT_FOUND);
    }
    return e;
}

/* ---- the server ---- */

/* Sends through the received cap what the message said about it. */
static void use_cap(const struct kaal_message *m, uint32_t slot)
{
    struct kaal_message reply = {.info = msginfo_new(7, 0, 0, 2),
                                 .mr = {msginfo_extra_caps(m->info), msginfo_unwrapped(m->info)}};
    kaal_nb_send(slot, &reply);
    comp_slot_clear(slot);
}

static void serve(struct kaal_message *m, uint32_t slot)
{
    uint64_t length = msginfo_length(m->info);
    memcpy(kaal_ipc_buffer->msg, m->mr, sizeof(m->mr));
    switch (msginfo_label(m->info)) {
    case LABEL_COMPLEMENT:
        for (uint64_t i = 0; i < length; i++) {
            kaal_ipc_buffer->msg[i] = ~kaal_ipc_buffer->msg[i];
        }
        break;
    case LABEL_ORDER:
        if (notes < SENDERS) {
            noted[notes++] = m->badge;
        }
        break;
    case LABEL_NEXT:
        kaal_ipc_buffer->msg[0] = told < notes ? noted[told++] : 0;
        length = 1;
        break;
    case LABEL_CAP:
        kaal_ipc_buffer->msg[0] =
            msginfo_unwrapped(m->info) != 0 ? kaal_ipc_buffer->caps_or_badges[0] : 0;
        if (msginfo_unwrapped(m->info) == 0 && msginfo_extra_caps(m->info) != 0) {
            struct kaal_message kept = *m;
            use_cap(&kept, slot);
            kaal_ipc_buffer->msg[0] = 0;
        }
        length = 1;
        break;
    default: break;
    }
    memcpy(m->mr, kaal_ipc_buffer->msg, sizeof(m->mr));
    m->info = msginfo_new(0, 0, 0, length);
}

static _Noreturn void server(void)
{
    struct kaal_message m = {0};
    uint32_t slot = comp_slot_take();
    uint64_t bit = entry("go", ENV_CONSUMER)->badge;
    /* The senders queue up meanwhile. */
    while ((kaal_wait(SLOT_NOTIFICATION) & bit) == 0) {
    }
    comp_receive_slot(slot);
    kaal_recv(SLOT_SERVICE, &m);
    for (;;) {
        if ((m.badge & BADGE_MESSAGE) == 0) {
            kaal_recv(SLOT_SERVICE, &m); /* a signal */
            continue;
        }
        serve(&m, slot);
        kaal_reply_recv(SLOT_SERVICE, &m);
    }
}

/* ---- a sender ---- */

static int sender(void)
{
    struct kaal_message m = {.info = msginfo_new(LABEL_ORDER, 0, 0, 0)};
    kaal_call(entry("server", ENV_CHANNEL)->slot, &m);
    return 0;
}

/* ---- the tester ---- */

static unsigned cases;
static unsigned failed;

static void check(bool holds, const char *what)
{
    printf("%sok %u - %s\n", holds ? "" : "not ", ++cases, what);
    failed += !holds;
}

static uint64_t call(uint64_t label, uint64_t length, struct kaal_message *m)
{
    m->info = msginfo_new(label, 0, 0, length);
    return comp_call(entry("server", ENV_CHANNEL)->slot, m);
}

/* Every length, every word, in both directions. */
static void test_lengths(void)
{
    bool good = true;
    for (uint64_t length = 0; length <= WORDS; length++) {
        struct kaal_message m = {0};
        for (uint64_t i = 0; i < WORDS; i++) {
            kaal_ipc_buffer->msg[i] = length * 1000 + i;
        }
        memcpy(m.mr, kaal_ipc_buffer->msg, sizeof(m.mr));
        good = good && call(LABEL_COMPLEMENT, length, &m) == 0 && msginfo_length(m.info) == length;
        memcpy(kaal_ipc_buffer->msg, m.mr, sizeof(m.mr));
        for (uint64_t i = 0; i < length; i++) {
            good = good && kaal_ipc_buffer->msg[i] == ~(length * 1000 + i);
        }
    }
    check(good, "messages of 0 to 120 words arrive whole, both ways");
}

/* The senders began to wait in the order of their priorities (abi/scheduling.md: endpoints are
 * FIFO). Their badges count the server's clients; the tester is the first. */
static void test_order(void)
{
    bool good = true;
    for (uint64_t i = 0; i < SENDERS; i++) {
        struct kaal_message m = {0};
        good = good && call(LABEL_NEXT, 0, &m) == 0 && m.mr[0] == (BADGE_MESSAGE | (i + 2));
    }
    check(good, "eight senders are served in the order in which they began to wait");
}

/* Sends the cap in `slot` to the server; word 0 of its reply. */
static uint64_t send_cap(uint32_t slot)
{
    struct kaal_message m = {.info = msginfo_new(LABEL_CAP, 0, 1, 0)};
    kaal_ipc_buffer->caps_or_badges[0] = slot;
    (void)!comp_call(entry("server", ENV_CHANNEL)->slot, &m);
    return m.mr[0];
}

/* The server sends through what it was given, while this thread waits for its reply: so the message
 * is dropped unless it is a notification's. */
static void test_caps(void)
{
    uint32_t first = comp_slot_take();
    uint32_t second = comp_slot_take();
    uint32_t minted = comp_slot_take();
    check(system_notification(first, second) == SYSTEM_OK, "a pair of notifications");
    check(kaal_cnode_mint(comp_slot(minted), comp_slot(first), RIGHT_WRITE, 0x50) == ERROR_NONE,
          "a badged copy with less rights");
    (void)send_cap(minted);
    check(kaal_poll(first) == 0x50, "a granted cap works, with its badge, where it was sent");
    check(kaal_poll(second) == 0, "and nothing else was signalled");
    /* The first copy with a badge is the parent of further ones (abi/invocations.md §5). */
    uint32_t copy = comp_slot_take();
    check(kaal_cnode_copy(comp_slot(copy), comp_slot(minted), RIGHT_WRITE) == ERROR_NONE,
          "a copy of the badged copy");
    (void)send_cap(copy);
    check(kaal_poll(first) == 0x50, "works too");
    check(kaal_cnode_revoke(comp_slot(minted)) == ERROR_NONE, "until its parent is revoked");
    (void)send_cap(copy);
    check(kaal_poll(first) == 0, "then it is gone");
    comp_slot_clear(minted);
    comp_slot_give(copy);
    /* A cap to the receiving endpoint arrives as its badge (abi/syscalls.md §3, unwrapping). */
    check(send_cap(entry("server", ENV_CHANNEL)->slot) == (BADGE_MESSAGE | 1),
          "a cap to the server's own endpoint arrives as its badge");
    check(system_free(first) == SYSTEM_OK && system_free(second) == SYSTEM_OK,
          "the pair goes back");
    comp_slot_give(first);
    comp_slot_give(second);
    comp_slot_give(minted);
}

static void test_notifications(void)
{
    uint32_t a = comp_slot_take();
    uint32_t b = comp_slot_take();
    uint32_t one = comp_slot_take();
    uint32_t two = comp_slot_take();
    check(system_notification(a, b) == SYSTEM_OK, "a pair of notifications again");
    bool minted = kaal_cnode_mint(comp_slot(one), comp_slot(a), RIGHTS_ALL, 1) == ERROR_NONE &&
                  kaal_cnode_mint(comp_slot(two), comp_slot(a), RIGHTS_ALL, 6) == ERROR_NONE;
    check(minted, "two badged copies");
    kaal_signal(one);
    kaal_signal(two);
    kaal_signal(one);
    check(kaal_wait(a) == 7, "signals gather in one word");
    check(kaal_poll(a) == 0, "which is taken whole");
    check(kaal_poll(b) == 0, "the other one of the pair is another");
    comp_slot_clear(one);
    comp_slot_clear(two);
    check(system_free(a) == SYSTEM_OK && system_free(b) == SYSTEM_OK, "the pair goes back");
}

/* Without a receiver: dropped, or refused by nobody; without a sender: nothing. */
static void test_without_partner(void)
{
    uint32_t own = comp_slot_take();
    struct kaal_message m = {.info = msginfo_new(3, 0, 0, 1), .mr = {9}};
    check(system_endpoint(own) == SYSTEM_OK, "an endpoint of its own");
    kaal_nb_send(own, &m);
    kaal_nb_recv(own, &m);
    check(m.badge == 0, "a non-blocking send without a receiver leaves nothing");
    check(system_endpoint(own) == SYSTEM_NO_SLOTS, "an occupied slot is refused");
    uint32_t other = comp_slot_take();
    check(system_endpoint(other) == SYSTEM_OK, "up to the description's number of objects");
    uint32_t third = comp_slot_take();
    check(system_endpoint(third) == SYSTEM_QUOTA && kaal_ipc_buffer->msg[1] == 2,
          "and no further: the quota's limit is told");
    check(system_free(own) == SYSTEM_OK && system_free(other) == SYSTEM_OK, "both go back");
    check(system_free(own) == SYSTEM_NOT_FOUND, "once");
}

static int tester(void)
{
    kaal_signal(entry("go", ENV_PRODUCER)->signal);
    test_lengths();
    test_order();
    test_caps();
    test_notifications();
    test_without_partner();
    printf("1..%u\n", cases);
    fflush(stdout);
    return failed != 0;
}

int main(int argc, char **argv)
{
    const char *role = argc > 1 ? argv[1] : "";
    if (strcmp(role, "server") == 0) {
        server();
    }
    return strcmp(role, "sender") == 0 ? sender() : tester();
}
