/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Oracles and counters around a trap (oracle.h).
 */
#include "oracle.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "confine.h"
#include "cspace.h"
#include "diag.h"
#include "invariants.h"
#include "invoke.h"
#include "machine.h"
#include "memory.h"
#include "partition.h"
#include "thread.h"
#include "world.h"

enum {
    CONSOLE_BYTES = 512,
};

static struct {
    struct stats *stats;
    char console[CONSOLE_BYTES];
    char sentence[CONSOLE_BYTES + 128];
    /* of the trap being judged */
    bool is_syscall;
    int64_t number;
    struct tcb *caller;
    uint64_t pc;
    bool compare;   /* the state with the one before, if refused; not while time is accounted */
    uint32_t label; /* of the method called, 0 = no invocation of one */
    uint64_t refusals;
    struct trap trap;
} judged;

void oracle_init(struct stats *counters)
{
    judged.stats = counters;
}

void oracle_begin(void)
{
    judged.stats->cases++;
    memory_take();
}

/* ---- before ---- */

/* Label of the method that the current thread is about to invoke, or 0. */
static uint32_t method_called(const struct tcb *tcb)
{
    struct lookup_fault ignored;
    int64_t number = (int64_t)tcb->context.reg[REG_X7];
    uint64_t label = msginfo_label(tcb->context.reg[REG_X1]);
    if ((number != SYS_CALL && number != SYS_SEND && number != SYS_NB_SEND) || label == 0 ||
        label >= LABEL_COUNT)
        return 0;
    const struct slot *slot = cspace_lookup(tcb, tcb->context.reg[REG_X0], &ignored);
    if (!slot || cap_is_null(slot->cap) || cap_type(slot->cap) != methods[label].type)
        return 0;
    return (uint32_t)label;
}

static void count_syscall(int64_t number)
{
    bool known = number < 0 && number > -STATS_SYSCALLS;
    judged.stats->syscalls[known ? -number : 0]++;
}

void oracle_expect(const struct cpu *cpu, const struct trap *trap)
{
    judged.is_syscall = trap->kind == TRAP_SYSCALL;
    if (judged.is_syscall)
        judged.number = (int64_t)cpu->current->context.reg[REG_X7];
    machine_console_capture(judged.console, sizeof judged.console);
}

void oracle_before(const struct cpu *cpu, const struct trap *trap, bool refusals)
{
    judged.trap = *trap;
    memory_take_user(cpu);
    judged.is_syscall = trap->kind == TRAP_SYSCALL;
    judged.caller = cpu->current;
    judged.label = 0;
    judged.compare = false;
    judged.refusals = cpu->diag->refusals;
    judged.stats->traps++;
    machine_console_capture(judged.console, sizeof judged.console);
    if (!judged.is_syscall)
        return;
    judged.pc = cpu->current->context.reg[REG_PC];
    judged.number = (int64_t)cpu->current->context.reg[REG_X7];
    judged.label = method_called(cpu->current);
    count_syscall(judged.number);
    judged.compare = refusals && judged.number >= SYS_NB_SEND && judged.number != SYS_REPLY_RECV &&
                     !cpu->kernel->benchmark_calls;
}

/* ---- after ---- */

static const struct diag_entry *last_entry(const struct cpu *cpu)
{
    if (cpu->diag->refusals == judged.refusals)
        return NULL;
    return &cpu->diag->ring[(cpu->diag->refusals - 1) % DIAG_RING];
}

static void count(const struct diag_entry *entry)
{
    struct label_stats *label = &judged.stats->labels[judged.label];
    const struct tcb *caller = judged.caller;
    if (entry && entry->label == 0)
        judged.stats->faults[entry->code]++;
    if (judged.label == 0 || (entry && entry->label == 0))
        return;
    if (!entry && caller->context.next_pc == judged.pc &&
        caller->context.reg[REG_PC] == judged.pc) {
        label->preempted++;
        return;
    }
    label->attempts++;
    if (entry)
        label->errors[entry->code]++;
    else
        label->successes++;
}

