/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What each system call does to the registers, all 36 words, NZCV, SP and the FP file
 * (abi/syscalls.md §1, abi/vectors.md §1).
 */
#include "kaal/string.h"
#include "probe.h"
#include "suites.h"

enum {
    LABEL_77 = 77
};

/* The registers that may differ after a call, as a mask of context indices. */
#define X(n) (1ull << (REG_X0 + (n)))

/* Compares p's registers with `before`; those of `changed` are the caller's business. */
static void check_preserved(struct probe *p, const uint64_t *before, uint64_t changed)
{
    for (unsigned i = 0; i < REG_COUNT; i++) {
        if (i == REG_PC || (changed >> i & 1) != 0) {
            continue;
        }
        if (i == REG_SPSR) {
            check((p->regs[i] & ~0x100ull) == 0x40);
        } else {
            check_eq(p->regs[i], before[i]);
        }
    }
}

/* One call of a fresh probe that must complete; registers outside `changed` are checked. */
static struct probe *one_call(enum syscall number, uint64_t x0, uint64_t info, uint64_t changed)
{
    struct probe *p = probe_new();
    uint64_t before[REG_COUNT];
    probe_set_call(p, number, x0, info, 0x22, 0x33, 0x44, 0x55);
    memcpy(before, p->regs, sizeof(before));
    probe_go(p);
    run();
    check(probe_done(p));
    check_preserved(p, before, changed);
    return p;
}

static void call_notification(void)
{
    uint64_t ntfn = object(OBJECT_NOTIFICATION, 0);
    struct probe *p = one_call(SYS_CALL, ntfn, msginfo_new(LABEL_77, 0, 0, 2), X(0) | X(1));
    check_eq(p->regs[REG_X0], 0);
    check_eq(p->regs[REG_X1], 0);
}

static void call_object(void)
{
    uint64_t tcb = object(OBJECT_TCB, 0);
    struct probe *p = one_call(SYS_CALL, tcb, msginfo_new(LABEL_TCB_SUSPEND, 0, 0, 0), X(0) | X(1));
    check_eq(p->regs[REG_X0], 0);
    check_eq(p->regs[REG_X1], 0);
    p = one_call(SYS_CALL, tcb, msginfo_new(LABEL_TCB_SET_FLAGS, 0, 0, 2), X(0) | X(1) | X(2));
    check_eq(p->regs[REG_X1], msginfo_new(0, 0, 0, 1));
    check_eq(p->regs[REG_X2], 0x33 & 1);
    p = one_call(SYS_CALL, tcb, msginfo_new(LABEL_COUNT, 0, 0, 2), X(0) | X(1));
    check_eq(p->regs[REG_X0], 0);
    check_eq(p->regs[REG_X1], msginfo_new(ERROR_ILLEGAL_OPERATION, 0, 0, 0));
}

static void send_notification(void)
{
    uint64_t ntfn = object(OBJECT_NOTIFICATION, 0);
    (void)one_call(SYS_SEND, ntfn, msginfo_new(LABEL_77, 0, 0, 2), 0);
    (void)one_call(SYS_NB_SEND, ntfn, msginfo_new(LABEL_77, 0, 0, 2), 0);
    (void)one_call(SYS_SEND, object(OBJECT_TCB, 0), msginfo_new(LABEL_COUNT, 0, 0, 2), 0);
}

static void receive_notification(void)
{
    uint64_t ntfn = object(OBJECT_NOTIFICATION, 0);
    struct probe *p = one_call(SYS_NB_RECV, ntfn, 0x1234567, X(0));
    check_eq(p->regs[REG_X0], 0);
    kaal_signal(mint_of(ntfn, RIGHTS_ALL, 0x50));
    kaal_signal(mint_of(ntfn, RIGHTS_ALL, 5));
    p = one_call(SYS_NB_RECV, ntfn, 0x1234567, X(0));
    check_eq(p->regs[REG_X0], 0x55);
    kaal_signal(mint_of(ntfn, RIGHTS_ALL, 8));
    p = one_call(SYS_RECV, ntfn, 0x1234567, X(0));
    check_eq(p->regs[REG_X0], 8);
}

