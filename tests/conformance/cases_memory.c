/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What mappings do to the threads that run in them: rights, remapping, unmapping, sharing,
 * execution, IPC buffers in any frame (abi/vspace.md §4 to §7).
 */
#include "kaal/runtime.h"
#include "probe.h"
#include "suites.h"

enum {
    RW = RIGHT_READ | RIGHT_WRITE
};

/* A word of memory, through this thread's own mapping. */
static volatile uint64_t *word(uint64_t vaddr)
{
    return (volatile uint64_t *)vaddr;
}

/* Runs `code` of a probe on `address`: 0 = it completed, else the syndrome of its VM fault. */
static uint64_t attempt(struct probe *p, const char *code, const char *end, uint64_t address)
{
    probe_set(p, code);
    p->regs[REG_X0] = address;
    probe_go(p);
    run();
    check(p->faulted);
    if (msginfo_label(p->fault.info) == FAULT_VM) {
        return p->fault.mr[3];
    }
    check_eq(p->fault.mr[0], (uint64_t)end);
    return 0;
}

static uint64_t load(struct probe *p, uint64_t address)
{
    return attempt(p, snippet_load, snippet_load_end, address);
}

static uint64_t store(struct probe *p, uint64_t address)
{
    return attempt(p, snippet_store, snippet_store_end, address);
}

enum {
    READ_DENIED = 0x9200000f,
    WRITE_DENIED = 0x9200004f,
    NO_PAGE = 0x92000007
};

static void remap(uint64_t frame, uint64_t rights)
{
    must(kaal_page_map(frame, SLOT_INIT_VSPACE, FREE_VADDR, rights, ATTR_DEFAULT));
}

static void rights_of_a_mapping(void)
{
    static const struct {
        uint64_t cap, map;
        bool read, write;
    } rows[] = {
        {RW, RW, true, true},
        {RW, RIGHT_READ, true, false},
        {RW, RIGHT_WRITE, false, false},
        {RW, 0, false, false},
        {RW, RW | RIGHT_GRANT, true, true},
        {RIGHT_READ, RW, true, false},
        {RIGHT_READ, RIGHT_READ, true, false},
        {RIGHT_READ, RIGHT_WRITE, false, false},
        {RIGHT_WRITE, RW, false, false},
        {0, RW, false, false},
    };
    struct probe *p = probe_new();
    uint64_t frame = object(OBJECT_SMALL_PAGE, 0);
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t copy = copy_of(frame, rows[i].cap);
        map(SLOT_INIT_VSPACE, copy, FREE_VADDR, rows[i].map, ATTR_DEFAULT);
        check_eq(load(p, FREE_VADDR), rows[i].read ? 0 : READ_DENIED);
        check_eq(store(p, FREE_VADDR), rows[i].write ? 0 : WRITE_DENIED);
        must(kaal_page_unmap(copy));
    }
}

static void remapping_takes_effect(void)
{
    struct probe *p = probe_new();
    uint64_t frame = object(OBJECT_SMALL_PAGE, 0);
    map(SLOT_INIT_VSPACE, frame, FREE_VADDR, RW, ATTR_DEFAULT);
    check_eq(store(p, FREE_VADDR), 0);
    remap(frame, RIGHT_READ);
    check_eq(store(p, FREE_VADDR), WRITE_DENIED);
    check_eq(load(p, FREE_VADDR), 0);
    remap(frame, 0);
    check_eq(load(p, FREE_VADDR), READ_DENIED);
    remap(frame, RW);
    check_eq(store(p, FREE_VADDR), 0);
    must(kaal_page_unmap(frame));
    check_eq(load(p, FREE_VADDR), NO_PAGE);
}

static void replacing_takes_effect(void)
{
    struct probe *p = probe_new();
    uint64_t first = object(OBJECT_SMALL_PAGE, 0), second = object(OBJECT_SMALL_PAGE, 0);
    map(SLOT_INIT_VSPACE, first, FREE_VADDR, RW, ATTR_DEFAULT);
    *word(FREE_VADDR) = 1;
    remap(second, RW);
    check_eq(*word(FREE_VADDR), 0);
    *word(FREE_VADDR) = 2;
    check_eq(load(p, FREE_VADDR), 0);
    probe_read(p);
    check_eq(p->regs[REG_X1], 2);
    remap(first, RW);
    check_eq(*word(FREE_VADDR), 1);
    /* Unmapping through the stale cap leaves the page that is there. */
    must(kaal_page_unmap(second));
    check_eq(load(p, FREE_VADDR), 0);
    must(kaal_page_unmap(first));
    check_eq(load(p, FREE_VADDR), NO_PAGE);
}

