/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The root task's CSpace and its slots. A new CNode is made while enough slots are left for the
 * splits that its memory may need, so that running out is noticed before anything is half done.
 */
#include "broker/broker.h"
#include "broker/internal.h"

enum {
    NODE_BITS = 12,
    NODE_OBJECT_BITS = NODE_BITS + SLOT_BITS,
    /* Two slots for each of the splits from the largest block down to the smallest. */
    RESERVE = 2 * BUDDY_SIZES + 8,
};
_Static_assert(1 << NODE_BITS == SLOTS_PER_NODE, "one CNode per node");

enum broker_code broker_refuse_slots(struct broker *b, uint16_t client, uint32_t count)
{
    return broker_refuse(b, (struct broker_error){.code = BROKER_NO_SLOTS,
                                                  .client = client,
                                                  .wanted = count,
                                                  .available = b->slots.total - b->slots.used,
                                                  .what = "slots"});
}

/* Adds a CNode of 4096 slots to the CSpace. */
static enum broker_code grow(struct broker *b)
{
    uint32_t node = slots_new_node(&b->slots), block;
    if (node == SLOTS_NODES || b->root == SLOT_INIT_CNODE) {
        return broker_refuse_slots(b, BROKER_SYSTEM, 1);
    }
    enum broker_code code = broker_object(b, BROKER_SYSTEM, OBJECT_CNODE, NODE_BITS, &block);
    if (code != BROKER_OK) {
        return code;
    }
    uint32_t leaf = b->slots.leaf_bits;
    enum error_code error =
        kaal_cnode_mint((struct kaal_slot){b->root, node, WORD_BITS - leaf},
                        broker_at(b, b->block[block].object), RIGHTS_ALL, leaf - NODE_BITS);
    if (error != ERROR_NONE) {
        broker_give_back(b, block);
        return broker_refuse(
            b, (struct broker_error){.code = BROKER_KERNEL, .kernel = error, .what = "CNode_Mint"});
    }
    b->node_block[node] = block;
    slots_add(&b->slots, node, 0, SLOTS_PER_NODE);
    return BROKER_OK;
}

void broker_reserve(struct broker *b, uint32_t count)
{
    if (!b->growing && b->slots.total - b->slots.used < count + RESERVE) {
        b->growing = true;
        (void)!grow(b); /* what is left may still do */
        b->growing = false;
    }
}

enum broker_code broker_slots(struct broker *b, uint16_t client, uint32_t count, uint32_t *first)
{
    if (count == 0 || count > SLOTS_PER_NODE) {
        return broker_refuse(b, (struct broker_error){.code = BROKER_BAD_ARGUMENT,
                                                      .client = client,
                                                      .wanted = count,
                                                      .what = "number of slots"});
    }
    if (!b->growing) {
        if (broker_is_made_to_fail(b)) {
            return broker_refuse_slots(b, client, count);
        }
        broker_reserve(b, count);
    }
    *first = slots_take(&b->slots, count);
    if (*first == 0 && !b->growing) {
        b->growing = true;
        enum broker_code code = grow(b);
        b->growing = false;
        if (code != BROKER_OK) {
            return code == BROKER_NO_SLOTS ? broker_refuse_slots(b, client, count) : code;
        }
        *first = slots_take(&b->slots, count);
    }
    return *first != 0 ? BROKER_OK : broker_refuse_slots(b, client, count);
}

void broker_slots_free(struct broker *b, uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        (void)!kaal_cnode_delete(broker_at(b, first + i)); /* no errors but a bad slot */
    }
    slots_give(&b->slots, first, count);
}

