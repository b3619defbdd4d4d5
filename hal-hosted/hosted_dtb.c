/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The tree of hosted_dtb.h, in QEMU's order of nodes and properties (tests/qemu/dtb.sh compares).
 */
#include "hosted_dtb.h"

#include <libfdt.h>
#include <stdio.h>

enum {
    PHANDLE_CLOCK = 0x8000,
    PHANDLE_CPU = 0x8001,
    PHANDLE_GIC = 0x8002,
    PHANDLE_MSI = 0x8003,
    PHANDLE_GPIO = 0x8004,
    VIRTIO_SLOTS = 32,
    PCI_SLOTS = 4,
    SPI = 0,
    PPI = 1,
    EDGE = 1,
    LEVEL = 4,
    GIC_V2_CPU0 = 0x100, /* "this PPI goes to CPU 0" in a GICv2 interrupt */
};

struct tree {
    void *fdt;
    int error; /* first one */
    enum gic_kind gic;
};

static void note(struct tree *t, int error)
{
    t->error = t->error != 0 ? t->error : error;
}

static void begin(struct tree *t, const char *name)
{
    note(t, fdt_begin_node(t->fdt, name));
}

static void end(struct tree *t)
{
    note(t, fdt_end_node(t->fdt));
}

static void text(struct tree *t, const char *name, const char *value)
{
    note(t, fdt_property_string(t->fdt, name, value));
}

/* Several strings: a literal with NULs between them. */
#define TEXTS(t, name, literal) note(t, fdt_property((t)->fdt, name, literal, sizeof(literal)))

static void flag(struct tree *t, const char *name)
{
    note(t, fdt_property(t->fdt, name, NULL, 0));
}

static void cells(struct tree *t, const char *name, const uint32_t *value, unsigned count)
{
    fdt32_t big[PCI_SLOTS * PCI_SLOTS * 10];
    for (unsigned i = 0; i < count; i++) {
        big[i] = cpu_to_fdt32(value[i]);
    }
    note(t, fdt_property(t->fdt, name, big, (int)(count * sizeof big[0])));
}

#define CELLS(t, name, ...)                                                                        \
    do {                                                                                           \
        const uint32_t list[] = {__VA_ARGS__};                                                     \
        cells(t, name, list, sizeof list / sizeof list[0]);                                        \
    } while (0)

/* reg of one piece below 4 GiB, two address and two size cells. */
static void reg(struct tree *t, uint32_t address, uint32_t bytes)
{
    CELLS(t, "reg", 0, address, 0, bytes);
}

/* Flags of a private interrupt: GICv2 names the CPU in them. */
static uint32_t ppi_flags(const struct tree *t)
{
    return LEVEL | (t->gic == GIC_V2 ? GIC_V2_CPU0 : 0);
}

static void add_psci(struct tree *t)
{
    begin(t, "psci");
    CELLS(t, "migrate", 0xc4000005);
    CELLS(t, "cpu_on", 0xc4000003);
    CELLS(t, "cpu_off", 0x84000002);
    CELLS(t, "cpu_suspend", 0xc4000001);
    text(t, "method", "hvc");
    TEXTS(t, "compatible", "arm,psci-1.0\0arm,psci-0.2\0arm,psci");
    end(t);
}

static void add_memory(struct tree *t, uint64_t bytes)
{
    begin(t, "memory@40000000");
    CELLS(t, "reg", 0, 0x40000000, (uint32_t)(bytes >> 32), (uint32_t)bytes);
    text(t, "device_type", "memory");
    end(t);
}

static void add_platform_bus(struct tree *t)
{
    begin(t, "platform-bus@c000000");
    CELLS(t, "interrupt-parent", PHANDLE_GIC);
    CELLS(t, "ranges", 0, 0, 0xc000000, 0x2000000);
    CELLS(t, "#address-cells", 1);
    CELLS(t, "#size-cells", 1);
    TEXTS(t, "compatible", "qemu,platform\0simple-bus");
    end(t);
}

static void add_fw_cfg(struct tree *t)
{
    begin(t, "fw-cfg@9020000");
    flag(t, "dma-coherent");
    reg(t, 0x9020000, 0x18);
    text(t, "compatible", "qemu,fw-cfg-mmio");
    end(t);
}

static void add_virtio(struct tree *t, unsigned slot)
{
    char name[32];
    uint32_t address = 0xa000000 + slot * 0x200;
    snprintf(name, sizeof name, "virtio_mmio@%x", address);
    begin(t, name);
    flag(t, "dma-coherent");
    CELLS(t, "interrupts", SPI, 16 + slot, EDGE);
    reg(t, address, 0x200);
    text(t, "compatible", "virtio,mmio");
    end(t);
}

