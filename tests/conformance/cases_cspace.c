/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Address resolution, as methods report it and as CapFaults do (abi/objects.md §4, abi/syscalls.md
 * §7, abi/vectors.md §7).
 */
#include "probe.h"
#include "suites.h"

/* Starts `p` with `cspace` (cap data `data`) as its CSpace root. Faults go to the cptr `handler` in
 * that CSpace. */
static void set_cspace(struct probe *p, uint64_t cspace, uint64_t data, uint64_t handler)
{
    must(kaal_tcb_set_space(p->tcb, handler, cspace, data, SLOT_INIT_VSPACE, 0));
}

/* Receives the fault of `p` whole; words from 4 on are in this thread's buffer. */
static struct kaal_message receive_fault(void)
{
    struct kaal_message m = {0};
    settle();
    kaal_nb_recv(fault_endpoint(), &m);
    return m;
}

/* The CapFault that `p`'s call of `number` on x0 = `cptr` must give; `tail` from MR3 on. */
static void expect_cap_fault(struct probe *p, enum syscall number, uint64_t cptr,
                             uint64_t receiving, const uint64_t *tail, uint64_t count)
{
    probe_call(p, number, cptr, msginfo_new(1, 0, 0, 2), 1, 2);
    struct kaal_message m = receive_fault();
    check_eq(m.badge, PROBE_BADGE + p->index);
    check_eq(m.info, msginfo_new(FAULT_CAP, 0, 0, 3 + count));
    check_eq(m.mr[0], (uint64_t)snippet_svc);
    check_eq(m.mr[1], cptr);
    check_eq(m.mr[2], receiving);
    for (uint64_t i = 0; i < count; i++) {
        check_eq(i == 0 ? m.mr[3] : kaal_ipc_buffer->msg[3 + i], tail[i]);
    }
}
#define EXPECT_CAP_FAULT(p, number, cptr, receiving, ...)                                          \
    expect_cap_fault((p), (number), (cptr), (receiving), (const uint64_t[]){__VA_ARGS__},          \
                     COUNT_OF(__VA_ARGS__))

static void root_guard_mismatch(void)
{
    struct probe *p = probe_new();
    EXPECT_CAP_FAULT(p, SYS_CALL, 1ull << 63, 0, LOOKUP_GUARD_MISMATCH, 64, 0, root_guard());
    EXPECT_CAP_FAULT(p, SYS_SEND, 1ull << 63, 0, LOOKUP_GUARD_MISMATCH, 64, 0, root_guard());
    EXPECT_CAP_FAULT(p, SYS_RECV, 1ull << 40, 1, LOOKUP_GUARD_MISMATCH, 64, 0, root_guard());
    EXPECT_CAP_FAULT(p, SYS_NB_RECV, 1ull << 40, 1, LOOKUP_GUARD_MISMATCH, 64, 0, root_guard());
    EXPECT_CAP_FAULT(p, SYS_REPLY_RECV, 1ull << 40, 1, LOOKUP_GUARD_MISMATCH, 64, 0, root_guard());
}

static void nb_send_is_silent(void)
{
    struct probe *p = probe_new();
    probe_call(p, SYS_NB_SEND, 1ull << 63, msginfo_new(1, 0, 0, 2), 1, 2);
    run();
    check(probe_done(p));
    check_eq(msginfo_label(p->fault.info), FAULT_USER_EXCEPTION);
    check_eq(p->regs[REG_X0], 1ull << 63);
}

static void receive_on_others(void)
{
    struct probe *p = probe_new();
    uint64_t empty = slot_new(), tcb = object(OBJECT_TCB, 0), ep = object(OBJECT_ENDPOINT, 0);
    uint64_t deaf_ep = copy_of(ep, RIGHT_WRITE | RIGHT_GRANT),
             ntfn = object(OBJECT_NOTIFICATION, 0);
    uint64_t deaf_ntfn = copy_of(ntfn, RIGHT_WRITE);
    const uint64_t cptrs[] = {empty, tcb, deaf_ep, deaf_ntfn, ROOT};
    for (unsigned i = 0; i < sizeof(cptrs) / sizeof(cptrs[0]); i++) {
        EXPECT_CAP_FAULT(p, SYS_RECV, cptrs[i], 1, LOOKUP_MISSING_CAPABILITY, 0);
        EXPECT_CAP_FAULT(p, SYS_NB_RECV, cptrs[i], 1, LOOKUP_MISSING_CAPABILITY, 0);
    }
}

static void receive_on_bound(void)
{
    struct probe *p = probe_new();
    uint64_t ntfn = object(OBJECT_NOTIFICATION, 0);
    must(kaal_tcb_bind_notification(object(OBJECT_TCB, 0), ntfn));
    EXPECT_CAP_FAULT(p, SYS_RECV, ntfn, 1, LOOKUP_MISSING_CAPABILITY, 0);
    EXPECT_CAP_FAULT(p, SYS_NB_RECV, ntfn, 1, LOOKUP_MISSING_CAPABILITY, 0);
}

