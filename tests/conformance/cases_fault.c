/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Fault messages word by word, and who receives them (abi/syscalls.md §7, abi/vectors.md §7, §11).
 */
#include "faults.h"
#include "suites.h"

enum {
    RW = RIGHT_READ | RIGHT_WRITE
};
#define V 0x100000000000ull /* no table for it below the VSpace */

static void unknown_syscall(void)
{
    struct probe *p = probe_new();
    struct fault_message f = fault_unknown_call(p, (uint64_t)-100);
    fault_check(p, &f, FAULT_UNKNOWN_SYSCALL, 13);
    for (unsigned i = 0; i < 7; i++) {
        check_eq(f.mr[i], 0x1000 + i);
    }
    check_eq(f.mr[7], (uint64_t)-100);
    check_eq(f.mr[8], (uint64_t)snippet_svc);
    check_eq(f.mr[9], p->regs[REG_SP]);
    check_eq(f.mr[10], (uint64_t)snippet_svc_end);
    fault_check_spsr(f.mr[11], 0xf0000000);
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
        struct fault_message f = fault_unknown_call(p, numbers[i]);
        fault_check(p, &f, FAULT_UNKNOWN_SYSCALL, 13);
        check_eq(f.mr[12], numbers[i]);
    }
}

static void vm_faults(void)
{
    struct probe *p = probe_new();
    /* Level of the missing entry in the syndrome's low bits (Arm ARM, ISS of data aborts). */
    fault_vm(p, snippet_load, V, 0x92000004);
    fault_vm(p, snippet_load, FREE_VADDR + 8, 0x92000005);
    fault_vm(p, snippet_load, 0x10000000, 0x92000006);
    fault_vm(p, snippet_store, FREE_VADDR, 0x92000045);
    fault_vm(p, snippet_jump, V, 0x82000004);
    fault_vm(p, snippet_jump, FREE_VADDR, 0x82000005);
}

static void permission_faults(void)
{
    struct probe *p = probe_new();
    uint64_t read_only = object(OBJECT_SMALL_PAGE, 0), none = object(OBJECT_SMALL_PAGE, 0);
    uint64_t no_code = object(OBJECT_SMALL_PAGE, 0);
    map(SLOT_INIT_VSPACE, read_only, V, RIGHT_READ, ATTR_DEFAULT);
    map(SLOT_INIT_VSPACE, none, V + 0x1000, 0, ATTR_DEFAULT);
    map(SLOT_INIT_VSPACE, no_code, V + 0x2000, RW, ATTR_DEFAULT | ATTR_EXECUTE_NEVER);
    struct fault_message f = fault_run(p, snippet_load, V);
    fault_check(p, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[0], (uint64_t)snippet_load_end);
    fault_vm(p, snippet_store, V, 0x9200004f);
    fault_vm(p, snippet_load, V + 0x1000, 0x9200000f);
    fault_vm(p, snippet_store, V + 0x1000, 0x9200004f);
    fault_vm(p, snippet_jump, V + 0x2000, 0x8200000f);
    f = fault_run(p, snippet_store, V + 0x2000);
    check_eq(f.mr[0], (uint64_t)snippet_store_end);
    /* Executable, and zero: the undefined instruction is fetched. */
    f = fault_run(p, snippet_jump, V);
    fault_check(p, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[0], V);
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
        struct fault_message f = fault_run(p, rows[i].code, 0);
        fault_check(p, &f, FAULT_USER_EXCEPTION, 5);
        check_eq(f.mr[0], (uint64_t)rows[i].code);
        check_eq(f.mr[1], p->regs[REG_SP]);
        fault_check_spsr(f.mr[2], 0);
        check_eq(f.mr[3], rows[i].syndrome);
        check_eq(f.mr[4], 0);
    }
    /* A misaligned PC: class 0x22. */
    struct fault_message f = fault_run(p, snippet_jump, (uint64_t)snippet_undefined + 2);
    fault_check(p, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[0], (uint64_t)snippet_undefined + 2);
    check_eq(f.mr[3] >> 26, 0x22);
}

static void trapped_registers(void)
{
    struct probe *p = probe_new();
    struct fault_message f = fault_run(p, snippet_counter, 0);
    fault_check(p, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[0], (uint64_t)snippet_counter);
    check_eq(f.mr[3] >> 26, 0x18); /* trapped MSR or MRS */
    f = fault_run(p, snippet_cycles, 0);
    fault_check(p, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[0], (uint64_t)snippet_cycles);
    f = fault_run(p, snippet_cache, p->regs[REG_SP] - 64);
    fault_check(p, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[0], (uint64_t)snippet_cache_end);
}

static void waiting(void)
{
    if (left_out("WFI lasts until an interrupt comes"))
        return;
    struct probe *p = probe_new();
    struct fault_message f = fault_run(p, snippet_wait, 0);
    fault_check(p, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[0], (uint64_t)snippet_wait_end);
}

