/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The CPU engine of cpu.h on the Unicorn library (2.0.1); no file but the cpu_unicorn ones knows
 * it. Unicorn itself is GPLv2: it is linked into hosted programs only. The engine is "plain",
 * through the library's public interface alone, or "fast", with the repairs of cpu_unicorn_fast.c;
 * both give the same results.
 *
 * How it works: the emulated core has dropped to EL0 by a real ERET; the library reports every
 * exception instead of taking it. Stage 1 of the translation reads the kernel's own tables in RAM.
 * Stage 2, whose tables are in a private page range ("ROM"), allows only RAM and devices: an access
 * to anything else is a precise fault there and is reported as the external abort that hardware
 * would give. Rules of this library version that the code keeps:
 *  - stop only from the block and the interrupt hook;
 *  - find syndrome and address in the saved state at places calibrated at start-up;
 *  - every address must belong to some region, or data accesses fail by their virtual address;
 *  - FP/SIMD never traps, so blocks are searched for such instructions while it should;
 *  - flushing all translated code takes 90 ms, removing that of one page goes by virtual address.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu_unicorn.h"
#include "cpu_unicorn_fast.h"
#include "mmu_model.h"
#include "status.h"

enum {
    EXCP_SWI = 2, /* numbers of the interrupt hook */
    EXCP_PREFETCH_ABORT = 3,
    EXCP_DATA_ABORT = 4,
};

static const uint64_t tcr_epd0 = 1ull << 7;

struct engine engine;

_Noreturn void engine_broken(const char *what, uc_err err)
{
    fflush(stdout);
    fprintf(stderr, "kaal-hosted: CPU engine: %s: %s\n", what, uc_strerror(err));
    exit(STATUS_ENGINE);
}

void engine_must(uc_err err, const char *what)
{
    if (err != UC_ERR_OK) {
        engine_broken(what, err);
    }
}

void engine_sys_write(const struct sysreg *r, uint64_t value)
{
    uc_arm64_cp_reg cp = {
        .op0 = r->op0, .op1 = r->op1, .crn = r->crn, .crm = r->crm, .op2 = r->op2, .val = value};
    engine_must(uc_reg_write(engine.uc, UC_ARM64_REG_CP_REG, &cp), "system register");
}

/* ---- hooks ---- */

static void on_exception(uc_engine *uc, uint32_t number, void *unused)
{
    (void)unused;
    engine.excepted = true;
    engine.exception = number;
    uc_emu_stop(uc);
}

/* Before each straight-line block: counts its instructions and is the only place to pause. */
static void on_block(uc_engine *uc, uint64_t address, uint32_t bytes, void *unused)
{
    (void)unused;
    engine.misaligned = address % 4 != 0;
    if (engine.left <= 0 || engine.interrupted || engine.misaligned) {
        engine.stopped_at = address;
        uc_emu_stop(uc);
        return;
    }
    const struct seen_page *page = engine_see_page(address);
    if (!engine.fp && page->fp && engine_finds_fp(page, address, bytes)) {
        engine.fp_ahead = true;
        engine.stopped_at = address;
        uc_emu_stop(uc);
        return;
    }
    engine.exclusive |= page->exclusive;
    engine.left -= bytes / 4;
    engine.block = address;
    engine.block_bytes = bytes;
}

/* The library checks region permissions by virtual address; permissions are the tables' matter. */
static bool on_fetch_protected(uc_engine *uc, uc_mem_type type, uint64_t address, int size,
                               int64_t value, void *unused)
{
    (void)uc;
    (void)type;
    (void)address;
    (void)size;
    (void)value;
    (void)unused;
    return true;
}

uint64_t engine_device_read(uc_engine *uc, uint64_t offset, unsigned bytes, void *page)
{
    (void)uc;
    return engine.bus.read((uint64_t)page + offset, bytes);
}

void engine_device_write(uc_engine *uc, uint64_t offset, unsigned bytes, uint64_t value, void *page)
{
    (void)uc;
    engine.bus.write((uint64_t)page + offset, bytes, value);
    engine.interrupted = engine.bus.interrupted();
}

