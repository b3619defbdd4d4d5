/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Who runs after a wake-up: every row of the table in abi/scheduling.md §3.
 */
#include "order.h"
#include "suites.h"

static void signal_then_note(uint64_t letter)
{
    kaal_signal(shared.ntfn);
    note((char)letter);
}

static void call_then_note(uint64_t letter)
{
    struct kaal_message m = {0};
    kaal_call(shared.ep, &m);
    note((char)letter);
}

static void send_then_note(uint64_t letter)
{
    struct kaal_message m = {0};
    kaal_send(shared.ep, &m);
    note((char)letter);
}

static void receive_then_note(uint64_t letter)
{
    struct kaal_message m = {0};
    kaal_recv(shared.ep, &m);
    note((char)letter);
}

/* Receives, notes, replies, notes the small letter. */
static void serve_one(uint64_t letter)
{
    struct kaal_message m = {0};
    kaal_recv(shared.ep, &m);
    note((char)letter);
    m = (struct kaal_message){0};
    kaal_reply(&m);
    note((char)(letter + 'a' - 'A'));
}

/* Receives, notes, replies and receives, notes the small letter. */
static void serve_on(uint64_t letter)
{
    struct kaal_message m = {0};
    kaal_recv(shared.ep, &m);
    note((char)letter);
    m = (struct kaal_message){0};
    kaal_reply_recv(shared.ep, &m);
    note((char)(letter + 'a' - 'A'));
}

static void woken_above(void)
{
    begin();
    (void)waiting(wait_then_note, 'C', HIGH);
    (void)ready(just_note, 'X', MID);
    (void)ready(signal_then_note, 'R', MID);
    check_ran("CRX");
}

static void woken_equal(void)
{
    begin();
    (void)waiting(wait_then_note, 'C', MID);
    (void)ready(just_note, 'X', MID);
    (void)ready(signal_then_note, 'R', MID);
    check_ran("RXC");
}

static void woken_below(void)
{
    begin();
    (void)waiting(wait_then_note, 'C', LOW);
    (void)ready(just_note, 'X', LOW);
    (void)ready(signal_then_note, 'R', MID);
    check_ran("RCX");
}

static void sender_woken_by_receiver(void)
{
    begin();
    (void)waiting(send_then_note, 'P', HIGH);
    (void)ready(receive_then_note, 'R', MID);
    check_ran("PR");
    begin();
    (void)waiting(send_then_note, 'P', MID);
    (void)ready(just_note, 'X', MID);
    (void)ready(receive_then_note, 'R', MID);
    check_ran("RXP");
}

static void send_wakes_receiver(void)
{
    begin();
    (void)waiting(receive_then_note, 'C', HIGH);
    (void)ready(send_then_note, 'R', MID);
    check_ran("CR");
    begin();
    (void)waiting(receive_then_note, 'C', MID);
    (void)ready(just_note, 'X', MID);
    (void)ready(send_then_note, 'R', MID);
    check_ran("RXC");
}

static void call_equal(void)
{
    begin();
    (void)waiting(serve_one, 'C', MID);
    (void)ready(just_note, 'X', MID);
    (void)ready(call_then_note, 'R', MID);
    /* Straight to the server, ahead of the older X; its reply puts the caller at the tail. */
    check_ran("CcXR");
}

static void call_higher(void)
{
    begin();
    (void)waiting(serve_one, 'C', HIGH);
    (void)ready(just_note, 'X', MID);
    (void)ready(call_then_note, 'R', MID);
    /* The reply puts the caller at the head of its queue. */
    check_ran("CcRX");
}

static void call_lower(void)
{
    begin();
    (void)waiting(serve_one, 'C', MID);
    (void)ready(just_note, 'Y', MID);
    (void)ready(call_then_note, 'R', HIGH);
    /* Nothing ready is above the server; the reply switches to the caller at once. */
    check_ran("CRcY");
}

static void call_lower_with_one_between(void)
{
    begin();
    (void)waiting(serve_one, 'C', MID);
    (void)ready(just_note, 'Y', MID);
    (void)ready(just_note, 'X', MID + 5);
    (void)ready(call_then_note, 'R', HIGH);
    check_ran("XCRcY");
}

