/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Debug calls, benchmark calls and the SMC cap, as far as the kernel offers them (abi/syscalls.md
 * §8, abi/invocations.md §8). Benchmark calls and the SMC cap are boot options: where they are off
 * the calls are unknown ones, and slot 15 is empty.
 */
#include "kaal/string.h"
#include "probe.h"
#include "suites.h"

static void identify(void)
{
    struct {
        uint64_t slot, type;
    } rows[] = {
        {SLOT_NULL, CAP_NULL},
        {object(OBJECT_SMALL_PAGE, 0), CAP_FRAME},
        {object(OBJECT_LARGE_PAGE, 0), CAP_FRAME},
        {untyped(4), CAP_UNTYPED},
        {object(OBJECT_PAGE_TABLE, 0), CAP_PAGE_TABLE},
        {object(OBJECT_ENDPOINT, 0), CAP_ENDPOINT},
        {object(OBJECT_NOTIFICATION, 0), CAP_NOTIFICATION},
        {object(OBJECT_VSPACE, 0), CAP_VSPACE},
        {object(OBJECT_CNODE, 1), CAP_CNODE},
        {SLOT_ASID_CONTROL, CAP_ASID_CONTROL},
        {object(OBJECT_TCB, 0), CAP_TCB},
        {SLOT_INIT_ASID_POOL, CAP_ASID_POOL},
        {SLOT_IRQ_CONTROL, CAP_IRQ_CONTROL},
        {slot_new(), CAP_IRQ_HANDLER},
        {SLOT_DOMAIN, CAP_DOMAIN},
        {slot_new(), CAP_SGI_SIGNAL},
        {slot_new(), CAP_REPLY},
        {1ull << 63, CAP_NULL},
    };
    struct probe *p = probe_new();
    uint64_t ep = object(OBJECT_ENDPOINT, 0);
    must(kaal_irq_control_get(SLOT_IRQ_CONTROL, 40, at(rows[13].slot)));
    must(kaal_irq_control_issue_sgi(SLOT_IRQ_CONTROL, 1, 0, at(rows[15].slot)));
    probe_call(p, SYS_CALL, ep, 0, 0, 0);
    settle();
    struct kaal_message m = {0};
    kaal_nb_recv(ep, &m);
    must(kaal_cnode_save_caller(at(rows[16].slot)));
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check_eq(kaal_debug_cap_identify(rows[i].slot), rows[i].type);
    }
}

/* Calls `number` on a fresh probe with x0; true when it is known and changed nothing but x0. */
static bool harmless(int64_t number, uint64_t x0, uint64_t *result)
{
    struct probe *p = probe_new();
    uint64_t before[REG_COUNT];
    probe_set(p, snippet_svc);
    p->regs[REG_X7] = (uint64_t)number;
    p->regs[REG_X0] = x0;
    memcpy(before, p->regs, sizeof(before));
    probe_go(p);
    run();
    if (msginfo_label(p->fault.info) == FAULT_UNKNOWN_SYSCALL) {
        return false;
    }
    check(probe_done(p));
    for (unsigned i = 0; i < REG_COUNT; i++) {
        if (i != REG_PC && i != REG_SPSR && i != REG_X0) {
            check_eq(p->regs[i], before[i]);
        }
    }
    *result = p->regs[REG_X0];
    return true;
}

static void registers_of_debug_calls(void)
{
    uint64_t tcb = object(OBJECT_TCB, 0), x0 = 0;
    check(harmless(SYS_DEBUG_PUT_CHAR, 0xabcdef00 + '#', &x0));
    check_eq(x0, 0xabcdef00 + '#');
    check(harmless(SYS_DEBUG_PUT_CHAR, '\n', &x0));
    check(harmless(SYS_DEBUG_DUMP_SCHEDULER, 0x1234, &x0));
    check_eq(x0, 0x1234);
    check(harmless(SYS_DEBUG_SNAPSHOT, 0x1234, &x0));
    check_eq(x0, 0x1234);
    check(harmless(SYS_DEBUG_CAP_IDENTIFY, tcb, &x0));
    check_eq(x0, CAP_TCB);
    struct probe *p = probe_new();
    memcpy(p->buffer->msg, "a name", 7);
    probe_set(p, snippet_svc);
    p->regs[REG_X7] = (uint64_t)(int64_t)SYS_DEBUG_NAME_THREAD;
    p->regs[REG_X0] = tcb;
    probe_go(p);
    run();
    check(probe_done(p));
}

/* Thirteen words in the buffer, what they are is the kernel's to measure. */
static void utilisation_words(void)
{
    enum {
        WORDS = 13,
        MARK = 0x5a5a5a5a
    };
    uint64_t *msg = kaal_ipc_buffer->msg;
    for (unsigned i = 0; i <= WORDS; i++) {
        msg[i] = MARK;
    }
    (void)kaal_plain(SYS_BENCHMARK_GET_THREAD_UTILISATION, SLOT_INIT_TCB);
    for (unsigned i = 0; i < WORDS; i++) {
        check(msg[i] != MARK);
    }
    check_eq(msg[WORDS], MARK);
    case_line("SYS-8-15", "utilisation calls", "thirteen words");
}