static bool on_unmapped(uc_engine *uc, uc_mem_type type, uint64_t address, int size, int64_t value,
                        void *unused)
{
    (void)uc;
    (void)type;
    (void)size;
    (void)value;
    (void)unused;
    engine.unmapped = address;
    return false;
}

static void add_hook(int type, void *function)
{
    uc_hook handle;
    engine_must(uc_hook_add(engine.uc, &handle, type, function, NULL, 1, 0), "hook");
}

void engine_add_hooks(void)
{
    add_hook(UC_HOOK_INTR, (void *)on_exception);
    add_hook(UC_HOOK_BLOCK, (void *)on_block);
    add_hook(UC_HOOK_MEM_FETCH_PROT, (void *)on_fetch_protected);
    add_hook(UC_HOOK_MEM_UNMAPPED, (void *)on_unmapped);
}

/* ---- what the kernel changes between runs ---- */

static void engine_space(uint64_t root, uint16_t asid)
{
    engine.root = root;
    engine.asid = asid;
    engine.stale_space = true;
}

static void engine_translations_changed(void)
{
    engine.stale_translations = true;
    fast_translations_changed();
}

static void page_stale(struct code_pages *code, uint64_t page)
{
    if (code->state[page] != CODE_TRANSLATED) {
        return;
    }
    code->state[page] = CODE_STALE;
    if (code->stale_from == code->stale_to) {
        code->stale_from = code->stale_to = page;
    }
    code->stale_from = page < code->stale_from ? page : code->stale_from;
    code->stale_to = page + 1 > code->stale_to ? page + 1 : code->stale_to;
    engine.stale_code = true;
}

static void engine_code_changed(uint64_t pa, uint64_t bytes)
{
    for (unsigned i = 0; i < engine.code_count; i++) {
        struct code_pages *code = &engine.code[i];
        uint64_t from = pa > code->ram.start ? pa : code->ram.start;
        uint64_t to = pa + bytes < code->ram.end ? pa + bytes : code->ram.end;
        for (uint64_t at = from & ~(uint64_t)(PAGE - 1); at < to; at += PAGE) {
            page_stale(code, (at - code->ram.start) / PAGE);
        }
    }
}

static void engine_fp_enable(bool el0)
{
    engine.fp = el0;
}

static void set_root(uint64_t root, uint16_t asid)
{
    engine_sys_write(&ttbr0_el1, root | (uint64_t)asid << 48);
    engine_sys_write(&tcr_el1, root != 0 ? engine_tcr : engine_tcr | tcr_epd0);
}

static void set_space(uint64_t root, uint16_t asid)
{
    set_root(root, asid);
    engine_sys_write(&tlbi_alle1, 0);
}

/* With repairs no translation is dropped for a switch: the library never hears of the ASID, a
 * change of which would do that. */
static void set_space_fast(void)
{
    bool fresh;
    engine.seen = fast_space(engine.root, engine.asid, &fresh);
    if (engine.root != engine.set_root) {
        set_root(engine.root, 0);
        engine.set_root = engine.root;
    }
}

/* Translated code is removed by virtual address, so physical ones are made virtual for a while. */
static void drop_stale_code(void)
{
    if (!fast_is_on()) {
        engine_stage2(false);
        set_space(ENGINE_IDENTITY_ROOT, 0);
    }
    for (unsigned i = 0; i < engine.code_count; i++) {
        struct code_pages *code = &engine.code[i];
        for (uint64_t page = code->stale_from; page < code->stale_to; page++) {
            uint64_t pa = code->ram.start + page * PAGE;
            if (code->state[page] != CODE_STALE) {
                continue;
            }
            if (fast_is_on()) {
                fast_drop_code(i, page);
            } else {
                engine_must(uc_ctl_remove_cache(engine.uc, pa, pa + PAGE), "translated code");
            }
            code->state[page] = CODE_NONE;
        }
        code->stale_from = code->stale_to = 0;
    }
    if (!fast_is_on()) {
        engine_stage2(true);
    }
    fast_translations_changed(); /* what is noted about the pages is wrong */
    engine.stale_code = false;
    engine.stale_space = true;
}

