/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What a component is told at its start: one read-only page at LAYOUT_ENV, written by who made it.
 * All offsets are bytes from the start of the page; strings end with a zero byte.
 */
#pragma once
#include <stdint.h>

enum {
    ENV_MAGIC = 0x564e454b, /* "KENV" */
    ENV_VERSION = 1,
    ENV_BYTES = 4096,
    ENV_NAME_BYTES = 24, /* with the closing zero */
    ENV_ENTRIES = 44,
};

enum env_kind {
    ENV_CHANNEL = 1, /* client's end: slot = endpoint (Send, GrantReply), buffer at address, badge =
                        bit that the server's signals set in the client's notification */
    ENV_CLIENT,      /* server's view of one client: badge of its messages (with BADGE_MESSAGE), its
                        buffer at address, signal = the client's notification */
    ENV_PRODUCER,    /* ring at address: signal = notification of the other side, badge = own bit,
                        physical = entries << 32 | bytes of an entry (ring/ring.h) */
    ENV_CONSUMER,    /* ring at address: the same from the other side */
    ENV_DEVICE,      /* registers at address, physical address, bytes */
    ENV_IRQ,         /* slot = IRQ handler, badge = its bit in the notification's word, physical =
                        number of the interrupt; one entry for each that the device has */
    ENV_DMA,         /* contiguous memory at address, device address in physical */
};

/* Set in the badge of every endpoint cap that a server receives through, never in a badge of a
 * notification: so one receive tells messages from signals without looking at anything else. The
 * bits of a component's notification are handed out one per interrupt, ring and channel. */
#define BADGE_MESSAGE (1ull << 63)

enum env_flag {
    ENV_FLAG_UNCACHED = 1, /* device-type memory: aligned accesses only */
    ENV_FLAG_GRANT = 2,    /* the channel carries caps */
};

struct env_entry {
    char name[ENV_NAME_BYTES]; /* as the system description calls it */
    uint32_t kind;             /* enum env_kind */
    uint32_t flags;
    uint32_t slot;   /* 0 = none */
    uint32_t signal; /* slot of a notification to signal, 0 = none */
    uint64_t address;
    uint64_t bytes;
    uint64_t physical;
    uint64_t badge;
};

struct env {
    uint32_t magic;
    uint32_t version;
    uint32_t id;         /* of the component, 1.. */
    uint32_t generation; /* 0 at the first start, +1 at each restart */
    char name[ENV_NAME_BYTES];
    uint64_t heap_limit; /* end of what the heap may grow to, from LAYOUT_HEAP */
    uint64_t stack_bottom;
    uint64_t rights;      /* enum system_right bits (comp/protocol.h) */
    uint32_t argc;        /* arguments, the program's name first */
    uint32_t argv_offset; /* of argc strings, one after the other */
    uint32_t slots;       /* of the CNode */
    uint32_t first_free;  /* slots [first_free, slots) are the component's to use */
    uint32_t entries;
    uint32_t serves; /* 1: SLOT_SERVICE holds its endpoint */
    struct env_entry entry[ENV_ENTRIES];
    char strings[ENV_BYTES - 88 - ENV_ENTRIES * 72];
};
_Static_assert(sizeof(struct env_entry) == 72, "layout of an entry");
_Static_assert(sizeof(struct env) == ENV_BYTES, "the environment is one page");

/* The control page: the component tells the root task where it may be stuck. While a call to a
 * channel is under way, `channel` is the endpoint's slot and the thread is between `call_start` and
 * `call_end` or in the kernel; 0 else. A server that dies lets the root task end the calls of its
 * clients: a thread that stands at `call_start` is moved to `call_end` with a message info of label
 * CALL_BROKEN_LABEL and length 0 in x1 (at `call_end` it has its reply and is left alone). A
 * component that lies here harms only its own calls. */
struct control {
    uint64_t channel;
    uint64_t call_start; /* address of the `svc` of the call */
    uint64_t call_end;   /* the instruction after it */
    uint64_t reserved[5];
};

/* Label of the message info that ends a broken call; no server may reply with it. */
#define CALL_BROKEN_LABEL 0xdead000u
