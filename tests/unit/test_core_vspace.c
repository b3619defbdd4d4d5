/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Page tables, frames, ASIDs, cache operations: every check in its order, stale records, what the
 * hardware would see (abi/vspace.md, abi/invocations.md §8, abi/vectors.md §6, §11). Translations
 * are read back with the independent walker of the hosted machine.
 */
#include "mapping_bed.h"

/* `n` tables on the way to V. */
static void map_tables(unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        OK(table[i], TABLE_MAP, W(V, 0), C(SPACE));
}

static void map(uint64_t cap, uint64_t va)
{
    OK(cap, MAP, W(va, RW, ATTR_DEFAULT), C(SPACE));
}

static struct translation translate(uint64_t va)
{
    struct translation t;
    machine_translate(va, &t);
    return t;
}

static void expect_mapped(uint64_t va, uint64_t cap)
{
    struct translation t = translate(va);
    assert_int_equal(t.result, MMU_OK);
    assert_int_equal(t.pa, cap_object(fx_cap(cap)) + va % t.span);
    assert_int_equal(t.span, 1ull << frame_bits(fx_cap(cap)));
}

static void expect_unmapped(uint64_t va)
{
    assert_int_equal(translate(va).result, MMU_TRANSLATION_FAULT);
}

/* ---- PageTable ---- */

static void table_map_checks(void **unused)
{
    (void)unused;
    REFUSED(table[0], TABLE_MAP, W(~0ull), C(tcb), ERROR_TRUNCATED_MESSAGE, I());
    REFUSED(table[0], TABLE_MAP, W(~0ull, 0), C(), ERROR_TRUNCATED_MESSAGE, I());
    REFUSED(table[0], TABLE_MAP, W(~0ull, 0), C(tcb), ERROR_INVALID_CAPABILITY, I(1));
    REFUSED(table[0], TABLE_MAP, W(~0ull, 0), C(empty_space), ERROR_INVALID_CAPABILITY, I(1));
    REFUSED(table[0], TABLE_MAP, W(USER_TOP + 1, 0), C(SPACE), ERROR_INVALID_ARGUMENT, I(0));
    REFUSED(table[0], TABLE_MAP, W(~0ull, 0), C(SPACE), ERROR_INVALID_ARGUMENT, I(0));
    OK(table[0], TABLE_MAP, W(V + 5, 0), C(SPACE));
    REFUSED(table[0], TABLE_MAP, W(~0ull, 0), C(tcb), ERROR_INVALID_CAPABILITY, I(0));
    assert_int_equal(mapping_vaddr(fx_cap(table[0])), V);
    assert_int_equal(mapping_asid(fx_cap(table[0])), 1);
    REFUSED(table[1], LABEL_PAGE_MAP, W(), C(), ERROR_ILLEGAL_OPERATION, I());
}

static void tables_land_top_down(void **unused)
{
    uint64_t va = V + 0x7fffffffffull; /* the last byte of its 512 GiB */
    (void)unused; /* abi/vspace.md §3: cap remembers vaddr rounded down to the entry's span */
    for (unsigned i = 0; i < 3; i++)
        OK(table[i], TABLE_MAP, W(va, 0), C(SPACE));
    assert_int_equal(mapping_vaddr(fx_cap(table[0])), V);
    assert_int_equal(mapping_vaddr(fx_cap(table[1])), va >> 30 << 30);
    assert_int_equal(mapping_vaddr(fx_cap(table[2])), va >> 21 << 21);
    REFUSED(table[3], TABLE_MAP, W(va, 0), C(SPACE), ERROR_DELETE_FIRST, I());
    map(frame, va & ~0xfffull);
    expect_mapped(va, frame);
    REFUSED(table[3], TABLE_MAP, W(va, 0), C(SPACE), ERROR_DELETE_FIRST, I());
}

