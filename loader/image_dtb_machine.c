/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a loading machine asks a checked device tree about the machine: console, CPUs and how they
 * are started, interrupt controller (Devicetree Specification 0.4 and the Linux bindings of the
 * devices). Whatever is missing or malformed is as if it were not there.
 */
#include <string.h>

#include "image_dtb.h"

/* One number of `cells` words, at most two. */
static uint64_t read_number(const uint8_t *p, unsigned cells)
{
    return cells == 2 ? get_be64(p) : get_be32(p);
}

static bool is_cell_count(unsigned n)
{
    return n == 1 || n == 2;
}

/* Translates an address of `bus` to one of its parent by the bus's ranges; false = no such way. */
static bool through_ranges(const struct tree *t, uint32_t bus, uint32_t parent, uint64_t *address)
{
    uint32_t length;
    const uint8_t *p = tree_property(t, bus, "ranges", &length);
    unsigned child_cells = image_dtb_cells(t, bus, "#address-cells", 2);
    unsigned parent_cells = image_dtb_cells(t, parent, "#address-cells", 2);
    unsigned size_cells = image_dtb_cells(t, bus, "#size-cells", 1);
    uint32_t step = 4 * (child_cells + parent_cells + size_cells);

    if (p == NULL || length == 0) {
        return p != NULL; /* empty: the same addresses */
    }
    if (!is_cell_count(child_cells) || !is_cell_count(parent_cells) || !is_cell_count(size_cells)) {
        return false;
    }
    for (; length >= step; length -= step, p += step) {
        uint64_t from = read_number(p, child_cells);
        uint64_t to = read_number(p + 4 * child_cells, parent_cells);
        uint64_t size = read_number(p + 4 * (child_cells + parent_cells), size_cells);

        if (*address >= from && *address - from < size) {
            *address = to + (*address - from);
            return true;
        }
    }
    return false;
}

/* The node's reg ranges, at most max, the first `count` of them, as physical addresses. */
static bool physical_reg(const struct tree *t, const struct tree_path *path,
                         struct image_range *ranges, unsigned max, unsigned *count)
{
    unsigned depth = path->depth;

    *count = 0;
    if (depth == 0 ||
        !image_dtb_reg(t, path->node[depth], path->node[depth - 1], ranges, max, count) ||
        *count == 0) {
        return false;
    }
    for (depth--; depth > 0; depth--) {
        for (unsigned i = 0; i < *count; i++) {
            if (!through_ranges(t, path->node[depth], path->node[depth - 1], &ranges[i].base)) {
                return false;
            }
        }
    }
    return true;
}

/* ---- console ---- */

/* The node that stdout-path names, without the options after a colon. */
static bool find_stdout(const struct tree *t, struct tree_path *found)
{
    uint32_t chosen = tree_subnode(t, tree_root(t), "chosen", strlen("chosen"));
    uint32_t length;
    const uint8_t *path =
        chosen == TREE_NONE ? NULL : tree_property(t, chosen, "stdout-path", &length);
    uint32_t used = 0;

    if (path == NULL || length < 1 || path[length - 1] != 0) {
        return false;
    }
    while (path[used] != 0 && path[used] != ':') {
        used++;
    }
    return tree_path_find(t, (const char *)path, used, found);
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
    struct tree t;
    struct tree_path path;
    struct image_range range[4];
    unsigned count;
    uint32_t value;
    uint32_t node;

    uart->kind = IMAGE_UART_NONE;
    tree_open(dtb, &t);
    if (!find_stdout(&t, &path) || !physical_reg(&t, &path, range, 4, &count)) {
        return;
    }
    node = path.node[path.depth];
    for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (!tree_has_compatible(&t, node, known[i].compatible)) {
            continue;
        }
        uart->kind = known[i].kind;
        uart->base = range[0].base;
        uart->shift = known[i].shift;
        uart->width = known[i].width;
        if (tree_u32(&t, node, "reg-shift", &value) && value <= 4) {
            uart->shift = value;
        }
        if (tree_u32(&t, node, "reg-io-width", &value) && (value == 1 || value == 4)) {
            uart->width = value;
        }
        return;
    }
}