/* A CNode of radix 4 without guard that holds an endpoint without rights in slot 3 and the probe's
 * fault endpoint in slot 1: every cptr of 64 bits has 60 left over. */
static uint64_t small_cspace(struct probe *p)
{
    uint64_t cnode = object(OBJECT_CNODE, 4);
    must(kaal_cnode_mint((struct kaal_slot){cnode, 1, 4}, at(fault_endpoint()), RIGHTS_ALL,
                         PROBE_BADGE + p->index));
    must(kaal_cnode_copy((struct kaal_slot){cnode, 3, 4}, at(object(OBJECT_ENDPOINT, 0)), 0));
    return cnode;
}

static void bits_left_over_are_ignored(void)
{
    struct probe *p = probe_new();
    uint64_t cnode = small_cspace(p), handler = 1ull << 60;
    set_cspace(p, cnode, 0, handler | 0xabc);
    EXPECT_CAP_FAULT(p, SYS_NB_RECV, 0x3000000000000123, 1, LOOKUP_MISSING_CAPABILITY, 0);
    /* An empty slot is found with bits left over, too: Call reports the empty slot. */
    probe_call(p, SYS_CALL, 0x5000000000000123, msginfo_new(1, 0, 0, 0), 1, 2);
    run();
    check(probe_done(p));
    check_eq(p->regs[REG_X0], 0);
    check_eq(p->regs[REG_X1], msginfo_new(ERROR_INVALID_CAPABILITY, 0, 0, 1));
    check_eq(p->regs[REG_X2], 0);
}

static void nested_guards(void)
{
    struct probe *p = probe_new();
    uint64_t outer = small_cspace(p), inner = object(OBJECT_CNODE, 4), handler = 1ull << 60;
    struct kaal_slot nibble6 = {outer, 6, 4}, nibble7 = {outer, 7, 4}, nibble8 = {outer, 8, 4};
    must(kaal_cnode_mint(nibble6, at(inner), 0, kaal_guard(5, 8)));
    must(kaal_cnode_mint(nibble7, at(inner), 0, kaal_guard(0, 58)));
    must(kaal_cnode_mint(nibble8, at(inner), 0, kaal_guard(0, 57)));
    set_cspace(p, outer, 0, handler);
    EXPECT_CAP_FAULT(p, SYS_CALL, 0x6060000000000000, 0, LOOKUP_GUARD_MISMATCH, 60, 5, 8);
    EXPECT_CAP_FAULT(p, SYS_CALL, 0x7000000000000000, 0, LOOKUP_DEPTH_MISMATCH, 60, 62);
    EXPECT_CAP_FAULT(p, SYS_CALL, 0x8000000000000000, 0, LOOKUP_DEPTH_MISMATCH, 60, 61);
    /* Through the right guard, slot 4 of the inner CNode is empty: Recv says so. */
    EXPECT_CAP_FAULT(p, SYS_RECV, 0x6054000000000000, 1, LOOKUP_MISSING_CAPABILITY, 0);
}

static void guard_longer_than_address(void)
{
    uint64_t cnode = object(OBJECT_CNODE, 4), guarded = mint_of(cnode, 0, kaal_guard(3, 10));
    const struct {
        uint64_t index, depth;
        struct answer answer;
    } rows[] = {
        {0x3, 9, GUARD(0, 9, 3, 10)},    /* the guard does not fit */
        {0x3, 10, DEPTH(0, 10, 14)},     /* the guard fits, the radix does not */
        {0x30, 13, GUARD(0, 13, 3, 10)}, /* top ten of 13 bits are 6 */
        {0x18, 13, DEPTH(0, 13, 14)},    /* top ten of 13 bits are 3 */
        {0x3f, 14, OK},
        {0x7e, 15, DEPTH(0, 1, 0)},   /* one bit is left over at an empty slot */
        {~0ull << 14 | 0x3f, 14, OK}, /* bits above the depth are ignored */
    };
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct invocation v =
            INVOCATION(guarded, LABEL_CNODE_DELETE, NO_CAPS, rows[i].index, rows[i].depth);
        check_call(v, rows[i].answer);
    }
}

static void descends_while_bits_are_left(void)
{
    uint64_t outer = object(OBJECT_CNODE, 4), inner = object(OBJECT_CNODE, 4);
    uint64_t ep = object(OBJECT_ENDPOINT, 0);
    must(kaal_cnode_copy((struct kaal_slot){outer, 9, 4}, at(inner), 0));
    must(kaal_cnode_copy((struct kaal_slot){outer, 0x92, 8}, at(ep), RIGHTS_ALL));
    /* Four bits name the outer slot with the CNode, eight the inner slot. */
    check_eq(kaal_cnode_copy((struct kaal_slot){outer, 9, 4}, at(ep), 0), ERROR_DELETE_FIRST);
    check_eq(kaal_cnode_copy((struct kaal_slot){inner, 2, 4}, at(ep), 0), ERROR_DELETE_FIRST);
    struct invocation v = INVOCATION(outer, LABEL_CNODE_DELETE, NO_CAPS, 0x920, 12);
    check_call(v, DEPTH(0, 4, 0));
    v.word[0] = 0x9200;
    v.word[1] = 16;
    check_call(v, DEPTH(0, 8, 0));
}

