/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A root task that makes random system calls: what the files share.
 *
 * Threads. The initial thread supervises at the highest priority and only reacts to messages:
 * faults of the workers, and a sign from a thread of priority 0 that nobody else can run. The
 * workers, in two address spaces with the same memory, make one random call after the other.
 * Without ticks the whole is a function of the seed: nothing here looks at time.
 *
 * The playground. Workers share one CNode. It never holds a cap to anything the supervisor needs,
 * so whatever they do, the supervisor can build it again.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "abi/bootinfo.h"
#include "abi/labels.h"
#include "abi/syscalls.h"

enum {
    WORKERS = 8,
    PLAY_RADIX = 8,
    PLAY_SLOTS = 1 << PLAY_RADIX,
    PLAY_GUARD_BITS = WORD_BITS - PLAY_RADIX, /* cptr = slot number */
    PLAY_FAULTS = 8,                          /* slot of worker 0's fault endpoint cap */
    PLAY_FREE = PLAY_FAULTS + WORKERS,        /* first slot that starts empty */
    HIGHEST_WORKER_PRIORITY = 200,
    WINDOW_AREAS = 4, /* pieces of 2 MiB of the window */
    WINDOW_PAGES = 4, /* pages used of each */
};
/* Addresses that workers map and touch; nothing else is there. */
#define WINDOW 0x10000000ull

/* ---- random.c ---- */

void random_start(uint64_t seed);
uint64_t random_word(void);
/* 0..n−1 */
uint64_t below(uint64_t n);
/* True once in n times. */
bool once_in(uint64_t n);
/* An address in the window, page aligned. */
uint64_t random_page(void);

/* ---- worker.S ---- */

/* What a worker does next: registers at `svc`, and an instruction before it. */
enum touch {
    TOUCH_NOTHING,
    TOUCH_LOAD,  /* x5 = [address] */
    TOUCH_STORE, /* [address] = x5 */
    TOUCH_FP,    /* x5 = d8, d8 = x2 */
    TOUCH_JUMP,  /* to the address */
};
struct step {
    uint64_t x[6];
    uint64_t number; /* x7 */
    uint64_t address;
    uint64_t touch;
};

/* A worker's loop: x = tpidr_el0 is its number; it starts afresh after every call, and nothing but
 * global memory connects two steps. */
extern const char worker_entry[];
/* The `svc` of the loop, and an undefined instruction. */
extern const char worker_svc[];
extern const char worker_undefined[];
/* Sends on the cptr in x19, for ever. */
extern const char watchdog_entry[];

/* ---- step.c ---- */

/* The IPC buffers of the workers, in the image. */
extern struct ipc_buffer worker_buffer[WORKERS];
/* Steps made by all workers. */
extern uint64_t step_count;

/* The next step of worker `who` (any number). */
const struct step *worker_step(uint64_t who);

/* ---- playground.c ---- */

/* Makes what lasts: fault endpoint, watchdog. Ends the run when that fails. */
void playground_open(const struct bootinfo *bootinfo);
/* Takes everything away and makes it anew; all workers start. */
void playground_build(void);
/* Puts some random cap into a random slot, if that is empty, or empties one, or copies registers.
 */
void playground_restock(void);
/* Makes worker `who` start its loop; `whole`: with its spaces and buffer restored first. */
void playground_revive(unsigned who, bool whole);
/* The next message: its badge, 0 = nobody can run, else 1 + number of a worker. */
uint64_t playground_wait(void);
/* Answers it with random words. */
void playground_answer(void);
/* Supervisor's calls that were done and refused. */
extern uint64_t calls_done, calls_refused;
