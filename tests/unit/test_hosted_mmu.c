/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The translation model and the translation checker: every rule is broken once on purpose.
 * Descriptor encodings: ARM DDI 0487 D5.3; fault words: abi/vectors.md §7 and DDI 0487 D13.2.37.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core_stubs.h"
#include "hal.h"
#include "machine.h"
#include "mmu_model.h"

/* Tables and frames by hand: physical pages of a 256 KiB machine. */
enum {
    ROOT = 0x40010000,
    LEVEL1 = 0x40011000,
    LEVEL2 = 0x40012000,
    LEVEL3 = 0x40013000,
    ROOT_B = 0x40014000,
    FRAME_A = 0x40020000,
    FRAME_B = 0x40021000,
    ASID = 7,
    /* valid, page, AP = EL0 read-write, AF, nG, normal memory (index 4), UXN clear */
    PAGE_RW = 0x3 | 4 << 2 | 1 << 6 | 1 << 10 | 1 << 11,
    READ_ONLY = 1 << 7,
    TABLE = 0x3,
};
static const uint64_t va = 0x8040201000; /* index 1 at every level */

static struct cpu *cpu;

static uint64_t *entry_of(uint64_t table, unsigned index)
{
    return (uint64_t *)hal_window(paddr(table)) + index;
}

static int start(void **unused)
{
    struct platform platform;
    (void)unused;
    machine_small_platform(&platform, 256 * 1024);
    machine_create(&platform, 0);
    cpu = machine_boot();
    hal_pte_store(entry_of(ROOT, 1), LEVEL1 | TABLE);
    hal_pte_store(entry_of(LEVEL1, 1), LEVEL2 | TABLE);
    hal_pte_store(entry_of(LEVEL2, 1), LEVEL3 | TABLE);
    hal_pte_store(entry_of(LEVEL3, 1), FRAME_A | PAGE_RW);
    return 0;
}

static int end(void **unused)
{
    (void)unused;
    machine_destroy();
    return 0;
}

static void enter(void)
{
    struct trap trap = {.kind = TRAP_INTERRUPT};
    machine_enter(cpu, &trap);
}

static void run_space(void)
{
    hal_space_switch(paddr(ROOT), ASID);
    enter();
}

static void expect_violation(void (*fn)(void *), const char *part)
{
    assert_int_equal(machine_guard(fn, NULL), MACHINE_VIOLATION);
    if (strstr(machine_violation(), part) == NULL) {
        fail_msg("expected a sentence with \"%s\", found \"%s\"", part, machine_violation());
    }
}

/* ---- the model ---- */

static uint64_t read_table(uint64_t pa)
{
    return *(uint64_t *)hal_window(paddr(pa));
}

static void walk_finds_page_and_block(void **unused)
{
    struct translation t;
    (void)unused;
    mmu_walk(ROOT, va + 0x123, read_table, &t);
    assert_int_equal(t.result, MMU_OK);
    assert_int_equal(t.level, 3);
    assert_int_equal(t.pa, FRAME_A + 0x123);
    assert_int_equal(t.attr_index, 4);
    assert_true(t.el0_read && t.el0_write && t.el0_execute);
    *entry_of(LEVEL2, 2) = 0x40200000 | (PAGE_RW & ~2ull); /* 2 MiB block */
    mmu_walk(ROOT, 0x8040400000 + 0x12345, read_table, &t);
    assert_int_equal(t.result, MMU_OK);
    assert_int_equal(t.level, 2);
    assert_int_equal(t.pa, 0x40200000 + 0x12345);
    assert_int_equal(t.span, 1 << 21);
}

static void check_fault(uint64_t at, enum mmu_access access, uint32_t esr)
{
    struct translation t;
    mmu_access(ROOT, at, access, read_table, &t);
    assert_int_equal(mmu_esr(&t, access), esr);
}

