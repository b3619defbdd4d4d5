/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The device-tree reader at the edges of its conditions: each case makes one of them decide.
 * Expected values: the Devicetree Specification v0.4 and the bindings named in platform_fdt.c.
 */
#include "platform_bed.h"

static void set_bytes(const char *path, const char *name, const void *bytes, int count)
{
    must(fdt_setprop(blob, fdt_path_offset(blob, path), name, bytes, count));
}

/* A bus below the root, translated as a whole, with one PL011 at 0x1000 in it. */
static void add_bus(void)
{
    delete_node("/pl011@9000000");
    add_node("/", "soc");
    CELLS("/soc", "#address-cells", 1);
    CELLS("/soc", "#size-cells", 1);
    CELLS("/soc", "ranges", 0, 0, 0x9000000, 0x10000);
    add_node("/soc", "serial");
    set_string("/soc/serial", "compatible", "arm,pl011");
    CELLS("/soc/serial", "reg", 0x1000, 0x200);
    set_string("/chosen", "stdout-path", "/soc/serial");
}

static void chooses_the_range(void **state)
{
    (void)state;
    add_bus();
    CELLS("/soc", "ranges", 0x2000, 0, 0x3000000, 0x1000, 0, 0, 0x1000000, 0x1000, 0x1000, 0,
          0x2000000, 0x1000);
    accept();
    assert_int_equal(p.uart, 0x2000000); /* neither the range above nor that which ends before */
    set_bytes("/soc", "ranges", NULL, 0);
    accept();
    assert_int_equal(p.uart, 0x1000); /* empty: the same addresses (specification §2.3.8) */
}

static void refuses_cells_of_buses(void **state)
{
    (void)state;
    add_bus();
    CELLS("/soc", "#size-cells", 0);
    refuse_with("/soc/serial reg: expected #address-cells and #size-cells of 1 or 2");
    CELLS("/soc", "#size-cells", 3);
    refuse_with("/soc/serial reg: expected #address-cells and #size-cells of 1 or 2");
    CELLS("/soc", "#size-cells", 1);
    add_node("/soc", "inner");
    CELLS("/soc/inner", "#address-cells", 1);
    CELLS("/soc/inner", "#size-cells", 1);
    CELLS("/soc/inner", "ranges", 0, 0x4000, 0x1000);
    add_node("/soc/inner", "serial");
    set_string("/soc/inner/serial", "compatible", "arm,pl011");
    CELLS("/soc/inner/serial", "reg", 0x100, 0x100);
    set_string("/chosen", "stdout-path", "/soc/inner/serial");
    accept();
    assert_int_equal(p.uart, 0x9004100);
    CELLS("/soc", "#address-cells", 3);
    refuse_with("/soc/inner #address-cells: expected 1 or 2"); /* the bus above is not understood */
    CELLS("/soc", "#address-cells", 1);
    CELLS("/soc", "#size-cells", 0);
    refuse_with("/soc #address-cells: expected 1 or 2");
    CELLS("/soc", "#size-cells", 3);
    refuse_with("/soc/inner #address-cells: expected 1 or 2");
}

/* A path that does not fit into a sentence is not cut: its node is only called deep. */
static void names_a_deep_node(void **state)
{
    char path[160] = "";

    (void)state;
    delete_node("/pl011@9000000");
    for (unsigned i = 0; i < 4; i++) {
        add_node(path[0] == '\0' ? "/" : path, "a-name-of-thirty-one-characters");
        strcat(path, "/a-name-of-thirty-one-characters");
        CELLS(path, "#address-cells", 2);
        CELLS(path, "#size-cells", 2);
    }
    set_string(path, "compatible", "arm,pl011");
    CELLS(path, "reg", 0, 0);
    set_string("/chosen", "stdout-path", path);
    refuse_with("(deep node) reg: expected whole entries");
}

static void takes_status_words(void **state)
{
    static const struct {
        const char *word;
        int bytes;
        uint64_t uart;
    } cases[] = {
        {"okay", 5, 0x9000000}, {"ok", 3, 0x9000000}, {"o", 2, 0},      {"okayy", 6, 0},
        {"disabled", 9, 0},     {"reserved", 9, 0},   {"failed", 7, 0}, {"", 0, 0},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        set_bytes("/pl011@9000000", "status", cases[i].word, cases[i].bytes);
        set_string("/chosen", "stdout-path", "nowhere");
        accept();
        assert_int_equal(p.uart, cases[i].uart);
    }
}

