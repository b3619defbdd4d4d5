/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The one holder of untypeds, slots, devices and interrupts. It moves the root task into a CSpace
 * of two levels (256 CNodes; the boot CNode is the first, so that its cptrs stay as they were) and
 * makes every kernel object in an Untyped of exactly its size: giving back is revoking that
 * Untyped. What a client holds is charged to it in bytes, and refused above its quota.
 *
 * Every function that may be refused returns an enum broker_code and leaves, on refusal, the
 * reason in `error` and everything else as it was. One thread uses a broker.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/bootinfo.h"
#include "broker/buddy.h"
#include "broker/slots.h"
#include "kaal/invocations.h"

enum {
    BROKER_CLIENTS = 64,
    BROKER_SYSTEM = 0, /* the client that is the root task itself: no quota */
    BROKER_ROOT_BITS = 8,
    BROKER_RECORDS = 16384,
    BROKER_IRQS = 1024,
};
#define BROKER_NO_LIMIT UINT64_MAX

enum broker_code {
    BROKER_OK,
    BROKER_NO_MEMORY,    /* no block of that size, even after joining all that is free */
    BROKER_NO_SLOTS,     /* 256 CNodes are full, or there is no memory for another one */
    BROKER_NO_RECORDS,   /* the tables of this library are full */
    BROKER_QUOTA,        /* the client's own limit */
    BROKER_NOT_FOUND,    /* no such device, or no memory at that address */
    BROKER_BUSY,         /* somebody holds it */
    BROKER_BAD_ARGUMENT, /* a size or number out of range */
    BROKER_KERNEL,       /* the kernel refused an invocation */
    BROKER_CODES,
};

/* Why the last request was refused. */
struct broker_error {
    enum broker_code code;
    uint16_t client;        /* who asked */
    uint16_t holder;        /* who holds what is missing; of memory: who holds most */
    uint64_t wanted;        /* bytes, slots, an address or a number */
    uint64_t available;     /* largest free block in bytes, free slots */
    uint64_t used;          /* by the client (QUOTA), by the holder (NO_MEMORY); bytes */
    uint64_t limit;         /* of the client, bytes */
    enum error_code kernel; /* of BROKER_KERNEL */
    const char *what;       /* the kind of thing that was wanted: "memory", "interrupt", ... */
};

struct device; /* broker/device.h */

struct broker_client {
    const char *name;       /* NULL: no client with this number */
    struct device *devices; /* that it holds */
    uint64_t quota;         /* bytes; BROKER_NO_LIMIT */
    uint64_t used;          /* bytes */
};

struct broker_status {
    uint64_t total_bytes; /* ordinary memory */
    uint64_t free_bytes;
    uint64_t largest_bytes; /* largest block that can be allocated */
    uint32_t slots_total;
    uint32_t slots_used;
    uint32_t blocks_taken;
    uint32_t records_used;
};

struct broker {
    struct buddy buddy;
    struct slots slots;
    struct broker_client client[BROKER_CLIENTS];
    struct broker_error error;
    const struct bootinfo *bootinfo;
    uint64_t root; /* cap of the CSpace root; depth 64 names any slot */
    uint32_t root_block;
    uint32_t node_block[SLOTS_NODES];
    bool growing;
    uint64_t attempts; /* allocations tried so far */
    uint64_t fail_at;  /* the attempt that is made to fail, 0 = none: for tests */
    uint32_t irq_slot[BROKER_IRQS];
    uint16_t irq_owner[BROKER_IRQS];
    struct buddy_block block[BROKER_RECORDS];
};

/* Takes over what `bootinfo` describes, for the calling initial thread. Once per program. */
KAAL_MUST_CHECK enum broker_code broker_open(struct broker *b, const struct bootinfo *bootinfo);

/* ---- clients ---- */

/* Makes `client` (1..63) known; `name` stays the caller's. */
void broker_client_open(struct broker *b, uint16_t client, const char *name, uint64_t quota);
/* The client must hold nothing any more. */
void broker_client_close(struct broker *b, uint16_t client);
/* For memory that is handed out in parts: adds to what the client holds, QUOTA above its limit. */
KAAL_MUST_CHECK enum broker_code broker_charge(struct broker *b, uint16_t client, uint64_t bytes);
void broker_refund(struct broker *b, uint16_t client, uint64_t bytes);

