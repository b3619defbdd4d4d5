/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The device-tree reader: what it makes of a tree shaped like QEMU's `virt`, and the sentence for
 * each thing that can be wrong. Expected values: platform.h, abi/boot.md §2, the Devicetree
 * Specification v0.4 and the bindings named in platform_fdt.c. Sanitized, so that every damaged
 * tree is also a memory-safety test.
 */
#include "platform_bed.h"

static void reads_virt(void **state)
{
    (void)state;
    accept();
    assert_string_equal(p.model, "linux,dummy-virt");
    assert_int_equal(p.ram_count, 1);
    assert_range(p.ram[0], 0x40000000, 0x60000000);
    assert_int_equal(p.reserved_count, 0);
    assert_int_equal(p.gic, GIC_V2);
    assert_int_equal(p.gic_frames[0], 0x8000000);
    assert_int_equal(p.gic_frames[1], 0x8010000);
    assert_int_equal(p.device_private_count, 2); /* abi/boot.md §2: exactly these pages */
    assert_range(p.device_private[0], 0x8000000, 0x8001000);
    assert_range(p.device_private[1], 0x8010000, 0x8011000);
    assert_int_equal(p.uart, 0x9000000);
    assert_int_equal(p.timer_irq, 27);
    assert_int_equal(p.cpu_count, 1);
    assert_int_equal(p.psci, PSCI_HVC);
    set_string("/", "model", "a \x01 board");
    set_string("/psci", "method", "smc");
    accept();
    assert_string_equal(p.model, "a ? board");
    assert_int_equal(p.psci, PSCI_SMC);
}

static void reads_gicv3(void **state)
{
    (void)state;
    set_string("/intc@8000000", "compatible", "arm,gic-v3");
    CELLS("/intc@8000000", "reg", 0, 0x8000000, 0, 0x20000, 0, 0x80a0000, 0, 0xf60000, 0x40, 0, 0,
          0x20000);
    accept();
    assert_int_equal(p.gic, GIC_V3);
    assert_int_equal(p.gic_frames[1], 0x80a0000);
    assert_int_equal(p.gic_sizes[1], 0xf60000);
    assert_int_equal(p.device_private_count, 2);
    assert_range(p.device_private[0], 0x8000000, 0x8010000);
    assert_range(p.device_private[1], 0x80a0000, 0x9000000);
    CELLS("/intc@8000000", "#redistributor-regions", 2);
    accept();
    assert_int_equal(p.device_private_count, 3);
    assert_range(p.device_private[2], 0x4000000000, 0x4000020000);
    CELLS("/intc@8000000", "#redistributor-regions", 3);
    refuse_with("intc@8000000 reg: expected one more entry");
    CELLS("/intc@8000000", "#redistributor-regions", 8);
    refuse_with("#redistributor-regions: expected 1 to 7, found 0x8");
    CELLS("/intc@8000000", "#redistributor-regions", 1);
    CELLS("/intc@8000000", "reg", 0, 0x8000000, 0, 0x1000, 0, 0x80a0000, 0, 0xf60000);
    refuse_with("expected frames of at least 64 KiB, found 0x1000");
}

static void merges_memory(void **state)
{
    (void)state;
    CELLS("/memory@40000000", "reg", 0, 0x50000000, 0, 0x10000000, 0, 0x40000000, 0, 0x10000000, 8,
          0x800, 0, 0x2800, 0, 0x10000000, 0, 0x800, 0, 0x20000000, 0, 0);
    add_node("/", "memory@30000000");
    set_string("/memory@30000000", "device_type", "memory");
    CELLS("/memory@30000000", "reg", 0, 0x30000000, 0, 0x1000);
    add_node("/", "memory@31000000");
    set_string("/memory@31000000", "device_type", "memory");
    set_string("/memory@31000000", "status", "disabled");
    CELLS("/memory@31000000", "reg", 0, 0x31000000, 0, 0x1000);
    accept();
    assert_int_equal(p.ram_count, 3); /* rounded inward: nothing of the half page is left */
    assert_range(p.ram[0], 0x30000000, 0x30001000);
    assert_range(p.ram[1], 0x40000000, 0x60000000);
    assert_range(p.ram[2], 0x800001000, 0x800003000);
}