static void table_unmapped_under_a_page(void)
{
    struct probe *p = probe_new();
    uint64_t tables[2] = {object(OBJECT_PAGE_TABLE, 0), object(OBJECT_PAGE_TABLE, 0)};
    uint64_t frame = object(OBJECT_SMALL_PAGE, 0);
    for (unsigned i = 0; i < 2; i++) {
        must(kaal_page_table_map(tables[i], SLOT_INIT_VSPACE, FREE_VADDR, 0));
    }
    remap(frame, RW);
    check_eq(load(p, FREE_VADDR), 0);
    must(kaal_page_table_unmap(tables[1]));
    check_eq(load(p, FREE_VADDR), 0x92000006);
    must(kaal_page_table_map(tables[1], SLOT_INIT_VSPACE, FREE_VADDR, 0));
    check_eq(load(p, FREE_VADDR), NO_PAGE); /* the table was zeroed */
    remap(frame, RW);
    check_eq(load(p, FREE_VADDR), 0);
    must(kaal_cnode_delete(at(tables[0])));
    check_eq(load(p, FREE_VADDR), 0x92000005);
}

static void large_page(void)
{
    struct probe *p = probe_new();
    uint64_t large = object(OBJECT_LARGE_PAGE, 0), pa = 0;
    map(SLOT_INIT_VSPACE, large, FREE_VADDR, RW, ATTR_DEFAULT);
    must(kaal_page_get_address(large, &pa));
    check_eq(pa & 0x1fffff, 0);
    *word(FREE_VADDR) = 0x1;
    *word(FREE_VADDR + 0x1ffff8) = 0x2;
    check_eq(load(p, FREE_VADDR + 0x1ffff8), 0);
    probe_read(p);
    check_eq(p->regs[REG_X1], 2);
    check_eq(load(p, FREE_VADDR + 0x200000), 0x92000006);
    must(kaal_page_unmap(large));
    check_eq(load(p, FREE_VADDR), 0x92000006);
}

static void shared_between_spaces(void)
{
    struct probe *p = probe_new();
    uint64_t s = vspace(), frame = object(OBJECT_SMALL_PAGE, 0), copy = copy_of(frame, RIGHTS_ALL);
    uint64_t code = (uint64_t)snippet_load & ~0xfffull;
    uint64_t page = (code - (uint64_t)kaal_image_start) / 4096;
    uint64_t code_cap = copy_of(boot()->user_image_frames.start + page, RIGHT_READ);
    map(s, code_cap, code, RIGHT_READ, ATTR_DEFAULT);
    map(s, copy, 0x7000, RW, ATTR_DEFAULT);
    map(SLOT_INIT_VSPACE, frame, FREE_VADDR, RW, ATTR_DEFAULT);
    *word(FREE_VADDR + 8) = 0x5ace;
    uint64_t handler = mint_of(fault_endpoint(), RIGHTS_ALL, PROBE_BADGE + p->index);
    must(kaal_tcb_set_space(p->tcb, handler, ROOT, 0, s, 0));
    check_eq(load(p, 0x7008), 0);
    probe_read(p);
    check_eq(p->regs[REG_X1], 0x5ace);
    check_eq(load(p, FREE_VADDR) & ~3ull, 0x92000004); /* not in this space */
}

static void code_is_copied_and_run(void)
{
    struct probe *p = probe_new();
    uint64_t frame = object(OBJECT_SMALL_PAGE, 0);
    map(SLOT_INIT_VSPACE, frame, FREE_VADDR, RW, ATTR_DEFAULT);
    /* movz x1, #n; undefined. Written, unified, run; then changed and run again. */
    for (uint64_t n = 5; n < 8; n++) {
        *(volatile uint32_t *)FREE_VADDR = 0xd2800001u | (uint32_t)n << 5;
        *(volatile uint32_t *)(FREE_VADDR + 4) = 0;
        must(kaal_page_unify_instruction(frame, 0, 8));
        probe_set(p, (const char *)FREE_VADDR);
        probe_go(p);
        run();
        check_eq(p->fault.mr[0], FREE_VADDR + 4);
        probe_read(p);
        check_eq(p->regs[REG_X1], n);
    }
    must(kaal_page_map(frame, SLOT_INIT_VSPACE, FREE_VADDR, RW, ATTR_DEFAULT | ATTR_EXECUTE_NEVER));
    probe_set(p, (const char *)FREE_VADDR);
    probe_go(p);
    run();
    check_eq(msginfo_label(p->fault.info), FAULT_VM);
    check_eq(p->fault.mr[3], 0x8200000f);
}