static void benchmark_calls(void)
{
    uint64_t x0 = 0, tcb = object(OBJECT_TCB, 0);
    bool on = harmless(SYS_BENCHMARK_NULL_SYSCALL, 0x1234, &x0);
    check(!on || x0 == 0x1234);
    check_eq(harmless(SYS_BENCHMARK_FLUSH_CACHES, 0, &x0), on);
    check_eq(harmless(SYS_BENCHMARK_RESET_LOG, 0x55, &x0), on);
    check(!on || x0 == 0 || x0 == 3);
    check_eq(harmless(SYS_BENCHMARK_SET_LOG_BUFFER, object(OBJECT_LARGE_PAGE, 0), &x0), on);
    check(!on || x0 == 0 || x0 == 3);
    bool utilisation = harmless(SYS_BENCHMARK_GET_THREAD_UTILISATION, tcb, &x0);
    check_eq(harmless(SYS_BENCHMARK_RESET_THREAD_UTILISATION, tcb, &x0), utilisation);
    if (on) {
        case_line("SYS-1.1-18 SYS-1.1-19 SYS-1.1-21 SYS-1.1-22 SYS-8-10 SYS-8-11 SYS-8-13 SYS-8-14",
                  "benchmark calls", "present");
    }
    /* These two are there in debug builds. */
    bool all = harmless(SYS_BENCHMARK_DUMP_ALL_UTILISATION, 0, &x0);
    check_eq(harmless(SYS_BENCHMARK_RESET_ALL_UTILISATION, 0, &x0), all);
    if (all) {
        case_line("SYS-1.1-25 SYS-1.1-26", "calls on all threads' utilisation", "present");
    }
    if (utilisation) {
        utilisation_words();
        case_line("SYS-1.1-23 SYS-1.1-24 SYS-8-16", "utilisation calls", "present");
    }
}

static void smc_cap(void)
{
    if (!occupied(SLOT_SMC)) {
        struct invocation v = INVOCATION(SLOT_SMC, LABEL_SMC_CALL, NO_CAPS, 0, 0, 0, 0, 0, 0, 0, 0);
        check_call(v, INV_CAP(0));
        return;
    }
    uint64_t badged = mint_of(SLOT_SMC, 0, 0x84000000), again = copy_of(badged, 0), to = slot_new();
    struct invocation v =
        INVOCATION(badged, LABEL_SMC_CALL, NO_CAPS, 0x84000001, 0, 0, 0, 0, 0, 0, 0);
    check_call(v, ILLEGAL);
    v.target = again;
    check_call(v, ILLEGAL);
    v.length = 7;
    check_call(v, TRUNC);
    check_eq(kaal_cnode_mint(at(to), at(badged), 0, 0x84000001), ERROR_ILLEGAL_OPERATION);
    check_eq(kaal_cnode_mutate(at(to), at(badged), 0x84000001), ERROR_ILLEGAL_OPERATION);
    must(kaal_cnode_revoke(at(badged)));
    check(!occupied(again));
    check_eq(kaal_debug_cap_identify(SLOT_SMC), CAP_SMC);
    must(kaal_cnode_revoke(at(SLOT_SMC)));
    check(!occupied(badged) && occupied(SLOT_SMC));
    case_line("INV-8-21b INV-8-21c INV-5.1-05 OBJ-3.3-02 BOOT-3-15", "SMC", "refusals and badges");
}

/* Every label on a cap of every kind: those of other objects are Illegal. */
static void labels(void)
{
    static const struct {
        uint64_t first, last;
        enum object_type type;
    } own[] = {
        {LABEL_UNTYPED_RETYPE, LABEL_UNTYPED_RETYPE, OBJECT_UNTYPED},
        {LABEL_TCB_READ_REGISTERS, LABEL_TCB_SET_FLAGS, OBJECT_TCB},
        {LABEL_CNODE_REVOKE, LABEL_CNODE_SAVE_CALLER, OBJECT_CNODE},
        {LABEL_VSPACE_CLEAN_DATA, LABEL_VSPACE_UNIFY_INSTRUCTION, OBJECT_VSPACE},
        {LABEL_PAGE_TABLE_MAP, LABEL_PAGE_TABLE_UNMAP, OBJECT_PAGE_TABLE},
        {LABEL_PAGE_MAP, LABEL_PAGE_GET_ADDRESS, OBJECT_SMALL_PAGE},
    };
    for (unsigned i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        uint64_t slot = object(own[i].type, own[i].type == OBJECT_UNTYPED ? 4 : 1);
        for (uint64_t label = 0; label <= LABEL_COUNT; label++) {
            struct invocation v = INVOCATION(slot, label, NO_CAPS);
            struct reply r = invoke(&v);
            bool illegal = msginfo_label(r.info) == ERROR_ILLEGAL_OPERATION;
            if (label < own[i].first || label > own[i].last) {
                check(illegal);
            } else if (label != LABEL_TCB_UNBIND_NOTIFICATION) {
                check(!illegal); /* truncated, or done */
            }
        }
    }
}

static const struct test tests[] = {
    {"SYS-8-05 SYS-8-17 SYS-1.1-12", "DebugCapIdentify of every kind", identify},
    {"SYS-8-01 SYS-8-02 SYS-8-03 SYS-8-06 SYS-8-07 SYS-1.1-09 SYS-1.1-10 SYS-1.1-13 SYS-1.1-14",
     "debug calls change no register but x0", registers_of_debug_calls},
    {"SYS-1.1-30", "benchmark calls, present or unknown", benchmark_calls},
    {"BOOT-3-15", "the SMC cap, present or not", smc_cap},
    {"INV-1-18 INV-2-01 INV-2-02 INV-2-03 INV-2-04..10 INV-2-12..17 INV-2-20..30 INV-2-39..52 "
     "SYS-3-19",
     "every label on every kind of object", labels},
};
const struct suite suite_debug = SUITE("debug", tests);
