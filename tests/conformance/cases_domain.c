/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Domains (abi/invocations.md §7, abi/scheduling.md §5, abi/vectors.md §5). How many there are is a
 * boot option: the cases that need several say "one domain" and check nothing where there is one.
 */
#include "probe.h"
#include "suites.h"

#define FOREVER ((1ull << 56) - 1)

/* Number of domains, of schedule entries: as the range errors say. */
static uint64_t domain_count(void)
{
    struct invocation v =
        INVOCATION(SLOT_DOMAIN, LABEL_DOMAIN_SET_SCHEDULE_CONFIGURE, NO_CAPS, 0, ~0ull, 1);
    return invoke(&v).mr[1] + 1;
}

static uint64_t entry_count(void)
{
    struct invocation v =
        INVOCATION(SLOT_DOMAIN, LABEL_DOMAIN_SET_SCHEDULE_SET_START, NO_CAPS, ~0ull);
    return invoke(&v).mr[1] + 1;
}

static void counts(void)
{
    uint64_t domains = domain_count(), entries = entry_count();
    check(domains >= 1 && domains <= 256);
    check(domains > 1 || entries == 2);
    check(entries >= 2);
}

static void set_checks(void)
{
    uint64_t tcb = object(OBJECT_TCB, 0), ep = object(OBJECT_ENDPOINT, 0), count = domain_count();
    const struct invocation valid =
        INVOCATION(SLOT_DOMAIN, LABEL_DOMAIN_SET_SET, CAPS(tcb), count - 1);
    const struct violation list[] = {
        {"INV-7-01b", "length 0", {LENGTH(0)}, TRUNC},
        {"INV-7-01c VEC-5-04", "domain out of range", {WORD(0, count)}, INV_ARG(0)},
        {"INV-7-01c", "domain 2^63", {WORD(0, 1ull << 63)}, INV_ARG(0)},
        {"INV-7-01d", "no cap", {NCAPS(0)}, TRUNC},
        {"INV-7-01e VEC-5-04", "an endpoint", {CAP(0, ep)}, INV_ARG(1)},
        {"INV-7-01e", "an empty slot", {CAP(0, SLOT_NULL)}, INV_ARG(1)},
    };
    REFUSALS("Set", valid, list);
    check_call(valid, OK);
    struct invocation v = valid;
    v.label = LABEL_TCB_SUSPEND;
    check_call(v, ILLEGAL);
}

static void configure_checks(void)
{
    uint64_t domains = domain_count(), entries = entry_count();
    const struct invocation valid =
        INVOCATION(SLOT_DOMAIN, LABEL_DOMAIN_SET_SCHEDULE_CONFIGURE, NO_CAPS, 0, 0, FOREVER);
    const struct violation list[] = {
        {"INV-7-02b", "length 2", {LENGTH(2)}, TRUNC},
        {"INV-7-02c VEC-5-05 SCH-5-05",
         "the last entry",
         {WORD(0, entries - 1)},
         RANGE(0, entries - 2)},
        {"INV-7-02d VEC-5-05", "domain out of range", {WORD(1, domains)}, RANGE(0, domains - 1)},
        {"INV-7-02e VEC-5-06", "duration 2^56", {WORD(2, 1ull << 56)}, INV_ARG(2)},
        {"INV-7-02g VEC-5-06", "duration 0 at the start entry", {WORD(2, 0)}, INV_ARG(2)},
    };
    REFUSALS("ScheduleConfigure", valid, list);
    check_call(valid, OK);
    if (domains > 1) {
        struct invocation v = valid;
        v.word[0] = 1;
        v.word[1] = 1;
        v.word[2] = 0;
        check_call(v, INV_ARG(1));
        v.word[0] = 0;
        check_call(v, INV_ARG(1)); /* before the check of the start entry */
        case_line("INV-7-02f", "ScheduleConfigure", "duration 0 for another domain");
    }
}

static void set_start_checks(void)
{
    uint64_t entries = entry_count();
    const struct invocation valid =
        INVOCATION(SLOT_DOMAIN, LABEL_DOMAIN_SET_SCHEDULE_SET_START, NO_CAPS, 0);
    const struct violation list[] = {
        {"INV-7-03b", "length 0", {LENGTH(0)}, TRUNC},
        {"INV-7-03c VEC-5-07", "entry out of range", {WORD(0, entries)}, RANGE(0, entries - 1)},
        {"INV-7-03d VEC-5-07 SCH-5-02 SCH-5-03", "an end marker", {WORD(0, 1)}, INV_ARG(0)},
        {"INV-7-03d SCH-5-05", "the last entry", {WORD(0, entries - 1)}, INV_ARG(0)},
    };
    REFUSALS("ScheduleSetStart", valid, list);
    check_call(valid, OK);
}