static void cache_methods_on_device_memory(void)
{
    uint64_t frame = slot_new();
    must(kaal_untyped_retype(device_untyped(12), OBJECT_SMALL_PAGE, 0,
                             (struct kaal_slot){ROOT, 0, 0}, frame, 1));
    map(SLOT_INIT_VSPACE, frame, FREE_VADDR, RW, 0);
    must(kaal_page_clean_data(frame, 0, 64));
    must(kaal_page_clean_invalidate_data(frame, 0, 4096));
    must(kaal_vspace_clean_data(SLOT_INIT_VSPACE, FREE_VADDR, FREE_VADDR + 64));
}

static void uncached_sees_zeros(void)
{
    uint64_t frame = object(OBJECT_SMALL_PAGE, 0), sum = 0;
    map(SLOT_INIT_VSPACE, frame, FREE_VADDR, RW, 0);
    for (unsigned i = 0; i < 512; i++) {
        sum |= word(FREE_VADDR)[i];
    }
    check_eq(sum, 0);
    /* Written uncached, then read through a cacheable mapping. */
    *word(FREE_VADDR) = 0xdef;
    remap(frame, RW);
    must(kaal_page_clean_invalidate_data(frame, 0, 4096));
    check_eq(*word(FREE_VADDR), 0xdef);
}

/* ---- IPC buffers ---- */

static void buffer_in_a_large_page(void)
{
    struct probe *p = probe_new();
    uint64_t large = object(OBJECT_LARGE_PAGE, 0), ep = object(OBJECT_ENDPOINT, 0);
    uint64_t offset = 0x123400;
    map(SLOT_INIT_VSPACE, large, FREE_VADDR, RW, ATTR_DEFAULT);
    struct ipc_buffer *b = (struct ipc_buffer *)(FREE_VADDR + offset);
    /* The address only counts modulo the frame's size; the frame need not be mapped there. */
    must(kaal_tcb_set_ipc_buffer(p->tcb, 0x700000000000 + offset, large));
    b->msg[4] = 0x4444;
    probe_call(p, SYS_SEND, ep, msginfo_new(1, 0, 0, 5), 0, 0);
    settle();
    struct kaal_message m = {0};
    kaal_nb_recv(ep, &m);
    check_eq(m.info, msginfo_new(1, 0, 0, 5));
    check_eq(kaal_ipc_buffer->msg[4], 0x4444);
}

static void buffer_outlives_its_cap(void)
{
    struct probe *p = probe_new();
    uint64_t from = untyped(12), frame = slot_new(), ep = object(OBJECT_ENDPOINT, 0);
    must(kaal_untyped_retype(from, OBJECT_SMALL_PAGE, 0, (struct kaal_slot){ROOT, 0, 0}, frame, 1));
    map(SLOT_INIT_VSPACE, frame, FREE_VADDR, RW, ATTR_DEFAULT);
    must(kaal_tcb_set_ipc_buffer(p->tcb, 0x4000, frame));
    ((struct ipc_buffer *)FREE_VADDR)->msg[5] = 0x5555;
    must(kaal_page_unmap(frame));
    must(kaal_cnode_delete(at(frame)));
    struct kaal_message m = {0};
    probe_call(p, SYS_SEND, ep, msginfo_new(1, 0, 0, 6), 0, 0);
    settle();
    kaal_nb_recv(ep, &m);
    check_eq(m.info, msginfo_new(1, 0, 0, 6));
    check_eq(kaal_ipc_buffer->msg[5], 0x5555);
    run();
    /* Revoking the Untyped takes it away. */
    must(kaal_cnode_revoke(at(from)));
    probe_call(p, SYS_SEND, ep, msginfo_new(1, 0, 0, 6), 0, 0);
    settle();
    kaal_nb_recv(ep, &m);
    check_eq(m.info, msginfo_new(1, 0, 0, 4));
}

