/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The checker of tlb_check.h. It finds out by itself where a descriptor is reachable, by walking
 * the tables of the spaces that ran; nothing tells it.
 */
#include "tlb_check.h"

#include <string.h>

#include "internal.h"
#include "mmu_model.h"

enum {
    MAX_LIVE = 4096,
    MAX_STALE = 16384,
    TABLE_ENTRIES = 512,
    TABLE_BYTES = 4096
};

/* A space that ran since its ASID was last invalidated. */
struct live {
    uint64_t root;
    uint64_t asid;
};

/* A cached descriptor that memory no longer holds. */
struct stale {
    uint64_t va; /* of the first byte it translates */
    uint64_t span;
    uint64_t pa; /* where it leads */
    uint32_t level;
    uint16_t asid;
    bool table;
};

struct tlb {
    uint64_t root; /* current space */
    uint64_t asid;
    uint64_t live_count;
    uint64_t stale_count;
    struct live live[MAX_LIVE];
    struct stale stale[MAX_STALE];
};

static struct tlb tlb;

void tlb_reset(void)
{
    tlb.root = tlb.asid = tlb.live_count = tlb.stale_count = 0;
}

/* Index of the first descriptor from `i` on with bit 0 set, or TABLE_ENTRIES. Almost all entries of
 * almost all tables are zero, so this loop is the checker's cost. Looks at no poison. */
__attribute__((no_sanitize("address"))) static unsigned next_entry(uint64_t table, unsigned i)
{
    const uint64_t *entry = hal_window(paddr(table));
    if (!arena_has(table, TABLE_BYTES)) {
        return TABLE_ENTRIES;
    }
    while (i < TABLE_ENTRIES && (entry[i] & 1) == 0) {
        i++;
    }
    return i;
}

#define FOR_ENTRIES(i, table)                                                                      \
    for (unsigned i = next_entry(table, 0); i < TABLE_ENTRIES; i = next_entry(table, i + 1))

/* ---- marking ---- */

static void mark_stale(const struct stale *s)
{
    if (tlb.stale_count == MAX_STALE) {
        machine_violate("translation checker: more than %d descriptors wait for an invalidation",
                        MAX_STALE);
    }
    tlb.stale[tlb.stale_count++] = *s;
}

/* Everything reachable through `descriptor` is cached too: when it goes, all of that is stale. */
static void mark_tree(uint64_t descriptor, unsigned level, uint64_t va, uint16_t asid)
{
    bool table = mmu_is_table(descriptor, level);
    struct stale s = {.va = va,
                      .span = mmu_span(level),
                      .pa = mmu_address(descriptor, level),
                      .level = level,
                      .asid = asid,
                      .table = table};
    if (!mmu_is_valid(descriptor, level)) {
        return;
    }
    mark_stale(&s);
    if (!table) {
        return;
    }
    FOR_ENTRIES(i, s.pa)
    {
        mark_tree(arena_read64(s.pa + i * 8), level + 1, va + i * mmu_span(level + 1), asid);
    }
}

/* Where a walk of a live space meets the table page that holds the changed descriptor. */
struct change {
    uint64_t entry;
    uint64_t old;
    uint16_t asid;
};

static void find_table(const struct change *c, uint64_t table, unsigned level, uint64_t va)
{
    if (table == (c->entry & ~(uint64_t)(TABLE_BYTES - 1))) {
        unsigned index = (unsigned)(c->entry % TABLE_BYTES / 8);
        mark_tree(c->old, level, va + index * mmu_span(level), c->asid);
        return;
    }
    if (level == 3) {
        return;
    }
    FOR_ENTRIES(i, table)
    {
        uint64_t d = arena_read64(table + i * 8);
        if (mmu_is_table(d, level)) {
            find_table(c, mmu_address(d, level), level + 1, va + i * mmu_span(level));
        }
    }
}

/* Bits of a valid descriptor that may only change through an invalid one: type, output address,
 * memory attributes, shareability, not-global, contiguous. Level-independent. */
static const uint64_t break_before_make =
    0x3 | 0x0000fffffffff000ull | 0x1c | 0x300 | 1ull << 11 | 1ull << 52;

void tlb_store(uint64_t entry, uint64_t old, uint64_t value)
{
    if ((old & 1) == 0 || old == value) {
        return;
    }
    if ((value & 1) != 0 && ((old ^ value) & break_before_make) != 0) {
        machine_violate("hal_pte_store: descriptor at 0x%llx changes from 0x%llx to 0x%llx, "
                        "expected an invalid one between (break before make)",
                        (unsigned long long)entry, (unsigned long long)old,
                        (unsigned long long)value);
    }
    for (uint64_t i = 0; i < tlb.live_count; i++) {
        struct change c = {.entry = entry, .old = old, .asid = (uint16_t)tlb.live[i].asid};
        find_table(&c, tlb.live[i].root, 0, 0);
    }
}

/* ---- spaces and invalidation ---- */

static void report_stale(const struct stale *s, const char *when)
{
    machine_violate("missing TLB invalidation %s: ASID %u still has the level-%u %s for 0x%llx "
                    "(%llu bytes, leading to 0x%llx) that was changed in memory",
                    when, s->asid, s->level, s->table ? "table entry" : "mapping",
                    (unsigned long long)s->va, (unsigned long long)s->span,
                    (unsigned long long)s->pa);
}

