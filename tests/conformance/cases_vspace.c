/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Page tables, frames and mappings: the walk of abi/vectors.md §6 and the check tables of
 * abi/invocations.md §8 and abi/vspace.md §3, §4.
 */
#include "probe.h"
#include "suites.h"

enum {
    RW = RIGHT_READ | RIGHT_WRITE
};
#define V 0x100000000000ull /* in a 512 GiB region where nothing is mapped */

static struct invocation page_map(uint64_t frame, uint64_t space, uint64_t vaddr)
{
    return INVOCATION(frame, LABEL_PAGE_MAP, CAPS(space), vaddr, RW, ATTR_DEFAULT);
}

static struct invocation table_map(uint64_t table, uint64_t space, uint64_t vaddr)
{
    return INVOCATION(table, LABEL_PAGE_TABLE_MAP, CAPS(space), vaddr, ATTR_DEFAULT);
}

/* Shorthand: the call, its answer. */
static void page(uint64_t frame, uint64_t space, uint64_t vaddr, struct answer answer)
{
    struct invocation v = page_map(frame, space, vaddr);
    check_call(v, answer);
}

static void table(uint64_t object_slot, uint64_t space, uint64_t vaddr, struct answer answer)
{
    struct invocation v = table_map(object_slot, space, vaddr);
    check_call(v, answer);
}

static uint64_t small(void)
{
    return object(OBJECT_SMALL_PAGE, 0);
}

static uint64_t new_table(void)
{
    return object(OBJECT_PAGE_TABLE, 0);
}

static void walk(void)
{
    uint64_t s = vspace(), frame = small(), large = object(OBJECT_LARGE_PAGE, 0);
    uint64_t first = new_table(), second = new_table(), third = new_table();
    page(frame, s, V, MISSING(0, 39));
    table(first, s, V + 5, OK);
    page(frame, s, V, MISSING(0, 30));
    page(large, s, V, MISSING(0, 30));
    table(second, s, V, OK);
    page(frame, s, V, MISSING(0, 21));
    table(second, s, V, INV_CAP(0));
    page(large, s, V, OK);
    page(frame, s, V, MISSING(0, 21));
    table(third, s, V, DELETE_FIRST);
    page(large, s, V + 0x200000, INV_ARG(0));
    must(kaal_page_unmap(large));
    table(third, s, V, OK);
    table(new_table(), s, V, DELETE_FIRST);
    page(large, s, V, MISSING(0, 12));
    page(frame, s, V, OK);
}

static void replacement(void)
{
    uint64_t s = vspace(), f1 = small(), f2 = small();
    map(s, f1, V, RW, ATTR_DEFAULT);
    page(f2, s, V, OK);
    struct invocation clean = INVOCATION(f1, LABEL_PAGE_CLEAN_DATA, NO_CAPS, 0, 64);
    check_call(clean, INV_CAP(0));
    page(f1, s, V, OK);
    check_call(clean, OK);
    clean.target = f2;
    check_call(clean, INV_CAP(0));
    /* The stale record keeps the cap at its place until it is unmapped. */
    page(f2, s, V + 0x1000, INV_ARG(0));
    must(kaal_page_unmap(f2));
    page(f2, s, V + 0x1000, OK);
    clean.target = f1;
    check_call(clean, OK);
}

