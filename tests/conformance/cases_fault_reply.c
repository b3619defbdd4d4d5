/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Replies to faults, and faults that are cancelled (abi/syscalls.md §7.1, §9, abi/vectors.md §7,
 * §11).
 */
#include "faults.h"
#include "kaal/string.h"
#include "suites.h"

enum {
    RW = RIGHT_READ | RIGHT_WRITE
};

static void unknown_syscall_full_reply(void)
{
    struct probe *p = probe_new();
    (void)fault_unknown_call(p, (uint64_t)-100);
    const uint64_t words[] = {
        0x90,   0x91,  0x92,      0x93, 0x94, 0x95, 0x96, 0x97, (uint64_t)snippet_undefined,
        0x7777, 0xbad, 0xf00003ff};
    fault_reply(0, 12, words);
    struct fault_message f = fault_receive(fault_endpoint());
    fault_check(p, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[0], (uint64_t)snippet_undefined);
    check_eq(f.mr[1], 0x7777);
    fault_check_spsr(f.mr[2], 0xf0000000);
    uint64_t x8 = p->regs[REG_X8], x30 = p->regs[REG_X30];
    probe_read(p);
    for (unsigned i = 0; i < 8; i++) {
        check_eq(p->regs[REG_X0 + i], 0x90 + i);
    }
    check_eq(p->regs[REG_X8], x8);
    check_eq(p->regs[REG_X30], x30);
}

static void unknown_syscall_short_reply(void)
{
    struct probe *p = probe_new();
    const uint64_t words[] = {0x90, 0x91, 0x92};
    (void)fault_unknown_call(p, (uint64_t)-100);
    fault_reply(0, 3, words);
    /* Retried with three registers changed. */
    struct fault_message f = fault_receive(fault_endpoint());
    fault_check(p, &f, FAULT_UNKNOWN_SYSCALL, 13);
    check_eq(f.mr[0], 0x90);
    check_eq(f.mr[2], 0x92);
    check_eq(f.mr[3], 0x1003);
    check_eq(f.mr[8], (uint64_t)snippet_svc);
    fault_reply(0, 0, NULL);
    struct fault_message again = fault_receive(fault_endpoint());
    check_eq((uint64_t)(int64_t)memcmp(&f, &again, sizeof(f)), 0);
}

static void unknown_syscall_skip(void)
{
    struct probe *p = probe_new();
    struct fault_message f = fault_unknown_call(p, (uint64_t)-100);
    f.mr[8] += 4;
    fault_reply(0, 9, f.mr);
    f = fault_receive(fault_endpoint());
    fault_check(p, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[0], (uint64_t)snippet_svc_end);
}

static void unknown_syscall_stopped(void)
{
    struct probe *p = probe_new();
    const uint64_t words[] = {
        0x90, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, (uint64_t)snippet_undefined};
    (void)fault_unknown_call(p, (uint64_t)-100);
    fault_reply(1, 9, words);
    struct fault_message f = fault_receive(fault_endpoint());
    check_eq(f.info, 0);
    probe_read(p);
    check_eq(p->regs[REG_X0], 0x90);
    check_eq(p->regs[REG_X7], 0x97);
    check_eq(p->regs[REG_PC], (uint64_t)snippet_undefined);
    must(kaal_tcb_resume(p->tcb));
    f = fault_receive(fault_endpoint());
    fault_check(p, &f, FAULT_USER_EXCEPTION, 5);
}

static void vm_fault_reply(void)
{
    struct probe *p = probe_new();
    const uint64_t junk[] = {1, 2, 3, 4};
    struct fault_message f = fault_run(p, snippet_load, FREE_VADDR);
    fault_check(p, &f, FAULT_VM, 4);
    uint64_t before = p->regs[REG_X1];
    fault_reply(99, 4, junk); /* nothing is mapped yet: the same fault again, whatever the label */
    f = fault_receive(fault_endpoint());
    fault_check(p, &f, FAULT_VM, 4);
    probe_read(p);
    check_eq(p->regs[REG_X1], before);
    map(SLOT_INIT_VSPACE, object(OBJECT_SMALL_PAGE, 0), FREE_VADDR, RW, ATTR_DEFAULT);
    *(volatile uint64_t *)FREE_VADDR = 0xabcdef;
    fault_reply(0, 0, NULL);
    f = fault_receive(fault_endpoint());
    fault_check(p, &f, FAULT_USER_EXCEPTION, 5);
    probe_read(p);
    check_eq(p->regs[REG_X1], 0xabcdef);
}

