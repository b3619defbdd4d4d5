/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Making start states by system calls of the current thread. A call that is refused ends the
 * process with a sentence.
 */
#pragma once
#include "kernel.h"
#include "world.h"

enum {
    ROOT = SLOT_INIT_CNODE,
    DEPTH = 64,
    PRIORITY = 100,
    PRIORITY_SERVER = 120,
    FRAME_VA = 0x10000,
    BUFFER_VA = 0x402000, /* the root task's */
};

struct message {
    uint64_t cptr;
    uint64_t label;
    unsigned length;
    uint64_t words[8];
    unsigned cap_count;
    uint64_t caps[3];
};

/* The machine that the calls below act on. */
void make_on(struct cpu *cpu);
_Noreturn void make_give_up(const char *what, uint64_t value);

/* Registers and buffer of the current thread get the message; `enter` executes the call. */
void make_message(const struct message *m);
void make_enter(int64_t number);
/* Where the current thread wants a cap that comes with a message. */
void make_receive_slot(uint64_t node, uint64_t slot, uint64_t depth);
/* A Call that succeeds. */
void make_call(struct message m);

uint64_t make_find_untyped(bool device, unsigned bits);
void make_retype(uint64_t untyped, enum object_type type, unsigned bits, unsigned slot,
                 unsigned count);
/* The same from whatever ordinary memory is left. */
void make_objects_of(enum object_type type, unsigned bits, unsigned object_bits, unsigned slot,
                     unsigned count);
/* Copies, or mints when `data` is not 0, from a slot of the root CNode. */
void make_mint(uint64_t source, uint64_t node, unsigned slot, unsigned depth, uint64_t data);
void make_move(uint64_t source, uint64_t node, unsigned slot, unsigned depth);
void make_delete(uint64_t slot);
/* The address space in WORLD_VSPACE_C with its tables and frame, and that frame mapped. */
void make_space(void);
/* The interrupt's handler in WORLD_IRQ, signalling through WORLD_SIGNAL_1. */
void make_irq(uint32_t irq);
/* Thread in the given spaces, not yet resumed. */
void make_configured(unsigned tcb, uint64_t handler, unsigned cspace, uint64_t guard,
                     unsigned vspace, unsigned frame, unsigned priority);
void make_resumed(unsigned tcb);
/* The root task takes the common priority. */
void make_root_equal(void);
void make_name(unsigned tcb, const char *name);

/* The states; world_states.c, world_small.c, world_partitions.c. */
void make_peers(void);
void make_domains(void);
void make_knot(void);
void make_partitions(void);
void make_exchange(void);
void make_tree(void);
void make_pool(void);
void make_spaces(void);
