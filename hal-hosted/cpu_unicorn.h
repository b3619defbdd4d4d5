/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the files of the Unicorn engine share: cpu_unicorn.c runs, cpu_unicorn_regs.c moves
 * registers, cpu_unicorn_setup.c prepares, cpu_unicorn_fast.c repairs the library.
 * Nothing else includes this header.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <unicorn/unicorn.h>

#include "cpu.h"
#include "platform.h"

enum {
    PAGE = 4096,
    ENGINE_SEEN = 64,
    ENGINE_ROM_PAGES = 64
};

/* Just below 2^40, the end of a Cortex-A53's physical addresses; stage 2 hides it from EL0. */
#define ENGINE_ROM_PA 0xffffe00000ull

/* A system register as the MRS instruction encodes it. */
struct sysreg {
    uint32_t op0, op1, crn, crm, op2;
};

enum code_page {
    CODE_NONE,
    CODE_TRANSLATED,
    CODE_STALE
};

/* One byte per page of a RAM range: does the library hold translated code of it. */
struct code_pages {
    struct range ram;
    uint8_t *state;                /* enum code_page */
    uint64_t stale_from, stale_to; /* page numbers within the range; equal = none stale */
};

/* A virtual page of the current space whose code was marked as translated. */
struct seen_page {
    uint64_t number;       /* virtual page number + 1; 0 = none */
    const uint32_t *words; /* its memory; NULL = not in RAM */
    bool exclusive;        /* holds a load-exclusive instruction */
    bool fp;               /* may hold an FP/SIMD instruction, those marked in the bits */
    uint64_t fp_words[PAGE / 4 / 64];
};

struct engine {
    uc_engine *uc;
    uc_context *scratch;    /* for reading syndrome and address */
    uint64_t *registers;    /* x0 to x30 and SP in the library's processor; NULL = not known */
    uint8_t *state;         /* in the processor, what a saved state shows; NULL = not known */
    size_t syndrome_offset; /* in a saved state; 0 = not calibrated */
    size_t address_offset;
    size_t monitor_offset; /* address of the exclusive monitor */
    uint8_t *rom;
    struct cpu_bus bus;
    struct code_pages code[PLATFORM_MAX_RAM];
    unsigned code_count;
    bool on_trial; /* what is wrong is left for the start-up check to see */
    uint64_t root;
    uint16_t asid;
    bool fp; /* EL0 may use FP/SIMD */
    bool stale_space;
    uint64_t set_root; /* space of the library; UINT64_MAX = unknown */
    bool stale_translations;
    bool stale_code;
    /* one run */
    bool excepted;
    uint32_t exception;
    int64_t left;
    bool interrupted; /* a device that was written to waits for the kernel */
    uint64_t block;
    uint64_t block_bytes;
    bool misaligned; /* stopped before a block at an address that is not a multiple of 4 */
    bool fp_ahead;   /* stopped before a block with an FP/SIMD instruction at fp_at */
    uint64_t fp_at;
    uint64_t stopped_at;    /* the block that these two stopped before */
    bool exclusive;         /* code that may have set the exclusive monitor was run */
    struct seen_page *seen; /* ENGINE_SEEN of them, by page number modulo ENGINE_SEEN */
    uint64_t code_writes;   /* stores to pages with translated code */
    uint64_t pages_valid;   /* code_writes when the pages were looked at */
    unsigned probes;        /* programs put into the ROM to look at the library's state */
    uint64_t unmapped;      /* address that no region holds; valid after an error of that kind */
};

extern struct engine engine;

_Noreturn void engine_broken(const char *what, uc_err err);
void engine_must(uc_err err, const char *what);
void engine_sys_write(const struct sysreg *r, uint64_t value);
/* Runs the core as it stands from `pc` for at most `budget` instructions. */
uc_err engine_emulate(uint64_t pc, uint64_t budget);
/* Of the exception that ended the run. */
void engine_read_syndrome(uint32_t *esr, uint64_t *address);
/* Hooks of every run, and of every device page (`page` = its physical address). */
void engine_add_hooks(void);
uint64_t engine_device_read(uc_engine *uc, uint64_t offset, unsigned bytes, void *page);
void engine_device_write(uc_engine *uc, uint64_t offset, unsigned bytes, uint64_t value,
                         void *page);
/* The functions of cpu.h, except create. */
extern const struct cpu_engine engine_functions;
/* cpu_unicorn_pages.c */
uint64_t engine_read_ram(uint64_t pa);
void engine_forget_pages(void);
/* Looks at the executed page at `va` and marks it as holding translated code. */
const struct seen_page *engine_look_at_page(uint64_t va);
/* The executed page at `va`, which was looked at. */
static inline const struct seen_page *engine_see_page(uint64_t va)
{
    const struct seen_page *seen = &engine.seen[va / PAGE % ENGINE_SEEN];
    bool valid = engine.code_writes == engine.pages_valid && seen->number == va / PAGE + 1;
    return valid ? seen : engine_look_at_page(va);
}
/* Whether [address, address + bytes) of it has an FP/SIMD instruction; its address goes to fp_at.
 */
bool engine_finds_fp(const struct seen_page *page, uint64_t address, uint32_t bytes);
/* cpu_unicorn_regs.c */
/* Finds the general registers and SP in the `bytes` bytes at `state`, the library's own processor
 * state, and the same in a saved state, so that neither these nor syndrome and address need go
 * through its functions. NULL or a sentence. */
const char *engine_find_registers(uint8_t *state, size_t bytes);
void engine_load_registers(const struct context *c);
void engine_store_registers(struct context *c);
void engine_fp_read(struct fp_state *to);
void engine_fp_write(const struct fp_state *from);
/* cpu_unicorn_setup.c */
void engine_destroy(void);

void engine_stage2(bool on);
/* Table with which physical addresses below 2^40 are virtual ones, for EL0; stage 2 must be off. */
#define ENGINE_IDENTITY_ROOT (ENGINE_ROM_PA + 2 * PAGE)

extern const struct sysreg ttbr0_el1, tcr_el1, tlbi_alle1;
extern const uint64_t engine_tcr;
