/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What belongs to no other suite: the order of context words against real registers, boot memory,
 * ignored bits, idle time, the vectors that need a large Untyped.
 */
#include "kaal/bootinfo.h"
#include "kaal/fdt.h"
#include "kaal/string.h"
#include "probe.h"
#include "suites.h"

static void context_order(void)
{
    static uint64_t stored[34];
    /* Index in the context of x0..x30, sp, TPIDR_EL0, TPIDRRO_EL0 (abi/invocations.md §4). */
    static const uint8_t place[34] = {3,  4,  5,  6,  7,  8,  9,  10, 11, 17, 18, 19,
                                      20, 21, 22, 23, 12, 13, 14, 24, 25, 26, 27, 28,
                                      29, 30, 31, 32, 33, 15, 16, 1,  34, 35};
    struct probe *p = probe_new();
    uint64_t given[REG_COUNT];
    probe_set(p, snippet_registers);
    p->regs[25] = (uint64_t)stored; /* x20 */
    memcpy(given, p->regs, sizeof(given));
    probe_go(p);
    run();
    probe_read(p);
    check_eq(p->regs[0], (uint64_t)snippet_registers_end);
    for (unsigned i = 0; i < 34; i++) {
        check_eq(stored[i], given[place[i]]);
    }
}

static void spsr_of_the_initial_thread(void)
{
    struct probe *p = probe_new();
    probe_call(p, SYS_CALL, SLOT_INIT_TCB, msginfo_new(LABEL_TCB_READ_REGISTERS, 0, 0, 2), 0, 3);
    run();
    check(probe_done(p));
    check_eq(p->regs[REG_X1], msginfo_new(0, 0, 0, 3));
    check_eq(p->regs[REG_X4] & ~0xf0000100ull, 0x40);
    if ((p->regs[REG_X4] & 0x100) != 0) {
        case_line("VEC-10-02", "SPSR", "0x140 in a release kernel");
    }
}

static void labels_of_52_bits(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0), label = (1ull << 52) - 1;
    struct probe *p = probe_new();
    probe_call(p, SYS_RECV, ep, 0, 0, 0);
    settle();
    struct kaal_message m = {.info = msginfo_new(label, 0, 0, 0)};
    kaal_nb_send(ep, &m);
    run();
    check(probe_done(p));
    check_eq(p->regs[REG_X1], label << 12);
}

static void ignored_bits(void)
{
    uint64_t tcb = object(OBJECT_TCB, 0);
    /* Only bit 0 of the flags means something; the arguments behind the last are not looked at. */
    struct invocation v = INVOCATION(tcb, LABEL_TCB_READ_REGISTERS, NO_CAPS, ~1ull, 1, 99, 98);
    check_call(v, RESULT(0));
    v = INVOCATION(tcb, LABEL_TCB_WRITE_REGISTERS, NO_CAPS, ~1ull, 1, 0x1000);
    v.length = 38;
    check_call(v, OK);
    v = INVOCATION(tcb, LABEL_TCB_READ_REGISTERS, NO_CAPS, 0, 2);
    struct reply r = invoke(&v);
    check_eq(r.mr[0], 0x1000);
    check_eq(r.mr[1], 0);
    v = INVOCATION(tcb, LABEL_TCB_SET_FLAGS, NO_CAPS, 0, ~1ull);
    check_call(v, RESULT(0));
}

static void new_thread_priority(void)
{
    uint64_t tcb = object(OBJECT_TCB, 0), other = object(OBJECT_TCB, 0);
    struct invocation v = INVOCATION(other, LABEL_TCB_SET_PRIORITY, CAPS(tcb), 1);
    check_call(v, RANGE(0, 0));
    v.word[0] = 0;
    check_call(v, OK);
    /* Priority 0 is below the thread that is always ready: it does not run before it is raised. */
    struct probe *p = probe_new();
    must(kaal_tcb_set_priority(p->tcb, SLOT_INIT_TCB, 0));
    probe_set(p, snippet_undefined);
    probe_go(p);
    run();
    check(!p->faulted);
    must(kaal_tcb_set_priority(p->tcb, SLOT_INIT_TCB, 2));
    run();
    check(p->faulted);
}

static void guard_is_kept(void)
{
    struct probe *p = probe_new();
    uint64_t cnode = object(OBJECT_CNODE, 4), ntfn = object(OBJECT_NOTIFICATION, 0);
    uint64_t guarded = mint_of(cnode, 0, kaal_guard(0, 60));
    must(kaal_cnode_mint((struct kaal_slot){cnode, 3, 4}, at(ntfn), RIGHTS_ALL, 0x5));
    must(kaal_tcb_set_space(p->tcb, 12345, guarded, 0, SLOT_INIT_VSPACE, 0));
    probe_call(p, SYS_SEND, 3, 0, 0, 0);
    settle();
    check_eq(kaal_poll(ntfn), 5);
    /* The fault handler's cptr was not looked at; now it is, in vain. */
    probe_read(p);
    check_eq(p->regs[REG_PC], (uint64_t)snippet_svc_end);
}