static void add_gpio_keys(struct tree *t)
{
    begin(t, "gpio-keys");
    text(t, "compatible", "gpio-keys");
    begin(t, "poweroff");
    CELLS(t, "gpios", PHANDLE_GPIO, 3, 0);
    CELLS(t, "linux,code", 116); /* KEY_POWER */
    text(t, "label", "GPIO Key Poweroff");
    end(t);
    end(t);
}

static void add_gpio(struct tree *t)
{
    begin(t, "pl061@9030000");
    CELLS(t, "phandle", PHANDLE_GPIO);
    text(t, "clock-names", "apb_pclk");
    CELLS(t, "clocks", PHANDLE_CLOCK);
    CELLS(t, "interrupts", SPI, 7, LEVEL);
    flag(t, "gpio-controller");
    CELLS(t, "#gpio-cells", 2);
    TEXTS(t, "compatible", "arm,pl061\0arm,primecell");
    reg(t, 0x9030000, 0x1000);
    end(t);
}

/* Slot s, pin p → shared interrupt 3 + (s + p) % 4. */
static void add_pci_interrupts(struct tree *t)
{
    uint32_t map[PCI_SLOTS * PCI_SLOTS * 10];
    unsigned n = 0;
    for (uint32_t slot = 0; slot < PCI_SLOTS; slot++) {
        for (uint32_t pin = 0; pin < PCI_SLOTS; pin++) {
            const uint32_t row[10] = {
                slot << 11, 0, 0, pin + 1, PHANDLE_GIC, 0, 0, SPI, 3 + (slot + pin) % PCI_SLOTS,
                LEVEL};
            for (unsigned i = 0; i < 10; i++) {
                map[n++] = row[i];
            }
        }
    }
    CELLS(t, "interrupt-map-mask", 0x1800, 0, 0, 7);
    cells(t, "interrupt-map", map, n);
}

static void add_pci(struct tree *t)
{
    begin(t, "pcie@10000000");
    add_pci_interrupts(t);
    CELLS(t, "#interrupt-cells", 1);
    CELLS(t, "ranges", 0x1000000, 0, 0, 0, 0x3eff0000, 0, 0x10000, 0x2000000, 0, 0x10000000, 0,
          0x10000000, 0, 0x2eff0000, 0x3000000, 0x80, 0, 0x80, 0, 0x80, 0);
    CELLS(t, "reg", 0x40, 0x10000000, 0, 0x10000000);
    CELLS(t, "msi-map", 0, PHANDLE_MSI, 0, 0x10000);
    flag(t, "dma-coherent");
    CELLS(t, "bus-range", 0, 0xff);
    CELLS(t, "linux,pci-domain", 0);
    CELLS(t, "#size-cells", 2);
    CELLS(t, "#address-cells", 3);
    text(t, "device_type", "pci");
    text(t, "compatible", "pci-host-ecam-generic");
    end(t);
}

static void add_clock_and_console(struct tree *t)
{
    begin(t, "pl031@9010000");
    text(t, "clock-names", "apb_pclk");
    CELLS(t, "clocks", PHANDLE_CLOCK);
    CELLS(t, "interrupts", SPI, 2, LEVEL);
    reg(t, 0x9010000, 0x1000);
    TEXTS(t, "compatible", "arm,pl031\0arm,primecell");
    end(t);
    begin(t, "pl011@9000000");
    TEXTS(t, "clock-names", "uartclk\0apb_pclk");
    CELLS(t, "clocks", PHANDLE_CLOCK, PHANDLE_CLOCK);
    CELLS(t, "interrupts", SPI, 1, LEVEL);
    reg(t, 0x9000000, 0x1000);
    TEXTS(t, "compatible", "arm,pl011\0arm,primecell");
    end(t);
    begin(t, "pmu");
    CELLS(t, "interrupts", PPI, 7, ppi_flags(t));
    text(t, "compatible", "arm,armv8-pmuv3");
    end(t);
}

/* Properties that both controllers have after their own. */
static void add_gic_common(struct tree *t)
{
    flag(t, "ranges");
    CELLS(t, "#size-cells", 2);
    CELLS(t, "#address-cells", 2);
    flag(t, "interrupt-controller");
    CELLS(t, "#interrupt-cells", 3);
}

