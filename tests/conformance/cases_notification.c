/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Notifications in every state, bound ones included (abi/syscalls.md §6), and what Suspend and
 * Resume do to threads (abi/scheduling.md §6, abi/syscalls.md §9).
 */
#include "probe.h"
#include "suites.h"

static void signal_with(uint64_t ntfn, uint64_t badge)
{
    kaal_signal(mint_of(ntfn, RIGHTS_ALL, badge));
}

static void words_accumulate(void)
{
    uint64_t ntfn = object(OBJECT_NOTIFICATION, 0);
    signal_with(ntfn, 1ull << 63);
    signal_with(ntfn, 6);
    signal_with(ntfn, 3);
    check_eq(kaal_wait(ntfn), 1ull << 63 | 7);
    check_eq(kaal_poll(ntfn), 0);
}

static void badge_zero_makes_active(void)
{
    uint64_t ntfn = object(OBJECT_NOTIFICATION, 0);
    struct probe *p = probe_new();
    kaal_signal(ntfn);
    probe_call(p, SYS_RECV, ntfn, 0, 0, 0);
    run();
    check(probe_done(p));
    check_eq(p->regs[REG_X0], 0);
    probe_call(p, SYS_RECV, ntfn, 0, 0, 0);
    run();
    check(probe_blocked(p));
}

static void waiters_in_order(void)
{
    uint64_t ntfn = object(OBJECT_NOTIFICATION, 0);
    struct probe *p[3];
    for (unsigned i = 0; i < 3; i++) {
        p[i] = probe_new();
        must(kaal_tcb_set_priority(p[i]->tcb, SLOT_INIT_TCB, PROBE_PRIORITY + i));
        probe_call(p[i], SYS_RECV, ntfn, 0, 0, 0);
        run();
    }
    for (unsigned i = 0; i < 3; i++) {
        signal_with(ntfn, 0x10 + i);
        run();
        check(probe_done(p[i]));
        check_eq(p[i]->regs[REG_X0], 0x10 + i);
    }
    /* The queue is empty: idle, then active. */
    check_eq(kaal_poll(ntfn), 0);
    signal_with(ntfn, 5);
    check_eq(kaal_poll(ntfn), 5);
}

static void bound_receiver_is_woken(void)
{
    uint64_t ntfn = object(OBJECT_NOTIFICATION, 0), ep = object(OBJECT_ENDPOINT, 0);
    struct probe *p = probe_new(), *next = probe_new();
    must(kaal_tcb_bind_notification(p->tcb, ntfn));
    probe_call(p, SYS_RECV, ep, 0x1234567, 0x22, 0x33);
    settle();
    probe_call(next, SYS_RECV, ep, 0, 0, 0);
    run();
    signal_with(ntfn, 0x40);
    run();
    check(probe_done(p));
    check_eq(p->regs[REG_X0], 0x40);
    check_eq(p->regs[REG_X1], 0x1234567);
    check_eq(p->regs[REG_X2], 0x22);
    /* It is off the queue, and the notification idle. */
    struct kaal_message m = {.info = msginfo_new(3, 0, 0, 0)};
    kaal_nb_send(ep, &m);
    run();
    check(probe_done(next));
    must(kaal_tcb_unbind_notification(p->tcb));
    check_eq(kaal_poll(ntfn), 0);
}

static void bound_in_other_states(void)
{
    uint64_t ntfn = object(OBJECT_NOTIFICATION, 0), ep = object(OBJECT_ENDPOINT, 0);
    uint64_t other = object(OBJECT_NOTIFICATION, 0);
    struct probe *p = probe_new();
    must(kaal_tcb_bind_notification(p->tcb, ntfn));
    /* Inactive, then blocked on a send, then waiting on another notification: it stays active. */
    signal_with(ntfn, 1);
    probe_call(p, SYS_SEND, ep, msginfo_new(1, 0, 0, 0), 0, 0);
    settle();
    signal_with(ntfn, 2);
    check(probe_blocked(p));
    must(kaal_tcb_suspend(p->tcb));
    probe_call(p, SYS_RECV, other, 0, 0, 0);
    settle();
    signal_with(ntfn, 4);
    check(probe_blocked(p));
    must(kaal_tcb_suspend(p->tcb));
    probe_call(p, SYS_RECV, ntfn, 0, 0, 0); /* its own: legal for the bound thread */
    run();
    check(probe_done(p));
    check_eq(p->regs[REG_X0], 7);
}