static void reply_recv_blocks(void)
{
    begin();
    (void)waiting(serve_on, 'S', MID);
    (void)ready(just_note, 'X', MID);
    (void)ready(call_then_note, 'C', MID);
    /* The server blocks again: straight back to the caller. */
    check_ran("SCX");
}

static void reply_recv_finds_a_call(void)
{
    begin();
    (void)waiting(call_then_note, '1', MID);
    (void)waiting(call_then_note, '2', MID);
    (void)ready(just_note, 'X', MID);
    (void)ready(serve_on, 'S', MID);
    /* The server stays runnable; the first caller goes to the tail. Nobody replies to the second.
     */
    check_ran("SsX1");
}

static void reply_recv_finds_a_send(void)
{
    begin();
    (void)waiting(call_then_note, '1', MID);
    (void)waiting(send_then_note, '2', MID);
    (void)ready(just_note, 'X', MID);
    (void)ready(serve_on, 'S', MID);
    /* Two wake-ups: both at the head of the queue, in turn. */
    check_ran("Ss21X");
    begin();
    (void)waiting(call_then_note, '1', MID);
    (void)waiting(send_then_note, '2', HIGH);
    (void)ready(serve_on, 'S', MID);
    check_ran("S2s1");
}

/* Executes an undefined instruction between two notes. */
static void fault_between_notes(uint64_t letter)
{
    note((char)letter);
    __asm__ volatile(".word 0" : : : "memory");
    note((char)(letter + 'a' - 'A'));
}

static void handle_one_fault(uint64_t letter)
{
    struct kaal_message m = {0};
    kaal_recv(shared.fault_ep, &m);
    note((char)letter);
    m.info = msginfo_new(0, 0, 0, 1);
    m.mr[0] += 4;
    kaal_reply(&m);
    note((char)(letter + 'a' - 'A'));
}

static void fault_and_reply(void)
{
    begin();
    (void)waiting(handle_one_fault, 'H', MID);
    (void)ready(just_note, 'Y', MID);
    uint64_t tcb = worker_new(fault_between_notes, 'F', HIGH);
    must(kaal_tcb_set_space(tcb, shared.fault_ep, ROOT, 0, SLOT_INIT_VSPACE, 0));
    worker_go(tcb);
    check_ran("FHfhY");
    begin();
    (void)waiting(handle_one_fault, 'H', MID);
    (void)ready(just_note, 'Y', MID);
    tcb = worker_new(fault_between_notes, 'F', MID);
    must(kaal_tcb_set_space(tcb, shared.fault_ep, ROOT, 0, SLOT_INIT_VSPACE, 0));
    worker_go(tcb);
    check_ran("FHhYf");
}

static const struct test tests[] = {
    {"SCH-3-04 SCH-3-12 SCH-3-01 SCH-3-03", "woken above the current thread", woken_above},
    {"SCH-3-05 SCH-3-12", "woken at its priority", woken_equal},
    {"SCH-3-06 SCH-3-12", "woken below it", woken_below},
    {"SCH-3-17 SCH-3-04 SCH-3-05", "Recv finds a queued sender", sender_woken_by_receiver},
    {"SCH-3-12 SCH-3-04 SCH-3-05", "Send finds a waiting receiver", send_wakes_receiver},
    {"SCH-3-07 SCH-3-11 SCH-3-13", "Call to a server of equal priority", call_equal},
    {"SCH-3-07 SCH-3-11 SCH-3-13 SCH-3-06", "Call to a server of higher priority", call_higher},
    {"SCH-3-08 SCH-3-13 SCH-3-04", "Call to a server of lower priority", call_lower},
    {"SCH-3-08 SCH-3-10", "the same with a thread between them", call_lower_with_one_between},
    {"SCH-3-14 SCH-3-07", "ReplyRecv that blocks", reply_recv_blocks},
    {"SCH-3-15 SCH-3-05", "ReplyRecv that finds a Call", reply_recv_finds_a_call},
    {"SCH-3-16 SCH-3-01", "ReplyRecv that finds a Send", reply_recv_finds_a_send},
    {"SCH-3-20 SCH-3-21 SCH-3-08 SCH-3-04 SCH-3-05", "a fault and its reply", fault_and_reply},
};
const struct suite suite_wakeup = SUITE("wakeup", tests);
