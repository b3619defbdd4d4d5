/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a loading machine reads from a device tree about console, CPUs and interrupts: trees of the
 * shapes of QEMU virt, raspi3b and xlnx-zcu102 (Linux bindings of the devices), and damaged ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include "image_dtb.h"

static uint8_t tree[8192] __attribute__((aligned(8)));

static int add(int parent, const char *name)
{
    return fdt_add_subnode(tree, parent, name);
}

static int node_of(const char *path)
{
    return fdt_path_offset(tree, path);
}

static void cells(const char *path, const char *name, unsigned count, const uint32_t *values)
{
    fdt32_t out[16];

    for (unsigned i = 0; i < count; i++) {
        out[i] = cpu_to_fdt32(values[i]);
    }
    assert_int_equal(fdt_setprop(tree, node_of(path), name, out, (int)(count * 4)), 0);
}

#define CELLS(path, name, ...)                                                                     \
    cells(path, name, sizeof((uint32_t[]){__VA_ARGS__}) / 4, (uint32_t[]){__VA_ARGS__})

static void text(const char *path, const char *name, const char *value)
{
    assert_int_equal(fdt_setprop_string(tree, node_of(path), name, value), 0);
}

static void start(uint32_t address_cells, uint32_t size_cells)
{
    assert_int_equal(fdt_create_empty_tree(tree, sizeof tree), 0);
    CELLS("/", "#address-cells", address_cells);
    CELLS("/", "#size-cells", size_cells);
    add(0, "chosen");
    add(0, "aliases");
}

/* A device on a bus whose addresses are moved as on the Raspberry Pi. */
static void make_bus(const char *compatible)
{
    start(1, 1);
    add(0, "soc");
    CELLS("/soc", "#address-cells", 1);
    CELLS("/soc", "#size-cells", 1);
    CELLS("/soc", "ranges", 0x40000000, 0x40000000, 0x1000, 0x7e000000, 0x3f000000, 0x1000000);
    add(node_of("/soc"), "serial@7e215040");
    CELLS("/soc/serial@7e215040", "reg", 0x7e215040, 0x40);
    text("/soc/serial@7e215040", "compatible", compatible);
    text("/aliases", "serial0", "/soc/serial@7e215040");
    text("/chosen", "stdout-path", "serial0:115200n8");
}

static void test_console_kinds(void **state)
{
    static const struct {
        const char *compatible;
        enum image_uart_kind kind;
        unsigned shift;
        unsigned width;
    } rows[] = {
        {"arm,pl011", IMAGE_UART_PL011, 0, 4},
        {"ns16550a", IMAGE_UART_16550, 0, 1},
        {"snps,dw-apb-uart", IMAGE_UART_16550, 2, 4},
        {"brcm,bcm2835-aux-uart", IMAGE_UART_16550, 2, 4},
        {"cdns,uart-r1p8", IMAGE_UART_CADENCE, 0, 4},
        {"xlnx,xuartps", IMAGE_UART_CADENCE, 0, 4},
        {"vendor,other", IMAGE_UART_NONE, 0, 0},
    };
    struct image_uart uart;

    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        make_bus(rows[i].compatible);
        image_dtb_uart(tree, &uart);
        assert_int_equal(uart.kind, rows[i].kind);
        if (uart.kind != IMAGE_UART_NONE) {
            assert_int_equal(uart.base, 0x3f215040); /* through the bus's ranges */
            assert_int_equal(uart.shift, rows[i].shift);
            assert_int_equal(uart.width, rows[i].width);
        }
    }
    make_bus("ns16550a");
    CELLS("/soc/serial@7e215040", "reg-shift", 2);
    CELLS("/soc/serial@7e215040", "reg-io-width", 4);
    image_dtb_uart(tree, &uart);
    assert_int_equal(uart.shift, 2);
    assert_int_equal(uart.width, 4);
    CELLS("/soc/serial@7e215040", "reg-shift", 9);
    CELLS("/soc/serial@7e215040", "reg-io-width", 3);
    image_dtb_uart(tree, &uart);
    assert_int_equal(uart.shift, 0);
    assert_int_equal(uart.width, 1);
}

