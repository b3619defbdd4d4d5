/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The memory manager: regions, pages on demand, rights, sharing, large pages, contiguous memory.
 */
#include "comp/protocol.h"
#include "harness.h"
#include "kaal/string.h"

enum {
    PAGE = 4096
};
#define AT    LAYOUT_MAPPED
#define THERE (LAYOUT_SHARED + 0x5000)

static uint64_t word_at(uint32_t space, uint64_t address)
{
    uint64_t word = 0;
    must(mm_read(&mm, space, address, &word, sizeof(word)));
    return word;
}

static void put_word(uint32_t space, uint64_t address, uint64_t word)
{
    must(mm_write(&mm, space, address, &word, sizeof(word)));
}

static void on_demand(void)
{
    struct broker_status before = books();
    uint32_t space = 0;
    must(mm_space_open(&mm, CLIENT, &space));
    must(mm_map(&mm, space, AT, 64 * PAGE, REGION_HEAP, MAP_READ | MAP_WRITE | MAP_GUARD));
    check_eq(broker.client[CLIENT].used, PAGE); /* the VSpace */
    check_eq(mm_fault(&mm, space, AT + 5 * PAGE + 7, MAP_WRITE), MM_MAPPED);
    check_eq(broker.client[CLIENT].used, 5 * PAGE); /* three tables and the page */
    check_eq(mm_fault(&mm, space, AT + 5 * PAGE + 7, MAP_WRITE), MM_NOT_OURS);
    check_eq(mm_fault(&mm, space, AT + 6 * PAGE, MAP_EXECUTE), MM_NOT_OURS);
    check_eq(mm_fault(&mm, space, AT - 1, MAP_READ), MM_NOT_OURS);
    check_eq(mm_fault(&mm, space, AT + 64 * PAGE, MAP_READ), MM_NOT_OURS);
    check_eq(mm_region(&mm, space, AT - 1)->kind, REGION_GUARD);
    check_is(mm_map(&mm, space, AT + 64 * PAGE, PAGE, REGION_MAPPED, MAP_READ),
             BROKER_BAD_ARGUMENT);
    check_is(mm_map(&mm, space, AT + 1, PAGE, REGION_MAPPED, MAP_READ), BROKER_BAD_ARGUMENT);
    check_is(mm_map(&mm, space, THERE, PAGE, REGION_MAPPED, MAP_READ | MAP_WRITE | MAP_EXECUTE),
             BROKER_BAD_ARGUMENT);
    check_eq(word_at(space, AT + 5 * PAGE), 0);
    must(mm_unmap(&mm, space, AT));
    check_eq(broker.client[CLIENT].used, PAGE);
    check_eq(mm.space[space].regions.count, 0);
    mm_space_close(&mm, space);
    check_same_books(before);
    case_line("pages come on demand, inside their region and rights only; tables come and go");
}

static void zeroed(void)
{
    struct broker_status before = books();
    uint32_t space = 0, keep = 0;
    must(mm_space_open(&mm, CLIENT, &space));
    must(mm_space_open(&mm, OTHER_CLIENT, &keep)); /* keeps the chunk in use */
    must(mm_map(&mm, keep, AT, PAGE, REGION_MAPPED, MAP_READ | MAP_NOW));
    for (unsigned round = 0; round < 3; round++) {
        must(mm_map(&mm, space, AT, 4 * PAGE, REGION_MAPPED, MAP_READ | MAP_WRITE | MAP_NOW));
        for (uint64_t at = AT; at < AT + 4 * PAGE; at += PAGE) {
            check_eq(word_at(space, at + 8), 0);
            put_word(space, at + 8, 0x5ec2e7);
            check_eq(word_at(space, at + 8), 0x5ec2e7);
        }
        must(mm_unmap(&mm, space, AT));
    }
    mm_space_close(&mm, space);
    mm_space_close(&mm, keep);
    check_same_books(before);
    case_line("a frame is zero when it gets a new owner");
}

static void sharing(void)
{
    struct broker_status before = books();
    uint32_t one = 0, two = 0;
    must(mm_space_open(&mm, CLIENT, &one));
    must(mm_space_open(&mm, OTHER_CLIENT, &two));
    must(mm_map(&mm, one, AT, 4 * PAGE, REGION_MAPPED, MAP_READ | MAP_WRITE));
    put_word(one, AT + PAGE, 11);
    must(mm_share(&mm, one, AT + PAGE, 2 * PAGE, two, THERE, MAP_READ));
    check_eq(word_at(two, THERE), 11);
    put_word(one, AT + PAGE, 12);
    put_word(one, AT + 2 * PAGE, 13);
    check_eq(word_at(two, THERE), 12);
    check_eq(word_at(two, THERE + PAGE), 13);
    check_eq(mm_region(&mm, two, THERE)->rights, MAP_READ);
    check_is(mm_share(&mm, one, AT + PAGE, 8 * PAGE, two, AT, MAP_READ), BROKER_BAD_ARGUMENT);
    /* The first owner goes: the page stays for the other, the first one pays. */
    uint64_t tables = mm.space[two].tables * PAGE + PAGE; /* and the VSpace object */
    check_eq(broker.client[OTHER_CLIENT].used, tables);
    mm_space_close(&mm, one);
    check_eq(broker.client[CLIENT].used, 2 * PAGE);
    check_eq(word_at(two, THERE), 12);
    mm_space_close(&mm, two);
    check_eq(broker.client[CLIENT].used, 0);
    check_eq(broker.client[OTHER_CLIENT].used, 0);
    check_same_books(before);
    case_line("shared pages are the same memory, and outlive their first owner");
}