static void page_map_checks(void)
{
    uint64_t s = vspace(), other = vspace(), bare = object(OBJECT_VSPACE, 0), ep;
    uint64_t frame = small(), mapped = small();
    ep = object(OBJECT_ENDPOINT, 0);
    map(s, mapped, V, RW, ATTR_DEFAULT);
    uint64_t other_table = new_table();
    table(other_table, other, 0, OK);
    const struct invocation valid = page_map(frame, s, V + 0x1000);
    const struct violation list[] = {
        {"INV-8-07c", "length 2", {LENGTH(2)}, TRUNC},
        {"INV-8-07c", "no cap", {NCAPS(0)}, TRUNC},
        {"INV-8-07d INV-8-01a VEC-6-10", "an endpoint", {CAP(0, ep)}, INV_CAP(1)},
        {"INV-8-07d INV-8-01a VEC-6-10 VSP-2-03",
         "VSpace without ASID",
         {CAP(0, bare)},
         INV_CAP(1)},
        {"INV-8-07d", "an empty slot", {CAP(0, SLOT_NULL)}, INV_CAP(1)},
        {"INV-8-07d", "a mapped page table", {CAP(0, other_table)}, INV_CAP(1)},
        {"INV-8-07g VEC-6-08 INV-1-07", "V + 8", {WORD(0, V + 8)}, ALIGNMENT},
        {"INV-8-07h VEC-11-08",
         "mapped in another VSpace",
         {TARGET(mapped), CAP(0, other)},
         INV_CAP(1)},
        {"INV-8-07h",
         "mapped at another address",
         {TARGET(mapped), WORD(0, V + 0x2000)},
         INV_ARG(0)},
        {"INV-8-07i VEC-6-09 VSP-1-07", "at 2^47", {WORD(0, 1ull << 47)}, INV_ARG(0)},
        {"INV-8-07i", "at the last page of 2^64", {WORD(0, ~0xfffull)}, INV_ARG(0)},
        {"INV-8-07j VSP-4-02", "no level-1 table", {WORD(0, V + (1ull << 39))}, MISSING(0, 39)},
        {"INV-8-07j VSP-4-03", "no level-2 table", {WORD(0, V + (1ull << 30))}, MISSING(0, 30)},
        {"INV-8-07j VSP-4-04", "no level-3 table", {WORD(0, V + (1ull << 21))}, MISSING(0, 21)},
    };
    REFUSALS("Page_Map", valid, list);
    check_call(valid, OK);
    check_call(valid, OK);
}

static void table_map_checks(void)
{
    uint64_t s = vspace(), bare = object(OBJECT_VSPACE, 0), ep = object(OBJECT_ENDPOINT, 0);
    uint64_t fresh = new_table(), mapped = new_table();
    map(s, small(), V, RW, ATTR_DEFAULT);
    table(mapped, s, V + (1ull << 39), OK);
    const struct invocation valid = table_map(fresh, s, V + (1ull << 21) + 12345);
    const struct violation list[] = {
        {"INV-8-02c", "length 1", {LENGTH(1)}, TRUNC},
        {"INV-8-02c", "no cap", {NCAPS(0)}, TRUNC},
        {"INV-8-02d VEC-6-03 INV-1-04", "already mapped", {TARGET(mapped)}, INV_CAP(0)},
        {"INV-8-02e VEC-6-10", "an endpoint", {CAP(0, ep)}, INV_CAP(1)},
        {"INV-8-02e VEC-6-10", "VSpace without ASID", {CAP(0, bare)}, INV_CAP(1)},
        {"INV-8-02f INV-8-01b VSP-1-07", "at 2^47", {WORD(0, 1ull << 47)}, INV_ARG(0)},
        {"INV-8-02f", "at 2^64 - 1", {WORD(0, ~0ull)}, INV_ARG(0)},
        {"INV-8-02i VSP-3-02", "every table is there", {WORD(0, V)}, DELETE_FIRST},
    };
    REFUSALS("PageTable_Map", valid, list);
    check_call(valid, OK);
    page(small(), s, V + (1ull << 21), OK);
}

static void user_top(void)
{
    uint64_t s = vspace(), large = object(OBJECT_LARGE_PAGE, 0), frame = small(), zero = small();
    page(large, s, USER_TOP + 1 - 0x200000, MISSING(0, 39));
    page(large, s, USER_TOP + 1, INV_ARG(0));
    map(s, frame, USER_TOP + 1 - 0x1000, RW, ATTR_DEFAULT);
    map(s, zero, 0, RW, ATTR_DEFAULT);
    struct invocation v = table_map(new_table(), s, USER_TOP);
    check_call(v, DELETE_FIRST);
}

