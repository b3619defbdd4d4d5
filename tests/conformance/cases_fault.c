/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Fault messages word by word, and replies to them (abi/syscalls.md §7, §7.1, §9, abi/vectors.md
 * §7, §11).
 */
#include "kaal/string.h"
#include "probe.h"
#include "suites.h"

enum {
    FAULT_WORDS = 16,
    RW = RIGHT_READ | RIGHT_WRITE
};
#define V 0x100000000000ull /* no table for it below the VSpace */

struct fault_message {
    uint64_t badge, info, mr[FAULT_WORDS];
};

/* What is next on `ep`, words beyond the registers included. */
static struct fault_message receive(uint64_t ep)
{
    struct fault_message f = {0};
    struct kaal_message m = {0};
    settle();
    kaal_nb_recv(ep, &m);
    f.badge = m.badge;
    f.info = m.info;
    for (unsigned i = 0; i < FAULT_WORDS; i++) {
        f.mr[i] = i < MSG_REGISTERS ? m.mr[i] : kaal_ipc_buffer->msg[i];
    }
    return f;
}

static void reply(uint64_t label, uint64_t length, const uint64_t *words)
{
    struct kaal_message m = {.info = msginfo_new(label, 0, 0, length)};
    for (uint64_t i = 0; i < length; i++) {
        if (i < MSG_REGISTERS) {
            m.mr[i] = words[i];
        } else {
            kaal_ipc_buffer->msg[i] = words[i];
        }
    }
    kaal_reply(&m);
}

/* `f` is a fault of `p` with this label and length. */
static void check_fault(const struct probe *p, const struct fault_message *f, uint64_t label,
                        uint64_t length)
{
    check_eq(f->badge, PROBE_BADGE + p->index);
    check_eq(f->info, msginfo_new(label, 0, 0, length));
}

/* A saved or sanitised SPSR with these flags: 0x40 in debug builds, 0x140 otherwise. */
static void check_spsr(uint64_t found, uint64_t flags)
{
    check_eq(found & ~0x100ull, flags | 0x40);
}

/* Starts `p` at unknown system call `number`, x0..x6 = 1000.., and receives its fault. */
static struct fault_message unknown_call(struct probe *p, uint64_t number)
{
    probe_set(p, snippet_svc);
    for (unsigned i = 0; i < 7; i++) {
        p->regs[REG_X0 + i] = 0x1000 + i;
    }
    p->regs[REG_X7] = number;
    p->regs[REG_SPSR] = 0xffffffff;
    probe_go(p);
    return receive(fault_endpoint());
}

static void unknown_syscall(void)
{
    struct probe *p = probe_new();
    struct fault_message f = unknown_call(p, (uint64_t)-100);
    check_fault(p, &f, FAULT_UNKNOWN_SYSCALL, 13);
    for (unsigned i = 0; i < 7; i++) {
        check_eq(f.mr[i], 0x1000 + i);
    }
    check_eq(f.mr[7], (uint64_t)-100);
    check_eq(f.mr[8], (uint64_t)snippet_svc);
    check_eq(f.mr[9], p->regs[REG_SP]);
    check_eq(f.mr[10], (uint64_t)snippet_svc_end);
    check_spsr(f.mr[11], 0xf0000000);
    check_eq(f.mr[12], (uint64_t)-100);
}

static void unknown_numbers(void)
{
    static const uint64_t numbers[] = {
        0,
        1,
        8,
        0xfffffffe,
        1ull << 63,
        (uint64_t)-15,
        (uint64_t)-16,
        (uint64_t)-17,
        (uint64_t)-27,
        (uint64_t)-28,
        (uint64_t)-29,
        (uint64_t)-30,
        (uint64_t)-31,
        0x7fffffffffffffff,
    };
    struct probe *p = probe_new();
    for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct fault_message f = unknown_call(p, numbers[i]);
        check_fault(p, &f, FAULT_UNKNOWN_SYSCALL, 13);
        check_eq(f.mr[12], numbers[i]);
    }
}

