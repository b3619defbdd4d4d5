/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Blocks and objects. The books (buddy.c) change only after the kernel has agreed.
 */
#include "broker/broker.h"

#include "broker/internal.h"

enum {
    BITS_MAX = 47
};

/* Exponent of an object's size (abi/objects.md §1); 64 when there is none. */
static uint8_t object_bits(enum object_type type, uint64_t size_bits)
{
    static const uint8_t bits[OBJECT_TYPE_COUNT] = {
        [OBJECT_TCB] = TCB_BITS,
        [OBJECT_ENDPOINT] = ENDPOINT_BITS,
        [OBJECT_NOTIFICATION] = NOTIFICATION_BITS,
        [OBJECT_CNODE] = SLOT_BITS,
        [OBJECT_HUGE_PAGE] = HUGE_PAGE_BITS,
        [OBJECT_VSPACE] = VSPACE_BITS,
        [OBJECT_SMALL_PAGE] = PAGE_BITS,
        [OBJECT_LARGE_PAGE] = LARGE_PAGE_BITS,
        [OBJECT_PAGE_TABLE] = PAGE_TABLE_BITS,
    };
    bool sized = type == OBJECT_CNODE || type == OBJECT_UNTYPED;
    uint64_t all = bits[type] + (sized ? size_bits : 0);
    return all > WORD_BITS ? WORD_BITS : (uint8_t)all;
}

bool broker_is_made_to_fail(struct broker *b)
{
    b->attempts++;
    return b->attempts == b->fail_at;
}

enum broker_code broker_refuse(struct broker *b, struct broker_error error)
{
    b->error = error;
    return error.code;
}

static enum broker_code refuse_kernel(struct broker *b, uint16_t client, const char *what,
                                      enum error_code kernel)
{
    return broker_refuse(
        b, (struct broker_error){
               .code = BROKER_KERNEL, .client = client, .kernel = kernel, .what = what});
}

static uint16_t largest_holder(const struct broker *b)
{
    uint16_t most = 0;
    for (uint16_t i = 0; i < BROKER_CLIENTS; i++) {
        if (b->client[i].name != NULL && b->client[i].used > b->client[most].used) {
            most = i;
        }
    }
    return most;
}

static enum broker_code refuse_memory(struct broker *b, uint16_t client, uint64_t bytes)
{
    uint16_t holder = largest_holder(b);
    return broker_refuse(b, (struct broker_error){.code = BROKER_NO_MEMORY,
                                                  .client = client,
                                                  .holder = holder,
                                                  .wanted = bytes,
                                                  .available = buddy_largest(&b->buddy),
                                                  .used = b->client[holder].used,
                                                  .what = "memory"});
}

enum broker_code broker_charge(struct broker *b, uint16_t client, uint64_t bytes)
{
    struct broker_client *c = &b->client[client];
    if (bytes > c->quota || c->used > c->quota - bytes) {
        return broker_refuse(b, (struct broker_error){.code = BROKER_QUOTA,
                                                      .client = client,
                                                      .holder = client,
                                                      .wanted = bytes,
                                                      .used = c->used,
                                                      .limit = c->quota,
                                                      .what = "memory"});
    }
    c->used += bytes;
    return BROKER_OK;
}

void broker_refund(struct broker *b, uint16_t client, uint64_t bytes)
{
    b->client[client].used -= bytes;
}

void broker_client_open(struct broker *b, uint16_t client, const char *name, uint64_t quota)
{
    b->client[client] = (struct broker_client){.name = name, .quota = quota};
}

void broker_client_close(struct broker *b, uint16_t client)
{
    b->client[client] = (struct broker_client){0};
}

/* Where Retype puts caps: the CNode that holds `cptr`, and the slot's number in it. */
static struct kaal_slot node_of(const struct broker *b, uint32_t cptr, uint64_t *offset)
{
    if (b->root == SLOT_INIT_CNODE) { /* before the CSpace has two levels */
        *offset = cptr;
        return (struct kaal_slot){SLOT_INIT_CNODE, 0, 0};
    }
    *offset = cptr & ((1u << b->slots.leaf_bits) - 1);
    return (struct kaal_slot){b->root, cptr >> b->slots.leaf_bits, WORD_BITS - b->slots.leaf_bits};
}