static void table_attributes(void)
{
    uint64_t s = vspace(), tables[3];
    static const uint64_t attributes[] = {0, ~0ull, ATTR_EXECUTE_NEVER};
    for (unsigned i = 0; i < 3; i++) {
        tables[i] = object(OBJECT_PAGE_TABLE, 0);
        must(kaal_page_table_map(tables[i], s, 0x12345, attributes[i]));
    }
    uint64_t frame = object(OBJECT_SMALL_PAGE, 0);
    must(kaal_page_map(frame, s, 0x1ff000, RIGHT_READ, ATTR_DEFAULT));
    /* Each is unlinked at the address that it was rounded to. */
    must(kaal_page_table_unmap(tables[2]));
    struct invocation v =
        INVOCATION(frame, LABEL_PAGE_MAP, CAPS(s), 0x1ff000, RIGHT_READ, ATTR_DEFAULT);
    check_call(v, MISSING(0, 21));
    must(kaal_page_table_unmap(tables[0]));
    check_call(v, MISSING(0, 39));
}

/* ---- boot memory ---- */

/* The last ordinary boot Untyped of at least 2^bits bytes, or 0. */
static uint64_t spare(uint64_t bits)
{
    const struct bootinfo *b = boot();
    uint64_t count = b->untyped.end - b->untyped.start;
    for (uint64_t i = count; i > 0; i--) {
        const struct untyped_desc *d = &b->untyped_list[i - 1];
        if (d->is_device == 0 && d->size_bits >= bits) {
            return b->untyped.start + i - 1;
        }
    }
    return 0;
}

static void boot_untyped(void)
{
    uint64_t from = spare(12), slot = slot_new(), copy = slot_new();
    struct kaal_slot root = {ROOT, 0, 0};
    must(kaal_untyped_retype(from, OBJECT_ENDPOINT, 0, root, slot, 1));
    must(kaal_cnode_delete(at(slot)));
    must(kaal_cnode_copy(at(copy), at(from), RIGHTS_ALL));
    must(kaal_cnode_revoke(at(from)));
    check(!occupied(copy) && occupied(from));
}

static void vectors_of_a_large_untyped(void)
{
    uint64_t from = spare(26), large = slot_new(), slots = slots_new(3);
    struct kaal_slot root = {ROOT, 0, 0};
    if (from == 0) {
        return; /* less memory than that */
    }
    must(kaal_untyped_retype(from, OBJECT_UNTYPED, 26, root, large, 1));
    struct invocation v =
        INVOCATION(large, LABEL_UNTYPED_RETYPE, CAPS(ROOT), OBJECT_HUGE_PAGE, 0, 0, 0, slots, 1);
    check_call(v, NO_MEMORY(0x4000000));
    must(kaal_untyped_retype(large, OBJECT_ENDPOINT, 0, root, slots, 1));
    must(kaal_untyped_retype(large, OBJECT_NOTIFICATION, 0, root, slots + 1, 1));
    v.word[0] = OBJECT_UNTYPED;
    v.word[1] = 47;
    v.word[4] = slots + 2;
    check_call(v, NO_MEMORY(0x3ffffc0));
    case_line("VEC-2-14 VEC-2-15 INV-1-12", "a 2^26 Untyped", "free bytes");
}

static void boot_caps_are_roots(void)
{
    uint64_t frame = boot()->user_image_frames.start, copy = copy_of(frame, RIGHT_READ);
    uint64_t second = copy_of(copy, RIGHT_READ), next = copy_of(frame + 1, RIGHT_READ);
    must(kaal_cnode_revoke(at(copy)));
    check(occupied(copy) && occupied(second));
    must(kaal_cnode_revoke(at(frame)));
    check(!occupied(copy) && !occupied(second) && occupied(next) && occupied(frame));
}

static uint64_t big_word(const uint8_t *p)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < 8; i++) {
        value = value << 8 | p[i];
    }
    return value;
}

/* Most RAM is ordinary Untypeds, and nothing else is; kernel and root objects take less than 8 MiB.
 */
static void ram_is_handed_out(void)
{
    const struct bootinfo *b = boot();
    size_t bytes = 0, length = 0;
    const void *blob = kaal_bootinfo_chunk(b, BOOTINFO_CHUNK_DTB, &bytes);
    const uint8_t *reg = kaal_fdt_property(blob, bytes, "/memory@40000000", "reg", &length);
    check(reg != NULL && length == 16);
    if (reg == NULL || length != 16) {
        return;
    }
    uint64_t base = big_word(reg), size = big_word(reg + 8), sum = 0;
    for (uint64_t i = 0; i < b->untyped.end - b->untyped.start; i++) {
        const struct untyped_desc *d = &b->untyped_list[i];
        bool inside = d->paddr >= base && d->paddr - base < size;
        check_eq(d->is_device, !inside);
        sum += d->is_device ? 0 : 1ull << d->size_bits;
    }
    check(sum < size && sum + (8 << 20) > size);
}

