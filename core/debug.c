/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Debug and benchmark calls (abi/syscalls.md §8).
 */
#include "debug.h"

#include "cspace.h"
#include "diag.h"
#include "lockstep.h"
#include "print.h"
#include "thread.h"
#include "utilisation.h"

enum {
    HALT_BY_BAD_DEBUG_CALL = 103
};

typedef void debug_fn(struct cpu *cpu);

static uint64_t *x0(struct cpu *cpu)
{
    return &cpu->current->context.reg[REG_X0];
}

static void put_char(struct cpu *cpu)
{
    hal_console_putc((char)*x0(cpu));
}

static void halt(struct cpu *cpu)
{
    lockstep_end(cpu);
    hal_halt((int)(*x0(cpu) & 0xff));
}

static void cap_identify(struct cpu *cpu)
{
    struct lookup_fault ignored;
    const struct slot *slot = cspace_lookup(cpu->current, *x0(cpu), &ignored);
    *x0(cpu) = slot ? cap_type(slot->cap) : CAP_NULL;
}

static void stop_for(const char *sentence)
{
    print("%s\n", sentence);
    hal_halt(HALT_BY_BAD_DEBUG_CALL);
}

/* The name is what stands at msg[0] of the IPC buffer, as a string below 960 bytes. */
static void name_thread(struct cpu *cpu)
{
    struct lookup_fault ignored;
    const struct slot *slot = cspace_lookup(cpu->current, *x0(cpu), &ignored);
    if (!slot || cap_type(slot->cap) != CAP_TCB)
        stop_for("DebugNameThread: the cap is not a TCB");
    const struct ipc_buffer *buffer = thread_buffer(cpu->current, false);
    if (!buffer)
        stop_for("DebugNameThread: the caller has no IPC buffer");
    const char *name = (const char *)buffer->msg;
    size_t length = 0;
    while (length < sizeof buffer->msg && name[length])
        length++;
    if (length == sizeof buffer->msg)
        stop_for("DebugNameThread: the name is 960 bytes or longer");
    diag_name_thread(cpu->diag, cap_object(slot->cap), name);
}

/* The log buffer takes no records: there are no trace points, so its index stays 0. */
static void set_log_buffer(struct cpu *cpu)
{
    struct lookup_fault ignored;
    const struct slot *slot = cspace_lookup(cpu->current, *x0(cpu), &ignored);
    bool usable =
        slot && cap_type(slot->cap) == CAP_FRAME && frame_bits(slot->cap) == LARGE_PAGE_BITS;
    cpu->diag->has_log_buffer = cpu->diag->has_log_buffer || usable;
    *x0(cpu) = usable ? ERROR_NONE : ERROR_ILLEGAL_OPERATION;
}

static void reset_log(struct cpu *cpu)
{
    *x0(cpu) = cpu->diag->has_log_buffer ? ERROR_NONE : ERROR_ILLEGAL_OPERATION;
}

static void finalize_log(struct cpu *cpu)
{
    *x0(cpu) = 0;
}

static void flush_caches(struct cpu *cpu)
{
    (void)cpu;
    hal_cache_flush_all();
}

static void null_call(struct cpu *cpu)
{
    (void)cpu;
}

/* By -number: -9 … -14, -18 … -26. */
static debug_fn *const debug_calls[] = {
    [-SYS_DEBUG_PUT_CHAR] = put_char,
    [-SYS_DEBUG_DUMP_SCHEDULER] = debug_dump_scheduler,
    [-SYS_DEBUG_HALT] = halt,
    [-SYS_DEBUG_CAP_IDENTIFY] = cap_identify,
    [-SYS_DEBUG_SNAPSHOT] = debug_snapshot,
    [-SYS_DEBUG_NAME_THREAD] = name_thread,
    [-SYS_BENCHMARK_FLUSH_CACHES] = flush_caches,
    [-SYS_BENCHMARK_RESET_LOG] = reset_log,
    [-SYS_BENCHMARK_FINALIZE_LOG] = finalize_log,
    [-SYS_BENCHMARK_SET_LOG_BUFFER] = set_log_buffer,
    [-SYS_BENCHMARK_NULL_SYSCALL] = null_call,
    [-SYS_BENCHMARK_GET_THREAD_UTILISATION] = utilisation_get,
    [-SYS_BENCHMARK_RESET_THREAD_UTILISATION] = utilisation_reset,
    [-SYS_BENCHMARK_DUMP_ALL_UTILISATION] = utilisation_dump_all,
    [-SYS_BENCHMARK_RESET_ALL_UTILISATION] = utilisation_reset_all,
};
enum {
    DEBUG_CALL_COUNT = sizeof debug_calls / sizeof debug_calls[0]
};

bool debug_call(struct cpu *cpu, int64_t number)
{
    uint64_t index = 0 - (uint64_t)number;
    if (index >= DEBUG_CALL_COUNT || !debug_calls[index])
        return false;
    bool benchmark = number <= SYS_BENCHMARK_FLUSH_CACHES;
    if (number <= SYS_BENCHMARK_DUMP_ALL_UTILISATION && !cpu->kernel->debug_flavour)
        return false;
    if (benchmark ? !cpu->kernel->benchmark_calls : !cpu->kernel->debug_calls)
        return false;
    debug_calls[index](cpu);
    return true;
}

static void print_thread(struct cpu *cpu, const struct tcb *tcb, const char *where)
{
    print("  %016x %s priority %u domain %u pc 0x%x \"%s\"\n", pa_of(tcb), where,
          (uint64_t)tcb->priority, (uint64_t)tcb->domain, tcb->context.reg[REG_PC],
          diag_thread_name(cpu->diag, pa_of(tcb)));
}

void debug_dump_scheduler(struct cpu *cpu)
{
    print("threads:\n");
    if (cpu->current)
        print_thread(cpu, cpu->current, "running");
    for (unsigned domain = 0; domain < cpu->kernel->domain_count; domain++)
        for (unsigned priority = PRIORITY_COUNT; priority-- > 0;)
            for (const struct tcb *tcb = cpu->kernel->ready[domain].queue[priority].head; tcb;
                 tcb = tcb->ready_next)
                print_thread(cpu, tcb, "ready  ");
}
