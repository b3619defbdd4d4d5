/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * An invocation's way: message → decode (plan or refusal, changes nothing) → commit (cannot refuse,
 * may be preempted) → reply registers. abi/invocations.md.
 */
#pragma once
#include "refusal.h"
#include "transfer.h"
#include "vspace.h"

/* The message of the system call being handled. */
struct invocation {
    struct cpu *cpu;
    struct tcb *caller;
    struct slot *slot; /* of the invoked cap */
    struct cap cap;
    uint64_t label;
    uint64_t length; /* words, 0..120; 0..4 without a buffer */
    struct extra_caps extra;
    const struct ipc_buffer *buffer;
};

/* Result words of a successful call. */
struct reply {
    unsigned length;
    uint64_t words[REG_COUNT];
};

struct plan;
typedef enum outcome commit_fn(const struct invocation *call, const struct plan *plan,
                               struct reply *reply);
typedef enum error_code decode_fn(const struct invocation *call, struct plan *plan,
                                  struct refusal *no);

/* What a commit needs; each decode function fills what its commit reads. */
struct plan {
    commit_fn *commit;
    struct slot *dest; /* slot to fill or act on */
    struct slot *source;
    struct slot *pivot;
    struct cap cap;       /* what goes to `dest` */
    struct cap pivot_cap; /* what goes to `pivot` */
    struct tcb *tcb;
    struct notification *notification;
    struct walk walk; /* where a mapping goes */
    uint64_t arg[6];
    struct { /* TCB_Configure, SetSpace, SetIPCBuffer */
        bool fault_handler;
        bool roots;
        bool buffer;
        struct slot *source[3]; /* CSpace, VSpace, frame */
        struct cap cap[3];
    } install;
};

struct method {
    enum cap_type_number type;
    uint8_t least_words;
    uint8_t least_caps;
    decode_fn *decode; /* NULL: MISSING */
    const char *name;
};

/* By label; entries without a name do not exist. */
extern const struct method methods[LABEL_COUNT];

/* Word i of the message; i < call->length. Reads the buffer: once per word and trap. */
static inline uint64_t call_word(const struct invocation *call, unsigned i)
{
    return i < MSG_REGISTERS ? call->caller->context.reg[REG_X2 + i]
                             : *(const volatile uint64_t *)&call->buffer->msg[i];
}
static inline struct cap call_cap(const struct invocation *call, unsigned i)
{
    return call->extra.slot[i]->cap;
}

/* Call, Send (may_block) or NBSend by the current thread (abi/syscalls.md §3). */
void invoke(struct cpu *cpu, bool is_call, bool may_block);