/* The first device gaps with a GICv2, as in abi/boot.md §2.1. */
static void first_device_gaps(void)
{
    static const struct {
        uint64_t paddr, bits;
    } rows[] = {{0, 27},         {0x8001000, 12}, {0x8002000, 13}, {0x8004000, 14}, {0x8008000, 15},
                {0x8011000, 12}, {0x8012000, 13}, {0x8014000, 14}, {0x8018000, 15}};
    const struct bootinfo *b = boot();
    size_t bytes = 0, length = 0;
    const void *blob = kaal_bootinfo_chunk(b, BOOTINFO_CHUNK_DTB, &bytes);
    const char *kind = kaal_fdt_property(blob, bytes, "/intc@8000000", "compatible", &length);
    if (kind == NULL || strnlen(kind, length) == length || strcmp(kind, "arm,gic-v3") == 0) {
        return;
    }
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check_eq(b->untyped_list[i].paddr, rows[i].paddr);
        check_eq(b->untyped_list[i].size_bits, rows[i].bits);
    }
}

/* A register of the board's clock (PL031, match register) outlives its frame: never zeroed. */
static void device_memory_is_not_touched(void)
{
    enum {
        RTC_PAGE = 16,
        RTC_MATCH = 4
    };
    const struct bootinfo *b = boot();
    uint64_t from = 0, slots = slots_new(RTC_PAGE + 1);
    for (uint64_t i = 0; i < b->untyped.end - b->untyped.start; i++) {
        if (b->untyped_list[i].paddr == 0x9000000) {
            from = b->untyped.start + i;
        }
    }
    for (unsigned round = 0; round < 2; round++) {
        volatile uint32_t *match = (volatile uint32_t *)(FREE_VADDR + RTC_MATCH);
        must(kaal_untyped_retype(from, OBJECT_SMALL_PAGE, 0, (struct kaal_slot){ROOT, 0, 0}, slots,
                                 RTC_PAGE + 1));
        map(SLOT_INIT_VSPACE, slots + RTC_PAGE, FREE_VADDR, RIGHT_READ | RIGHT_WRITE,
            ATTR_EXECUTE_NEVER);
        if (round == 0) {
            *match = 0x12345678;
        }
        check_eq(*match, 0x12345678);
        must(kaal_cnode_revoke(at(from)));
    }
}

/* ---- an idle machine ---- */

static void start_physical_timer(uint64_t ticks)
{
    __asm__ volatile("msr cntp_tval_el0, %0\n\tisb" : : "r"(ticks));
    __asm__ volatile("msr cntp_ctl_el0, %0\n\tisb" : : "r"(1ull));
}

static void woken_from_idle(void)
{
    enum {
        TIMER_PPI = 30,
        BADGE = 0x30
    };
    struct probe *p = probe_new();
    uint64_t handler = slot_new(), ntfn = object(OBJECT_NOTIFICATION, 0);
    probe_set(p, snippet_physical_counter);
    probe_go(p);
    run();
    if (p->fault.mr[0] != (uint64_t)snippet_physical_counter_end) {
        return; /* EL0 may not use the timer in this configuration */
    }
    must(kaal_irq_control_get(SLOT_IRQ_CONTROL, TIMER_PPI, at(handler)));
    must(kaal_irq_handler_set_notification(handler, mint_of(ntfn, RIGHTS_ALL, BADGE)));
    quiet_off();
    start_physical_timer(625000); /* 10 ms at 62.5 MHz */
    check_eq(kaal_wait(ntfn), BADGE);
    __asm__ volatile("msr cntp_ctl_el0, xzr\n\tisb");
    quiet_on();
    must(kaal_irq_handler_ack(handler));
    case_line("SCH-3-09 SCH-1-07 BOOT-5-13", "idle", "an interrupt wakes the only thread");
}

static const struct test tests[] = {
    {"INV-4-01 INV-4-02 INV-4-03 INV-4-04 INV-4-05 INV-4-06 INV-4-07",
     "the order of context words, against the registers", context_order},
    {"BOOT-5-06 SYS-7.1-10", "SPSR of the initial thread", spsr_of_the_initial_thread},
    {"SYS-2.1-04", "labels have 52 bits", labels_of_52_bits},
    {"INV-0-05 INV-0-06 INV-4-26 INV-0-04", "bits that mean nothing", ignored_bits},
    {"SCH-4-03 OBJ-1-16 SCH-1-01", "priority and MCP of a new thread", new_thread_priority},
    {"INV-4-34", "a root keeps its guard; the handler is not validated", guard_is_kept},
    {"VSP-3-05 VSP-3-04 INV-8-02a", "attributes and addresses of tables", table_attributes},
    {"OBJ-2-19 SYS-4.1-02", "a boot Untyped is usable and can be copied", boot_untyped},
    {"", "vectors of a 2^26 Untyped", vectors_of_a_large_untyped},
    {"OBJ-3.1-05", "boot caps are roots of their own trees", boot_caps_are_roots},
    {"BOOT-2-06 BOOT-2-02", "RAM is handed out as ordinary Untypeds", ram_is_handed_out},
    {"BOOT-2.1-07 BOOT-2.1-01", "the first device gaps", first_device_gaps},
    {"OBJ-2-14", "device memory is not touched", device_memory_is_not_touched},
    {"", "idle", woken_from_idle},
};
const struct suite suite_edges = SUITE("edges", tests);
