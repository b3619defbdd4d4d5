/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The benchmark's initial thread: prepares, measures row after row, reports. Runs on any kernel
 * with this binary interface that lets EL0 use the PMU.
 */
#include "bench.h"
#include "kaal/print.h"
#include "kaal/runtime.h"
#include "kaal/string.h"

static void measure_nothing(void)
{
    struct shot shot = {0};
    counter_start();
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
    if (strcmp(options.group, "hosted") != 0) /* its time is taken from outside */
        measure_nothing();
    main_priority(MAIN_PRIORITY);
    kaal_printf("bench: seed %lu, empty measurement %lu\n", options.seed, empty_cost);
    if (strcmp(options.group, "boot") != 0) { /* that group is over now */
        pool_open(bootinfo);
        pool_keep();
        run_group();
    }
    kaal_printf("bench: end\n");
    return 0;
}
