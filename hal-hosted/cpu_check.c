/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The cases of cpu_check.h. Expected syndromes: ARM DDI 0487 D13.2.37 and abi/vectors.md §7; EL0
 * system registers: abi/boot.md §1, §5 (counters trap, DC ZVA traps, CTR_EL0 reads).
 */
#include "cpu_check.h"

#include <stdio.h>
#include <string.h>

enum {
    PAGE = 4096,
    CODE_VA = 0x400000,
    DATA_VA = 0x401000,
    DEVICE_VA = 0x402000,    /* no memory, no device behind it */
    FORBIDDEN_VA = 0x403000, /* mapped without rights for EL0 */
    UNMAPPED_VA = 0x404000,
    ALIAS_VA = 0x405000, /* the code's page, writable */
    PAGES = 8,
};

struct check {
    const char *what;
    uint32_t code[6];
    uint64_t x1;
    bool fp;
    uint64_t budget;
    enum cpu_exit_kind kind;
    uint32_t esr;
    uint64_t far;
    uint64_t pc; /* next_pc at the end, from CODE_VA; NOWHERE = x1 */
    uint64_t instructions;
    uint64_t x0;
};

#define NOWHERE 0xffffull

static const struct check checks[] = {
    {"svc", {0xd2800540, 0xd4000061}, 0, true, 100, CPU_SYSCALL, 0x56000003, 0, 8, 2, 42},
    {"load and store",
     {0xd28000a0, 0xf9000020, 0xf9400420, 0xf9400020, 0xd4000001},
     DATA_VA,
     true,
     100,
     CPU_SYSCALL,
     0x56000000,
     0,
     20,
     5,
     5},
    {"read of an unmapped page",
     {0xd503201f, 0xf9400420},
     UNMAPPED_VA,
     true,
     100,
     CPU_DATA_ABORT,
     0x92000007,
     UNMAPPED_VA + 8,
     4,
     1,
     0},
    {"write to an unmapped page",
     {0xf9000020},
     UNMAPPED_VA,
     true,
     100,
     CPU_DATA_ABORT,
     0x92000047,
     UNMAPPED_VA,
     0,
     0,
     0},
    {"read of another gibibyte",
     {0xf9400020},
     1ull << 30,
     true,
     100,
     CPU_DATA_ABORT,
     0x92000005,
     1ull << 30,
     0,
     0,
     0},
    {"read of another 512 gibibytes",
     {0xf9400020},
     1ull << 39,
     true,
     100,
     CPU_DATA_ABORT,
     0x92000004,
     1ull << 39,
     0,
     0,
     0},
    {"read beyond the address range",
     {0xf9400020},
     1ull << 63,
     true,
     100,
     CPU_DATA_ABORT,
     0x92000004,
     1ull << 63,
     0,
     0,
     0},
    {"read of the upper half",
     {0xf9400020},
     0xffff000040000000,
     true,
     100,
     CPU_DATA_ABORT,
     0x92000004,
     0xffff000040000000,
     0,
     0,
     0},
    {"read of the last page",
     {0xf9400020},
     0xfffffffffffff008,
     true,
     100,
     CPU_DATA_ABORT,
     0x92000004,
     0xfffffffffffff008,
     0,
     0,
     0},
    {"write to the last page",
     {0xf9000020},
     0xfffffffffffff008,
     true,
     100,
     CPU_DATA_ABORT,
     0x92000044,
     0xfffffffffffff008,
     0,
     0,
     0},
    {"read without rights",
     {0xf9400020},
     FORBIDDEN_VA,
     true,
     100,
     CPU_DATA_ABORT,
     0x9200000f,
     FORBIDDEN_VA,
     0,
     0,
     0},
    {"write to a read-only page",
     {0xf9000020},
     CODE_VA,
     true,
     100,
     CPU_DATA_ABORT,
     0x9200004f,
     CODE_VA,
     0,
     0,
     0},
    {"read where no device is",
     {0xd28000a0, 0xf9400020},
     DEVICE_VA,
     true,
     100,
     CPU_DATA_ABORT,
     0x92000010,
     DEVICE_VA,
     4,
     1,
     5},
    {"write where no device is",
     {0xf9000020},
     DEVICE_VA,
     true,
     100,
     CPU_DATA_ABORT,
     0x92000050,
     DEVICE_VA,
     0,
     0,
     0},
    {"jump to an unmapped page",
     {0xd61f0020},
     UNMAPPED_VA,
     true,
     100,
     CPU_INSTRUCTION_ABORT,
     0x82000007,
     UNMAPPED_VA,
     NOWHERE,
     1,
     0},
    {"jump to the last page",
     {0xd61f0020},
     0xfffffffffffff008,
     true,
     100,
     CPU_INSTRUCTION_ABORT,
     0x82000004,
     0xfffffffffffff008,
     NOWHERE,
     1,
     0},
    {"jump to data",
     {0xd61f0020},
     DATA_VA,
     true,
     100,
     CPU_INSTRUCTION_ABORT,
     0x8200000f,
     DATA_VA,
     NOWHERE,
     1,
     0},
    {"jump to an odd address",
     {0xd61f0020},
     CODE_VA + 6,
     true,
     100,
     CPU_EXCEPTION,
     0x8a000000,
     0,
     NOWHERE,
     1,
     0},
    {"undefined instruction", {0xd503201f, 0}, 0, true, 100, CPU_EXCEPTION, 0x02000000, 0, 4, 1, 0},
    {"breakpoint instruction", {0xd4200780}, 0, true, 100, CPU_EXCEPTION, 0xf200003c, 0, 0, 0, 0},
    {"hvc", {0xd4000002}, 0, true, 100, CPU_EXCEPTION, 0x02000000, 0, 0, 0, 0},
    {"hlt", {0xd45e0000}, 0, true, 100, CPU_EXCEPTION, 0x02000000, 0, 0, 0, 0},
    {"FP enabled",
     {0x9e670020, 0x9e660000, 0xd4000001},
     77,
     true,
     100,
     CPU_SYSCALL,
     0x56000000,
     0,
     12,
     3,
     77},
    {"FP disabled", {0x9e670020}, 77, false, 100, CPU_EXCEPTION, 0x1fe00000, 0, 0, 0, 0},
    {"FP disabled, later in a block",
     {0xd503201f, 0xd2800540, 0xfd400020, 0xd4000001},
     77,
     false,
     100,
     CPU_EXCEPTION,
     0x1fe00000,
     0,
     8,
     2,
     42},
    {"FP disabled, FPCR", {0xd53b4400}, 77, false, 100, CPU_EXCEPTION, 0x1fe00000, 0, 0, 0, 0},
    {"FP kept", {0x9e660000, 0xd4000001}, 0, true, 100, CPU_SYSCALL, 0x56000000, 0, 8, 2, 77},
    {"mrs CNTVCT_EL0", {0xd53be040}, 0, true, 100, CPU_EXCEPTION, 0x6234f801, 0, 0, 0, 0},
    {"mrs PMCCNTR_EL0", {0xd53b9d00}, 0, true, 100, CPU_EXCEPTION, 0x6230e41b, 0, 0, 0, 0},
    {"mrs SCTLR_EL1", {0xd5381000}, 0, true, 100, CPU_EXCEPTION, 0x02000000, 0, 0, 0, 0},
    {"dc zva", {0xd50b7421}, DATA_VA, true, 100, CPU_EXCEPTION, 0x6212dc28, 0, 0, 0, 0},
    {"mrs CTR_EL0",
     {0xd53b0020, 0xd4000001},
     0,
     true,
     100,
     CPU_SYSCALL,
     0x56000000,
     0,
     8,
     2,
     0x84448004},
    {"cache maintenance",
     {0xd50b7e21, 0xd50b7521, 0xd5033fdf, 0xd4000001},
     DATA_VA,
     true,
     100,
     CPU_SYSCALL,
     0x56000000,
     0,
     16,
     4,
     0},
    {"wait for interrupt and event",
     {0xd503207f, 0xd503205f, 0xd4000001},
     0,
     true,
     100,
     CPU_SYSCALL,
     0x56000000,
     0,
     12,
     3,
     0},
    {"endless loop", {0xd503201f, 0x17ffffff}, 0, true, 1000, CPU_BUDGET, 0, 0, 0, 1000, 0},
};