static void results_without_a_buffer(void)
{
    struct probe *p = probe_new();
    uint64_t tcb = object(OBJECT_TCB, 0);
    must(kaal_tcb_set_ipc_buffer(p->tcb, 0, SLOT_NULL));
    probe_call(p, SYS_CALL, tcb, msginfo_new(LABEL_TCB_READ_REGISTERS, 0, 0, 2), 0, REG_COUNT);
    run();
    check(probe_done(p));
    check_eq(p->regs[REG_X1], msginfo_new(0, 0, 0, 4));
    /* An error with five words is cut to four. */
    probe_call(p, SYS_CALL, ROOT, msginfo_new(LABEL_CNODE_DELETE, 0, 0, 2), 1ull << 63, 64);
    run();
    check(p->faulted);
    probe_read(p);
    check_eq(p->regs[REG_X1], msginfo_new(ERROR_FAILED_LOOKUP, 0, 0, 4));
    check_eq(p->regs[REG_X2], 0);
    check_eq(p->regs[REG_X3], LOOKUP_GUARD_MISMATCH);
    check_eq(p->regs[REG_X4], 64);
    check_eq(p->regs[REG_X5], 0);
    /* A buffer that may only be read is none for results. */
    must(
        kaal_tcb_set_ipc_buffer(p->tcb, (uint64_t)p->buffer, copy_of(p->buffer_frame, RIGHT_READ)));
    p->buffer->msg[4] = 0x77;
    probe_call(p, SYS_CALL, tcb, msginfo_new(LABEL_TCB_READ_REGISTERS, 0, 0, 2), 0, REG_COUNT);
    run();
    check(probe_done(p));
    check_eq(p->regs[REG_X1], msginfo_new(0, 0, 0, 4));
    check_eq(p->buffer->msg[4], 0x77);
    must(kaal_tcb_set_ipc_buffer(p->tcb, 0, SLOT_NULL));
    /* No buffer, no extra caps: SetIPCBuffer cannot be given its frame. */
    probe_call(p, SYS_CALL, tcb, msginfo_new(LABEL_TCB_SET_IPC_BUFFER, 0, 1, 1), 0x4000, 0);
    run();
    probe_read(p);
    check_eq(p->regs[REG_X1], msginfo_new(ERROR_TRUNCATED_MESSAGE, 0, 0, 0));
}

static const struct test tests[] = {
    {"VSP-4-07 VSP-4-08 VSP-4-09 VSP-4-10 VSP-4-11 VSP-4-12 VSP-4-13 INV-5.1-04 OBJ-5-01 OBJ-5-02",
     "rights of cap and mapping, ten combinations", rights_of_a_mapping},
    {"VSP-4-21 INV-8-09 VSP-5-01 VSP-4-18", "remapping and unmapping take effect",
     remapping_takes_effect},
    {"VSP-4-22 INV-8-08 VSP-5-01", "a replaced page, a stale cap", replacing_takes_effect},
    {"VSP-3-07 VSP-3-09 INV-8-05 VSP-3-08", "a table goes, and all below it",
     table_unmapped_under_a_page},
    {"VSP-1-03 OBJ-1-09", "a large page", large_page},
    {"VSP-4-23 VSP-2-04", "one frame in two spaces", shared_between_spaces},
    {"VSP-6-04 VSP-4-17 VSP-4-20 VSP-4-16", "code that is written, unified and run",
     code_is_copied_and_run},
    {"INV-8-11a INV-8-14a VSP-4-19", "cache methods on device memory",
     cache_methods_on_device_memory},
    {"VSP-4-15 OBJ-2-15", "an uncached mapping of a new frame is zero", uncached_sees_zeros},
    {"VSP-7-01 VSP-7-02 SYS-2.2-08 SYS-2.2-09", "an IPC buffer in a large page",
     buffer_in_a_large_page},
    {"VSP-7-02 SYS-2.2-10", "an IPC buffer outlives its cap", buffer_outlives_its_cap},
    {"VEC-11-14 INV-4-09e INV-1-13 SYS-3-07", "results for a thread without buffer",
     results_without_a_buffer},
};
const struct suite suite_memory = SUITE("memory", tests);
