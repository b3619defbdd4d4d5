/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Untyped_Retype: check table, sizes, watermark, reset (abi/invocations.md §3, abi/objects.md §1,
 * §2, abi/vectors.md §2).
 */
#include "probe.h"
#include "suites.h"

/* Retype of `from`: everything as arguments, root CNode cap[0]. */
static struct invocation retype(uint64_t from, uint64_t type, uint64_t bits, uint64_t index,
                                uint64_t depth, uint64_t offset, uint64_t count)
{
    return INVOCATION(from, LABEL_UNTYPED_RETYPE, CAPS(ROOT), type, bits, index, depth, offset,
                      count);
}

static void one(uint64_t from, uint64_t type, uint64_t bits, uint64_t slot, struct answer answer)
{
    struct invocation v = retype(from, type, bits, 0, 0, slot, 1);
    check_call(v, answer);
}

static void check_table(void)
{
    uint64_t from = untyped(12), tcb = object(OBJECT_TCB, 0), guard = root_guard();
    uint64_t slots = 1ull << boot()->init_cnode_bits;
    uint64_t to = slots_new(2), device = device_untyped(20);
    const struct invocation valid = retype(from, OBJECT_ENDPOINT, 0, 0, 0, to, 1);
    const struct violation list[] = {
        {"INV-3-03 VEC-2-17 INV-1-09", "length 5", {LENGTH(5)}, TRUNC},
        {"INV-3-03", "no cap", {NCAPS(0)}, TRUNC},
        {"INV-3-04 VEC-2-01 OBJ-1-11", "type 10", {WORD(0, 10)}, INV_ARG(0)},
        {"INV-3-04 INV-1-03", "type 2^63", {WORD(0, 1ull << 63)}, INV_ARG(0)},
        {"INV-3-05 INV-3-16 VEC-2-02", "TCB of size 64", {WORD(0, 1), WORD(1, 64)}, RANGE(0, 47)},
        {"INV-3-05 VEC-2-03", "CNode of size 60", {WORD(0, 4), WORD(1, 60)}, RANGE(0, 47)},
        {"INV-3-05 OBJ-1-01", "Untyped of size 48", {WORD(0, 0), WORD(1, 48)}, RANGE(0, 47)},
        {"INV-3-05 OBJ-1-05", "CNode of size 43", {WORD(0, 4), WORD(1, 43)}, RANGE(0, 47)},
        {"INV-3-06 VEC-2-04 OBJ-1-05", "CNode of size 0", {WORD(0, 4), WORD(1, 0)}, INV_ARG(1)},
        {"INV-3-07 VEC-2-05 OBJ-1-14", "Untyped of size 3", {WORD(0, 0), WORD(1, 3)}, INV_ARG(1)},
        {"INV-3-08 VEC-2-06 INV-1-06", "depth 65", {WORD(3, 65)}, RANGE(1, 64)},
        {"INV-3-08 INV-1-16", "root no CNode", {WORD(3, 64), CAP(0, tcb)}, NO_ROOT(0)},
        {"INV-3-09 VEC-2-07 INV-1-08",
         "slot of a TCB",
         {WORD(2, tcb), WORD(3, 64)},
         MISSING(0, 64)},
        {"INV-3-08 VEC-2-08", "depth 40", {WORD(2, 0), WORD(3, 40)}, GUARD(0, 40, 0, guard)},
        {"INV-3-08 VEC-2-09",
         "index 2^20",
         {WORD(2, 1 << 20), WORD(3, 64)},
         GUARD(0, 64, 0, guard)},
        {"INV-3-10 VEC-2-10", "offset 4096", {WORD(4, slots)}, RANGE(0, slots - 1)},
        {"INV-3-11 VEC-2-11", "count 0", {WORD(5, 0)}, RANGE(1, 256)},
        {"INV-3-11 VEC-2-11 BOOT-6-03", "count 257", {WORD(5, 257)}, RANGE(1, 256)},
        {"INV-3-12 VEC-2-12",
         "7 at the last 6 slots",
         {WORD(4, slots - 6), WORD(5, 7)},
         RANGE(1, 6)},
        {"INV-3-13 VEC-2-13 INV-1-10", "occupied slot", {WORD(4, tcb)}, DELETE_FIRST},
        {"INV-3-13",
         "occupied slot, the third of three",
         {WORD(4, SLOT_FIRST_DYNAMIC - 2), WORD(5, 3)},
         DELETE_FIRST},
        {"INV-3-14", "huge page", {WORD(0, OBJECT_HUGE_PAGE)}, NO_MEMORY(4096)},
        {"INV-3-15 VEC-2-16 OBJ-2-17",
         "TCB of device memory",
         {TARGET(device), WORD(0, 1)},
         INV_ARG(1)},
    };
    REFUSALS("Retype", valid, list);
    check_call(valid, OK);
    check(occupied(to) && !occupied(to + 1));
}

