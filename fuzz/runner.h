/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Runs one program (program.h) from its start state under all oracles.
 *
 * A step acts as the current thread only: what a real program of that thread could do. Registers
 * keep the meaning they have on the machine: svc sets the restart address to its own address and
 * the next PC behind it, so that a restarted call is seen as such. While nobody runs, only
 * interrupts and time act.
 *
 * Oracles after each trap: the invariants of the core, the checks of the hosted machine
 * (translations, interrupts, memory), no halt but the ones asked for, and, when wanted, that a
 * refused invocation changed nothing but the reply; and the model of the interface (model_check.h)
 * comes to the same state. KAAL_FUZZ_MODEL=0 in the environment leaves the model out, to measure
 * what it costs.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine.h"
#include "stats.h"

struct run_options {
    uint64_t stop_at; /* replay_stop() is called before that kernel entry; 0 = never */
    bool words;       /* each step and trap in words on standard error, with what it changed */
    bool refusals;    /* compare the state around each refused invocation */
    bool hash;        /* state hash at the end */
    bool slow;        /* every call goes the ordinary way, none through a fast path */
    bool bare;        /* without oracles */
    bool touched;  /* touched.h after each trap instead of the other oracles, the walk at the end */
    bool no_model; /* without the model, the other oracles stay */
    bool model_alone; /* the other oracles do not judge; to test the model */
    /* Before each trap the free stack is filled with this byte, so that what is used without having
     * been set is not the same in two runs with different bytes; 0 = left as it is. */
    uint8_t stack_fill;
    void (*damage)(struct cpu *cpu); /* after each trap, before the oracles; to test them */
};

struct run_result {
    const char *failure; /* NULL, or one sentence in a static buffer */
    unsigned step;       /* in which it happened, from 1 */
    unsigned traps;
    int status; /* of machine_guard() */
    struct machine_hash hash;
};

/* Once per process, before the first run. */
void run_init(struct stats *counters);
struct run_result run_program(const uint8_t *data, size_t size, const struct run_options *options);
/* The same, and once more through the ordinary ways only, bare: both must end in the same state. */
struct run_result run_both_ways(const uint8_t *data, size_t size,
                                const struct run_options *options);

/* For callers that take steps from one state (the explorer): the state the machine is in is that
 * one; the model is filled from it. */
void run_base(const struct cpu *cpu);
/* The next step begins there. */
void run_from(struct cpu *cpu, const struct run_options *options);
/* One step given as bytes. */
struct run_result run_step(const uint8_t *bytes, size_t size);

/* A debugger stops here: what comes next is the kernel entry asked for. */
void replay_stop(void);
/* Number of the kernel entry being made; may be pointed to shared memory. */
extern volatile uint64_t *replay_progress;
