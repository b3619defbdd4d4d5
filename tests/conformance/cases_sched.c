/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Resuming, deleting, Yield, priorities, time slices (abi/scheduling.md §2 to §4, abi/vectors.md
 * §9).
 */
#include "order.h"
#include "suites.h"

enum {
    TOP = 255
}; /* this thread's own priority */

static void yield_once(uint64_t letter)
{
    note((char)letter);
    kaal_yield();
    note((char)(letter + 'a' - 'A'));
}

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
    check_eq(order_count(), 0);
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
    check_eq(order_count(), 0);
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

/* Five threads at the tail of the queue, one after the other; then some of them leave it. */
static void leaving_the_ready_queue(void)
{
    /* Bit i: thread i is suspended; what runs then. */
    static const struct {
        unsigned gone;
        const char *order;
    } rows[] = {{0x4, "ABDE"}, {0x1, "BCDE"}, {0x10, "ABCD"}, {0xe, "AE"}, {0x11, "BCD"}};
    for (unsigned r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
        uint64_t tcbs[5];
        begin();
        for (unsigned i = 0; i < 5; i++) {
            tcbs[i] = waiting(wait_then_note, (char)('A' + i), TOP);
        }
        for (unsigned i = 0; i < 5; i++) {
            kaal_signal(shared.ntfn);
        }
        for (unsigned i = 0; i < 5; i++) {
            if ((rows[r].gone >> i & 1) != 0) {
                must(kaal_tcb_suspend(tcbs[i]));
            }
        }
        kaal_yield();
        check_ran(rows[r].order);
        for (unsigned i = 0; i < 5; i++) {
            must(kaal_cnode_delete(at(tcbs[i])));
        }
        workers_forget();
    }
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
    check_eq(order_count(), 0);
    kaal_yield(); /* they wait again, in their new order */
    settle();
    kaal_signal(shared.ntfn);
    settle();
    kaal_signal(shared.ntfn);
    settle();
    kaal_signal(shared.ntfn);
    check_ran("ZYX");
}

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
    if (left_out("time slices end at ticks"))
        return;
    begin();
    (void)ready(raise_flag, 'B', MID);
    (void)ready(spin_until_flag, 'A', MID);
    /* A never gives way by itself: only the end of its time slice lets B run. */
    check_ran("BA");
}

static const struct test tests[] = {
    {"VEC-9-01 SCH-3-18 INV-4-19 SCH-4-04", "Resume A, B, C, then Yield", resume_order},
    {"SCH-3-18 SCH-3-05", "a resumed thread is before older ones", resume_behind_the_current},
    {"SCH-3-18 INV-4-10e", "WriteRegisters with resume", write_registers_resumes},
    {"VEC-9-02 SYS-6-04 SCH-3-05", "three waiters, three signals", signal_order},
    {"SCH-6-01 SCH-1-05 SCH-1-09 INV-4-18", "suspended in the middle of a ready queue",
     leaving_the_ready_queue},
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
