/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * CNode methods: check tables and effects (abi/invocations.md §5, abi/vectors.md §3).
 */
#include "probe.h"
#include "suites.h"

enum {
    COPY_CHECKS = 14,
    MAX_CHECKS = 24
};

/* Row ids of the checks that Copy, Mint, Move and Mutate share. */
struct copy_rows {
    const char *truncated; /* length < 4 or no cap */
    const char *occupied;
    const char *source; /* the source's lookup */
    const char *empty;
};

/* A case's caps: an endpoint to copy, an empty CNode of radix 4 without guard, an empty slot. */
struct scene {
    uint64_t ep, badged, cnode, to;
};

static struct scene scene_new(void)
{
    struct scene s = {.ep = object(OBJECT_ENDPOINT, 0), .cnode = object(OBJECT_CNODE, 4)};
    s.badged = mint_of(s.ep, RIGHTS_ALL, 5);
    s.to = slot_new();
    return s;
}

/* Fills `list` with the checks up to "source empty", in their order. */
static void copy_checks(struct violation *list, const struct scene *s, const struct copy_rows *rows)
{
    uint64_t far = 1ull << 63, guard = root_guard();
    const struct violation common[COPY_CHECKS] = {
        {"INV-5-02", "length 1", {LENGTH(1)}, TRUNC},
        {"INV-5-02 INV-1-16", "depth 0", {WORD(1, 0)}, RANGE(1, 64)},
        {"INV-5-02 INV-1-16", "depth 65", {WORD(1, 65)}, RANGE(1, 64)},
        {"INV-5-02 INV-5-01 VEC-3-14",
         "guard",
         {WORD(0, far), WORD(1, 64)},
         GUARD(0, 64, 0, guard)},
        {"INV-5-02 VEC-3-15",
         "too shallow",
         {WORD(0, 0), WORD(1, guard + 1)},
         DEPTH(0, guard + 1, 64)},
        {"INV-5-02 VEC-3-16 OBJ-4.2-02",
         "bits left over",
         {TARGET(s->cnode), WORD(0, 0), WORD(1, 10)},
         DEPTH(0, 6, 0)},
        {rows->truncated, "length 3", {LENGTH(3)}, TRUNC},
        {rows->truncated, "no cap", {NCAPS(0)}, TRUNC},
        {rows->occupied, "destination occupied", {WORD(0, s->badged)}, DELETE_FIRST},
        {rows->source, "source root no CNode", {CAP(0, s->ep)}, NO_ROOT(1)},
        {rows->source, "source depth 0", {WORD(3, 0)}, RANGE(1, 64)},
        {rows->source, "source guard", {WORD(2, far), WORD(3, 64)}, GUARD(1, 64, 0, guard)},
        {rows->source,
         "source bits left over",
         {CAP(0, s->cnode), WORD(2, 0), WORD(3, 10)},
         DEPTH(1, 6, 0)},
        {rows->empty, "source empty", {WORD(2, SLOT_NULL)}, MISSING(1, 64)},
    };
    for (unsigned i = 0; i < COPY_CHECKS; i++) {
        list[i] = common[i];
    }
}

static void copy(void)
{
    struct scene s = scene_new();
    struct violation list[MAX_CHECKS] = {0};
    const struct copy_rows rows = {"INV-5-06b", "INV-5-06c VEC-3-05", "INV-5-06d VEC-3-07 VEC-3-08",
                                   "INV-5-06e VEC-3-06 OBJ-4.2-04"};
    const struct invocation valid =
        INVOCATION(ROOT, LABEL_CNODE_COPY, CAPS(ROOT), s.to, 64, s.ep, 64, RIGHTS_ALL);
    uint64_t bare = object(OBJECT_VSPACE, 0), table = object(OBJECT_PAGE_TABLE, 0);
    copy_checks(list, &s, &rows);
    list[14] = (struct violation){"INV-5-06f", "length 4", {LENGTH(4)}, TRUNC};
    list[15] = (struct violation){"INV-5-06g VEC-3-10 SYS-4.1-01 INV-1-11",
                                  "Untyped with children",
                                  {WORD(2, case_untyped())},
                                  REVOKE_FIRST};
    list[16] = (struct violation){
        "INV-5-06g VEC-3-09 SYS-4.1-04 VSP-2-03", "VSpace without ASID", {WORD(2, bare)}, ILLEGAL};
    list[17] = (struct violation){
        "INV-5-06g VEC-3-09 SYS-4.1-04 VSP-3-06", "unmapped page table", {WORD(2, table)}, ILLEGAL};
    list[18] = (struct violation){"INV-5-06h VEC-3-09 SYS-4.1-06 INV-1-05",
                                  "IRQControl",
                                  {WORD(2, SLOT_IRQ_CONTROL)},
                                  ILLEGAL};
    refusals("Copy", &valid, list, 19);
    check_call(valid, OK);
    check(occupied(s.to) && occupied(s.ep));
    check_call(valid, DELETE_FIRST);
}