struct bench {
    const struct cpu_engine *engine;
    uint8_t *page[PAGES]; /* host memory: tables 0..3, code, data, two spare */
    uint64_t pa;
};

static void set_entry(struct bench *b, unsigned table, uint64_t index, uint64_t value)
{
    memcpy(b->page[table] + index * 8, &value, 8);
}

/* A space of six mappings by hand: descriptors of ARM DDI 0487 D5.3. */
static void build_space(struct bench *b)
{
    const uint64_t leaf = 3 | 1 << 10 | 4 << 2, read_write = 1 << 6, read_only = 3 << 6;
    const uint64_t no_execute = 1ull << 54, nowhere = 0x8ff0000000;
    set_entry(b, 0, 0, (b->pa + 1 * PAGE) | 3);
    set_entry(b, 1, 0, (b->pa + 2 * PAGE) | 3);
    set_entry(b, 2, CODE_VA >> 21, (b->pa + 3 * PAGE) | 3);
    set_entry(b, 3, 0, (b->pa + 4 * PAGE) | leaf | read_only);
    set_entry(b, 3, 1, (b->pa + 5 * PAGE) | leaf | read_write | no_execute);
    set_entry(b, 3, 2, nowhere | 3 | 1 << 10 | read_write);
    set_entry(b, 3, 3, (b->pa + 6 * PAGE) | leaf);
    set_entry(b, 3, 5, (b->pa + 4 * PAGE) | leaf | read_write | no_execute);
}

