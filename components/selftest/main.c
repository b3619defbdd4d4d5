/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The first user program: a tour of the binary interface in which every value is checked. The first
 * thing that does not hold ends the run with a sentence and the status of its step (step.h). It
 * knows nothing but the interface, so its output is the same on every machine.
 */
#include "fault.h"
#include "kaal/print.h"
#include "kaal/runtime.h"
#include "pair.h"
#include "report.h"
#include "step.h"
#include "store.h"

enum {
    STORE_BITS = 19
};

int main(struct bootinfo *bootinfo)
{
    struct store store;
    kaal_printf("root task: hello from user space\n");
    report_bootinfo(bootinfo);
    store_open(&store, bootinfo, STORE_BITS);
    uint64_t word = pair_tour(&store);
    word = fault_tour(&store, word);
    unsigned removed = store_close(&store);
    kaal_printf("revoked the Untyped of 2^%u bytes: %u caps gone\n", STORE_BITS, removed);
    kaal_printf("root task: %u checks passed, word 0x%016lx, all is well\n", held_count(), word);
    return 0;
}