static void unknown_syscall_full_reply(void)
{
    struct probe *p = probe_new();
    (void)unknown_call(p, (uint64_t)-100);
    const uint64_t words[] = {
        0x90,   0x91,  0x92,      0x93, 0x94, 0x95, 0x96, 0x97, (uint64_t)snippet_undefined,
        0x7777, 0xbad, 0xf00003ff};
    reply(0, 12, words);
    struct fault_message f = receive(fault_endpoint());
    check_fault(p, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[0], (uint64_t)snippet_undefined);
    check_eq(f.mr[1], 0x7777);
    check_spsr(f.mr[2], 0xf0000000);
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
    (void)unknown_call(p, (uint64_t)-100);
    reply(0, 3, words);
    /* Retried with three registers changed. */
    struct fault_message f = receive(fault_endpoint());
    check_fault(p, &f, FAULT_UNKNOWN_SYSCALL, 13);
    check_eq(f.mr[0], 0x90);
    check_eq(f.mr[2], 0x92);
    check_eq(f.mr[3], 0x1003);
    check_eq(f.mr[8], (uint64_t)snippet_svc);
    reply(0, 0, NULL);
    struct fault_message again = receive(fault_endpoint());
    check_eq((uint64_t)(int64_t)memcmp(&f, &again, sizeof(f)), 0);
}

static void unknown_syscall_skip(void)
{
    struct probe *p = probe_new();
    struct fault_message f = unknown_call(p, (uint64_t)-100);
    f.mr[8] += 4;
    reply(0, 9, f.mr);
    f = receive(fault_endpoint());
    check_fault(p, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[0], (uint64_t)snippet_svc_end);
}

static void unknown_syscall_stopped(void)
{
    struct probe *p = probe_new();
    const uint64_t words[] = {
        0x90, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, (uint64_t)snippet_undefined};
    (void)unknown_call(p, (uint64_t)-100);
    reply(1, 9, words);
    struct fault_message f = receive(fault_endpoint());
    check_eq(f.info, 0);
    probe_read(p);
    check_eq(p->regs[REG_X0], 0x90);
    check_eq(p->regs[REG_X7], 0x97);
    check_eq(p->regs[REG_PC], (uint64_t)snippet_undefined);
    must(kaal_tcb_resume(p->tcb));
    f = receive(fault_endpoint());
    check_fault(p, &f, FAULT_USER_EXCEPTION, 5);
}

/* Runs `code` with x0 = `x0` and returns the fault. */
static struct fault_message run_code(struct probe *p, const char *code, uint64_t x0)
{
    probe_set(p, code);
    p->regs[REG_X0] = x0;
    probe_go(p);
    return receive(fault_endpoint());
}

static void vm_fault(struct probe *p, const char *code, uint64_t address, uint64_t syndrome)
{
    struct fault_message f = run_code(p, code, address);
    check_fault(p, &f, FAULT_VM, 4);
    check_eq(f.mr[0], code == snippet_jump ? address : (uint64_t)code);
    check_eq(f.mr[1], address);
    check_eq(f.mr[2], code == snippet_jump);
    check_eq(f.mr[3], syndrome);
}

static void vm_faults(void)
{
    struct probe *p = probe_new();
    /* Level of the missing entry in the syndrome's low bits (Arm ARM, ISS of data aborts). */
    vm_fault(p, snippet_load, V, 0x92000004);
    vm_fault(p, snippet_load, FREE_VADDR + 8, 0x92000005);
    vm_fault(p, snippet_load, 0x10000000, 0x92000006);
    vm_fault(p, snippet_store, FREE_VADDR, 0x92000045);
    vm_fault(p, snippet_jump, V, 0x82000004);
    vm_fault(p, snippet_jump, FREE_VADDR, 0x82000005);
}

