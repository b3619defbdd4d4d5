/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * --timeline: a run as a file in Trace Event Format (JSON), which Perfetto and chrome://tracing
 * show. Times are virtual ones. Two processes:
 *
 *   machine   "CPU 0": which thread has the processor; "interrupts": each one as it is claimed
 *   threads   one track per thread: "runs", and between those what it waits for ("Call",
 *             "Recv", a fault, or "ready" when others have the processor); system calls and faults
 *             as marks with their arguments; an arrow where a message hands the processor over
 *
 * Observation only: a run with a timeline and one without are equal.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "event.h"

/* False: the file cannot be written; a sentence was printed. Without an open file the other
 * functions do nothing. */
bool timeline_open(const char *name);
/* The machine has booted; `thread` is the first that runs. */
void timeline_begin(uint64_t thread, uint64_t now);
/* A kernel entry is finished. */
void timeline_event(const struct event *event, uint64_t now);
/* The kernel claims an interrupt. */
void timeline_interrupt(uint32_t irq, uint64_t now);
/* Ends what is open at this moment, and the file; false when anything could not be written (a
 * sentence was printed). */
bool timeline_close(uint64_t now);