static void rights(void)
{
    struct broker_status before = books();
    uint32_t space = 0;
    must(mm_space_open(&mm, CLIENT, &space));
    must(mm_map(&mm, space, AT, 8 * PAGE, REGION_MAPPED, MAP_READ | MAP_WRITE));
    put_word(space, AT + 3 * PAGE, 5);
    must(mm_protect(&mm, space, AT + 2 * PAGE, 2 * PAGE, MAP_READ));
    check_eq(mm.space[space].regions.count, 3);
    check_eq(mm_fault(&mm, space, AT + 2 * PAGE, MAP_WRITE), MM_NOT_OURS);
    check_eq(mm_fault(&mm, space, AT + 2 * PAGE, MAP_READ), MM_MAPPED);
    check_eq(mm_fault(&mm, space, AT + PAGE, MAP_WRITE), MM_MAPPED);
    check_eq(word_at(space, AT + 3 * PAGE), 5);
    check_is(mm_protect(&mm, space, AT + 7 * PAGE, 2 * PAGE, MAP_READ), BROKER_BAD_ARGUMENT);
    check_is(mm_protect(&mm, space, AT, PAGE, MAP_WRITE | MAP_EXECUTE), BROKER_BAD_ARGUMENT);
    mm_space_close(&mm, space);
    check_same_books(before);
    case_line("rights change for a part of a region");
}

static void large(void)
{
    struct broker_status before = books();
    uint32_t space = 0;
    must(mm_space_open(&mm, OTHER_CLIENT, &space));
    must(mm_map(&mm, space, AT + PAGE, 2 * MM_LARGE_PAGE, REGION_MAPPED,
                MAP_READ | MAP_WRITE | MAP_NOW));
    /* One aligned 2 MiB page, 511 + 1 small ones around it. */
    check_eq(mm.space[space].pages, 512);
    check(mm.space[space].large != MM_NONE);
    put_word(space, AT + MM_LARGE_PAGE + 0x12340, 77);
    check_eq(word_at(space, AT + MM_LARGE_PAGE + 0x12340), 77);
    check_is(mm_protect(&mm, space, AT + MM_LARGE_PAGE + PAGE, PAGE, MAP_READ),
             BROKER_BAD_ARGUMENT);
    must(mm_unmap(&mm, space, AT + PAGE));
    check_eq(mm.space[space].large, MM_NONE);
    check_eq(mm.space[space].tables, 0);
    mm_space_close(&mm, space);
    check_same_books(before);
    case_line("aligned 2 MiB are one page");
}

static void contiguous(void)
{
    struct broker_status before = books();
    struct mm_memory memory, big;
    uint32_t one = 0, two = 0;
    must(mm_space_open(&mm, CLIENT, &one));
    must(mm_space_open(&mm, OTHER_CLIENT, &two));
    must(mm_memory_open(&mm, CLIENT, 3 * PAGE, &memory));
    check_eq(memory.bytes, 4 * PAGE);
    for (unsigned i = 0; i < 4; i++) {
        uint64_t paddr = 0;
        check_eq(kaal_page_get_address(memory.slots + i, &paddr), ERROR_NONE);
        check_eq(paddr, memory.paddr + i * PAGE);
    }
    must(mm_map_memory(&mm, one, memory.paddr, &memory, REGION_DMA,
                       MAP_READ | MAP_WRITE | MAP_UNCACHED)); /* identity */
    must(mm_map_memory(&mm, two, THERE, &memory, REGION_SHARED, MAP_READ | MAP_GUARD));
    put_word(one, memory.paddr + PAGE, 21);
    check_eq(word_at(two, THERE + PAGE), 21);
    must(mm_memory_open(&mm, OTHER_CLIENT, 4 << 20, &big));
    check_is(mm_map_memory(&mm, two, AT + PAGE, &big, REGION_SHARED, MAP_READ),
             BROKER_BAD_ARGUMENT);
    must(mm_map_memory(&mm, two, AT, &big, REGION_SHARED, MAP_READ | MAP_WRITE));
    put_word(two, AT + MM_LARGE_PAGE + 8, 22);
    check_eq(word_at(two, AT + MM_LARGE_PAGE + 8), 22);
    mm_space_close(&mm, one);
    mm_space_close(&mm, two);
    mm_memory_close(&mm, &memory);
    mm_memory_close(&mm, &big);
    check_same_books(before);
    case_line("contiguous memory has one physical address and any number of mappings");
}