static void permission_faults(void)
{
    struct probe *p = probe_new();
    uint64_t read_only = object(OBJECT_SMALL_PAGE, 0), none = object(OBJECT_SMALL_PAGE, 0);
    uint64_t no_code = object(OBJECT_SMALL_PAGE, 0);
    map(SLOT_INIT_VSPACE, read_only, V, RIGHT_READ, ATTR_DEFAULT);
    map(SLOT_INIT_VSPACE, none, V + 0x1000, 0, ATTR_DEFAULT);
    map(SLOT_INIT_VSPACE, no_code, V + 0x2000, RW, ATTR_DEFAULT | ATTR_EXECUTE_NEVER);
    struct fault_message f = run_code(p, snippet_load, V);
    check_fault(p, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[0], (uint64_t)snippet_load_end);
    vm_fault(p, snippet_store, V, 0x9200004f);
    vm_fault(p, snippet_load, V + 0x1000, 0x9200000f);
    vm_fault(p, snippet_store, V + 0x1000, 0x9200004f);
    vm_fault(p, snippet_jump, V + 0x2000, 0x8200000f);
    f = run_code(p, snippet_store, V + 0x2000);
    check_eq(f.mr[0], (uint64_t)snippet_store_end);
    /* Executable, and zero: the undefined instruction is fetched. */
    f = run_code(p, snippet_jump, V);
    check_fault(p, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[0], V);
}

static void vm_fault_reply(void)
{
    struct probe *p = probe_new();
    const uint64_t junk[] = {1, 2, 3, 4};
    struct fault_message f = run_code(p, snippet_load, FREE_VADDR);
    check_fault(p, &f, FAULT_VM, 4);
    uint64_t before = p->regs[REG_X1];
    reply(99, 4, junk); /* nothing is mapped yet: the same fault again, whatever the label */
    f = receive(fault_endpoint());
    check_fault(p, &f, FAULT_VM, 4);
    probe_read(p);
    check_eq(p->regs[REG_X1], before);
    map(SLOT_INIT_VSPACE, object(OBJECT_SMALL_PAGE, 0), FREE_VADDR, RW, ATTR_DEFAULT);
    *(volatile uint64_t *)FREE_VADDR = 0xabcdef;
    reply(0, 0, NULL);
    f = receive(fault_endpoint());
    check_fault(p, &f, FAULT_USER_EXCEPTION, 5);
    probe_read(p);
    check_eq(p->regs[REG_X1], 0xabcdef);
}

static void user_exceptions(void)
{
    struct probe *p = probe_new();
    static const struct {
        const char *code;
        uint64_t syndrome;
    } rows[] = {
        {snippet_undefined, 0x02000000},
        {snippet_break, 0xf2000000},
    };
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fault_message f = run_code(p, rows[i].code, 0);
        check_fault(p, &f, FAULT_USER_EXCEPTION, 5);
        check_eq(f.mr[0], (uint64_t)rows[i].code);
        check_eq(f.mr[1], p->regs[REG_SP]);
        check_spsr(f.mr[2], 0);
        check_eq(f.mr[3], rows[i].syndrome);
        check_eq(f.mr[4], 0);
    }
    /* A misaligned PC: class 0x22. */
    struct fault_message f = run_code(p, snippet_jump, (uint64_t)snippet_undefined + 2);
    check_fault(p, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[0], (uint64_t)snippet_undefined + 2);
    check_eq(f.mr[3] >> 26, 0x22);
}

static void trapped_registers(void)
{
    struct probe *p = probe_new();
    struct fault_message f = run_code(p, snippet_counter, 0);
    check_fault(p, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[0], (uint64_t)snippet_counter);
    check_eq(f.mr[3] >> 26, 0x18); /* trapped MSR or MRS */
    f = run_code(p, snippet_cycles, 0);
    check_fault(p, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[0], (uint64_t)snippet_cycles);
    f = run_code(p, snippet_cache, p->regs[REG_SP] - 64);
    check_fault(p, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[0], (uint64_t)snippet_cache_end);
    f = run_code(p, snippet_wait, 0);
    check_fault(p, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[0], (uint64_t)snippet_wait_end);
}