/* ---- memory and objects; a block is a record number of `block` ---- */

/* An Untyped of 2^bits bytes (4..47) without children. */
KAAL_MUST_CHECK enum broker_code broker_block(struct broker *b, uint16_t client, uint8_t bits,
                                              uint32_t *block);
/* The Untyped of 2^bits bytes at `paddr`, device memory as well as ordinary. */
KAAL_MUST_CHECK enum broker_code broker_block_at(struct broker *b, uint16_t client, uint64_t paddr,
                                                 uint8_t bits, uint32_t *block);
/* One object in a block of its size (`size_bits` as Retype wants it); its cptr is `object` of the
 * block. */
KAAL_MUST_CHECK enum broker_code broker_object(struct broker *b, uint16_t client,
                                               enum object_type type, uint64_t size_bits,
                                               uint32_t *block);
/* `count` objects in a block that was taken; their caps in slots from `first` on, which the caller
 * has taken. */
KAAL_MUST_CHECK enum broker_code broker_fill(struct broker *b, uint32_t block,
                                             enum object_type type, uint64_t size_bits,
                                             uint32_t count, uint32_t first);
/* Revokes the block: all that was made in it is gone, with every copy in whatever CSpace. */
void broker_give_back(struct broker *b, uint32_t block);
static inline uint64_t broker_paddr(const struct broker *b, uint32_t block)
{
    return b->block[block].paddr;
}
static inline uint32_t broker_cptr(const struct broker *b, uint32_t block)
{
    return b->block[block].object;
}

/* ---- slots ---- */

/* `count` (1..4096) empty slots in a row. */
KAAL_MUST_CHECK enum broker_code broker_slots(struct broker *b, uint16_t client, uint32_t count,
                                              uint32_t *first);
/* Gives slots back, deleting what is in them. */
void broker_slots_free(struct broker *b, uint32_t first, uint32_t count);
/* A copy of a cap in a new slot; badge 0 leaves the badge as it is. */
KAAL_MUST_CHECK enum broker_code broker_copy(struct broker *b, uint16_t client, uint32_t from,
                                             uint64_t rights, uint64_t badge, uint32_t *to);
/* The place of a slot, for CNode methods. */
static inline struct kaal_slot broker_at(const struct broker *b, uint32_t cptr)
{
    return (struct kaal_slot){b->root, cptr, WORD_BITS};
}

/* ---- interrupts ---- */

/* The handler of an interrupt, unmasked at once by the kernel; its cptr. */
KAAL_MUST_CHECK enum broker_code broker_irq(struct broker *b, uint16_t client, uint32_t number,
                                            bool edge, uint32_t *slot);
/* Deletes the handler and every copy. */
void broker_irq_free(struct broker *b, uint32_t number);

/* ---- pairs and channels ---- */

struct broker_channel {
    uint32_t endpoint; /* block */
    uint32_t memory;   /* block of the shared buffer, BUDDY_NONE = none */
};
/* An endpoint, and an Untyped of at least `bytes` for a shared buffer (0 = none). */
KAAL_MUST_CHECK enum broker_code broker_channel(struct broker *b, uint16_t client, uint64_t bytes,
                                                struct broker_channel *channel);
void broker_channel_free(struct broker *b, const struct broker_channel *channel);
/* Two notifications, one per direction; blocks. */
KAAL_MUST_CHECK enum broker_code broker_notification_pair(struct broker *b, uint16_t client,
                                                          uint32_t pair[2]);

/* ---- books ---- */

/* Joins all free halves and gives back empty CNodes, so that books of equal states are equal. The
 * kernel zeroes what is joined when it is used again. */
void broker_settle(struct broker *b);
struct broker_status broker_status(const struct broker *b);
/* Gives back everything that `client` holds in blocks and interrupts. */
void broker_give_back_all(struct broker *b, uint16_t client);
/* The last refusal as one sentence; at most `room` bytes with the closing zero. */
void broker_explain(const struct broker *b, char *text, size_t room);
/* For the libraries above: notes a refusal and returns its code. */
enum broker_code broker_refuse(struct broker *b, struct broker_error error);
/* Counts an attempt to allocate; true when a test wants this one to fail (`fail_at`). */
bool broker_is_made_to_fail(struct broker *b);