static enum error_code retype(const struct broker *b, uint32_t untyped, enum object_type type,
                              uint64_t size_bits, uint32_t slot, uint32_t count)
{
    uint64_t offset;
    struct kaal_slot node = node_of(b, slot, &offset);
    return kaal_untyped_retype(untyped, type, size_bits, node, offset, count);
}

static void revoke(const struct broker *b, uint32_t cptr)
{
    /* Revoke has no errors but a bad slot (abi/invocations.md §5), and this one is ours. */
    (void)!kaal_cnode_revoke(broker_at(b, cptr));
}

/* Splits a free block, in the kernel and in the books. The slots are there, broker_reserve() has
 * seen to it: a CNode made here could take the very block. */
static enum broker_code split(struct broker *b, uint16_t client, uint32_t block)
{
    struct buddy_block *k = &b->block[block];
    uint32_t slots = slots_take(&b->slots, 2);
    if (slots == 0) {
        return broker_refuse_slots(b, client, 2);
    }
    if (b->buddy.unused == BUDDY_NONE) {
        slots_give(&b->slots, slots, 2);
        return broker_refuse(b, (struct broker_error){.code = BROKER_NO_RECORDS,
                                                      .client = client,
                                                      .what = "memory record"});
    }
    enum error_code error = retype(b, k->cap, OBJECT_UNTYPED, k->bits - 1u, slots, 2);
    if (error != ERROR_NONE) {
        revoke(b, k->cap);
        slots_give(&b->slots, slots, 2);
        return refuse_kernel(b, client, "Untyped_Retype", error);
    }
    uint32_t half = buddy_split(&b->buddy, block);
    b->block[half].cap = slots;
    b->block[half + 1].cap = slots + 1;
    return BROKER_OK;
}

static void join(struct broker *b, uint32_t block)
{
    uint32_t half = b->block[block].half;
    revoke(b, b->block[block].cap);
    slots_give(&b->slots, b->block[half].cap, 1);
    slots_give(&b->slots, b->block[half + 1].cap, 1);
    buddy_join(&b->buddy, block);
}

/* A free block of at least 2^bits bytes, joining smaller ones when there is none. */
static uint32_t find_or_join(struct broker *b, uint8_t bits)
{
    for (;;) {
        uint32_t block = buddy_find(&b->buddy, bits);
        uint32_t pair = block != BUDDY_NONE ? BUDDY_NONE : buddy_joinable(&b->buddy, false);
        if (pair == BUDDY_NONE) {
            return block;
        }
        join(b, pair);
    }
}

enum broker_code broker_block(struct broker *b, uint16_t client, uint8_t bits, uint32_t *block)
{
    if (bits < MIN_UNTYPED_BITS || bits > BITS_MAX) {
        return broker_refuse(b, (struct broker_error){.code = BROKER_BAD_ARGUMENT,
                                                      .client = client,
                                                      .wanted = bits,
                                                      .what = "size exponent"});
    }
    enum broker_code code = broker_charge(b, client, 1ull << bits);
    if (code != BROKER_OK) {
        return code;
    }
    broker_reserve(b, 0);
    if (broker_is_made_to_fail(b)) {
        code = refuse_memory(b, client, 1ull << bits);
    }
    uint32_t found = BUDDY_NONE;
    while (code == BROKER_OK) {
        found = find_or_join(b, bits);
        if (found == BUDDY_NONE) {
            code = refuse_memory(b, client, 1ull << bits);
        } else if (b->block[found].bits == bits) {
            break;
        } else {
            code = split(b, client, found);
        }
    }
    if (code != BROKER_OK) {
        broker_refund(b, client, 1ull << bits);
        return code;
    }
    buddy_take(&b->buddy, found, client);
    *block = found;
    return BROKER_OK;
}