static void bound_word_before_senders(void)
{
    uint64_t ntfn = object(OBJECT_NOTIFICATION, 0), ep = object(OBJECT_ENDPOINT, 0);
    struct probe *p = probe_new(), *sender = probe_new();
    must(kaal_tcb_bind_notification(p->tcb, ntfn));
    probe_call(sender, SYS_SEND, mint_of(ep, RIGHTS_ALL, 0x99), msginfo_new(1, 0, 0, 0), 0, 0);
    settle();
    signal_with(ntfn, 8);
    probe_call(p, SYS_RECV, ep, 0x1234567, 0, 0);
    run();
    check(probe_done(p));
    check_eq(p->regs[REG_X0], 8);
    check(probe_blocked(sender));
    probe_call(p, SYS_RECV, ep, 0x1234567, 0, 0);
    run();
    check_eq(p->regs[REG_X0], ep);
    probe_read(p);
    check_eq(p->regs[REG_X0], 0x99);
}

static void unbound_by_hand(void)
{
    uint64_t ntfn = object(OBJECT_NOTIFICATION, 0), ep = object(OBJECT_ENDPOINT, 0);
    struct probe *p = probe_new();
    must(kaal_tcb_bind_notification(p->tcb, ntfn));
    must(kaal_tcb_unbind_notification(p->tcb));
    probe_call(p, SYS_RECV, ep, 0, 0, 0);
    run();
    signal_with(ntfn, 3);
    run();
    check(probe_blocked(p));
    check_eq(kaal_poll(ntfn), 3);
}

static void call_signals(void)
{
    uint64_t ntfn = object(OBJECT_NOTIFICATION, 0), badged = mint_of(ntfn, RIGHTS_ALL, 0x21);
    struct invocation v = INVOCATION(badged, 77, CAPS(ROOT, ROOT), 1, 2, 3);
    check_call(v, OK);
    v.label = 0;
    v.length = 127;
    check_call(v, OK);
    check_eq(kaal_poll(ntfn), 0x21);
}

static void suspend_and_resume_blocked(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0), ntfn = object(OBJECT_NOTIFICATION, 0);
    struct probe *p = probe_new();
    const struct {
        enum syscall call;
        uint64_t cptr;
    } rows[] = {{SYS_RECV, ep}, {SYS_RECV, ntfn}, {SYS_SEND, ep}, {SYS_CALL, ep}};
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        probe_call(p, rows[i].call, rows[i].cptr, msginfo_new(2, 0, 0, 1), 0x66, 0);
        run();
        check(probe_blocked(p));
        must(kaal_tcb_suspend(p->tcb));
        check(probe_blocked(p));
        /* Off every queue. */
        struct kaal_message m = {0};
        kaal_nb_send(ep, &m);
        kaal_nb_recv(ep, &m);
        check_eq(m.info, 0);
        must(kaal_tcb_resume(p->tcb));
        run();
        check(probe_blocked(p));
    }
    /* The last, a Call, was executed again: it is queued once. */
    struct kaal_message m = {0};
    kaal_nb_recv(ep, &m);
    check_eq(m.mr[0], 0x66);
    kaal_nb_recv(ep, &m);
    check_eq(m.info, 0);
}

/* Suspends the thread in the message's first word when the notification comes. */
static uint64_t victim, trigger;
static void suspend_on_signal(uint64_t unused)
{
    (void)unused;
    kaal_wait(trigger);
    (void)!kaal_tcb_suspend(victim);
}

static void suspended_after_its_call(void)
{
    struct probe *p = probe_new();
    trigger = object(OBJECT_NOTIFICATION, 0);
    victim = p->tcb;
    uint64_t tcb = worker_new(suspend_on_signal, 0, PROBE_PRIORITY + 1);
    worker_go(tcb);
    settle();
    /* Its Send completes, wakes the worker above it, and is not executed a second time. */
    probe_call(p, SYS_SEND, trigger, 0, 0, 0);
    run();
    check(!p->faulted);
    probe_read(p);
    check_eq(p->regs[REG_PC], (uint64_t)snippet_svc_end);
    check_eq(kaal_poll(trigger), 0);
    must(kaal_tcb_resume(p->tcb));
    run();
    check(probe_done(p));
    signal_with(trigger, 2);
    check_eq(kaal_poll(trigger), 2);
}