static void user_exception_reply(void)
{
    struct probe *p = probe_new();
    const uint64_t words[] = {(uint64_t)snippet_break, 0x7770, 0xa00001c5, 4, 5};
    (void)run_code(p, snippet_undefined, 0x5a);
    reply(0, 5, words);
    struct fault_message f = receive(fault_endpoint());
    check_fault(p, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[0], (uint64_t)snippet_break);
    check_eq(f.mr[1], 0x7770);
    check_spsr(f.mr[2], 0xa0000000);
    probe_read(p);
    check_eq(p->regs[REG_X0], 0x5a);
    /* A reply without words retries; with another label the thread stays stopped. */
    reply(0, 0, NULL);
    f = receive(fault_endpoint());
    check_eq(f.mr[0], (uint64_t)snippet_break);
    const uint64_t back[] = {(uint64_t)snippet_undefined, 0x8880};
    reply(7, 2, back);
    f = receive(fault_endpoint());
    check_eq(f.info, 0);
    probe_read(p);
    check_eq(p->regs[REG_PC], (uint64_t)snippet_undefined);
    check_eq(p->regs[REG_SP], 0x8880);
}

static void fpu_disabled(void)
{
    struct probe *p = probe_new();
    must(kaal_tcb_set_flags(p->tcb, 0, TCB_FLAG_FPU_DISABLED));
    struct fault_message f = run_code(p, snippet_fp, 1);
    check_fault(p, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[0], (uint64_t)snippet_fp);
    check_eq(f.mr[1], p->regs[REG_SP]);
    check_spsr(f.mr[2], 0);
    check_eq(f.mr[3], 0x1fe00000);
    check_eq(f.mr[4], 0);
    must(kaal_tcb_set_flags(p->tcb, TCB_FLAG_FPU_DISABLED, 0));
    /* The invocation used this thread's reply registers, not its reply right. */
    reply(0, 0, NULL);
    f = receive(fault_endpoint());
    check_fault(p, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[0], (uint64_t)snippet_fp_end);
}

static void cap_fault_reply(void)
{
    struct probe *p = probe_new();
    uint64_t slot = slot_new(), ep = object(OBJECT_ENDPOINT, 0);
    probe_call(p, SYS_RECV, slot, 0x1234567, 0, 0);
    struct fault_message f = receive(fault_endpoint());
    check_fault(p, &f, FAULT_CAP, 5);
    check_eq(f.mr[0], (uint64_t)snippet_svc);
    check_eq(f.mr[1], slot);
    check_eq(f.mr[2], 1);
    check_eq(f.mr[3], LOOKUP_MISSING_CAPABILITY);
    check_eq(f.mr[4], 0);
    must(kaal_cnode_copy(at(slot), at(ep), RIGHTS_ALL));
    reply(12345, 0, NULL); /* the label is ignored */
    run();
    check(probe_blocked(p));
    struct kaal_message m = {.info = msginfo_new(3, 0, 0, 1), .mr = {4}};
    kaal_nb_send(ep, &m);
    run();
    check(probe_done(p));
    check_eq(p->regs[REG_X2], 4);
}

static void no_handler(void)
{
    struct probe *p = probe_new();
    must(kaal_tcb_set_space(p->tcb, 0, ROOT, 0, SLOT_INIT_VSPACE, 0));
    struct fault_message f = unknown_call(p, (uint64_t)-100);
    check_eq(f.info, 0);
    probe_read(p);
    check_eq(p->regs[REG_PC], (uint64_t)snippet_svc);
    /* With a handler at last, Resume executes the call again. */
    must(kaal_tcb_set_space(p->tcb, mint_of(fault_endpoint(), RIGHTS_ALL, PROBE_BADGE), ROOT, 0,
                            SLOT_INIT_VSPACE, 0));
    must(kaal_tcb_resume(p->tcb));
    f = receive(fault_endpoint());
    check_fault(p, &f, FAULT_UNKNOWN_SYSCALL, 13);
}

