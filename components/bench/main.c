/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The benchmark's initial thread: prepares, measures row after row, reports. Runs on any kernel
 * with this binary interface that lets EL0 use the PMU.
 */
#include "bench.h"
#include "kaal/print.h"
#include "kaal/runtime.h"
#include "kaal/string.h"

/* A thread with a fault handler tries whether EL0 may use the PMU. */
static void start_counter(void)
{
    uint64_t ep = pool_object(OBJECT_ENDPOINT, 0);
    struct worker *w = worker_new(HIGHER, false);
    worker_step(w, SYS_YIELD, 0, 0)->shoot = shot_start_counter;
    w->rounds = 1;
    worker_start(w, worker_cap(w, ep));
    struct kaal_message m = {0};
    kaal_nb_recv(ep, &m);
    if (w->done != 1) {
        kaal_printf("bench: expected access to the PMU at EL0, found fault %lu with syndrome 0x%lx "
                    "(boot option kaal.el0_pmu=on)\n",
                    msginfo_label(m.info), m.mr[3]);
        kaal_exit(2);
    }
    pool_reset();
    workers_forget();
}

static void measure_nothing(void)
{
    struct shot shot = {0};
    shot_empty(&shot);
    empty_cost = (uint32_t)(shot.after - shot.before);
    /* The first use may trap. */
    shot_empty_fp(&shot);
    shot_empty_fp(&shot);
    empty_fp_cost = (uint32_t)(shot.after - shot.before);
    if (empty_cost == 0) {
        kaal_printf("bench: expected PMU event 8 to count retired instructions, found a counter "
                    "that stands still (QEMU needs -icount shift=0)\n");
        kaal_exit(2);
    }
}

/* The same rows with everything drawn from the seed that can be without changing what a row is. */
static void rows_shuffled(void)
{
    shuffled = true;
    rows_ipc();
    rows_signal();
    rows_fault();
}

/* Groups of rows; each group is one boot, because they need different boot options. */
static const struct {
    const char *name;
    void (*rows[8])(void);
} groups[] = {
    {"rows",
     {rows_ipc, rows_signal, rows_fault, rows_irq, rows_simple, rows_objects, rows_memory,
      rows_thread}},
    {"null", {rows_null}},
    {"domain", {rows_domain}},
    {"long", {rows_long}},
    {"shuffled", {rows_shuffled}},
    {"growth", {rows_growth}},
    {"latency", {rows_latency}},
    {"hosted", {rows_hosted}},
};
enum {
    GROUPS = sizeof groups / sizeof groups[0],
    PARTS = sizeof groups[0].rows / sizeof groups[0].rows[0]
};

static void run_group(void)
{
    for (unsigned g = 0; g < GROUPS; g++) {
        if (strcmp(groups[g].name, options.group) != 0)
            continue;
        for (unsigned p = 0; p < PARTS && groups[g].rows[p]; p++)
            groups[g].rows[p]();
        return;
    }
    kaal_printf("bench: bench.group=%s: expected the name of a group of rows\n", options.group);
    kaal_exit(2);
}

int main(struct bootinfo *bootinfo)
{
    options_read(bootinfo);
    kaal_printf("bench: group %s, seed %lu\n", options.group, options.seed);
    if (strcmp(options.group, "boot") != 0) { /* of that group, all is over now */
        main_priority(MAIN_PRIORITY);
        pool_open(bootinfo);
        pool_keep();
        if (strcmp(options.group, "hosted") != 0) { /* that one's time is taken from outside */
            start_counter();
            measure_nothing();
        }
        run_group();
    }
    kaal_printf("bench: end\n");
    return 0;
}