static void table_unmap(void)
{
    uint64_t s = vspace(), frame = small(), tables[3];
    for (unsigned i = 0; i < 3; i++) {
        tables[i] = new_table();
        table(tables[i], s, V, OK);
    }
    page(frame, s, V, OK);
    uint64_t copy = copy_of(tables[2], RIGHTS_ALL);
    struct invocation v = INVOCATION(tables[2], LABEL_PAGE_TABLE_UNMAP, NO_CAPS);
    check_call(v, REVOKE_FIRST);
    must(kaal_cnode_delete(at(copy)));
    check_call(v, OK);
    check_call(v, OK); /* no longer mapped: nothing to do */
    page(small(), s, V, MISSING(0, 21));
    /* The frame below keeps its record; what it may do with it (abi/vspace.md §3). */
    struct invocation clean = INVOCATION(frame, LABEL_PAGE_CLEAN_DATA, NO_CAPS, 0, 64);
    check_call(clean, INV_CAP(0));
    table(tables[2], s, V, OK);
    check_call(clean, INV_CAP(0));
    page(frame, s, V + 0x1000, INV_ARG(0));
    page(frame, s, V, OK);
    check_call(clean, OK);
    must(kaal_page_unmap(frame));
    must(kaal_page_unmap(frame));
    page(frame, s, V + 0x1000, OK);
}

static void table_cap_deleted(void)
{
    uint64_t s = vspace(), frame = small(), tables[3];
    for (unsigned i = 0; i < 3; i++) {
        tables[i] = new_table();
        table(tables[i], s, V, OK);
    }
    page(frame, s, V, OK);
    must(kaal_cnode_delete(at(tables[1])));
    page(small(), s, V, MISSING(0, 30));
    /* The level-3 table still has its record: it counts as mapped. */
    table(tables[2], s, V, INV_CAP(0));
    must(kaal_page_table_unmap(tables[2]));
    table(tables[2], s, V, OK);
    page(small(), s, V, MISSING(0, 21));
}

static void page_cache_checks(void)
{
    uint64_t s = vspace(), frame = small(), loose = small(), stale = small(), read_only = small();
    map(s, stale, V, RW, ATTR_DEFAULT);
    page(frame, s, V, OK);
    map(s, read_only, V + 0x1000, RIGHT_READ, ATTR_DEFAULT);
    static const uint64_t labels[] = {LABEL_PAGE_CLEAN_DATA, LABEL_PAGE_INVALIDATE_DATA,
                                      LABEL_PAGE_CLEAN_INVALIDATE_DATA,
                                      LABEL_PAGE_UNIFY_INSTRUCTION};
    static const char *const names[] = {"Page_Clean_Data", "Page_Invalidate_Data",
                                        "Page_CleanInvalidate_Data", "Page_Unify_Instruction"};
    for (unsigned i = 0; i < 4; i++) {
        const struct invocation valid = INVOCATION(frame, labels[i], NO_CAPS, 0, 4096);
        const struct violation list[] = {
            {"INV-8-11b", "length 1", {LENGTH(1)}, TRUNC},
            {"INV-8-11c VEC-6-13", "not mapped", {TARGET(loose)}, ILLEGAL},
            {"INV-8-11e VEC-6-12", "8..8", {WORD(0, 8), WORD(1, 8)}, INV_ARG(1)},
            {"INV-8-11f VEC-6-12", "0..4097", {WORD(1, 4097)}, INV_ARG(0)},
            {"INV-8-11f", "4096..4097", {WORD(0, 4096), WORD(1, 4097)}, INV_ARG(0)},
            {"INV-8-11g VEC-6-13", "stale mapping", {TARGET(stale)}, INV_CAP(0)},
        };
        REFUSALS(names[i], valid, list);
        check_call(valid, OK);
        struct invocation v = INVOCATION(read_only, labels[i], NO_CAPS, 64, 65);
        check_call(v, labels[i] == LABEL_PAGE_INVALIDATE_DATA ? ILLEGAL : OK);
    }
}

