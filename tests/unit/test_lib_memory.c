/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The books of the broker and of the memory manager beside naive models, with random operations:
 * buddies against a map of units, slots and frames against arrays of flags, regions against an
 * array of pages. The files are compiled into this program.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "../../lib/broker/buddy.c"
#include "../../lib/broker/slots.c"
#include "../../lib/mm/frames.c"
#include "../../lib/mm/regions.c"

static uint64_t random_state;

static uint32_t any(uint32_t below)
{
    random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(random_state >> 33) % below;
}

/* ---- buddies ---- */

enum {
    RECORDS = 400,
    UNIT_BITS = 4,
    ROOT_BITS = 10, /* two roots of 2^10 bytes, 64 units each */
    UNITS = 2 * 64,
    HELD = 24,
};

static struct buddy_block records[RECORDS];
static struct buddy buddy;
static char unit_owner[UNITS]; /* 0 = free, else the index of what is held, + 1 */

static uint32_t unit_of(uint64_t paddr)
{
    return paddr < 0x10000 ? (uint32_t)(paddr >> UNIT_BITS)
                           : 64 + (uint32_t)((paddr - 0x10000) >> UNIT_BITS);
}

/* Largest aligned power of two of free units in one root, in bytes. */
static uint64_t model_largest(void)
{
    for (uint32_t size = 64; size > 0; size /= 2) {
        for (uint32_t at = 0; at < UNITS; at += size) {
            uint32_t used = 0;
            for (uint32_t i = at; i < at + size; i++) {
                used += unit_owner[i] != 0;
            }
            if (used == 0) {
                return (uint64_t)size << UNIT_BITS;
            }
        }
    }
    return 0;
}

/* As the broker does it: join until there is a block, split down to the size. */
static uint32_t allocate(uint8_t bits)
{
    uint32_t block;
    while ((block = buddy_find(&buddy, bits)) == BUDDY_NONE) {
        uint32_t pair = buddy_joinable(&buddy, false);
        if (pair == BUDDY_NONE) {
            return BUDDY_NONE;
        }
        buddy_join(&buddy, pair);
    }
    while (buddy.block[block].bits > bits) {
        block = buddy_split(&buddy, block);
        assert_int_not_equal(block, BUDDY_NONE);
    }
    buddy_take(&buddy, block, 1);
    return block;
}

static void mark_units(uint32_t block, char owner)
{
    uint32_t first = unit_of(buddy.block[block].paddr);
    for (uint32_t i = 0; i < buddy_bytes(&buddy, block) >> UNIT_BITS; i++) {
        assert_true((unit_owner[first + i] == 0) != (owner == 0));
        unit_owner[first + i] = owner;
    }
}

static void buddies_beside_a_map(void **state)
{
    uint32_t held[HELD] = {0};
    (void)state;
    random_state = 1;
    buddy_open(&buddy, records, RECORDS, 4);
    assert_int_not_equal(buddy_add(&buddy, 0, ROOT_BITS, false, 1), BUDDY_NONE);
    assert_int_not_equal(buddy_add(&buddy, 0x10000, ROOT_BITS, false, 2), BUDDY_NONE);
    assert_int_not_equal(buddy_add(&buddy, 0x20000, ROOT_BITS, true, 3), BUDDY_NONE);
    for (unsigned step = 0; step < 200000; step++) {
        uint32_t i = any(HELD), free_units = 0;
        if (held[i] != 0) {
            mark_units(held[i], 0);
            buddy_release(&buddy, held[i]);
            held[i] = 0;
        } else {
            uint8_t bits = (uint8_t)(UNIT_BITS + any(7));
            uint64_t largest = model_largest();
            held[i] = allocate(bits);
            assert_int_equal(held[i] != 0, largest >= 1ull << bits);
            if (held[i] != 0) {
                assert_int_equal(buddy.block[held[i]].paddr % (1u << bits), 0);
                assert_int_equal(buddy_find_at(&buddy, buddy.block[held[i]].paddr), held[i]);
                mark_units(held[i], (char)(i + 1));
            }
        }
        for (uint32_t u = 0; u < UNITS; u++) {
            free_units += unit_owner[u] == 0;
        }
        assert_int_equal(buddy.free_bytes, (uint64_t)free_units << UNIT_BITS);
        assert_int_equal(buddy_largest(&buddy), model_largest());
    }
    for (unsigned i = 0; i < HELD; i++) {
        if (held[i] != 0) {
            buddy_release(&buddy, held[i]);
        }
    }
    for (uint32_t pair; (pair = buddy_joinable(&buddy, false)) != BUDDY_NONE;) {
        buddy_join(&buddy, pair);
    }
    assert_int_equal(buddy_largest(&buddy), 1 << ROOT_BITS);
    memset(unit_owner, 0, sizeof(unit_owner));
}

