/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The input language of the system-call fuzzer: a program of steps, as bytes. Any bytes are a
 * program; equal bytes always mean the same.
 *
 *   byte 0           start state (modulo their number). A recording of kaal-hosted begins with 0xff
 *                    and RECORD_MAGIC: same frame of steps, other operations (hal-hosted/record.h)
 *   then steps       operation byte, payload length (modulo 64), payload
 *
 * Operation byte: bits 0..3 enum step_op; bits 4..6 preemption script: 0 = none, else the question
 * (preempt_question[]) at which hal_irq_pending() answers yes; bit 7 = a preempted call is left
 * there, otherwise it is executed again at once until it is done.
 *
 * Payloads, bytes missing at the end read as 0:
 *   CALL SEND NB_SEND REPLY REPLY_RECV   cptr, label byte (255 = the largest label), length byte
 *                                        (modulo 128), caps byte (modulo 4), caps, message words
 *   RECV NB_RECV        cptr
 *   OTHER               value n: system call number −n; then x0, x1
 *   YIELD AGAIN         nothing; AGAIN executes svc with the registers as they are
 *   WRITE               word index (modulo 128) of the caller's IPC buffer, value; repeated
 *   IRQ                 interrupt byte (modulo 64), mode byte (enum irq_mode)
 *   TICK                byte: timer deadlines to pass − 1 (modulo 16), bit 7 = do not enter
 *   FAULT               kind byte (enum fault_kind), ESR value, address value
 *   FP                  register value (modulo 66), value: used where EL0 may, else traps
 *   REG                 register byte (context order), value
 *
 * Values, cptrs, caps and message words (those given; the others keep what is there):
 *   0x00..0xbf          the number itself
 *   0xc0..0xdf          program_constants[]
 *   0xe0..0xef, k       cptr of the k-th slot (modulo their number, else 0) of that kind (enum
 *                       slot_kind) in the caller's root CNode
 *   0xf0 f1 f2 f3       1, 2, 4, 8 bytes little endian
 *   0xf4 s  0xf5 s      2^s; 2^s − 1
 *   0xf6 n              −n
 *   0xf7 f8 f9, n       n pages of 4 KiB, 2 MiB, 1 GiB
 *   0xfa s, g           CNode guard word: size s (modulo 64), guard g
 *   0xfb k              address where the k-th frame of the root CNode is mapped
 *   0xfc..0xff          2^64 − 4 … 2^64 − 1
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/syscalls.h"

enum {
    PROGRAM_MAX_BYTES = 1024,
    PROGRAM_MAX_STEPS = 64,
    STEP_MAX_PAYLOAD = 63,
    STEP_MAX_WORDS = 24,
};

enum step_op {
    STEP_CALL,
    STEP_SEND,
    STEP_NB_SEND,
    STEP_RECV,
    STEP_NB_RECV,
    STEP_REPLY,
    STEP_REPLY_RECV,
    STEP_YIELD,
    STEP_OTHER,
    STEP_AGAIN,
    STEP_WRITE,
    STEP_IRQ,
    STEP_TICK,
    STEP_FAULT,
    STEP_FP,
    STEP_REG,
};

enum irq_mode {
    IRQ_PULSE,      /* an edge, then the kernel is entered */
    IRQ_PULSE_ONLY, /* an edge that waits for the next entry or preemption point */
    IRQ_RAISE,      /* level high, entered */
    IRQ_RAISE_ONLY,
    IRQ_LOWER,
    IRQ_MODE_COUNT,
};

enum fault_kind {
    FAULT_KIND_DATA,
    FAULT_KIND_INSTRUCTION,
    FAULT_KIND_EXCEPTION, /* ESR class never that of an FP trap */
    FAULT_KIND_COUNT,
};

/* Kinds of slots that a value can name. */
enum slot_kind {
    KIND_EMPTY,
    KIND_UNTYPED,
    KIND_ENDPOINT,
    KIND_NOTIFICATION,
    KIND_REPLY,
    KIND_CNODE,
    KIND_FRAME,
    KIND_PAGE_TABLE,
    KIND_VSPACE,
    KIND_ASID_POOL,
    KIND_TCB,
    KIND_IRQ_HANDLER,
    KIND_ZOMBIE,
    KIND_SGI,
    KIND_OTHER, /* controls, domain, SMC */
    KIND_ANY,   /* any cap */
    KIND_COUNT,
};

/* First bytes of values. */
enum {
    VALUE_CONSTANT = 0xc0,
    VALUE_SLOT = 0xe0,
    VALUE_BYTES = 0xf0, /* and the next three */
    VALUE_POWER = 0xf4,
    VALUE_MASK = 0xf5,
    VALUE_MINUS = 0xf6,
    VALUE_PAGE = 0xf7, /* and the next two: larger pages */
    VALUE_GUARD = 0xfa,
    VALUE_MAPPED = 0xfb,
    VALUE_TOP = 0xfc,
    CONSTANT_COUNT = 32,
};

extern const uint64_t program_constants[CONSTANT_COUNT];
extern const uint8_t preempt_question[8];
/* Steps in words, by enum step_op. */
extern const char *const step_names[16];

/* What values need to know about the state; the mutator, which runs nothing, gives none. */
struct value_source {
    uint64_t (*slot)(enum slot_kind kind, unsigned k);
    uint64_t (*mapped)(unsigned k);
};

struct step {
    enum step_op op;
    uint8_t preempt; /* 0..7 */
    bool leave;      /* a preempted call is not finished at once */
    /* sending steps */
    uint64_t cptr;
    uint64_t label;
    uint8_t length;
    uint8_t cap_count;
    uint64_t caps[MSG_MAX_EXTRA_CAPS];
    /* message words, or what the other operations read */
    uint8_t word_count;
    uint64_t words[STEP_MAX_WORDS];
};

/* A program being read. */
struct reader {
    const uint8_t *at;
    const uint8_t *end;
};

struct reader program_open(const uint8_t *data, size_t size, unsigned *start_state);
/* Decodes the next step; false at the end. */
bool program_next(struct reader *reader, const struct value_source *source, struct step *step);
/* Bytes of the step at `at`, without decoding it; at most the rest. */
size_t program_step_bytes(const uint8_t *at, const uint8_t *end);

static inline bool step_is_send(enum step_op op)
{
    return op <= STEP_NB_SEND || op == STEP_REPLY || op == STEP_REPLY_RECV;
}
/* Does it enter the kernel by svc? */
static inline bool step_is_syscall(enum step_op op)
{
    return op <= STEP_AGAIN;
}
