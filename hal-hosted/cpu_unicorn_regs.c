/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Registers of the Unicorn engine: contexts in and out.
 */
#include <string.h>

#include "cpu_unicorn.h"

enum {
    REGS = REG_COUNT
};

static const int reg_ids[REGS] = {
    [REG_PC] = UC_ARM64_REG_PC,
    [REG_SP] = UC_ARM64_REG_SP,
    [REG_SPSR] = UC_ARM64_REG_PSTATE,
    [REG_X0] = UC_ARM64_REG_X0,
    [REG_X1] = UC_ARM64_REG_X1,
    [REG_X2] = UC_ARM64_REG_X2,
    [REG_X3] = UC_ARM64_REG_X3,
    [REG_X4] = UC_ARM64_REG_X4,
    [REG_X5] = UC_ARM64_REG_X5,
    [REG_X6] = UC_ARM64_REG_X6,
    [REG_X7] = UC_ARM64_REG_X7,
    [REG_X8] = UC_ARM64_REG_X8,
    [REG_X16] = UC_ARM64_REG_X16,
    [REG_X17] = UC_ARM64_REG_X17,
    [REG_X18] = UC_ARM64_REG_X18,
    [REG_X29] = UC_ARM64_REG_X29,
    [REG_X30] = UC_ARM64_REG_X30,
    [REG_X9] = UC_ARM64_REG_X9,
    [REG_X10] = UC_ARM64_REG_X10,
    [REG_X11] = UC_ARM64_REG_X11,
    [REG_X12] = UC_ARM64_REG_X12,
    [REG_X13] = UC_ARM64_REG_X13,
    [REG_X14] = UC_ARM64_REG_X14,
    [REG_X15] = UC_ARM64_REG_X15,
    [REG_X19] = UC_ARM64_REG_X19,
    [REG_X20] = UC_ARM64_REG_X20,
    [REG_X21] = UC_ARM64_REG_X21,
    [REG_X22] = UC_ARM64_REG_X22,
    [REG_X23] = UC_ARM64_REG_X23,
    [REG_X24] = UC_ARM64_REG_X24,
    [REG_X25] = UC_ARM64_REG_X25,
    [REG_X26] = UC_ARM64_REG_X26,
    [REG_X27] = UC_ARM64_REG_X27,
    [REG_X28] = UC_ARM64_REG_X28,
    [REG_TPIDR_EL0] = UC_ARM64_REG_TPIDR_EL0,
    [REG_TPIDRRO_EL0] = UC_ARM64_REG_TPIDRRO_EL0,
};

enum {
    NZCV_SHIFT = 28
};

static void transfer(uint64_t *reg, uc_err (*move)(uc_engine *, int *, void **, int))
{
    int ids[REGS];
    void *places[REGS];
    for (unsigned i = 0; i < REGS; i++) {
        ids[i] = reg_ids[i];
        places[i] = &reg[i];
    }
    engine_must(move(engine.uc, ids, places, REGS), "registers");
}

static uc_err move_in(uc_engine *uc, int *ids, void **places, int count)
{
    return uc_reg_write_batch(uc, ids, (void *const *)places, count);
}

/* Of SPSR only the condition flags live in the core; the rest is the kernel's (abi/boot.md §5). */
void engine_load_registers(const struct context *c)
{
    uint64_t reg[REGS];
    memcpy(reg, c->reg, sizeof reg);
    reg[REG_PC] = c->next_pc;
    reg[REG_SPSR] = c->reg[REG_SPSR] >> NZCV_SHIFT << NZCV_SHIFT & 0xf0000000;
    transfer(reg, move_in);
}

void engine_store_registers(struct context *c)
{
    uint64_t reg[REGS] = {0};
    transfer(reg, uc_reg_read_batch);
    reg[REG_SPSR] = (c->reg[REG_SPSR] & ~0xf0000000ull) | (reg[REG_SPSR] & 0xf0000000);
    memcpy(c->reg, reg, sizeof reg);
    c->next_pc = reg[REG_PC];
}

static void transfer_fp(struct fp_state *fp, uc_err (*move)(uc_engine *, int *, void **, int))
{
    int ids[34];
    void *places[34];
    for (int i = 0; i < 32; i++) {
        ids[i] = UC_ARM64_REG_Q0 + i;
        places[i] = &fp->v[i * 2];
    }
    ids[32] = UC_ARM64_REG_FPCR;
    places[32] = &fp->fpcr;
    ids[33] = UC_ARM64_REG_FPSR;
    places[33] = &fp->fpsr;
    engine_must(move(engine.uc, ids, places, 34), "FP registers");
}

void engine_fp_read(struct fp_state *to)
{
    memset(to, 0, sizeof *to);
    transfer_fp(to, uc_reg_read_batch);
}

void engine_fp_write(const struct fp_state *from)
{
    struct fp_state copy = *from;
    transfer_fp(&copy, move_in);
}