static void unknown_label(void)
{
    struct invocation v = retype(untyped(12), OBJECT_ENDPOINT, 0, 0, 0, slot_new(), 1);
    v.label = LABEL_TCB_READ_REGISTERS;
    check_call(v, ILLEGAL);
    v.length = 0;
    v.caps = 0;
    check_call(v, ILLEGAL);
    v.label = LABEL_INVALID;
    check_call(v, ILLEGAL);
    v.label = LABEL_COUNT;
    check_call(v, ILLEGAL);
    v.label = (1ull << 52) - 1;
    check_call(v, ILLEGAL);
}

/* Each type takes the size of its row: after it, exactly the rest is free. */
static void sizes(void)
{
    static const struct {
        uint64_t type, bits, size;
    } rows[] = {
        {OBJECT_UNTYPED, 4, 4},     {OBJECT_UNTYPED, 13, 13},   {OBJECT_TCB, 0, TCB_BITS},
        {OBJECT_TCB, 47, TCB_BITS}, {OBJECT_ENDPOINT, 7, 4},    {OBJECT_NOTIFICATION, 0, 5},
        {OBJECT_CNODE, 1, 6},       {OBJECT_CNODE, 7, 12},      {OBJECT_VSPACE, 1, 12},
        {OBJECT_SMALL_PAGE, 0, 12}, {OBJECT_PAGE_TABLE, 3, 12}, {OBJECT_LARGE_PAGE, 0, 21},
    };
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t bits = rows[i].size == LARGE_PAGE_BITS ? 22 : 14;
        uint64_t from = untyped(bits), slots = slots_new(2);
        one(from, rows[i].type, rows[i].bits, slots, OK);
        /* Nothing as large as the whole fits any more; the answer says how much is left. */
        one(from, OBJECT_UNTYPED, bits, slots + 1,
            NO_MEMORY((1ull << bits) - (1ull << rows[i].size)));
    }
}

static void huge_pages(void)
{
    /* Only device memory has a GiB on a small machine; the first of two makes room for one more. */
    uint64_t from = device_untyped(31), small = slots_new(3);
    one(from, OBJECT_UNTYPED, 31, small, OK);
    one(small, OBJECT_HUGE_PAGE, 0, small + 1, OK);
    one(small, OBJECT_UNTYPED, 31, small + 2, NO_MEMORY(1ull << 30));
    must(kaal_cnode_revoke(at(small)));
    must(kaal_cnode_delete(at(small)));
}

static void size_of_fixed_types(void)
{
    uint64_t from = untyped(13), slots = slots_new(3);
    one(from, OBJECT_ENDPOINT, 63, slots, OK);
    one(from, OBJECT_TCB, 47, slots + 1, OK);
    one(from, OBJECT_SMALL_PAGE, 64, slots + 2, RANGE(0, 47));
}

static void watermark(void)
{
    uint64_t from = untyped(16), slots = slots_new(4), free = 1ull << 16;
    one(from, OBJECT_ENDPOINT, 0, slots, OK);
    one(from, OBJECT_NOTIFICATION, 0, slots + 1, OK);
    /* The endpoint at 0, the notification at 32: 64 bytes are gone (abi/vectors.md §2). */
    one(from, OBJECT_UNTYPED, 47, slots + 2, NO_MEMORY(free - 64));
    one(from, OBJECT_SMALL_PAGE, 0, slots + 2, OK);
    one(from, OBJECT_UNTYPED, 16, slots + 3, NO_MEMORY(free - 8192));
}

static void rounding_gives_addresses(void)
{
    uint64_t from = untyped(16), slots = slots_new(4), first = 0, second = 0;
    one(from, OBJECT_SMALL_PAGE, 0, slots, OK);
    one(from, OBJECT_ENDPOINT, 0, slots + 1, OK);
    one(from, OBJECT_SMALL_PAGE, 0, slots + 2, OK);
    must(kaal_page_get_address(slots, &first));
    must(kaal_page_get_address(slots + 2, &second));
    check_eq(first & 0xffff, 0);
    check_eq(second, first + 8192);
}

