/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * TCB methods: check tables (abi/invocations.md §4, abi/vectors.md §4).
 */
#include "probe.h"
#include "suites.h"

static void read_registers(void)
{
    uint64_t tcb = object(OBJECT_TCB, 0);
    const struct invocation valid = INVOCATION(tcb, LABEL_TCB_READ_REGISTERS, NO_CAPS, 0, 4);
    const struct violation list[] = {
        {"INV-4-09b", "length 1", {LENGTH(1)}, TRUNC},
        {"INV-4-09c VEC-4-01", "count 0", {WORD(1, 0)}, RANGE(1, 36)},
        {"INV-4-09c VEC-4-01", "count 37", {WORD(1, 37)}, RANGE(1, 36)},
        {"INV-4-09c", "count 2^63", {WORD(1, 1ull << 63)}, RANGE(1, 36)},
        {"INV-4-09d VEC-4-01", "the caller", {TARGET(SLOT_INIT_TCB)}, ILLEGAL},
    };
    REFUSALS("ReadRegisters", valid, list);
    struct reply r = invoke(&valid);
    check_eq(r.info, msginfo_new(0, 0, 0, 4));
    check_eq(r.x0, 0);
    check_eq(r.mr[0], 0);
    check_eq(r.mr[1], 0);
    check(r.mr[2] == 0x40 || r.mr[2] == 0x140);
    check_eq(r.mr[3], 0);
}

static void write_registers(void)
{
    uint64_t tcb = object(OBJECT_TCB, 0);
    const struct invocation valid =
        INVOCATION(tcb, LABEL_TCB_WRITE_REGISTERS, NO_CAPS, 0, 3, 0x1000, 0x2000, 0xffffffff);
    const struct violation list[] = {
        {"INV-4-10b", "length 1", {LENGTH(1)}, TRUNC},
        {"INV-4-10c VEC-4-03", "length 4, count 3", {LENGTH(4)}, TRUNC},
        {"INV-4-10c", "count 2^63", {WORD(1, 1ull << 63)}, TRUNC},
        {"INV-4-10d", "the caller", {TARGET(SLOT_INIT_TCB)}, ILLEGAL},
    };
    REFUSALS("WriteRegisters", valid, list);
    check_call(valid, OK);
    struct reply r = invoke(&INVOCATION(tcb, LABEL_TCB_READ_REGISTERS, NO_CAPS, 0, 4));
    check_eq(r.mr[0], 0x1000);
    check_eq(r.mr[1], 0x2000);
    /* Flags kept, the rest sanitised (abi/syscalls.md §7.1). */
    check(r.mr[2] == 0xf0000040 || r.mr[2] == 0xf0000140);
    check_eq(r.mr[3], 0);
}

static void copy_registers(void)
{
    uint64_t tcb = object(OBJECT_TCB, 0), source = object(OBJECT_TCB, 0);
    uint64_t ep = object(OBJECT_ENDPOINT, 0);
    const struct invocation valid =
        INVOCATION(tcb, LABEL_TCB_COPY_REGISTERS, CAPS(source), COPY_FRAME);
    const struct violation list[] = {
        {"INV-4-11b", "length 0", {LENGTH(0)}, TRUNC},
        {"INV-4-11b", "no cap", {NCAPS(0)}, TRUNC},
        {"INV-4-11c", "an endpoint", {CAP(0, ep)}, INV_CAP(1)},
        {"INV-4-11c", "an empty slot", {CAP(0, SLOT_NULL)}, INV_CAP(1)},
    };
    REFUSALS("CopyRegisters", valid, list);
    check_call(valid, OK);
}