static void reads_one_cell_memory(void **state)
{
    (void)state;
    CELLS("/", "#address-cells", 1);
    CELLS("/", "#size-cells", 1);
    CELLS("/memory@40000000", "reg", 0x80000000, 0x10000000);
    CELLS("/intc@8000000", "reg", 0x8000000, 0x1000, 0x8010000, 0x2000);
    CELLS("/pl011@9000000", "reg", 0x9000000, 0x1000);
    accept();
    assert_range(p.ram[0], 0x80000000, 0x90000000);
}

static void refuses_memory(void **state)
{
    (void)state;
    CELLS("/memory@40000000", "reg", 0, 0x40000000, 0);
    refuse_with("/memory@40000000 reg: expected whole entries");
    CELLS("/memory@40000000", "reg", 0xffffffff, 0xfffff000, 0, 0x2000);
    refuse_with("expected an end of at most 0x1000000000000");
    CELLS("/memory@40000000", "reg", 0, 0x40000000, 0, 0x800);
    refuse_with("expected some RAM, found none");
    CELLS("/", "#size-cells", 3);
    refuse_with("#address-cells and #size-cells of 1 or 2");
    CELLS("/", "#size-cells", 2);
    delete_node("/memory@40000000");
    refuse_with("expected some RAM, found none");
    for (unsigned i = 0; i < PLATFORM_MAX_RAM + 1; i++) {
        char path[32] = "/memory@a";
        path[8] = (char)('a' + i);
        add_node("/", path + 1);
        set_string(path, "device_type", "memory");
        CELLS(path, "reg", 1, i * 0x10000, 0, 0x1000);
        if (i == PLATFORM_MAX_RAM - 1) {
            accept();
        }
    }
    refuse_with("at most 16 separate ranges");
}

static void reads_reserved(void **state)
{
    (void)state;
    must(fdt_add_mem_rsv(blob, 0x48000010, 0x20));
    add_node("/", "reserved-memory");
    CELLS("/reserved-memory", "#address-cells", 2);
    CELLS("/reserved-memory", "#size-cells", 2);
    must(fdt_setprop(blob, fdt_path_offset(blob, "/reserved-memory"), "ranges", NULL, 0));
    add_node("/reserved-memory", "secure@50000000");
    CELLS("/reserved-memory/secure@50000000", "reg", 0, 0x50000000, 0, 0x100000);
    must(fdt_setprop(blob, fdt_path_offset(blob, "/reserved-memory/secure@50000000"), "no-map",
                     NULL, 0));
    add_node("/reserved-memory", "pool");
    CELLS("/reserved-memory/pool", "size", 0, 0x100000);
    accept();
    assert_int_equal(p.reserved_count, 2);
    assert_range(p.reserved[0], 0x48000000, 0x48001000);
    bool secure_first = p.reserved[0].start == 0x50000000;
    assert_range(p.reserved[secure_first ? 0 : 1], 0x50000000, 0x50100000);
    assert_int_equal(p.reserved_no_map, 2);
    for (unsigned i = 0; i < PLATFORM_MAX_RESERVED - 2; i++) {
        must(fdt_add_mem_rsv(blob, 0x49000000 + i * 0x10000, 0x1000));
    }
    accept();
    must(fdt_add_mem_rsv(blob, 0x4a000000, 0x1000));
    refuse_with("reserved memory: expected at most 32 ranges");
}

static void translates_buses(void **state)
{
    (void)state;
    delete_node("/pl011@9000000");
    add_node("/", "soc");
    set_string("/soc", "compatible", "simple-bus");
    CELLS("/soc", "#address-cells", 1);
    CELLS("/soc", "#size-cells", 1);
    CELLS("/soc", "ranges", 0x7e000000, 0, 0x3f000000, 0x1000000);
    add_node("/soc", "serial@7e201000");
    set_string("/soc/serial@7e201000", "compatible", "arm,pl011");
    CELLS("/soc/serial@7e201000", "reg", 0x7e201000, 0x200);
    add_node("/", "aliases");
    set_string("/aliases", "serial0", "/soc/serial@7e201000");
    set_string("/chosen", "stdout-path", "serial0:115200n8");
    accept();
    assert_int_equal(p.uart, 0x3f201000);
    CELLS("/soc", "ranges", 0, 0, 0x3f000000, 0x1000000);
    refuse_with("/soc ranges: expected a range that holds the device, found 0x7e201000");
    must(fdt_delprop(blob, fdt_path_offset(blob, "/soc"), "ranges"));
    refuse_with("/soc ranges: expected a translation");
    set_string("/soc/serial@7e201000", "status", "disabled");
    set_string("/chosen", "stdout-path", "nowhere");
    accept();
    assert_int_equal(p.uart, 0);
}