static void test_console_that_cannot_be_reached(void **state)
{
    struct image_uart uart;

    (void)state;
    make_bus("arm,pl011");
    CELLS("/soc", "ranges", 0x40000000, 0x40000000, 0x1000); /* not the device's address */
    image_dtb_uart(tree, &uart);
    assert_int_equal(uart.kind, IMAGE_UART_NONE);
    fdt_delprop(tree, node_of("/soc"), "ranges");
    image_dtb_uart(tree, &uart);
    assert_int_equal(uart.kind, IMAGE_UART_NONE);
    fdt_setprop_empty(tree, node_of("/soc"), "ranges");
    image_dtb_uart(tree, &uart);
    assert_int_equal(uart.kind, IMAGE_UART_PL011);
    assert_int_equal(uart.base, 0x7e215040);
    CELLS("/soc", "ranges", 0x7e000000, 0, 0x3f000000, 0x1000000);
    CELLS("/", "#address-cells", 3);
    image_dtb_uart(tree, &uart);
    assert_int_equal(uart.kind, IMAGE_UART_NONE);
    CELLS("/", "#address-cells", 1);
    fdt_setprop_empty(tree, node_of("/soc/serial@7e215040"), "reg");
    image_dtb_uart(tree, &uart);
    assert_int_equal(uart.kind, IMAGE_UART_NONE);
    fdt_setprop(tree, node_of("/chosen"), "stdout-path", "x", 1); /* without its end */
    image_dtb_uart(tree, &uart);
    assert_int_equal(uart.kind, IMAGE_UART_NONE);
    fdt_del_node(tree, node_of("/chosen"));
    image_dtb_uart(tree, &uart);
    assert_int_equal(uart.kind, IMAGE_UART_NONE);
}

/* The way of a console's address through its bus, at the edges. */
static void test_ranges_of_buses(void **state)
{
    struct image_uart uart;

    (void)state;
    make_bus("arm,pl011");
    CELLS("/soc", "ranges", 0x7f000000, 0x1000000, 0x1000000, 0x7e000000, 0x3f000000, 0x1000000);
    image_dtb_uart(tree, &uart);
    assert_int_equal(uart.base, 0x3f215040); /* the first range begins above the address */
    CELLS("/soc", "#address-cells", 3);
    CELLS("/soc/serial@7e215040", "reg", 0, 0, 0x7e215040, 0x40);
    image_dtb_uart(tree, &uart);
    assert_int_equal(uart.kind, IMAGE_UART_NONE);
    make_bus("arm,pl011");
    CELLS("/soc", "#size-cells", 3);
    CELLS("/soc/serial@7e215040", "reg", 0x7e215040, 0, 0, 0x40);
    image_dtb_uart(tree, &uart);
    assert_int_equal(uart.kind, IMAGE_UART_NONE);
    make_bus("arm,pl011");
    text("/chosen", "stdout-path", "/"); /* the root is no device */
    image_dtb_uart(tree, &uart);
    assert_int_equal(uart.kind, IMAGE_UART_NONE);
    fdt_setprop_empty(tree, node_of("/chosen"), "stdout-path");
    image_dtb_uart(tree, &uart);
    assert_int_equal(uart.kind, IMAGE_UART_NONE);
    make_bus("arm,pl011");
    CELLS("/soc/serial@7e215040", "reg-io-width", 1);
    image_dtb_uart(tree, &uart);
    assert_int_equal(uart.width, 1);
}

static void add_cpu(const char *name, uint32_t mpidr)
{
    char path[64] = "/cpus/";

    add(node_of("/cpus"), name);
    strcat(path, name);
    text(path, "device_type", "cpu");
    CELLS(path, "reg", mpidr);
}

static void test_cpus(void **state)
{
    struct image_cpu cpus[IMAGE_MAX_CPUS];

    (void)state;
    start(2, 2);
    assert_int_equal(image_dtb_cpus(tree, cpus), 0);
    add(0, "cpus");
    CELLS("/cpus", "#address-cells", 1);
    CELLS("/cpus", "#size-cells", 0);
    add_cpu("cpu@3", 3);
    add_cpu("cpu@2", 2);
    add_cpu("cpu@101", 0x101);
    add_cpu("cpu@0", 0);
    text("/cpus/cpu@0", "enable-method", "psci");
    text("/cpus/cpu@101", "enable-method", "spin-table");
    CELLS("/cpus/cpu@101", "cpu-release-addr", 0, 0xe0);
    text("/cpus/cpu@2", "enable-method", "spin-table"); /* without an address */
    text("/cpus/cpu@3", "status", "fail");
    assert_int_equal(image_dtb_cpus(tree, cpus), 3);
    assert_int_equal(cpus[0].mpidr, 0);
    assert_int_equal(cpus[0].method, IMAGE_CPU_PSCI);
    assert_int_equal(cpus[1].mpidr, 0x101);
    assert_int_equal(cpus[1].method, IMAGE_CPU_SPIN_TABLE);
    assert_int_equal(cpus[1].release, 0xe0);
    assert_int_equal(cpus[2].mpidr, 2);
    assert_int_equal(cpus[2].method, IMAGE_CPU_UNKNOWN);
    CELLS("/cpus/cpu@101", "cpu-release-addr", 0xe8); /* one cell: the binding's older form */
    CELLS("/cpus/cpu@2", "cpu-release-addr", 0, 0, 0xe0);
    fdt_delprop(tree, node_of("/cpus/cpu@0"), "reg");
    text("/cpus/cpu@3", "status", "okay");
    text("/cpus/cpu@3", "device_type", "cache");
    assert_int_equal(image_dtb_cpus(tree, cpus), 2);
    assert_int_equal(cpus[0].release, 0xe8);
    assert_int_equal(cpus[1].method, IMAGE_CPU_UNKNOWN);
    CELLS("/cpus", "#address-cells", 3);
    assert_int_equal(image_dtb_cpus(tree, cpus), 0);
    CELLS("/cpus", "#address-cells", 2); /* reg has one cell now */
    assert_int_equal(image_dtb_cpus(tree, cpus), 0);
}

