/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Making probes fault, receiving their fault messages whole, replying to them.
 */
#pragma once
#include "probe.h"

enum {
    FAULT_WORDS = 16
};

struct fault_message {
    uint64_t badge, info, mr[FAULT_WORDS];
};

/* What is next on `ep`, words beyond the registers included. */
struct fault_message fault_receive(uint64_t ep);

/* Replies to the fault that was received last. */
void fault_reply(uint64_t label, uint64_t length, const uint64_t *words);

/* `f` is a fault of `p` with this label and length. */
void fault_check(const struct probe *p, const struct fault_message *f, uint64_t label,
                 uint64_t length);

/* A saved or sanitised SPSR with these flags: 0x40 in debug builds, 0x140 otherwise. */
void fault_check_spsr(uint64_t found, uint64_t flags);

/* Starts `p` at unknown system call `number`, x0..x6 = 1000.., and receives its fault. */
struct fault_message fault_unknown_call(struct probe *p, uint64_t number);

/* Runs `code` with x0 = `x0` and returns the fault. */
struct fault_message fault_run(struct probe *p, const char *code, uint64_t x0);

/* Runs `code` on `address`: its VM fault must have this syndrome and name the address. */
void fault_vm(struct probe *p, const char *code, uint64_t address, uint64_t syndrome);