static void refuses_devices(void **state)
{
    (void)state;
    CELLS("/timer", "interrupts", 1, 13, 0x104, 1, 14, 0x104);
    refuse_with("/timer interrupts: expected at least three");
    CELLS("/timer", "interrupts", 1, 13, 4, 1, 14, 4, 0, 11, 4);
    refuse_with("expected a private interrupt 0..15 as the third");
    CELLS("/timer", "interrupts", 1, 13, 4, 1, 14, 4, 1, 16, 4);
    refuse_with("expected a private interrupt 0..15 as the third");
    delete_node("/timer");
    refuse_with("arm,armv8-timer");
    CELLS("/intc@8000000", "reg", 0, 0x8000000, 0, 0x10000);
    refuse_with("intc@8000000 reg: expected one more entry");
    set_string("/intc@8000000", "status", "disabled");
    refuse_with("interrupt controller: expected a node");
}

static void counts_cpus(void **state)
{
    (void)state;
    add_node("/cpus", "cpu@1");
    set_string("/cpus/cpu@1", "device_type", "cpu");
    add_node("/cpus", "cpu@2");
    set_string("/cpus/cpu@2", "device_type", "cpu");
    set_string("/cpus/cpu@2", "status", "disabled");
    add_node("/cpus", "cpu-map");
    accept();
    assert_int_equal(p.cpu_count, 2);
    delete_node("/cpus");
    accept();
    assert_int_equal(p.cpu_count, 1);
}

/* The tree's bootargs reach the option reader (test_platform_options.c has the rest). */
static void passes_options(void **state)
{
    (void)state;
    accept();
    assert_true(p.options.debug_calls);
    assert_int_equal(p.options.domains, 1);
    assert_null(read_as("release"));
    assert_false(p.options.debug_calls);
    assert_string_equal(p.flavour, "release");
    set_string("/chosen", "bootargs", "console=ttyAMA0 kaal.domains=4");
    accept();
    assert_int_equal(p.options.domains, 4);
    set_string("/chosen", "bootargs", "kaal.domains=257");
    refuse_with("boot option \"kaal.domains=257\": expected a decimal number from 1 to 256");
}

static void refuses_headers(void **state)
{
    (void)state;
    must(fdt_pack(blob));
    uint32_t size = fdt_totalsize(blob);
    p.flavour = "debug";
    assert_non_null(strstr(platform_from_fdt(&p, NULL, size), "header: expected"));
    assert_non_null(strstr(platform_from_fdt(&p, (char *)blob + 4, size - 4), "header: expected"));
    assert_non_null(strstr(platform_from_fdt(&p, blob, 39), "header: expected"));
    assert_non_null(strstr(platform_from_fdt(&p, blob, size - 1), "totalsize: expected"));
    fdt_set_magic(blob, 0xd00dfeee);
    refuse_with("magic: expected 0xd00dfeed, found 0xd00dfeee");
    fdt_set_magic(blob, FDT_MAGIC);
    fdt_set_off_dt_struct(blob, fdt_off_dt_struct(blob) + 1);
    refuse_with("header: expected aligned offsets");
}

