/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What memory user level gets at boot (abi/boot.md §2, §3), on machines of all shapes.
 */
#include "boot.h"
#include "console.h"

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

/* ---- booting with the console captured ---- */

static void boot_now(void *unused)
{
    (void)unused;
    fx.cpu = machine_boot();
    fx.root = fx.cpu->current;
    fx.slots = cnode_of(fx.root->slots[TCB_CSPACE].cap);
    fx.info = hal_window(paddr(cap_object(fx.slots[SLOT_BOOTINFO_FRAME].cap)));
}

/* Returns the run's status, or MACHINE_RAN_ON when it booted: then the fixture shows the machine.
 */
static int try_boot(const struct platform *p, const char **text)
{
    machine_create(p, 0);
    return console_run(boot_now, NULL, text);
}

/* ---- what user level gets ---- */

static const struct untyped_desc *untyped(uint64_t i)
{
    return &fx.info->untyped_list[i];
}
static uint64_t untyped_count(void)
{
    return fx.info->untyped.end - fx.info->untyped.start;
}
static uint64_t untyped_end(uint64_t i)
{
    return untyped(i)->paddr + (1ull << untyped(i)->size_bits);
}

static bool overlaps(struct range a, struct range b)
{
    return a.start < a.end && b.start < b.end && a.start < b.end && b.start < a.end;
}

static bool in_some_ram(const struct platform *p, uint64_t start, uint64_t end)
{
    for (unsigned i = 0; i < p->ram_count; i++)
        if (start >= p->ram[i].start && end <= p->ram[i].end)
            return true;
    return false;
}

/* May this byte be in an ordinary Untyped? The root objects are known by the caps to them. */
static void expect_free(const struct platform *p, struct range piece)
{
    for (unsigned i = 0; i < p->reserved_count; i++)
        assert_false(overlaps(piece, p->reserved[i]));
    assert_false(overlaps(piece, (struct range){p->kernel_boot.end, p->kernel.end}));
    assert_false(overlaps(piece, p->dtb));
    assert_false(overlaps(piece, p->user));
    assert_false(overlaps(piece, (struct range){cap_object(fx_cap(SLOT_INIT_CNODE)),
                                                pa_of(fx.root) + (1u << TCB_BITS)}));
}

/* Order, cut and kind of every entry (abi/boot.md §2, §2.1). */
static void expect_untypeds(const struct platform *p)
{
    unsigned kind = 0; /* 0 device, 1 the kernel's boot memory, 2 free RAM */
    for (uint64_t i = 0; i < untyped_count(); i++) {
        const struct untyped_desc *u = untyped(i);
        struct range piece = {u->paddr, untyped_end(i)};
        struct cap cap = fx_cap(fx.info->untyped.start + i);
        assert_int_equal(cap_type(cap), CAP_UNTYPED);
        assert_int_equal(cap_object(cap), u->paddr);
        assert_int_equal(untyped_bits(cap), u->size_bits);
        assert_int_equal(untyped_is_device(cap), u->is_device);
        assert_true(u->size_bits >= 4 && u->size_bits <= 47);
        assert_int_equal(u->paddr % (1ull << u->size_bits), 0);
        unsigned now = u->is_device ? 0 : overlaps(piece, p->kernel_boot) ? 1 : 2;
        assert_true(now >= kind);
        assert_true(i == 0 || now != kind || u->paddr >= untyped_end(i - 1));
        kind = now;
        if (now == 0) {
            for (unsigned j = 0; j < p->ram_count; j++)
                assert_false(overlaps(piece, p->ram[j]));
            for (unsigned j = 0; j < p->device_private_count; j++)
                assert_false(overlaps(piece, p->device_private[j]));
        } else {
            assert_true(in_some_ram(p, piece.start, piece.end));
            expect_free(p, piece);
        }
    }
}

/* Adjacent pieces of one region: the first could not have been larger (§2.1). */
static void expect_greedy(void)
{
    for (uint64_t i = 0; i + 1 < untyped_count(); i++) {
        const struct untyped_desc *u = untyped(i);
        if (untyped_end(i) != untyped(i + 1)->paddr || untyped(i + 1)->is_device != u->is_device)
            continue;
        bool misaligned = u->paddr % (2ull << u->size_bits) != 0;
        bool at_zero = u->paddr == 0 && u->size_bits == 39;
        bool rest_smaller = untyped(i + 1)->size_bits < u->size_bits;
        assert_true(misaligned || at_zero || rest_smaller || u->size_bits == 47);
    }
}

static uint64_t seed;
static uint64_t random_below(uint64_t n)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (seed >> 33) % n;
}

/* Several pieces of RAM with holes between them, reserved ranges inside and outside. */
static struct platform random_machine(void)
{
    struct platform p = small(256 * 1024);
    uint64_t at = p.ram[0].end;
    p.ram_count = 1 + (uint32_t)random_below(4);
    for (unsigned i = 1; i < p.ram_count; i++) {
        p.ram[i].start = at + (1 + random_below(200)) * PAGE;
        p.ram[i].end = at = p.ram[i].start + (1 + random_below(60)) * PAGE;
    }
    p.dtb.end = p.dtb.start = p.user.end + random_below(100) * 16;
    if (random_below(2))
        p.dtb.end += 1 + random_below(2 * PAGE);
    p.reserved_count = (uint32_t)random_below(8);
    for (unsigned i = 0; i < p.reserved_count; i++) {
        uint64_t start = p.user.end + 3 * PAGE + random_below((at - p.user.end) / 16) * 16;
        p.reserved[i] = (struct range){start, start + random_below(300) * 16};
    }
    return p;
}