/* The reply registers, and the reply words that did not fit into them. */
static bool is_reply_word(const uint64_t *word)
{
    const struct tcb *caller = judged.caller;
    const uint64_t *x0 = &caller->context.reg[REG_X0];
    const struct ipc_buffer *buffer = thread_buffer(caller, true);
    if (word >= x0 && word < x0 + 2 + MSG_REGISTERS)
        return true;
    if (word == &caller->progress_bytes) /* of a preempted call that is refused now */
        return *word == 0;
    return buffer && word >= &buffer->msg[MSG_REGISTERS] && word <= &buffer->msg[MSG_REGISTERS];
}

/* Physical address of the first word that the trap changed though it is no part of the reply; 0 =
 * none. */
__attribute__((no_sanitize("address"))) static uint64_t changed_by_refusal(void)
{
    for (unsigned i = 0; i < memory_changed_count(); i++) {
        uint64_t pa = MEMORY_START + (uint64_t)memory_changed_page(i) * MEMORY_PAGE_BYTES;
        const uint64_t *now = memory_now(pa);
        const uint64_t *then = memory_before(pa);
        for (unsigned word = 0; word < MEMORY_PAGE_WORDS; word++)
            if (now[word] != then[word] && !is_reply_word(&now[word]))
                return pa + word * 8ull;
    }
    return 0;
}

void oracle_remember(void)
{
    memory_take();
}

__attribute__((no_sanitize("address"))) uint64_t oracle_difference(const void *ignored)
{
    uint64_t skip = (uint64_t)ignored / 8 * 8;
    memory_compare();
    for (unsigned i = 0; i < memory_changed_count(); i++) {
        uint64_t pa = MEMORY_START + (uint64_t)memory_changed_page(i) * MEMORY_PAGE_BYTES;
        const uint64_t *now = memory_now(pa);
        const uint64_t *then = memory_before(pa);
        for (unsigned word = 0; word < MEMORY_PAGE_WORDS; word++)
            if (now[word] != then[word] && (uint64_t)&now[word] != skip)
                return pa + word * 8ull;
    }
    return 0;
}

static const char *check_refusal(const struct diag_entry *entry)
{
    if (!judged.compare || !entry || entry->label == 0)
        return NULL;
    judged.stats->refusals_checked++;
    uint64_t pa = changed_by_refusal();
    if (pa == 0)
        return NULL;
    snprintf(judged.sentence, sizeof judged.sentence,
             "a refused call of label %u changed the word at 0x%" PRIx64, entry->label, pa);
    return judged.sentence;
}

typedef const char *check_fn(const struct cpu *cpu, struct slot *slots, uint64_t count);

static const char *check_invariants(const struct cpu *cpu, check_fn *check)
{
    const char *broken = check(cpu, slots_at(world_root_cnode()), 1ull << WORLD_ROOT_RADIX);
    if (!broken)
        return NULL;
    snprintf(judged.sentence, sizeof judged.sentence, "invariant broken: %s", broken);
    return judged.sentence;
}

const char *oracle_end(const struct cpu *cpu)
{
    return check_invariants(cpu, invariants_check_all);
}

const char *oracle_after(const struct cpu *cpu)
{
    const struct diag_entry *entry = last_entry(cpu);
    count(entry);
    memory_compare();
    const char *broken = check_invariants(cpu, invariants_check);
    if (!broken)
        broken = check_refusal(entry);
    if (!broken)
        broken = confine_check(cpu, &judged.trap);
    if (!broken)
        broken = partition_check(cpu);
    memory_follow();
    return broken;
}

/* Calls that end the system when asked to, or when their cap is no thread (abi/syscalls.md §8). */
static bool may_halt(int64_t number)
{
    return number == SYS_DEBUG_HALT || number == SYS_DEBUG_NAME_THREAD ||
           number == SYS_BENCHMARK_GET_THREAD_UTILISATION ||
           number == SYS_BENCHMARK_RESET_THREAD_UTILISATION;
}

const char *oracle_judge_end(const struct cpu *cpu, int status)
{
    (void)cpu;
    bool asked = judged.is_syscall && may_halt(judged.number);
    if (status == MACHINE_VIOLATION) {
        snprintf(judged.sentence, sizeof judged.sentence, "machine: %s", machine_violation());
        return judged.sentence;
    }
    if (asked)
        return NULL;
    snprintf(judged.sentence, sizeof judged.sentence, "the kernel halted with status %d: %.*s",
             status, (int)machine_console_used(), judged.console);
    return judged.sentence;
}
