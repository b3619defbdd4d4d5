/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Slots are handed out upwards from bootinfo.empty and never reused: the tour needs few.
 */
#include "store.h"

#include "kaal/syscalls.h"
#include "step.h"

struct kaal_slot root_slot(uint64_t slot)
{
    return (struct kaal_slot){SLOT_INIT_CNODE, slot, WORD_BITS};
}

uint64_t store_slot(struct store *store)
{
    expect(store->next_slot < store->bootinfo->empty.end, STEP_MEMORY, "a slot is left");
    return store->next_slot++;
}

static uint64_t retype(struct store *store, uint64_t untyped, enum object_type type, uint64_t bits)
{
    uint64_t slot = store_slot(store);
    /* Depth 0 names the root CNode itself (abi/invocations.md §3, check 6). */
    must(kaal_untyped_retype(untyped, type, bits, (struct kaal_slot){SLOT_INIT_CNODE, 0, 0}, slot,
                             1),
         STEP_MEMORY, "Untyped_Retype");
    return slot;
}

void store_open(struct store *store, const struct bootinfo *bootinfo, uint64_t bits)
{
    *store = (struct store){.bootinfo = bootinfo, .next_slot = bootinfo->empty.start};
    uint64_t count = bootinfo->untyped.end - bootinfo->untyped.start;
    for (uint64_t i = 0; i < count; i++) {
        const struct untyped_desc *d = &bootinfo->untyped_list[i];
        if (d->is_device == 0 && d->size_bits >= bits) {
            store->untyped = retype(store, bootinfo->untyped.start + i, OBJECT_UNTYPED, bits);
            store->untyped_bits = bits;
            return;
        }
    }
    expect(false, STEP_MEMORY, "an ordinary Untyped is large enough");
}

uint64_t store_object(struct store *store, enum object_type type, uint64_t size_bits)
{
    return retype(store, store->untyped, type, size_bits);
}

uint64_t store_copy(struct store *store, uint64_t slot, uint64_t rights, uint64_t badge)
{
    uint64_t copy = store_slot(store);
    if (badge == 0) {
        must(kaal_cnode_copy(root_slot(copy), root_slot(slot), rights), STEP_MEMORY, "CNode_Copy");
    } else {
        must(kaal_cnode_mint(root_slot(copy), root_slot(slot), rights, badge), STEP_MEMORY,
             "CNode_Mint");
    }
    return copy;
}

void store_tables(struct store *store, uint64_t vspace, uint64_t vaddr, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uint64_t table = store_object(store, OBJECT_PAGE_TABLE, 0);
        must(kaal_page_table_map(table, vspace, vaddr, ATTR_DEFAULT), STEP_SPACE, "PageTable_Map");
    }
}

void store_map(uint64_t vspace, uint64_t frame, uint64_t vaddr, uint64_t rights,
               uint64_t attributes)
{
    must(kaal_page_map(frame, vspace, vaddr, rights, attributes), STEP_SPACE, "Page_Map");
}

unsigned store_close(struct store *store)
{
    unsigned removed = 0;
    for (uint64_t slot = store->untyped + 1; slot < store->next_slot; slot++) {
        removed += kaal_debug_cap_identify(slot) != CAP_NULL;
    }
    must(kaal_cnode_revoke(root_slot(store->untyped)), STEP_CLEANUP, "CNode_Revoke");
    for (uint64_t slot = store->untyped + 1; slot < store->next_slot; slot++) {
        removed -= kaal_debug_cap_identify(slot) != CAP_NULL;
    }
    for (uint64_t slot = store->untyped; slot < store->next_slot; slot++) {
        must(kaal_cnode_delete(root_slot(slot)), STEP_CLEANUP, "CNode_Delete");
        expect(kaal_debug_cap_identify(slot) == CAP_NULL, STEP_CLEANUP, "a deleted slot is empty");
    }
    store->next_slot = store->untyped;
    return removed;
}