/* 0x92000005 and 0x82000004: abi/vectors.md §7; the others by D13.2.37. */
static void faults_have_their_syndrome(void **unused)
{
    (void)unused;
    check_fault(0x0, MMU_EXECUTE, 0x82000004);
    check_fault(0x8000000000, MMU_READ, 0x92000005);
    check_fault(0x8000000000, MMU_WRITE, 0x92000045);
    check_fault(va + 0x1000, MMU_READ, 0x92000007);
    check_fault(1ull << 63, MMU_READ, 0x92000004);
    *entry_of(LEVEL3, 1) |= READ_ONLY | 1ull << 54;
    check_fault(va, MMU_READ, 0);
    check_fault(va, MMU_WRITE, 0x9200004f);
    check_fault(va, MMU_EXECUTE, 0x8200000f);
    *entry_of(LEVEL3, 1) &= ~(1ull << 10); /* access flag */
    check_fault(va, MMU_READ, 0x9200000b);
    *entry_of(LEVEL3, 1) = FRAME_A | (PAGE_RW & ~2ull); /* reserved at level 3 */
    check_fault(va, MMU_READ, 0x92000007);
}

static void table_bits_take_rights_away(void **unused)
{
    struct translation t;
    (void)unused;
    *entry_of(LEVEL1, 1) |= 1ull << 62; /* APTable[1]: read-only */
    mmu_walk(ROOT, va, read_table, &t);
    assert_true(t.el0_read && !t.el0_write && t.el0_execute);
    *entry_of(LEVEL1, 1) |= 1ull << 61 | 1ull << 60;
    mmu_walk(ROOT, va, read_table, &t);
    assert_false(t.el0_read || t.el0_write || t.el0_execute);
}

/* ---- the checker: what is right passes ---- */

static void correct_maintenance_passes(void **unused)
{
    (void)unused;
    run_space();
    hal_pte_store(entry_of(LEVEL3, 2), FRAME_B | PAGE_RW); /* a new one needs nothing */
    enter();
    hal_pte_store(entry_of(LEVEL3, 1), FRAME_A | PAGE_RW | READ_ONLY);
    hal_tlb_invalidate_page(ASID, vaddr(va));
    enter();
    hal_pte_store(entry_of(LEVEL3, 1), 0);
    hal_tlb_invalidate_page(ASID, vaddr(va + 0xff8));
    hal_pte_store(entry_of(LEVEL3, 1), FRAME_B | PAGE_RW);
    enter();
    hal_pte_store(entry_of(ROOT, 1), 0);
    hal_tlb_invalidate_asid(ASID);
    enter();
    hal_space_switch(paddr(0), 0);
    hal_tlb_invalidate_asid(ASID);
    hal_space_switch(paddr(ROOT_B), ASID);
    hal_memory_typed(paddr(FRAME_B), 4096);
    enter();
}

static void space_that_never_ran_needs_nothing(void **unused)
{
    (void)unused;
    hal_pte_store(entry_of(LEVEL3, 1), 0);
    enter();
}

/* ---- and every omission is seen ---- */

static void unmap_without_invalidation(void *unused)
{
    (void)unused;
    run_space();
    hal_pte_store(entry_of(LEVEL3, 1), 0);
    enter();
}

static void unmap_with_the_wrong_page(void *unused)
{
    (void)unused;
    run_space();
    hal_pte_store(entry_of(LEVEL3, 1), 0);
    hal_tlb_invalidate_page(ASID, vaddr(va + 0x1000));
    enter();
}

static void unmap_with_the_wrong_asid(void *unused)
{
    (void)unused;
    run_space();
    hal_pte_store(entry_of(LEVEL3, 1), 0);
    hal_tlb_invalidate_asid(ASID + 1);
    enter();
}

static void permission_without_invalidation(void *unused)
{
    (void)unused;
    run_space();
    hal_pte_store(entry_of(LEVEL3, 1), FRAME_A | PAGE_RW | READ_ONLY);
    enter();
}

/* The walk entry is covered by any address in its span, the page below it is not. */
static void table_gone_page_left(void *unused)
{
    (void)unused;
    run_space();
    hal_pte_store(entry_of(LEVEL2, 1), 0);
    hal_tlb_invalidate_page(ASID, vaddr(va + 0x5000));
    enter();
}

