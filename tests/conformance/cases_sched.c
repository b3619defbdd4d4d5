/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Who runs next: every row of the wake-up table, Yield, priorities, time slices (abi/scheduling.md,
 * abi/vectors.md §9). Workers note a letter when they run; the order of the letters is what is
 * checked. A worker is resumed by a thread of higher priority, which puts it at the head of its
 * queue (§3): of two at one priority the one resumed last runs first, the other is "older".
 */
#include "kaal/string.h"
#include "probe.h"
#include "suites.h"

enum {
    LETTERS = 32
};
enum {
    LOW = 90,
    MID = 100,
    HIGH = 110,
    TOP = 255
};

static struct {
    char text[LETTERS + 1];
    unsigned count;
} order;

/* What the workers of one case share. */
static struct {
    uint64_t ntfn, ep, fault_ep, other;
    volatile uint64_t flag;
} shared;

static void note(char letter)
{
    if (order.count < LETTERS) {
        order.text[order.count++] = letter;
    }
}

static void begin(void)
{
    memset(&order, 0, sizeof(order));
    shared.ntfn = object(OBJECT_NOTIFICATION, 0);
    shared.ep = object(OBJECT_ENDPOINT, 0);
    shared.fault_ep = object(OBJECT_ENDPOINT, 0);
    shared.other = 0;
    shared.flag = 0;
}

static void check_order(const char *expected, int line)
{
    settle();
    check_that(strcmp(order.text, expected) == 0, expected, __FILE__, line);
}
#define check_ran(expected) check_order((expected), __LINE__)

/* A worker that is started now and runs until it blocks. */
static uint64_t waiting(void (*body)(uint64_t), char letter, uint64_t priority)
{
    uint64_t tcb = worker_new(body, (uint64_t)letter, priority);
    worker_go(tcb);
    settle();
    return tcb;
}

/* A worker that is put at the head of its queue, to run when this thread waits. */
static uint64_t ready(void (*body)(uint64_t), char letter, uint64_t priority)
{
    uint64_t tcb = worker_new(body, (uint64_t)letter, priority);
    worker_go(tcb);
    return tcb;
}

/* ---- bodies ---- */

static void just_note(uint64_t letter)
{
    note((char)letter);
}

static void wait_then_note(uint64_t letter)
{
    kaal_wait(shared.ntfn);
    note((char)letter);
}

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

static void yield_once(uint64_t letter)
{
    note((char)letter);
    kaal_yield();
    note((char)(letter + 'a' - 'A'));
}

/* ---- current thread stays runnable ---- */

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

/* ---- current thread blocks ---- */

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

/* ---- faults ---- */

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

/* ---- resuming, deleting, the vectors: everything at priority 255, this thread's own ---- */

static void resume_order(void)
{
    begin();
    (void)ready(just_note, 'A', TOP);
    (void)ready(just_note, 'B', TOP);
    (void)ready(just_note, 'C', TOP);
    kaal_yield();
    check_ran("CBA");
}

static void resume_behind_the_current(void)
{
    begin();
    (void)waiting(wait_then_note, 'A', TOP);
    kaal_signal(shared.ntfn); /* A is at the tail, older */
    (void)ready(just_note, 'B', TOP);
    check_eq(order.count, 0);
    kaal_yield();
    check_ran("BA");
}

static void write_registers_resumes(void)
{
    uint64_t regs[REG_COUNT], a, b;
    begin();
    a = worker_new(just_note, 'A', TOP);
    b = worker_new(just_note, 'B', TOP);
    must(kaal_tcb_read_registers(a, 0, REG_COUNT, regs));
    must(kaal_tcb_write_registers(a, 1, REG_COUNT, regs));
    must(kaal_tcb_read_registers(b, 0, REG_COUNT, regs));
    must(kaal_tcb_write_registers(b, 1, REG_COUNT, regs));
    check_eq(order.count, 0);
    kaal_yield();
    check_ran("BA");
}

static void signal_order(void)
{
    begin();
    (void)waiting(wait_then_note, 'A', TOP);
    (void)waiting(wait_then_note, 'B', TOP);
    (void)waiting(wait_then_note, 'C', TOP);
    kaal_signal(shared.ntfn);
    kaal_signal(shared.ntfn);
    kaal_signal(shared.ntfn);
    kaal_yield();
    check_ran("ABC");
}