/* Runs until something else than a pause by the engine itself (wfi, wfe) or the budget ends. */
static void run(struct bench *b, const struct check *c, struct context *ctx, struct cpu_exit *out)
{
    uint64_t used = 0;
    b->engine->fp_enable(c->fp);
    do {
        b->engine->run(ctx, c->budget - used, out);
        used += out->instructions;
    } while (out->kind == CPU_BUDGET && used < c->budget);
    out->instructions = used;
}

static bool differs(char *text, size_t size, const struct check *c, const char *field,
                    uint64_t expected, uint64_t found)
{
    if (expected != found) {
        snprintf(text, size, "CPU engine: check \"%s\": %s: expected 0x%llx, found 0x%llx", c->what,
                 field, (unsigned long long)expected, (unsigned long long)found);
    }
    return expected != found;
}

static const char *check_one(struct bench *b, const struct check *c)
{
    static char text[200];
    struct cpu_exit out;
    struct context ctx = {.next_pc = CODE_VA};
    ctx.reg[REG_PC] = CODE_VA;
    ctx.reg[REG_X1] = c->x1;
    ctx.reg[REG_SP] = 0x123450;
    ctx.reg[REG_SPSR] = 0xa0000140;
    memcpy(b->page[4], c->code, sizeof c->code);
    b->engine->code_changed(b->pa, PAGES * PAGE);
    run(b, c, &ctx, &out);
    uint64_t pc = c->pc == NOWHERE ? c->x1 : CODE_VA + c->pc;
    uint64_t restart = c->kind == CPU_SYSCALL ? pc - 4 : pc;
    bool bad = differs(text, sizeof text, c, "kind", c->kind, out.kind) ||
               differs(text, sizeof text, c, "ESR", c->esr, out.esr) ||
               differs(text, sizeof text, c, "FAR", c->far, out.far) ||
               differs(text, sizeof text, c, "next PC", pc, ctx.next_pc) ||
               differs(text, sizeof text, c, "PC", restart, ctx.reg[REG_PC]) ||
               differs(text, sizeof text, c, "instructions", c->instructions, out.instructions) ||
               differs(text, sizeof text, c, "x0", c->x0, ctx.reg[REG_X0]) ||
               differs(text, sizeof text, c, "x1", c->x1, ctx.reg[REG_X1]) ||
               differs(text, sizeof text, c, "SP", 0x123450, ctx.reg[REG_SP]) ||
               differs(text, sizeof text, c, "SPSR", 0xa0000140, ctx.reg[REG_SPSR]);
    return bad ? text : NULL;
}