/* ---- CPUs ---- */

static bool is_psci(const struct tree *t, uint32_t node)
{
    return tree_has_compatible(t, node, "arm,psci-1.0") ||
           tree_has_compatible(t, node, "arm,psci-0.2") || tree_has_compatible(t, node, "arm,psci");
}

/* PSCI is a child of the root: only those are looked at. */
enum image_psci image_dtb_psci(const void *dtb)
{
    struct tree t;
    uint32_t node;

    tree_open(dtb, &t);
    node = tree_child(&t, tree_root(&t));
    while (node != TREE_NONE && !is_psci(&t, node)) {
        node = tree_sibling(&t, node);
    }
    if (node == TREE_NONE) {
        return IMAGE_PSCI_NONE;
    }
    if (tree_is(&t, node, "method", "smc")) {
        return IMAGE_PSCI_SMC;
    }
    return tree_is(&t, node, "method", "hvc") ? IMAGE_PSCI_HVC : IMAGE_PSCI_NONE;
}

static void read_cpu(const struct tree *t, uint32_t node, struct image_cpu *cpu)
{
    uint32_t length;
    const uint8_t *p;

    cpu->method = IMAGE_CPU_UNKNOWN;
    cpu->release = 0;
    if (tree_is(t, node, "enable-method", "psci")) {
        cpu->method = IMAGE_CPU_PSCI;
    }
    if (tree_is(t, node, "enable-method", "spin-table")) {
        p = tree_property(t, node, "cpu-release-addr", &length);
        if (p != NULL && (length == 4 || length == 8)) {
            cpu->release = read_number(p, length / 4);
            cpu->method = IMAGE_CPU_SPIN_TABLE;
        }
    }
}

unsigned image_dtb_cpus(const void *dtb, struct image_cpu cpus[IMAGE_MAX_CPUS])
{
    struct tree t;
    uint32_t parent;
    uint32_t node;
    unsigned cells;
    unsigned count = 0;

    tree_open(dtb, &t);
    parent = tree_subnode(&t, tree_root(&t), "cpus", strlen("cpus"));
    cells = parent == TREE_NONE ? 0 : image_dtb_cells(&t, parent, "#address-cells", 2);
    if (!is_cell_count(cells)) {
        return 0;
    }
    for (node = tree_child(&t, parent); node != TREE_NONE && count < IMAGE_MAX_CPUS;
         node = tree_sibling(&t, node)) {
        uint32_t length;
        const uint8_t *reg = tree_property(&t, node, "reg", &length);

        if (tree_is(&t, node, "device_type", "cpu") && reg != NULL && length == 4 * cells &&
            !tree_is(&t, node, "status", "fail")) {
            cpus[count].mpidr = read_number(reg, cells);
            read_cpu(&t, node, &cpus[count]);
            count++;
        }
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
    struct tree t;
    struct tree_path path;
    unsigned count;

    gic->version = 0;
    tree_open(dtb, &t);
    tree_path_start(&t, &path);
    while (tree_path_next(&t, &path)) {
        for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++) {
            if (tree_has_compatible(&t, path.node[path.depth], known[i].compatible) &&
                physical_reg(&t, &path, range, 16, &count) && count >= 2) {
                gic->version = known[i].version;
                gic->distributor = range[0];
                gic->second = range[1];
                return;
            }
        }
    }
}

uint32_t image_dtb_timer_frequency(const void *dtb)
{
    struct tree t;
    struct tree_path path;
    uint32_t value;

    tree_open(dtb, &t);
    tree_path_start(&t, &path);
    while (tree_path_next(&t, &path)) {
        if (tree_has_compatible(&t, path.node[path.depth], "arm,armv8-timer")) {
            return tree_u32(&t, path.node[path.depth], "clock-frequency", &value) ? value : 0;
        }
    }
    return 0;
}
