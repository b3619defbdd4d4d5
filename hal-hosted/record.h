/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Recordings: all that reaches the kernel from outside, so that the kernel's part of a run can be
 * executed again bit by bit without a CPU engine, an image or a device tree.
 *
 * What EL0 does between two entries is not executed again but written down: the registers, the
 * words of memory that it changed, the FP registers, time and the interrupt lines. It can only have
 * changed pages that its address space maps writable, so those are compared around every stretch of
 * EL0 code. That makes a recording larger than one of the inputs alone, and recording slower; but
 * replay needs nothing besides the file, works on every machine that builds the kernel, and can be
 * stopped, searched and shortened like a fuzz case.
 *
 * The file has the form of a fuzz case (fuzz/program.h): byte 0 is the start state, here
 * RECORD_START; then steps of an operation byte, a length byte (0..63) and that many bytes.
 * Numbers are little endian.
 *
 *   HEAD      8 bytes RECORD_MAGIC, 32 bytes build id of the kernel, 4 bytes flavour ("debu",
 *             "rele"), 4 bytes size of struct platform, 4 bytes size of struct machine_model
 *   PLATFORM  4 bytes offset, bytes of struct platform
 *   RAM       8 bytes physical address, words that memory has from now on (before BOOT: loaded;
 *             what is not mentioned is zero)
 *   MODEL     4 bytes offset, bytes of struct machine_model: time, interrupt lines, timers, FP
 *   BOOT      8 bytes address of the core's state: the kernel boots
 *   TRAP      1 byte kind, 4 bytes syndrome, 8 bytes fault address: the kernel is entered
 *   HASH      8 bytes number of entries so far, 16 bytes machine_hash()
 *   END       4 bytes: the end of the run as machine_guard() gives it (0xffffffff = stopped)
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "hal.h"

enum {
    RECORD_START = 0xff,
    RECORD_PAYLOAD = 63,
    RECORD_MAGIC_BYTES = 8,
    RECORD_HASH_EVERY = 256, /* entries */
};

#define RECORD_MAGIC "KaaLrec1"

enum record_op {
    RECORD_HEAD,
    RECORD_PLATFORM,
    RECORD_RAM,
    RECORD_MODEL,
    RECORD_BOOT,
    RECORD_TRAP,
    RECORD_HASH,
    RECORD_END,
    RECORD_OP_COUNT,
};

/* Writes head, platform, memory as loaded, and the coming boot. False: the file cannot be written;
 * a sentence was printed. */
bool record_open(const char *name);
/* EL0, or waiting, begins: remembers what they may change. */
void record_user_begins(const struct context *context);
/* The kernel is about to be entered: writes what changed since, and the trap. */
void record_entry(const struct context *context, const struct trap *trap);
/* The kernel was left; now and then writes a hash. */
void record_left(void);
/* Writes a last hash and the end; false when anything could not be written (a sentence was
 * printed). */
bool record_close(int end);
