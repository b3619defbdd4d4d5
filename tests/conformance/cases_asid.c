/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * ASID pools and what is left of an address space without one (abi/invocations.md §8, abi/vspace.md
 * §2, abi/vectors.md §6, §11).
 */
#include "kaal/runtime.h"
#include "probe.h"
#include "suites.h"

enum {
    RW = RIGHT_READ | RIGHT_WRITE
};
#define V 0x100000000000ull

static uint64_t make_pool(void)
{
    uint64_t pool = slot_new();
    must(kaal_asid_control_make_pool(SLOT_ASID_CONTROL, untyped(ASID_POOL_BITS), at(pool)));
    return pool;
}

static uint64_t vspace_in(uint64_t pool)
{
    uint64_t s = object(OBJECT_VSPACE, 0);
    must(kaal_asid_pool_assign(pool, s));
    return s;
}

static void make_pool_checks(void)
{
    uint64_t from = untyped(12), ep = object(OBJECT_ENDPOINT, 0), to = slot_new(),
             device = slot_new();
    uint64_t small = untyped(11), parent = untyped(12), child = slot_new(), guard = root_guard();
    struct kaal_slot root = {ROOT, 0, 0};
    must(kaal_untyped_retype(device_untyped(12), OBJECT_UNTYPED, 12, root, device, 1));
    must(kaal_untyped_retype(parent, OBJECT_ENDPOINT, 0, root, child, 1));
    const struct invocation valid =
        INVOCATION(SLOT_ASID_CONTROL, LABEL_ASID_CONTROL_MAKE_POOL, CAPS(from, ROOT), to, 64);
    const struct violation list[] = {
        {"INV-8-15c", "length 1", {LENGTH(1)}, TRUNC},
        {"INV-8-15c", "one cap", {NCAPS(1)}, TRUNC},
        {"INV-8-15e VEC-6-16", "an endpoint", {CAP(0, ep)}, INV_CAP(1)},
        {"INV-8-15e", "2^11 bytes", {CAP(0, small)}, INV_CAP(1)},
        {"INV-8-15e VEC-11-10", "device memory", {CAP(0, device)}, INV_CAP(1)},
        {"INV-8-15f", "an Untyped with children", {CAP(0, parent)}, REVOKE_FIRST},
        {"INV-8-15g", "root no CNode", {CAP(1, ep)}, NO_ROOT(0)},
        {"INV-8-15g", "depth 65", {WORD(1, 65)}, RANGE(1, 64)},
        {"INV-8-15g", "guard", {WORD(0, 1ull << 63), WORD(1, 64)}, GUARD(0, 64, 0, guard)},
        {"INV-8-15h VEC-6-16", "occupied", {WORD(0, ep)}, DELETE_FIRST},
    };
    REFUSALS("MakePool", valid, list);
    check_call(valid, OK);
    check(occupied(to));
    struct invocation v = valid;
    v.word[0] = slot_new();
    check_call(v, REVOKE_FIRST);
    v = INVOCATION(from, LABEL_UNTYPED_RETYPE, CAPS(ROOT), OBJECT_ENDPOINT, 0, 0, 0, v.word[0], 1);
    check_call(v, NO_MEMORY(0));
    must(kaal_cnode_revoke(at(from)));
    check(!occupied(to));
    check_call(v, OK);
}