static void receive_after_waiting(void)
{
    uint64_t ntfn = object(OBJECT_NOTIFICATION, 0), before[REG_COUNT];
    struct probe *p = probe_new();
    probe_set_call(p, SYS_RECV, ntfn, 0x1234567, 0x22, 0x33, 0x44, 0x55);
    memcpy(before, p->regs, sizeof(before));
    probe_go(p);
    run();
    check(probe_blocked(p));
    kaal_signal(mint_of(ntfn, RIGHTS_ALL, ~0ull));
    run();
    check(probe_done(p));
    check_preserved(p, before, X(0));
    check_eq(p->regs[REG_X0], ~0ull);
}

static void bound_notification(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0), ntfn = object(OBJECT_NOTIFICATION, 0);
    uint64_t before[REG_COUNT];
    struct probe *p = probe_new();
    must(kaal_tcb_bind_notification(p->tcb, ntfn));
    kaal_signal(mint_of(ntfn, RIGHTS_ALL, 8));
    probe_set_call(p, SYS_NB_RECV, ep, 0x1234567, 0x22, 0x33, 0x44, 0x55);
    memcpy(before, p->regs, sizeof(before));
    probe_go(p);
    run();
    check(probe_done(p));
    check_preserved(p, before, X(0));
    check_eq(p->regs[REG_X0], 8);
}

static void no_right(void)
{
    uint64_t mute = copy_of(object(OBJECT_ENDPOINT, 0), RIGHT_READ);
    (void)one_call(SYS_SEND, mute, msginfo_new(1, 0, 0, 2), 0);
    (void)one_call(SYS_NB_SEND, mute, msginfo_new(1, 0, 0, 2), 0);
    struct probe *p = one_call(SYS_CALL, mute, msginfo_new(1, 0, 0, 2), X(0) | X(1) | X(2));
    check_eq(p->regs[REG_X1], msginfo_new(ERROR_INVALID_CAPABILITY, 0, 0, 1));
    check_eq(p->regs[REG_X2], 0);
}

static void nothing_there(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0);
    (void)one_call(SYS_NB_SEND, ep, msginfo_new(1, 0, 0, 4), 0);
    struct probe *p = one_call(SYS_NB_RECV, ep, 0x1234567, X(0));
    check_eq(p->regs[REG_X0], 0);
    (void)one_call(SYS_REPLY, ~0ull, msginfo_new(1, 0, 0, 4), 0);
    (void)one_call(SYS_YIELD, ~0ull, ~0ull, 0);
    uint64_t ntfn = object(OBJECT_NOTIFICATION, 0);
    kaal_signal(mint_of(ntfn, RIGHTS_ALL, 3));
    p = one_call(SYS_REPLY_RECV, ntfn, 0x1234567, X(0));
    check_eq(p->regs[REG_X0], 3);
}

static void send_to_waiter(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0), before[REG_COUNT];
    struct probe *r = probe_new();
    probe_set_call(r, SYS_RECV, ep, 0x1234567, 0x22, 0x33, 0x44, 0x55);
    memcpy(before, r->regs, sizeof(before));
    probe_go(r);
    run();
    uint64_t info = msginfo_new(LABEL_77, 0, 0, 2);
    struct probe *s = one_call(SYS_SEND, mint_of(ep, RIGHTS_ALL, 0x99), info, 0);
    check(s->faulted);
    check(probe_done(r));
    /* Two words arrive; x4 and x5 stay. */
    check_preserved(r, before, X(0) | X(1) | X(2) | X(3));
    check_eq(r->regs[REG_X0], 0x99);
    check_eq(r->regs[REG_X1], info);
    check_eq(r->regs[REG_X2], 0x22);
    check_eq(r->regs[REG_X3], 0x33);
}