/* ---- several domains ---- */

static volatile uint64_t ran;

static void count_runs(uint64_t unused)
{
    (void)unused;
    ran++;
}

static void configure(uint64_t index, uint64_t domain, uint64_t ticks)
{
    must(kaal_domain_schedule_configure(SLOT_DOMAIN, index, domain, ticks));
}

/* The schedule as at boot: entry 0 = (domain 0, for ever), end markers behind it. */
static void restore(void)
{
    configure(0, 0, FOREVER);
    must(kaal_domain_schedule_set_start(SLOT_DOMAIN, 0));
    configure(1, 0, 0);
    configure(2, 0, 0);
}

/* A worker in domain 1, ready to run. */
static uint64_t worker_in_domain_1(void)
{
    uint64_t tcb = worker_new(count_runs, 0, PROBE_PRIORITY);
    ran = 0;
    must(kaal_domain_set(SLOT_DOMAIN, 1, tcb));
    worker_go(tcb);
    return tcb;
}

static void other_domains_wait(void)
{
    if (domain_count() == 1) {
        return;
    }
    (void)worker_in_domain_1();
    settle();
    check_eq(ran, 0);
    /* Domain 1 gets three ticks at once; then domain 0, for ever. */
    configure(1, 1, 3);
    configure(2, 0, FOREVER);
    must(kaal_domain_schedule_set_start(SLOT_DOMAIN, 1));
    check_eq(ran, 1);
    restore();
    case_line("SCH-5-07 SCH-5-08 SCH-5-06 SCH-1-04 BOOT-6-07", "domains",
              "the start entry is current before the call returns");
}

static void schedule_rotates(void)
{
    if (domain_count() == 1) {
        return;
    }
    (void)worker_in_domain_1();
    configure(0, 0, 2);
    configure(1, 1, 2);
    must(kaal_domain_schedule_set_start(SLOT_DOMAIN, 0));
    for (uint64_t i = 0; ran == 0 && i < 1000000000; i++) {
        __asm__ volatile("yield");
    }
    check_eq(ran, 1);
    restore();
    case_line("SCH-5-04 SCH-5-02", "domains", "at the end of an entry the next one is taken");
}

static void caller_changes_domain(void)
{
    if (domain_count() == 1) {
        return;
    }
    (void)worker_in_domain_1();
    configure(0, 0, 2);
    configure(1, 1, 2);
    must(kaal_domain_schedule_set_start(SLOT_DOMAIN, 0));
    /* From here this thread runs when domain 1 does; so does a thread that is made there. */
    must(kaal_domain_set(SLOT_DOMAIN, 1, SLOT_INIT_TCB));
    uint64_t tcb = worker_new(count_runs, 0, PROBE_PRIORITY);
    must(kaal_domain_set(SLOT_DOMAIN, 0, SLOT_INIT_TCB));
    restore();
    ran = 0;
    worker_go(tcb);
    settle();
    check_eq(ran, 0); /* it was born in domain 1 */
    must(kaal_domain_set(SLOT_DOMAIN, 0, tcb));
    settle();
    check_eq(ran, 1);
    case_line("SCH-5-08 SCH-5-09 OBJ-1-16", "domains", "the caller changes its domain");
}

static void waking_across_domains(void)
{
    if (domain_count() == 1) {
        return;
    }
    struct probe *p = probe_new();
    uint64_t ntfn = object(OBJECT_NOTIFICATION, 0);
    probe_call(p, SYS_RECV, ntfn, 0, 0, 0);
    run();
    must(kaal_domain_set(SLOT_DOMAIN, 1, p->tcb));
    must(kaal_tcb_set_priority(p->tcb, SLOT_INIT_TCB, 255));
    kaal_signal(ntfn);
    run();
    check(!p->faulted);
    must(kaal_domain_set(SLOT_DOMAIN, 0, p->tcb));
    run();
    check(probe_done(p));
    case_line("SCH-3-02 SCH-5-08", "domains", "a thread woken in another domain is only queued");
}

static const struct test tests[] = {
    {"INV-7-04 SCH-1-04 BOOT-6-07 SCH-5-01", "number of domains and entries", counts},
    {"INV-7-01a INV-2-35", "Set: every check, then the valid call", set_checks},
    {"INV-7-02a SCH-5-06 INV-2-36", "ScheduleConfigure: every check, then the valid call",
     configure_checks},
    {"INV-7-03a INV-2-37", "ScheduleSetStart: every check, then the valid call", set_start_checks},
    {"", "threads of other domains wait", other_domains_wait},
    {"", "the schedule rotates", schedule_rotates},
    {"", "the caller changes its domain", caller_changes_domain},
    {"", "waking a thread of another domain", waking_across_domains},
};
const struct suite suite_domain = SUITE("domain", tests);
