/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a loading machine asks a checked device tree about the machine: console, CPUs and how they
 * are started, interrupt controller (Devicetree Specification 0.4 and the Linux bindings of the
 * devices). Whatever is missing or malformed is as if it were not there.
 */
#include <libfdt.h>
#include <string.h>

#include "image_dtb.h"

/* One number of `cells` words, at most two. */
static uint64_t read_number(const fdt32_t *p, int cells)
{
    uint64_t value = fdt32_to_cpu(p[0]);

    return cells == 2 ? value << 32 | fdt32_to_cpu(p[1]) : value;
}

static bool get_u32_property(const void *dtb, int node, const char *name, uint32_t *value)
{
    int length;
    const fdt32_t *p = fdt_getprop(dtb, node, name, &length);

    if (p == NULL || length != (int)sizeof *p) {
        return false;
    }
    *value = fdt32_to_cpu(*p);
    return true;
}

/* Is the text property `name` of the node equal to value? */
static bool is_property(const void *dtb, int node, const char *name, const char *value)
{
    int length;
    const char *p = fdt_getprop(dtb, node, name, &length);
    int expected = (int)strlen(value) + 1;

    return p != NULL && length == expected && memcmp(p, value, (size_t)expected) == 0;
}

static bool is_cell_count(int n)
{
    return n == 1 || n == 2;
}

/* Translates an address of `bus` to one of its parent by the bus's ranges; false = no such way. */
static bool through_ranges(const void *dtb, int bus, int parent, uint64_t *address)
{
    int length;
    const fdt32_t *p = fdt_getprop(dtb, bus, "ranges", &length);
    int child_cells = fdt_address_cells(dtb, bus);
    int parent_cells = fdt_address_cells(dtb, parent);
    int size_cells = fdt_size_cells(dtb, bus);
    int step;

    if (p == NULL || length == 0) {
        return p != NULL; /* empty: the same addresses */
    }
    if (!is_cell_count(child_cells) || !is_cell_count(parent_cells) || !is_cell_count(size_cells)) {
        return false;
    }
    step = child_cells + parent_cells + size_cells;
    for (length /= (int)sizeof *p; length >= step; length -= step, p += step) {
        uint64_t from = read_number(p, child_cells);
        uint64_t to = read_number(p + child_cells, parent_cells);
        uint64_t size = read_number(p + child_cells + parent_cells, size_cells);

        if (*address >= from && *address - from < size) {
            *address = to + (*address - from);
            return true;
        }
    }
    return false;
}

/* The node's reg ranges, at most max, the first `count` of them, as physical addresses. */
static bool physical_reg(const void *dtb, int node, struct image_range *ranges, unsigned max,
                         unsigned *count)
{
    int bus = fdt_parent_offset(dtb, node);

    *count = 0;
    if (bus < 0 || !image_dtb_reg(dtb, node, bus, ranges, max, count) || *count == 0) {
        return false;
    }
    while (bus > 0) {
        int parent = fdt_parent_offset(dtb, bus);

        for (unsigned i = 0; i < *count; i++) {
            if (parent < 0 || !through_ranges(dtb, bus, parent, &ranges[i].base)) {
                return false;
            }
        }
        bus = parent;
    }
    return true;
}

/* ---- console ---- */

/* The node that stdout-path names, without the options after a colon. */
static int stdout_node(const void *dtb)
{
    int length;
    int chosen = fdt_path_offset(dtb, "/chosen");
    const char *path = chosen < 0 ? NULL : fdt_getprop(dtb, chosen, "stdout-path", &length);
    const char *colon;

    if (path == NULL || length < 1 || path[length - 1] != '\0') {
        return -FDT_ERR_NOTFOUND;
    }
    colon = strchr(path, ':');
    return fdt_path_offset_namelen(dtb, path, colon != NULL ? (int)(colon - path) : length - 1);
}

