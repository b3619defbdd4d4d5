/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the files of the hosted machine share. Everything that a snapshot must hold is in
 * struct machine_model, in the arena or in the checker (tlb_check.h).
 */
#pragma once
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpu.h"
#include "device.h"
#include "hal.h"
#include "machine.h"
#include "status.h"

/* Built with AddressSanitizer: gcc says so by a macro, clang by a feature. */
#if defined(__SANITIZE_ADDRESS__)
#define MACHINE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MACHINE_ASAN 1
#endif
#endif
#ifndef MACHINE_ASAN
#define MACHINE_ASAN 0
#endif

enum {
    IRQ_COUNT = 1020,
    IRQ_WORDS = 16,
    IRQ_SGIS = 16,
    IRQ_PPI_PHYSICAL_TIMER = 30
};

/* One bit per interrupt. */
struct irq_set {
    uint64_t w[IRQ_WORDS];
};

struct irq_model {
    struct irq_set enabled;
    struct irq_set latched; /* an edge, or a raised SGI, waits */
    struct irq_set line;    /* level of the input */
    struct irq_set edge;    /* configured as edge-triggered */
    struct irq_set active;  /* claimed, neither done nor held */
    struct irq_set held;    /* passed to user level */
};

struct timer_model {
    bool enabled;
    bool masked;
    uint64_t deadline; /* counter value */
};

enum {
    TIMER_KERNEL,
    TIMER_PHYSICAL,
    TIMER_COUNT
};

struct machine_model {
    uint64_t now; /* ns */
    struct timer_model timer[TIMER_COUNT];
    struct irq_model irq;
    uint64_t root; /* address space of EL0 */
    uint16_t asid;
    bool fpu;
    struct fp_state fp;
    uint64_t preempt_at; /* 0 = off */
    uint64_t preempt_asked;
    struct boot_options access; /* el0_* options */
    uint64_t cycle_offset;      /* PMCCNTR_EL0 = now − cycle_offset */
    struct device_model device;
};

struct machine {
    bool exists;
    struct platform platform;
    uint64_t state; /* physical address */
    struct machine_model model;
    const struct cpu_engine *engine; /* NULL = none */
    bool guarded;
    jmp_buf guard;
    int guard_status;
    char violation[512];
    struct range to_clean; /* typed last and not yet cleaned; no state: all in one kernel entry */
    char *capture;         /* NULL = standard output */
    size_t capture_bytes;
    size_t capture_used;
    const uint8_t *input; /* of the console, for the UART */
    size_t input_bytes;
    void (*console_watch)(char c);
    void (*on_event)(const struct event *event);
    void (*on_interrupt)(uint32_t irq); /* claimed; NULL = nobody wants to know */
};

extern struct machine machine;

/* Where the core's diagnostics lie: outside the arena, at a fixed address. */
#define MACHINE_DIAG ((void *)0x1f0000000000ull)

/* The core, or a test, broke a rule of the machine: one sentence, then STATUS_VIOLATION. */
_Noreturn void machine_violate(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* hal_halt() for every caller. */
_Noreturn void machine_stop(int status);
void machine_console_put(char c);
/* One line of text as the loader prints it. */
void machine_console_line(const char *text);

/* ---- arena.c ---- */
/* NULL or a sentence. */
const char *arena_map(const struct platform *platform);
void arena_unmap(const struct platform *platform);
bool arena_has(uint64_t pa, uint64_t bytes);
/* Reads past the poison of free memory; 0 where there is no RAM. */
uint64_t arena_read64(uint64_t pa);
/* The page was never read or written by this process, so it is zero; false when the host does not
 * tell. */
bool arena_page_untouched(uint64_t pa);
void arena_poison(uint64_t pa, uint64_t bytes);
void arena_unpoison(uint64_t pa, uint64_t bytes);
/* Several words at once, for what goes over memory past all poison, where the library's functions
 * may not. */
typedef uint64_t arena_words __attribute__((vector_size(32), aligned(8), may_alias));
/* memcpy() of a multiple of such, to and from anywhere. */
void arena_copy(void *to, const void *from, size_t bytes);

/* ---- irq.c ---- */
void irq_reset(struct irq_model *irq, uint32_t timer_irq);
bool irq_is_pending(void);
/* Which one hal_irq_claim() would take now, or HAL_IRQ_NONE. */
uint32_t irq_offered(void);

/* ---- inject.c ---- */
/* Reads machine_inject()'s text; false when it is none. */
bool inject_read(const char *spec, struct injection *out);

/* ---- clock.c ---- */
uint64_t clock_counter(void);
/* Level of the timer's interrupt line. */
bool clock_timer_fires(unsigned timer);