static void notification_deleted(void)
{
    begin();
    (void)waiting(wait_then_note, 'X', TOP);
    (void)waiting(wait_then_note, 'Y', TOP);
    (void)waiting(wait_then_note, 'Z', TOP);
    /* Each meets the empty slot; with no fault handler it would stop: give its cptr a new object.
     */
    uint64_t fresh = object(OBJECT_NOTIFICATION, 0);
    must(kaal_cnode_delete(at(shared.ntfn)));
    must(kaal_cnode_move(at(shared.ntfn), at(fresh)));
    check_eq(order.count, 0);
    kaal_yield(); /* they wait again, in their new order */
    settle();
    kaal_signal(shared.ntfn);
    settle();
    kaal_signal(shared.ntfn);
    settle();
    kaal_signal(shared.ntfn);
    check_ran("ZYX");
}

/* ---- Yield ---- */

static void yield_goes_to_the_tail(void)
{
    begin();
    (void)ready(yield_once, 'C', MID);
    (void)ready(yield_once, 'B', MID);
    (void)ready(yield_once, 'A', MID);
    check_ran("ABCabc");
    begin();
    (void)ready(just_note, 'X', LOW);
    (void)ready(yield_once, 'R', MID);
    check_ran("RrX");
}

/* ---- priorities ---- */

/* Sets the priority of the thread in shared.other (or its own, from the same place) to flag. */
static void set_priority_then_note(uint64_t letter)
{
    (void)!kaal_tcb_set_priority(shared.other, SLOT_INIT_TCB, shared.flag);
    note((char)letter);
}

static void priority_of_the_current(void)
{
    begin();
    (void)ready(just_note, 'W', LOW);
    (void)ready(just_note, 'X', MID);
    shared.other = ready(set_priority_then_note, 'R', MID);
    shared.flag = LOW;
    check_ran("XRW");
    begin();
    (void)ready(just_note, 'W', LOW);
    shared.other = ready(set_priority_then_note, 'R', MID);
    shared.flag = LOW + 1;
    check_ran("RW");
}

static void priority_of_a_ready_thread(void)
{
    begin();
    shared.other = ready(just_note, 'X', LOW);
    (void)ready(set_priority_then_note, 'R', MID);
    shared.flag = HIGH;
    check_ran("XR");
    begin();
    shared.other = ready(just_note, 'X', LOW);
    (void)ready(just_note, 'Y', MID);
    (void)ready(set_priority_then_note, 'R', MID);
    shared.flag = MID;
    check_ran("RYX");
}

static void priority_of_a_blocked_thread(void)
{
    begin();
    (void)waiting(wait_then_note, 'A', MID);
    uint64_t b = waiting(wait_then_note, 'B', MID);
    must(kaal_tcb_set_priority(b, SLOT_INIT_TCB, HIGH));
    kaal_signal(shared.ntfn);
    check_ran("A");
    kaal_signal(shared.ntfn);
    check_ran("AB");
}

static void highest_first(void)
{
    begin();
    for (unsigned i = 0; i < 8; i++) {
        static const uint64_t priorities[] = {2, 254, 64, 63, 192, 128, 127, 65};
        (void)ready(just_note, (char)('a' + i), priorities[i]);
    }
    check_ran("befghcda");
}

/* ---- time slices ---- */

static void spin_until_flag(uint64_t letter)
{
    while (shared.flag == 0) {
        __asm__ volatile("yield");
    }
    note((char)letter);
}

static void raise_flag(uint64_t letter)
{
    note((char)letter);
    shared.flag = 1;
}

static void slices_rotate(void)
{
    begin();
    (void)ready(raise_flag, 'B', MID);
    (void)ready(spin_until_flag, 'A', MID);
    /* A never gives way by itself: only the end of its time slice lets B run. */
    check_ran("BA");
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
    {"VEC-9-01 SCH-3-18 INV-4-19 SCH-4-04", "Resume A, B, C, then Yield", resume_order},
    {"SCH-3-18 SCH-3-05", "a resumed thread is before older ones", resume_behind_the_current},
    {"SCH-3-18 INV-4-10e", "WriteRegisters with resume", write_registers_resumes},
    {"VEC-9-02 SYS-6-04 SCH-3-05", "three waiters, three signals", signal_order},
    {"VEC-9-03 SCH-3-19 OBJ-3.5-04 SYS-9-01", "a notification with three waiters is deleted",
     notification_deleted},
    {"SCH-2-03 SCH-2-04", "Yield", yield_goes_to_the_tail},
    {"SCH-4-02 INV-4-13e", "lowering the current thread", priority_of_the_current},
    {"SCH-4-02", "raising a ready thread", priority_of_a_ready_thread},
    {"SCH-4-02", "raising a blocked thread", priority_of_a_blocked_thread},
    {"SCH-1-01 SCH-1-05 SCH-1-07 BOOT-6-08", "eight priorities", highest_first},
    {"SCH-2-02 SCH-1-02 SCH-1-03 BOOT-6-04", "the end of a time slice", slices_rotate},
};
const struct suite suite_sched = SUITE("sched", tests);