static void assign_checks(void)
{
    uint64_t s = object(OBJECT_VSPACE, 0), done = vspace(), ep = object(OBJECT_ENDPOINT, 0);
    const struct invocation valid =
        INVOCATION(SLOT_INIT_ASID_POOL, LABEL_ASID_POOL_ASSIGN, CAPS(s));
    const struct violation list[] = {
        {"INV-8-18b", "no cap", {NCAPS(0)}, TRUNC},
        {"INV-8-18c", "an endpoint", {CAP(0, ep)}, INV_CAP(1)},
        {"INV-8-18c VEC-6-15", "VSpace with ASID", {CAP(0, done)}, INV_CAP(1)},
        {"INV-8-18c", "the initial VSpace", {CAP(0, SLOT_INIT_VSPACE)}, INV_CAP(1)},
    };
    REFUSALS("Assign", valid, list);
    check_call(valid, OK);
    /* Recorded in the very slot: now it can be copied, and the copy has the ASID as well. */
    uint64_t copy = copy_of(s, RIGHTS_ALL);
    struct invocation v = INVOCATION(copy, LABEL_VSPACE_CLEAN_DATA, NO_CAPS, V, V + 64);
    check_call(v, OK);
    v = valid;
    check_call(v, INV_CAP(1));
    v.cap[0] = copy;
    check_call(v, INV_CAP(1));
}

/* Fills `pool` with the VSpaces of slots from `slots`; how many it took. */
static unsigned fill(uint64_t pool, uint64_t slots, unsigned limit)
{
    for (unsigned n = 0; n < limit; n++) {
        struct invocation v = INVOCATION(pool, LABEL_ASID_POOL_ASSIGN, CAPS(slots + n));
        struct reply r = invoke(&v);
        if (r.info != 0) {
            check_eq(r.info, msginfo_new(ERROR_DELETE_FIRST, 0, 0, 0));
            return n;
        }
    }
    return limit;
}

static void exhaust_asids(void)
{
    enum {
        MORE = 4
    };
    uint64_t pool = make_pool(), from = untyped(22), slots = slots_new(ASIDS_PER_POOL + MORE);
    for (unsigned n = 0; n < ASIDS_PER_POOL + MORE; n += 129) {
        must(kaal_untyped_retype(from, OBJECT_VSPACE, 0, (struct kaal_slot){ROOT, 0, 0}, slots + n,
                                 129));
    }
    check_eq(fill(pool, slots, ASIDS_PER_POOL + MORE), ASIDS_PER_POOL);
    /* A deleted VSpace makes room for exactly one. */
    must(kaal_cnode_delete(at(slots + 100)));
    check_eq(fill(pool, slots + ASIDS_PER_POOL, MORE), 1);
    must(kaal_cnode_revoke(at(from)));
    uint64_t again = slots_new(2);
    must(kaal_untyped_retype(from, OBJECT_VSPACE, 0, (struct kaal_slot){ROOT, 0, 0}, again, 2));
    check_eq(fill(pool, again, 2), 2);
}

static void exhaust_pools(void)
{
    uint64_t from = untyped(20), parts = slots_new(ASID_POOL_COUNT),
             pools = slots_new(ASID_POOL_COUNT);
    must(kaal_untyped_retype(from, OBJECT_UNTYPED, 12, (struct kaal_slot){ROOT, 0, 0}, parts,
                             ASID_POOL_COUNT));
    unsigned made = 0;
    for (; made < ASID_POOL_COUNT; made++) {
        struct invocation v = INVOCATION(SLOT_ASID_CONTROL, LABEL_ASID_CONTROL_MAKE_POOL,
                                         CAPS(parts + made, ROOT), pools + made, 64);
        struct reply r = invoke(&v);
        if (r.info != 0) {
            check_eq(r.info, msginfo_new(ERROR_DELETE_FIRST, 0, 0, 0));
            break;
        }
    }
    /* Pool 0 is the initial one. The check comes before the one of the Untyped. */
    check_eq(made, ASID_POOL_COUNT - 1);
    struct invocation v = INVOCATION(SLOT_ASID_CONTROL, LABEL_ASID_CONTROL_MAKE_POOL,
                                     CAPS(ROOT, ROOT), pools + made, 65);
    check_call(v, DELETE_FIRST);
    must(kaal_cnode_revoke(at(from)));
    (void)make_pool();
}

static void pool_with_two_caps(void)
{
    uint64_t pool = make_pool(), copy = copy_of(pool, RIGHTS_ALL), s = vspace_in(pool);
    must(kaal_cnode_delete(at(pool)));
    struct invocation v = INVOCATION(s, LABEL_VSPACE_CLEAN_DATA, NO_CAPS, V, V + 64);
    check_call(v, OK);
    (void)vspace_in(copy);
}