/* Which registers of the target CopyRegisters with `flags` changes, as a bit mask. */
static uint64_t copied(uint64_t flags)
{
    uint64_t source = object(OBJECT_TCB, 0), target = object(OBJECT_TCB, 0), changed = 0;
    uint64_t in[REG_COUNT], out[REG_COUNT], zero[REG_COUNT] = {0};
    for (unsigned i = 0; i < REG_COUNT; i++) {
        in[i] = 0x1000 + i * 16;
    }
    in[REG_SPSR] = 0xa0000000;
    must(kaal_tcb_write_registers(source, 0, REG_COUNT, in));
    must(kaal_tcb_write_registers(target, 0, REG_COUNT, zero));
    must(kaal_tcb_read_registers(source, 0, REG_COUNT, in));
    must(kaal_tcb_copy_registers(target, source, flags));
    must(kaal_tcb_read_registers(target, 0, REG_COUNT, out));
    for (unsigned i = 0; i < REG_COUNT; i++) {
        if (out[i] == in[i]) {
            changed |= 1ull << i;
        }
    }
    return changed;
}

static void copy_effects(void)
{
    const uint64_t frame = (1ull << REG_FRAME_COUNT) - 1, all = (1ull << REG_COUNT) - 1;
    check_eq(copied(0), 0);
    check_eq(copied(COPY_FRAME), frame);
    check_eq(copied(COPY_INTEGER), all & ~frame);
    check_eq(copied(COPY_FRAME | COPY_INTEGER), all);
    /* Architecture flags in bits 8 to 15 mean nothing. */
    check_eq(copied(COPY_FRAME | 0xff00), frame);
}

static void priorities(void)
{
    uint64_t tcb = object(OBJECT_TCB, 0), ep = object(OBJECT_ENDPOINT, 0);
    uint64_t weak = object(OBJECT_TCB, 0);
    must(kaal_tcb_set_mc_priority(weak, SLOT_INIT_TCB, 10));
    static const struct {
        uint64_t label;
        const char *name, *truncated, *authority, *range;
    } methods[] = {
        {LABEL_TCB_SET_PRIORITY, "SetPriority", "INV-4-13b", "INV-4-13c VEC-4-05",
         "INV-4-13d VEC-4-05"},
        {LABEL_TCB_SET_MC_PRIORITY, "SetMCPriority", "INV-4-14", "INV-4-14", "INV-4-14"},
    };
    for (unsigned i = 0; i < 2; i++) {
        const struct invocation valid = INVOCATION(tcb, methods[i].label, CAPS(SLOT_INIT_TCB), 255);
        const struct violation list[] = {
            {methods[i].truncated, "length 0", {LENGTH(0)}, TRUNC},
            {methods[i].truncated, "no cap", {NCAPS(0)}, TRUNC},
            {methods[i].authority, "authority an endpoint", {CAP(0, ep)}, INV_CAP(1)},
            {methods[i].authority, "authority an empty slot", {CAP(0, SLOT_NULL)}, INV_CAP(1)},
            {methods[i].range, "256", {WORD(0, 256)}, RANGE(0, 255)},
            {"INV-4-25", "2^32, a full word", {WORD(0, 1ull << 32)}, RANGE(0, 255)},
            {methods[i].range,
             "11 with an authority of 10",
             {CAP(0, weak), WORD(0, 11)},
             RANGE(0, 10)},
        };
        REFUSALS(methods[i].name, valid, list);
        check_call(valid, OK);
        struct invocation v = INVOCATION(tcb, methods[i].label, CAPS(weak), 10);
        check_call(v, OK);
    }
}

static void sched_params(void)
{
    uint64_t tcb = object(OBJECT_TCB, 0), ep = object(OBJECT_ENDPOINT, 0);
    const struct invocation valid =
        INVOCATION(tcb, LABEL_TCB_SET_SCHED_PARAMS, CAPS(SLOT_INIT_TCB), 20, 30);
    const struct violation list[] = {
        {"INV-4-15b", "length 1", {LENGTH(1)}, TRUNC},
        {"INV-4-15b", "no cap", {NCAPS(0)}, TRUNC},
        {"INV-4-15c", "authority an endpoint", {CAP(0, ep)}, INV_CAP(1)},
        {"INV-4-15d", "mcp 256", {WORD(0, 256)}, RANGE(0, 255)},
        {"INV-4-15e", "priority 256", {WORD(1, 256)}, RANGE(0, 255)},
    };
    REFUSALS("SetSchedParams", valid, list);
    check_call(valid, OK);
    /* The new MCP of 20 is what counts now; the priority of 30 may stay above it. */
    struct invocation v = INVOCATION(tcb, LABEL_TCB_SET_PRIORITY, CAPS(tcb), 21);
    check_call(v, RANGE(0, 20));
    v.word[0] = 20;
    check_call(v, OK);
}

