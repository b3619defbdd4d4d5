/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the framework costs its components in instructions, by the first argument: `serve` answers
 * calls, `consume` empties a ring and tells when, `measure` measures and prints rows as
 * components/bench does (system description systems/bench).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "comp/system.h"
#include "ring/ring.h"
#include "service/files.h"

enum method {
    ECHO = 1, /* any bytes -> the same */
    LABELS,
};

enum {
    WARM_UP = 4,
    SAMPLES = 16,
    ROUNDS = WARM_UP + SAMPLES,
    ENTRIES = 64,
    FILE_BYTES = 4096,
};

RING_TYPE(words, uint64_t);

static uint64_t empty;

static inline uint64_t count(void)
{
    uint64_t n;
    __asm__ volatile("isb\n\tmrs %0, pmevcntr0_el0" : "=r"(n) : : "memory");
    return n;
}

/* PMU event counter 0 counts retired instructions (Arm ARM D7: event 8, PMCR.E and .P). It is the
 * CPU's: all components read the same one. */
static void count_open(void)
{
    __asm__ volatile("msr pmccfiltr_el0, xzr\n\tmsr pmevtyper0_el0, %0\n\t"
                     "msr pmcntenset_el0, %1\n\tmsr pmcr_el0, %2\n\tisb"
                     :
                     : "r"(8ul), "r"(1ul << 31 | 1), "r"(1ul << 6 | 7));
    uint64_t a = count();
    empty = count() - a;
}

static void expect(bool holds, const char *what)
{
    if (!holds) {
        printf("bench: expected that %s\n", what);
        exit(1);
    }
}

static void wait_for(const struct env_entry *e)
{
    while ((kaal_wait(SLOT_NOTIFICATION) & e->badge) == 0) {
    }
}

/* ---- the partners ---- */

static enum system_error echo(struct rpc_request *r)
{
    r->reply_bytes = r->bytes;
    return SYSTEM_OK;
}

static int serve(void)
{
    static const struct rpc_method methods[LABELS] = {[ECHO] = {echo, 0}};
    rpc_serve(&(struct rpc_service){.methods = methods, .count = LABELS});
}

/* Each word is answered with the counter's reading when it was there. */
static int consume(void)
{
    struct ring in, out;
    const struct env_entry *there = comp_find("words", ENV_CONSUMER);
    const struct env_entry *back = comp_find("readings", ENV_PRODUCER);
    if (!ring_open_env(&in, there, sizeof(uint64_t)) ||
        !ring_open_env(&out, back, sizeof(uint64_t))) {
        return 1;
    }
    for (;;) {
        uint64_t word;
        while (!words_pop(&in, &word)) {
            wait_for(there);
        }
        __asm__ volatile("" : : "r"(&word) : "memory"); /* the entry is used */
        uint64_t now = count();
        if (!words_push(&out, &now)) {
            return 2;
        }
    }
}

/* ---- rows ---- */

static int compare(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* `sample`: ROUNDS of them. */
static void print_row(const char *name, uint64_t *sample)
{
    static unsigned number;
    sample += WARM_UP;
    qsort(sample, SAMPLES, sizeof(*sample), compare);
    printf("row %u %s instructions %lu %lu %lu %d\n", ++number, name, sample[0],
           sample[SAMPLES / 2], sample[SAMPLES - 1], SAMPLES);
}

/* One push and one pop that signal nobody: between them the ring is neither empty nor full. */
static void rows_ring(void)
{
    static _Alignas(RING_LINE) unsigned char memory[RING_BYTES(ENTRIES, 8)];
    uint64_t push[ROUNDS], pop[ROUNDS], word = 1;
    struct ring p, c;
    ring_open_producer(&p, memory, ENTRIES, 0);
    ring_open_consumer(&c, memory, ENTRIES, 0);
    expect(words_push(&p, &word), "a new ring has room");
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint64_t a = count();
        bool done = words_push(&p, &word);
        push[i] = count() - a - empty;
        expect(done, "the ring has room");
    }
    expect(words_pop(&c, &word), "the ring has entries");
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint64_t a = count();
        bool done = words_pop(&c, &word);
        __asm__ volatile("" : : "r"(&word) : "memory"); /* the entry is used */
        pop[i] = count() - a - empty;
        expect(done && word == 1, "the entry is what was pushed");
    }
    print_row("ring_push", push);
    print_row("ring_pop", pop);
}

