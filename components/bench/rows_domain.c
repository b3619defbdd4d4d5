/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Domain switch: two threads in two domains hand the schedule to each other with ScheduleSetStart,
 * which takes effect before it returns (abi/scheduling.md §5). Needs kaal.domains=2.
 */
#include "bench.h"

/* An entry is followed by an end marker, so a schedule that starts at it stays there. */
enum {
    ENTRY_FIRST = 0,
    ENTRY_SECOND = 2,
    FOREVER = 1000000 /* ticks */
};

static struct worker *hand_over(bool other_as, uint64_t domain, uint64_t next)
{
    struct worker *w = worker_new(MAX_PRIORITY, other_as);
    must(kaal_domain_set(SLOT_DOMAIN, domain, w->tcb), "DomainSet_Set");
    struct step *s = worker_step(w, SYS_CALL, worker_cap(w, SLOT_DOMAIN),
                                 msginfo_new(LABEL_DOMAIN_SET_SCHEDULE_SET_START, 0, 0, 1));
    s->x[2] = next;
    s->shoot = shot_svc;
    s->logged = true;
    s->checked = true;
    return w;
}

static void domain_row(const char *name, bool other_as)
{
    uint64_t samples[SAMPLES];
    row_begin(name);
    must(kaal_domain_schedule_configure(SLOT_DOMAIN, ENTRY_SECOND, 1, FOREVER),
         "DomainSet_ScheduleConfigure");
    struct worker *second = hand_over(other_as, 1, ENTRY_FIRST);
    struct worker *first = hand_over(false, 0, ENTRY_SECOND);
    worker_start(second, 0);
    worker_start(first, 0);
    /* The last hand-over leads to the second thread, which has one round less to go. */
    expect(first->log_count == ROUNDS, "the threads alternate");
    for (unsigned i = 0; i < SAMPLES; i++)
        samples[i] = cost(first->log[i + 2].before, second->log[i + 1].after);
    pool_reset();
    workers_forget();
    row_end(samples, SAMPLES, "instructions");
}

void rows_domain(void)
{
    domain_row("domain_switch_same_as", false);
    domain_row("domain_switch_other_as", true);
}
