/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the row files share: memory and slots, threads that carry out scripts of shots, and the
 * report. All measuring threads have the image at the same addresses and share all of it, whichever
 * address space they are in, so they log into one memory.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "abi/bootinfo.h"
#include "kaal/invocations.h"
#include "kaal/syscalls.h"
#include "shot.h"

enum {
    SAMPLES = 16,
    WARM_UP = 4, /* rounds that are measured and forgotten */
    ROUNDS = SAMPLES + WARM_UP,
    MAIN_PRIORITY = 10, /* below every worker */
    LOWER = 253,        /* priorities of rows in which they matter */
    HIGHER = 254,
    MAX_PRIORITY = 254,
    ANY = 0, /* of rows in which they do not */
    MAX_DRAWS = 16,
    MAX_WORKERS = 4,
    MAX_STEPS = 6,
    PAGE = 1 << PAGE_BITS,
    KIB = 1024
};

/* ---- report.c ---- */

struct options {
    uint64_t seed;     /* bench.seed= of the boot arguments; 1 if none */
    uint64_t draws;    /* bench.draws=: settings drawn for each shuffled row; 8 if none */
    const char *group; /* bench.group=: "rows", "growth", … */
};
extern struct options options;
void options_read(const struct bootinfo *bootinfo);

/* End of the run with a sentence unless things are as they must be. */
void must(enum error_code error, const char *what);
void expect(bool holds, const char *what);

/* Rows are numbered from 1; the plugin of tools/bench sees the number while the row is measured. */
void row_begin(const char *name);
/* Sorts the samples and prints the row. */
void row_end(uint64_t *samples, unsigned count, const char *unit);
/* A row that cannot be measured here, and why. */
void row_skip(const char *reason);

/* What the two reads around an empty measurement count. */
extern uint64_t empty_cost, empty_fp_cost;
/* Instructions from one reading to the other (32-bit counter), without the empty measurement. */
uint64_t cost(uint64_t before, uint64_t after);

uint64_t draw(uint64_t below); /* 0..below-1, from the seed */

/* ---- pool.c ---- */

extern const struct bootinfo *boot;
extern uint64_t other_space; /* VSpace with the whole image, shared, at the same addresses */

void pool_open(const struct bootinfo *bootinfo);
uint64_t pool_slot(void);
uint64_t pool_slots(unsigned count);
uint64_t pool_object(enum object_type type, uint64_t bits);
uint64_t pool_mint(uint64_t slot, uint64_t rights, uint64_t badge);
/* Everything since the last pool_keep() goes. */
void pool_reset(void);
void pool_keep(void);
/* Page tables at `vaddr` until `frame` can be mapped there. */
void pool_map(uint64_t space, uint64_t frame, uint64_t vaddr);
struct kaal_slot at(uint64_t slot);
uint64_t pool_arena(void); /* the Untyped that the objects come from */

/* ---- worker.c ---- */

/* One instruction that enters the kernel, with the registers it is given each time. */
struct step {
    void (*shoot)(struct shot *shot);
    uint64_t x[6];
    uint64_t number; /* enum syscall */
    uint64_t word;
    bool logged;  /* its readings go to the log */
    bool checked; /* x1 must be `info` afterwards */
    uint64_t info;
};

struct reading {
    uint64_t before;
    uint64_t after;
};

/* A thread: `once` steps, then the steps up to `steps`, `rounds` times over; then it parks. */
struct worker {
    uint64_t tcb;
    uint64_t cspace;
    bool other_as;
    uint8_t priority;
    uint64_t badge; /* of the caps it sends through */
    struct ipc_buffer *buffer;
    unsigned once, steps, rounds;
    struct step step[MAX_STEPS];
    volatile uint64_t done; /* 1 = parked after all rounds, 2 = a check failed */
    volatile uint64_t found;
    unsigned log_count;
    struct reading log[ROUNDS + 4];
    uint64_t park; /* cptr */
    struct space *space;
};

/* A new thread, not started. In the shuffled setting it has a CSpace of its own, and LOWER and
 * HIGHER are drawn from two halves, ANY from all priorities above the main thread's. */
struct worker *worker_new(uint8_t priority, bool other_as);
/* How the worker names the cap of `slot`. */
uint64_t worker_cap(struct worker *w, uint64_t slot);
/* Adds a system call to its script; the row is about it when `shoot` is set to shot_svc. */
struct step *worker_step(struct worker *w, enum syscall number, uint64_t cptr, uint64_t info);
/* `fault_ep` is a cptr of the worker, or 0. */
void worker_start(struct worker *w, uint64_t fault_ep);
/* Root and guard of its CSpace. */
void worker_cspace(const struct worker *w, struct kaal_tcb_setup *setup);
/* All workers are at rest: ends the run unless each has done all its rounds or waits. */
void worker_check(const struct worker *w);
void workers_forget(void);
/* A thread without buffer that executes one system call with x0, x1 = 0, as soon as it runs. */
void make_thread(uint64_t tcb, uint64_t priority, enum syscall number, uint64_t x0);

/* Shuffled setting: what is drawn for the workers of this row. */
extern bool shuffled;
uint8_t shuffled_priority(uint8_t plain);
uint64_t shuffled_badge(void);
/* Threads that have nothing to do with the row: some ready at low priority, some waiting. */
void shuffled_crowd(void);

/* ---- rows ---- */

/* How often a row is prepared anew: options.draws times in the shuffled setting. */
unsigned draws(void);

/* SAMPLES samples of Call or ReplyRecv of length 0 to another address space, of a yield between two
 * threads, of a first Retype that zeroes 2^bits bytes. The first two end with pool_reset(). */
void ipc_samples(bool reply, uint64_t *samples);
void yield_samples(uint8_t priority, uint64_t *samples);
uint64_t reset_cost(uint64_t bits);
/* The main thread's own. */
void main_priority(uint8_t priority);

void rows_ipc(void);
void rows_signal(void);
void rows_fault(void);
void rows_irq(void);
void rows_simple(void);
void rows_objects(void);
void rows_memory(void);
void rows_thread(void);
void rows_domain(void);
void rows_null(void); /* needs the benchmark calls */
void rows_long(void);
void rows_growth(void);
void rows_latency(void);
void rows_hosted(void);