/* From a push to the entry in the hands of a consumer that slept, in another address space. */
static void rows_ring_signal(void)
{
    uint64_t there[ROUNDS], round[ROUNDS];
    struct ring out, in;
    const struct env_entry *back = comp_find("readings", ENV_CONSUMER);
    expect(ring_open_env(&out, comp_find("words", ENV_PRODUCER), sizeof(uint64_t)) &&
               ring_open_env(&in, back, sizeof(uint64_t)),
           "both rings are there");
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint64_t word = i, reading = 0, a = count();
        bool done = words_push(&out, &word);
        round[i] = count() - a - empty;
        expect(done && words_pop(&in, &reading), "the consumer, which is above, has answered");
        there[i] = reading - a - empty;
        (void)!kaal_poll(SLOT_NOTIFICATION);
    }
    print_row("ring_push_to_sleeping_consumer", there);
    print_row("ring_push_round_trip", round);
}

static void row_call(const char *name, size_t bytes)
{
    static unsigned char in[RPC_BYTES], out[RPC_BYTES];
    uint64_t sample[ROUNDS];
    const struct env_entry *server = comp_find("server", ENV_CHANNEL);
    for (unsigned i = 0; i < ROUNDS; i++) {
        size_t got = 0;
        memset(in, (int)i, sizeof(in));
        uint64_t a = count();
        enum system_error e = rpc_call(server, ECHO, in, bytes, out, bytes, &got);
        sample[i] = count() - a - empty;
        expect(e == SYSTEM_OK && got == bytes && memcmp(in, out, bytes) == 0,
               "what was sent comes back");
    }
    print_row(name, sample);
}

static void rows_system(void)
{
    uint64_t sync[ROUNDS], first[ROUNDS], cached[ROUNDS];
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct system_device d = {0}, again = {0};
        uint32_t slot = comp_slot_take();
        uint64_t a = count();
        system_sync();
        sync[i] = count() - a - empty;
        a = count();
        enum system_error e = system_device("arm,pl031", slot, &d);
        first[i] = count() - a - empty;
        expect(e == SYSTEM_OK && d.physical == 0x9010000, "the clock can be had");
        a = count();
        e = system_device("arm,pl031", slot, &again);
        cached[i] = count() - a - empty;
        expect(e == SYSTEM_OK && memcmp(&d, &again, sizeof(d)) == 0,
               "the same device is given again");
        expect(system_device("arm,pl031", comp_slot_take(), &again) == SYSTEM_BUSY,
               "its interrupt goes into one slot");
        expect(system_free(slot) == SYSTEM_OK, "the device can be given back");
        comp_slot_give(slot);
        comp_slot_give(slot + 1);
    }
    print_row("system_sync", sync);
    print_row("system_device_first", first);
    print_row("system_device_cached", cached);
}

static void row_file(const char *name, size_t bytes)
{
    static char to[FILE_BYTES];
    uint64_t sample[ROUNDS];
    uint32_t file;
    const struct env_entry *vfs = comp_find("vfs", ENV_CHANNEL);
    expect(files_open(vfs, "/cost", FS_READ | FS_WRITE | FS_CREATE, &file) == 0, "a file is made");
    memset(to, 7, sizeof(to));
    expect(files_write(vfs, file, to, sizeof(to)) == 0, "it can be written");
    for (unsigned i = 0; i < ROUNDS; i++) {
        size_t got = 0;
        uint64_t position;
        memset(to, 0, sizeof(to));
        expect(files_seek(vfs, file, 0, FS_FROM_START, &position) == 0, "it can be read again");
        uint64_t a = count();
        int e = files_read(vfs, file, to, bytes, &got);
        sample[i] = count() - a - empty;
        expect(e == 0 && got == bytes && to[0] == 7 && to[bytes - 1] == 7, "the file is read");
    }
    expect(files_close(vfs, file) == 0, "it can be closed");
    print_row(name, sample);
}

static int measure(void)
{
    count_open();
    expect(empty != 0, "the counter counts (QEMU with -icount)");
    rows_ring();
    rows_ring_signal();
    row_call("rpc_round_trip_0_bytes", 0);
    row_call("rpc_round_trip_32_bytes", 32);
    row_call("rpc_round_trip_928_bytes", RPC_BYTES);
    rows_system();
    row_file("file_read_64_bytes", 64);
    row_file("file_read_4_kib", FILE_BYTES);
    printf("bench: end\n");
    return 0;
}

int main(int argc, char **argv)
{
    const char *part = argc == 2 ? argv[1] : "";
    return strcmp(part, "serve") == 0     ? serve()
           : strcmp(part, "consume") == 0 ? consume()
           : strcmp(part, "measure") == 0 ? measure()
                                          : 64;
}