static void many_at_once(void)
{
    uint64_t from = untyped(16), slots = slots_new(257), first = 0, last = 0;
    struct invocation v = retype(from, OBJECT_ENDPOINT, 0, 0, 0, slots, 256);
    check_call(v, OK);
    check(occupied(slots) && occupied(slots + 255) && !occupied(slots + 256));
    must(kaal_cnode_revoke(at(from)));
    v = retype(from, OBJECT_SMALL_PAGE, 0, 0, 0, slots, 16);
    check_call(v, OK);
    must(kaal_page_get_address(slots, &first));
    must(kaal_page_get_address(slots + 15, &last));
    check_eq(last, first + 15 * 4096);
    check_call(v, DELETE_FIRST);
    v.word[4] = slots + 100;
    check_call(v, NO_MEMORY(0));
}

static void into_another_cnode(void)
{
    uint64_t from = untyped(16), cnode = object(OBJECT_CNODE, 4);
    /* The CNode's cap has no guard: four bits of index, none left over. */
    struct invocation v = retype(from, OBJECT_ENDPOINT, 0, cnode, 64, 15, 1);
    check_call(v, OK);
    check_call(v, DELETE_FIRST);
    v.word[4] = 16;
    check_call(v, RANGE(0, 15));
    v.word[4] = 14;
    v.word[5] = 3;
    check_call(v, RANGE(1, 2));
    v = retype(from, OBJECT_ENDPOINT, 0, 0, 0, 0, 1);
    v.cap[0] = cnode;
    check_call(v, OK);
    v.word[2] = 15;
    v.word[3] = 4;
    v.word[4] = 0;
    check_call(v, MISSING(0, 4));
}

static void reset(void)
{
    uint64_t from = untyped(13), slots = slots_new(2), again = 0, address = 0, sum = 0;
    volatile uint64_t *page = (volatile uint64_t *)FREE_VADDR;
    one(from, OBJECT_SMALL_PAGE, 0, slots, OK);
    one(from, OBJECT_SMALL_PAGE, 0, slots + 1, OK);
    must(kaal_page_get_address(slots, &address));
    map(SLOT_INIT_VSPACE, slots, FREE_VADDR, RIGHT_READ | RIGHT_WRITE, ATTR_DEFAULT);
    for (unsigned i = 0; i < 512; i++) {
        sum |= page[i];
        page[i] = ~0ull;
    }
    must(kaal_cnode_revoke(at(from)));
    check(!occupied(slots) && !occupied(slots + 1));
    one(from, OBJECT_SMALL_PAGE, 0, slots, OK);
    must(kaal_page_get_address(slots, &again));
    check_eq(again, address);
    map(SLOT_INIT_VSPACE, slots, FREE_VADDR, RIGHT_READ | RIGHT_WRITE, ATTR_DEFAULT);
    for (unsigned i = 0; i < 512; i++) {
        sum |= page[i];
    }
    check_eq(sum, 0);
}

static void full_until_childless(void)
{
    uint64_t from = untyped(12), slots = slots_new(3);
    one(from, OBJECT_TCB, 0, slots, OK);
    one(from, OBJECT_TCB, 0, slots + 1, OK);
    one(from, OBJECT_TCB, 0, slots + 2, NO_MEMORY(0));
    must(kaal_cnode_delete(at(slots)));
    one(from, OBJECT_TCB, 0, slots + 2, NO_MEMORY(0));
    must(kaal_cnode_delete(at(slots + 1)));
    one(from, OBJECT_TCB, 0, slots + 2, OK);
}

static void copies_of_childless(void)
{
    uint64_t from = untyped(12), copy = copy_of(from, RIGHTS_ALL), slots = slots_new(2);
    one(from, OBJECT_ENDPOINT, 0, slots, NO_MEMORY(0));
    check_eq(kaal_cnode_copy(at(slots), at(from), RIGHTS_ALL), ERROR_REVOKE_FIRST);
    one(copy, OBJECT_ENDPOINT, 0, slots, OK);
    must(kaal_cnode_revoke(at(copy)));
    must(kaal_cnode_delete(at(copy)));
    one(from, OBJECT_ENDPOINT, 0, slots, OK);
    check(occupied(slots));
}

static void device_memory(void)
{
    uint64_t from = device_untyped(22), slots = slots_new(4);
    one(from, OBJECT_UNTYPED, 13, slots, OK);
    one(slots, OBJECT_ENDPOINT, 0, slots + 1, INV_ARG(1));
    one(slots, OBJECT_CNODE, 4, slots + 1, INV_ARG(1));
    one(slots, OBJECT_PAGE_TABLE, 0, slots + 1, INV_ARG(1));
    one(slots, OBJECT_VSPACE, 0, slots + 1, INV_ARG(1));
    one(slots, OBJECT_SMALL_PAGE, 0, slots + 1, OK);
    one(slots, OBJECT_UNTYPED, 12, slots + 2, OK);
    one(slots + 2, OBJECT_TCB, 0, slots + 3, INV_ARG(1));
    /* The space is looked at before the type of memory. */
    one(slots, OBJECT_TCB, 0, slots + 3, NO_MEMORY(0));
    must(kaal_cnode_revoke(at(slots)));
    must(kaal_cnode_delete(at(slots)));
}

