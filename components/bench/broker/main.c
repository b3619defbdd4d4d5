/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the broker costs its caller in instructions: a root task that uses the library as the
 * system's root task does. Prints rows as components/bench does; tools/bench reads them.
 */
#include "broker/device.h"
#include "kaal/print.h"
#include "kaal/runtime.h"
#include "kaal/string.h"

enum {
    CLIENT = 1,
    WARM_UP = 4,
    SAMPLES = 16,
    ROUNDS = WARM_UP + SAMPLES
};

static struct broker broker;
static uint64_t empty;

static const struct device_wish wish = {
    .find = DEVICE_COMPATIBLE, .id = "arm,pl011", .irqs = true, .dma = 4096};

static void must(enum broker_code code)
{
    if (code != BROKER_OK) {
        static char text[200];
        broker_explain(&broker, text, sizeof(text));
        kaal_printf("bench: %s\n", text);
        kaal_exit(1);
    }
}

/* PMU event counter 0 counts retired instructions (Arm ARM D7: event 8, PMCR.E and .P). */
static void count_open(void)
{
    __asm__ volatile("msr pmccfiltr_el0, xzr\n\tmsr pmevtyper0_el0, %0\n\t"
                     "msr pmcntenset_el0, %1\n\tmsr pmcr_el0, %2\n\tisb"
                     :
                     : "r"(8ul), "r"(1ul << 31 | 1), "r"(1ul << 6 | 7));
}

static inline uint64_t count(void)
{
    uint64_t n;
    __asm__ volatile("isb\n\tmrs %0, pmevcntr0_el0" : "=r"(n) : : "memory");
    return n;
}

static void print_row(unsigned number, const char *name, uint64_t *sample)
{
    for (unsigned i = 1; i < SAMPLES; i++) {
        for (unsigned j = i; j > 0 && sample[j - 1] > sample[j]; j--) {
            uint64_t larger = sample[j - 1];
            sample[j - 1] = sample[j];
            sample[j] = larger;
        }
    }
    kaal_printf("row %u %s instructions %lu %lu %lu %u\n", number, name, sample[0],
                sample[SAMPLES / 2], sample[SAMPLES - 1], (unsigned)SAMPLES);
}

int main(struct bootinfo *bootinfo)
{
    static uint64_t first[ROUNDS], cached[ROUNDS], slots[ROUNDS], endpoint[ROUNDS];
    static struct device room, spare;
    must(broker_open(&broker, bootinfo));
    broker_client_open(&broker, CLIENT, "client", BROKER_NO_LIMIT);
    count_open();
    uint64_t a = count();
    empty = count() - a;
    if (empty == 0) {
        kaal_printf("bench: expected a counter that counts, found one that stands still\n");
        return 2;
    }
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct device *device, *again;
        uint32_t slot, block;
        a = count();
        enum broker_code code = broker_device(&broker, CLIENT, &wish, &room, &device);
        first[i] = count() - a - empty;
        must(code);
        a = count();
        code = broker_device(&broker, CLIENT, &wish, &spare, &again);
        cached[i] = count() - a - empty;
        must(code);
        if (again != device || device != &room) {
            kaal_printf("bench: expected the same bundle, found another\n");
            return 1;
        }
        broker_device_free(&broker, device);
        a = count();
        code = broker_slots(&broker, CLIENT, 1, &slot);
        slots[i] = count() - a - empty;
        must(code);
        broker_slots_free(&broker, slot, 1);
        a = count();
        code = broker_object(&broker, CLIENT, OBJECT_ENDPOINT, 0, &block);
        endpoint[i] = count() - a - empty;
        must(code);
        broker_give_back(&broker, block);
    }
    print_row(1, "broker_device_first", first + WARM_UP);
    print_row(2, "broker_device_cached", cached + WARM_UP);
    print_row(3, "broker_slot", slots + WARM_UP);
    print_row(4, "broker_object_endpoint", endpoint + WARM_UP);
    kaal_printf("bench: end\n");
    return 0;
}
