/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The order in which threads run. Workers note a letter when they run; the letters' order is what
 * is checked. A worker is resumed by a thread of higher priority, which puts it at the head of its
 * queue (abi/scheduling.md §3): of two at one priority the one resumed last runs first, the other
 * is "older".
 */
#pragma once
#include "probe.h"

enum {
    LOW = 90,
    MID = 100,
    HIGH = 110
};

/* What the workers of one case share. */
struct order_shared {
    uint64_t ntfn, ep, fault_ep, other;
    volatile uint64_t flag;
};
extern struct order_shared shared;

/* How many letters have been noted. */
unsigned order_count(void);

/* Everything has run, in the order of `expected`. */
#define check_ran(expected) check_order((expected), __LINE__)

/* Notes that the calling thread runs. */
void note(char letter);

/* Forgets all letters and makes fresh shared objects. */
void begin(void);

void check_order(const char *expected, int line);

/* A worker that is started now and runs until it blocks. */
uint64_t waiting(void (*body)(uint64_t), char letter, uint64_t priority);

/* A worker that is put at the head of its queue, to run when this thread waits. */
uint64_t ready(void (*body)(uint64_t), char letter, uint64_t priority);

/* Bodies of workers: note at once, or when shared.ntfn is signalled. */
void just_note(uint64_t letter);
void wait_then_note(uint64_t letter);
