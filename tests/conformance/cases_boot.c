/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the initial thread finds (abi/boot.md §2 to §5). Registers at entry were noted by the start
 * code before it used them.
 */
#include "kaal/bootinfo.h"
#include "kaal/runtime.h"
#include "kaal/string.h"
#include "probe.h"
#include "suites.h"

enum {
    PAGE = 1 << PAGE_BITS,
    DEVICE_TOP_BITS = 40
};

static uint64_t regions_of_zero(struct slot_region r)
{
    return r.start | r.end;
}

static void fields(void)
{
    const struct bootinfo *b = boot();
    check_eq(b->node_id, 0);
    check_eq(b->num_nodes, 1);
    check_eq(b->num_iopt_levels, 0);
    check_eq(b->init_domain, 0);
    check_eq(regions_of_zero(b->shared_frames), 0);
    check_eq(regions_of_zero(b->io_space_caps), 0);
    check(b->init_cnode_bits >= 12);
    check_eq(b->empty.end, 1ull << b->init_cnode_bits);
    check_eq((uint64_t)b % PAGE, 0);
    check_eq(b->ipc_buffer, (uint64_t)b - PAGE);
    check_eq(b->ipc_buffer, (uint64_t)kaal_image_end);
    check((uint64_t)b + PAGE + b->extra_len <= USER_TOP);
}

static void regions_follow_each_other(void)
{
    const struct bootinfo *b = boot();
    uint64_t image_pages = (uint64_t)(kaal_image_end - kaal_image_start) / PAGE;
    check_eq(b->user_image_paging.start, SLOT_FIRST_DYNAMIC);
    check_eq(b->extra_bi_pages.start, b->user_image_paging.end);
    check_eq(b->user_image_frames.start, b->extra_bi_pages.end);
    check_eq(b->untyped.start, b->user_image_frames.end);
    check_eq(b->empty.start, b->untyped.end);
    check_eq(b->user_image_frames.end - b->user_image_frames.start, image_pages);
    check_eq(b->extra_bi_pages.end - b->extra_bi_pages.start, (b->extra_len + PAGE - 1) / PAGE);
    check(b->untyped.end - b->untyped.start <= MAX_BOOTINFO_UNTYPEDS);
}

static void cap_types(void)
{
    const struct bootinfo *b = boot();
    static const uint64_t fixed[SLOT_FIRST_DYNAMIC] = {
        [SLOT_INIT_TCB] = CAP_TCB,
        [SLOT_INIT_CNODE] = CAP_CNODE,
        [SLOT_INIT_VSPACE] = CAP_VSPACE,
        [SLOT_IRQ_CONTROL] = CAP_IRQ_CONTROL,
        [SLOT_ASID_CONTROL] = CAP_ASID_CONTROL,
        [SLOT_INIT_ASID_POOL] = CAP_ASID_POOL,
        [SLOT_BOOTINFO_FRAME] = CAP_FRAME,
        [SLOT_IPC_BUFFER_FRAME] = CAP_FRAME,
        [SLOT_DOMAIN] = CAP_DOMAIN,
    };
    for (uint64_t slot = 0; slot < SLOT_SMC; slot++) {
        check_eq(kaal_debug_cap_identify(slot), fixed[slot]);
    }
    uint64_t smc = kaal_debug_cap_identify(SLOT_SMC);
    check(smc == CAP_NULL || smc == CAP_SMC);
    for (uint64_t slot = SLOT_FIRST_DYNAMIC; slot < b->empty.start; slot++) {
        uint64_t expected = slot < b->user_image_paging.end ? CAP_PAGE_TABLE
                            : slot < b->untyped.start       ? CAP_FRAME
                                                            : CAP_UNTYPED;
        check_eq(kaal_debug_cap_identify(slot), expected);
    }
    check_eq(kaal_debug_cap_identify(b->empty.end - 1), CAP_NULL);
    check_eq(kaal_debug_cap_identify(b->empty.end), CAP_NULL); /* a failed lookup */
}