static void device_blocks_are_carved_by_address(void **state)
{
    (void)state;
    buddy_open(&buddy, records, RECORDS, 4);
    buddy_add(&buddy, 0x100000, 20, true, 1);
    assert_int_equal(buddy_find(&buddy, 4), BUDDY_NONE);
    assert_int_equal(buddy.total_bytes, 0);
    assert_int_equal(buddy_find_at(&buddy, 0xfffff), BUDDY_NONE);
    assert_int_equal(buddy_find_at(&buddy, 0x200000), BUDDY_NONE);
    uint32_t block = buddy_find_at(&buddy, 0x123456);
    while (buddy.block[block].bits > 12) {
        assert_int_not_equal(buddy_split(&buddy, block), BUDDY_NONE);
        block = buddy_find_at(&buddy, 0x123456);
    }
    assert_int_equal(buddy.block[block].paddr, 0x123000);
    buddy_take(&buddy, block, 3);
    assert_int_equal(buddy_find_at(&buddy, 0x123000), block);
    buddy_release(&buddy, block);
    unsigned joins = 0;
    for (uint32_t pair; (pair = buddy_joinable(&buddy, true)) != BUDDY_NONE; joins++) {
        buddy_join(&buddy, pair);
    }
    assert_int_equal(joins, 8);
    assert_int_equal(buddy.block[buddy_find_at(&buddy, 0x1fffff)].bits, 20);
}

static void records_run_out(void **state)
{
    (void)state;
    buddy_open(&buddy, records, 8, 1); /* the root, and three pairs */
    uint32_t block = buddy_add(&buddy, 0, 20, false, 1);
    assert_int_equal(buddy_add(&buddy, 1 << 20, 20, false, 1), BUDDY_NONE);
    for (unsigned i = 0; i < 3; i++) {
        block = buddy_split(&buddy, block);
        assert_int_not_equal(block, BUDDY_NONE);
    }
    assert_int_equal(buddy_split(&buddy, block), BUDDY_NONE);
    assert_int_equal(buddy.block[block].state, BUDDY_FREE);
}

/* ---- slots ---- */

static void slots_beside_flags(void **state)
{
    static struct slots slots;
    static bool used[4][SLOTS_PER_NODE];
    static struct {
        uint32_t first, count;
    } held[200];
    uint32_t total = 0;
    (void)state;
    random_state = 2;
    slots_open(&slots, 13);
    slots_add(&slots, 0, 106, 4096);
    slots_add(&slots, 1, 0, 4096);
    memset(used[0], 1, 106);
    for (unsigned step = 0; step < 20000; step++) {
        uint32_t i = any(200);
        if (held[i].count == 0) {
            uint32_t count = any(3) == 0 ? 1 + any(400) : 1;
            uint32_t first = slots_take(&slots, count);
            if (first == 0) {
                assert_true(count > 1 || total == slots.total);
                continue;
            }
            for (uint32_t k = 0; k < count; k++) {
                bool *flag = &used[first >> 13][(first & 8191) + k];
                assert_false(*flag);
                *flag = true;
            }
            held[i].first = first;
            held[i].count = count;
            total += count;
        } else {
            for (uint32_t k = 0; k < held[i].count; k++) {
                used[held[i].first >> 13][(held[i].first & 8191) + k] = false;
            }
            slots_give(&slots, held[i].first, held[i].count);
            total -= held[i].count;
            held[i].count = 0;
        }
        assert_int_equal(slots.used, total);
    }
    assert_int_equal(slots.total, 4096 - 106 + 4096);
    assert_int_equal(slots_new_node(&slots), 2);
}

static void slots_to_the_last(void **state)
{
    static struct slots slots;
    (void)state;
    slots_open(&slots, 12);
    slots_add(&slots, 3, 0, 4096);
    assert_int_equal(slots_take(&slots, 4096), 3 << 12);
    assert_int_equal(slots_take(&slots, 1), 0);
    slots_give(&slots, (3 << 12) + 17, 1);
    assert_int_equal(slots_take(&slots, 2), 0);
    assert_int_equal(slots_take(&slots, 1), (3 << 12) + 17);
    slots_give(&slots, 3 << 12, 4096);
    slots_remove(&slots, 3);
    assert_int_equal(slots.total, 0);
    assert_int_equal(slots_take(&slots, 1), 0);
}

