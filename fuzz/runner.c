/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Executing steps (runner.h): what the thread's own instructions and the outside world do. The
 * oracles are in oracle.c.
 */
#include "runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "internal.h"
#include "model_check.h"
#include "names.h"
#include "oracle.h"
#include "partition.h"
#include "program.h"
#include "thread.h"
#include "touched.h"
#include "trace.h"
#include "world.h"

enum {
    MAX_AGAIN = 24, /* executions of one preempted call */
    ESR_SVC = 0x56000000,
    ESR_DATA = 0x24,
    ESR_INSTRUCTION = 0x20,
    ESR_FP = 7,
    FP_REGISTERS = 64,
    SVC_BYTES = 4,
    STACK_FILL_BYTES = 8192,
    MAX_TICKS = 16, /* of a domain with nothing to do */
};

static struct {
    struct cpu *cpu;
    const struct run_options *options;
    struct reader reader;
    struct run_result result;
    bool ended;
    bool without_model; /* KAAL_FUZZ_MODEL=0 */
} run;

static struct tcb *current(void)
{
    return run.cpu->current;
}

/* ---- entering the kernel ---- */

static bool model_is_on(void)
{
    return !run.without_model && !run.options->bare && !run.options->no_model &&
           !run.options->touched;
}

__attribute__((noinline, no_sanitize("address"))) static void fill_stack(uint8_t byte)
{
    volatile uint8_t room[STACK_FILL_BYTES];
    for (unsigned i = 0; i < sizeof room; i++)
        room[i] = byte;
}

static uint64_t own_progress;
volatile uint64_t *replay_progress = &own_progress;

__attribute__((noinline)) void replay_stop(void)
{
    __asm__ volatile("" ::: "memory");
}

static bool enter_lightly(const struct trap *trap)
{
    oracle_expect(run.cpu, trap);
    touched_before(run.cpu);
    machine_enter(run.cpu, trap);
    run.result.failure = touched_after(run.cpu);
    run.ended = run.result.failure != NULL;
    return !run.ended;
}

/* Returns false when the run is over. */
static bool enter(enum trap_kind kind, uint32_t esr, uint64_t far)
{
    const struct trap trap = {.kind = kind, .esr = esr, .far = far};
    *replay_progress = ++run.result.traps;
    if (run.options->stop_at == run.result.traps)
        replay_stop();
    if (run.options->bare) {
        machine_enter(run.cpu, &trap);
        return true;
    }
    if (run.options->touched)
        return enter_lightly(&trap);
    oracle_before(run.cpu, &trap, run.options->refusals);
    if (model_is_on())
        model_before(run.cpu, &trap);
    if (run.options->stack_fill)
        fill_stack(run.options->stack_fill);
    machine_enter(run.cpu, &trap);
    if (run.options->words)
        change_write(stderr, run.cpu);
    if (run.options->damage)
        run.options->damage(run.cpu);
    run.result.failure = run.options->model_alone ? NULL : oracle_after(run.cpu);
    if (!run.result.failure && model_is_on())
        run.result.failure = model_after(run.cpu);
    run.ended = run.result.failure != NULL;
    return !run.ended;
}

static void svc_once(void)
{
    struct context *context = core_current(run.cpu);
    context->reg[REG_PC] = context->next_pc;
    context->next_pc += SVC_BYTES;
    enter(TRAP_SYSCALL, ESR_SVC, 0);
}

/* Is the current thread about to execute the svc of `pc` again? */
static bool about_to_repeat(const struct tcb *caller, uint64_t pc)
{
    return !run.ended && current() == caller && caller->context.next_pc == pc;
}

static void svc(const struct step *step)
{
    const struct tcb *caller = current();
    uint64_t pc = caller->context.next_pc;
    svc_once();
    for (unsigned i = 0; !step->leave && i < MAX_AGAIN && about_to_repeat(caller, pc); i++)
        svc_once();
}

/* ---- system calls ---- */

static const int8_t numbers[STEP_YIELD + 1] = {
    [STEP_CALL] = SYS_CALL,
    [STEP_SEND] = SYS_SEND,
    [STEP_NB_SEND] = SYS_NB_SEND,
    [STEP_RECV] = SYS_RECV,
    [STEP_NB_RECV] = SYS_NB_RECV,
    [STEP_REPLY] = SYS_REPLY,
    [STEP_REPLY_RECV] = SYS_REPLY_RECV,
    [STEP_YIELD] = SYS_YIELD,
};

static void send(const struct step *step)
{
    struct tcb *tcb = current();
    struct ipc_buffer *buffer = thread_buffer(tcb, false);
    tcb->context.reg[REG_X0] = step->cptr;
    tcb->context.reg[REG_X1] = msginfo_new(step->label, 0, step->cap_count, step->length);
    for (unsigned i = 0; i < step->word_count; i++)
        thread_set_message(tcb, buffer, i, step->words[i]);
    for (unsigned i = 0; buffer && i < step->cap_count; i++)
        buffer->caps_or_badges[i] = step->caps[i];
}