static void handler_rights(void)
{
    static const struct {
        uint64_t rights;
        bool good;
    } rows[] = {
        {RIGHT_WRITE, false},
        {RIGHT_READ | RIGHT_GRANT | RIGHT_GRANT_REPLY, false},
        {RIGHT_WRITE | RIGHT_READ, false},
        {RIGHT_WRITE | RIGHT_GRANT, true},
        {RIGHT_WRITE | RIGHT_GRANT_REPLY, true},
    };
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct probe *p = probe_new();
        uint64_t handler = mint_of(fault_endpoint(), rows[i].rights, PROBE_BADGE + p->index);
        must(kaal_tcb_set_space(p->tcb, handler, ROOT, 0, SLOT_INIT_VSPACE, 0));
        struct fault_message f = run_code(p, snippet_undefined, 0);
        check_eq(f.info, rows[i].good ? msginfo_new(FAULT_USER_EXCEPTION, 0, 0, 5) : 0);
        reply(0, 0, NULL);
        f = receive(fault_endpoint());
        check_eq(f.info, rows[i].good ? msginfo_new(FAULT_USER_EXCEPTION, 0, 0, 5) : 0);
    }
    /* Not an endpoint at all. */
    struct probe *p = probe_new();
    must(kaal_tcb_set_space(p->tcb, object(OBJECT_NOTIFICATION, 0), ROOT, 0, SLOT_INIT_VSPACE, 0));
    struct fault_message f = run_code(p, snippet_undefined, 0);
    check_eq(f.info, 0);
    probe_read(p);
    check_eq(p->regs[REG_PC], (uint64_t)snippet_undefined);
}

static void receiver_without_buffer(void)
{
    struct probe *p = probe_new(), *r = probe_new();
    must(kaal_tcb_set_ipc_buffer(r->tcb, 0, SLOT_NULL));
    probe_call(r, SYS_RECV, fault_endpoint(), 0, 0, 0);
    settle();
    probe_set(p, snippet_svc);
    p->regs[REG_X7] = (uint64_t)-100;
    uint64_t x3 = p->regs[REG_X3];
    probe_go(p);
    settle();
    probe_read(r);
    check_eq(r->regs[REG_X1], msginfo_new(FAULT_UNKNOWN_SYSCALL, 0, 0, 4));
    check_eq(r->regs[REG_X0], PROBE_BADGE + p->index);
    check_eq(r->regs[REG_X5], x3);
}

static void faults_wait_in_order(void)
{
    struct probe *a = probe_new(), *b = probe_new();
    probe_set(a, snippet_undefined);
    probe_set(b, snippet_break);
    probe_go(a);
    settle();
    probe_go(b);
    settle();
    struct fault_message f = receive(fault_endpoint());
    check_fault(a, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[3], 0x02000000);
    f = receive(fault_endpoint());
    check_fault(b, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[3], 0xf2000000);
    /* Receiving b's fault deleted the right to a: the reply goes to b. */
    const uint64_t words[] = {(uint64_t)snippet_undefined};
    reply(0, 1, words);
    f = receive(fault_endpoint());
    check_fault(b, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[0], (uint64_t)snippet_undefined);
}

static void no_caps_in_fault_replies(void)
{
    struct probe *p = probe_new();
    uint64_t slot = slot_new();
    p->buffer->receive_cnode = ROOT;
    p->buffer->receive_index = slot;
    p->buffer->receive_depth = WORD_BITS;
    p->buffer->caps_or_badges[0] = 0xeee0;
    (void)run_code(p, snippet_undefined, 0);
    kaal_ipc_buffer->caps_or_badges[0] = fault_endpoint();
    struct kaal_message m = {.info = msginfo_new(0, 0, 1, 0)};
    kaal_reply(&m);
    struct fault_message f = receive(fault_endpoint());
    check_fault(p, &f, FAULT_USER_EXCEPTION, 5);
    check(!occupied(slot));
    check_eq(p->buffer->caps_or_badges[0], 0xeee0);
}

