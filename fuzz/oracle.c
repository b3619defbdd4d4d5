/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Oracles and counters around a trap (oracle.h).
 */
#include "oracle.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cspace.h"
#include "diag.h"
#include "invariants.h"
#include "invoke.h"
#include "machine.h"
#include "thread.h"
#include "world.h"

enum {
    MEMORY_WORDS = WORLD_RAM_BYTES / 8,
    PAGE_WORDS = 512,
    RAM_START = 0x40000000,
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
    uint64_t memory[MEMORY_WORDS];
} judged;

void oracle_init(struct stats *counters)
{
    judged.stats = counters;
}

void oracle_begin(void)
{
    judged.stats->cases++;
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

/* Both see free memory too, which AddressSanitizer forbids its own memcpy and memcmp to touch. */
#ifdef __SANITIZE_ADDRESS__
__attribute__((no_sanitize("address"))) static void keep_memory(void)
{
    const uint64_t *now = hal_window(paddr(RAM_START));
    for (unsigned i = 0; i < MEMORY_WORDS; i++)
        judged.memory[i] = now[i];
}

__attribute__((no_sanitize("address"))) static bool page_differs(const uint64_t *now,
                                                                 const uint64_t *then)
{
    uint64_t differing = 0;
    for (unsigned i = 0; i < PAGE_WORDS; i++)
        differing |= now[i] ^ then[i];
    return differing != 0;
}
#else
static void keep_memory(void)
{
    memcpy(judged.memory, hal_window(paddr(RAM_START)), sizeof judged.memory);
}

static bool page_differs(const uint64_t *now, const uint64_t *then)
{
    return memcmp(now, then, PAGE_WORDS * sizeof *now) != 0;
}
#endif

static void count_syscall(int64_t number)
{
    bool known = number < 0 && number > -STATS_SYSCALLS;
    judged.stats->syscalls[known ? -number : 0]++;
}

void oracle_before(const struct cpu *cpu, const struct trap *trap, bool refusals)
{
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
    if (judged.compare)
        keep_memory();
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
    return buffer && word >= &buffer->msg[MSG_REGISTERS] && word <= &buffer->msg[MSG_REGISTERS];
}

/* Index of the first word of a page that a refusal changed though it is no part of the reply, or
 * PAGE_WORDS. */
__attribute__((no_sanitize("address"))) static unsigned changed_in_page(const uint64_t *now,
                                                                        const uint64_t *then)
{
    unsigned i = 0;
    while (i < PAGE_WORDS && (now[i] == then[i] || is_reply_word(&now[i])))
        i++;
    return i;
}

__attribute__((no_sanitize("address"))) static unsigned
first_difference(const uint64_t *now, const uint64_t *then, uint64_t skip)
{
    unsigned i = 0;
    while (i < PAGE_WORDS && (now[i] == then[i] || (uint64_t)&now[i] == skip))
        i++;
    return i;
}

/* Physical address of such a word; 0 = none. */
static uint64_t changed_by_refusal(void)
{
    const uint64_t *now = hal_window(paddr(RAM_START));
    for (unsigned page = 0; page < MEMORY_WORDS; page += PAGE_WORDS) {
        if (!page_differs(now + page, judged.memory + page))
            continue;
        unsigned i = changed_in_page(now + page, judged.memory + page);
        if (i < PAGE_WORDS)
            return RAM_START + (page + i) * 8ull;
    }
    return 0;
}

void oracle_remember(void)
{
    keep_memory();
}

uint64_t oracle_difference(const void *ignored)
{
    const uint64_t *now = hal_window(paddr(RAM_START));
    uint64_t skip = (uint64_t)ignored / 8 * 8;
    for (unsigned page = 0; page < MEMORY_WORDS; page += PAGE_WORDS) {
        unsigned i = page_differs(now + page, judged.memory + page)
                         ? first_difference(now + page, judged.memory + page, skip)
                         : PAGE_WORDS;
        if (i < PAGE_WORDS)
            return RAM_START + (page + i) * 8ull;
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

const char *oracle_after(const struct cpu *cpu)
{
    const struct diag_entry *entry = last_entry(cpu);
    count(entry);
    const char *broken =
        invariants_check(cpu, slots_at(world_root_cnode()), 1ull << WORLD_ROOT_RADIX);
    if (broken) {
        snprintf(judged.sentence, sizeof judged.sentence, "invariant broken: %s", broken);
        return judged.sentence;
    }
    return check_refusal(entry);
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