/* A VSpace with a page at V whose pool is gone, and what belongs to it. */
struct orphan {
    uint64_t pool_untyped, s, mapped, free, table, loose_table;
};

static struct orphan orphan_new(void)
{
    struct orphan o = {.pool_untyped = untyped(12), .mapped = object(OBJECT_SMALL_PAGE, 0)};
    uint64_t pool = slot_new();
    must(kaal_asid_control_make_pool(SLOT_ASID_CONTROL, o.pool_untyped, at(pool)));
    o.s = vspace_in(pool);
    o.free = object(OBJECT_SMALL_PAGE, 0);
    o.loose_table = object(OBJECT_PAGE_TABLE, 0);
    for (unsigned i = 0; i < 3; i++) {
        o.table = object(OBJECT_PAGE_TABLE, 0);
        must(kaal_page_table_map(o.table, o.s, V, 0));
    }
    must(kaal_page_map(o.mapped, o.s, V, RW, ATTR_DEFAULT));
    must(kaal_cnode_delete(at(pool)));
    return o;
}

static void pool_deleted(void)
{
    struct orphan o = orphan_new();
    struct invocation v = INVOCATION(o.s, LABEL_VSPACE_CLEAN_DATA, NO_CAPS, V, V + 64);
    check_call(v, NO_ROOT(0));
    v.word[1] = V;
    check_call(v, INV_ARG(1));
    v = INVOCATION(o.mapped, LABEL_PAGE_CLEAN_DATA, NO_CAPS, 0, 64);
    check_call(v, NO_ROOT(0));
    v.word[1] = 0;
    check_call(v, NO_ROOT(0));
    v = INVOCATION(o.mapped, LABEL_PAGE_MAP, CAPS(o.s), V, RW, 0);
    check_call(v, NO_ROOT(0));
    v.target = o.free;
    v.word[0] = V + 8;
    check_call(v, NO_ROOT(0));
    v = INVOCATION(o.loose_table, LABEL_PAGE_TABLE_MAP, CAPS(o.s), V, 0);
    check_call(v, NO_ROOT(0));
    v.word[0] = 1ull << 47;
    check_call(v, INV_ARG(0));
}

static void pool_deleted_still_legal(void)
{
    struct orphan o = orphan_new();
    uint64_t tcb = object(OBJECT_TCB, 0), copy = copy_of(o.s, RIGHTS_ALL);
    must(kaal_tcb_set_space(tcb, 0, ROOT, 0, copy, 0));
    struct invocation v = INVOCATION(SLOT_INIT_ASID_POOL, LABEL_ASID_POOL_ASSIGN, CAPS(o.s));
    check_call(v, INV_CAP(1));
    must(kaal_page_unmap(o.mapped));
    must(kaal_page_table_unmap(o.table));
    v = INVOCATION(o.mapped, LABEL_PAGE_CLEAN_DATA, NO_CAPS, 0, 64);
    check_call(v, ILLEGAL);
}

static void pool_replaced(void)
{
    struct orphan o = orphan_new();
    uint64_t pool = slot_new();
    must(kaal_asid_control_make_pool(SLOT_ASID_CONTROL, o.pool_untyped, at(pool)));
    (void)vspace_in(pool);
    struct invocation v = INVOCATION(o.s, LABEL_VSPACE_CLEAN_DATA, NO_CAPS, V, V + 64);
    check_call(v, INV_CAP(0));
    v = INVOCATION(o.free, LABEL_PAGE_MAP, CAPS(o.s), V, RW, 0);
    check_call(v, INV_CAP(1));
    v = INVOCATION(o.loose_table, LABEL_PAGE_TABLE_MAP, CAPS(o.s), V, 0);
    check_call(v, INV_CAP(1));
}

/* Assigning through a pool cap whose pool is gone cannot happen with one pool object: the last cap
 * unregisters it. What can: a thread in a VSpace that loses its ASID faults at its next fetch. */