/* ---- frames ---- */

static void frames_beside_counts(void **state)
{
    static struct frames frames;
    static uint16_t count[CHUNK_FRAMES];
    static bool dirty[CHUNK_FRAMES];
    (void)state;
    random_state = 3;
    frames_open(&frames);
    for (unsigned step = 0; step < 200000; step++) {
        uint32_t used = 0, lowest = CHUNK_FRAMES;
        uint32_t i = any(CHUNK_FRAMES);
        for (uint32_t k = CHUNK_FRAMES; k-- > 0;) {
            used += count[k] != 0;
            lowest = count[k] == 0 ? k : lowest;
        }
        assert_int_equal(frames.used, used);
        switch (any(4)) {
        case 0:
        case 1:
            assert_int_equal(frames_take(&frames), lowest);
            if (lowest < CHUNK_FRAMES) {
                assert_int_equal(frames_is_dirty(&frames, lowest), dirty[lowest]);
                frames_clean(&frames, lowest);
                dirty[lowest] = false;
                count[lowest] = 1;
            }
            break;
        case 2:
            if (count[i] > 0 && count[i] < 1000) {
                frames_add(&frames, i);
                count[i]++;
            }
            break;
        default:
            if (count[i] > 0) {
                count[i]--;
                dirty[i] |= count[i] == 0;
                assert_int_equal(frames_drop(&frames, i), count[i] == 0);
            }
        }
    }
}

/* ---- regions ---- */

enum {
    PAGES = 256
};
#define PAGE_AT(i) ((uint64_t)(i) << 12)

static void check_regions(struct regions *r, const uint8_t *tag)
{
    uint64_t last = 0;
    for (uint32_t i = 0; i < r->count; i++) {
        assert_true(r->region[i].start >= last);
        assert_true(r->region[i].end > r->region[i].start);
        last = r->region[i].end;
    }
    for (uint32_t i = 0; i < PAGES; i++) {
        const struct region *found = regions_find(r, PAGE_AT(i) + 4095);
        assert_int_equal(found == NULL ? 0 : found->rights, tag[i]);
    }
}

static void regions_beside_pages(void **state)
{
    static struct regions regions;
    static uint8_t tag[PAGES];
    (void)state;
    random_state = 4;
    for (unsigned step = 0; step < 20000; step++) {
        uint32_t first = any(PAGES), count = 1 + any(12);
        uint8_t name = (uint8_t)(1 + any(255));
        struct region *found = regions_find(&regions, PAGE_AT(first));
        switch (any(3)) {
        case 0: {
            bool room = first + count <= PAGES && regions.count < REGIONS_MAX;
            for (uint32_t i = first; room && i < first + count; i++) {
                room = tag[i] == 0;
            }
            if (first + count > PAGES) {
                break;
            }
            struct region region = {
                PAGE_AT(first), PAGE_AT(first + count), REGION_MAPPED, name, 0, 0};
            assert_int_equal(regions_add(&regions, region), room);
            memset(tag + first, room ? name : 0, room ? count : 0);
            break;
        }
        case 1:
            if (found != NULL) {
                memset(tag + (found->start >> 12), 0, (found->end - found->start) >> 12);
                regions_remove(&regions, found);
            }
            break;
        default: {
            uint32_t before = regions.count;
            bool inside = found != NULL && found->start != PAGE_AT(first);
            assert_int_equal(regions_split(&regions, PAGE_AT(first)),
                             !inside || before < REGIONS_MAX);
        }
        }
        check_regions(&regions, tag);
        /* The first gap of that many pages, on a border of `align` pages. */
        uint32_t align = 1u << any(4), expected = 0;
        for (uint32_t at = 8; at + count <= PAGES && expected == 0; at++) {
            uint32_t free_pages = 0;
            while (free_pages < count && tag[at + free_pages] == 0) {
                free_pages++;
            }
            expected = free_pages == count && at % align == 0 ? at : 0;
        }
        assert_int_equal(
            regions_gap(&regions, PAGE_AT(8), PAGE_AT(PAGES), PAGE_AT(count), PAGE_AT(align)),
            PAGE_AT(expected));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buddies_beside_a_map),
        cmocka_unit_test(device_blocks_are_carved_by_address),
        cmocka_unit_test(records_run_out),
        cmocka_unit_test(slots_beside_flags),
        cmocka_unit_test(slots_to_the_last),
        cmocka_unit_test(frames_beside_counts),
        cmocka_unit_test(regions_beside_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