static void vspace_cache_checks(void)
{
    uint64_t s = vspace(), bare = object(OBJECT_VSPACE, 0), large = object(OBJECT_LARGE_PAGE, 0);
    map(s, small(), V, RW, ATTR_DEFAULT);
    map(s, small(), V + 0x1000, RIGHT_READ, ATTR_DEFAULT);
    map(s, large, V + 0x200000, RW, ATTR_DEFAULT);
    static const uint64_t labels[] = {LABEL_VSPACE_CLEAN_DATA, LABEL_VSPACE_INVALIDATE_DATA,
                                      LABEL_VSPACE_CLEAN_INVALIDATE_DATA,
                                      LABEL_VSPACE_UNIFY_INSTRUCTION};
    static const char *const names[] = {"VSpace_Clean_Data", "VSpace_Invalidate_Data",
                                        "VSpace_CleanInvalidate_Data", "VSpace_Unify_Instruction"};
    for (unsigned i = 0; i < 4; i++) {
        const struct invocation valid = INVOCATION(s, labels[i], NO_CAPS, V, V + 0x1000);
        const struct violation list[] = {
            {"INV-8-14b", "length 1", {LENGTH(1)}, TRUNC},
            {"INV-8-14c", "end = start", {WORD(1, V), WORD(0, V)}, INV_ARG(1)},
            {"INV-8-14d VEC-6-14", "end above USER_TOP", {WORD(1, 0x800000000000)}, ILLEGAL},
            {"INV-8-14e VEC-6-14", "no ASID", {TARGET(bare)}, INV_CAP(0)},
            {"INV-8-14i VEC-6-14 VSP-6-05",
             "beyond the page",
             {WORD(1, V + 0x1001)},
             RANGE(V, V + 0xfff)},
        };
        REFUSALS(names[i], valid, list);
        check_call(valid, OK);
        struct invocation v = INVOCATION(s, labels[i], NO_CAPS, V + 0x2000, V + 0x9000);
        check_call(v, OK); /* a hole */
        v.word[0] = V + 0x1000;
        v.word[1] = V + 0x1040;
        check_call(v, labels[i] == LABEL_VSPACE_INVALIDATE_DATA ? ILLEGAL : OK);
        v.word[0] = V + 0x200010;
        v.word[1] = V + 0x400001;
        check_call(v, RANGE(V + 0x200010, V + 0x3fffff));
        v.word[1] = V + 0x400000;
        check_call(v, OK);
    }
}

static void huge_and_large(void)
{
    uint64_t s = vspace(), huge = slot_new(), large = object(OBJECT_LARGE_PAGE, 0), frame = small();
    must(kaal_untyped_retype(device_untyped(30), OBJECT_HUGE_PAGE, 0,
                             (struct kaal_slot){ROOT, 0, 0}, huge, 1));
    page(huge, s, V, MISSING(0, 39));
    table(new_table(), s, V, OK);
    page(huge, s, V + 0x200000, ALIGNMENT);
    page(huge, s, V, OK);
    page(large, s, V, MISSING(0, 30));
    page(frame, s, V, MISSING(0, 30));
    table(new_table(), s, V, DELETE_FIRST);
    page(huge, s, V, OK);
    must(kaal_page_unmap(huge));
    uint64_t level2 = new_table(), level3 = new_table();
    table(level2, s, V, OK);
    page(huge, s, V, MISSING(0, 21));
    table(level3, s, V, OK);
    page(huge, s, V, MISSING(0, 12));
    page(large, s, V, MISSING(0, 12));
    page(large, s, V + 0x1000, ALIGNMENT);
    page(large, s, V + 0x200000, OK);
}

