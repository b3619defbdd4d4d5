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

typedef uc_err move_fn(uc_engine *uc, int *ids, void **places, int count);

static uc_err move_in(uc_engine *uc, int *ids, void **places, int count)
{
    return uc_reg_write_batch(uc, ids, (void *const *)places, count);
}

static void transfer(uint64_t *reg, const enum context_register *which, unsigned count,
                     move_fn *move)
{
    int ids[REGS];
    void *places[REGS];
    for (unsigned i = 0; i < count; i++) {
        ids[i] = reg_ids[which[i]];
        places[i] = &reg[which[i]];
    }
    engine_must(move(engine.uc, ids, places, (int)count), "registers");
}

/* The registers that lie side by side in the library's processor, as it has them. */
static const uint8_t order[] = {REG_X0,  REG_X1,  REG_X2,  REG_X3,  REG_X4,  REG_X5,  REG_X6,
                                REG_X7,  REG_X8,  REG_X9,  REG_X10, REG_X11, REG_X12, REG_X13,
                                REG_X14, REG_X15, REG_X16, REG_X17, REG_X18, REG_X19, REG_X20,
                                REG_X21, REG_X22, REG_X23, REG_X24, REG_X25, REG_X26, REG_X27,
                                REG_X28, REG_X29, REG_X30, REG_SP};
enum {
    ORDERED = sizeof order / sizeof order[0]
};

static uint8_t *find(uint8_t *in, size_t bytes, const void *what, size_t what_bytes)
{
    for (size_t at = 0; at + what_bytes <= bytes; at += 8) {
        if (memcmp(in + at, what, what_bytes) == 0) {
            return in + at;
        }
    }
    return NULL;
}

const char *engine_find_registers(uint8_t *state, size_t bytes)
{
    uint64_t value[ORDERED], seen = 0;
    uint8_t *scratch = (uint8_t *)engine.scratch;
    for (unsigned i = 0; i < ORDERED; i++) {
        value[i] = 0x5a3c71e800000000ull + i;
        engine_must(uc_reg_write(engine.uc, reg_ids[order[i]], &value[i]), "registers");
    }
    engine_must(uc_context_save(engine.uc, engine.scratch), "state");
    uint8_t *place = find(state, bytes, value, sizeof value);
    uint8_t *saved = find(scratch, bytes, value, sizeof value);
    if (place == NULL || saved == NULL) {
        return "the library's registers are not where they were expected";
    }
    memset(place, 0, sizeof value);
    memcpy(place + sizeof value[0], &value[2], sizeof value[0]);
    engine_must(uc_reg_read(engine.uc, UC_ARM64_REG_X1, &seen), "registers");
    memset(place, 0, sizeof value);
    if (seen != value[2]) {
        return "the library's registers are not what they were taken for";
    }
    engine.registers = (uint64_t *)place;
    engine.state = place - (saved - scratch);
    return NULL;
}

/* What remains when the ordered ones are known. The PC is set by the start of a run, and EL0 cannot
 * write TPIDRRO_EL0. */
static const enum context_register rest_in[] = {REG_SPSR, REG_TPIDR_EL0, REG_TPIDRRO_EL0};
static const enum context_register rest_out[] = {REG_PC, REG_SPSR, REG_TPIDR_EL0};

static void transfer_all(uint64_t *reg, move_fn *move)
{
    enum context_register all[REGS];
    for (unsigned i = 0; i < REGS; i++) {
        all[i] = (enum context_register)i;
    }
    transfer(reg, all, REGS, move);
}

/* Of SPSR only the condition flags live in the core; the rest is the kernel's (abi/boot.md §5). */
void engine_load_registers(const struct context *c)
{
    uint64_t reg[REGS];
    memcpy(reg, c->reg, sizeof reg);
    reg[REG_PC] = c->next_pc;
    reg[REG_SPSR] = c->reg[REG_SPSR] >> NZCV_SHIFT << NZCV_SHIFT & 0xf0000000;
    if (engine.registers == NULL) {
        transfer_all(reg, move_in);
        return;
    }
    for (unsigned i = 0; i < ORDERED; i++) {
        engine.registers[i] = c->reg[order[i]];
    }
    transfer(reg, rest_in, 3, move_in);
}

void engine_store_registers(struct context *c)
{
    uint64_t spsr = c->reg[REG_SPSR] & ~0xf0000000ull;
    if (engine.registers == NULL) {
        transfer_all(c->reg, uc_reg_read_batch);
    } else {
        for (unsigned i = 0; i < ORDERED; i++) {
            c->reg[order[i]] = engine.registers[i];
        }
        transfer(c->reg, rest_out, 3, uc_reg_read_batch);
    }
    c->reg[REG_SPSR] = spsr | (c->reg[REG_SPSR] & 0xf0000000);
    c->next_pc = c->reg[REG_PC];
}

static void transfer_fp(struct fp_state *fp, move_fn *move)
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