static void mint(void)
{
    struct scene s = scene_new();
    struct violation list[MAX_CHECKS] = {0};
    const struct copy_rows rows = {"INV-5-07b", "INV-5-07b", "INV-5-07b", "INV-5-07b"};
    const struct invocation valid =
        INVOCATION(ROOT, LABEL_CNODE_MINT, CAPS(ROOT), s.to, 64, s.ep, 64, RIGHTS_ALL, 77);
    uint64_t ntfn = mint_of(object(OBJECT_NOTIFICATION, 0), RIGHTS_ALL, 9);
    copy_checks(list, &s, &rows);
    list[14] = (struct violation){"INV-5-07b", "length 5", {LENGTH(5)}, TRUNC};
    list[15] = (struct violation){
        "INV-5-06g", "Untyped with children", {WORD(2, case_untyped())}, REVOKE_FIRST};
    list[16] = (struct violation){"INV-5-06h", "IRQControl", {WORD(2, SLOT_IRQ_CONTROL)}, ILLEGAL};
    list[17] = (struct violation){
        "INV-5-07c INV-5.1-01 VEC-3-02", "a badged endpoint", {WORD(2, s.badged)}, ILLEGAL};
    list[18] = (struct violation){"INV-5-07c INV-5.1-01 VEC-3-02",
                                  "a badged endpoint, badge 0",
                                  {WORD(2, s.badged), WORD(5, 0)},
                                  ILLEGAL};
    list[19] = (struct violation){
        "INV-5-07c INV-5.1-02", "a badged notification", {WORD(2, ntfn), WORD(5, 0)}, ILLEGAL};
    list[20] = (struct violation){"INV-5-07c INV-5.1-03 VEC-3-17",
                                  "guard of 61 bits and radix 4",
                                  {WORD(2, s.cnode), WORD(5, 61)},
                                  ILLEGAL};
    refusals("Mint", &valid, list, 21);
    check_call(valid, OK);
    check(occupied(s.to) && occupied(s.ep));
}

static void move(void)
{
    struct scene s = scene_new();
    struct violation list[MAX_CHECKS] = {0};
    const struct copy_rows rows = {"INV-5-08", "INV-5-08", "INV-5-08", "INV-5-08 OBJ-4.2-04"};
    const struct invocation valid =
        INVOCATION(ROOT, LABEL_CNODE_MOVE, CAPS(ROOT), s.to, 64, s.ep, 64);
    copy_checks(list, &s, &rows);
    refusals("Move", &valid, list, COPY_CHECKS);
    check_call(valid, OK);
    check(occupied(s.to) && !occupied(s.ep));
    check_call(valid, DELETE_FIRST);
}

