/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Helper threads. A probe executes a few instructions at a known place with registers chosen word
 * by word, then an undefined instruction: the fault stops it with every register as it was, and
 * the frame receives the fault, so that all 36 words can be read and the probe used again.
 * A worker runs a C function.
 */
#pragma once
#include "harness.h"

enum {
    PROBES = 8,
    PROBE_PRIORITY = 100,
    WORKERS = 8
};

/* Code for probes (snippets.S); each ends in an undefined instruction at <name>_end. */
extern char snippet_svc[], snippet_svc_end[];                     /* svc #0 */
extern char snippet_svc_immediate[], snippet_svc_immediate_end[]; /* svc #0x1234 */
extern char snippet_load[], snippet_load_end[];                   /* ldr x1, [x0] */
extern char snippet_store[], snippet_store_end[];                 /* str x1, [x0] */
extern char snippet_jump[];                                       /* br x0 */
extern char snippet_undefined[];                                  /* the undefined instruction */
extern char snippet_break[];                                      /* brk #0 */
extern char snippet_fp[], snippet_fp_end[];                       /* fmov d0, x0 */
extern char snippet_fp_file[], snippet_fp_file_end[]; /* load V0..V31 from x0, svc, store to x1 */
extern char snippet_counter[], snippet_counter_end[]; /* mrs x1, cntvct_el0 */
extern char snippet_cycles[], snippet_cycles_end[];   /* mrs x1, pmccntr_el0 */
extern char snippet_cache[], snippet_cache_end[];     /* x1 := ctr_el0, dc and ic on x0 */
extern char snippet_wait[], snippet_wait_end[];       /* wfe, wfi */
extern char snippet_registers[], snippet_registers_end[]; /* all registers to memory at x20 */
extern char snippet_physical_counter[], snippet_physical_counter_end[]; /* cntpct, cntp_ctl */
extern char snippet_flags[], snippet_flags_end[]; /* NZCV := x9, svc, x10 := NZCV */
extern char snippet_two[], snippet_two_end[];     /* svc, then svc with the registers as left */

struct probe {
    unsigned index; /* its fault badge is PROBE_BADGE + index */
    uint64_t tcb;
    struct ipc_buffer *buffer;
    uint64_t buffer_frame;     /* cap of the frame that the buffer lies in */
    uint64_t regs[REG_COUNT];  /* what it was started with, or was read last */
    bool faulted;              /* run() has received a fault of it */
    struct kaal_message fault; /* the last one, first four words */
};

#define PROBE_BADGE 0x70

/* For the frame. */
void probe_init(void);
void probe_open(void);

/* A new probe in the initial CSpace and VSpace, with an IPC buffer of its own. */
struct probe *probe_new(void);

/* Fills regs: pc, a stack, a different value in every other register. */
void probe_set(struct probe *p, const char *code);
/* The same for one system call with these registers x0..x5. */
void probe_set_call(struct probe *p, enum syscall number, uint64_t x0, uint64_t info, uint64_t mr0,
                    uint64_t mr1, uint64_t mr2, uint64_t mr3);
/* Writes regs and resumes. */
void probe_go(struct probe *p);
/* Both: one call, MRs as in probe_set_call. */
void probe_call(struct probe *p, enum syscall number, uint64_t x0, uint64_t info, uint64_t mr0,
                uint64_t mr1);
/* Reads all registers into regs. */
void probe_read(struct probe *p);
/* Whether it has executed the `svc` of snippet_svc and stopped behind it; reads the registers. */
bool probe_done(struct probe *p);
/* Whether it is still at that `svc`. */
bool probe_blocked(struct probe *p);

/* The endpoint that receives the probes' faults, of the current case. */
uint64_t fault_endpoint(void);

/* Stops and restarts the thread that ends settle(): meanwhile the machine may be idle, and only an
 * interrupt wakes this thread. settle() and run() must not be called in between. */
void quiet_off(void);
void quiet_on(void);

/* Lets every thread run until none can, without receiving anything. */
void settle(void);
/* The same, and receives the faults of all probes that stopped. */
void run(void);

/* A thread that runs `body(argument)` at `priority`, then waits for good. Returns its TCB. */
uint64_t worker_new(void (*body)(uint64_t argument), uint64_t argument, uint64_t priority);
void worker_go(uint64_t tcb);
/* The case has deleted its workers: their stacks and buffers may be used again. */
void workers_forget(void);
