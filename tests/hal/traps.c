/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Steps: what a trap looks like, and that a context survives the way to EL0 and back.
 */
#include "suite.h"

static void expect(const struct trap *t, enum trap_kind kind, uint32_t esr, uint64_t far,
                   const char *name)
{
    check(t->kind == kind, name);
    if (kind != TRAP_SYSCALL)
        equals(t->esr, esr, "... with this syndrome");
    equals(t->far, far, "... and this address");
}

/* Both PCs of anything but a system call. */
static void expect_pc(uint64_t pc)
{
    equals(user.reg[REG_PC], pc, "... at this instruction");
    equals(user.next_pc, pc, "... which would be executed again");
}

static uint64_t pattern(unsigned i)
{
    return 0x1111000000000000ull + i * 0x100000001ull;
}

/* ---- system call: every register is saved and restored ---- */

static void prepare_svc(void)
{
    BEGIN(INSN_SVC, INSN_ADD_X0_1, INSN_SVC, INSN_READ_TPIDR, INSN_READ_RO, INSN_SVC);
    for (unsigned i = REG_X0; i <= REG_TPIDRRO_EL0; i++) {
        user.reg[i] = pattern(i);
    }
    user.reg[REG_SP] = pattern(REG_SP) & ~15ull;
    user.reg[REG_SPSR] = 0xf0000040;
}

static void judge_svc(const struct trap *t)
{
    expect(t, TRAP_SYSCALL, ESR_SVC, 0, "svc is a system call");
    equals(user.reg[REG_PC], code_at(0), "... whose restart address is the svc");
    equals(user.next_pc, code_at(1), "... and which returns behind it");
    bool same = true;
    for (unsigned i = REG_X0; i <= REG_TPIDRRO_EL0; i++) {
        same = same && user.reg[i] == pattern(i);
    }
    check(same, "registers and thread pointers are as they were");
    equals(user.reg[REG_SP], pattern(REG_SP) & ~15ull, "SP is as it was");
    equals(user.reg[REG_SPSR], 0xf0000040, "flags are as they were");
}

static void prepare_nothing(void)
{
}

static void judge_add(const struct trap *t)
{
    expect(t, TRAP_SYSCALL, ESR_SVC, 0, "EL0 goes on behind the svc");
    equals(user.reg[REG_X0], pattern(REG_X0) + 1, "an instruction has changed its register");
    equals(user.reg[REG_X28], pattern(REG_X28), "and no other");
}

static void judge_thread_pointers(const struct trap *t)
{
    expect(t, TRAP_SYSCALL, ESR_SVC, 0, "EL0 has read its thread pointers");
    equals(user.reg[REG_X0], pattern(REG_TPIDR_EL0), "TPIDR_EL0 as in the context");
    equals(user.reg[REG_X1], pattern(REG_TPIDRRO_EL0), "TPIDRRO_EL0 as in the context");
}

/* next_pc, not the restart address, is where EL0 resumes. */
static void prepare_resume(void)
{
    BEGIN(INSN_UDF, INSN_MOVZ_X0(9), INSN_SVC);
    user.next_pc = code_at(1);
}

static void judge_resume(const struct trap *t)
{
    expect(t, TRAP_SYSCALL, ESR_SVC, 0, "EL0 resumes at next_pc");
    equals(user.reg[REG_X0], 9, "the instruction there was executed");
}

/* ---- aborts ---- */

static void prepare_read_hole(void)
{
    BEGIN(INSN_LDR, INSN_SVC);
    user.reg[REG_X1] = USER_HOLE + 8;
}

static void judge_read_hole(const struct trap *t)
{
    expect(t, TRAP_DATA_ABORT, ESR_READ_LEVEL_3, USER_HOLE + 8,
           "a read of nothing is a data abort");
    expect_pc(code_at(0));
}

static void prepare_read_far(void)
{
    BEGIN(INSN_LDR, INSN_SVC);
    user.reg[REG_X1] = USER_FAR;
}

static void judge_read_far(const struct trap *t)
{
    expect(t, TRAP_DATA_ABORT, ESR_READ_LEVEL_0, USER_FAR, "a read without any table");
}

static void prepare_kernel_read(void)
{
    BEGIN(INSN_LDR, INSN_SVC);
    user.reg[REG_X1] = 0xfffffffffffff000ull;
}

