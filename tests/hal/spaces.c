/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Steps: translations are forgotten when the contract says so, spaces do not mix, and new code is
 * seen.
 */
#include "suite.h"

static struct paddr other; /* a second page for USER_HOLE */

/* A system call, with x0 = value: the last load saw it. */
static void expect_loaded(const struct trap *t, uint64_t value, const char *name)
{
    check(t->kind == TRAP_SYSCALL, name);
    equals(user.reg[REG_X0], value, "... reading this value");
}

static void prepare_load(uint64_t address)
{
    BEGIN(INSN_LDR, INSN_SVC);
    user.reg[REG_X1] = address;
}

/* ---- a fault, a mapping, and the instruction again ---- */

static void prepare_fault(void)
{
    other = new_page();
    words(other)[0] = 0xabc;
    words(one.data)[0] = 0x111;
    words(two.data)[0] = 0x222;
    prepare_load(USER_HOLE);
}

static void judge_fault(const struct trap *t)
{
    equals(t->esr, ESR_READ_LEVEL_3, "nothing is mapped yet");
}

static void prepare_map(void)
{
    hal_pte_store(user_entry(&one, USER_HOLE),
                  pte_user_leaf(other.raw, 3, PTE_USER_RO, true, true));
}

static void judge_map(const struct trap *t)
{
    expect_loaded(t, 0xabc, "the instruction succeeds once the page is mapped");
}

/* ---- another page in its place (break before make) ---- */

static void prepare_replace(void)
{
    uint64_t *entry = user_entry(&one, USER_HOLE);
    hal_pte_store(entry, 0);
    hal_tlb_invalidate_page(one.asid, vaddr(USER_HOLE));
    hal_pte_store(entry, pte_user_leaf(one.data.raw, 3, PTE_USER_RO, true, true));
    prepare_load(USER_HOLE);
}

static void judge_replace(const struct trap *t)
{
    expect_loaded(t, 0x111, "another page at the same address is seen");
}

/* ---- permissions ---- */

static void prepare_store(void)
{
    BEGIN(INSN_STR, INSN_SVC);
    user.reg[REG_X0] = 0x999;
    user.reg[REG_X1] = USER_HOLE;
}

static void judge_store(const struct trap *t)
{
    equals(t->esr, ESR_WRITE_PERMISSION, "the page is read-only");
}

static void prepare_permit(void)
{
    hal_pte_store(user_entry(&one, USER_HOLE),
                  pte_user_leaf(one.data.raw, 3, PTE_USER_RW, true, true));
    hal_tlb_invalidate_page(one.asid, vaddr(USER_HOLE));
}

static void judge_permit(const struct trap *t)
{
    check(t->kind == TRAP_SYSCALL, "the write succeeds once it is permitted");
    equals(words(one.data)[0], 0x999, "the window sees what EL0 wrote");
}

/* ---- taken away ---- */

static void prepare_unmap(void)
{
    hal_pte_store(user_entry(&one, USER_HOLE), 0);
    hal_tlb_invalidate_page(one.asid, vaddr(USER_HOLE));
    prepare_load(USER_HOLE);
}

static void judge_unmap(const struct trap *t)
{
    equals(t->esr, ESR_READ_LEVEL_3, "an unmapped page is gone");
}

static void prepare_load_data(void)
{
    prepare_load(USER_DATA);
}

static void judge_load_data(const struct trap *t)
{
    expect_loaded(t, 0x999, "the data page is in use");
}

static void prepare_unmap_space(void)
{
    hal_pte_store(user_entry(&one, USER_DATA), 0);
    hal_tlb_invalidate_asid(one.asid);
    prepare_load(USER_DATA);
}

static void judge_unmap_space(const struct trap *t)
{
    equals(t->esr, ESR_READ_LEVEL_3, "invalidating the ASID forgets its pages");
    hal_pte_store(user_entry(&one, USER_DATA),
                  pte_user_leaf(one.data.raw, 3, PTE_USER_RW, true, true));
}