static void untyped_list(void)
{
    const struct bootinfo *b = boot();
    uint64_t count = b->untyped.end - b->untyped.start, device_end = 0, i = 0;
    for (uint64_t n = 0; n < count; n++) {
        const struct untyped_desc *d = &b->untyped_list[n];
        check(d->size_bits >= MIN_UNTYPED_BITS && d->size_bits <= MAX_UNTYPED_BITS);
        check(d->is_device <= 1);
        check_eq(d->paddr & ((1ull << d->size_bits) - 1), 0);
        for (unsigned k = 0; k < sizeof(d->zero); k++) {
            check_eq(d->zero[k], 0);
        }
    }
    for (uint64_t n = count; n < MAX_BOOTINFO_UNTYPEDS; n++) {
        check_eq(b->untyped_list[n].paddr | b->untyped_list[n].size_bits, 0);
    }
    /* Devices first, ascending, up to 2^40 (2^44 on larger cores); the rest is ordinary memory. */
    for (; i < count && b->untyped_list[i].is_device; i++) {
        check(b->untyped_list[i].paddr >= device_end);
        device_end = b->untyped_list[i].paddr + (1ull << b->untyped_list[i].size_bits);
    }
    check(device_end == 1ull << DEVICE_TOP_BITS || device_end == 1ull << 44);
    check(i > 0 && i < count);
    for (; i < count; i++) {
        check_eq(b->untyped_list[i].is_device, 0);
    }
}

/* Greedy cutting: within a region each piece is as large as its address and the rest allow, so two
 * neighbours that could be one piece never stand beside each other in ascending order. */
static void cut_greedily(void)
{
    const struct bootinfo *b = boot();
    uint64_t count = b->untyped.end - b->untyped.start;
    for (uint64_t n = 0; n + 1 < count; n++) {
        const struct untyped_desc *a = &b->untyped_list[n], *next = a + 1;
        bool adjacent =
            a->is_device == next->is_device && a->paddr + (1ull << a->size_bits) == next->paddr;
        if (adjacent && a->size_bits < MAX_UNTYPED_BITS) {
            bool aligned = (a->paddr & ((2ull << a->size_bits) - 1)) == 0;
            check(!(aligned && next->size_bits >= a->size_bits));
        }
    }
}

static void no_untyped_is_in_use(void)
{
    const struct bootinfo *b = boot();
    uint64_t count = b->untyped.end - b->untyped.start;
    for (uint64_t slot = b->extra_bi_pages.start; slot < b->user_image_frames.end; slot++) {
        uint64_t pa = 0;
        must(kaal_page_get_address(slot, &pa));
        for (uint64_t n = 0; n < count; n++) {
            const struct untyped_desc *d = &b->untyped_list[n];
            check(pa < d->paddr || pa - d->paddr >= 1ull << d->size_bits);
        }
    }
}

static void private_devices(void)
{
    static const uint64_t pages[] = {0x8000000, 0x9000000};
    const struct bootinfo *b = boot();
    uint64_t count = b->untyped.end - b->untyped.start;
    bool found[2] = {false, false};
    for (uint64_t n = 0; n < count; n++) {
        const struct untyped_desc *d = &b->untyped_list[n];
        for (unsigned k = 0; k < 2; k++) {
            found[k] |= pages[k] >= d->paddr && pages[k] - d->paddr < 1ull << d->size_bits;
        }
    }
    /* The interrupt controller's distributor is the kernel's, the UART is not. */
    check(!found[0] && found[1]);
}

static void image_frames_are_mapped(void)
{
    const struct bootinfo *b = boot();
    uint64_t first = 0, second = 0;
    must(kaal_page_get_address(b->user_image_frames.start, &first));
    must(kaal_page_get_address(b->user_image_frames.start + 1, &second));
    check_eq(second, first + PAGE);
    struct invocation v =
        INVOCATION(b->user_image_frames.start, LABEL_PAGE_MAP, CAPS(SLOT_INIT_VSPACE),
                   (uint64_t)kaal_image_start + PAGE, RIGHT_READ | RIGHT_WRITE, ATTR_DEFAULT);
    check_call(v, INV_ARG(0));
    v.word[0] = (uint64_t)kaal_image_start;
    check_call(v, OK);
    v = INVOCATION(SLOT_BOOTINFO_FRAME, LABEL_PAGE_CLEAN_DATA, NO_CAPS, 0, 64);
    check_call(v, OK);
    v.target = SLOT_IPC_BUFFER_FRAME;
    check_call(v, OK);
    v.target = b->extra_bi_pages.start;
    check_call(v, OK);
    v = INVOCATION(b->user_image_paging.start, LABEL_PAGE_TABLE_MAP, CAPS(SLOT_INIT_VSPACE),
                   FREE_VADDR, 0);
    check_call(v, INV_CAP(0));
}