static void table_unmap(void **unused)
{
    uint64_t copy;
    (void)unused; /* abi/vectors.md §6; RevokeFirst with another cap, even when unmapped */
    map_tables(3);
    map(frame, V);
    copy = fx_copy(table[2], RIGHTS_ALL);
    REFUSED(table[2], LABEL_PAGE_TABLE_UNMAP, W(), C(), ERROR_REVOKE_FIRST, I());
    fx_delete(copy);
    OK(table[2], LABEL_PAGE_TABLE_UNMAP, W(), C());
    expect_unmapped(V);
    assert_int_equal(mapping_asid(fx_cap(table[2])), 0);
    for (unsigned i = 0; i < 512; i++)
        assert_int_equal(((uint64_t *)hal_window(paddr(cap_object(fx_cap(table[2])))))[i], 0);
    OK(table[2], LABEL_PAGE_TABLE_UNMAP, W(), C());
    /* The frame's record is stale: abi/vspace.md §3, abi/vectors.md §11. */
    OK(table[2], TABLE_MAP, W(V, 0), C(SPACE));
    REFUSED(frame, LABEL_PAGE_CLEAN_DATA, W(0, 1), C(), ERROR_INVALID_CAPABILITY, I(0));
    REFUSED(frame, MAP, W(V + 0x1000, RW, 3), C(SPACE), ERROR_INVALID_ARGUMENT, I(0));
    map(frame, V);
    expect_mapped(V, frame);
    OK(frame, LABEL_PAGE_UNMAP, W(), C());
    map(frame, V + 0x1000);
}

static void table_deleted(void **unused)
{
    (void)unused; /* unlinked, not cleared; a second cap keeps it */
    map_tables(3);
    map(frame, V);
    uint64_t copy = fx_copy(table[2], RIGHTS_ALL);
    fx_delete(table[2]);
    expect_mapped(V, frame);
    fx_delete(copy);
    expect_unmapped(V);
    OK(frame, LABEL_PAGE_UNMAP, W(), C());
    OK(table[3], TABLE_MAP, W(V, 0), C(SPACE));
    expect_unmapped(V);
}

/* ---- Page_Map ---- */

static void page_map_checks(void **unused)
{
    (void)unused;
    REFUSED(frame, MAP, W(1, RW), C(tcb), ERROR_TRUNCATED_MESSAGE, I());
    REFUSED(frame, MAP, W(1, RW, 3), C(), ERROR_TRUNCATED_MESSAGE, I());
    REFUSED(frame, MAP, W(1, RW, 3), C(tcb), ERROR_INVALID_CAPABILITY, I(1));
    REFUSED(frame, MAP, W(1, RW, 3), C(empty_space), ERROR_INVALID_CAPABILITY, I(1));
    REFUSED(frame, MAP, W(V + 8, RW, 3), C(SPACE), ERROR_ALIGNMENT, I());
    REFUSED(frame, MAP, W(~0ull, RW, 3), C(SPACE), ERROR_ALIGNMENT, I());
    REFUSED(large, MAP, W(V + 0x1000, RW, 3), C(SPACE), ERROR_ALIGNMENT, I());
    REFUSED(frame, MAP, W(0x800000000000, RW, 3), C(SPACE), ERROR_INVALID_ARGUMENT, I(0));
    REFUSED(frame, MAP, W(~0xfffull, RW, 3), C(SPACE), ERROR_INVALID_ARGUMENT, I(0));
    REFUSED(huge, MAP, W(0xffffffffc0000000, RW, 3), C(SPACE), ERROR_INVALID_ARGUMENT, I(0));
    REFUSED(large, MAP, W(0x7fffffe00000, RW, 3), C(SPACE), ERROR_FAILED_LOOKUP, MISSING(39));
    REFUSED(frame, MAP, W(0x7ffffffff000, RW, 3), C(SPACE), ERROR_FAILED_LOOKUP, MISSING(39));
}

static void where_the_walk_stops(void **unused)
{
    (void)unused; /* abi/vspace.md §4, table of bitsLeft */
    uint64_t all[] = {frame, large, huge};
    for (unsigned i = 0; i < 3; i++)
        REFUSED(all[i], MAP, W(V, RW, 3), C(SPACE), ERROR_FAILED_LOOKUP, MISSING(39));
    map_tables(1);
    REFUSED(frame, MAP, W(V, RW, 3), C(SPACE), ERROR_FAILED_LOOKUP, MISSING(30));
    REFUSED(large, MAP, W(V, RW, 3), C(SPACE), ERROR_FAILED_LOOKUP, MISSING(30));
    map(huge, V);
    expect_mapped(V + 0x3fffffff, huge);
    REFUSED(frame, MAP, W(V, RW, 3), C(SPACE), ERROR_FAILED_LOOKUP, MISSING(30));
    REFUSED(large, MAP, W(V, RW, 3), C(SPACE), ERROR_FAILED_LOOKUP, MISSING(30));
    REFUSED(table[1], TABLE_MAP, W(V, 0), C(SPACE), ERROR_DELETE_FIRST, I());
    OK(huge, LABEL_PAGE_UNMAP, W(), C());
    OK(table[1], TABLE_MAP, W(V, 0), C(SPACE));
    REFUSED(huge, MAP, W(V, RW, 3), C(SPACE), ERROR_FAILED_LOOKUP, MISSING(21));
    REFUSED(frame, MAP, W(V, RW, 3), C(SPACE), ERROR_FAILED_LOOKUP, MISSING(21));
    map(large, V);
    expect_mapped(V + 0x1fffff, large);
    REFUSED(frame, MAP, W(V, RW, 3), C(SPACE), ERROR_FAILED_LOOKUP, MISSING(21));
    REFUSED(table[2], TABLE_MAP, W(V, 0), C(SPACE), ERROR_DELETE_FIRST, I());
    REFUSED(large, MAP, W(V + 0x200000, RW, 3), C(SPACE), ERROR_INVALID_ARGUMENT, I(0));
    OK(large, LABEL_PAGE_UNMAP, W(), C());
    OK(table[2], TABLE_MAP, W(V, 0), C(SPACE));
    REFUSED(large, MAP, W(V, RW, 3), C(SPACE), ERROR_FAILED_LOOKUP, MISSING(12));
    REFUSED(huge, MAP, W(V, RW, 3), C(SPACE), ERROR_FAILED_LOOKUP, MISSING(12));
    map(frame, V);
}

