/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Boot: bootinfo, initial slots, untyped list, initial thread and its address space, on several
 * machines (abi/boot.md §2 to §5).
 */
#include "boot.h"
#include "core_fixture.h"
#include "mmu_model.h"
#include "vspace.h"

enum {
    KERNEL_PAGES = 2 + (CORE_STATE_BYTES + 4095) / 4096,
    BASE = 0x40000000
};

static struct platform platform;

static void start(uint64_t ram)
{
    machine_small_platform(&platform, ram);
    fx_boot(&platform);
}

static const struct untyped_desc *untyped(uint64_t i)
{
    return &fx.info->untyped_list[i];
}
static uint64_t untypeds(void)
{
    return fx.info->untyped.end - fx.info->untyped.start;
}

/* ---- bootinfo and slots ---- */

static void bootinfo_fields(void **unused)
{
    const struct bootinfo *info;
    (void)unused; /* abi/boot.md §4 */
    start(FX_RAM);
    info = fx.info;
    assert_int_equal(info->extra_len, 0);
    assert_int_equal(info->node_id, 0);
    assert_int_equal(info->num_nodes, 1);
    assert_int_equal(info->num_iopt_levels, 0);
    assert_int_equal(info->ipc_buffer, 0x402000); /* the page after the image */
    assert_int_equal(info->shared_frames.end, 0);
    assert_int_equal(info->io_space_caps.end, 0);
    assert_int_equal(info->extra_bi_pages.end, 0);
    assert_int_equal(info->user_image_paging.start, 16);
    assert_int_equal(info->user_image_paging.end, 19); /* one of each level */
    assert_int_equal(info->user_image_frames.start, 19);
    assert_int_equal(info->user_image_frames.end, 21);
    assert_int_equal(info->untyped.start, 21);
    assert_int_equal(info->empty.start, info->untyped.end);
    assert_int_equal(info->empty.end, 1u << info->init_cnode_bits);
    assert_int_equal(info->init_domain, 0);
}

static void initial_slots(void **unused)
{
    static const enum cap_type_number types[16] = {
        [1] = CAP_TCB,         [2] = CAP_CNODE,        [3] = CAP_VSPACE,
        [4] = CAP_IRQ_CONTROL, [5] = CAP_ASID_CONTROL, [6] = CAP_ASID_POOL,
        [9] = CAP_FRAME,       [10] = CAP_FRAME,       [11] = CAP_DOMAIN};
    (void)unused; /* abi/boot.md §3 */
    start(FX_RAM);
    for (unsigned i = 0; i < 16; i++)
        assert_int_equal(cap_type(fx_cap(i)), types[i]);
    assert_int_equal(cnode_guard_size(fx_cap(2)), 64 - fx.info->init_cnode_bits);
    assert_int_equal(mapping_asid(fx_cap(3)), 1);
    assert_int_equal(asid_pool_index(fx_cap(6)), 0);
    for (uint64_t slot = 1; slot < fx.info->empty.start; slot++)
        if (!cap_is_null(fx_cap(slot)))
            assert_int_equal(slot_flags(fx_at(slot)), SLOT_FLAGS); /* abi/objects.md §3.1 */
    for (uint64_t slot = fx.info->empty.start; slot < fx.info->empty.end; slot++)
        assert_true(cap_is_null(fx_cap(slot)));
}

static void smc_cap_by_option(void **unused)
{
    (void)unused; /* slot 15 */
    machine_small_platform(&platform, FX_RAM);
    platform.options.smc = true;
    fx_boot(&platform);
    assert_int_equal(cap_type(fx_cap(SLOT_SMC)), CAP_SMC);
    REFUSED(SLOT_SMC, LABEL_SMC_CALL, W(1, 2, 3, 4, 5, 6, 7), C(), ERROR_TRUNCATED_MESSAGE, I());
    OK_WITH(SLOT_SMC, LABEL_SMC_CALL, W(1, 2, 3, 4, 5, 6, 7, 8), C(),
            I(~0ull, 2, 3, 4, 5, 6, 7, 8)); /* the hosted machine has no monitor */
    uint64_t badged = fx_mint(SLOT_SMC, RIGHTS_ALL, 9);
    REFUSED(badged, LABEL_SMC_CALL, W(1, 2, 3, 4, 5, 6, 7, 8), C(), ERROR_ILLEGAL_OPERATION, I());
    fx_call(badged, LABEL_SMC_CALL, W(9, 2, 3, 4, 5, 6, 7, 8), C());
    REFUSED(SLOT_INIT_CNODE, LABEL_CNODE_MINT, W(fx_slot(), 64, badged, 64, 15, 9),
            C(SLOT_INIT_CNODE), ERROR_ILLEGAL_OPERATION, I());
}