/* ---- a table taken away: walk entries are forgotten by the page's invalidation ---- */

enum {
    USER_TABLE = 0x800000
}; /* a 2 MiB span of its own */

static void prepare_table(void)
{
    hal_pte_store(user_entry(&one, USER_TABLE),
                  pte_user_leaf(other.raw, 3, PTE_USER_RO, true, true));
    prepare_load(USER_TABLE);
}

static void judge_table(const struct trap *t)
{
    expect_loaded(t, 0xabc, "a page below a table of its own");
}

static void prepare_no_table(void)
{
    struct paddr level1 = paddr(pte_address(hal_pte_load(&words(one.root)[0])));
    struct paddr level2 = paddr(pte_address(hal_pte_load(&words(level1)[0])));
    hal_pte_store(&words(level2)[pte_index(USER_TABLE, 2)], 0);
    hal_tlb_invalidate_page(one.asid, vaddr(USER_TABLE));
    prepare_load(USER_TABLE);
}

static void judge_no_table(const struct trap *t)
{
    equals(t->esr, 0x92000006, "a table taken away is gone"); /* translation fault level 2 */
}

/* ---- spaces ---- */

static void prepare_two(void)
{
    words(one.data)[0] = 0x111;
    prepare_load(USER_DATA);
    hal_space_switch(two.root, two.asid);
}

static void judge_two(const struct trap *t)
{
    expect_loaded(t, 0x222, "the second space has its own page at the same address");
}

static void prepare_one(void)
{
    prepare_load(USER_DATA);
}

static void judge_one(const struct trap *t)
{
    expect_loaded(t, 0x111, "and the first space still has its own");
}

static void prepare_empty(void)
{
    prepare_load(USER_DATA);
    hal_space_switch(paddr(0), 0);
}

static void judge_empty(const struct trap *t)
{
    check(t->kind == TRAP_INSTRUCTION_ABORT, "in the empty space not even a fetch succeeds");
    equals(t->esr, ESR_FETCH_LEVEL_0, "... there is no table at all");
    equals(t->far, code_at(0), "... for the first instruction");
}

/* ---- code ---- */

static void prepare_code(void)
{
    BEGIN(INSN_MOVZ_X0(1), INSN_SVC);
}

static void judge_code(const struct trap *t)
{
    check(t->kind == TRAP_SYSCALL && user.reg[REG_X0] == 1, "code runs");
}

static void prepare_new_code(void)
{
    uint64_t leaf = hal_pte_load(user_entry(&one, USER_CODE));
    struct paddr pa = paddr(pte_address(leaf) + (code_at(0) - USER_CODE));
    *(uint32_t *)hal_window(pa) = INSN_MOVZ_X0(2);
    hal_cache_range(HAL_CACHE_UNIFY, pa, 4);
    user.reg[REG_PC] = user.next_pc = code_at(0);
}

static void judge_new_code(const struct trap *t)
{
    check(t->kind == TRAP_SYSCALL && user.reg[REG_X0] == 2,
          "changed code runs after HAL_CACHE_UNIFY");
}

const struct step memory_steps[] = {
    {"fault", prepare_fault, judge_fault, false},
    {"map", prepare_map, judge_map, false},
    {"replace", prepare_replace, judge_replace, false},
    {"store", prepare_store, judge_store, false},
    {"permit", prepare_permit, judge_permit, false},
    {"unmap", prepare_unmap, judge_unmap, false},
    {"data page", prepare_load_data, judge_load_data, false},
    {"unmap space", prepare_unmap_space, judge_unmap_space, false},
    {"table", prepare_table, judge_table, false},
    {"no table", prepare_no_table, judge_no_table, false},
    {"second space", prepare_two, judge_two, false},
    {"first space", prepare_one, judge_one, false},
    {"empty space", prepare_empty, judge_empty, false},
    {"code", prepare_code, judge_code, false},
    {"new code", prepare_new_code, judge_new_code, false},
    {NULL, NULL, NULL, false},
};