static void silent_replacement(void **unused)
{
    uint64_t other = fx_new(OBJECT_SMALL_PAGE, 0);
    (void)unused; /* abi/vectors.md §6: F1, F2 over it, F1 again */
    map_tables(3);
    map(frame, V);
    map(other, V);
    expect_mapped(V, other);
    REFUSED(frame, LABEL_PAGE_CLEAN_DATA, W(0, 1), C(), ERROR_INVALID_CAPABILITY, I(0));
    OK(frame, LABEL_PAGE_UNMAP, W(), C()); /* its record is stale: the other stays */
    expect_mapped(V, other);
    map(frame, V);
    expect_mapped(V, frame);
    fx_delete(other);
    expect_mapped(V, frame);
    fx_delete(frame);
    expect_unmapped(V);
}

static void rights_and_attributes(void **unused)
{
    static const struct {
        unsigned cap, rights;
        bool read, write;
    } rows[] = {{3, RW, true, true},           {3, RIGHT_READ, true, false},
                {1, RW, false, false},         {3, RIGHT_WRITE, false, false},
                {RIGHT_READ, RW, true, false}, {RIGHT_READ, RIGHT_READ, true, false},
                {3, 0, false, false},          {0, RW, false, false},
                {3, ~0u, true, true}};
    (void)unused; /* abi/vspace.md §4, table of effective rights */
    map_tables(3);
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t copy = fx_copy(frame, rows[i].cap);
        for (unsigned attributes = 0; attributes < 8; attributes++) {
            OK(copy, MAP, W(V, rows[i].rights, attributes), C(SPACE)); /* a remap, too */
            struct translation t = translate(V);
            assert_int_equal(t.el0_read, rows[i].read);
            assert_int_equal(t.el0_write, rows[i].write);
            /* "no user access: every user access faults" */
            assert_int_equal(t.el0_execute, rows[i].read && !(attributes & ATTR_EXECUTE_NEVER));
            assert_int_equal(t.attr_index, attributes & ATTR_CACHEABLE ? 4 : 0);
        }
        fx_delete(copy);
        expect_unmapped(V);
    }
}

static void one_mapping_a_cap(void **unused)
{
    uint64_t copy = fx_copy(frame, RW);
    (void)unused;
    map_tables(3);
    map(frame, V);
    map(copy, V + 0x1000);
    expect_mapped(V, frame);
    expect_mapped(V + 0x1000, frame);
    OK(POOL, LABEL_ASID_POOL_ASSIGN, W(), C(empty_space));
    REFUSED(frame, MAP, W(V, RW, 3), C(empty_space), ERROR_INVALID_CAPABILITY, I(1));
    uint64_t dest = fx_slot();
    OK(ROOT, LABEL_CNODE_MOVE, W(dest, D, frame, D), C(ROOT)); /* moving keeps the mapping */
    OK(dest, LABEL_PAGE_UNMAP, W(), C());
    expect_unmapped(V);
    OK(dest, LABEL_PAGE_UNMAP, W(), C());
}

static void get_address(void **unused)
{
    (void)unused;
    OK_WITH(frame, LABEL_PAGE_GET_ADDRESS, W(), C(), I(cap_object(fx_cap(frame))));
    OK_WITH(huge, LABEL_PAGE_GET_ADDRESS, W(), C(), I(cap_object(fx_cap(huge))));
}

/* ---- cache operations ---- */