/* ---- the initial thread and its space, §5 ---- */

static void initial_thread(void **unused)
{
    const struct tcb *tcb;
    (void)unused;
    start(FX_RAM);
    tcb = fx.root;
    for (unsigned i = 0; i < REG_COUNT; i++) {
        uint64_t expected = i == REG_PC ? 0x400000 : i == REG_X0 ? 0x403000 : 0;
        assert_int_equal(tcb->context.reg[i], i == REG_SPSR ? 0x40 : expected);
    }
    assert_int_equal(tcb->context.next_pc, 0x400000);
    assert_int_equal(tcb->priority, 255);
    assert_int_equal(tcb->mcp, 255);
    assert_int_equal(tcb->domain, 0);
    assert_int_equal(tcb->fault_handler, 0);
    assert_int_equal(tcb->slice, 5);
    assert_int_equal(tcb->state, THREAD_RUNNING);
    assert_int_equal(tcb->ipc_buffer, 0x402000);
    assert_int_equal(mapping_asid(tcb->slots[TCB_IPC_BUFFER].cap), 0);
    assert_int_equal(machine_space_root(), cap_object(fx_cap(SLOT_INIT_VSPACE)));
    assert_int_equal(machine_space_asid(), 1);
}

static void expect_page(uint64_t va, uint64_t pa, bool execute)
{
    struct translation t;
    machine_translate(va, &t);
    assert_int_equal(t.result, MMU_OK);
    assert_int_equal(t.pa, pa);
    assert_true(t.el0_read && t.el0_write);
    assert_int_equal(t.el0_execute, execute);
    assert_int_equal(t.attr_index, 4);
}

static void initial_mappings(void **unused)
{
    (void)unused; /* image read-write-executable; buffer and bootinfo never executable */
    start(FX_RAM);
    expect_page(0x400000, platform.user.start, true);
    expect_page(0x401000, platform.user.start + 0x1000, true);
    expect_page(0x402000, cap_object(fx_cap(SLOT_IPC_BUFFER_FRAME)), false);
    expect_page(0x403000, cap_object(fx_cap(SLOT_BOOTINFO_FRAME)), false);
    struct translation t;
    machine_translate(0x404000, &t);
    assert_int_equal(t.result, MMU_TRANSLATION_FAULT);
    for (uint64_t slot = fx.info->user_image_frames.start; slot < fx.info->user_image_frames.end;
         slot++) {
        uint64_t i = slot - fx.info->user_image_frames.start;
        assert_int_equal(cap_object(fx_cap(slot)), platform.user.start + i * 4096);
        assert_int_equal(mapping_vaddr(fx_cap(slot)), 0x400000 + i * 4096);
        assert_int_equal(mapping_asid(fx_cap(slot)), 1);
    }
}

static void initial_caps_can_be_used(void **unused)
{
    uint64_t first;
    (void)unused; /* "All these caps are mapped caps" */
    start(FX_RAM);
    first = fx.info->user_image_frames.start;
    OK(first, LABEL_PAGE_CLEAN_DATA, W(0, 4096), C());
    OK(first, LABEL_PAGE_UNMAP, W(), C());
    struct translation t;
    machine_translate(0x400000, &t);
    assert_int_equal(t.result, MMU_TRANSLATION_FAULT);
    OK(fx.info->user_image_paging.end - 1, LABEL_PAGE_TABLE_UNMAP, W(), C());
    machine_translate(0x401000, &t);
    assert_int_equal(t.result, MMU_TRANSLATION_FAULT);
}

/* ---- extra bootinfo ---- */

