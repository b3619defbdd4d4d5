/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * One Untyped holds what a row makes; a Revoke between rows gives it back.
 */
#include "bench.h"
#include "kaal/runtime.h"
#include "kaal/string.h"

enum {
    ARENA_BITS = 26, /* with room for growth: LARGE_ARENA_BITS */
    LARGE_ARENA_BITS = 28,
    KEPT_BITS = 17 /* page tables of the other address space and of the devices */
};

const struct bootinfo *boot;
uint64_t other_space;

static struct {
    uint64_t arena, kept;
    uint64_t source;
    uint64_t next, first; /* slots */
} pool;

struct kaal_slot at(uint64_t slot)
{
    return (struct kaal_slot){SLOT_INIT_CNODE, slot, WORD_BITS};
}

uint64_t pool_arena(void)
{
    return pool.arena;
}

uint64_t pool_slots(unsigned count)
{
    uint64_t slot = pool.next;
    pool.next += count;
    expect(pool.next <= boot->empty.end, "the root CNode has an empty slot");
    return slot;
}

uint64_t pool_slot(void)
{
    return pool_slots(1);
}

static void retype(uint64_t from, enum object_type type, uint64_t bits, uint64_t slot)
{
    must(kaal_untyped_retype(from, type, bits, (struct kaal_slot){SLOT_INIT_CNODE, 0, 0}, slot, 1),
         "Untyped_Retype");
}

uint64_t pool_object(enum object_type type, uint64_t bits)
{
    uint64_t slot = pool_slot();
    retype(pool.source, type, bits, slot);
    return slot;
}

uint64_t pool_mint(uint64_t slot, uint64_t rights, uint64_t badge)
{
    uint64_t copy = pool_slot();
    must(badge ? kaal_cnode_mint(at(copy), at(slot), rights, badge)
               : kaal_cnode_copy(at(copy), at(slot), rights),
         "a copy of a cap");
    return copy;
}

void pool_map(uint64_t space, uint64_t frame, uint64_t vaddr)
{
    enum error_code error;
    for (int tries = 0;; tries++) {
        error = kaal_page_map(frame, space, vaddr, RIGHT_READ | RIGHT_WRITE, ATTR_DEFAULT);
        if (error != ERROR_FAILED_LOOKUP || tries == 3)
            break;
        uint64_t table = pool_object(OBJECT_PAGE_TABLE, 0);
        must(kaal_page_table_map(table, space, vaddr, ATTR_DEFAULT), "PageTable_Map");
    }
    must(error, "Page_Map");
}

void pool_reset(void)
{
    must(kaal_cnode_revoke(at(pool.arena)), "CNode_Revoke");
    for (uint64_t slot = pool.first; slot < pool.next; slot++)
        must(kaal_cnode_delete(at(slot)), "CNode_Delete");
    pool.next = pool.first;
}

void pool_keep(void)
{
    pool.first = pool.next;
    pool.source = pool.arena;
}

static void make_other_space(void)
{
    other_space = pool_object(OBJECT_VSPACE, 0);
    must(kaal_asid_pool_assign(SLOT_INIT_ASID_POOL, other_space), "ASIDPool_Assign");
    uint64_t frame = boot->user_image_frames.start;
    for (uint64_t va = (uint64_t)kaal_image_start; va < (uint64_t)kaal_image_end; va += PAGE)
        pool_map(other_space, pool_mint(frame++, RIGHT_READ | RIGHT_WRITE, 0), va);
}

void pool_open(const struct bootinfo *bootinfo)
{
    boot = bootinfo;
    pool.next = boot->empty.start;
    uint64_t count = boot->untyped.end - boot->untyped.start;
    uint64_t bits = strcmp(options.group, "growth") == 0 ? LARGE_ARENA_BITS : ARENA_BITS;
    for (uint64_t i = 0; i < count; i++) {
        if (boot->untyped_list[i].is_device == 0 && boot->untyped_list[i].size_bits > bits) {
            pool.source = boot->untyped.start + i;
            pool.arena = pool_object(OBJECT_UNTYPED, bits);
            pool.kept = pool_object(OBJECT_UNTYPED, KEPT_BITS);
            pool.source = pool.kept;
            make_other_space();
            return;
        }
    }
    expect(false, "an ordinary Untyped has room for what the rows make");
}