static void places(void)
{
    uint32_t space = 0;
    must(mm_space_open(&mm, CLIENT, &space));
    uint64_t first = mm_place(&mm, space, LAYOUT_MAPPED, LAYOUT_END, PAGE);
    must(mm_map(&mm, space, first, PAGE, REGION_MAPPED, MAP_READ | MAP_GUARD));
    uint64_t second = mm_place(&mm, space, LAYOUT_MAPPED, LAYOUT_END, 3 * MM_LARGE_PAGE);
    check(second > first && second % MM_LARGE_PAGE == 0);
    must(mm_map(&mm, space, second, 3 * MM_LARGE_PAGE, REGION_MAPPED, MAP_READ | MAP_GUARD));
    check_eq(mm_place(&mm, space, LAYOUT_MAPPED, LAYOUT_END, LAYOUT_END - LAYOUT_MAPPED), 0);
    mm_space_close(&mm, space);
    case_line("free places are found between regions");
}

static enum broker_code attempt_space(void)
{
    uint32_t space, other;
    struct mm_memory memory;
    enum broker_code code = mm_space_open(&mm, CLIENT, &space);
    if (code != BROKER_OK) {
        return code;
    }
    code = mm_space_open(&mm, OTHER_CLIENT, &other);
    if (code != BROKER_OK) {
        mm_space_close(&mm, space);
        return code;
    }
    code = mm_map(&mm, space, AT, 3 * PAGE, REGION_MAPPED, MAP_READ | MAP_WRITE | MAP_NOW);
    if (code == BROKER_OK) {
        code = mm_share(&mm, space, AT, 2 * PAGE, other, THERE, MAP_READ);
    }
    if (code == BROKER_OK) {
        code = mm_memory_open(&mm, CLIENT, 2 * PAGE, &memory);
        if (code == BROKER_OK) {
            code = mm_map_memory(&mm, other, LAYOUT_MMIO, &memory, REGION_SHARED, MAP_READ);
            if (code == BROKER_OK) {
                code = mm_unmap(&mm, other, LAYOUT_MMIO);
            }
            mm_memory_close(&mm, &memory);
        }
    }
    mm_space_close(&mm, space);
    mm_space_close(&mm, other);
    return code;
}

/* The first page of a chunk. */
static enum broker_code attempt_page(void)
{
    uint32_t space;
    enum broker_code code = mm_space_open(&mm, CLIENT, &space);
    if (code == BROKER_OK) {
        code = mm_map(&mm, space, AT, PAGE, REGION_MAPPED, MAP_READ | MAP_NOW);
        mm_space_close(&mm, space);
    }
    return code;
}

/* A 2 MiB page and a small one, with other rights, read and written by the memory manager. */
static enum broker_code attempt_large(void)
{
    const uint64_t at = (AT + MM_LARGE_PAGE - 1) / MM_LARGE_PAGE * MM_LARGE_PAGE;
    uint64_t word = 5;
    uint32_t space;
    enum broker_code code = mm_space_open(&mm, OTHER_CLIENT, &space);
    if (code != BROKER_OK) {
        return code;
    }
    code =
        mm_map(&mm, space, at, MM_LARGE_PAGE + PAGE, REGION_MAPPED, MAP_READ | MAP_WRITE | MAP_NOW);
    if (code == BROKER_OK) {
        code = mm_write(&mm, space, at + MM_LARGE_PAGE - 8, &word, sizeof(word));
    }
    if (code == BROKER_OK) {
        code = mm_write(&mm, space, at + MM_LARGE_PAGE, &word, sizeof(word));
    }
    if (code == BROKER_OK) {
        code = mm_protect(&mm, space, at, MM_LARGE_PAGE + PAGE, MAP_READ);
    }
    if (code == BROKER_OK) {
        code = mm_protect(&mm, space, at + MM_LARGE_PAGE, PAGE, MAP_READ | MAP_EXECUTE);
    }
    if (code == BROKER_OK) {
        code = mm_unmap(&mm, space, at + MM_LARGE_PAGE);
    }
    mm_space_close(&mm, space);
    return code;
}

void cases_mm(void)
{
    on_demand();
    check(every_allocation_fails(attempt_page, books()) >= 11);
    case_line("the first page of an address space: every allocation fails in turn");
    uint32_t keeper = keeper_open();
    zeroed();
    sharing();
    rights();
    large();
    contiguous();
    places();
    unsigned n = every_allocation_fails(attempt_space, books());
    check(n >= 20);
    case_line("two address spaces with shared memory: every allocation fails in turn");
    check(every_call_is_refused(attempt_space, books()) >= 20);
    case_line("two address spaces with shared memory: every kernel call is refused in turn");
    check(every_call_is_refused(attempt_large, books()) >= 8);
    case_line("a page of 2 MiB: every kernel call is refused in turn");
    mm_space_close(&mm, keeper);
}