static void receiving_drops_the_caller(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0), before[REG_COUNT];
    struct probe *c = probe_new(), *s = probe_new();
    /* The badge is the endpoint's own cptr, so that the server's second Recv is on it again. */
    probe_set_call(c, SYS_CALL, mint_of(ep, RIGHTS_ALL, ep), msginfo_new(5, 0, 0, 4), 1, 2, 3, 4);
    memcpy(before, c->regs, sizeof(before));
    probe_go(c);
    run();
    check(probe_blocked(c));
    probe_set_call(s, SYS_RECV, ep, 0, 0x22, 0x33, 0x44, 0x55);
    s->regs[REG_PC] = (uint64_t)snippet_two;
    probe_go(s);
    run();
    probe_read(s);
    check_eq(s->regs[REG_PC], (uint64_t)snippet_two + 4);
    check_eq(s->regs[REG_X0], ep);
    check_eq(s->regs[REG_X1], msginfo_new(5, 0, 0, 4));
    check_eq(s->regs[REG_X5], 4);
    check(probe_blocked(c));
    check_preserved(c, before, 0);
    /* Resumed, the caller executes its Call again and finds the server waiting. */
    must(kaal_tcb_resume(c->tcb));
    run();
    probe_read(s);
    check_eq(s->regs[REG_PC], (uint64_t)snippet_two_end);
    check(probe_blocked(c));
}

static void reply_to_caller(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0), before[REG_COUNT];
    struct probe *c = probe_new();
    struct kaal_message m = {0};
    probe_set_call(c, SYS_CALL, mint_of(ep, RIGHTS_ALL, 7), msginfo_new(5, 0, 0, 4), 1, 2, 3, 4);
    memcpy(before, c->regs, sizeof(before));
    probe_go(c);
    settle();
    kaal_recv(ep, &m);
    check_eq(m.badge, 7);
    check_eq(m.info, msginfo_new(5, 0, 0, 4));
    check_eq(m.mr[3], 4);
    m = (struct kaal_message){.info = msginfo_new(6, 7, 0, 1), .mr = {0x99, 0x98, 0x97, 0x96}};
    kaal_reply(&m);
    run();
    check(probe_done(c));
    check_preserved(c, before, X(0) | X(1) | X(2));
    check_eq(c->regs[REG_X0], 0);
    check_eq(c->regs[REG_X1], msginfo_new(6, 0, 0, 1));
    check_eq(c->regs[REG_X2], 0x99);
}

/* A server that answers each Call with its own words: two ReplyRecv in a row, the first with
 * nothing to reply to. The badge is the endpoint's cptr, so that the second is on the endpoint
 * again. */
static struct probe *echo_server(uint64_t ep, uint64_t priority)
{
    struct probe *s = probe_new();
    must(kaal_tcb_set_priority(s->tcb, SLOT_INIT_TCB, priority));
    probe_set_call(s, SYS_REPLY_RECV, ep, 0, 0xa2, 0xa3, 0xa4, 0xa5);
    s->regs[REG_PC] = (uint64_t)snippet_two;
    return s;
}

static void echo(struct probe *c, struct probe *s, uint64_t ep, uint64_t badged, uint64_t length)
{
    uint64_t client[REG_COUNT], server[REG_COUNT], info = msginfo_new(0x77, 0, 0, length);
    uint64_t words = length < MSG_REGISTERS ? length : MSG_REGISTERS, received = X(0) | X(1);
    for (uint64_t i = 0; i < words; i++) {
        received |= X(2 + i);
    }
    s->regs[REG_PC] = (uint64_t)snippet_two;
    s->regs[REG_X0] = ep;
    memcpy(server, s->regs, sizeof(server));
    probe_go(s);
    run();
    probe_set_call(c, SYS_CALL, badged, info, 0x22, 0x33, 0x44, 0x55);
    c->buffer->msg[4] = 0x66;
    c->buffer->msg[5] = 0x77;
    memcpy(client, c->regs, sizeof(client));
    probe_go(c);
    run();
    check(probe_done(c));
    check_preserved(c, client, X(0) | X(1));
    check_eq(c->regs[REG_X0], 0);
    check_eq(c->regs[REG_X1], info);
    probe_read(s);
    check_eq(s->regs[REG_PC], (uint64_t)snippet_two + 4);
    check_preserved(s, server, received);
    check_eq(s->regs[REG_X0], ep);
    check_eq(s->regs[REG_X1], info);
    for (uint64_t i = 0; i < words; i++) {
        check_eq(s->regs[REG_X2 + i], 0x22 + 0x11 * i);
    }
    check(length < 6 || (s->buffer->msg[4] == 0x66 && s->buffer->msg[5] == 0x77));
    must(kaal_tcb_suspend(s->tcb));
}