static void mutate(void)
{
    struct scene s = scene_new();
    struct violation list[MAX_CHECKS] = {0};
    const struct copy_rows rows = {"INV-5-09b", "INV-5-09b", "INV-5-09b", "INV-5-09b"};
    uint64_t small = object(OBJECT_CNODE, 4), ntfn = object(OBJECT_NOTIFICATION, 0);
    const struct invocation valid =
        INVOCATION(ROOT, LABEL_CNODE_MUTATE, CAPS(ROOT), s.to, 64, small, 64, 60);
    copy_checks(list, &s, &rows);
    list[14] = (struct violation){"INV-5-09c", "length 4", {LENGTH(4)}, TRUNC};
    list[15] = (struct violation){
        "INV-5-09d VEC-3-03 INV-5.1-01", "an endpoint", {WORD(2, s.ep)}, ILLEGAL};
    list[16] = (struct violation){
        "INV-5-09d INV-5.1-01", "an endpoint, badge 0", {WORD(2, s.ep), WORD(4, 0)}, ILLEGAL};
    list[17] =
        (struct violation){"INV-5-09d INV-5.1-02", "a notification", {WORD(2, ntfn)}, ILLEGAL};
    list[18] = (struct violation){
        "INV-5-09d INV-5.1-03", "guard of 61 bits and radix 4", {WORD(4, 61)}, ILLEGAL};
    refusals("Mutate", &valid, list, 19);
    check_call(valid, OK);
    check(occupied(s.to) && !occupied(small));
    /* The guard is there: 60 bits of zero and four of index make 64. */
    must(kaal_cnode_delete((struct kaal_slot){s.to, 15, 64}));
    check_eq(kaal_cnode_delete((struct kaal_slot){s.to, 15, 4}), ERROR_FAILED_LOOKUP);
}

static void rotate_checks(void)
{
    struct scene s = scene_new();
    uint64_t pivot = object(OBJECT_CNODE, 4), from = object(OBJECT_CNODE, 4), far = 1ull << 63;
    uint64_t guard = root_guard(), tcb = object(OBJECT_TCB, 0), empty = slot_new();
    const struct invocation valid = INVOCATION(ROOT, LABEL_CNODE_ROTATE, CAPS(ROOT, ROOT), s.to, 64,
                                               60, pivot, 64, 59, from, 64);
    const struct violation list[] = {
        {"INV-5-02", "length 1", {LENGTH(1)}, TRUNC},
        {"INV-5-02", "depth 65", {WORD(1, 65)}, RANGE(1, 64)},
        {"INV-5-02", "guard", {WORD(0, far), WORD(1, 64)}, GUARD(0, 64, 0, guard)},
        {"INV-5-10b", "length 7", {LENGTH(7)}, TRUNC},
        {"INV-5-10b", "one cap", {NCAPS(1)}, TRUNC},
        {"INV-5-10c", "source root no CNode", {CAP(1, tcb)}, NO_ROOT(1)},
        {"INV-5-10c", "source depth 0", {WORD(7, 0)}, RANGE(1, 64)},
        {"INV-5-10c", "source guard", {WORD(6, far), WORD(7, 64)}, GUARD(1, 64, 0, guard)},
        {"INV-5-10d", "pivot root no CNode", {CAP(0, tcb)}, NO_ROOT(1)},
        {"INV-5-10d", "pivot depth 66", {WORD(4, 66)}, RANGE(1, 64)},
        {"INV-5-10d", "pivot guard", {WORD(3, far), WORD(4, 64)}, GUARD(1, 64, 0, guard)},
        {"INV-5-10e", "pivot = source", {WORD(3, from), WORD(6, from)}, ILLEGAL},
        {"INV-5-10e VEC-3-04", "pivot = destination", {WORD(3, s.to), WORD(0, s.to)}, ILLEGAL},
        {"INV-5-10f", "destination occupied", {WORD(0, tcb)}, DELETE_FIRST},
        {"INV-5-10g", "source empty", {WORD(6, SLOT_NULL)}, MISSING(1, 64)},
        {"INV-5-10h", "pivot empty", {WORD(3, empty)}, MISSING(0, 64)},
        {"INV-5-10i VEC-3-03", "source an endpoint", {WORD(6, s.ep)}, ILLEGAL},
        {"INV-5-10i", "new guard of the source too long", {WORD(5, 61)}, ILLEGAL},
        {"INV-5-10j INV-5.1-01", "pivot an endpoint", {WORD(3, s.ep)}, ILLEGAL},
        {"INV-5-10j", "new guard of the pivot too long", {WORD(2, 61)}, ILLEGAL},
    };
    REFUSALS("Rotate", valid, list);
    check_call(valid, OK);
    check(occupied(s.to) && occupied(pivot) && !occupied(from));
    /* 60 bits of guard at the destination, 59 at the pivot. */
    must(kaal_cnode_delete((struct kaal_slot){s.to, 15, 64}));
    must(kaal_cnode_delete((struct kaal_slot){pivot, 15, 63}));
}