static void suspends_itself(void)
{
    struct probe *p = probe_new();
    probe_call(p, SYS_CALL, p->tcb, msginfo_new(LABEL_TCB_SUSPEND, 0, 0, 0), 0, 0);
    uint64_t x0 = p->regs[REG_X0];
    run();
    check(probe_blocked(p));
    check_eq(p->regs[REG_X0], x0);
    must(kaal_tcb_resume(p->tcb));
    run();
    check(probe_blocked(p));
    check(!p->faulted);
}

static void resume_of_a_running_thread(void)
{
    struct probe *p = probe_new();
    uint64_t ntfn = object(OBJECT_NOTIFICATION, 0);
    probe_call(p, SYS_SEND, mint_of(ntfn, RIGHTS_ALL, 1), 0, 0, 0);
    must(kaal_tcb_resume(p->tcb)); /* about to run: nothing changes */
    must(kaal_tcb_resume(p->tcb));
    run();
    check(probe_done(p));
    check_eq(kaal_poll(ntfn), 1);
}

/* Threads that were just woken are running: Resume must not make them execute their call again. */
static void resume_of_a_woken_thread(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0), ntfn = object(OBJECT_NOTIFICATION, 0);
    struct probe *p = probe_new();
    struct kaal_message m = {0};
    probe_call(p, SYS_CALL, ep, msginfo_new(2, 0, 0, 1), 5, 0);
    settle();
    kaal_recv(ep, &m);
    m = (struct kaal_message){.info = msginfo_new(3, 0, 0, 1), .mr = {6}};
    kaal_reply(&m);
    must(kaal_tcb_resume(p->tcb));
    run();
    check(probe_done(p));
    check_eq(p->regs[REG_X1], msginfo_new(3, 0, 0, 1));

    probe_call(p, SYS_SEND, ep, msginfo_new(2, 0, 0, 1), 5, 0);
    settle();
    kaal_recv(ep, &m);
    must(kaal_tcb_resume(p->tcb));
    run();
    check(probe_done(p));
    kaal_nb_recv(ep, &m);
    check_eq(m.info, 0);

    probe_call(p, SYS_RECV, ep, 0, 0, 0);
    settle();
    m = (struct kaal_message){.info = msginfo_new(4, 0, 0, 0)};
    kaal_nb_send(ep, &m);
    must(kaal_tcb_resume(p->tcb));
    run();
    check(probe_done(p));

    probe_call(p, SYS_RECV, ntfn, 0, 0, 0);
    settle();
    signal_with(ntfn, 9);
    must(kaal_tcb_resume(p->tcb));
    run();
    check(probe_done(p));
    check_eq(p->regs[REG_X0], 9);
}

static void read_registers_can_suspend(void)
{
    struct probe *p = probe_new();
    uint64_t ep = object(OBJECT_ENDPOINT, 0), regs[REG_COUNT];
    probe_call(p, SYS_RECV, ep, 0, 0, 0);
    run();
    must(kaal_tcb_read_registers(p->tcb, 1, REG_COUNT, regs));
    check_eq(regs[REG_PC], (uint64_t)snippet_svc);
    struct kaal_message m = {.info = msginfo_new(1, 0, 0, 0)};
    kaal_nb_send(ep, &m);
    run();
    check(probe_blocked(p)); /* suspended: it did not receive */
}