/* One table per 512 GiB, then per GiB, then per 2 MiB of image, IPC buffer and bootinfo. */
static void paging_count(void)
{
    const struct bootinfo *b = boot();
    uint64_t start = (uint64_t)kaal_image_start, tables = 0;
    uint64_t last = (uint64_t)b + PAGE + (b->extra_len == 0 ? 0 : b->extra_len) - 1;
    for (unsigned bits = 39; bits >= 21; bits -= 9) {
        tables += (last >> bits) - (start >> bits) + 1;
    }
    check_eq(b->user_image_paging.end - b->user_image_paging.start, tables);
}

static void extra_bootinfo(void)
{
    const struct bootinfo *b = boot();
    const struct bootinfo_chunk *chunk = (const struct bootinfo_chunk *)((const char *)b + PAGE);
    const uint8_t *blob = (const uint8_t *)(chunk + 1);
    check(b->extra_len > sizeof(*chunk));
    check_eq(chunk->id, BOOTINFO_CHUNK_DTB);
    check_eq(chunk->len, b->extra_len);
    /* The blob begins with its magic number and its size, big endian. */
    check(blob[0] == 0xd0 && blob[1] == 0x0d && blob[2] == 0xfe && blob[3] == 0xed);
    uint64_t size =
        (uint64_t)blob[4] << 24 | (uint64_t)blob[5] << 16 | (uint64_t)blob[6] << 8 | blob[7];
    check_eq(chunk->len, size + sizeof(*chunk));
}

/* Rights and execution of the initial mappings, through a probe. */
static uint64_t fault_of(struct probe *p, const char *code, uint64_t address)
{
    probe_set(p, code);
    p->regs[REG_X0] = address;
    if (code == snippet_store) {
        p->regs[REG_X1] = *(volatile uint64_t *)address;
    }
    probe_go(p);
    run();
    check(p->faulted);
    return msginfo_label(p->fault.info);
}

static void initial_mappings(void)
{
    struct probe *p = probe_new();
    const struct bootinfo *b = boot();
    static volatile uint32_t code_in_data[2]; /* zero: the undefined instruction */
    /* Code is writable and data executable; buffer and bootinfo are writable, not executable. */
    check_eq(fault_of(p, snippet_store, (uint64_t)snippet_undefined & ~7ull), FAULT_USER_EXCEPTION);
    check_eq(fault_of(p, snippet_jump, (uint64_t)code_in_data), FAULT_USER_EXCEPTION);
    check_eq(p->fault.mr[0], (uint64_t)code_in_data);
    check_eq(fault_of(p, snippet_store, (uint64_t)b), FAULT_USER_EXCEPTION);
    check_eq(fault_of(p, snippet_jump, (uint64_t)b), FAULT_VM);
    check_eq(p->fault.mr[3], 0x8200000f);
    check_eq(fault_of(p, snippet_store, b->ipc_buffer + 2048), FAULT_USER_EXCEPTION);
    check_eq(fault_of(p, snippet_jump, b->ipc_buffer), FAULT_VM);
    check_eq(fault_of(p, snippet_store, (uint64_t)b + PAGE), FAULT_USER_EXCEPTION);
}

