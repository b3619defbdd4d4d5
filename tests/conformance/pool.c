/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * One Untyped holds the frame's own objects, another everything that a case makes. Slots are handed
 * out upwards and emptied when the case ends.
 */
#include "pool.h"

#include "harness.h"
#include "kaal/syscalls.h"

enum {
    CASE_BITS = 23,  /* room for three large pages beside small objects */
    FRAME_BITS = 14, /* the frame's own objects */
};

static struct {
    uint64_t case_untyped;
    uint64_t source;     /* what object() takes from: the frame's Untyped before the first case */
    uint64_t first_slot; /* of the current case */
    uint64_t next_slot;
} pool;

static enum error_code retype(uint64_t from, enum object_type type, uint64_t bits, uint64_t slot)
{
    /* Depth 0 names the root CNode itself (abi/invocations.md §3, check 6). */
    return kaal_untyped_retype(from, type, bits, (struct kaal_slot){ROOT, 0, 0}, slot, 1);
}

void pool_init(void)
{
    const struct bootinfo *b = boot();
    uint64_t count = b->untyped.end - b->untyped.start;
    pool.case_untyped = b->empty.start;
    pool.source = b->empty.start + 1;
    pool.next_slot = b->empty.start + 2;
    for (uint64_t i = 0; i < count; i++) {
        if (b->untyped_list[i].is_device == 0 && b->untyped_list[i].size_bits > CASE_BITS) {
            uint64_t from = b->untyped.start + i;
            must(retype(from, OBJECT_UNTYPED, CASE_BITS, pool.case_untyped));
            must(retype(from, OBJECT_UNTYPED, FRAME_BITS, pool.source));
            return;
        }
    }
    check(!"an ordinary Untyped that is large enough");
}

void pool_open(void)
{
    pool.source = pool.case_untyped;
    pool.first_slot = pool.next_slot;
}

void pool_close(void)
{
    must(kaal_cnode_revoke(at(pool.case_untyped)));
    for (uint64_t slot = pool.first_slot; slot < pool.next_slot; slot++) {
        must(kaal_cnode_delete(at(slot)));
    }
    pool.next_slot = pool.first_slot;
}

uint64_t case_untyped(void)
{
    return pool.case_untyped;
}

uint64_t slots_new(unsigned count)
{
    uint64_t first = pool.next_slot;
    pool.next_slot += count;
    check(pool.next_slot <= boot()->empty.end);
    return first;
}

uint64_t object(enum object_type type, uint64_t bits)
{
    uint64_t slot = slot_new();
    must(retype(pool.source, type, bits, slot));
    return slot;
}

uint64_t untyped(uint64_t bits)
{
    return object(OBJECT_UNTYPED, bits);
}

uint64_t device_untyped(uint64_t bits)
{
    const struct bootinfo *b = boot();
    uint64_t count = b->untyped.end - b->untyped.start;
    for (uint64_t i = count; i > 0; i--) {
        if (b->untyped_list[i - 1].is_device != 0 && b->untyped_list[i - 1].size_bits >= bits) {
            return b->untyped.start + i - 1;
        }
    }
    check(!"a device Untyped that is large enough");
    return 0;
}

uint64_t vspace(void)
{
    uint64_t slot = object(OBJECT_VSPACE, 0);
    must(kaal_asid_pool_assign(SLOT_INIT_ASID_POOL, slot));
    return slot;
}

void map(uint64_t space, uint64_t frame, uint64_t vaddr, uint64_t rights, uint64_t attributes)
{
    enum error_code error = kaal_page_map(frame, space, vaddr, rights, attributes);
    for (int level = 1; error == ERROR_FAILED_LOOKUP && level <= 3; level++) {
        must(kaal_page_table_map(object(OBJECT_PAGE_TABLE, 0), space, vaddr, ATTR_DEFAULT));
        error = kaal_page_map(frame, space, vaddr, rights, attributes);
    }
    must(error);
}

uint64_t copy_of(uint64_t slot, uint64_t rights)
{
    uint64_t copy = slot_new();
    must(kaal_cnode_copy(at(copy), at(slot), rights));
    return copy;
}

uint64_t mint_of(uint64_t slot, uint64_t rights, uint64_t data)
{
    uint64_t copy = slot_new();
    must(kaal_cnode_mint(at(copy), at(slot), rights, data));
    return copy;
}

bool occupied(uint64_t slot)
{
    /* Copy looks at its destination before its source (abi/invocations.md §5); slot 0 is empty. */
    return kaal_cnode_copy(at(slot), at(SLOT_NULL), RIGHTS_ALL) == ERROR_DELETE_FIRST;
}