static void add_gic_v2(struct tree *t)
{
    begin(t, "intc@8000000");
    CELLS(t, "phandle", PHANDLE_GIC);
    CELLS(t, "reg", 0, 0x8000000, 0, 0x10000, 0, 0x8010000, 0, 0x10000);
    text(t, "compatible", "arm,cortex-a15-gic");
    add_gic_common(t);
    begin(t, "v2m@8020000");
    CELLS(t, "phandle", PHANDLE_MSI);
    reg(t, 0x8020000, 0x1000);
    flag(t, "msi-controller");
    text(t, "compatible", "arm,gic-v2m-frame");
    end(t);
    end(t);
}

static void add_gic_v3(struct tree *t)
{
    begin(t, "intc@8000000");
    CELLS(t, "phandle", PHANDLE_GIC);
    CELLS(t, "reg", 0, 0x8000000, 0, 0x10000, 0, 0x80a0000, 0, 0xf60000);
    CELLS(t, "#redistributor-regions", 1);
    text(t, "compatible", "arm,gic-v3");
    add_gic_common(t);
    begin(t, "its@8080000");
    CELLS(t, "phandle", PHANDLE_MSI);
    reg(t, 0x8080000, 0x20000);
    CELLS(t, "#msi-cells", 1);
    flag(t, "msi-controller");
    text(t, "compatible", "arm,gic-v3-its");
    end(t);
    end(t);
}

static void add_flash(struct tree *t)
{
    begin(t, "flash@0");
    CELLS(t, "bank-width", 4);
    CELLS(t, "reg", 0, 0, 0, 0x4000000, 0, 0x4000000, 0, 0x4000000);
    text(t, "compatible", "cfi-flash");
    end(t);
}

static void add_cpus(struct tree *t)
{
    begin(t, "cpus");
    CELLS(t, "#size-cells", 0);
    CELLS(t, "#address-cells", 1);
    begin(t, "cpu-map");
    begin(t, "socket0");
    begin(t, "cluster0");
    begin(t, "core0");
    CELLS(t, "cpu", PHANDLE_CPU);
    end(t);
    end(t);
    end(t);
    end(t);
    begin(t, "cpu@0");
    CELLS(t, "phandle", PHANDLE_CPU);
    CELLS(t, "reg", 0);
    text(t, "compatible", "arm,cortex-a53");
    text(t, "device_type", "cpu");
    end(t);
    end(t);
}

static void add_timer(struct tree *t)
{
    uint32_t flags = ppi_flags(t);
    begin(t, "timer");
    CELLS(t, "interrupts", PPI, 13, flags, PPI, 14, flags, PPI, 11, flags, PPI, 10, flags);
    flag(t, "always-on");
    TEXTS(t, "compatible", "arm,armv8-timer\0arm,armv7-timer");
    end(t);
    begin(t, "apb-pclk");
    CELLS(t, "phandle", PHANDLE_CLOCK);
    text(t, "clock-output-names", "clk24mhz");
    CELLS(t, "clock-frequency", 24000000);
    CELLS(t, "#clock-cells", 0);
    text(t, "compatible", "fixed-clock");
    end(t);
}

static void add_chosen(struct tree *t)
{
    begin(t, "chosen");
    text(t, "stdout-path", "/pl011@9000000");
    CELLS(t, "rng-seed", 0, 0, 0, 0, 0, 0, 0, 0);
    CELLS(t, "kaslr-seed", 0, 0);
    end(t);
}

static void add_devices(struct tree *t)
{
    add_platform_bus(t);
    add_fw_cfg(t);
    for (unsigned slot = 0; slot < VIRTIO_SLOTS; slot++) {
        add_virtio(t, slot);
    }
    add_gpio_keys(t);
    add_gpio(t);
    add_pci(t);
    add_clock_and_console(t);
    if (t->gic == GIC_V2) {
        add_gic_v2(t);
    } else {
        add_gic_v3(t);
    }
    add_flash(t);
}

size_t hosted_dtb_make(void *buf, size_t size, uint64_t ram_bytes, enum gic_kind gic)
{
    struct tree t = {.fdt = buf, .gic = gic};
    note(&t, fdt_create(buf, (int)size));
    note(&t, fdt_finish_reservemap(buf));
    begin(&t, "");
    CELLS(&t, "interrupt-parent", PHANDLE_GIC);
    text(&t, "model", "linux,dummy-virt");
    CELLS(&t, "#size-cells", 2);
    CELLS(&t, "#address-cells", 2);
    text(&t, "compatible", "linux,dummy-virt");
    add_psci(&t);
    add_memory(&t, ram_bytes);
    add_devices(&t);
    add_cpus(&t);
    add_timer(&t);
    add_chosen(&t);
    end(&t);
    note(&t, fdt_finish(buf));
    return t.error == 0 ? fdt_totalsize(buf) : 0;
}