enum broker_code broker_copy(struct broker *b, uint16_t client, uint32_t from, uint64_t rights,
                             uint64_t badge, uint32_t *to)
{
    enum broker_code code = broker_slots(b, client, 1, to);
    if (code != BROKER_OK) {
        return code;
    }
    struct kaal_slot at = broker_at(b, *to), source = broker_at(b, from);
    enum error_code error = badge == 0 ? kaal_cnode_copy(at, source, rights)
                                       : kaal_cnode_mint(at, source, rights, badge);
    if (error == ERROR_NONE) {
        return BROKER_OK;
    }
    slots_give(&b->slots, *to, 1);
    return broker_refuse(
        b, (struct broker_error){
               .code = BROKER_KERNEL, .client = client, .kernel = error, .what = "CNode_Copy"});
}

/* Puts the root task into a CSpace whose root has 2^8 slots, the boot CNode in the first. */
static enum error_code enter_two_levels(struct broker *b, uint32_t cnode, uint32_t guarded)
{
    uint32_t leaf = b->slots.leaf_bits;
    uint64_t guard = kaal_guard(0, WORD_BITS - BROKER_ROOT_BITS - leaf);
    struct kaal_slot boot = broker_at(b, SLOT_INIT_CNODE);
    enum error_code error =
        kaal_cnode_mint(broker_at(b, guarded), broker_at(b, cnode), RIGHTS_ALL, guard);
    if (error == ERROR_NONE) {
        error = kaal_cnode_mint((struct kaal_slot){cnode, 0, BROKER_ROOT_BITS}, boot, RIGHTS_ALL,
                                kaal_guard(0, leaf - b->bootinfo->init_cnode_bits));
    }
    if (error == ERROR_NONE) {
        error = kaal_tcb_set_space(SLOT_INIT_TCB, 0, guarded, 0, SLOT_INIT_VSPACE, 0);
    }
    if (error == ERROR_NONE) {
        b->root = guarded;
    }
    return error;
}

static void take_untypeds(struct broker *b)
{
    const struct bootinfo *info = b->bootinfo;
    uint64_t count = info->untyped.end - info->untyped.start;
    for (uint64_t i = 0; i < count && i < MAX_BOOTINFO_UNTYPEDS; i++) {
        const struct untyped_desc *d = &info->untyped_list[i];
        (void)buddy_add(&b->buddy, d->paddr, d->size_bits, d->is_device != 0,
                        (uint32_t)(info->untyped.start + i));
    }
}

enum broker_code broker_open(struct broker *b, const struct bootinfo *bootinfo)
{
    uint32_t radix = (uint32_t)bootinfo->init_cnode_bits, guarded, block;
    uint64_t end = bootinfo->empty.end;
    b->bootinfo = bootinfo;
    b->root = SLOT_INIT_CNODE;
    broker_client_open(b, BROKER_SYSTEM, "the root task", BROKER_NO_LIMIT);
    slots_open(&b->slots, radix > NODE_BITS ? radix : NODE_BITS);
    end = end < SLOTS_PER_NODE ? end : SLOTS_PER_NODE;
    if (bootinfo->empty.start + RESERVE > end) {
        return broker_refuse_slots(b, BROKER_SYSTEM, RESERVE);
    }
    slots_add(&b->slots, 0, (uint32_t)bootinfo->empty.start, (uint32_t)end);
    buddy_open(&b->buddy, b->block, BROKER_RECORDS, MAX_BOOTINFO_UNTYPEDS);
    take_untypeds(b);
    enum broker_code code = broker_object(b, BROKER_SYSTEM, OBJECT_CNODE, BROKER_ROOT_BITS, &block);
    if (code == BROKER_OK) {
        code = broker_slots(b, BROKER_SYSTEM, 1, &guarded);
    }
    if (code != BROKER_OK) {
        return code;
    }
    b->root_block = block;
    enum error_code error = enter_two_levels(b, b->block[block].object, guarded);
    return error == ERROR_NONE ? BROKER_OK
                               : broker_refuse(b, (struct broker_error){.code = BROKER_KERNEL,
                                                                        .kernel = error,
                                                                        .what = "TCB_SetSpace"});
}