static void bind(void)
{
    uint64_t tcb = object(OBJECT_TCB, 0), other = object(OBJECT_TCB, 0),
             ep = object(OBJECT_ENDPOINT, 0);
    uint64_t bound_tcb = object(OBJECT_TCB, 0), bound = object(OBJECT_NOTIFICATION, 0);
    uint64_t ntfn = object(OBJECT_NOTIFICATION, 0), waited = object(OBJECT_NOTIFICATION, 0);
    uint64_t deaf = copy_of(ntfn, RIGHT_WRITE);
    struct probe *waiter = probe_new();
    probe_call(waiter, SYS_RECV, waited, 0, 0, 0);
    settle();
    must(kaal_tcb_bind_notification(bound_tcb, bound));
    const struct invocation valid =
        INVOCATION(tcb, LABEL_TCB_BIND_NOTIFICATION, CAPS(copy_of(ntfn, RIGHT_READ)));
    const struct violation list[] = {
        {"INV-4-20b", "no cap", {NCAPS(0)}, TRUNC},
        {"INV-4-20c VEC-4-06", "TCB already bound", {TARGET(bound_tcb)}, ILLEGAL},
        {"INV-4-20d", "an endpoint", {CAP(0, ep)}, ILLEGAL},
        {"INV-4-20d", "an empty slot", {CAP(0, SLOT_NULL)}, ILLEGAL},
        {"INV-4-20e OBJ-5-02", "no read right", {CAP(0, deaf)}, ILLEGAL},
        {"INV-4-20f VEC-4-06", "bound to another TCB", {CAP(0, bound)}, ILLEGAL},
        {"INV-4-20f", "a thread waits on it", {CAP(0, waited)}, ILLEGAL},
    };
    REFUSALS("BindNotification", valid, list);
    check_call(valid, OK);
    check_call(valid, ILLEGAL);
    struct invocation v = INVOCATION(tcb, LABEL_TCB_UNBIND_NOTIFICATION, NO_CAPS);
    check_call(v, OK);
    check_call(v, ILLEGAL);
    v.target = other;
    check_call(v, ILLEGAL);
    must(kaal_tcb_bind_notification(other, ntfn));
}

static void small_methods(void)
{
    uint64_t tcb = object(OBJECT_TCB, 0), regs[REG_COUNT];
    const struct invocation tls = INVOCATION(tcb, LABEL_TCB_SET_TLS_BASE, NO_CAPS, 0x123456789abc);
    const struct violation no_word[] = {{"INV-4-22", "length 0", {LENGTH(0)}, TRUNC}};
    REFUSALS("SetTLSBase", tls, no_word);
    check_call(tls, OK);
    must(kaal_tcb_read_registers(tcb, 0, REG_COUNT, regs));
    check_eq(regs[REG_TPIDR_EL0], 0x123456789abc);

    struct invocation flags = INVOCATION(tcb, LABEL_TCB_SET_FLAGS, NO_CAPS, 0, ~0ull);
    const struct violation one_word[] = {{"INV-4-23", "length 1", {LENGTH(1)}, TRUNC}};
    REFUSALS("SetFlags", flags, one_word);
    check_call(flags, RESULT(1));
    flags.word[1] = 0;
    check_call(flags, RESULT(1));
    flags.word[0] = ~0ull;
    check_call(flags, RESULT(0));
    flags.word[1] = 1;
    check_call(flags, RESULT(1));
}