static void system_call(const struct step *step)
{
    uint64_t *reg = current()->context.reg;
    if (step_is_send(step->op)) {
        send(step);
    } else if (step->op == STEP_OTHER) {
        reg[REG_X0] = step->words[1];
        reg[REG_X1] = step->words[2];
    } else if (step->op != STEP_AGAIN) {
        reg[REG_X0] = step->cptr;
    }
    if (step->op <= STEP_YIELD)
        reg[REG_X7] = (uint64_t)(int64_t)numbers[step->op];
    else if (step->op == STEP_OTHER)
        reg[REG_X7] = 0 - step->words[0];
    svc(step);
}

/* ---- what else user level and the world do ---- */

static void write_buffer(const struct step *step)
{
    struct ipc_buffer *buffer = thread_buffer(current(), false);
    uint64_t *word = (uint64_t *)buffer;
    for (unsigned i = 0; buffer && i + 1 < step->word_count; i += 2)
        word[step->words[i] % (sizeof *buffer / sizeof *word)] = step->words[i + 1];
}

static void enter_for_interrupt(void)
{
    struct context *context = core_current(run.cpu);
    if (!irq_is_pending())
        return;
    if (context)
        context->reg[REG_PC] = context->next_pc;
    enter(TRAP_INTERRUPT, 0, 0);
}

static void interrupt(const struct step *step)
{
    uint32_t irq = (uint32_t)step->words[0];
    enum irq_mode mode = (enum irq_mode)step->words[1];
    if (irq == machine.platform.timer_irq || partition_owns_irq(irq))
        return;
    if (mode <= IRQ_PULSE_ONLY)
        machine_irq_pulse(irq);
    else
        machine_irq_line(irq, mode != IRQ_LOWER);
    if (mode == IRQ_PULSE || mode == IRQ_RAISE)
        enter_for_interrupt();
}

static void pass_time(const struct step *step)
{
    bool enters = step->words[0] < 128;
    for (unsigned i = 0; i <= step->words[0] % 16 && !run.ended; i++) {
        uint64_t at;
        if (machine_next_event(&at))
            machine_advance(at - machine_now());
        if (enters)
            enter_for_interrupt();
    }
}

static void fault(const struct step *step)
{
    struct context *context = core_current(run.cpu);
    uint32_t low = (uint32_t)step->words[1];
    uint32_t syndrome = low % (1u << 26);
    uint32_t class = low >> 26;
    context->reg[REG_PC] = context->next_pc;
    switch ((enum fault_kind)step->words[0]) {
    case FAULT_KIND_DATA:
        enter(TRAP_DATA_ABORT, (uint32_t)ESR_DATA << 26 | syndrome, step->words[2]);
        break;
    case FAULT_KIND_INSTRUCTION:
        enter(TRAP_INSTRUCTION_ABORT, (uint32_t)ESR_INSTRUCTION << 26 | syndrome, context->next_pc);
        break;
    default:
        if (class == ESR_FP)
            class = 0;
        enter(TRAP_USER_EXCEPTION, class << 26 | syndrome, 0);
    }
}

/* One FP instruction: writes a register word where EL0 may, otherwise traps. */
static void use_fp(const struct step *step)
{
    struct context *context = core_current(run.cpu);
    struct fp_state *fp = &machine.model.fp;
    if (!machine.model.fpu) {
        context->reg[REG_PC] = context->next_pc;
        enter(TRAP_USER_EXCEPTION, (uint32_t)ESR_FP << 26, 0);
    } else if (step->words[0] < FP_REGISTERS) {
        fp->v[step->words[0]] = step->words[1];
    } else {
        *(step->words[0] == FP_REGISTERS ? &fp->fpcr : &fp->fpsr) = step->words[1];
    }
}

static void set_register(const struct step *step)
{
    struct context *context = core_current(run.cpu);
    uint64_t value = step->words[1];
    switch (step->words[0]) {
    case REG_PC: context->next_pc = value / SVC_BYTES * SVC_BYTES; break;
    case REG_SPSR: context->reg[REG_SPSR] = spsr_sanitise(run.cpu->kernel, value); break;
    case REG_TPIDRRO_EL0: break; /* EL0 can only read it */
    default: context->reg[step->words[0]] = value;
    }
}

/* ---- programs ---- */

static void act(const struct step *step)
{
    switch (step->op) {
    case STEP_WRITE: write_buffer(step); break;
    case STEP_FAULT: fault(step); break;
    case STEP_FP: use_fp(step); break;
    case STEP_REG: set_register(step); break;
    default: system_call(step);
    }
}

/* Ticks, until the domain of the partition that acts runs again. */
static void let_rest(void)
{
    const struct step tick = {.op = STEP_TICK};
    for (unsigned i = 0; i < MAX_TICKS && !run.ended && partition_rests(run.cpu); i++)
        pass_time(&tick);
}