static void copies_are_unmapped(void)
{
    uint64_t s = vspace(), frame = small(), moved = slot_new(), pa = 0, copy_pa = 0;
    map(s, frame, V, RW, ATTR_DEFAULT);
    uint64_t copy = copy_of(frame, RIGHTS_ALL);
    struct invocation clean = INVOCATION(copy, LABEL_PAGE_CLEAN_DATA, NO_CAPS, 0, 64);
    check_call(clean, ILLEGAL);
    page(copy, s, V + 0x1000, OK);
    must(kaal_page_get_address(frame, &pa));
    must(kaal_page_get_address(copy, &copy_pa));
    check_eq(copy_pa, pa);
    must(kaal_cnode_move(at(moved), at(frame)));
    clean.target = moved;
    check_call(clean, OK);
    page(moved, s, V + 0x2000, INV_ARG(0));
    /* Deleting any cap removes its own mapping only. */
    must(kaal_cnode_delete(at(moved)));
    clean.target = copy;
    check_call(clean, OK);
    struct invocation hole = INVOCATION(s, LABEL_VSPACE_CLEAN_DATA, NO_CAPS, V, V + 0x1001);
    check_call(hole, OK);
    hole.word[0] += 0x1000;
    hole.word[1] += 0x1000;
    check_call(hole, RANGE(V + 0x1000, V + 0x1fff));
}

static void get_address(void)
{
    uint64_t frame = small(), pa = 0;
    must(kaal_page_get_address(frame, &pa));
    check_eq(pa & 0xfff, 0);
    struct invocation v = INVOCATION(frame, LABEL_PAGE_GET_ADDRESS, NO_CAPS);
    check_call(v, RESULT(pa));
    v.word[0] = 99;
    v.length = 1;
    check_call(v, RESULT(pa));
    struct invocation unmap = INVOCATION(frame, LABEL_PAGE_UNMAP, NO_CAPS);
    check_call(unmap, OK);
    unmap.label = LABEL_PAGE_TABLE_UNMAP;
    check_call(unmap, ILLEGAL);
}

static const struct test tests[] = {
    {"VEC-6-01 VEC-6-02 VEC-6-03 VEC-6-04 VEC-6-05 VEC-6-06 VSP-3-01 VSP-3-03 VSP-1-02 VSP-1-03 "
     "VSP-1-04 VSP-1-05 VSP-4-01 VSP-4-05",
     "the walk from an empty region down to a page", walk},
    {"VEC-6-07 INV-8-08 VSP-4-22 VSP-5-01 VEC-6-13 INV-8-11g", "one page replaces another",
     replacement},
    {"INV-8-07a INV-8-07b INV-8-09 VSP-4-21", "Page_Map: every check, then the valid call twice",
     page_map_checks},
    {"INV-8-02a INV-8-02b INV-8-03 VSP-3-01 VEC-6-02", "PageTable_Map: every check, then the call",
     table_map_checks},
    {"VSP-1-07 VSP-1-08 VEC-6-09 VSP-1-01", "the last and the first user address", user_top},
    {"INV-8-04 INV-8-05 INV-8-06 VSP-3-06 VSP-3-07 VSP-3-08 VEC-6-11 VEC-11-09 INV-8-10 VSP-5-02",
     "PageTable_Unmap and the records below it", table_unmap},
    {"VSP-3-09 OBJ-3.5-08", "deleting a table's last cap unlinks it", table_cap_deleted},
    {"INV-8-11a INV-8-11h VSP-6-01 VSP-6-02 VSP-6-03 VSP-6-04",
     "cache methods of frames: every check, then the call", page_cache_checks},
    {"INV-8-14a INV-8-14h INV-8-14j VSP-6-05 VEC-6-14",
     "cache methods of VSpaces: every check, then the call", vspace_cache_checks},
    {"VSP-1-02 VSP-1-03 VSP-4-04 VSP-4-05 VSP-4-06 INV-8-07j", "huge and large pages in the way",
     huge_and_large},
    {"INV-5.1-08 VSP-4-23 VSP-4-24 SYS-4.1-03 OBJ-3.5-07 OBJ-3.3-11 VSP-5-01",
     "copies, moves, deletions", copies_are_unmapped},
    {"INV-8-12 INV-8-13 INV-8-10 INV-9-02 INV-1-18", "GetAddress and Unmap", get_address},
};
const struct suite suite_vspace = SUITE("vspace", tests);
