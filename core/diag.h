/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Outside the hashed state: refusals in words, thread names, statistics, the event being built.
 * Nothing here influences what the kernel does.
 */
#pragma once
#include "kernel.h"

enum {
    DIAG_RING = 64,
    DIAG_NAMES = 64,
    DIAG_NAME_BYTES = 32,
    DIAG_TEXT_BYTES = 96,
};

/* One refused invocation or fault. */
struct diag_entry {
    uint64_t thread;  /* TCB */
    uint32_t label;   /* invocation label, or 0 for a fault */
    uint32_t code;    /* enum error_code, or enum fault_label */
    uint64_t found;   /* the value that was not acceptable */
    const char *text; /* what was expected; "%" or "#" stands for `found` */
};

struct diag_name {
    uint64_t thread;
    char text[DIAG_NAME_BYTES];
};

/* Utilisation of one thread or of the whole (abi/syscalls.md §8), in timer counts. */
struct diag {
    enum log_level log;
    bool has_log_buffer; /* BenchmarkSetLogBuffer succeeded */
    bool events;         /* build the event of each entry (lockstep.h) */
    uint64_t entries;    /* kernel entries since boot */
    uint64_t trace_from; /* entries whose events go to hal_event() */
    uint64_t trace_to;
    uint64_t lockstep; /* entries between two lines of digests, 0 = none */
    uint64_t events_digest;
    uint64_t refusals; /* ever put into the ring */
    struct diag_entry ring[DIAG_RING];
    struct diag_name names[DIAG_NAMES];
    uint32_t next_name;
    struct event event;
    struct trap trap;   /* the one being handled, for reports */
    uint64_t run_since; /* when the current thread was given the processor */
    uint64_t idle_time;
    uint64_t measured_since;
    char text[DIAG_TEXT_BYTES]; /* the last refusal as a sentence */
};
_Static_assert(sizeof(struct diag) <= CORE_DIAG_BYTES, "hal.h reserves the room");

const char *diag_thread_name(const struct diag *diag, uint64_t thread);
void diag_name_thread(struct diag *diag, uint64_t thread, const char *name);
void diag_forget_thread(struct diag *diag, uint64_t thread);
/* Puts one refusal into the ring; prints it when the log level asks for it. */
void diag_refusal(struct cpu *cpu, const struct tcb *thread, uint32_t label, uint32_t code,
                  const char *text, uint64_t found);
void diag_fault(struct cpu *cpu, const struct tcb *thread, const struct fault *fault);