static void fpu_disabled(void)
{
    struct probe *p = probe_new();
    must(kaal_tcb_set_flags(p->tcb, 0, TCB_FLAG_FPU_DISABLED));
    struct fault_message f = fault_run(p, snippet_fp, 1);
    fault_check(p, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[0], (uint64_t)snippet_fp);
    check_eq(f.mr[1], p->regs[REG_SP]);
    fault_check_spsr(f.mr[2], 0);
    check_eq(f.mr[3], 0x1fe00000);
    check_eq(f.mr[4], 0);
    must(kaal_tcb_set_flags(p->tcb, TCB_FLAG_FPU_DISABLED, 0));
    /* The invocation used this thread's reply registers, not its reply right. */
    fault_reply(0, 0, NULL);
    f = fault_receive(fault_endpoint());
    fault_check(p, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[0], (uint64_t)snippet_fp_end);
}

static void no_handler(void)
{
    struct probe *p = probe_new();
    must(kaal_tcb_set_space(p->tcb, 0, ROOT, 0, SLOT_INIT_VSPACE, 0));
    struct fault_message f = fault_unknown_call(p, (uint64_t)-100);
    check_eq(f.info, 0);
    probe_read(p);
    check_eq(p->regs[REG_PC], (uint64_t)snippet_svc);
    /* With a handler at last, Resume executes the call again. */
    must(kaal_tcb_set_space(p->tcb, mint_of(fault_endpoint(), RIGHTS_ALL, PROBE_BADGE), ROOT, 0,
                            SLOT_INIT_VSPACE, 0));
    must(kaal_tcb_resume(p->tcb));
    f = fault_receive(fault_endpoint());
    fault_check(p, &f, FAULT_UNKNOWN_SYSCALL, 13);
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
        struct fault_message f = fault_run(p, snippet_undefined, 0);
        check_eq(f.info, rows[i].good ? msginfo_new(FAULT_USER_EXCEPTION, 0, 0, 5) : 0);
        fault_reply(0, 0, NULL);
        f = fault_receive(fault_endpoint());
        check_eq(f.info, rows[i].good ? msginfo_new(FAULT_USER_EXCEPTION, 0, 0, 5) : 0);
    }
    /* Not an endpoint at all. */
    struct probe *p = probe_new();
    must(kaal_tcb_set_space(p->tcb, object(OBJECT_NOTIFICATION, 0), ROOT, 0, SLOT_INIT_VSPACE, 0));
    struct fault_message f = fault_run(p, snippet_undefined, 0);
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
    struct fault_message f = fault_receive(fault_endpoint());
    fault_check(a, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[3], 0x02000000);
    f = fault_receive(fault_endpoint());
    fault_check(b, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[3], 0xf2000000);
    /* Receiving b's fault deleted the right to a: the reply goes to b. */
    const uint64_t words[] = {(uint64_t)snippet_undefined};
    fault_reply(0, 1, words);
    f = fault_receive(fault_endpoint());
    fault_check(b, &f, FAULT_USER_EXCEPTION, 5);
    check_eq(f.mr[0], (uint64_t)snippet_undefined);
}

static const struct test tests[] = {
    {"VEC-7-01 SYS-7-07 SYS-7-10 SYS-7-20 SYS-8-18 SYS-1-04 SYS-7.1-09 SYS-7.1-10",
     "an unknown system call", unknown_syscall},
    {"VEC-11-19 SYS-1.1-27 SYS-1.1-28 SYS-1.1-29 SYS-1.1-30 SYS-1-03 SYS-1.1-15..17",
     "which numbers are unknown", unknown_numbers},
    {"VEC-7-03 VEC-7-04 SYS-7-13 SYS-7-23 VSP-8-01 VSP-8-02", "VM faults", vm_faults},
    {"VSP-4-08 VSP-4-09 VSP-4-11 VSP-4-17 VSP-4-20 SYS-7-23", "permission faults",
     permission_faults},
    {"VEC-7-05 SYS-7-11 SYS-7-21 SYS-7-22", "user exceptions", user_exceptions},
    {"BOOT-5-13 BOOT-1-19 VSP-6-06 BOOT-6-11", "what EL0 may and may not execute",
     trapped_registers},
    {"BOOT-1-19", "WFI and WFE return", waiting},
    {"VEC-11-15 SCH-7-02", "FP instruction with the FPU disabled", fpu_disabled},
    {"VEC-11-16 SYS-7-03 SYS-7-01", "no fault handler", no_handler},
    {"SYS-7-02 SYS-7-03", "rights of the fault handler's cap", handler_rights},
    {"SYS-7-14", "a receiver without buffer gets four words", receiver_without_buffer},
    {"SYS-7-04 SYS-7-05 SYS-5.1-01", "faults queue like calls", faults_wait_in_order},
};
const struct suite suite_fault = SUITE("fault", tests);