static void fresh_child(void)
{
    uint64_t outer = untyped(14), inner = slots_new(3);
    one(outer, OBJECT_UNTYPED, 13, inner, OK);
    one(inner, OBJECT_UNTYPED, 14, inner + 1, NO_MEMORY(8192));
    one(inner, OBJECT_SMALL_PAGE, 0, inner + 1, OK);
    one(outer, OBJECT_UNTYPED, 14, inner + 2, NO_MEMORY(8192));
}

static void fresh_tcb(void)
{
    uint64_t tcb = object(OBJECT_TCB, 0), regs[REG_COUNT];
    must(kaal_tcb_read_registers(tcb, 0, REG_COUNT, regs));
    for (unsigned i = 0; i < REG_COUNT; i++) {
        if (i == REG_SPSR) {
            /* 0x40 in debug builds, 0x140 otherwise (abi/objects.md §1). */
            check(regs[i] == 0x40 || regs[i] == 0x140);
        } else {
            check_eq(regs[i], 0);
        }
    }
    struct invocation v = INVOCATION(tcb, LABEL_TCB_SET_FLAGS, NO_CAPS, 0, 0);
    check_call(v, RESULT(0));
}

static void fresh_caps(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0), ntfn = object(OBJECT_NOTIFICATION, 0);
    uint64_t cnode = object(OBJECT_CNODE, 4);
    /* Unbadged: a badge can be minted. All rights: CancelBadgedSends is legal. */
    must(kaal_cnode_cancel_badged_sends(at(ep)));
    (void)mint_of(ep, RIGHTS_ALL, 5);
    (void)mint_of(ntfn, RIGHTS_ALL, 5);
    kaal_signal(ntfn);
    check_eq(kaal_poll(ntfn), 0);
    /* No guard: four bits resolve it. */
    must(kaal_cnode_delete((struct kaal_slot){cnode, 15, 4}));
}

static const struct test tests[] = {
    {"INV-3-01 INV-3-17 OBJ-2-03 OBJ-2-23", "every check of Retype, then the valid call",
     check_table},
    {"INV-1-18 VEC-2-17", "a label of another object is refused before the length", unknown_label},
    {"OBJ-1-01 OBJ-1-02 OBJ-1-03 OBJ-1-04 OBJ-1-05 OBJ-1-07 OBJ-1-08 OBJ-1-09 OBJ-1-10 OBJ-1-12",
     "each object takes the size of its row", sizes},
    {"OBJ-1-06", "a huge page takes 2^30 bytes", huge_pages},
    {"INV-3-16", "size_bits of a fixed-size type is range-checked, else ignored",
     size_of_fixed_types},
    {"OBJ-2-01 OBJ-2-06 OBJ-2-07 OBJ-2-08 OBJ-2-09 INV-1-12", "watermark and free bytes",
     watermark},
    {"OBJ-2-06 OBJ-2-18", "objects lie at the watermark rounded up to their size",
     rounding_gives_addresses},
    {"OBJ-2-10 INV-3-11", "256 objects at once, contiguous, in consecutive slots", many_at_once},
    {"INV-3-08 INV-3-10 INV-3-12", "a CNode found by index and depth is the destination",
     into_another_cnode},
    {"OBJ-2-04 OBJ-2-05 OBJ-2-13", "revoked memory is used again from the start, and is zero",
     reset},
    {"OBJ-2-04 OBJ-2-11 OBJ-3.4-03", "space comes back only with the last child",
     full_until_childless},
    {"OBJ-2-20 OBJ-2-21 OBJ-3.1-12 VEC-3-20 SYS-4.1-01 SYS-4.1-02",
     "a copy of a childless Untyped makes it full", copies_of_childless},
    {"OBJ-2-17 INV-3-15 VEC-11-10 OBJ-2-16", "device memory gives frames and Untypeds only",
     device_memory},
    {"OBJ-2-16", "a child Untyped starts empty", fresh_child},
    {"OBJ-1-16 VEC-4-02", "a new TCB's registers and flags", fresh_tcb},
    {"OBJ-1-16", "new endpoint, notification and CNode caps", fresh_caps},
};
const struct suite suite_untyped = SUITE("untyped", tests);
