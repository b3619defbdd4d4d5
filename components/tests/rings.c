/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Rings between components, by the first argument: `produce` and `consume` pass numbered entries of
 * three sizes, one by one and in batches; `measure` counts the instructions of one push and one pop
 * in a ring of its own (QEMU with -icount counts them exactly; elsewhere it says so).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "comp/comp.h"
#include "ring/ring.h"

struct sample {
    uint64_t number, check, more[6];
};
RING_TYPE(words, uint64_t);
RING_TYPE(samples, struct sample);

enum {
    ROUNDS = 3000,
    MEASURED = 64,
    LIMIT = 40 /* instructions of a push or pop without a signal */
};

static uint64_t waits;

static void wait_for(const struct env_entry *e)
{
    waits++;
    while ((kaal_wait(SLOT_NOTIFICATION) & e->badge) == 0) {
    }
}

static struct sample make(uint64_t n)
{
    struct sample s = {.number = n, .check = n * 0x9e3779b97f4a7c15ull};
    for (unsigned i = 0; i < 6; i++) {
        s.more[i] = n ^ s.check << i;
    }
    return s;
}

static int produce(void)
{
    struct ring w, s;
    const struct env_entry *we = comp_find("words", ENV_PRODUCER);
    const struct env_entry *se = comp_find("samples", ENV_PRODUCER);
    if (!ring_open_env(&w, we, sizeof(uint64_t)) || !ring_open_env(&s, se, sizeof(struct sample)) ||
        ring_open_env(&s, se, 8)) {
        return 1;
    }
    for (uint64_t n = 0; n < ROUNDS; n++) {
        uint64_t batch[3] = {3 * n, 3 * n + 1, 3 * n + 2};
        for (uint32_t done = 0; done < 3;) {
            uint32_t now = words_push_many(&w, batch + done, 3 - done);
            done += now;
            if (now == 0) {
                wait_for(we);
            }
        }
        struct sample one = make(n);
        while (!samples_push(&s, &one)) {
            wait_for(se);
        }
    }
    printf("produced, waited %lu times\n", waits);
    return ring_is_broken(&w) || ring_is_broken(&s);
}

static int consume(void)
{
    struct ring w, s;
    const struct env_entry *we = comp_find("words", ENV_CONSUMER);
    const struct env_entry *se = comp_find("samples", ENV_CONSUMER);
    if (!ring_open_env(&w, we, sizeof(uint64_t)) || !ring_open_env(&s, se, sizeof(struct sample))) {
        return 1;
    }
    for (uint64_t n = 0; n < ROUNDS; n++) {
        for (uint64_t i = 0, word; i < 3; i++) {
            while (!words_pop(&w, &word)) {
                wait_for(we);
            }
            if (word != 3 * n + i) {
                printf("expected word %lu, found %lu\n", 3 * n + i, word);
                return 2;
            }
        }
        struct sample one, expected = make(n);
        while (samples_pop_many(&s, &one, 1) == 0) {
            wait_for(se);
        }
        if (memcmp(&one, &expected, sizeof(one)) != 0) {
            printf("sample %lu is damaged\n", n);
            return 3;
        }
    }
    printf("consumed %d words and %d samples, waited %lu times\n", 3 * ROUNDS, ROUNDS, waits);
    return 0;
}

/* ---- instructions (Arm ARM D7: event 8 = INST_RETIRED, PMCR.E and .P) ---- */

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

static int measure(void)
{
    static _Alignas(RING_LINE) unsigned char memory[RING_BYTES(MEASURED, 8)];
    struct ring p, c;
    uint64_t push = 0, pop = 0, word = 1;
    ring_open_producer(&p, memory, MEASURED, 0);
    ring_open_consumer(&c, memory, MEASURED, 0);
    (void)words_push(&p, &word); /* not the first entry: that one signals */
    count_open();
    uint64_t a = count(), nothing = count() - a;
    for (unsigned i = 1; i < MEASURED; i++) {
        a = count();
        (void)words_push(&p, &word);
        uint64_t n = count() - a - nothing;
        push = n > push ? n : push;
    }
    (void)words_pop(&c, &word);
    for (unsigned i = 1; i < MEASURED; i++) {
        a = count();
        (void)words_pop(&c, &word);
        __asm__ volatile("" : : "r"(&word) : "memory"); /* the entry is used */
        uint64_t n = count() - a - nothing;
        pop = n > pop ? n : pop;
    }
    if (nothing == 0) {
        printf("instructions are not counted here\n");
        return 0;
    }
    printf("push %lu pop %lu instructions at most, limit %d\n", push, pop, LIMIT);
    return push > LIMIT || pop > LIMIT ? 4 : 0;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(void);
    } parts[] = {{"produce", produce}, {"consume", consume}, {"measure", measure}};
    for (unsigned i = 0; argc == 2 && i < 3; i++) {
        if (strcmp(argv[1], parts[i].name) == 0) {
            return parts[i].run();
        }
    }
    return 64;
}