static void bounds_reserved_memory(void **state)
{
    (void)state;
    must(fdt_add_mem_rsv(blob, UINT64_C(1) << 48, 0x1000));
    refuse_with("memory reservation block: expected ranges below 2^48");
    must(fdt_del_mem_rsv(blob, 0));
    must(fdt_add_mem_rsv(blob, 0x1000, UINT64_C(1) << 48));
    refuse_with("memory reservation block: expected ranges below 2^48");
    must(fdt_del_mem_rsv(blob, 0));
    add_node("/", "reserved-memory");
    CELLS("/reserved-memory", "#address-cells", 2);
    CELLS("/reserved-memory", "#size-cells", 2);
    set_bytes("/reserved-memory", "ranges", NULL, 0);
    add_node("/reserved-memory", "none");
    CELLS("/reserved-memory/none", "reg", 0, 0x50000000, 0, 0);
    add_node("/reserved-memory", "off");
    CELLS("/reserved-memory/off", "reg", 0, 0x51000000, 0, 0x1000);
    set_string("/reserved-memory/off", "status", "disabled");
    accept();
    assert_int_equal(p.reserved_count, 0); /* an empty range and a disabled node reserve nothing */
    CELLS("/reserved-memory/none", "reg", 0xffffffff, 0, 0, 0x1000);
    refuse_with("expected an end of at most 0x1000000000000");
    CELLS("/reserved-memory/none", "reg", 0, 0x50000000, 0, 0x1000, 0, 0x52000000, 0, 0x1000);
    for (unsigned i = 0; i < PLATFORM_MAX_RESERVED - 1; i++) {
        must(fdt_add_mem_rsv(blob, 0x49000000 + i * 0x10000, 0x1000));
    }
    refuse_with("reserved memory: expected at most 32 ranges"); /* the second entry is too many */
    must(fdt_add_mem_rsv(blob, 0x4a000000, 0x1000));
    must(fdt_add_mem_rsv(blob, 0x4a010000, 0x1000));
    refuse_with("reserved memory: expected at most 32 ranges");
}

static void reads_counts_of_the_gic(void **state)
{
    (void)state;
    CELLS("/intc@8000000", "reg", 0, 0x8000000, 0, 0x10000, 0, 0x8010000, 0, 0);
    refuse_with("intc@8000000 reg: expected one more entry, found none, or an empty one");
    set_string("/intc@8000000", "compatible", "arm,gic-v3");
    CELLS("/intc@8000000", "reg", 0, 0x8000000, 0, 0x20000, 0, 0x80a0000, 0, 0xf60000);
    CELLS("/intc@8000000", "#redistributor-regions", 0);
    refuse_with("#redistributor-regions: expected 1 to 7, found 0x0");
    CELLS("/intc@8000000", "#redistributor-regions", 0, 2); /* not one cell: as if it were absent */
    accept();
    assert_int_equal(p.device_private_count, 2);
    CELLS("/intc@8000000", "#interrupt-cells", 2);
    refuse_with("#interrupt-cells: expected 3 or 4, found 0x2");
    CELLS("/intc@8000000", "#interrupt-cells", 5);
    refuse_with("#interrupt-cells: expected 3 or 4, found 0x5");
    CELLS("/intc@8000000", "#interrupt-cells", 4);
    CELLS("/timer", "interrupts", 1, 13, 4, 0, 1, 14, 4, 0, 1, 12, 4, 0);
    accept();
    assert_int_equal(p.timer_irq, 28);
    CELLS("/intc@8000000", "#interrupt-cells", 0, 4); /* not one cell: three, as the binding says */
    CELLS("/timer", "interrupts", 1, 13, 4, 1, 14, 4, 1, 11, 4);
    accept();
    assert_int_equal(p.timer_irq, 27);
}

/* Seven separate regions of redistributors and the distributor: all that there is room for. */
static void holds_seven_redistributor_regions(void **state)
{
    uint32_t reg[32];

    (void)state;
    set_string("/intc@8000000", "compatible", "arm,gic-v3");
    for (unsigned i = 0; i < 8; i++) {
        reg[4 * i] = 0;
        reg[4 * i + 1] = 0x8000000 + i * 0x100000;
        reg[4 * i + 2] = 0;
        reg[4 * i + 3] = 0x20000;
    }
    set_cells("/intc@8000000", "reg", reg, 32);
    CELLS("/intc@8000000", "#redistributor-regions", 7);
    accept();
    assert_int_equal(p.device_private_count, PLATFORM_MAX_PRIVATE);
    assert_range(p.device_private[7], 0x8700000, 0x8720000);
}