static void buffer_checks(void)
{
    uint64_t tcb = object(OBJECT_TCB, 0), ep = object(OBJECT_ENDPOINT, 0), device = slot_new();
    uint64_t frame = object(OBJECT_SMALL_PAGE, 0), bare = object(OBJECT_VSPACE, 0);
    must(kaal_untyped_retype(device_untyped(12), OBJECT_SMALL_PAGE, 0,
                             (struct kaal_slot){ROOT, 0, 0}, device, 1));
    const struct invocation valid =
        INVOCATION(tcb, LABEL_TCB_SET_IPC_BUFFER, CAPS(frame), 0x10000400);
    const struct violation list[] = {
        {"INV-4-16", "length 0", {LENGTH(0)}, TRUNC},
        {"INV-4-16", "no cap", {NCAPS(0)}, TRUNC},
        {"INV-4-28a INV-4-31", "Untyped with children", {CAP(0, case_untyped())}, REVOKE_FIRST},
        {"INV-4-28a", "VSpace without ASID", {CAP(0, bare)}, ILLEGAL},
        {"INV-4-28b VEC-4-07", "an endpoint", {CAP(0, ep)}, ILLEGAL},
        {"INV-4-28b", "an empty slot", {CAP(0, SLOT_NULL)}, ILLEGAL},
        {"INV-4-28c VEC-11-10 VSP-7-01", "device frame", {CAP(0, device)}, ILLEGAL},
        {"INV-4-28d VEC-4-07 VSP-7-01", "address 1200", {WORD(0, 1200)}, ALIGNMENT},
    };
    REFUSALS("SetIPCBuffer", valid, list);
    check_call(valid, OK);
    /* With address 0 the cap is not looked at. */
    struct invocation v = INVOCATION(tcb, LABEL_TCB_SET_IPC_BUFFER, CAPS(ep), 0);
    check_call(v, OK);
}

static void space_checks(void)
{
    uint64_t tcb = object(OBJECT_TCB, 0), ep = object(OBJECT_ENDPOINT, 0);
    uint64_t cnode = object(OBJECT_CNODE, 4), space = vspace(), bare = object(OBJECT_VSPACE, 0);
    uint64_t badged = mint_of(ep, RIGHTS_ALL, 5), table = object(OBJECT_PAGE_TABLE, 0);
    must(kaal_page_table_map(table, space, 0, 0));
    const struct invocation valid =
        INVOCATION(tcb, LABEL_TCB_SET_SPACE, CAPS(cnode, space), 0, 60, 0);
    const struct violation list[] = {
        {"INV-4-17", "length 2", {LENGTH(2)}, TRUNC},
        {"INV-4-17", "one cap", {NCAPS(1)}, TRUNC},
        {"INV-4-30b", "guard of 61 bits", {WORD(1, 61), CAP(0, cnode)}, ILLEGAL},
        {"INV-4-30b INV-4-31",
         "badge data on a badged endpoint",
         {CAP(0, badged), WORD(1, 7)},
         ILLEGAL},
        {"INV-4-30c INV-4-31",
         "CSpace an Untyped with children",
         {CAP(0, case_untyped())},
         REVOKE_FIRST},
        {"INV-4-30d VEC-4-08", "CSpace an endpoint", {CAP(0, ep)}, ILLEGAL},
        {"INV-4-30d", "CSpace an empty slot", {CAP(0, SLOT_NULL)}, ILLEGAL},
        {"INV-4-30f VEC-4-08 VSP-2-03", "VSpace without ASID", {CAP(1, bare)}, ILLEGAL},
        {"INV-4-30f INV-4-31",
         "VSpace an Untyped with children",
         {CAP(1, case_untyped())},
         REVOKE_FIRST},
        {"INV-4-30g", "VSpace an endpoint", {CAP(1, ep)}, ILLEGAL},
        {"INV-4-30g", "VSpace a mapped page table", {CAP(1, table)}, ILLEGAL},
        {"INV-4-30g", "VSpace a CNode", {CAP(1, cnode)}, ILLEGAL},
        {"INV-4-30d", "CSpace a TCB, VSpace a TCB", {CAP(0, tcb), CAP(1, tcb)}, ILLEGAL},
    };
    REFUSALS("SetSpace", valid, list);
    check_call(valid, OK);
    struct invocation v = valid;
    v.word[2] = 0x1234; /* VSpace data means nothing */
    check_call(v, OK);
}