static void apply_changes(void)
{
    if (engine.stale_code) {
        drop_stale_code();
    }
    if (!engine.stale_space && !engine.stale_translations) {
        return;
    }
    if (fast_is_on()) {
        set_space_fast();
    } else {
        set_space(engine.root, engine.asid);
        engine_forget_pages();
    }
    engine.stale_space = engine.stale_translations = false;
}

/* ---- one run ---- */

uc_err engine_emulate(uint64_t pc, uint64_t budget)
{
    engine.excepted = engine.misaligned = engine.fp_ahead = engine.interrupted = false;
    engine.block_bytes = 0;
    engine.left = budget > INT64_MAX ? INT64_MAX : (int64_t)budget;
    return uc_emu_start(engine.uc, pc, 0, 0, 0);
}

/* The processor's state as a saved one would show it. */
static uint8_t *saved_state(void)
{
    if (engine.state != NULL) {
        return engine.state;
    }
    engine_must(uc_context_save(engine.uc, engine.scratch), "state");
    return (uint8_t *)engine.scratch;
}

void engine_read_syndrome(uint32_t *esr, uint64_t *address)
{
    const uint8_t *state = saved_state();
    memcpy(esr, state + engine.syndrome_offset, sizeof *esr);
    memcpy(address, state + engine.address_offset, sizeof *address);
}

/* An abort that stage 1 does not explain came from stage 2: nothing answers at that address, the
 * synchronous external abort of hardware (DFSC 0x10). One that both explain must agree. */
static void settle_abort(struct cpu_exit *out)
{
    struct translation t;
    bool fetch = out->kind == CPU_INSTRUCTION_ABORT;
    enum mmu_access access = fetch ? MMU_EXECUTE : out->esr >> 6 & 1 ? MMU_WRITE : MMU_READ;
    uint32_t status = out->esr & 0x3f;
    mmu_access(engine.root, out->far, access, engine_read_ram, &t);
    uint32_t expected = mmu_esr(&t, access);
    if (expected == 0 && status < 0x10) {
        expected = (out->esr & 0xfe000040u) | 0x10;
    }
    if (status < 0x10 && expected != out->esr && (expected & 0x3f) != 0x10) {
        if (engine.on_trial) {
            return;
        }
        fprintf(stderr, "kaal-hosted: CPU engine: abort at 0x%llx has ESR 0x%x, the model 0x%x\n",
                (unsigned long long)out->far, out->esr, expected);
        exit(STATUS_ENGINE);
    }
    out->esr = status < 0x10 ? expected : out->esr;
}

static void settle_exception(struct context *context, struct cpu_exit *out)
{
    uint64_t address = 0;
    struct translation t;
    if (engine.exception == EXCP_SWI) {
        out->kind = CPU_SYSCALL;
        context->reg[REG_PC] -= 4;
        mmu_walk(engine.root, context->reg[REG_PC], engine_read_ram, &t);
        uint64_t word = engine_read_ram(t.pa & ~7ull) >> (t.pa & 4) * 8;
        out->esr = 0x56000000 | (uint32_t)(word >> 5 & 0xffff);
        return;
    }
    engine_read_syndrome(&out->esr, &address);
    out->kind = CPU_EXCEPTION;
    if (engine.exception == EXCP_DATA_ABORT || engine.exception == EXCP_PREFETCH_ABORT) {
        out->kind = engine.exception == EXCP_DATA_ABORT ? CPU_DATA_ABORT : CPU_INSTRUCTION_ABORT;
        out->far = address;
        settle_abort(out);
    }
}

/* The topmost page of the address space belongs to no region; the library stops with an error
 * there instead of translating. The tables' verdict is the same for every root. */