static void the_initial_thread(void)
{
    uint64_t tcb = object(OBJECT_TCB, 0);
    /* MCP 255, and itself a TCB that may be named as authority. */
    must(kaal_tcb_set_priority(tcb, SLOT_INIT_TCB, 255));
    struct invocation v = INVOCATION(tcb, LABEL_TCB_SET_PRIORITY, CAPS(SLOT_INIT_TCB), 256);
    check_call(v, RANGE(0, 255));
    v = INVOCATION(SLOT_INIT_TCB, LABEL_TCB_SET_FLAGS, NO_CAPS, 0, 0);
    check_call(v, RESULT(0));
    /* Its own copies of CNode and VSpace: the boot caps count as copies, so SetSpace is legal. */
    v = INVOCATION(SLOT_INIT_TCB, LABEL_TCB_SET_SPACE, CAPS(SLOT_INIT_CNODE, SLOT_INIT_VSPACE), 0,
                   0, 0);
    check_call(v, OK);
    v = INVOCATION(SLOT_INIT_TCB, LABEL_TCB_UNBIND_NOTIFICATION, NO_CAPS);
    check_call(v, ILLEGAL);
}

static void vspace_has_asid(void)
{
    struct invocation v =
        INVOCATION(SLOT_INIT_VSPACE, LABEL_VSPACE_CLEAN_DATA, NO_CAPS, FREE_VADDR, FREE_VADDR + 64);
    check_call(v, OK);
    uint64_t copy = copy_of(SLOT_INIT_VSPACE, RIGHTS_ALL);
    check(occupied(copy));
}

static void registers_at_entry(void)
{
    const uint64_t *entry = kaal_entry_registers;
    check_eq(entry[0], (uint64_t)boot());
    for (unsigned i = 1; i < KAAL_ENTRY_REGISTERS; i++) {
        check_eq(entry[i], 0); /* x1 to x30, sp, TPIDR_EL0, TPIDRRO_EL0 */
    }
}

static const struct test tests[] = {
    {"BOOT-4-02 BOOT-4-03 BOOT-4-04 BOOT-4-05 BOOT-4-06 BOOT-4-07 BOOT-4-10 BOOT-4-12 BOOT-4-13 "
     "BOOT-4-16 BOOT-5-01 BOOT-5-02 BOOT-3-01 BOOT-6-01 BOOT-6-09 BOOT-5-07",
     "fields of the bootinfo frame", fields},
    {"BOOT-3-16 BOOT-4-08 BOOT-4-09 BOOT-4-11 BOOT-4-14 BOOT-4-19 BOOT-6-02 BOOT-2.1-06 BOOT-3-18",
     "regions follow each other", regions_follow_each_other},
    {"BOOT-3-02 BOOT-3-03 BOOT-3-04 BOOT-3-05 BOOT-3-06 BOOT-3-07 BOOT-3-08 BOOT-3-09 BOOT-3-10 "
     "BOOT-3-11 BOOT-3-12 BOOT-3-13 BOOT-3-14 BOOT-3-15 SYS-8-05 SYS-8-17 SYS-1.1-12",
     "the kind of every initial cap", cap_types},
    {"BOOT-2.1-01 BOOT-2.1-02 BOOT-2.1-03 BOOT-2.1-05 BOOT-4-15 BOOT-4-16 BOOT-2-08 BOOT-6-10 "
     "BOOT-6-13 BOOT-2-07",
     "the Untyped list", untyped_list},
    {"BOOT-2.1-04", "Untypeds are cut greedily", cut_greedily},
    {"BOOT-2-04 BOOT-2-05", "no Untyped holds a frame that is in use", no_untyped_is_in_use},
    {"BOOT-2-07", "the kernel's devices are not given away, the UART is", private_devices},
    {"BOOT-3-19 BOOT-3-18", "initial frames and tables are mapped caps", image_frames_are_mapped},
    {"BOOT-3-17", "one table per span", paging_count},
    {"BOOT-4-01 BOOT-4-17 BOOT-4-18", "extra bootinfo", extra_bootinfo},
    {"BOOT-5-02 VSP-4-20", "rights of the initial mappings", initial_mappings},
    {"BOOT-5-09 BOOT-5-10 SCH-4-04 BOOT-5-11", "the initial thread", the_initial_thread},
    {"VSP-2-02 BOOT-3-08", "the initial VSpace has an ASID", vspace_has_asid},
    {"BOOT-5-03 BOOT-5-04 BOOT-5-05 BOOT-5-08 BOOT-5-12", "registers at entry", registers_at_entry},
};
const struct suite suite_boot = SUITE("boot", tests);
