/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Runs every suite, or the one that `kaal-builder --patch conformance_only=N` chooses (1 = first).
 * Ends with status 0 when every case passed, 1 otherwise.
 */
#include "kaal/print.h"
#include "kaal/runtime.h"
#include "suites.h"

__attribute__((section(".data"))) volatile uint64_t conformance_only;

int main(struct bootinfo *bootinfo)
{
    const struct suite suites[] = {
        suite_untyped, suite_cnode,        suite_cspace, suite_tcb,         suite_vspace,
        suite_asid,    suite_registers,    suite_ipc,    suite_fault,       suite_sched,
        suite_cdt,     suite_notification, suite_irq,    suite_boot,        suite_domain,
        suite_memory,  suite_debug,        suite_edges,  suite_fault_reply, suite_transfer,
        suite_wakeup,
    };
    enum {
        COUNT = sizeof(suites) / sizeof(suites[0])
    };
    uint64_t only = conformance_only;
    kaal_printf("conformance: the interface of release 16.0.0, AArch64\n");
    if (only > COUNT) {
        kaal_printf("conformance_only is %lu, expected 0 to %u\n", only, COUNT);
        return 2;
    }
    unsigned failures = only == 0 ? harness_run(bootinfo, suites, COUNT)
                                  : harness_run(bootinfo, &suites[only - 1], 1);
    kaal_printf("conformance: %u failed\n", failures);
    return failures == 0 ? 0 : 1;
}