/* A system call between load-exclusive and store-exclusive makes the store fail. */
static const char *check_monitor(struct bench *b)
{
    static const uint32_t code[] = {0xc85f7c20, 0xd4000001, 0xc8007c22, 0xd4000001};
    struct cpu_exit out;
    struct context ctx = {.next_pc = CODE_VA};
    ctx.reg[REG_X1] = DATA_VA;
    memcpy(b->page[4], code, sizeof code); /* ldxr x0, [x1]; svc; stxr w0, x2, [x1]; svc */
    b->engine->code_changed(b->pa, PAGES * PAGE);
    b->engine->run(&ctx, 100, &out);
    b->engine->run(&ctx, 100, &out);
    return out.kind == CPU_SYSCALL && ctx.next_pc == CODE_VA + 16 && ctx.reg[REG_X0] == 1
               ? NULL
               : "CPU engine: check \"exclusive monitor\": expected a failing store, found another";
}

/* Code that has run is changed by a store of EL0, at another address, and runs as it is now. */
static const char *check_changing_code(struct bench *b)
{
    static const uint32_t code[] = {0xd2800020, 0xd4000001, 0xb9000022, 0xd5033fdf, 0x17fffffc};
    struct cpu_exit out;
    struct context ctx = {.next_pc = CODE_VA};
    memcpy(b->page[4], code, sizeof code); /* mov x0, #1; svc; str w2, [x1]; isb; b first */
    b->engine->code_changed(b->pa, PAGES * PAGE);
    b->engine->run(&ctx, 100, &out);
    bool good = out.kind == CPU_SYSCALL && ctx.reg[REG_X0] == 1;
    ctx.reg[REG_X1] = ALIAS_VA;
    ctx.reg[REG_X2] = 0xd2800040; /* mov x0, #2 */
    b->engine->run(&ctx, 100, &out);
    return good && out.kind == CPU_SYSCALL && ctx.reg[REG_X0] == 2
               ? NULL
               : "CPU engine: check \"changing code\": expected the changed code, found another";
}

const char *cpu_check(const struct cpu_engine *engine, const struct cpu_bus *bus, uint64_t ram)
{
    const char *why = NULL;
    struct bench b = {.engine = engine, .pa = ram};
    for (unsigned i = 0; i < PAGES; i++) {
        b.page[i] = bus->memory(ram + (uint64_t)i * PAGE);
    }
    build_space(&b);
    engine->space(ram, 1);
    for (unsigned i = 0; why == NULL && i < sizeof checks / sizeof checks[0]; i++) {
        why = check_one(&b, &checks[i]);
    }
    why = why != NULL ? why : check_monitor(&b);
    why = why != NULL ? why : check_changing_code(&b);
    for (unsigned i = 0; i < PAGES; i++) {
        memset(b.page[i], 0, PAGE);
    }
    struct fp_state zero = {.fpcr = 0};
    engine->fp_enable(false);
    engine->fp_write(&zero);
    engine->code_changed(ram, PAGES * PAGE);
    engine->space(0, 0);
    return why;
}