static void judge_kernel_read(const struct trap *t)
{
    check(t->kind == TRAP_DATA_ABORT, "EL0 cannot read the kernel's half");
    equals(t->far, 0xfffffffffffff000ull, "... and the address says where");
    equals(user.reg[REG_X0], 0, "... and nothing was read");
}

static void prepare_write_code(void)
{
    BEGIN(INSN_STR, INSN_SVC);
    user.reg[REG_X1] = USER_CODE;
}

static void judge_write_code(const struct trap *t)
{
    expect(t, TRAP_DATA_ABORT, ESR_WRITE_PERMISSION, USER_CODE, "a write to a read-only page");
}

static void prepare_jump_hole(void)
{
    BEGIN(INSN_BR_X1);
    user.reg[REG_X1] = USER_HOLE;
}

static void judge_jump_hole(const struct trap *t)
{
    expect(t, TRAP_INSTRUCTION_ABORT, ESR_FETCH_LEVEL_3, USER_HOLE, "a jump to nothing");
    expect_pc(USER_HOLE);
}

static void prepare_jump_data(void)
{
    BEGIN(INSN_BR_X1);
    user.reg[REG_X1] = USER_DATA;
}

static void judge_jump_data(const struct trap *t)
{
    expect(t, TRAP_INSTRUCTION_ABORT, ESR_FETCH_PERMISSION, USER_DATA,
           "a jump to an execute-never page");
}

/* ---- other exceptions ---- */

static void prepare_undefined(void)
{
    BEGIN(INSN_UDF);
}

static void judge_undefined(const struct trap *t)
{
    expect(t, TRAP_USER_EXCEPTION, ESR_UNKNOWN, 0, "an undefined instruction");
    expect_pc(code_at(0));
}

static void prepare_brk(void)
{
    BEGIN(INSN_BRK);
}

static void judge_brk(const struct trap *t)
{
    expect(t, TRAP_USER_EXCEPTION, 0xf2000000, 0, "brk is an exception"); /* class 0x3c */
    expect_pc(code_at(0));
}

static void prepare_fp_off(void)
{
    BEGIN(INSN_FMOV_D31_X0, INSN_FMOV_X2_D31, INSN_SVC);
    user.reg[REG_X0] = 0x4242;
    hal_fpu_enable(false);
}

static void judge_fp_off(const struct trap *t)
{
    expect(t, TRAP_USER_EXCEPTION, ESR_FP, 0, "FP traps while it is off");
    expect_pc(code_at(0));
}

static void prepare_fp_on(void)
{
    static struct fp_state zero;
    hal_fpu_load(&zero);
    hal_fpu_enable(true);
}

static void judge_fp_on(const struct trap *t)
{
    static struct fp_state found;
    expect(t, TRAP_SYSCALL, ESR_SVC, 0, "the same instruction runs once FP is on");
    equals(user.reg[REG_X2], 0x4242, "EL0 reads back what it wrote");
    hal_fpu_save(&found);
    equals(found.v[62], 0x4242, "V31 of EL0 is saved");
}

/* ---- EL0's access to system registers (abi/boot.md §1, §5) ---- */

static const struct boot_options all_closed;
static const struct boot_options counters_open = {.el0_virtual_counter = true};

static void prepare_counter_off(void)
{
    hal_user_access(&all_closed);
    BEGIN(INSN_READ_CNTVCT, INSN_SVC);
}

static void judge_counter_off(const struct trap *t)
{
    check(t->kind == TRAP_USER_EXCEPTION, "the virtual counter traps while it is closed");
    equals(t->esr >> 26, 0x18, "... as a system-register access");
    expect_pc(code_at(0));
}

static uint64_t counter_before;

static void prepare_counter_on(void)
{
    counter_before = hal_timer_now();
    hal_user_access(&counters_open);
}

static void judge_counter_on(const struct trap *t)
{
    expect(t, TRAP_SYSCALL, ESR_SVC, 0, "the virtual counter can be opened to EL0");
    check(user.reg[REG_X0] >= counter_before && user.reg[REG_X0] <= hal_timer_now(),
          "... and is the timer's");
}