static void machines_with_holes(void **unused)
{
    unsigned booted = 0, full = 0;
    (void)unused;
    for (seed = 1; booted < 200;) {
        struct platform p = random_machine();
        const char *text;
        if (try_boot(&p, &text) == MACHINE_RAN_ON) {
            expect_untypeds(&p);
            expect_greedy();
            booted++;
        } else { /* reserved ranges took it all */
            CONTAINS(text, "boot: no free memory region has ");
            full++;
        }
        machine_destroy();
    }
    assert_true(full < booted);
}

/* abi/boot.md §2.1: 0 counts as aligned to 2^39, no piece is larger than 2^47. */
static void the_largest_devices(void **unused)
{
    struct platform p = small(FX_RAM);
    unsigned largest = 0;
    (void)unused;
    p.device_top = 1ull << 49;
    fx_boot(&p);
    expect_untypeds(&p);
    expect_greedy();
    for (uint64_t i = 0; i < untyped_count(); i++)
        largest += untyped(i)->size_bits == 47;
    assert_int_equal(largest, 3); /* 2^47, and 2^48 in two */
    machine_destroy();
    p = small(FX_RAM);
    p.device_top = 1ull << 40;
    p.device_private_count = 0;
    fx_boot(&p);
    assert_int_equal(untyped(0)->paddr, 0);
    assert_int_equal(untyped(0)->size_bits, 30); /* up to the RAM at 2^30 */
    machine_destroy();
}

/* abi/boot.md §2.1: at most 230 entries, more are not provided, with a line on the console. */
static void more_pieces_than_places(void **unused)
{
    struct platform p = small(8 * MIB);
    const char *text;
    (void)unused;
    p.reserved_count = PLATFORM_MAX_RESERVED;
    for (unsigned i = 0; i < p.reserved_count; i++) {
        uint64_t start = BASE + 256 * 1024 + i * 0x20010ull;
        p.reserved[i] = (struct range){start, start + 16};
    }
    assert_int_equal(try_boot(&p, &text), MACHINE_RAN_ON);
    CONTAINS(text, "boot: no place for the untyped 0x");
    assert_int_equal(untyped_count(), 230);
    assert_int_equal(fx.info->empty.start, fx.info->untyped.end);
    expect_untypeds(&p);
    fx_check(__FILE__, __LINE__);
    machine_destroy();
}

/* The block goes to the top of the last region that can hold it (§2): too small a one is skipped,
 * and so is one that is large enough but not when the start is aligned to the CNode's size. */
static void the_last_region_with_room(void **unused)
{
    enum {
        BYTES = (1 << 15) + 8 * PAGE /* CNode of 2^10 slots */
    };
    struct platform p = small(FX_RAM);
    (void)unused;
    p.ram_count = 3;
    p.ram[1] = (struct range){BASE + MIB + PAGE, BASE + MIB + PAGE + BYTES};
    p.ram[2] = (struct range){BASE + 2 * MIB, BASE + 2 * MIB + BYTES - PAGE};
    fx_boot(&p);
    uint64_t cnode = cap_object(fx_cap(SLOT_INIT_CNODE));
    assert_true(cnode > BASE && cnode < p.ram[0].end);
    assert_int_equal(cnode, p.ram[0].end - BYTES);
    machine_destroy();
    p.ram[1].end += 7 * PAGE;
    fx_boot(&p);
    assert_int_equal(cap_object(fx_cap(SLOT_INIT_CNODE)), BASE + MIB + 8 * PAGE);
    machine_destroy();
}

/* The root CNode grows by itself when the initial caps would fill over a quarter of it: fixed
 * slots, tables, frames, and 230 untypeds. */
static void radix_of_the_root_cnode(void **unused)
{
    static const unsigned pages[] = {2, 5, 6, 7, 8, 774, 775, 4};
    static const unsigned wanted[] = {4, 8, 8, 8, 8, 8, 8, 13};
    static const unsigned expected[] = {10, 10, 10, 10, 11, 12, 13, 13};
    (void)unused; /* 16 + 3 + 230 + pages up to 256; a second last-level table from 511 pages on */
    for (unsigned i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        struct platform p = small(8 * MIB);
        p.user.end = p.user.start + (uint64_t)pages[i] * PAGE;
        p.options.root_cnode_bits = wanted[i];
        fx_boot(&p);
        assert_int_equal(fx.info->init_cnode_bits, expected[i]);
        assert_int_equal(fx.info->empty.end, 1ull << expected[i]);
        assert_int_equal(cnode_radix(fx_cap(SLOT_INIT_CNODE)), expected[i]);
        assert_int_equal(cnode_guard_size(fx_cap(SLOT_INIT_CNODE)), 64 - expected[i]);
        machine_destroy();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(machines_with_holes),     cmocka_unit_test(the_largest_devices),
        cmocka_unit_test(more_pieces_than_places), cmocka_unit_test(the_last_region_with_room),
        cmocka_unit_test(radix_of_the_root_cnode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