static void configure_checks(void)
{
    uint64_t tcb = object(OBJECT_TCB, 0), ep = object(OBJECT_ENDPOINT, 0);
    uint64_t cnode = object(OBJECT_CNODE, 4), space = vspace(),
             frame = object(OBJECT_SMALL_PAGE, 0);
    const struct invocation valid =
        INVOCATION(tcb, LABEL_TCB_CONFIGURE, CAPS(cnode, space, frame), 0, 60, 0, 0x10000000);
    const struct violation list[] = {
        {"INV-4-27", "length 3", {LENGTH(3)}, TRUNC},
        {"INV-4-27", "two caps", {NCAPS(2)}, TRUNC},
        {"INV-4-27 INV-4-31",
         "buffer an Untyped with children",
         {CAP(2, case_untyped())},
         REVOKE_FIRST},
        {"INV-4-27 INV-4-28b", "buffer an endpoint", {CAP(2, ep)}, ILLEGAL},
        {"INV-4-27 INV-4-28d", "buffer at 1200", {WORD(3, 1200)}, ALIGNMENT},
        {"INV-4-27 INV-4-30b", "guard of 61 bits", {WORD(1, 61), CAP(0, cnode)}, ILLEGAL},
        {"INV-4-27 INV-4-30d", "CSpace an endpoint", {CAP(0, ep)}, ILLEGAL},
        {"INV-4-27 INV-4-30g", "VSpace an endpoint", {CAP(1, ep)}, ILLEGAL},
    };
    REFUSALS("Configure", valid, list);
    check_call(valid, OK);
    struct invocation v = valid;
    v.cap[2] = ep;
    v.word[3] = 0;
    check_call(v, OK);
}

static void labels_of_others(void)
{
    uint64_t tcb = object(OBJECT_TCB, 0);
    struct invocation v = INVOCATION(tcb, LABEL_CNODE_DELETE, NO_CAPS, 0, 64);
    check_call(v, ILLEGAL);
    v.label = LABEL_UNTYPED_RETYPE;
    check_call(v, ILLEGAL);
}

static const struct test tests[] = {
    {"INV-1-02 INV-4-09a INV-4-09e INV-9-01 VEC-4-02",
     "ReadRegisters: every check, then the valid call", read_registers},
    {"INV-4-10a INV-4-10e", "WriteRegisters: every check, then the valid call", write_registers},
    {"INV-4-11a", "CopyRegisters: every check, then the valid call", copy_registers},
    {"INV-4-08 INV-4-11d VEC-11-11", "which registers CopyRegisters copies", copy_effects},
    {"INV-4-13a INV-4-14", "SetPriority, SetMCPriority: every check, then the valid call",
     priorities},
    {"INV-4-15a INV-4-15f SCH-4-01", "SetSchedParams: every check, then the valid call",
     sched_params},
    {"INV-4-20a INV-4-21 VEC-4-06", "BindNotification, UnbindNotification", bind},
    {"INV-4-22 INV-4-23 VEC-4-04 INV-9-02", "SetTLSBase, SetFlags", small_methods},
    {"INV-4-16 INV-4-29", "SetIPCBuffer: every check, then the valid call", buffer_checks},
    {"INV-4-17 INV-4-30e", "SetSpace: every check, then the valid call", space_checks},
    {"INV-4-12 INV-4-29", "Configure: every check, then the valid call", configure_checks},
    {"INV-1-18 VEC-4-09", "labels of other objects", labels_of_others},
};
const struct suite suite_tcb = SUITE("tcb", tests);