static void test_more_cpus_than_there_is_room_for(void **state)
{
    struct image_cpu cpus[IMAGE_MAX_CPUS];
    char name[16];

    (void)state;
    start(2, 2);
    add(0, "cpus");
    CELLS("/cpus", "#address-cells", 1);
    CELLS("/cpus", "#size-cells", 0);
    for (unsigned i = 0; i < IMAGE_MAX_CPUS + 2; i++) {
        snprintf(name, sizeof name, "cpu@%x", i);
        add_cpu(name, i);
    }
    assert_int_equal(image_dtb_cpus(tree, cpus), IMAGE_MAX_CPUS);
}

static void test_psci_and_timer(void **state)
{
    (void)state;
    start(2, 2);
    assert_int_equal(image_dtb_psci(tree), IMAGE_PSCI_NONE);
    assert_int_equal(image_dtb_timer_frequency(tree), 0);
    add(0, "psci");
    text("/psci", "compatible", "arm,psci-0.2");
    assert_int_equal(image_dtb_psci(tree), IMAGE_PSCI_NONE);
    text("/psci", "method", "hvc");
    assert_int_equal(image_dtb_psci(tree), IMAGE_PSCI_HVC);
    text("/psci", "method", "smc");
    assert_int_equal(image_dtb_psci(tree), IMAGE_PSCI_SMC);
    text("/psci", "compatible", "arm,psci-1.0");
    assert_int_equal(image_dtb_psci(tree), IMAGE_PSCI_SMC);
    text("/psci", "compatible", "arm,psci");
    assert_int_equal(image_dtb_psci(tree), IMAGE_PSCI_SMC);
    text("/psci", "compatible", "arm,psci-0.1");
    assert_int_equal(image_dtb_psci(tree), IMAGE_PSCI_NONE);
    add(0, "timer");
    text("/timer", "compatible", "arm,armv8-timer");
    assert_int_equal(image_dtb_timer_frequency(tree), 0);
    CELLS("/timer", "clock-frequency", 19200000);
    assert_int_equal(image_dtb_timer_frequency(tree), 19200000);
}

static void test_interrupt_controllers(void **state)
{
    struct image_gic gic;

    (void)state;
    start(2, 2);
    image_dtb_gic(tree, &gic);
    assert_int_equal(gic.version, 0);
    add(0, "intc");
    CELLS("/intc", "reg", 0, 0x8000000, 0, 0x10000, 0, 0x8010000, 0, 0x10000);
    text("/intc", "compatible", "arm,cortex-a15-gic");
    image_dtb_gic(tree, &gic);
    assert_int_equal(gic.version, 2);
    assert_int_equal(gic.distributor.base, 0x8000000);
    assert_int_equal(gic.second.base, 0x8010000);
    text("/intc", "compatible", "arm,gic-v3");
    image_dtb_gic(tree, &gic);
    assert_int_equal(gic.version, 3);
    assert_int_equal(gic.second.size, 0x10000);
    CELLS("/intc", "reg", 0, 0x8000000, 0, 0x10000);
    image_dtb_gic(tree, &gic);
    assert_int_equal(gic.version, 0);
    fdt_delprop(tree, node_of("/intc"), "reg");
    image_dtb_gic(tree, &gic);
    assert_int_equal(gic.version, 0);
}

static void test_reserve(void **state)
{
    struct image_error err;
    uint64_t size;
    uint64_t base;
    uint64_t length;

    (void)state;
    start(2, 2);
    fdt_pack(tree);
    size = fdt_totalsize(tree);
    assert_int_equal(image_dtb_reserve(tree, sizeof tree, 0x1000, 0x2000, &size, &err), 0);
    assert_int_equal(size, fdt_totalsize(tree));
    assert_int_equal(fdt_num_mem_rsv(tree), 1);
    assert_int_equal(fdt_get_mem_rsv(tree, 0, &base, &length), 0);
    assert_int_equal(base, 0x1000);
    assert_int_equal(length, 0x2000);
    assert_int_equal(image_dtb_reserve(tree, size, 0x4000, 0x1000, &size, &err), IMAGE_BAD_DTB);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_console_kinds),
        cmocka_unit_test(test_console_that_cannot_be_reached),
        cmocka_unit_test(test_ranges_of_buses),
        cmocka_unit_test(test_cpus),
        cmocka_unit_test(test_more_cpus_than_there_is_room_for),
        cmocka_unit_test(test_psci_and_timer),
        cmocka_unit_test(test_interrupt_controllers),
        cmocka_unit_test(test_reserve),
    };

    return cmocka_run_group_tests_name("image_machine", tests, NULL, NULL);
}