/* One damaged word each: header word `index`, or the word at `offset` of the structure block. */
static void refuses_shapes(void **state)
{
    static const struct {
        unsigned index;
        uint32_t value;
        const char *sentence;
    } cases[] = {
        {1, 39, "totalsize: expected"},
        {5, 16, "version: expected one compatible with 17, found 0x10"},
        {6, 18, "version: expected"},
        {2, 0xfffffff0, "structure block: expected an end inside the blob, found 0x10000"},
        {3, 0xfffffff0, "strings block: expected an end inside the blob"},
        {4, 0xfffffff0, "memory reservation block: expected an end inside"},
        {8, 0xffffffff, "strings block: expected an end inside"},
        {9, 0x7fffffff, "structure block: expected an end inside"},
        {9, 4, "structure block: expected whole nodes and properties, found a bad one at offset"},
        {9, 8, "structure block: expected an end token after the root node, found none"},
    };
    (void)state;
    must(fdt_pack(blob));
    fdt32_t *head = blob;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fdt32_t old = head[cases[i].index];
        head[cases[i].index] = cpu_to_fdt32(cases[i].value);
        p.flavour = "debug";
        const char *error = platform_from_fdt(&p, blob, BLOB_BYTES);
        assert_non_null(error);
        if (strstr(error, cases[i].sentence) == NULL) {
            fail_msg("case %zu: %s", i, error);
        }
        head[cases[i].index] = old;
    }
    fdt32_t *structure = head + fdt_off_dt_struct(blob) / 4;
    fdt32_t *property = structure + 2; /* behind the root's token and empty name */
    fdt32_t length = property[1];
    property[1] = cpu_to_fdt32(0xfffffff0); /* backwards */
    refuse_with("a bad one at offset");
    property[1] = length;
    property[2] = cpu_to_fdt32(fdt_size_dt_strings(blob));
    refuse_with("a bad one at offset");
    property[2] = 0;
    property[0] = cpu_to_fdt32(7);
    refuse_with("a bad one at offset");
    structure[0] = cpu_to_fdt32(9); /* an end before the root */
    refuse_with("a bad one at offset");
}

/* Every truncation and every damaged byte ends in a description or a sentence. The blob lies at the
 * end of its allocation, so that a read behind it is seen. */
static void survives_damage(void **state)
{
    (void)state;
    set_string("/chosen", "bootargs", "kaal.domains=4");
    must(fdt_add_mem_rsv(blob, 0x48000000, 0x1000));
    must(fdt_pack(blob));
    uint32_t size = fdt_totalsize(blob) / 8 * 8 + 8;
    uint8_t *copy = malloc(size);
    assert_non_null(copy);
    unsigned refused = 0;
    p.flavour = "debug";
    for (uint32_t cut = 0; cut < fdt_totalsize(blob); cut++) {
        uint8_t *shorter = malloc(cut + 1);
        assert_non_null(shorter);
        memcpy(shorter, blob, cut);
        assert_non_null(platform_from_fdt(&p, shorter, cut));
        free(shorter);
    }
    for (uint32_t i = 0; i < fdt_totalsize(blob); i++) {
        for (unsigned damage = 0; damage < 3; damage++) {
            memcpy(copy, blob, size);
            copy[i] = damage == 0 ? 0xff : (uint8_t)(copy[i] ^ (damage == 1 ? 1 : 0x80));
            const char *error = platform_from_fdt(&p, copy, fdt_totalsize(blob));
            refused += error != NULL;
            assert_true(error == NULL || strlen(error) > 20);
            assert_true(p.ram_count <= PLATFORM_MAX_RAM);
        }
    }
    free(copy);
    assert_true(refused > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(reads_virt, make_virt),
        cmocka_unit_test_setup(reads_gicv3, make_virt),
        cmocka_unit_test_setup(merges_memory, make_virt),
        cmocka_unit_test_setup(reads_one_cell_memory, make_virt),
        cmocka_unit_test_setup(refuses_memory, make_virt),
        cmocka_unit_test_setup(reads_reserved, make_virt),
        cmocka_unit_test_setup(translates_buses, make_virt),
        cmocka_unit_test_setup(refuses_devices, make_virt),
        cmocka_unit_test_setup(counts_cpus, make_virt),
        cmocka_unit_test_setup(passes_options, make_virt),
        cmocka_unit_test_setup(refuses_headers, make_virt),
        cmocka_unit_test_setup(refuses_shapes, make_virt),
        cmocka_unit_test_setup(survives_damage, make_virt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