static void rotate_swap(void)
{
    uint64_t tcb = object(OBJECT_TCB, 0), cnode = object(OBJECT_CNODE, 4);
    must(kaal_cnode_rotate(at(tcb), 0, at(cnode), 0, at(tcb)));
    must(kaal_cnode_delete((struct kaal_slot){tcb, 15, 4}));
    check_eq(kaal_tcb_suspend(cnode), ERROR_NONE);
}

static void delete_and_revoke(void)
{
    uint64_t far = 1ull << 63, guard = root_guard(), empty = slot_new();
    static const uint64_t labels[] = {LABEL_CNODE_REVOKE, LABEL_CNODE_DELETE};
    static const char *const names[] = {"Revoke", "Delete"};
    static const char *const ids[] = {"INV-5-03 VEC-3-11 INV-5-02", "INV-5-04 INV-5-02 VEC-3-14"};
    for (unsigned i = 0; i < 2; i++) {
        const struct invocation valid = INVOCATION(ROOT, labels[i], NO_CAPS, empty, 64);
        const struct violation list[] = {
            {ids[i], "length 1", {LENGTH(1)}, TRUNC},
            {ids[i], "depth 0", {WORD(1, 0)}, RANGE(1, 64)},
            {ids[i], "depth 65", {WORD(1, 65)}, RANGE(1, 64)},
            {ids[i], "guard", {WORD(0, far), WORD(1, 64)}, GUARD(0, 64, 0, guard)},
        };
        REFUSALS(names[i], valid, list);
        check_call(valid, OK);
    }
    uint64_t ep = object(OBJECT_ENDPOINT, 0);
    must(kaal_cnode_delete(at(ep)));
    check(!occupied(ep));
}

static void cancel_badged_sends(void)
{
    struct scene s = scene_new();
    uint64_t ntfn = object(OBJECT_NOTIFICATION, 0), empty = slot_new();
    uint64_t partial = mint_of(s.ep, RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT, 6);
    const struct invocation valid =
        INVOCATION(ROOT, LABEL_CNODE_CANCEL_BADGED_SENDS, NO_CAPS, s.badged, 64);
    const struct violation list[] = {
        {"INV-5-02", "length 1", {LENGTH(1)}, TRUNC},
        {"INV-5-02", "depth 65", {WORD(1, 65)}, RANGE(1, 64)},
        {"INV-5-05 VEC-3-12", "a notification", {WORD(0, ntfn)}, ILLEGAL},
        {"INV-5-05", "an empty slot", {WORD(0, empty)}, ILLEGAL},
        {"INV-5-05", "an endpoint without grant-reply", {WORD(0, partial)}, ILLEGAL},
    };
    REFUSALS("CancelBadgedSends", valid, list);
    check_call(valid, OK);
    must(kaal_cnode_cancel_badged_sends(at(s.ep)));
}

static void save_caller(void)
{
    struct scene s = scene_new();
    const struct invocation valid = INVOCATION(ROOT, LABEL_CNODE_SAVE_CALLER, NO_CAPS, s.to, 64);
    const struct violation list[] = {
        {"INV-5-02", "length 1", {LENGTH(1)}, TRUNC},
        {"INV-5-02", "depth 0", {WORD(1, 0)}, RANGE(1, 64)},
        {"INV-5-11", "destination occupied", {WORD(0, s.ep)}, DELETE_FIRST},
    };
    /* Receiving deletes the reply right that this thread may hold (abi/syscalls.md §5). */
    struct kaal_message m = {0};
    kaal_nb_recv(s.ep, &m);
    REFUSALS("SaveCaller", valid, list);
    check_call(valid, OK);
    check(!occupied(s.to));
}

static void labels_of_others(void)
{
    struct invocation v = INVOCATION(ROOT, LABEL_IRQ_CONTROL_GET, NO_CAPS);
    check_call(v, ILLEGAL);
    v.label = LABEL_TCB_SET_FLAGS;
    check_call(v, ILLEGAL);
}