static void user_exception_reply(void)
{
    struct probe *p = probe_new();
    const uint64_t words[] = {(uint64_t)snippet_break, 0x7770, 0xa00001c5, 4, 5};
    (void)fault_run(p, snippet_undefined, 0x5a);
    fault_reply(0, 5, words);
    struct fault_message f = fault_receive(fault_endpoint());
    fault_check(p, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[0], (uint64_t)snippet_break);
    check_eq(f.mr[1], 0x7770);
    fault_check_spsr(f.mr[2], 0xa0000000);
    probe_read(p);
    check_eq(p->regs[REG_X0], 0x5a);
    /* A reply without words retries; with another label the thread stays stopped. */
    fault_reply(0, 0, NULL);
    f = fault_receive(fault_endpoint());
    check_eq(f.mr[0], (uint64_t)snippet_break);
    const uint64_t back[] = {(uint64_t)snippet_undefined, 0x8880};
    fault_reply(7, 2, back);
    f = fault_receive(fault_endpoint());
    check_eq(f.info, 0);
    probe_read(p);
    check_eq(p->regs[REG_PC], (uint64_t)snippet_undefined);
    check_eq(p->regs[REG_SP], 0x8880);
}

static void cap_fault_reply(void)
{
    struct probe *p = probe_new();
    uint64_t slot = slot_new(), ep = object(OBJECT_ENDPOINT, 0);
    probe_call(p, SYS_RECV, slot, 0x1234567, 0, 0);
    struct fault_message f = fault_receive(fault_endpoint());
    fault_check(p, &f, FAULT_CAP, 5);
    check_eq(f.mr[0], (uint64_t)snippet_svc);
    check_eq(f.mr[1], slot);
    check_eq(f.mr[2], 1);
    check_eq(f.mr[3], LOOKUP_MISSING_CAPABILITY);
    check_eq(f.mr[4], 0);
    must(kaal_cnode_copy(at(slot), at(ep), RIGHTS_ALL));
    fault_reply(12345, 0, NULL); /* the label is ignored */
    run();
    check(probe_blocked(p));
    struct kaal_message m = {.info = msginfo_new(3, 0, 0, 1), .mr = {4}};
    kaal_nb_send(ep, &m);
    run();
    check(probe_done(p));
    check_eq(p->regs[REG_X2], 4);
}

static void no_caps_in_fault_replies(void)
{
    struct probe *p = probe_new();
    uint64_t slot = slot_new();
    p->buffer->receive_cnode = ROOT;
    p->buffer->receive_index = slot;
    p->buffer->receive_depth = WORD_BITS;
    p->buffer->caps_or_badges[0] = 0xeee0;
    (void)fault_run(p, snippet_undefined, 0);
    kaal_ipc_buffer->caps_or_badges[0] = fault_endpoint();
    struct kaal_message m = {.info = msginfo_new(0, 0, 1, 0)};
    kaal_reply(&m);
    struct fault_message f = fault_receive(fault_endpoint());
    fault_check(p, &f, FAULT_USER_EXCEPTION, 5);
    check(!occupied(slot));
    check_eq(p->buffer->caps_or_badges[0], 0xeee0);
}

static void suspended_while_blocked_on_reply(void)
{
    struct probe *p = probe_new();
    uint64_t ep = object(OBJECT_ENDPOINT, 0), saved = slot_new();
    (void)fault_run(p, snippet_undefined, 0);
    must(kaal_cnode_save_caller(at(saved)));
    check(occupied(saved));
    must(kaal_tcb_suspend(p->tcb));
    check(!occupied(saved));
    /* The fault is forgotten: the next message is an ordinary one. */
    probe_call(p, SYS_SEND, mint_of(ep, RIGHTS_ALL, 0x99), msginfo_new(4, 0, 0, 1), 6, 0);
    struct fault_message f = fault_receive(ep);
    check_eq(f.badge, 0x99);
    check_eq(f.info, msginfo_new(4, 0, 0, 1));
    check_eq(f.mr[0], 6);
}

/* Makes `p` read FREE_VADDR and suspends it while its fault is queued, not received. */
static void record_fault(struct probe *p)
{
    probe_set(p, snippet_load);
    p->regs[REG_X0] = FREE_VADDR;
    probe_go(p);
    settle();
    must(kaal_tcb_suspend(p->tcb));
}

