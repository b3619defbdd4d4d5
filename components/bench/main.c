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

int main(struct bootinfo *bootinfo)
{
    options_read(bootinfo);
    measure_nothing();
    must(kaal_tcb_set_priority(SLOT_INIT_TCB, SLOT_INIT_TCB, MAIN_PRIORITY), "TCB_SetPriority");
    pool_open(bootinfo);
    pool_keep();
    kaal_printf("bench: seed %lu, empty measurement %lu\n", options.seed, empty_cost);
    rows_ipc();
    kaal_printf("bench: end\n");
    return 0;
}