static const uint64_t page_labels[] = {LABEL_PAGE_CLEAN_DATA, LABEL_PAGE_INVALIDATE_DATA,
                                       LABEL_PAGE_CLEAN_INVALIDATE_DATA,
                                       LABEL_PAGE_UNIFY_INSTRUCTION};
static const uint64_t space_labels[] = {LABEL_VSPACE_CLEAN_DATA, LABEL_VSPACE_INVALIDATE_DATA,
                                        LABEL_VSPACE_CLEAN_INVALIDATE_DATA,
                                        LABEL_VSPACE_UNIFY_INSTRUCTION};

static void page_cache_checks(void **unused)
{
    (void)unused;
    map_tables(3);
    for (unsigned i = 0; i < 4; i++) {
        uint64_t l = page_labels[i];
        REFUSED(frame, l, W(8), C(), ERROR_TRUNCATED_MESSAGE, I());
        REFUSED(frame, l, W(8, 8), C(), ERROR_ILLEGAL_OPERATION, I()); /* not mapped */
        map(frame, V);
        REFUSED(frame, l, W(8, 8), C(), ERROR_INVALID_ARGUMENT, I(1));
        REFUSED(frame, l, W(~0ull, 0), C(), ERROR_INVALID_ARGUMENT, I(1));
        REFUSED(frame, l, W(0, 4097), C(), ERROR_INVALID_ARGUMENT, I(0));
        REFUSED(frame, l, W(4096, 4097), C(), ERROR_INVALID_ARGUMENT, I(0));
        REFUSED(frame, l, W(0, ~0ull), C(), ERROR_INVALID_ARGUMENT, I(0));
        OK(frame, l, W(0, 4096), C());
        OK(frame, l, W(4095, 4096), C());
        OK(frame, MAP, W(V, RIGHT_READ, 3), C(SPACE)); /* user read-only */
        if (l == LABEL_PAGE_INVALIDATE_DATA)
            REFUSED(frame, l, W(0, 64), C(), ERROR_ILLEGAL_OPERATION, I());
        else
            OK(frame, l, W(0, 64), C());
        OK(frame, LABEL_PAGE_UNMAP, W(), C());
    }
}

static void space_cache_checks(void **unused)
{
    (void)unused;
    map_tables(3);
    map(frame, V);
    for (unsigned i = 0; i < 4; i++) {
        uint64_t l = space_labels[i];
        REFUSED(SPACE, l, W(V), C(), ERROR_TRUNCATED_MESSAGE, I());
        REFUSED(SPACE, l, W(~0ull, ~0ull), C(), ERROR_INVALID_ARGUMENT, I(1));
        REFUSED(SPACE, l, W(V, 0x800000000000), C(), ERROR_ILLEGAL_OPERATION, I());
        REFUSED(empty_space, l, W(V, 0x800000000000), C(), ERROR_ILLEGAL_OPERATION, I());
        REFUSED(empty_space, l, W(V, V + 1), C(), ERROR_INVALID_CAPABILITY, I(0));
        REFUSED(SPACE, l, W(V, V + 0x1001), C(), ERROR_RANGE, I(V, V + 0xfff));
        REFUSED(SPACE, l, W(V + 5, V + 0x1001), C(), ERROR_RANGE, I(V + 5, V + 0xfff));
        OK(SPACE, l, W(V + 0x1000, V + 0x9000), C()); /* a hole */
        OK(SPACE, l, W(V, V + 0x1000), C());
    }
    OK(frame, MAP, W(V, RIGHT_READ, 3), C(SPACE));
    REFUSED(SPACE, LABEL_VSPACE_INVALIDATE_DATA, W(V, V + 1), C(), ERROR_ILLEGAL_OPERATION, I());
}

static void device_frames_have_no_lines(void **unused)
{
    (void)unused;
    map_tables(2);
    map(large, V);
    OK(large, LABEL_PAGE_CLEAN_DATA, W(0, 0x200000), C());
    OK(SPACE, LABEL_VSPACE_CLEAN_INVALIDATE_DATA, W(V, V + 0x200000), C());
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, mapping_setup, fx_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(table_map_checks),
        CASE(tables_land_top_down),
        CASE(table_unmap),
        CASE(table_deleted),
        CASE(page_map_checks),
        CASE(where_the_walk_stops),
        CASE(silent_replacement),
        CASE(rights_and_attributes),
        CASE(one_mapping_a_cap),
        CASE(get_address),
        CASE(page_cache_checks),
        CASE(space_cache_checks),
        CASE(device_frames_have_no_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