static void device_tree_is_passed_on(void **unused)
{
    enum {
        DTB_BYTES = 5001
    };
    (void)unused; /* §4: one chunk, id 6, unmodified; pages rounded up; room of 2^k pages */
    machine_small_platform(&platform, FX_RAM);
    platform.dtb = (struct range){platform.kernel.end, platform.kernel.end + DTB_BYTES};
    platform.user.start += 0x2000;
    platform.user.end += 0x2000;
    platform.user_pv_offset += 0x2000;
    machine_create(&platform, 0);
    uint8_t *blob = hal_window(paddr(platform.dtb.start));
    for (unsigned i = 0; i < DTB_BYTES; i++)
        blob[i] = (uint8_t)(i * 7);
    struct cpu *cpu = machine_boot();
    const struct slot *slots = cnode_of(cpu->current->slots[TCB_CSPACE].cap);
    const struct bootinfo *info = hal_window(paddr(cap_object(slots[SLOT_BOOTINFO_FRAME].cap)));
    assert_int_equal(info->extra_len, 16 + DTB_BYTES);
    assert_int_equal(info->extra_bi_pages.end - info->extra_bi_pages.start, 2);
    assert_int_equal(info->extra_bi_pages.start, info->user_image_paging.end);
    assert_int_equal(info->user_image_frames.start, info->extra_bi_pages.end);
    uint8_t copy[2 * 4096];
    for (unsigned i = 0; i < 2; i++) {
        struct cap page = slots[info->extra_bi_pages.start + i].cap;
        memcpy(copy + i * 4096, hal_window(paddr(cap_object(page))), 4096);
        assert_int_equal(mapping_vaddr(page), 0x404000 + i * 4096);
        /* Executable like the image (§5): UXN is bit 54 (Arm ARM D5.3.3). */
        assert_int_equal(vspace_find_frame(cpu->kernel, page).pte >> 54 & 1, 0);
    }
    struct bootinfo_chunk chunk;
    memcpy(&chunk, copy, sizeof chunk);
    assert_int_equal(chunk.id, BOOTINFO_CHUNK_DTB);
    assert_int_equal(chunk.len, 16 + DTB_BYTES);
    assert_memory_equal(copy + sizeof chunk, blob, DTB_BYTES);
    /* The device tree itself is never an Untyped; free memory begins at 16-byte granularity. */
    for (uint64_t i = 0; i < info->untyped.end - info->untyped.start; i++) {
        uint64_t a = info->untyped_list[i].paddr;
        uint64_t bytes = 1ull << info->untyped_list[i].size_bits;
        assert_true(a >= platform.dtb.end || a + bytes <= platform.dtb.start);
    }
}

/* ---- untypeds, §2 ---- */

static void untyped_list_is_in_order(void **unused)
{
    uint64_t i = 0;
    uint64_t at = 0;
    (void)unused; /* device gaps ascending from 0, boot memory, free RAM ascending */
    start(FX_RAM);
    assert_int_equal(untyped(0)->paddr, 0);
    assert_int_equal(untyped(0)->size_bits, 27); /* up to the GIC at 0x8000000 */
    assert_int_equal(untyped(1)->paddr, 0x8001000);
    assert_int_equal(untyped(1)->size_bits, 12);
    for (; untyped(i)->is_device; i++) {
        assert_true(untyped(i)->paddr >= at);
        at = untyped(i)->paddr + (1ull << untyped(i)->size_bits);
    }
    assert_true(at == 1ull << 40);
    assert_int_equal(untyped(i)->paddr, BASE); /* recycled boot memory: two pages */
    assert_int_equal(untyped(i)->size_bits, 13);
    at = BASE;
    for (i++; i < untypeds(); i++) {
        assert_false(untyped(i)->is_device);
        assert_true(untyped(i)->paddr > at);
        at = untyped(i)->paddr;
    }
}

