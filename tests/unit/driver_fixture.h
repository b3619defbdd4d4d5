/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A driver compiled for the host, on the device models: its environment, requests of its clients,
 * its interrupts. The server's side of lib/rpc is the real one.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dddk/dddk.h"

enum {
    DRIVER_CLIENT = 7, /* badge of client n: BADGE_MESSAGE | (DRIVER_CLIENT + n) */
    DRIVER_WAITS = 1000,
};

/* A fresh machine and an environment with that device, interrupt and two clients. */
void driver_fixture(const char *device, uint64_t address, uint32_t irq);
/* dddk_open() and init(), as in every life. */
void driver_start(void);

/* One request of client n. The reply's label, or DRIVER_WAITS when the client is kept waiting. */
unsigned driver_call(unsigned n, uint64_t label, const void *in, size_t in_bytes, void *out,
                     size_t room);
/* Answers to waiting clients so far; the last one's data. */
unsigned driver_answers(void);
const void *driver_answer(void);
/* Signals to client n so far. */
unsigned driver_signals(unsigned n);

/* Lets the driver answer its interrupt while the line is high; fails when that never ends. */
void driver_interrupts(void);
/* Virtual time passes up to `until`, event by event, with the interrupts. */
void driver_run_until(uint64_t until);