static void guards(void)
{
    uint64_t cnode = object(OBJECT_CNODE, 4), guarded = mint_of(cnode, 0, kaal_guard(5, 8));
    uint64_t cleared;
    must(kaal_cnode_copy((struct kaal_slot){guarded, 0x5f, 12}, at(cnode), RIGHTS_ALL));
    check_eq(kaal_cnode_delete((struct kaal_slot){guarded, 0x6f, 12}), ERROR_FAILED_LOOKUP);
    /* Copy keeps the guard, Mint with 0 clears it, a guard is cut to its size. */
    uint64_t kept = copy_of(guarded, 0);
    must(kaal_cnode_delete((struct kaal_slot){kept, 0x5e, 12}));
    cleared = mint_of(guarded, 0, 0);
    must(kaal_cnode_delete((struct kaal_slot){cleared, 0xe, 4}));
    uint64_t cut = mint_of(cnode, 0, kaal_guard(0x1f5, 8));
    must(kaal_cnode_delete((struct kaal_slot){cut, 0xf5e, 12}));
    (void)mint_of(cnode, 0, kaal_guard(0, 60));
}

static void rights(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0), none = copy_of(ep, 0);
    uint64_t ntfn = object(OBJECT_NOTIFICATION, 0), dumb = copy_of(ntfn, 0);
    uint64_t reader = copy_of(ntfn, RIGHT_READ | RIGHT_GRANT), writer = copy_of(ntfn, RIGHT_WRITE);
    struct invocation v = INVOCATION(none, 1, NO_CAPS);
    check_call(v, INV_CAP(0));
    v.target = dumb;
    check_call(v, INV_CAP(0));
    v.target = reader;
    check_call(v, INV_CAP(0));
    v.target = writer;
    check_call(v, OK);
    check_eq(kaal_poll(reader), 0);
    /* A copy of a copy has no more rights than the first. */
    v.target = copy_of(none, RIGHTS_ALL);
    check_call(v, INV_CAP(0));
    /* Bits above the four rights are ignored. */
    v.target = copy_of(ntfn, ~0ull << 4);
    check_call(v, INV_CAP(0));
    uint64_t frame = copy_of(object(OBJECT_SMALL_PAGE, 0), 0);
    check(occupied(frame));
}

static void data_ignored(void)
{
    uint64_t tcb = object(OBJECT_TCB, 0), copy = mint_of(tcb, 0, 77), moved = slot_new();
    must(kaal_tcb_suspend(copy));
    must(kaal_cnode_mutate(at(moved), at(copy), 99));
    must(kaal_tcb_suspend(moved));
    uint64_t frame = mint_of(object(OBJECT_SMALL_PAGE, 0), RIGHTS_ALL, 77), other = slot_new();
    must(kaal_cnode_mutate(at(other), at(frame), 99));
    check(occupied(other));
}

static const struct test tests[] = {
    {"INV-5-06a", "Copy: every check, then the valid call", copy},
    {"INV-5-07a VEC-3-01", "Mint: every check, then the valid call", mint},
    {"INV-5-08", "Move: every check, then the valid call", move},
    {"INV-5-09a INV-5.1-03", "Mutate: every check, then the valid call", mutate},
    {"INV-5-10a INV-5-12", "Rotate: every check, then the valid call", rotate_checks},
    {"INV-5-12", "Rotate with source = destination swaps", rotate_swap},
    {"INV-5-03 INV-5-04 VEC-3-11", "Revoke and Delete of empty slots succeed", delete_and_revoke},
    {"INV-5-05", "CancelBadgedSends wants an endpoint with all rights", cancel_badged_sends},
    {"INV-5-11 VEC-3-11", "SaveCaller with nothing held", save_caller},
    {"INV-1-18 VEC-3-13", "labels of other objects", labels_of_others},
    {"INV-5.1-03 SYS-2.4-01 SYS-2.4-02 VEC-3-17", "guards are set, kept, cleared and cut", guards},
    {"INV-5.1-01 INV-5.1-02 INV-5.1-07 SYS-2.3-01 SYS-3-12 SYS-3-14 OBJ-5-01", "rights are masked",
     rights},
    {"INV-5.1-04 INV-5.1-06", "badge data means nothing to other caps", data_ignored},
};
const struct suite suite_cnode = SUITE("cnode", tests);