static void untypeds_cover_all_that_is_free(void **unused)
{
    uint64_t bytes = 0;
    (void)unused;
    start(FX_RAM);
    for (uint64_t i = 0; i < untypeds(); i++) {
        const struct untyped_desc *u = untyped(i);
        struct cap cap = fx_cap(fx.info->untyped.start + i);
        assert_int_equal(cap_object(cap), u->paddr);
        assert_int_equal(untyped_bits(cap), u->size_bits);
        assert_int_equal(untyped_is_device(cap), u->is_device);
        assert_true(untyped_watermark(cap) == untyped_size(cap)); /* full, but usable */
        assert_int_equal(u->paddr % (1ull << u->size_bits), 0);
        if (!u->is_device)
            bytes += 1ull << u->size_bits;
    }
    /* All RAM but kernel, image and the root objects: CNode, 4 pages, 3 tables, the TCB's page. */
    uint64_t objects = (32ull << fx.info->init_cnode_bits) + 8 * 4096;
    uint64_t kernel_image = (KERNEL_PAGES - 2) * 4096;
    assert_int_equal(bytes, FX_RAM - kernel_image - 2 * 4096 - objects);
}

static void the_uart_is_available(void **unused)
{
    bool found = false;
    (void)unused; /* abi/boot.md §2.1 example: 0x9000000/24 */
    start(FX_RAM);
    for (uint64_t i = 0; i < untypeds(); i++) {
        const struct untyped_desc *u = untyped(i);
        found = found || (u->is_device && u->paddr == 0x9000000 && u->size_bits == 24);
        if (u->is_device)
            for (unsigned p = 0; p < platform.device_private_count; p++)
                assert_true(u->paddr + (1ull << u->size_bits) <= platform.device_private[p].start ||
                            u->paddr >= platform.device_private[p].end);
    }
    assert_true(found);
}

static void ram_with_holes_and_reserved_ranges(void **unused)
{
    const struct range hole = {0x40040000, 0x40041230};
    (void)unused;
    machine_small_platform(&platform, FX_RAM);
    platform.ram_count = 2;
    platform.ram[1] = (struct range){0x48000000, 0x48000000 + 0x40000};
    platform.reserved_count = 2;
    platform.reserved[0] = hole;
    platform.reserved[1] = (struct range){0x20000000, 0x20001000}; /* outside RAM */
    fx_boot(&platform);
    assert_true(cap_object(fx_cap(SLOT_INIT_CNODE)) >= 0x48000000); /* top of the last region */
    for (uint64_t i = 0; i < untypeds(); i++) {
        uint64_t a = untyped(i)->paddr, end = a + (1ull << untyped(i)->size_bits);
        for (unsigned r = 0; r < 2; r++)
            assert_true(end <= platform.reserved[r].start || a >= platform.reserved[r].end);
        for (unsigned r = 0; r < 2; r++)
            assert_true(!untyped(i)->is_device || end <= platform.ram[r].start ||
                        a >= platform.ram[r].end);
    }
}

/* ---- options and refusals ---- */

static void cnode_grows_with_the_caps(void **unused)
{
    (void)unused; /* more by itself when the initial caps fill over a quarter */
    start(FX_RAM);
    assert_int_equal(fx.info->init_cnode_bits, 10);
    machine_small_platform(&platform, 4 << 20);
    platform.options.root_cnode_bits = 13;
    fx_boot(&platform);
    assert_int_equal(fx.info->init_cnode_bits, 13);
}

static void release_flavour(void **unused)
{
    (void)unused; /* abi/boot.md §5: SPSR 0x140 */
    machine_small_platform(&platform, FX_RAM);
    platform.flavour = "release";
    fx_boot(&platform);
    assert_int_equal(fx.root->context.reg[REG_SPSR], 0x140);
    uint64_t tcb = fx_new(OBJECT_TCB, 0);
    OK(tcb, LABEL_TCB_WRITE_REGISTERS, W(0, 3, 0, 0, ~0ull), C());
    assert_int_equal(fx_tcb(tcb)->context.reg[REG_SPSR], 0xf0000140);
}

