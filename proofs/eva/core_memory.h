/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Entry points: methods of Untypeds, page tables, frames, VSpaces and ASID pools. Included once, by
 * core.c.
 */
#pragma once
#include "core/object.h"

/* Words of the buffer that Retype reads, when an entry point fixes them: 4 and 5. */
static uint64_t words_fixed[2];
static bool are_words_fixed;

static uint64_t fixed_word(const struct invocation *call, unsigned i)
{
    if (i >= MSG_REGISTERS && are_words_fixed)
        return words_fixed[i - MSG_REGISTERS];
    return call_word(call, i);
}

#define call_word   fixed_word
#define destination retype_destination
#include "core/untyped.c"
#undef call_word
#undef destination

/* ---- Untyped_Retype: words are type, size, index, depth, offset, count ---- */

enum {
    DEVICE_MEMORY = 0x80000000
};

/* Each size of small objects; larger ones; those that no word counts. */
static uint64_t each_size(void)
{
    enum {
        LARGE = PAGE_BITS + 2,
        TOO_LARGE
    };
    uint64_t bits = Frama_C_unsigned_long_interval(0, TOO_LARGE);
    //@ split bits;
    if (bits == LARGE)
        return Frama_C_unsigned_long_interval(LARGE, WORD_BITS - 1);
    return bits < LARGE ? bits : Frama_C_unsigned_long_interval(WORD_BITS, UINT64_MAX);
}
/* Each type, and with it each size where it counts; or any other one. */
static void each_type(struct cpu *cpu)
{
    uint64_t type = Frama_C_unsigned_long_interval(0, OBJECT_TYPE_COUNT);
    //@ split type;
    set_word(cpu, 0, type);
    if (type == OBJECT_TYPE_COUNT)
        set_word(cpu, 0, Frama_C_unsigned_long_interval(OBJECT_TYPE_COUNT, UINT64_MAX));
    else if (type == OBJECT_UNTYPED || type == OBJECT_CNODE)
        set_word(cpu, 1, each_size());
}
static void fix_place(struct cpu *cpu, uint64_t first, uint64_t count)
{
    are_words_fixed = true;
    words_fixed[0] = first;
    words_fixed[1] = count;
    set_word(cpu, 3, 0);
}
/* The destination is the CNode in the extra cap: from its start, its middle or outside; no object
 * to more than there are slots. */
static void each_place(struct cpu *cpu)
{
    int half = Frama_C_interval(0, 2);
    //@ split half;
    uint64_t count = Frama_C_unsigned_long_interval(0, 5);
    //@ split count;
    fix_place(cpu, half < 2 ? 2 * (unsigned)half : Frama_C_unsigned_long_interval(4, UINT64_MAX),
              count < 5 ? count : Frama_C_unsigned_long_interval(5, UINT64_MAX));
}
/* One object of each type and size, or two; small ones to each place. */
static void each_object(struct cpu *cpu)
{
    uint64_t count = Frama_C_unsigned_long_interval(1, 2);
    //@ split count;
    fix_place(cpu, 0, count);
    each_type(cpu);
}
static void small_objects(struct cpu *cpu)
{
    each_place(cpu);
    set_word(cpu, 0, OBJECT_UNTYPED);
    set_word(cpu, 1, MIN_UNTYPED_BITS);
}
static void device_memory(struct cpu *cpu)
{
    put(ADDED, cap_untyped(DEVICE_MEMORY, 31, true, 0));
    each_object(cpu);
}
static void small_device_objects(struct cpu *cpu)
{
    put(ADDED, cap_untyped(DEVICE_MEMORY, 31, true, 0));
    small_objects(cpu);
}
/* Small objects behind each watermark, in an Untyped that has a child. */
static void each_watermark(struct cpu *cpu)
{
    struct slot *untyped = root_slot(S_UNTYPED_SMALL);
    unsigned used = (unsigned)Frama_C_interval(0, 32);
    //@ split used;
    untyped->cap = untyped_with_watermark(untyped->cap, 16 * used);
    uint64_t count = Frama_C_unsigned_long_interval(1, 3);
    //@ split count;
    fix_place(cpu, 0, count);
    set_word(cpu, 0, OBJECT_CNODE);
    set_word(cpu, 1, 1);
}
/* One that lost its children is reset first. */
static void used_before(struct cpu *cpu)
{
    struct slot *untyped = root_slot(S_UNTYPED_SMALL);
    int full = Frama_C_interval(0, 1);
    //@ split full;
    cdt_remove(root_slot(S_CHILD));
    if (full)
        untyped->cap = untyped_with_watermark(untyped->cap, 512);
    look_within(cpu, 3);
    fix_place(cpu, 0, 2);
    set_word(cpu, 0, OBJECT_NOTIFICATION);
}
/* One endpoint; the destination is named by root, index and depth, */
static void one_endpoint(struct cpu *cpu)
{
    set_word(cpu, 0, OBJECT_ENDPOINT);
    set_word(cpu, 3, Frama_C_unsigned_long_interval(1, UINT64_MAX));
    are_words_fixed = true;
    words_fixed[0] = 1;
    words_fixed[1] = 1;
}
/* or it is the extra cap itself, with each slot as the first. */
static void one_endpoint_inside(struct cpu *cpu)
{
    uint64_t first = Frama_C_unsigned_long_interval(0, ROOT_SLOTS - 1);
    //@ split first;
    one_endpoint(cpu);
    words_fixed[0] = first;
    set_word(cpu, 3, 0);
}
static void one_endpoint_here(struct cpu *cpu)
{
    one_endpoint(cpu);
    set_word(cpu, 3, 0);
}