static void ignores_what_is_malformed(void **state)
{
    (void)state;
    set_bytes("/chosen", "stdout-path", "/pl011@9000000", 0); /* empty: the first PL011 */
    accept();
    assert_int_equal(p.uart, 0x9000000);
    set_bytes("/chosen", "stdout-path", "/timer", 6); /* not terminated */
    accept();
    assert_int_equal(p.uart, 0x9000000);
    set_string("/cpus/cpu@0", "device_type", "cpus");
    add_node("/cpus", "cpu@1");
    set_string("/cpus/cpu@1", "device_type", "cpx");
    set_string("/psci", "method", "hvcs");
    accept();
    assert_int_equal(p.cpu_count, 1); /* nobody says that it is a CPU: this one at least */
    assert_int_equal(p.psci, PSCI_NONE);
    set_string("/psci", "method", "hvx");
    accept();
    assert_int_equal(p.psci, PSCI_NONE);
    delete_node("/chosen");
    accept();
    assert_int_equal(p.uart, 0x9000000);
    assert_int_equal(p.options.domains, 1);
}

static void reads_the_model(void **state)
{
    char wide[PLATFORM_NAME_BYTES + 8];

    (void)state;
    set_string("/", "model", "");
    accept();
    assert_string_equal(p.model,
                        "linux,dummy-virt"); /* without a model, what it is compatible with */
    set_string("/", "model",
               "a\x7f"
               "b");
    accept();
    assert_string_equal(p.model, "a?b");
    memset(wide, 'w', sizeof wide);
    wide[sizeof wide - 1] = '\0';
    set_string("/", "model", wide);
    accept();
    assert_int_equal(strlen(p.model), PLATFORM_NAME_BYTES - 1);
    set_bytes("/", "model", "xyz", 3); /* not terminated: nothing behind it is read */
    accept();
    assert_string_equal(p.model, "xyz");
    must(fdt_delprop(blob, 0, "model"));
    must(fdt_delprop(blob, 0, "compatible"));
    accept();
    assert_string_equal(p.model, "");
}

static void reads_words_of_options(void **state)
{
    (void)state;
    set_string("/chosen", "bootargs", "\nkaal.domains=4\r\nquiet\tkaal.smc=on\r");
    accept();
    assert_int_equal(p.options.domains, 4);
    assert_true(p.options.smc);
    set_bytes("/chosen", "bootargs", "", 0);
    accept();
    set_string("/chosen", "bootargs",
               "kaal.domains=000000000000000000000000000000000000000000000000000001");
    refuse_with("\"kaal.domains=000000000000000000000000000000000000000000000000000…\": expected");
    set_string("/chosen", "bootargs", "kaal.domains=1\x7f\x01");
    refuse_with("\"kaal.domains=1??\": expected a decimal number");
}

/* Nodes nested deeper than the checker follows, and a strings block that is empty. */
static void bounds_the_shape(void **state)
{
    char path[1024] = "";

    (void)state;
    p.flavour = "debug";
    assert_non_null(strstr(platform_from_fdt(&p, blob, UINT64_C(0x80000000)), "header: expected"));
    for (unsigned i = 0; i < 70; i++) {
        add_node(path[0] == '\0' ? "/" : path, "n");
        strcat(path, "/n");
        if (read_as("debug") != NULL) {
            assert_true(i >= 30); /* no board's tree is as deep */
            refuse_with("structure block: expected whole nodes and properties, found a bad one");
            return;
        }
    }
    fail_msg("expected a bound on the depth of trees, found none");
}

static void takes_an_empty_strings_block(void **state)
{
    (void)state;
    must(fdt_create_empty_tree(blob, BLOB_BYTES));
    must(fdt_pack(blob));
    assert_int_equal(fdt_size_dt_strings(blob), 0);
    refuse_with("memory nodes: expected some RAM, found none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(chooses_the_range, make_virt),
        cmocka_unit_test_setup(refuses_cells_of_buses, make_virt),
        cmocka_unit_test_setup(names_a_deep_node, make_virt),
        cmocka_unit_test_setup(takes_status_words, make_virt),
        cmocka_unit_test_setup(bounds_reserved_memory, make_virt),
        cmocka_unit_test_setup(reads_counts_of_the_gic, make_virt),
        cmocka_unit_test_setup(holds_seven_redistributor_regions, make_virt),
        cmocka_unit_test_setup(ignores_what_is_malformed, make_virt),
        cmocka_unit_test_setup(reads_the_model, make_virt),
        cmocka_unit_test_setup(reads_words_of_options, make_virt),
        cmocka_unit_test_setup(bounds_the_shape, make_virt),
        cmocka_unit_test_setup(takes_an_empty_strings_block, make_virt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