void image_dtb_uart(const void *dtb, struct image_uart *uart)
{
    static const struct {
        const char *compatible;
        enum image_uart_kind kind;
        uint8_t shift;
        uint8_t width;
    } known[] = {
        {"arm,pl011", IMAGE_UART_PL011, 0, 4},
        {"ns16550a", IMAGE_UART_16550, 0, 1},
        {"ns16550", IMAGE_UART_16550, 0, 1},
        {"snps,dw-apb-uart", IMAGE_UART_16550, 2, 4},
        {"brcm,bcm2835-aux-uart", IMAGE_UART_16550, 2, 4},
        {"cdns,uart-r1p8", IMAGE_UART_CADENCE, 0, 4},
        {"cdns,uart-r1p12", IMAGE_UART_CADENCE, 0, 4},
        {"xlnx,xuartps", IMAGE_UART_CADENCE, 0, 4},
    };
    int node = stdout_node(dtb);
    struct image_range range[4];
    unsigned count;
    uint32_t value;

    uart->kind = IMAGE_UART_NONE;
    if (node < 0 || !physical_reg(dtb, node, range, 4, &count)) {
        return;
    }
    for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (fdt_node_check_compatible(dtb, node, known[i].compatible) != 0) {
            continue;
        }
        uart->kind = known[i].kind;
        uart->base = range[0].base;
        uart->shift = known[i].shift;
        uart->width = known[i].width;
        if (get_u32_property(dtb, node, "reg-shift", &value) && value <= 4) {
            uart->shift = value;
        }
        if (get_u32_property(dtb, node, "reg-io-width", &value) && (value == 1 || value == 4)) {
            uart->width = value;
        }
        return;
    }
}

/* ---- CPUs ---- */

static bool is_psci(const void *dtb, int node)
{
    static const char names[3][16] = {"arm,psci-1.0", "arm,psci-0.2", "arm,psci"};
    bool found = false;

    for (unsigned i = 0; i < 3; i++) {
        found = found || fdt_node_check_compatible(dtb, node, names[i]) == 0;
    }
    return found;
}

/* PSCI is a child of the root: only those are looked at. */
enum image_psci image_dtb_psci(const void *dtb)
{
    int node;

    fdt_for_each_subnode(node, dtb, 0)
    {
        if (is_psci(dtb, node)) {
            if (is_property(dtb, node, "method", "smc")) {
                return IMAGE_PSCI_SMC;
            }
            return is_property(dtb, node, "method", "hvc") ? IMAGE_PSCI_HVC : IMAGE_PSCI_NONE;
        }
    }
    return IMAGE_PSCI_NONE;
}

static void read_cpu(const void *dtb, int node, struct image_cpu *cpu)
{
    int length;
    const fdt32_t *p;

    cpu->method = IMAGE_CPU_UNKNOWN;
    cpu->release = 0;
    if (is_property(dtb, node, "enable-method", "psci")) {
        cpu->method = IMAGE_CPU_PSCI;
    }
    if (is_property(dtb, node, "enable-method", "spin-table")) {
        p = fdt_getprop(dtb, node, "cpu-release-addr", &length);
        if (p != NULL && (length == 4 || length == 8)) {
            cpu->release = read_number(p, length / 4);
            cpu->method = IMAGE_CPU_SPIN_TABLE;
        }
    }
}

unsigned image_dtb_cpus(const void *dtb, struct image_cpu cpus[IMAGE_MAX_CPUS])
{
    int parent = fdt_path_offset(dtb, "/cpus");
    int cells = parent < 0 ? 0 : fdt_address_cells(dtb, parent);
    unsigned count = 0;
    int node;

    if (!is_cell_count(cells)) {
        return 0;
    }
    fdt_for_each_subnode(node, dtb, parent)
    {
        int length;
        const fdt32_t *reg = fdt_getprop(dtb, node, "reg", &length);

        if (!is_property(dtb, node, "device_type", "cpu") || reg == NULL ||
            length != cells * (int)sizeof *reg || is_property(dtb, node, "status", "fail")) {
            continue;
        }
        if (count == IMAGE_MAX_CPUS) {
            break;
        }
        cpus[count].mpidr = read_number(reg, cells);
        read_cpu(dtb, node, &cpus[count]);
        count++;
    }
    return count;
}

/* ---- interrupt controller and timer ---- */

void image_dtb_gic(const void *dtb, struct image_gic *gic)
{
    static const struct {
        const char *compatible;
        unsigned version;
    } known[] = {
        {"arm,cortex-a15-gic", 2},
        {"arm,gic-400", 2},
        {"arm,cortex-a7-gic", 2},
        {"arm,gic-v3", 3},
    };
    struct image_range range[16];
    unsigned count;

    gic->version = 0;
    for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++) {
        int node = fdt_node_offset_by_compatible(dtb, -1, known[i].compatible);

        if (node >= 0 && physical_reg(dtb, node, range, 16, &count) && count >= 2) {
            gic->version = known[i].version;
            gic->distributor = range[0];
            gic->second = range[1];
            return;
        }
    }
}

uint32_t image_dtb_timer_frequency(const void *dtb)
{
    int node = fdt_node_offset_by_compatible(dtb, -1, "arm,armv8-timer");
    uint32_t value;

    return node >= 0 && get_u32_property(dtb, node, "clock-frequency", &value) ? value : 0;
}
