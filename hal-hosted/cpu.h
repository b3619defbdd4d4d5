/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The CPU engine: runs EL0 code of one context in one address space until something happens that
 * the kernel or the machine must see. Interrupt lines and time stay outside. One engine exists at a
 * time; the file that implements it is the only one that knows the library behind it.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "context.h"

enum cpu_exit_kind {
    CPU_SYSCALL,           /* svc; the context's next_pc is behind it */
    CPU_DATA_ABORT,        /* esr and far as ESR_EL1 and FAR_EL1 would read */
    CPU_INSTRUCTION_ABORT, /* likewise */
    CPU_EXCEPTION,         /* any other synchronous exception, brk included; esr */
    CPU_BUDGET,            /* the instructions are used up, or the engine paused by itself */
};

struct cpu_exit {
    enum cpu_exit_kind kind;
    uint32_t esr;
    uint64_t far;
    uint64_t instructions; /* executed; a trapping instruction counts except for aborts */
};

/* What the engine asks of the machine. */
struct cpu_bus {
    /* Host memory of [pa, pa + bytes), RAM only. */
    void *(*memory)(uint64_t pa);
    /* Device registers. `pa` is in a page that is listed below. */
    uint64_t (*read)(uint64_t pa, unsigned bytes);
    void (*write)(uint64_t pa, unsigned bytes, uint64_t value);
    bool (*interrupted)(void);    /* asked behind each write: does an interrupt wait now? */
    const uint64_t *device_pages; /* addresses of 4 KiB pages, ascending, zero-terminated list */
};

struct cpu_engine {
    /* Runs `context` for at most `budget` (> 0) instructions, and no further than a write to a
     * device that interrupts, rounded up to the end of a straight-line block; the same calls give
     * the same exits. The registers are in the context
     * before and after. reg[REG_PC] and next_pc are both set at exit as for the kernel's entry. */
    void (*run)(struct context *context, uint64_t budget, struct cpu_exit *out);
    /* Address space for the following runs; root 0 = every access faults. */
    void (*space)(uint64_t root, uint16_t asid);
    /* Translations may have changed. */
    void (*translations_changed)(void);
    /* Memory was written by somebody else than EL0, or EL0 asked for unification. */
    void (*code_changed)(uint64_t pa, uint64_t bytes);
    /* FP/SIMD: may EL0 use it; the registers' contents. */
    void (*fp_enable)(bool el0);
    void (*fp_read)(struct fp_state *to);
    void (*fp_write)(const struct fp_state *from);
    void (*destroy)(void);
};

/* Kinds give the same results; they differ in speed. */
enum cpu_engine_kind {
    CPU_ENGINE_BEST,  /* fast, or plain after a line on standard error that says why */
    CPU_ENGINE_FAST,  /* with repairs of the library behind it */
    CPU_ENGINE_PLAIN, /* by that library's public interface only */
};

/* Creates the engine for the RAM of struct platform and checks that it behaves as this header
 * says (self-calibration). NULL = ready; else the sentence why it cannot be used, and *out is
 * NULL. */
struct platform;
const char *cpu_engine_create(const struct platform *platform, const struct cpu_bus *bus,
                              enum cpu_engine_kind kind, const struct cpu_engine **out);