static void make_live(uint64_t root, uint16_t asid)
{
    for (uint64_t i = 0; i < tlb.live_count; i++) {
        if (tlb.live[i].asid != asid) {
            continue;
        }
        if (tlb.live[i].root != root) {
            machine_violate("hal_space_switch: ASID %u is used for root 0x%llx and was never "
                            "invalidated since it stood for root 0x%llx",
                            asid, (unsigned long long)root, (unsigned long long)tlb.live[i].root);
        }
        return;
    }
    if (tlb.live_count == MAX_LIVE) {
        machine_violate("translation checker: more than %d spaces at once", MAX_LIVE);
    }
    tlb.live[tlb.live_count++] = (struct live){.root = root, .asid = asid};
}

void tlb_space(uint64_t root, uint16_t asid)
{
    tlb.root = root;
    tlb.asid = asid;
    if (root == 0) {
        return;
    }
    if (asid == 0) {
        machine_violate("hal_space_switch: root 0x%llx with ASID 0, expected 1..65535",
                        (unsigned long long)root);
    }
    if (!arena_has(root, TABLE_BYTES) || root % TABLE_BYTES != 0) {
        machine_violate("hal_space_switch: root 0x%llx, expected a page of RAM",
                        (unsigned long long)root);
    }
    make_live(root, asid);
}

static void drop_stale(bool (*covered)(const struct stale *, uint16_t, uint64_t), uint16_t asid,
                       uint64_t va)
{
    uint64_t kept = 0;
    for (uint64_t i = 0; i < tlb.stale_count; i++) {
        if (!covered(&tlb.stale[i], asid, va)) {
            tlb.stale[kept++] = tlb.stale[i];
        }
    }
    tlb.stale_count = kept;
}

static bool covered_by_asid(const struct stale *s, uint16_t asid, uint64_t va)
{
    (void)va;
    return s->asid == asid;
}

static bool covered_by_page(const struct stale *s, uint16_t asid, uint64_t va)
{
    return s->asid == asid && va - s->va < s->span;
}

/* The running space stays live: the next walk may cache its descriptors again. */
void tlb_invalidate_asid(uint16_t asid)
{
    uint64_t kept = 0;
    drop_stale(covered_by_asid, asid, 0);
    for (uint64_t i = 0; i < tlb.live_count; i++) {
        if (tlb.live[i].asid != asid || (tlb.root != 0 && tlb.asid == asid)) {
            tlb.live[kept++] = tlb.live[i];
        }
    }
    tlb.live_count = kept;
}

void tlb_invalidate_page(uint16_t asid, uint64_t va)
{
    drop_stale(covered_by_page, asid, va);
}

void tlb_return(void)
{
    if (tlb.stale_count != 0) {
        report_stale(&tlb.stale[0], "at return to user level");
    }
}

/* ---- memory that becomes objects ---- */

static bool overlap(uint64_t a, uint64_t a_bytes, uint64_t b, uint64_t b_bytes)
{
    return a - b < b_bytes || b - a < a_bytes;
}

static void check_unused(const struct live *space, uint64_t table, unsigned level, uint64_t va,
                         const struct range *memory)
{
    uint64_t bytes = memory->end - memory->start;
    if (overlap(table, TABLE_BYTES, memory->start, bytes)) {
        machine_violate("hal_memory_typed: [0x%llx, 0x%llx) holds a level-%u table of ASID %llu",
                        (unsigned long long)memory->start, (unsigned long long)memory->end, level,
                        (unsigned long long)space->asid);
    }
    FOR_ENTRIES(i, table)
    {
        uint64_t d = arena_read64(table + i * 8);
        uint64_t at = va + i * mmu_span(level);
        if (!mmu_is_valid(d, level)) {
            continue;
        }
        if (mmu_is_table(d, level)) {
            check_unused(space, mmu_address(d, level), level + 1, at, memory);
        } else if (overlap(mmu_address(d, level), mmu_span(level), memory->start, bytes)) {
            machine_violate("hal_memory_typed: [0x%llx, 0x%llx) is still mapped at 0x%llx in "
                            "ASID %llu",
                            (unsigned long long)memory->start, (unsigned long long)memory->end,
                            (unsigned long long)at, (unsigned long long)space->asid);
        }
    }
}

void tlb_typed(uint64_t pa, uint64_t bytes)
{
    struct range memory = {.start = pa, .end = pa + bytes};
    for (uint64_t i = 0; i < tlb.stale_count; i++) {
        const struct stale *s = &tlb.stale[i];
        if (overlap(s->pa, s->table ? TABLE_BYTES : s->span, pa, bytes)) {
            report_stale(s, "before its memory is used again");
        }
    }
    for (uint64_t i = 0; i < tlb.live_count; i++) {
        check_unused(&tlb.live[i], tlb.live[i].root, 0, 0, &memory);
    }
}

/* ---- snapshots: the counts, then the used parts of the two lists ---- */

size_t tlb_save_bytes(void)
{
    return sizeof tlb;
}

void tlb_save(void *to)
{
    struct tlb *t = to;
    memcpy(t, &tlb, offsetof(struct tlb, live));
    memcpy(t->live, tlb.live, tlb.live_count * sizeof tlb.live[0]);
    memcpy(t->stale, tlb.stale, tlb.stale_count * sizeof tlb.stale[0]);
}

void tlb_load(const void *from)
{
    const struct tlb *t = from;
    memcpy(&tlb, t, offsetof(struct tlb, live));
    memcpy(tlb.live, t->live, tlb.live_count * sizeof tlb.live[0]);
    memcpy(tlb.stale, t->stale, tlb.stale_count * sizeof tlb.stale[0]);
}