static void settle_unmapped(uc_err err, struct cpu_exit *out)
{
    struct translation t;
    enum mmu_access access = MMU_READ;
    if (err == UC_ERR_WRITE_UNMAPPED) {
        access = MMU_WRITE;
    } else if (err == UC_ERR_FETCH_UNMAPPED) {
        access = MMU_EXECUTE;
    } else if (err != UC_ERR_READ_UNMAPPED) {
        engine_broken("run", err);
    }
    out->kind = access == MMU_EXECUTE ? CPU_INSTRUCTION_ABORT : CPU_DATA_ABORT;
    out->far = engine.unmapped;
    mmu_access(engine.root, out->far, access, engine_read_ram, &t);
    out->esr = mmu_esr(&t, access);
    if (out->esr == 0) {
        engine_broken("unmapped", err);
    }
}

/* The block that was left early was counted whole. */
static uint64_t executed(uint64_t budget, const struct context *context, enum cpu_exit_kind kind)
{
    uint64_t counted = budget - (uint64_t)engine.left;
    uint64_t pc = context->next_pc;
    if (kind != CPU_BUDGET && engine.block_bytes != 0 && pc - engine.block < engine.block_bytes) {
        counted -= (engine.block + engine.block_bytes - pc) / 4;
    }
    return counted;
}

/* What an exception return does on hardware: the next store-exclusive fails. The library has no
 * register for the monitor, so its address is changed in a saved state. */
static void clear_monitor(void)
{
    static const uint64_t nothing = UINT64_MAX;
    memcpy(saved_state() + engine.monitor_offset, &nothing, sizeof nothing);
    if (engine.state == NULL) {
        engine_must(uc_context_restore(engine.uc, engine.scratch), "state");
    }
    engine.exclusive = false;
}

/* Runs from next_pc to the end of the run, whatever it is. */
static void run_once(struct context *context, uint64_t budget, struct cpu_exit *out)
{
    *out = (struct cpu_exit){.kind = CPU_BUDGET};
    fast_make_room();
    engine_load_registers(context);
    uc_err err = engine_emulate(context->next_pc, budget);
    engine_store_registers(context);
    if (engine.misaligned || engine.fp_ahead) {
        context->reg[REG_PC] = context->next_pc = engine.stopped_at;
    } else if (engine.excepted) {
        settle_exception(context, out);
    } else if (err != UC_ERR_OK) {
        settle_unmapped(err, out);
    }
    out->instructions = executed(budget, context, out->kind);
}

/* The run stopped before a block with an FP/SIMD instruction that must trap: executes the
 * instructions before it, by translating the block anew with an end at that address. */
static void run_up_to_fp(struct context *context, uint64_t budget, struct cpu_exit *out)
{
    uint64_t at = engine.fp_at, done = out->instructions;
    struct translation t;
    if (context->next_pc != at) {
        mmu_walk(engine.root, at, engine_read_ram, &t);
        engine_code_changed(t.pa, 4);
        apply_changes();
        engine_must(uc_ctl_set_exits(engine.uc, &at, 1), "exits");
        engine.fp = true;
        run_once(context, budget, out);
        engine.fp = false;
        out->instructions += done;
        engine_must(uc_ctl_set_exits(engine.uc, NULL, 0), "exits");
        engine_code_changed(t.pa, 4);
    }
    if (out->kind == CPU_BUDGET && context->next_pc == at) {
        out->kind = CPU_EXCEPTION;
        out->esr = 0x1fe00000; /* class 7 */
    }
}

static void engine_run(struct context *context, uint64_t budget, struct cpu_exit *out)
{
    apply_changes();
    if (context->next_pc % 4 != 0) {
        *out = (struct cpu_exit){.kind = CPU_BUDGET};
        engine.misaligned = true;
    } else {
        run_once(context, budget, out);
    }
    if (engine.exclusive) {
        clear_monitor();
    }
    if (engine.fp_ahead) {
        run_up_to_fp(context, budget, out);
    } else if (engine.misaligned) {
        out->kind = CPU_EXCEPTION;
        out->esr = 0x8a000000; /* class 0x22, PC alignment */
        engine.misaligned = false;
    }
}

const struct cpu_engine engine_functions = {
    .run = engine_run,
    .space = engine_space,
    .translations_changed = engine_translations_changed,
    .code_changed = engine_code_changed,
    .fp_enable = engine_fp_enable,
    .fp_read = engine_fp_read,
    .fp_write = engine_fp_write,
    .destroy = engine_destroy,
};