static void prepare_physical_counter(void)
{
    BEGIN(INSN_READ_CNTPCT, INSN_SVC);
}

static void judge_physical_counter(const struct trap *t)
{
    check(t->kind == TRAP_USER_EXCEPTION, "the physical counter is still closed");
    hal_user_access(&all_closed);
}

/* Each option opens its own register and no other (abi/boot.md §5): of five reads the four others
 * trap, each a step, then the svc comes. */
static void open_one(unsigned option)
{
    const struct boot_options access = {
        .el0_physical_counter = option == 0,
        .el0_virtual_counter = option == 1,
        .el0_physical_timer = option == 2,
        .el0_virtual_timer = option == 3,
        .el0_pmu = option == 4,
    };
    hal_user_access(&access);
}

enum {
    REGISTERS = 5
};
static unsigned reads; /* steps so far */

static void prepare_read_registers(void)
{
    if (reads % REGISTERS != 0) {
        user.next_pc = user.reg[REG_PC] + 4;
        return;
    }
    open_one(reads / REGISTERS);
    BEGIN(INSN_READ_CNTPCT, INSN_READ_CNTVCT, INSN_READ_CNTP_CTL, INSN_READ_CNTV_CTL,
          INSN_READ_PMCR, INSN_SVC);
}

static void judge_read_registers(const struct trap *t)
{
    unsigned option = reads / REGISTERS, n = reads % REGISTERS;
    reads++;
    if (n == REGISTERS - 1) {
        expect(t, TRAP_SYSCALL, ESR_SVC, 0, "an option opens its register to EL0");
        hal_user_access(&all_closed);
        return;
    }
    check(t->kind == TRAP_USER_EXCEPTION && t->esr >> 26 == 0x18, "... and leaves others closed");
    expect_pc(code_at(n < option ? n : n + 1));
}

static void prepare_cache_access(void)
{
    BEGIN(INSN_READ_CTR, INSN_CLEAN_X1, INSN_SVC);
    user.reg[REG_X1] = USER_DATA;
}

static void judge_cache_access(const struct trap *t)
{
    expect(t, TRAP_SYSCALL, ESR_SVC, 0, "EL0 may read CTR_EL0 and clean its caches");
    check(user.reg[REG_X0] != 0, "CTR_EL0 is not zero");
}

static void prepare_wait_instructions(void)
{
    hal_timer_arm(hal_timer_now() + machine_platform->timer_hz * 3600ull);
    BEGIN(INSN_WFE, INSN_SVC);
}

static void judge_wait_instructions(const struct trap *t)
{
    expect(t, TRAP_SYSCALL, ESR_SVC, 0, "wfe at EL0 returns");
}

#define FIVE(...) __VA_ARGS__, __VA_ARGS__, __VA_ARGS__, __VA_ARGS__, __VA_ARGS__

const struct step trap_steps[] = {
    {"svc", prepare_svc, judge_svc, false},
    {"behind svc", prepare_nothing, judge_add, false},
    {"thread pointers", prepare_nothing, judge_thread_pointers, false},
    {"next_pc", prepare_resume, judge_resume, false},
    {"read hole", prepare_read_hole, judge_read_hole, false},
    {"read far", prepare_read_far, judge_read_far, false},
    {"kernel half", prepare_kernel_read, judge_kernel_read, false},
    {"write code", prepare_write_code, judge_write_code, false},
    {"jump to hole", prepare_jump_hole, judge_jump_hole, false},
    {"jump to data", prepare_jump_data, judge_jump_data, false},
    {"udf", prepare_undefined, judge_undefined, false},
    {"brk", prepare_brk, judge_brk, false},
    {"FP off", prepare_fp_off, judge_fp_off, false},
    {"FP on", prepare_fp_on, judge_fp_on, false},
    {"counter closed", prepare_counter_off, judge_counter_off, false},
    {"counter open", prepare_counter_on, judge_counter_on, false},
    {"physical counter", prepare_physical_counter, judge_physical_counter, false},
    FIVE(FIVE({"EL0 options", prepare_read_registers, judge_read_registers, false})),
    {"cache instructions", prepare_cache_access, judge_cache_access, false},
    {"wfe", prepare_wait_instructions, judge_wait_instructions, false},
    {NULL, NULL, NULL, false},
};
