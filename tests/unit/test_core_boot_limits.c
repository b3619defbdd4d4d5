/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Boot at its limits: what stops it and with which sentence, ticks that are off or late, the
 * banner.
 */
#include "boot.h"
#include "console.h"
#include "internal.h"

enum {
    PAGE = 4096,
    BASE = 0x40000000,
    MIB = 1024 * 1024
};

static struct platform small(uint64_t ram_bytes)
{
    struct platform p;
    machine_small_platform(&p, ram_bytes);
    return p;
}

static void boot_now(void *cpu)
{
    *(struct cpu **)cpu = machine_boot();
}

/* ---- what stops it: one sentence and status 104 ---- */

#define FAILS(platform, sentence) fails(platform, sentence, __LINE__)
static void fails(struct platform p, const char *sentence, int line)
{
    struct cpu *cpu;
    const char *text;
    machine_create(&p, 0);
    int status = console_run(boot_now, &cpu, &text);
    machine_destroy();
    if (status == 104 && strcmp(text, sentence) == 0)
        return;
    print_error("expected status 104: %sfound %d: %s\n", sentence, status, text);
    _fail(__FILE__, line);
}

/* 2^16 slots of 32 bytes; VSpace, ASID pool, IPC buffer, bootinfo, three tables, the TCB's page. */
static void no_room_for_the_root_objects(void **unused)
{
    struct platform p = small(MIB);
    (void)unused;
    p.options.root_cnode_bits = 16;
    FAILS(p, "boot: no free memory region has 2129920 bytes for the root task's objects\n");
}

static void the_image_does_not_fit(void **unused)
{
    struct platform p = small(FX_RAM);
    uint64_t bytes = p.user.end - p.user.start;
    (void)unused;
    p.user_pv_offset += 16;
    FAILS(p, "boot: the root task's image at 0x3ffff0 does not fit the user range\n");
    p = small(FX_RAM);
    p.user.end = p.user.start;
    FAILS(p, "boot: the root task's image at 0x400000 does not fit the user range\n");
    p = small(FX_RAM); /* the image's end is above the range */
    p.user_pv_offset = p.user.start - (USER_TOP + 1 - bytes / 2);
    FAILS(p, "boot: the root task's image at 0x7ffffffff000 does not fit the user range\n");
    p = small(FX_RAM); /* the image fits, but not what lies behind it */
    p.user_pv_offset = p.user.start - (USER_TOP + 1 - bytes);
    FAILS(p, "boot: the root task's image at 0x7fffffffe000 does not fit the user range\n");
    p.user_pv_offset += PAGE; /* nor when there is room for one of the two pages that follow */
    FAILS(p, "boot: the root task's image at 0x7fffffffd000 does not fit the user range\n");
}

/* A device tree of 1 MiB and the head of its chunk are 257 pages. */
static void the_device_tree_is_too_large(void **unused)
{
    struct platform p = small(4 * MIB);
    (void)unused;
    p.dtb = (struct range){BASE + MIB, BASE + MIB + 257 * PAGE - 15};
    FAILS(p, "boot: the device tree needs 258 pages, more than 257\n");
    p.options.root_cnode_bits = 12;
    p.dtb.end -= 1;
    fx_boot(&p);
    assert_int_equal(fx.info->extra_len, 257 * PAGE);
    assert_int_equal(fx.info->extra_bi_pages.end - fx.info->extra_bi_pages.start, 257);
    machine_destroy();
}

static void add_one(void *regions)
{
    struct regions *r = regions;
    uint64_t start = r->count * 2ull * PAGE;
    regions_add(r, (struct range){start, start + PAGE});
}

static void too_many_pieces(void **unused)
{
    static struct regions regions;
    const char *text;
    (void)unused;
    for (unsigned i = 0; i < BOOT_MAX_REGIONS; i++)
        assert_int_equal(console_run(add_one, &regions, &text), MACHINE_RAN_ON);
    assert_int_equal(console_run(add_one, &regions, &text), 104);
    assert_string_equal(text, "boot: memory is in more than 64 pieces\n");
}

static void take_slot(void *boot)
{
    (void)boot_next_slot(boot);
}

static void the_root_cnode_is_full(void **unused)
{
    struct slot slots[16];
    struct boot boot = {.radix = 4, .next_slot = 15, .cnode = slots};
    const char *text;
    (void)unused;
    assert_int_equal(console_run(take_slot, &boot, &text), MACHINE_RAN_ON);
    assert_int_equal(console_run(take_slot, &boot, &text), 104);
    assert_string_equal(text,
                        "boot: the root CNode of 16 slots is full; raise kaal.root_cnode_bits\n");
}

/* ---- options and flavours ---- */

static void without_ticks(void **unused)
{
    struct platform p = small(FX_RAM);
    uint64_t at;
    (void)unused;
    p.options.tick_us = 0;
    fx_boot(&p);
    assert_false(machine_next_event(&at));
    hal_timer_arm(hal_timer_now() + 10); /* somebody else's */
    assert_true(machine_next_event(&at));
    machine_advance(at - machine_now());
    uint32_t slice = fx.root->slice;
    fx_trap(TRAP_INTERRUPT, 0, 0);
    assert_int_equal(fx.root->slice, slice);
    assert_ptr_equal(fx.cpu->current, fx.root);
    machine_destroy();
}

/* One interrupt for several missed ticks; the next comes a whole tick later. */
static void late_ticks(void **unused)
{
    struct platform p = small(FX_RAM);
    uint64_t at;
    (void)unused;
    fx_boot(&p);
    machine_advance(7 * 2000000 + 1008); /* ns; a tick is 2 ms */
    fx_trap(TRAP_INTERRUPT, 0, 0);
    assert_int_equal(fx.root->slice, p.options.slice_ticks - 1);
    assert_true(machine_next_event(&at));
    assert_int_equal(at - machine_now(), 2000000);
    machine_destroy();
}

static void the_banner(void **unused)
{
    struct platform p = small(FX_RAM);
    struct cpu *cpu;
    const char *text;
    (void)unused;
    p.options.log = LOG_NORMAL;
    machine_create(&p, 0);
    assert_int_equal(console_run(boot_now, &cpu, &text), MACHINE_RAN_ON);
    machine_destroy();
    CONTAINS(text, "\nKaaL kernel ");
    CONTAINS(text, " (debug)\n  model: kaal,small\n  kernel: 0x40000000 .. 0x40008000, "
                   "boot part to 0x40002000\n"
                   "  user image: 0x40008000 .. 0x4000a000, offset 0x3fc08000, entry 0x400000\n"
                   "  device tree: 0x40008000, 0 bytes\n"
                   "  memory: 0x40000000 .. 0x40080000 (0 MiB)\n"
                   "  GICv2, interrupts 0..287, timer interrupt 27 at 62500000 Hz\n"
                   "  root CNode of 2^10 slots, ");
    CONTAINS(text, " untypeds; starting the root task\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_room_for_the_root_objects),
        cmocka_unit_test(the_image_does_not_fit),
        cmocka_unit_test(the_device_tree_is_too_large),
        FX_CASE(too_many_pieces),
        FX_CASE(the_root_cnode_is_full),
        cmocka_unit_test(without_ticks),
        cmocka_unit_test(late_ticks),
        cmocka_unit_test(the_banner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
