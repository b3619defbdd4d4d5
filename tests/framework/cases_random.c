/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Random operations on two address spaces beside a model: an array of pages, each with its rights
 * and the cell of memory that it shows. Words written through one space are read through the other
 * where a page is shared, and stay when the first owner is gone.
 */
#include "comp/protocol.h"
#include "harness.h"

enum {
    STEPS = 3000,
    PAGES = 48,
    CELLS = 2 * PAGES + 1,
    NO_CELL = 0,
    BOTH = 2,
};
#define AT(i) (LAYOUT_MAPPED + 0x1f0000 + (uint64_t)(i)*4096) /* over a border of 2 MiB */

struct page {
    bool mapped; /* in a region */
    bool on_demand;
    uint8_t rights;
    uint8_t cell; /* NO_CELL: not touched yet */
    uint8_t payer;
};

static struct page model[BOTH][PAGES];
static uint64_t cell_value[CELLS];
static uint32_t space[BOTH];
static uint64_t random_state;

static uint32_t any(uint32_t below)
{
    random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(random_state >> 33) % below;
}

/* A zeroed cell that no page shows. */
static uint8_t new_cell(void)
{
    for (unsigned c = 1; c < CELLS; c++) {
        bool used = false;
        for (unsigned i = 0; i < BOTH * PAGES; i++) {
            used |= model[i / PAGES][i % PAGES].cell == c;
        }
        if (!used) {
            cell_value[c] = 0;
            return (uint8_t)c;
        }
    }
    check(false);
    return 1;
}

/* Whether all pages of the range are mapped, or none of them. */
static bool all_are(unsigned s, uint32_t first, uint32_t count, bool mapped)
{
    for (uint32_t i = first; i < first + count; i++) {
        if (model[s][i].mapped != mapped) {
            return false;
        }
    }
    return true;
}

static void try_map(unsigned s, uint32_t first, uint32_t count)
{
    uint32_t rights = any(2) ? MAP_READ | MAP_WRITE : MAP_READ, now = any(3) == 0 ? MAP_NOW : 0;
    bool room = all_are(s, first, count, false);
    enum broker_code code =
        mm_map(&mm, space[s], AT(first), count * 4096ull, REGION_MAPPED, rights | now);
    check_eq(code, room ? BROKER_OK : BROKER_BAD_ARGUMENT);
    for (uint32_t i = first; room && i < first + count; i++) {
        model[s][i] = (struct page){true, now == 0, (uint8_t)rights, NO_CELL, (uint8_t)s};
        model[s][i].cell = now != 0 ? new_cell() : NO_CELL;
    }
}

static void try_unmap(unsigned s, uint32_t first)
{
    const struct region *region = mm_region(&mm, space[s], AT(first));
    check_eq(region != NULL, model[s][first].mapped);
    if (region == NULL || region->start != AT(first)) {
        check_eq(mm_unmap(&mm, space[s], AT(first)), BROKER_NOT_FOUND);
        return;
    }
    uint64_t end = region->end;
    must(mm_unmap(&mm, space[s], AT(first)));
    for (uint32_t i = first; AT(i) < end; i++) {
        model[s][i] = (struct page){0};
    }
}

static void try_protect(unsigned s, uint32_t first, uint32_t count)
{
    uint32_t rights = any(2) ? MAP_READ : MAP_READ | MAP_WRITE;
    bool covered = all_are(s, first, count, true);
    check_eq(mm_protect(&mm, space[s], AT(first), count * 4096ull, rights),
             covered ? BROKER_OK : BROKER_BAD_ARGUMENT);
    for (uint32_t i = first; covered && i < first + count; i++) {
        model[s][i].rights = (uint8_t)rights;
    }
}

static void try_share(unsigned s, uint32_t first, uint32_t count, uint32_t to)
{
    unsigned t = 1 - s;
    bool good = all_are(s, first, count, true) && all_are(t, to, count, false);
    enum broker_code code =
        mm_share(&mm, space[s], AT(first), count * 4096ull, space[t], AT(to), MAP_READ | MAP_WRITE);
    check_eq(code, good ? BROKER_OK : BROKER_BAD_ARGUMENT);
    for (uint32_t i = 0; good && i < count; i++) {
        struct page *from = &model[s][first + i];
        from->cell = from->cell == NO_CELL ? new_cell() : from->cell;
        model[t][to + i] = (struct page){true, false, MAP_READ | MAP_WRITE, from->cell, (uint8_t)s};
    }
}

static void try_fault(unsigned s, uint32_t i)
{
    static const uint32_t rights[] = {MAP_READ, MAP_WRITE, MAP_EXECUTE};
    struct page *page = &model[s][i];
    uint32_t right = rights[any(3)];
    bool ours =
        page->mapped && page->on_demand && page->cell == NO_CELL && (page->rights & right) == right;
    check_eq(mm_fault(&mm, space[s], AT(i) + any(4096), right), ours ? MM_MAPPED : MM_NOT_OURS);
    if (ours) {
        page->cell = new_cell();
    }
}

static void try_words(unsigned s, uint32_t i)
{
    struct page *page = &model[s][i];
    uint64_t word = random_state, found = 0;
    if (!page->mapped) {
        check_eq(mm_read(&mm, space[s], AT(i), &found, 8), BROKER_NOT_FOUND);
        return;
    }
    page->cell = page->cell == NO_CELL ? new_cell() : page->cell;
    must(mm_read(&mm, space[s], AT(i) + 16, &found, 8));
    check_eq(found, cell_value[page->cell]);
    must(mm_write(&mm, space[s], AT(i) + 16, &word, 8));
    cell_value[page->cell] = word;
}

/* Frames charged: one per page that shows a cell, to who shared it, else to who has it; besides
 * tables and the VSpaces. */
static void check_charges(void)
{
    uint32_t pages[BOTH] = {0}, paid[BOTH] = {0};
    for (uint32_t i = 0; i < BOTH * PAGES; i++) {
        const struct page *page = &model[i / PAGES][i % PAGES];
        pages[i / PAGES] += page->cell != NO_CELL;
        paid[page->payer] += page->cell != NO_CELL;
    }
    for (unsigned s = 0; s < BOTH; s++) {
        const struct mm_space *k = &mm.space[space[s]];
        check_eq(k->pages, pages[s]);
        check_eq(broker.client[k->client].used, (1ull + k->tables + paid[s]) * 4096);
    }
}

void cases_random(void)
{
    uint32_t keeper = keeper_open();
    struct broker_status before = books();
    random_state = 8;
    must(mm_space_open(&mm, CLIENT, &space[0]));
    must(mm_space_open(&mm, OTHER_CLIENT, &space[1]));
    for (unsigned step = 0; step < STEPS; step++) {
        unsigned s = any(2);
        uint32_t first = any(PAGES), count = 1 + any(6), to = any(PAGES);
        count = first + count > PAGES ? PAGES - first : count;
        count = to + count > PAGES ? PAGES - to : count;
        switch (any(8)) {
        case 0: try_map(s, first, count); break;
        case 1: try_unmap(s, first); break;
        case 2: try_protect(s, first, count); break;
        case 3: try_share(s, first, count, to); break;
        case 4: try_fault(s, first); break;
        default: try_words(s, first); break;
        }
        check_charges();
    }
    mm_space_close(&mm, space[0]);
    mm_space_close(&mm, space[1]);
    check_same_books(before);
    case_line("3000 random operations on two address spaces agree with a model");
    mm_space_close(&mm, keeper);
}