static void write_registers_partly(void)
{
    struct probe *p = probe_new();
    uint64_t before[REG_COUNT];
    probe_set(p, snippet_undefined);
    must(kaal_tcb_write_registers(p->tcb, 0, REG_COUNT, p->regs));
    probe_read(p);
    for (unsigned i = 0; i < REG_COUNT; i++) {
        before[i] = p->regs[i];
    }
    const uint64_t pc = (uint64_t)snippet_break;
    struct invocation v = INVOCATION(p->tcb, LABEL_TCB_WRITE_REGISTERS, NO_CAPS, 0, 1, pc);
    check_call(v, OK);
    /* A count above 36 writes 36; the message holds 38 of them. */
    probe_read(p);
    check_eq(p->regs[REG_PC], pc);
    for (unsigned i = 1; i < REG_COUNT; i++) {
        check_eq(p->regs[i], before[i]);
    }
    v.word[1] = 0;
    v.word[0] = 1; /* no registers, resume */
    check_call(v, OK);
    run();
    check(p->faulted);
    check_eq(p->fault.mr[0], pc);
}

static void copy_registers_resumes(void)
{
    struct probe *a = probe_new(), *b = probe_new();
    uint64_t ep = object(OBJECT_ENDPOINT, 0);
    probe_call(a, SYS_RECV, ep, 0, 0, 0);
    run();
    /* Suspends a, resumes b with a's registers: b is the one that receives. */
    must(kaal_tcb_copy_registers(
        b->tcb, a->tcb, COPY_SUSPEND_SOURCE | COPY_RESUME_TARGET | COPY_FRAME | COPY_INTEGER));
    run();
    struct kaal_message m = {.info = msginfo_new(9, 0, 0, 0)};
    kaal_nb_send(ep, &m);
    run();
    check(probe_blocked(a));
    check(b->faulted);
    probe_read(b);
    check_eq(b->regs[REG_PC], (uint64_t)snippet_svc_end);
    check_eq(b->regs[REG_X1], msginfo_new(9, 0, 0, 0));
}

static void tls_base_is_seen(void)
{
    struct probe *p = probe_new();
    uint64_t ep = object(OBJECT_ENDPOINT, 0);
    probe_call(p, SYS_RECV, ep, 0, 0, 0);
    run();
    must(kaal_tcb_set_tls_base(p->tcb, 0xabc000));
    probe_read(p);
    check_eq(p->regs[REG_TPIDR_EL0], 0xabc000);
    struct kaal_message m = {0};
    kaal_nb_send(ep, &m);
    run();
    check(probe_done(p));
    check_eq(p->regs[REG_TPIDR_EL0], 0xabc000);
}

static const struct test tests[] = {
    {"SYS-6-01 SYS-6-05 SYS-5.2-02", "words accumulate until received", words_accumulate},
    {"SYS-6-06 SYS-5-10 SYS-5-05", "a badge of 0 makes it active", badge_zero_makes_active},
    {"SYS-6-04 SYS-5-10 SCH-3-22", "waiters are served in order", waiters_in_order},
    {"SYS-6-02", "the bound thread receives on an endpoint", bound_receiver_is_woken},
    {"SYS-6-03 SYS-5-05", "the bound thread is in another state", bound_in_other_states},
    {"SYS-5-08", "a bound word comes before queued senders", bound_word_before_senders},
    {"INV-4-21 SYS-6-01", "unbound by hand", unbound_by_hand},
    {"SYS-3-15 SYS-1.1-31", "Call on a notification ignores label, length and caps", call_signals},
    {"SCH-6-01 SCH-6-02 SYS-9-01 INV-4-18 INV-4-19 SCH-1-09 SCH-6-04",
     "Suspend and Resume of blocked threads", suspend_and_resume_blocked},
    {"SCH-6-01 SYS-9-04 SCH-1-08", "suspended right after a completed call",
     suspended_after_its_call},
    {"SYS-9-03", "a thread that suspends itself", suspends_itself},
    {"SCH-6-03 INV-4-19", "Resume of a thread that runs", resume_of_a_running_thread},
    {"SCH-6-03 SCH-1-08 SYS-5.1-05", "Resume of a thread that was just woken",
     resume_of_a_woken_thread},
    {"INV-4-09e SCH-6-04 SCH-6-01", "ReadRegisters with suspend", read_registers_can_suspend},
    {"INV-4-10e INV-4-02 INV-4-03", "WriteRegisters of a few, and of none", write_registers_partly},
    {"INV-4-11d", "CopyRegisters suspends, resumes and copies", copy_registers_resumes},
    {"INV-4-22", "SetTLSBase of a blocked thread", tls_base_is_seen},
};
const struct suite suite_notification = SUITE("notification", tests);