/* The next message on `ep` must be the fault of record_fault(), sent by the svc at `pc`. */
static void check_replaced(uint64_t ep, uint64_t badge, const char *pc)
{
    struct fault_message f = fault_receive(ep);
    check_eq(f.badge, badge);
    check_eq(f.info, msginfo_new(FAULT_VM, 0, 0, 4));
    check_eq(f.mr[0], (uint64_t)pc);
    check_eq(f.mr[1], FREE_VADDR);
    check_eq(f.mr[2], 0);
    check_eq(f.mr[3], 0x92000005);
}

static void queued_fault_stays_recorded(void)
{
    struct probe *p = probe_new();
    uint64_t ep = object(OBJECT_ENDPOINT, 0), saved = slot_new();
    uint64_t info = msginfo_new(0x99, 0, 0, 2);
    record_fault(p);
    /* Two Sends in a row: both are replaced, no reply right arises. */
    probe_set_call(p, SYS_SEND, mint_of(ep, RIGHTS_ALL, 0x50), info, 6, 7, 8, 9);
    p->regs[REG_PC] = (uint64_t)snippet_two;
    probe_go(p);
    check_replaced(ep, 0x50, snippet_two);
    check_replaced(ep, 0x50, snippet_two + 4);
    must(kaal_cnode_save_caller(at(saved)));
    check(!occupied(saved));
    settle();
    must(kaal_tcb_suspend(p->tcb));
    record_fault(p);
    /* To a receiver that waits already. */
    struct probe *r = probe_new();
    probe_call(r, SYS_RECV, ep, 0, 0, 0);
    settle();
    probe_call(p, SYS_CALL, mint_of(ep, RIGHTS_ALL, 0x60), info, 6, 7);
    settle();
    probe_read(r);
    check_eq(r->regs[REG_X0], 0x60);
    check_eq(r->regs[REG_X1], msginfo_new(FAULT_VM, 0, 0, 4));
    check_eq(r->regs[REG_X2], (uint64_t)snippet_svc);
}

static void reply_to_a_replaced_call(void)
{
    struct probe *p = probe_new();
    uint64_t ep = object(OBJECT_ENDPOINT, 0);
    record_fault(p);
    probe_call(p, SYS_CALL, mint_of(ep, RIGHTS_ALL, 0x60), msginfo_new(0x99, 0, 0, 2), 6, 7);
    check_replaced(ep, 0x60, snippet_svc);
    fault_reply(0x1234, 0,
                NULL); /* a fault reply: the svc is executed again, its message is its own */
    struct fault_message f = fault_receive(ep);
    check_eq(f.badge, 0x60);
    check_eq(f.info, msginfo_new(0x99, 0, 0, 2));
    check_eq(f.mr[0], 6);
}

static const struct test tests[] = {
    {"VEC-7-02 SYS-7.1-01 SYS-7.1-04 SYS-7.1-07 SYS-7.1-09", "its reply of twelve words",
     unknown_syscall_full_reply},
    {"SYS-7.1-01 SYS-7.1-08", "its reply of three words and of none", unknown_syscall_short_reply},
    {"SYS-7.1-07", "skipping it", unknown_syscall_skip},
    {"SYS-7.1-04", "a reply with a label stops the thread", unknown_syscall_stopped},
    {"SYS-7.1-03 SYS-5.1-06", "replies to VM faults", vm_fault_reply},
    {"SYS-7.1-05 SYS-7.1-08 SYS-7.1-09", "replies to user exceptions", user_exception_reply},
    {"SYS-7.1-02 SYS-7-09 SYS-7-15 SYS-7-17 SYS-7-19", "replies to cap faults", cap_fault_reply},
    {"SYS-7-06", "no caps in fault replies", no_caps_in_fault_replies},
    {"SYS-7.1-11 SCH-6-01 SYS-5.1-07", "suspended while its fault is being handled",
     suspended_while_blocked_on_reply},
    {"VEC-11-20 SYS-9-05 SYS-9-06 SYS-9-07", "a fault cancelled in the queue",
     queued_fault_stays_recorded},
    {"VEC-11-20 SYS-9-08", "the reply to a Call that was replaced by a fault",
     reply_to_a_replaced_call},
};
const struct suite suite_fault_reply = SUITE("fault reply", tests);