static void call_and_reply_recv(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0), badged = mint_of(ep, RIGHTS_ALL, ep);
    struct probe *c = probe_new();
    for (int above = -1; above <= 1; above++) {
        struct probe *s = echo_server(ep, (uint64_t)(PROBE_PRIORITY + above));
        for (uint64_t length = 0; length <= 6; length++) {
            echo(c, s, ep, badged, length);
        }
    }
}

static void immediate_ignored(void)
{
    struct probe *p = probe_new();
    uint64_t ntfn = object(OBJECT_NOTIFICATION, 0);
    probe_set_call(p, SYS_SEND, mint_of(ntfn, RIGHTS_ALL, 3), 0, 0, 0, 0, 0);
    p->regs[REG_PC] = (uint64_t)snippet_svc_immediate;
    probe_go(p);
    run();
    probe_read(p);
    check_eq(p->regs[REG_PC], (uint64_t)snippet_svc_immediate_end);
    check_eq(kaal_poll(ntfn), 3);
}

static void flags_preserved(void)
{
    static const enum syscall calls[] = {SYS_CALL, SYS_SEND, SYS_NB_SEND, SYS_NB_RECV, SYS_YIELD};
    uint64_t ntfn = object(OBJECT_NOTIFICATION, 0);
    struct probe *p = probe_new();
    for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        for (uint64_t nzcv = 0; nzcv < 16; nzcv += 5) {
            probe_set_call(p, calls[i], ntfn, 0, 0, 0, 0, 0);
            p->regs[REG_PC] = (uint64_t)snippet_flags;
            p->regs[REG_X9] = nzcv << 28;
            probe_go(p);
            run();
            probe_read(p);
            check_eq(p->regs[REG_PC], (uint64_t)snippet_flags_end);
            check_eq(p->regs[REG_X10], nzcv << 28);
        }
    }
}

struct fp_file {
    uint64_t v[64];
    uint64_t fpcr, fpsr;
};

static void fill_fp(struct fp_file *f, uint64_t seed)
{
    for (unsigned i = 0; i < 64; i++) {
        f->v[i] = (seed + i) * 0x9e3779b97f4a7c15ull;
    }
    f->fpcr = seed & 1 ? 0x01000000 : 0x00400000; /* flush to zero, or rounding up */
    f->fpsr = seed & 1 ? 0x1 : 0x10;
}

static void fp_preserved(void)
{
    static struct fp_file in[2], out[2];
    uint64_t ep = object(OBJECT_ENDPOINT, 0);
    struct probe *p[2] = {probe_new(), probe_new()};
    memset(out, 0, sizeof(out));
    for (unsigned i = 0; i < 2; i++) {
        fill_fp(&in[i], 1000 + i);
        probe_set_call(p[i], i == 0 ? SYS_RECV : SYS_SEND, ep, msginfo_new(1, 0, 0, 0), 0, 0, 0, 0);
        p[i]->regs[REG_PC] = (uint64_t)snippet_fp_file;
        p[i]->regs[REG_X20] = (uint64_t)&in[i];
        p[i]->regs[REG_X21] = (uint64_t)&out[i];
        probe_go(p[i]);
        run(); /* the first blocks with its file loaded, the second loads another one */
    }
    check(p[0]->faulted && p[1]->faulted);
    check_eq((uint64_t)(int64_t)memcmp(&in[0], &out[0], sizeof(in[0])), 0);
    check_eq((uint64_t)(int64_t)memcmp(&in[1], &out[1], sizeof(in[1])), 0);
}