#define RETYPE(untyped, into, how, ...)                                                            \
    CALL(UNTYPED_RETYPE, CALLED, untyped, how, .words = 6, .caps = 1, .extra = {into},             \
         ##__VA_ARGS__)
ENTRY(retype, RETYPE(S_UNTYPED_PAGE, S_INNER, each_object),
      RETYPE(S_UNTYPED_PAGE, S_INNER, small_objects))
ENTRY(retype_partly, RETYPE(S_UNTYPED_SMALL, S_INNER, each_watermark))
ENTRY(retype_reset, RETYPE(S_UNTYPED_SMALL, S_INNER, used_before))
ENTRY(retype_device, RETYPE(ADDED, S_INNER, device_memory),
      RETYPE(ADDED, S_INNER, small_device_objects))
ENTRY(retype_into, RETYPE(S_UNTYPED_PAGE, S_ROOT, one_endpoint, .targets = 1, .target = {EACH}),
      RETYPE(S_UNTYPED_PAGE, S_ROOT, one_endpoint_inside),
      RETYPE(S_UNTYPED_PAGE, EACH, one_endpoint_here))

/* ---- mapping ---- */

/* Word i is an address: in the mapped page, elsewhere under the same table of each level, above. */
static uint64_t set_address(struct cpu *cpu, unsigned i)
{
    static const uint64_t starts[] = {
        0,           MAPPED_AT,     MAPPED_AT + 0x1000, MAPPED_AT + 0x200000,
        0x40000000u, 0x8000000000u, USER_TOP + 1,       UINT64_MAX};
    int part = Frama_C_interval(0, 6);
    //@ split part;
    uint64_t va = Frama_C_unsigned_long_interval(starts[part], starts[part + 1] - 1);
    set_word(cpu, i, va);
    return va;
}
static void each_address(struct cpu *cpu)
{
    (void)set_address(cpu, 0);
}
/* Nothing is mapped there, under the last table. */
static void unmapped_address(struct cpu *cpu)
{
    set_word(cpu, 0, Frama_C_unsigned_long_interval(MAPPED_AT + 0x1000, MAPPED_AT + 0x1fffff));
}
/* A pool was deleted: ASIDs may stand for nothing, or for another VSpace. */
static void stale_address(struct cpu *cpu)
{
    static const uint64_t roots[] = {0, TABLES, SPARE_SPACE};
    int i = Frama_C_interval(0, 2);
    //@ split i;
    cpu->fast = false;
    cpu->kernel->stale_asids = true;
    ((struct asid_pool *)hal_window(paddr(POOL)))->root[ASID] = roots[i];
    (void)set_address(cpu, 0);
}
#define MAP(constant, object, least, into, how, ...)                                               \
    CALL(constant##_MAP, CALLED, object, how, .words = (least), .caps = 1, .extra = {into},        \
         ##__VA_ARGS__)
ENTRY(map_table, MAP(PAGE_TABLE, S_SPARE_TABLE, 2, S_SPACE, each_address),
      MAP(PAGE_TABLE, S_SPARE_TABLE, 2, EACH, unmapped_address),
      MAP(PAGE_TABLE, S_SPARE_TABLE, 2, S_SPACE, stale_address),
      MAP(PAGE_TABLE, S_TABLE, 2, S_SPACE, NULL))
ENTRY(map_page, MAP(PAGE, S_BUFFER, 3, S_SPACE, each_address),
      MAP(PAGE, S_BUFFER, 3, EACH, unmapped_address),
      MAP(PAGE, S_BUFFER, 3, S_SPACE, stale_address), MAP(PAGE, S_PAGE, 3, S_SPACE, each_address),
      MAP(PAGE, S_DEVICE, 3, S_SPACE, each_address))
ENTRY(map_page_fast, MAP(PAGE, S_BUFFER, 3, S_SPACE, each_address, .fast = true),
      MAP(PAGE, S_BUFFER, 3, EACH, unmapped_address, .fast = true),
      MAP(PAGE, S_PAGE, 3, S_SPACE, each_address, .fast = true),
      MAP(PAGE, S_DEVICE, 3, S_SPACE, each_address, .fast = true))

/* ---- cache operations ---- */

/* Words 0 and 1 are a range of the page at `page`, or one that leaves it. One value each: of pieces
 * of a range with any ends the analyser would not know that they stay inside. */
static void each_range_at(struct cpu *cpu, uint64_t page)
{
    static const uint64_t ranges[][2] = {{0, 4096}, {0, 1},    {63, 65},       {1, 4096},
                                         {64, 128}, {0, 4097}, {4095, 4097},   {4095, 4096},
                                         {4096, 1}, {5, 5},    {4096, 1 << 20}};
    int range = Frama_C_interval(0, 10);
    //@ split range;
    look_within(cpu, 1);
    set_word(cpu, 0, page + ranges[range][0]);
    set_word(cpu, 1, page + ranges[range][1]);
}
static void each_range(struct cpu *cpu)
{
    each_range_at(cpu, 0);
}
static void each_range_mapped(struct cpu *cpu)
{
    each_range_at(cpu, MAPPED_AT);
}
/* S_PAGE is the last page of RAM: what is asked for behind it is seen. Start and end are each of
 * the values around the bounds of the page, or anywhere outside. */
static void ends_around(struct cpu *cpu, uint64_t page)
{
    static const uint64_t ends[] = {0, 1, 64, 4095, 4096, 4097, 8192};
    int start = Frama_C_interval(0, 6);
    //@ split start;
    int end = Frama_C_interval(0, 7);
    //@ split end;
    root_slot(S_PAGE)->cap = with_mapping(
        cap_frame(RAM_END - (1 << PAGE_BITS), FRAME_4K, RIGHT_READ | RIGHT_WRITE, false), ASID,
        MAPPED_AT);
    entries_at(TABLES + 0x3000)[0] =
        pte_user_leaf(RAM_END - (1 << PAGE_BITS), 3, PTE_USER_RW, true, false);
    set_word(cpu, 0, page + ends[start]);
    if (end < 7)
        set_word(cpu, 1, page + ends[end]);
    else
        set_word(cpu, 1, Frama_C_unsigned_long_interval(page + 8193, UINT64_MAX));
}
static void last_page(struct cpu *cpu)
{
    ends_around(cpu, 0);
}
static void last_page_mapped(struct cpu *cpu)
{
    ends_around(cpu, MAPPED_AT);
}
static void whole_page(struct cpu *cpu)
{
    set_word(cpu, 0, 0);
    set_word(cpu, 1, 1 << PAGE_BITS);
}
static void whole_page_mapped(struct cpu *cpu)
{
    set_word(cpu, 0, MAPPED_AT);
    set_word(cpu, 1, MAPPED_AT + (1 << PAGE_BITS));
}

#define CACHE(object, constant, how) CALL(constant, CALLED, object, how, .words = 2)
ENTRY(cache_page, CACHE(S_PAGE, PAGE_CLEAN_DATA, each_range),
      CACHE(S_PAGE, PAGE_INVALIDATE_DATA, whole_page),
      CACHE(S_PAGE, PAGE_CLEAN_INVALIDATE_DATA, whole_page),
      CACHE(S_PAGE, PAGE_UNIFY_INSTRUCTION, whole_page), CACHE(S_BUFFER, PAGE_CLEAN_DATA, NULL))
ENTRY(cache_space, CACHE(S_SPACE, VSPACE_CLEAN_DATA, each_range_mapped),
      CACHE(S_SPACE, VSPACE_INVALIDATE_DATA, whole_page_mapped),
      CACHE(S_SPACE, VSPACE_CLEAN_INVALIDATE_DATA, whole_page_mapped),
      CACHE(S_SPACE, VSPACE_UNIFY_INSTRUCTION, whole_page_mapped),
      CACHE(S_SPACE, VSPACE_CLEAN_DATA, unmapped_address),
      CACHE(S_SPARE_SPACE, VSPACE_CLEAN_DATA, NULL))

/* Ranges over several pages of a large one, preempted between them. */
static void large_page(struct cpu *cpu)
{
    static const uint64_t ranges[][2] = {{0, 8192}, {64, 8128}, {4095, 4097}, {1, 12289}};
    int range = Frama_C_interval(0, 3);
    //@ split range;
    look_within(cpu, 31);
    root_slot(S_PAGE)->cap = with_mapping(cap_frame(RAM, FRAME_2M, RIGHT_READ | RIGHT_WRITE, false),
                                          ASID, MAPPED_AT + 0x200000);
    entries_at(TABLES + 0x2000)[3] = pte_user_leaf(RAM, 2, PTE_USER_RW, true, false);
    set_word(cpu, 0, ranges[range][0]);
    set_word(cpu, 1, ranges[range][1]);
}
ENTRY(cache_large, CACHE(S_PAGE, PAGE_CLEAN_INVALIDATE_DATA, large_page))
ENTRY(cache_bounds, CACHE(S_PAGE, PAGE_CLEAN_INVALIDATE_DATA, last_page),
      CACHE(S_SPACE, VSPACE_CLEAN_INVALIDATE_DATA, last_page_mapped))

/* ---- ASIDs ---- */

/* The places of pools are in use but the last, or all. */
static void many_pools(struct cpu *cpu)
{
    int all = Frama_C_interval(0, 1);
    //@ split all;
    for (unsigned i = 0; i < ASID_POOL_COUNT - (all ? 0 : 1); i++)
        cpu->kernel->asid_pools[i] = paddr(POOL);
}
#define MAKE_POOL(untyped, root, place, how)                                                       \
    CALL(ASID_CONTROL_MAKE_POOL, CALLED, S_ASID_CONTROL, how, .words = 2, .caps = 2,               \
         .extra = {untyped, root}, .targets = 1, .target = {place})
ENTRY(make_pool, MAKE_POOL(S_UNTYPED_PAGE, S_ROOT, EACH, NULL), MAKE_POOL(EACH, S_ROOT, FREE, NULL),
      MAKE_POOL(S_UNTYPED_PAGE, S_ROOT, FREE, many_pools))

/* The pool is there, was deleted, or another one has its place. */
static void some_pool(struct cpu *cpu)
{
    static const uint64_t pools[] = {POOL, 0, SPARE_TABLE};
    int i = Frama_C_interval(0, 2);
    //@ split i;
    cpu->kernel->asid_pools[0] = paddr(pools[i]);
}
/* ASIDs are in use but the last one, or all. */
static void full_pool(struct cpu *cpu)
{
    struct asid_pool *pool = hal_window(paddr(POOL));
    int all = Frama_C_interval(0, 1);
    //@ split all;
    for (unsigned i = 1; i < ASIDS_PER_POOL - (all ? 0 : 1); i++)
        pool->root[i] = TABLES;
    (void)cpu;
}
ENTRY(assign, CALL(ASID_POOL_ASSIGN, CALLED, S_POOL, some_pool, .caps = 1, .extra = {EACH}),
      CALL(ASID_POOL_ASSIGN, CALLED, S_POOL, full_pool, .caps = 1, .extra = {S_SPARE_SPACE}))