static void large_tables_come_from_the_root_objects(void **unused)
{
    (void)unused; /* 256 domains: 1 MiB of queues */
    machine_small_platform(&platform, 4 << 20);
    platform.options.domains = 256;
    platform.options.domain_schedules = 1024;
    fx_boot(&platform);
    assert_int_equal(fx.cpu->kernel->domain_count, 256);
    OK(SLOT_DOMAIN, LABEL_DOMAIN_SET_SCHEDULE_CONFIGURE, W(1022, 255, 1), C());
    uint64_t thread = fx_thread(7, true); /* the last domain's queues serve, and nobody else's */
    OK(SLOT_DOMAIN, LABEL_DOMAIN_SET_SET, W(255), C(thread));
    assert_ptr_equal(fx.cpu->kernel->ready[255].queue[7].head, fx_tcb(thread));
    fx_syscall(SYS_CALL, SLOT_DOMAIN, LABEL_DOMAIN_SET_SCHEDULE_SET_START, W(1022), C());
    assert_int_equal(fx.cpu->kernel->current_domain, 255);
    assert_ptr_equal(fx.cpu->current, fx_tcb(thread));
    for (uint64_t i = 0; i < untypeds(); i++) { /* the queues are in none of them */
        uint64_t queues = pa_of(fx.cpu->kernel->ready), a = untyped(i)->paddr;
        assert_true(a + (1ull << untyped(i)->size_bits) <= queues || a >= queues + (1 << 20));
    }
}

static void boots(void *unused)
{
    (void)unused;
    machine_boot();
}

/* Booting the platform ends with the status of a failed boot and this sentence. */
static void expect_refusal(const char *sentence)
{
    char text[300] = {0};
    machine_create(&platform, 0);
    machine_console_capture(text, sizeof text - 1);
    int status = machine_guard(boots, NULL);
    machine_console_capture(NULL, 0);
    assert_int_equal(status, BOOT_FAILED);
    if (!strstr(text, sentence))
        fail_msg("expected \"%s\", found \"%s\"", sentence, text);
}

static void what_cannot_boot(void **unused)
{
    (void)unused; /* one sentence and a status */
    machine_small_platform(&platform, 128 * 1024);
    platform.options.root_cnode_bits = 12;
    expect_refusal("boot: no free memory region has");
    machine_small_platform(&platform, FX_RAM); /* abi/boot.md §5: must end below USER_TOP */
    platform.user_pv_offset = platform.user.start - 0x7fffffffe000;
    expect_refusal("at 0x7fffffffe000 does not fit the user range");
    machine_small_platform(&platform, FX_RAM);
    platform.user_pv_offset += 8;
    expect_refusal("does not fit the user range");
    machine_small_platform(&platform, FX_RAM);
    platform.max_irq = 26;
    expect_refusal("is above the highest interrupt");
}

static void regions_are_cut(void **unused)
{
    struct regions r = {.count = 0};
    (void)unused;
    regions_add(&r, (struct range){100, 200});
    regions_add(&r, (struct range){10, 20});
    regions_add(&r, (struct range){50, 50});
    assert_int_equal(r.count, 2);
    assert_int_equal(r.item[0].start, 10);
    regions_remove(&r, (struct range){120, 130}); /* splits */
    regions_remove(&r, (struct range){15, 105});  /* over two */
    regions_remove(&r, (struct range){190, 300}); /* beyond the end */
    regions_remove(&r, (struct range){160, 160}); /* nothing */
    assert_int_equal(r.count, 3);
    const struct range expected[] = {{10, 15}, {105, 120}, {130, 190}};
    assert_memory_equal(r.item, expected, sizeof expected);
    regions_remove(&r, (struct range){0, 1000});
    assert_int_equal(r.count, 0);
}

#define CASE(f) cmocka_unit_test_teardown(f, fx_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(bootinfo_fields),
        CASE(initial_slots),
        CASE(smc_cap_by_option),
        CASE(initial_thread),
        CASE(initial_mappings),
        CASE(initial_caps_can_be_used),
        CASE(device_tree_is_passed_on),
        CASE(untyped_list_is_in_order),
        CASE(untypeds_cover_all_that_is_free),
        CASE(the_uart_is_available),
        CASE(ram_with_holes_and_reserved_ranges),
        CASE(cnode_grows_with_the_caps),
        CASE(release_flavour),
        CASE(large_tables_come_from_the_root_objects),
        CASE(what_cannot_boot),
        CASE(regions_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