/* The thread that owns the FP registers deletes and suspends others, and changes their flags. */
static void fp_preserved_by_invocations(void)
{
    static struct fp_file in, out;
    uint64_t doomed = object(OBJECT_TCB, 0), other = object(OBJECT_TCB, 0);
    const struct {
        uint64_t cptr, label, words, mr0, mr1;
    } rows[] = {
        {ROOT, LABEL_CNODE_DELETE, 2, doomed, 64},
        {other, LABEL_TCB_SET_FLAGS, 2, 0, TCB_FLAG_FPU_DISABLED},
        {other, LABEL_TCB_SET_FLAGS, 2, TCB_FLAG_FPU_DISABLED, 0},
        {other, LABEL_TCB_SUSPEND, 0, 0, 0},
        {ROOT, LABEL_CNODE_REVOKE, 2, other, 64},
    };
    struct probe *p = probe_new();
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        fill_fp(&in, 2000 + i);
        memset(&out, 0, sizeof(out));
        probe_set_call(p, SYS_CALL, rows[i].cptr, msginfo_new(rows[i].label, 0, 0, rows[i].words),
                       rows[i].mr0, rows[i].mr1, 0, 0);
        p->regs[REG_PC] = (uint64_t)snippet_fp_file;
        p->regs[REG_X20] = (uint64_t)&in;
        p->regs[REG_X21] = (uint64_t)&out;
        probe_go(p);
        run();
        probe_read(p);
        check_eq(p->regs[REG_PC], (uint64_t)snippet_fp_file_end);
        check_eq(msginfo_label(p->regs[REG_X1]), ERROR_NONE);
        check_eq((uint64_t)(int64_t)memcmp(&in, &out, sizeof(in)), 0);
    }
    check(!occupied(doomed));
}

static const struct test tests[] = {
    {"VEC-1-01 VEC-1-02 INV-0-02 INV-0-03 SYS-1.2-12 SYS-3-15 SYS-1-10 SYS-1.1-01 SYS-1.2-05 "
     "SYS-1.2-04 SYS-1.2-06",
     "Call on a notification", call_notification},
    {"SYS-1.2-12 SYS-1.2-13 SYS-1.2-14 INV-9-02 INV-9-04 INV-1-01 SYS-3-10 SYS-3-19",
     "Call on a kernel object", call_object},
    {"VEC-1-03 SYS-1.2-11 SYS-1-07 SYS-1-09 SYS-1-12 SYS-1.1-03 SYS-1.1-04 SYS-3-20 SYS-3-21",
     "Send and NBSend change nothing", send_notification},
    {"VEC-1-04 VEC-1-05 VEC-1-06 SYS-1.2-17 SYS-1.2-18 SYS-1.1-08 SYS-6-05 SYS-5-10",
     "receiving a notification's word", receive_notification},
    {"SYS-1.2-17 SYS-6-04 SYS-1.1-05 SYS-5.2-02", "receiving it after waiting",
     receive_after_waiting},
    {"VEC-1-07 SYS-5-08", "NBRecv on an endpoint with a bound notification", bound_notification},
    {"VEC-1-08 VEC-1-09 SYS-3-12 SYS-3-21", "an endpoint cap without write", no_right},
    {"VEC-1-10 SYS-1.2-18 SYS-1.1-06 SYS-1.1-07 SYS-1-08 SYS-1-11 SYS-5.1-03 SYS-5.1-04 "
     "SYS-1.1-02 SYS-1.2-11",
     "nobody there, nothing held", nothing_there},
    {"SYS-1.2-16 SYS-1.2-19 SYS-4-01 SYS-4-05 SYS-3.1-01 SYS-1.2-01 SYS-1.2-02 SYS-1.2-03",
     "a message of two words", send_to_waiter},
    {"SYS-1.2-16 SYS-5-03 SYS-5-09 SYS-9-01", "Recv deletes the reply right that it holds",
     receiving_drops_the_caller},
    {"SYS-1.2-15 SYS-5.1-05 SYS-4-05 SYS-2.1-03", "Call and its reply", reply_to_caller},
    {"SYS-1.2-15 SYS-1.2-16 SYS-1.1-02 SYS-1-10 SYS-5.1-04 SCH-3-07 SCH-3-14",
     "Call to a waiting server, ReplyRecv back: every register of both", call_and_reply_recv},
    {"SYS-1-01 SYS-1-02 SYS-1-03", "the immediate of svc is ignored", immediate_ignored},
    {"SYS-1-05 SYS-1-07", "NZCV is preserved", flags_preserved},
    {"SYS-1-05 SCH-7-01", "the FP file is preserved across a switch", fp_preserved},
    {"SYS-1-05 SCH-7-01", "the FP file is preserved while others are deleted and changed",
     fp_preserved_by_invocations},
};
const struct suite suite_registers = SUITE("registers", tests);
