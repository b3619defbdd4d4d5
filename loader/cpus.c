/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The other CPUs: started by PSCI (DEN 0022), by a spin table (Devicetree Specification 0.4
 * §3.8.1), or let out of the loader's own pen, when the kernel's note asks for all of them;
 * otherwise they stay where they are. Logical numbers: the CPU that boots is 0, the others follow
 * in the tree's order.
 */
#include <stddef.h>

#include "image_bytes.h"
#include "levels.h"
#include "machine.h"

#define PSCI_CPU_ON     0xc4000003u
#define PSCI_ALREADY_ON UINT64_C(0xfffffffffffffffc) /* -4 */
#define START_SECONDS   2u
#define PEN_WAIT        20u /* one twentieth of a second */

_Static_assert(offsetof(struct secondary_parameters, registers) == SECONDARY_REGISTERS, "levels.h");
_Static_assert(offsetof(struct secondary_parameters, entry) == SECONDARY_ENTRY, "levels.h");
_Static_assert(offsetof(struct secondary_parameters, gicd) == SECONDARY_GICD, "levels.h");
_Static_assert(offsetof(struct secondary_parameters, gicc) == SECONDARY_GICC, "levels.h");
_Static_assert(offsetof(struct secondary_parameters, frequency) == SECONDARY_FREQUENCY, "levels.h");
_Static_assert(offsetof(struct secondary_parameters, count) == SECONDARY_COUNT, "levels.h");
_Static_assert(offsetof(struct secondary_parameters, mpidr) == SECONDARY_MPIDR, "levels.h");
_Static_assert(offsetof(struct secondary_parameters, started) == SECONDARY_STARTED, "levels.h");

struct secondary_parameters secondary_parameters __attribute__((aligned(64)));

static struct image_cpu cpus[IMAGE_MAX_CPUS];
static unsigned cpu_count;
static enum image_psci psci;
static bool has_pen;

static uint64_t own_mpidr(void)
{
    uint64_t value;

    __asm__ volatile("mrs %0, mpidr_el1" : "=r"(value));
    return value & MPIDR_AFFINITY;
}

/* Puts the CPU that boots first; the order of the others stays. */
static void put_self_first(void)
{
    for (unsigned i = 1; i < cpu_count; i++) {
        struct image_cpu self = cpus[i];

        if (self.mpidr != own_mpidr()) {
            continue;
        }
        for (unsigned k = i; k > 0; k--) {
            cpus[k] = cpus[k - 1];
        }
        cpus[0] = self;
        return;
    }
}

static uint64_t counter(void)
{
    uint64_t value;

    __asm__ volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(value) : : "memory");
    return value;
}

static uint64_t counter_frequency(void)
{
    uint64_t value;

    __asm__ volatile("mrs %0, cntfrq_el0" : "=r"(value));
    return value;
}

/*
 * CPUs that were started together with this one may be late: nothing is written over the place
 * where they enter before they are in the pen, or clearly do not come.
 */
static void wait_for_pen(void)
{
    uint64_t began = counter();
    unsigned missing;

    do {
        missing = 0;
        cache_clean((uint64_t)(uintptr_t)pen, (uint64_t)(uintptr_t)pen + IMAGE_PAGE);
        for (unsigned i = 1; i < cpu_count; i++) {
            uint64_t place = (cpus[i].mpidr & 7) + (cpus[i].mpidr >> 8 & 7) * 8;

            missing += ((volatile uint8_t *)pen)[PEN_HERE + place] == 0;
        }
        __asm__ volatile("yield");
    } while (missing != 0 && counter() - began < counter_frequency() / PEN_WAIT);
}

void cpus_find(const void *dtb, uint64_t level, bool moved)
{
    cpu_count = image_dtb_cpus(dtb, cpus);
    psci = image_dtb_psci(dtb);
    has_pen = level == 3 && cpu_count > 1;
    put_self_first();
    console_psci(level == 3 ? IMAGE_PSCI_NONE : psci);
    for (unsigned i = 0; i < cpu_count; i++) {
        secondary_parameters.mpidr[i] = cpus[i].mpidr;
    }
    secondary_parameters.count = cpu_count;
    if (has_pen && !moved) {
        wait_for_pen();
    }
}

bool cpus_keep_pen(bool all)
{
    return has_pen && !all;
}

void cpus_map(struct space *s)
{
    for (unsigned i = 1; i < cpu_count; i++) {
        if (cpus[i].method == IMAGE_CPU_SPIN_TABLE) {
            space_identity(s, cpus[i].release, cpus[i].release + 8, false);
        }
    }
}

static _Noreturn void fail_cpu(unsigned i, const char *expected)
{
    char sentence[200];
    struct image_text t;

    text_start(&t, sentence, sizeof sentence);
    text_str(&t, "KaaL loader: CPU ");
    text_dec(&t, i);
    text_str(&t, " with MPIDR ");
    text_hex(&t, cpus[i].mpidr);
    text_str(&t, ": ");
    text_str(&t, expected);
    loader_fail(sentence, LOADER_EXIT_CPU_STATE);
}

/* Writes a word that a CPU with its MMU off watches, and wakes it. */
static void release(uint64_t at, uint64_t entry)
{
    *(volatile uint64_t *)(uintptr_t)at = entry;
    cache_clean(at, at + 8);
    __asm__ volatile("dsb sy\n\tsev" : : : "memory");
}

static void start(unsigned i)
{
    uint64_t entry = (uint64_t)(uintptr_t)secondary_entry;

    if (cpus[i].method == IMAGE_CPU_SPIN_TABLE) {
        release(cpus[i].release, entry);
    } else if (cpus[i].method == IMAGE_CPU_PSCI && !has_pen) {
        uint64_t answer = psci_call(psci, PSCI_CPU_ON, cpus[i].mpidr, entry, 0);

        if (answer != 0 && answer != PSCI_ALREADY_ON) {
            fail_cpu(i, "expected PSCI to start it, found that it refuses");
        }
    } else if (!has_pen) {
        fail_cpu(i, "expected enable-method \"psci\" or \"spin-table\", found neither");
    }
}

static void wait_for(unsigned i)
{
    volatile uint32_t *started = &secondary_parameters.started[i];
    uint64_t began = counter();

    while (*started == 0) {
        if (counter() - began > START_SECONDS * counter_frequency()) {
            fail_cpu(i, "expected it to start within 2 seconds, found that it does not");
        }
        __asm__ volatile("yield");
    }
}

void cpus_start(void)
{
    if (has_pen) {
        release((uint64_t)(uintptr_t)pen + PEN_RELEASE, (uint64_t)(uintptr_t)secondary_entry);
    }
    for (unsigned i = 1; i < cpu_count; i++) {
        start(i);
        wait_for(i);
    }
}
