/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The run loop (run.h). It keeps true: virtual time moves by the executed instructions, and while
 * nothing is runnable straight to the next timer; so equal runs are equal.
 */
#include "run.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "crash.h"
#include "graph.h"
#include "input.h"
#include "internal.h"
#include "record.h"
#include "sysreg.h"
#include "timeline.h"
#include "trace.h"

enum {
    LINE_BYTES = 1024,
    SLICE = 5000000, /* instructions between looks at the real clock */
};

enum {
    /* A data abort from EL0, read, translation fault at level 0 (Arm ARM D17.2.37). */
    ESR_READ_OF_NOTHING = 0x24 << 26 | 1 << 25 | 0x04,
};

/* Virtual time after which a machine that only ticks counts as waiting for ever. */
static const uint64_t idle_limit = 60ull * 1000000000;

struct run {
    const struct options *options;
    uint64_t instructions;
    uint64_t idle_since; /* when EL0 last ran */
    time_t deadline;     /* of --timeout, 0 = none */
    struct cpu *cpu;     /* NULL until it has booted */
    int status;          /* own end of the run; valid when ended */
    bool ended;
    bool matched;
    struct boot_options asked; /* which events are to be printed */
    char line[LINE_BYTES];     /* console line so far, for --until */
    size_t line_bytes;
};

static struct run run;

static void end_run(int status, const char *sentence)
{
    run.ended = true;
    run.status = status;
    if (sentence != NULL) {
        fflush(stdout);
        fprintf(stderr, "kaal-hosted: %s\n", sentence);
    }
}

/* ---- --until ---- */

static void watch_console(char c)
{
    if (c == '\n') {
        run.line[run.line_bytes] = '\0';
        run.line_bytes = 0;
        if (!run.matched && regexec(&run.options->until_regex, run.line, 0, NULL, 0) == 0) {
            run.matched = true;
            end_run(0, NULL);
        }
    } else if (c != '\r' && run.line_bytes < LINE_BYTES - 1) {
        run.line[run.line_bytes++] = c;
    }
}

/* ---- one step ---- */

static const enum trap_kind trap_of[] = {
    [CPU_SYSCALL] = TRAP_SYSCALL,
    [CPU_DATA_ABORT] = TRAP_DATA_ABORT,
    [CPU_INSTRUCTION_ABORT] = TRAP_INSTRUCTION_ABORT,
    [CPU_EXCEPTION] = TRAP_USER_EXCEPTION,
};

/* Instructions until the next timer, the end of the budget or a look at the clock. */
static uint64_t allowance(void)
{
    uint64_t at = 0, n = run.options->budget - run.instructions;
    n = n < SLICE ? n : SLICE;
    if (machine_next_event(&at) && at - machine_now() < n) {
        n = at - machine_now();
    }
    return n == 0 ? 1 : n;
}

/* One kernel entry, and in between what a recording wants to know. */
static struct context *enter_kernel(struct cpu *cpu, const struct trap *trap)
{
    record_entry(core_current(cpu), trap);
    struct context *next = machine_enter(cpu, trap);
    record_left();
    record_user_begins(next);
    return next;
}

static struct context *run_thread(struct cpu *cpu, struct context *context)
{
    struct cpu_exit exit;
    machine.engine->run(context, allowance(), &exit);
    uint64_t cost = exit.instructions != 0 ? exit.instructions : 1; /* a trap takes time too */
    run.instructions += cost;
    machine_advance(cost);
    run.idle_since = machine_now();
    if (exit.kind == CPU_BUDGET || sysreg_answer(context, &exit)) {
        return context;
    }
    struct trap trap = {.kind = trap_of[exit.kind], .esr = exit.esr, .far = exit.far};
    if (exit.kind == CPU_SYSCALL && crash_now(run.instructions)) {
        trap = (struct trap){.kind = TRAP_DATA_ABORT, .esr = ESR_READ_OF_NOTHING};
    }
    return enter_kernel(cpu, &trap);
}

/* Nothing is runnable: time passes up to the next event. The kernel's own tick wakes nobody for
 * ever; a person who may type still can. */
static void wait_for_interrupt(void)
{
    uint64_t at = 0, unused;
    bool live = input_is_live() && device_waits_for_input();
    bool ticks_only =
        !machine.model.timer[TIMER_PHYSICAL].enabled && !device_next_event(&unused) && !live;
    bool event = machine_next_event(&at);
    if (live) {
        input_wait(event ? at - machine_now() : UINT64_MAX);
        event = machine_next_event(&at);
    }
    if (!event && live) {
        return;
    }
    if (!event) {
        end_run(STATUS_IDLE, "nothing is runnable and no timer is armed: waiting for ever");
    } else if (ticks_only && machine_now() - run.idle_since > idle_limit) {
        end_run(STATUS_IDLE, "nothing was runnable for 60 s of virtual time and no device can "
                             "interrupt: waiting for ever");
    } else {
        machine_advance(at - machine_now());
    }
}

