/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Digests of events and states on the console (lockstep.h). The digest of the events covers every
 * word of struct event that is the same on all machines, and no text.
 */
#include "lockstep.h"

#include "digest.h"
#include "print.h"

void lockstep_init(struct diag *diag, const struct boot_options *options)
{
    bool some = options->lockstep != 0 || options->trace_to != 0;
    bool all = options->log >= LOG_TRACE;
    diag->events = some || all;
    diag->lockstep = options->lockstep;
    diag->trace_from = some && !all ? options->trace_from : 0;
    diag->trace_to = some && !all ? options->trace_to : UINT64_MAX;
}

static void add_words(uint64_t *digest, const uint64_t *words, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        *digest = digest_add(*digest, words[i]);
}

#define ADD_ARRAY(digest, array) add_words(digest, array, sizeof(array) / sizeof((array)[0]))

static void add_event(uint64_t *digest, const struct event *e)
{
    const uint64_t trap[] = {e->trap->kind, e->trap->esr, e->trap->far, e->thread, e->pc};
    const uint64_t call[] = {(uint64_t)e->syscall, e->cptr, e->info};
    const uint64_t end[] = {e->error, e->fault, e->next_thread};
    ADD_ARRAY(digest, trap);
    ADD_ARRAY(digest, call);
    ADD_ARRAY(digest, e->message);
    ADD_ARRAY(digest, end);
    ADD_ARRAY(digest, e->error_words);
    ADD_ARRAY(digest, e->result);
}

static bool is_in_trace(const struct diag *diag)
{
    return diag->entries >= diag->trace_from && diag->entries <= diag->trace_to;
}

void lockstep_event(struct cpu *cpu)
{
    struct diag *diag = cpu->diag;
    if (is_in_trace(diag))
        hal_event(&diag->event);
    if (diag->lockstep == 0)
        return;
    add_event(&diag->events_digest, &diag->event);
    if (diag->entries % diag->lockstep == 0 || is_in_trace(diag))
        print("lockstep %u %016x %016x\n", diag->entries, diag->events_digest, digest_state(cpu));
}

void lockstep_end(struct cpu *cpu)
{
    struct diag *diag = cpu->diag;
    if (diag->lockstep != 0)
        print("lockstep end %u %016x %016x\n", diag->entries, diag->events_digest,
              digest_state(cpu));
}