static void table_gone_walk_left(void *unused)
{
    (void)unused;
    run_space();
    hal_pte_store(entry_of(LEVEL3, 1), 0);
    hal_tlb_invalidate_page(ASID, vaddr(va));
    hal_pte_store(entry_of(LEVEL2, 1), 0);
    enter();
}

/* A space that ran earlier counts as cached too. */
static void other_space_unmapped(void *unused)
{
    (void)unused;
    run_space();
    hal_space_switch(paddr(ROOT_B), ASID + 1);
    enter();
    hal_pte_store(entry_of(LEVEL3, 1), 0);
    enter();
}

static void asid_used_again(void *unused)
{
    (void)unused;
    run_space();
    hal_space_switch(paddr(ROOT_B), ASID);
}

static void stale_frame_becomes_objects(void *unused)
{
    (void)unused;
    run_space();
    hal_pte_store(entry_of(LEVEL3, 1), 0);
    hal_memory_typed(paddr(FRAME_A), 4096);
}

static void mapped_frame_becomes_objects(void *unused)
{
    (void)unused;
    run_space();
    hal_memory_typed(paddr(FRAME_A + 0x800), 64);
}

static void live_table_becomes_objects(void *unused)
{
    (void)unused;
    run_space();
    hal_memory_typed(paddr(LEVEL2), 4096);
}

static void replaced_without_a_break(void *unused)
{
    (void)unused;
    hal_pte_store(entry_of(LEVEL3, 1), FRAME_B | PAGE_RW);
}

static void attributes_without_a_break(void *unused)
{
    (void)unused;
    hal_pte_store(entry_of(LEVEL3, 1), FRAME_A | (PAGE_RW & ~(7ull << 2)));
}

static void root_without_asid(void *unused)
{
    (void)unused;
    hal_space_switch(paddr(ROOT), 0);
}

static void entry_outside_ram(void *unused)
{
    (void)unused;
    hal_pte_store(hal_window(paddr(0x9000000)), 0);
}

struct omission {
    void (*fn)(void *);
    const char *sentence;
};

static const struct omission omissions[] = {
    {unmap_without_invalidation, "at return to user level: ASID 7 still has the level-3 mapping"},
    {unmap_with_the_wrong_page, "at return to user level"},
    {unmap_with_the_wrong_asid, "at return to user level"},
    {permission_without_invalidation, "level-3 mapping for 0x8040201000"},
    {table_gone_page_left, "level-3 mapping for 0x8040201000"},
    {table_gone_walk_left, "level-2 table entry for 0x8040200000"},
    {other_space_unmapped, "ASID 7 still has"},
    {asid_used_again, "ASID 7 is used for root 0x40014000"},
    {stale_frame_becomes_objects, "before its memory is used again"},
    {mapped_frame_becomes_objects, "is still mapped at 0x8040201000"},
    {live_table_becomes_objects, "holds a level-2 table of ASID 7"},
    {replaced_without_a_break, "break before make"},
    {attributes_without_a_break, "break before make"},
    {root_without_asid, "with ASID 0"},
    {entry_outside_ram, "expected 8 aligned bytes of RAM"},
};

static void every_omission_is_reported(void **unused)
{
    for (size_t i = 0; i < sizeof omissions / sizeof omissions[0]; i++) {
        start(unused);
        expect_violation(omissions[i].fn, omissions[i].sentence);
        end(unused);
    }
}

static void snapshot_keeps_the_checker(void **unused)
{
    void *copy = test_malloc(machine_snapshot_bytes());
    (void)unused;
    run_space();
    machine_snapshot(copy);
    hal_space_switch(paddr(0), 0);
    hal_tlb_invalidate_asid(ASID);
    machine_restore(copy);
    expect_violation(asid_used_again, "was never invalidated");
    test_free(copy);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(walk_finds_page_and_block),
        CASE(faults_have_their_syndrome),
        CASE(table_bits_take_rights_away),
        CASE(correct_maintenance_passes),
        CASE(space_that_never_ran_needs_nothing),
        CASE(snapshot_keeps_the_checker),
        cmocka_unit_test(every_omission_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