static void check_limits(void)
{
    if (run.instructions >= run.options->budget) {
        end_run(STATUS_BUDGET, "the instructions of --budget are used up");
    } else if (run.deadline != 0 && time(NULL) >= run.deadline) {
        end_run(STATUS_TIMEOUT, "the time of --timeout has passed");
    }
}

static void plan_injections(const struct options *o)
{
    for (unsigned i = 0; i < o->injections; i++) {
        (void)machine_inject(o->inject[i]); /* read once already */
    }
}

static void boot_and_run(void *unused)
{
    static const struct trap interrupt = {.kind = TRAP_INTERRUPT};
    (void)unused;
    struct cpu *cpu = machine_boot();
    run.cpu = cpu;
    struct context *context = core_current(cpu);
    record_user_begins(context);
    timeline_begin(context != NULL ? hal_window_paddr(context).raw : 0, machine_now());
    while (!run.ended) {
        if (irq_is_pending()) {
            context = enter_kernel(cpu, &interrupt);
        } else if (context != NULL) {
            context = run_thread(cpu, context);
        } else {
            wait_for_interrupt();
        }
        if (!run.ended) {
            check_limits();
        }
    }
}

/* ---- observation ---- */

static void on_event(const struct event *event)
{
    if (run.asked.log >= LOG_TRACE ||
        (event->number >= run.asked.trace_from && event->number <= run.asked.trace_to)) {
        trace_event(event);
    }
    timeline_event(event, machine_now());
    crash_event(event, run.instructions);
}

static void on_interrupt(uint32_t irq)
{
    timeline_interrupt(irq, machine_now());
}

/* A timeline and a crash want all events of the core; the lines of kaal.lockstep would then come
 * for each. */
static bool open_timeline(const char *name, bool crash)
{
    struct boot_options *boot = &machine.platform.options;
    run.asked = *boot;
    machine_on_event(on_event);
    machine.on_interrupt = on_interrupt;
    if (name != NULL || crash) {
        boot->trace_from = 0;
        boot->trace_to = UINT32_MAX;
        boot->lockstep = 0;
    }
    return name == NULL || timeline_open(name);
}

static bool open_files(const struct options *options)
{
    return open_timeline(options->timeline, options->crash.space != 0) &&
           (options->record == NULL || record_open(options->record));
}

/* Both, whatever happens to the other. */
static bool close_files(int end)
{
    bool recorded = record_close(end);
    return timeline_close(machine_now()) && recorded;
}

/* ---- the whole ---- */

static void print_state_hash(void)
{
    struct machine_hash h = machine_hash();
    printf("state hash %016" PRIx64 "%016" PRIx64 " after %" PRIu64 " instructions\n", h.w[0],
           h.w[1], run.instructions);
}

int run_machine(const struct options *options)
{
    memset(&run, 0, sizeof run);
    run.options = options;
    run.deadline = options->timeout != 0 ? time(NULL) + (time_t)options->timeout : 0;
    machine.console_watch = options->until != NULL ? watch_console : NULL;
    plan_injections(options);
    crash_begin(&options->crash);
    if (!open_files(options)) {
        return STATUS_FILE;
    }
    int end = machine_guard(boot_and_run, NULL);
    bool written = close_files(end);
    if (options->explain && run.cpu != NULL) {
        core_explain(run.cpu);
    }
    crash_print_recovery();
    if (options->calls) {
        crash_print();
    }
    if (options->graph != NULL && run.cpu != NULL) {
        written = graph_draw(options->graph, run.cpu) && written;
    }
    fflush(stdout);
    if (end == MACHINE_VIOLATION) {
        fprintf(stderr, "kaal-hosted: %s\n", machine_violation());
    }
    if (options->state_hash) {
        print_state_hash();
    }
    int status = end == MACHINE_RAN_ON      ? run.status
                 : end == MACHINE_VIOLATION ? STATUS_VIOLATION
                                            : end;
    if (status == 0 && !written) {
        return STATUS_FILE;
    }
    if (options->until == NULL || end == MACHINE_VIOLATION) {
        return status;
    }
    if (run.matched) {
        return 0;
    }
    if (end != MACHINE_RAN_ON) {
        fprintf(stderr, "kaal-hosted: the run ended with status %d before --until matched\n", end);
        return STATUS_UNMATCHED;
    }
    return status;
}