static void thread_without_asid(void)
{
    struct probe *p = probe_new();
    uint64_t pool = make_pool(), s = vspace_in(pool), frame, ntfn = object(OBJECT_NOTIFICATION, 0);
    uint64_t code = (uint64_t)snippet_svc & ~0xfffull;
    uint64_t first = boot()->user_image_frames.start;
    uint64_t fault_cptr = mint_of(fault_endpoint(), RIGHTS_ALL, PROBE_BADGE + p->index);
    frame = copy_of(first + (code - (uint64_t)kaal_image_start) / 4096, RIGHT_READ);
    map(s, frame, code, RIGHT_READ, ATTR_DEFAULT);
    must(kaal_tcb_set_space(p->tcb, fault_cptr, ROOT, 0, s, 0));
    probe_call(p, SYS_RECV, ntfn, 0, 0, 0);
    run();
    check(probe_blocked(p));
    must(kaal_cnode_delete(at(pool)));
    kaal_signal(ntfn);
    run();
    check(p->faulted);
    check_eq(msginfo_label(p->fault.info), FAULT_VM);
    check_eq(p->fault.mr[0], (uint64_t)snippet_svc_end);
    check_eq(p->fault.mr[1], (uint64_t)snippet_svc_end);
    check_eq(p->fault.mr[2], 1);
    check_eq(p->fault.mr[3] & ~3ull, 0x82000004);
}

static void vspace_deleted_under_thread(void)
{
    struct probe *p = probe_new();
    uint64_t s = vspace(), ntfn = object(OBJECT_NOTIFICATION, 0);
    uint64_t fault_cptr = mint_of(fault_endpoint(), RIGHTS_ALL, PROBE_BADGE + p->index);
    must(kaal_tcb_set_space(p->tcb, fault_cptr, ROOT, 0, s, 0));
    /* The TCB's own copy keeps the VSpace alive; a fresh space has no code, so it faults. */
    must(kaal_cnode_delete(at(s)));
    probe_call(p, SYS_RECV, ntfn, 0, 0, 0);
    run();
    check(p->faulted);
    check_eq(msginfo_label(p->fault.info), FAULT_VM);
    check_eq(p->fault.mr[3] & ~3ull, 0x82000004);
}

static const struct test tests[] = {
    {"INV-2-53 INV-8-15a INV-8-15b INV-8-16 VEC-6-16 OBJ-2-22 OBJ-1-13",
     "MakePool: every check, then the valid call", make_pool_checks},
    {"INV-2-54 INV-8-18a INV-8-19 VSP-2-03 VSP-2-04 SYS-4.1-05 VSP-2-02",
     "Assign: every check, then the valid call", assign_checks},
    {"INV-8-18f INV-8-20 VEC-11-01 VSP-2-01 OBJ-3.5-09", "a pool has 512 ASIDs", exhaust_asids},
    {"INV-8-15d INV-8-17 VEC-11-02 VSP-2-01 OBJ-1-13", "there are 128 pools", exhaust_pools},
    {"VEC-11-03", "a pool lives while a cap to it does", pool_with_two_caps},
    {"VEC-11-04 INV-8-01c INV-8-02g INV-8-07e INV-8-11d INV-8-14f VSP-2-05 OBJ-3.5-10",
     "pool gone: what is refused", pool_deleted},
    {"VEC-11-05 VEC-11-06", "pool gone: what is still legal", pool_deleted_still_legal},
    {"VEC-11-07 INV-8-01d INV-8-02h INV-8-07f INV-8-14g", "another VSpace has the ASID",
     pool_replaced},
    {"VSP-2-05 OBJ-3.5-10 VSP-8-01", "a thread whose VSpace lost its ASID faults",
     thread_without_asid},
    {"OBJ-3.5-09 INV-4-32", "a thread keeps its own copy of the VSpace",
     vspace_deleted_under_thread},
};
const struct suite suite_asid = SUITE("asid", tests);