static void perform(const struct step *step)
{
    let_rest();
    if (run.ended)
        return;
    machine_preempt_at(preempt_question[step->preempt]);
    if (step->op == STEP_IRQ)
        interrupt(step);
    else if (step->op == STEP_TICK)
        pass_time(step);
    else if (current())
        act(step);
}

static void tell_step(const struct step *step)
{
    fprintf(stderr, "step %u: %s", run.result.step, step_names[step->op]);
    if (step->op == STEP_IRQ)
        fprintf(stderr, " %u", (unsigned)step->words[0]);
    if (step->preempt)
        fprintf(stderr, ", an interrupt at look %u", preempt_question[step->preempt]);
    fprintf(stderr, "\n");
}

static void run_steps(void *unused)
{
    struct step step;
    (void)unused;
    while (!run.ended && run.result.step < PROGRAM_MAX_STEPS &&
           program_next(&run.reader, names_of(run.cpu), &step)) {
        run.result.step++;
        if (run.options->words)
            tell_step(&step);
        perform(&step);
    }
    machine_preempt_at(0);
}

static void run_one(void *unused)
{
    struct step step;
    (void)unused;
    if (program_next(&run.reader, names_of(run.cpu), &step))
        perform(&step);
}

void run_from(struct cpu *cpu, const struct run_options *options)
{
    run.cpu = cpu;
    run.options = options;
    if (model_is_on())
        model_to_base();
}

void run_base(const struct cpu *cpu)
{
    if (!run.without_model)
        model_base(cpu);
}

struct run_result run_step(const uint8_t *bytes, size_t size)
{
    run.reader = (struct reader){bytes, bytes + size};
    run.result = (struct run_result){0};
    run.ended = false;
    run.result.status = machine_guard(run_one, NULL);
    if (run.result.status != MACHINE_RAN_ON && !run.options->bare)
        run.result.failure = oracle_judge_end(run.cpu, run.result.status);
    if (run.result.status != MACHINE_RAN_ON && !run.result.failure && model_is_on())
        run.result.failure = model_halt();
    return run.result;
}

void run_init(struct stats *counters)
{
    world_make_all();
    oracle_init(counters);
    const char *wanted = getenv("KAAL_FUZZ_MODEL");
    run.without_model = wanted && strcmp(wanted, "0") == 0;
    model_init(&counters->model);
    for (unsigned i = 0; i < WORLD_COUNT; i++) { /* now, so that no run is the first */
        const struct cpu *cpu = world_reset(i, false);
        partition_begin(cpu);
        if (!run.without_model)
            model_begin(cpu, i);
    }
}

struct run_result run_program(const uint8_t *data, size_t size, const struct run_options *options)
{
    unsigned start;
    run.reader = program_open(data, size, &start);
    run.cpu = world_reset(start, options->words);
    run.options = options;
    run.result = (struct run_result){0};
    run.ended = false;
    partition_begin(run.cpu);
    machine_on_event(options->words ? trace_event : NULL);
    if (options->slow)
        run.cpu->fast = false;
    if (options->words) {
        fprintf(stderr, "start state %s\n", world_name(start));
        change_begin(run.cpu, world_root_cnode(), WORLD_ROOT_RADIX);
        change_write(stderr, run.cpu);
    }
    if (!options->bare && !options->touched)
        oracle_begin();
    if (model_is_on())
        model_begin(run.cpu, start % WORLD_COUNT);
    run.result.status = machine_guard(run_steps, NULL);
    if (run.result.status == MACHINE_RAN_ON && !run.ended && !options->bare &&
        !options->model_alone)
        run.result.failure = oracle_end(run.cpu);
    if (run.result.status == MACHINE_RAN_ON && !run.ended && !run.result.failure && model_is_on())
        run.result.failure = model_end(run.cpu);
    if (run.result.status != MACHINE_RAN_ON && !options->bare)
        run.result.failure = oracle_judge_end(run.cpu, run.result.status);
    if (run.result.status != MACHINE_RAN_ON && !run.result.failure && model_is_on())
        run.result.failure = model_halt();
    if (options->hash)
        run.result.hash = machine_hash();
    return run.result;
}

struct run_result run_both_ways(const uint8_t *data, size_t size, const struct run_options *options)
{
    static const struct run_options ordinary = {.slow = true, .bare = true};
    static char sentence[96];
    struct run_result result = run_program(data, size, options);
    if (result.failure)
        return result;
    oracle_remember();
    struct run_result other = run_program(data, size, &ordinary);
    uint64_t pa = oracle_difference(&run.cpu->fast);
    if (pa != 0 || other.status != result.status) {
        snprintf(sentence, sizeof sentence,
                 "fast path and ordinary way differ: word at 0x%llx, status %d and %d",
                 (unsigned long long)pa, result.status, other.status);
        result.failure = sentence;
    }
    return result;
}