static enum broker_code refuse_place(struct broker *b, uint16_t client, uint64_t paddr,
                                     uint32_t holder_block)
{
    bool busy = holder_block != BUDDY_NONE;
    return broker_refuse(
        b, (struct broker_error){.code = busy ? BROKER_BUSY : BROKER_NOT_FOUND,
                                 .client = client,
                                 .holder = busy ? b->block[holder_block].owner : BROKER_SYSTEM,
                                 .wanted = paddr,
                                 .what = "memory at an address"});
}

enum broker_code broker_block_at(struct broker *b, uint16_t client, uint64_t paddr, uint8_t bits,
                                 uint32_t *block)
{
    broker_reserve(b, 0);
    if (broker_is_made_to_fail(b)) {
        return refuse_memory(b, client, 1ull << bits);
    }
    for (;;) {
        uint32_t found = buddy_find_at(&b->buddy, paddr);
        if (found == BUDDY_NONE || b->block[found].state == BUDDY_TAKEN) {
            return refuse_place(b, client, paddr, found);
        }
        struct buddy_block *k = &b->block[found];
        if (k->bits < bits) {
            return refuse_place(b, client, paddr, BUDDY_NONE);
        }
        enum broker_code code = BROKER_OK;
        if (k->bits == bits) {
            code = k->device ? BROKER_OK : broker_charge(b, client, 1ull << bits);
            if (code == BROKER_OK) {
                buddy_take(&b->buddy, found, client);
                *block = found;
            }
            return code;
        }
        code = split(b, client, found);
        if (code != BROKER_OK) {
            return code;
        }
    }
}

enum broker_code broker_fill(struct broker *b, uint32_t block, enum object_type type,
                             uint64_t size_bits, uint32_t count, uint32_t first)
{
    while (count > 0) {
        uint32_t part = count < RETYPE_FAN_OUT_LIMIT ? count : RETYPE_FAN_OUT_LIMIT;
        enum error_code error = retype(b, b->block[block].cap, type, size_bits, first, part);
        if (error != ERROR_NONE) {
            revoke(b, b->block[block].cap);
            return refuse_kernel(b, b->block[block].owner, "Untyped_Retype", error);
        }
        first += part;
        count -= part;
    }
    return BROKER_OK;
}

enum broker_code broker_object(struct broker *b, uint16_t client, enum object_type type,
                               uint64_t size_bits, uint32_t *block)
{
    uint32_t slot = 0;
    enum broker_code code = broker_block(b, client, object_bits(type, size_bits), block);
    if (code != BROKER_OK) {
        return code;
    }
    code = broker_slots(b, client, 1, &slot);
    if (code == BROKER_OK) {
        code = broker_fill(b, *block, type, size_bits, 1, slot);
        if (code != BROKER_OK) {
            slots_give(&b->slots, slot, 1);
        }
    }
    if (code != BROKER_OK) {
        broker_give_back(b, *block);
        *block = BUDDY_NONE;
        return code;
    }
    b->block[*block].object = slot;
    b->block[*block].kind = (uint8_t)type;
    return BROKER_OK;
}

void broker_give_back(struct broker *b, uint32_t block)
{
    struct buddy_block *k = &b->block[block];
    revoke(b, k->cap);
    if (k->object != 0) {
        slots_give(&b->slots, k->object, 1);
    }
    if (!k->device) {
        broker_refund(b, k->owner, 1ull << k->bits);
    }
    buddy_release(&b->buddy, block);
}

void broker_settle(struct broker *b)
{
    for (bool again = true; again;) {
        again = false;
        for (unsigned device = 0; device < 2; device++) {
            for (uint32_t pair; (pair = buddy_joinable(&b->buddy, device)) != BUDDY_NONE;) {
                join(b, pair);
            }
        }
        for (uint32_t i = 1; i < SLOTS_NODES; i++) {
            if (b->node_block[i] != BUDDY_NONE && b->slots.node[i].used == 0) {
                slots_remove(&b->slots, i);
                broker_give_back(b, b->node_block[i]);
                b->node_block[i] = BUDDY_NONE;
                again = true;
            }
        }
    }
}