static void missing_source_depth(void)
{
    uint64_t cnode = object(OBJECT_CNODE, 4), to = slot_new();
    struct invocation v = INVOCATION(ROOT, LABEL_CNODE_COPY, CAPS(cnode), to, 64, 3, 4, 0);
    check_call(v, MISSING(1, 4));
    v.label = LABEL_CNODE_MOVE;
    check_call(v, MISSING(1, 4));
}

static void no_cspace(void)
{
    /* A TCB that never had a CSpace or VSpace: it faults, and its handler cannot be found either.
     */
    uint64_t tcb = object(OBJECT_TCB, 0), regs[REG_COUNT] = {0};
    regs[REG_PC] = (uint64_t)snippet_svc;
    regs[REG_X7] = (uint64_t)(int64_t)SYS_YIELD;
    must(kaal_tcb_write_registers(tcb, 1, REG_COUNT, regs));
    settle();
    must(kaal_tcb_read_registers(tcb, 0, REG_COUNT, regs));
    check_eq(regs[REG_PC], (uint64_t)snippet_svc);
}

static void lost_cspace(void)
{
    struct probe *p = probe_new();
    uint64_t cnode = object(OBJECT_CNODE, 4);
    must(kaal_cnode_copy((struct kaal_slot){cnode, 3, 4}, at(object(OBJECT_ENDPOINT, 0)),
                         RIGHTS_ALL));
    set_cspace(p, cnode, 0, 0);
    /* Revoking the Untyped's child copies: the original goes, the TCB's copy stays. */
    must(kaal_cnode_delete(at(cnode)));
    probe_call(p, SYS_NB_SEND, 3ull << 60, msginfo_new(0, 0, 0, 0), 0, 0);
    run();
    probe_read(p);
    check_eq(p->regs[REG_PC], (uint64_t)snippet_svc_end);
}

static void extra_cap_lookup(void)
{
    struct probe *p = probe_new();
    uint64_t ep = object(OBJECT_ENDPOINT, 0), empty = slot_new();
    p->buffer->caps_or_badges[0] = empty;
    p->buffer->caps_or_badges[1] = 1ull << 63;
    probe_call(p, SYS_CALL, ep, msginfo_new(3, 0, 2, 1), 1, 2);
    struct kaal_message m = receive_fault();
    check_eq(m.info, msginfo_new(FAULT_CAP, 0, 0, 7));
    check_eq(m.mr[1], 1ull << 63);
    check_eq(m.mr[2], 0);
    check_eq(m.mr[3], LOOKUP_GUARD_MISMATCH);
    probe_call(p, SYS_NB_SEND, ep, msginfo_new(3, 0, 2, 1), 1, 2);
    run();
    check(probe_done(p));
    check_eq(msginfo_label(p->fault.info), FAULT_USER_EXCEPTION);
    /* Empty slots are fine as extra caps of an invocation. */
    p->buffer->caps_or_badges[1] = empty;
    uint64_t ntfn = object(OBJECT_NOTIFICATION, 0);
    probe_call(p, SYS_CALL, ntfn, msginfo_new(3, 0, 2, 1), 1, 2);
    run();
    check(probe_done(p));
    check_eq(p->regs[REG_X1], 0);
}

static const struct test tests[] = {
    {"SYS-3-01 SYS-3-02 SYS-5-01 SYS-5-02 VEC-7-06 OBJ-4.1-04 OBJ-4.2-06",
     "CapFault of each call that faults", root_guard_mismatch},
    {"SYS-3-02", "NBSend on a failed lookup returns silently", nb_send_is_silent},
    {"SYS-5-04 SYS-5-06 SYS-5-07 VEC-7-07", "receiving on what cannot be received on",
     receive_on_others},
    {"SYS-5-06", "receiving on a notification bound to another thread", receive_on_bound},
    {"OBJ-4.1-08 OBJ-4.2-01 VEC-7-08 SYS-3-11", "bits left over are ignored in a thread's CSpace",
     bits_left_over_are_ignored},
    {"SYS-7-18 OBJ-4.1-04 OBJ-4.1-05 VEC-7-09 VEC-7-10", "guards of nested CNodes", nested_guards},
    {"OBJ-4.1-01 OBJ-4.1-02 OBJ-4.1-03 OBJ-4.1-06 OBJ-4.1-07 OBJ-4.1-10",
     "guard, radix and depth, bit by bit", guard_longer_than_address},
    {"OBJ-4.1-09 OBJ-4.2-02", "resolution descends while bits are left",
     descends_while_bits_are_left},
    {"OBJ-4.2-04", "an empty source is missing with its depth", missing_source_depth},
    {"OBJ-4.2-03", "a thread without CSpace and VSpace", no_cspace},
    {"INV-4-32", "a thread keeps its own copy of the CSpace root", lost_cspace},
    {"SYS-3-04 SYS-3-05 SYS-3-06", "extra caps are looked up before the call", extra_cap_lookup},
};
const struct suite suite_cspace = SUITE("cspace", tests);