static void suspended_while_blocked_on_reply(void)
{
    struct probe *p = probe_new();
    uint64_t ep = object(OBJECT_ENDPOINT, 0), saved = slot_new();
    (void)run_code(p, snippet_undefined, 0);
    must(kaal_cnode_save_caller(at(saved)));
    check(occupied(saved));
    must(kaal_tcb_suspend(p->tcb));
    check(!occupied(saved));
    /* The fault is forgotten: the next message is an ordinary one. */
    probe_call(p, SYS_SEND, mint_of(ep, RIGHTS_ALL, 0x99), msginfo_new(4, 0, 0, 1), 6, 0);
    struct fault_message f = receive(ep);
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
    struct fault_message f = receive(ep);
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
    reply(0x1234, 0, NULL); /* a fault reply: the svc is executed again, its message is its own */
    struct fault_message f = receive(ep);
    check_eq(f.badge, 0x60);
    check_eq(f.info, msginfo_new(0x99, 0, 0, 2));
    check_eq(f.mr[0], 6);
}

static const struct test tests[] = {
    {"VEC-7-01 SYS-7-07 SYS-7-10 SYS-7-20 SYS-8-18 SYS-1-04 SYS-7.1-09 SYS-7.1-10",
     "an unknown system call", unknown_syscall},
    {"VEC-11-19 SYS-1.1-27 SYS-1.1-28 SYS-1.1-29 SYS-1.1-30 SYS-1-03 SYS-1.1-15..17",
     "which numbers are unknown", unknown_numbers},
    {"VEC-7-02 SYS-7.1-01 SYS-7.1-04 SYS-7.1-07 SYS-7.1-09", "its reply of twelve words",
     unknown_syscall_full_reply},
    {"SYS-7.1-01 SYS-7.1-08", "its reply of three words and of none", unknown_syscall_short_reply},
    {"SYS-7.1-07", "skipping it", unknown_syscall_skip},
    {"SYS-7.1-04", "a reply with a label stops the thread", unknown_syscall_stopped},
    {"VEC-7-03 VEC-7-04 SYS-7-13 SYS-7-23 VSP-8-01 VSP-8-02", "VM faults", vm_faults},
    {"VSP-4-08 VSP-4-09 VSP-4-11 VSP-4-17 VSP-4-20 SYS-7-23", "permission faults",
     permission_faults},
    {"SYS-7.1-03 SYS-5.1-06", "replies to VM faults", vm_fault_reply},
    {"VEC-7-05 SYS-7-11 SYS-7-21 SYS-7-22", "user exceptions", user_exceptions},
    {"BOOT-5-13 BOOT-1-19 VSP-6-06 BOOT-6-11", "what EL0 may and may not execute",
     trapped_registers},
    {"SYS-7.1-05 SYS-7.1-08 SYS-7.1-09", "replies to user exceptions", user_exception_reply},
    {"VEC-11-15 SCH-7-02", "FP instruction with the FPU disabled", fpu_disabled},
    {"SYS-7.1-02 SYS-7-09 SYS-7-15 SYS-7-17 SYS-7-19", "replies to cap faults", cap_fault_reply},
    {"VEC-11-16 SYS-7-03 SYS-7-01", "no fault handler", no_handler},
    {"SYS-7-02 SYS-7-03", "rights of the fault handler's cap", handler_rights},
    {"SYS-7-14", "a receiver without buffer gets four words", receiver_without_buffer},
    {"SYS-7-04 SYS-7-05 SYS-5.1-01", "faults queue like calls", faults_wait_in_order},
    {"SYS-7-06", "no caps in fault replies", no_caps_in_fault_replies},
    {"SYS-7.1-11 SCH-6-01 SYS-5.1-07", "suspended while its fault is being handled",
     suspended_while_blocked_on_reply},
    {"VEC-11-20 SYS-9-05 SYS-9-06 SYS-9-07", "a fault cancelled in the queue",
     queued_fault_stays_recorded},
    {"VEC-11-20 SYS-9-08", "the reply to a Call that was replaced by a fault",
     reply_to_a_replaced_call},
};
const struct suite suite_fault = SUITE("fault", tests);
