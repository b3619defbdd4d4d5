/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Random states of five threads on a small machine, for comparing ways through the kernel: a state
 * is built by system calls from a fixed one and depends on its number only.
 *
 * States vary in priorities, domains, CSpace shape and depth, guards, left-over bits, rights and
 * badges, IPC buffers (read-only, without rights, none), FP in use or forbidden, recorded faults,
 * bound and active notifications, several waiters, saved and missing reply rights, missing VSpace.
 */
#pragma once
#include "core_fixture.h"

enum {
    STATES_RAM = 256 * 1024,
    STATES_THREADS = 5,
    /* What every thread's CSpace has, whatever its shape: 0..6 the first endpoint with different
     * rights and badges, 7..9 a notification, 10 and 11 another endpoint, 12 another notification,
     * 13 a TCB, 14 a CNode, 15 nothing. */
    STATES_SLOTS = 16
};

/* cmocka set-up and tear-down. */
int states_setup(void **unused);
int states_teardown(void **unused);

/* Builds state `n`. Returns who runs, or -1 when it is none of the five. *number is the system call
 * that the state was made for, 0 = a fault. */
int states_build(unsigned n, int64_t *number);

/* Random numbers that go on from those of the state. */
uint64_t states_word(void);
uint64_t states_below(uint64_t n);
bool states_one_in(uint64_t n);

struct tcb *states_thread(unsigned i);
/* How thread i names the slot: through its own CNodes, with random left-over bits. */
uint64_t states_name(unsigned i, unsigned slot);
/* A slot by which one can receive from, or send to, the first endpoint. */
unsigned states_receiving_slot(void);
unsigned states_calling_slot(void);
struct trap states_fault(void);
