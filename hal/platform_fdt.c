/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Device tree → struct platform. The only reader of device trees in kernel and hosted machine.
 * Keeps true: whatever the bytes are, the result is a complete description or one sentence; the
 * structure is checked as a whole (platform_shape.c) before anything in it is believed. Property
 * meanings: Devicetree Specification v0.4, and the bindings named at each function.
 */
#include "platform_internal.h"

#include <libfdt.h>

enum {
    PAGE = 4096
};
#define ADDRESS_END (1ull << 48) /* what four levels of translation can reach */

/* "#address-cells"/"#size-cells" of `node`, as the bindings allow them here. */
static bool read_cells(const void *fdt, int node, int *address, int *size)
{
    *address = fdt_address_cells(fdt, node);
    *size = fdt_size_cells(fdt, node);
    return (*address == 1 || *address == 2) && *size >= 0 && *size <= 2;
}

static uint64_t read_number(const fdt32_t *cell, int cells)
{
    uint64_t value = 0;
    for (int i = 0; i < cells; i++) {
        value = value << 32 | fdt32_to_cpu(cell[i]);
    }
    return value;
}

/* Path of `node` for sentences, in a static buffer. */
static const char *node_path(const void *fdt, int node)
{
    static char path[96];
    return fdt_get_path(fdt, node, path, sizeof(path)) == 0 ? path : "(deep node)";
}

/* "<path> <property>" for sentences, in a static buffer. */
static const char *field_name(const void *fdt, int node, const char *property)
{
    static char name[128];
    size_t n = 0;
    for (const char *p = node_path(fdt, node); *p != '\0'; p++) {
        name[n++] = *p;
    }
    name[n++] = ' ';
    for (const char *p = property; *p != '\0' && n < sizeof(name) - 1; p++) {
        name[n++] = *p;
    }
    name[n] = '\0';
    return name;
}

/* Bus address → CPU address through the "ranges" of every bus above `node` (specification §2.3.8).
 */
static const char *translate(const void *fdt, int node, uint64_t *address)
{
    int bus = fdt_parent_offset(fdt, node);
    while (bus > 0) {
        int parent = fdt_parent_offset(fdt, bus);
        int length, cells, parent_cells, size_cells, unused;
        const fdt32_t *r = fdt_getprop(fdt, bus, "ranges", &length);
        if (r == NULL) {
            return platform_refuse(field_name(fdt, bus, "ranges"),
                                   "a translation to the CPU's addresses", "none");
        }
        if (!read_cells(fdt, bus, &cells, &size_cells) ||
            !read_cells(fdt, parent, &parent_cells, &unused) || size_cells == 0) {
            return platform_refuse(field_name(fdt, bus, "#address-cells"), "1 or 2",
                                   "another value");
        }
        int step = cells + parent_cells + size_cells;
        bool found = length == 0;
        for (int i = 0; !found && (i + step) * 4 <= length; i += step) {
            uint64_t child = read_number(r + i, cells);
            uint64_t size = read_number(r + i + cells + parent_cells, size_cells);
            if (*address >= child && *address - child < size) {
                *address = *address - child + read_number(r + i + cells, parent_cells);
                found = true;
            }
        }
        if (!found) {
            return refuse_hex(field_name(fdt, bus, "ranges"), "a range that holds the device",
                              *address);
        }
        bus = parent;
    }
    return NULL;
}

/* Entry `index` of "reg". *out gets it translated; *found says whether there is such an entry. */
static const char *read_reg(const void *fdt, int node, int index, struct range *out, bool *found)
{
    int address_cells, size_cells, length;
    const char *field = field_name(fdt, node, "reg");
    *found = false;
    if (!read_cells(fdt, fdt_parent_offset(fdt, node), &address_cells, &size_cells) ||
        size_cells == 0) {
        return platform_refuse(field, "#address-cells and #size-cells of 1 or 2", "another value");
    }
    const fdt32_t *reg = fdt_getprop(fdt, node, "reg", &length);
    int step = address_cells + size_cells;
    if (reg == NULL) {
        return NULL;
    }
    if (length % (step * 4) != 0) {
        return refuse_hex(field, "whole entries of address and size", (uint64_t)length);
    }
    if ((index + 1) * step * 4 > length) {
        return NULL;
    }
    uint64_t address = read_number(reg + index * step, address_cells);
    uint64_t size = read_number(reg + index * step + address_cells, size_cells);
    const char *error = translate(fdt, node, &address);
    if (error != NULL) {
        return error;
    }
    if (address >= ADDRESS_END || size > ADDRESS_END - address) {
        return refuse_hex(field_name(fdt, node, "reg"), "an end of at most 0x1000000000000",
                          address + size);
    }
    *out = (struct range){address, address + size};
    *found = true;
    return NULL;
}

/* Like read_reg(), but the entry must be there and not empty. */
static const char *need_reg(const void *fdt, int node, int index, struct range *out)
{
    bool found;
    const char *error = read_reg(fdt, node, index, out, &found);
    if (error == NULL && (!found || out->start == out->end)) {
        error = platform_refuse(field_name(fdt, node, "reg"), "one more entry",
                                "none, or an empty one");
    }
    return error;
}

static bool is_enabled(const void *fdt, int node)
{
    int length;
    const char *status = fdt_getprop(fdt, node, "status", &length);
    return status == NULL || (length > 0 && (text_equal("okay", status, (size_t)length - 1) ||
                                             text_equal("ok", status, (size_t)length - 1)));
}

/* First enabled node compatible with `name`, or a negative number. */
static int find_compatible(const void *fdt, const char *name)
{
    int node = fdt_node_offset_by_compatible(fdt, -1, name);
    while (node >= 0 && !is_enabled(fdt, node)) {
        node = fdt_node_offset_by_compatible(fdt, node, name);
    }
    return node;
}

/* All RAM, merged, then rounded inward to pages (specification §3.4). */
static const char *read_memory(const void *fdt, struct platform *out)
{
    struct range r;
    bool found = true;
    int node = fdt_node_offset_by_prop_value(fdt, -1, "device_type", "memory", 7);
    for (; node >= 0; node = fdt_node_offset_by_prop_value(fdt, node, "device_type", "memory", 7)) {
        if (!is_enabled(fdt, node)) {
            continue;
        }
        for (int i = 0;; i++) {
            const char *error = read_reg(fdt, node, i, &r, &found);
            if (error != NULL) {
                return error;
            }
            if (!found) {
                break;
            }
            if (r.start != r.end &&
                !range_insert(out->ram, &out->ram_count, PLATFORM_MAX_RAM, r.start, r.end)) {
                return platform_refuse("memory nodes", "at most 16 separate ranges of RAM", "more");
            }
        }
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < out->ram_count; i++) {
        uint64_t start = (out->ram[i].start + PAGE - 1) / PAGE * PAGE;
        uint64_t end = out->ram[i].end / PAGE * PAGE;
        if (start < end) {
            out->ram[kept++] = (struct range){start, end};
        }
    }
    out->ram_count = kept;
    return kept != 0 ? NULL : platform_refuse("memory nodes", "some RAM", "none");
}

/* Rounded outward to pages. */
static const char *add_reserved(struct platform *out, struct range r, bool no_map)
{
    if (r.start == r.end) {
        return NULL;
    }
    if (out->reserved_count == PLATFORM_MAX_RESERVED) {
        return platform_refuse("reserved memory", "at most 32 ranges", "more");
    }
    if (no_map) {
        out->reserved_no_map |= 1u << out->reserved_count;
    }
    out->reserved[out->reserved_count++] =
        (struct range){r.start / PAGE * PAGE, (r.end + PAGE - 1) / PAGE * PAGE};
    return NULL;
}

/* /memreserve/ entries and /reserved-memory children with "reg"; children that ask for a range to
 * be chosen ("size" without "reg") reserve nothing (specification §3.5, §5.3). */
static const char *read_reserved(const void *fdt, struct platform *out)
{
    const char *error = NULL;
    struct range r;
    bool found;
    int n = fdt_num_mem_rsv(fdt);
    for (int i = 0; i < n && error == NULL; i++) {
        uint64_t start, size;
        if (fdt_get_mem_rsv(fdt, i, &start, &size) != 0 || start >= ADDRESS_END ||
            size > ADDRESS_END - start) {
            return refuse_hex("memory reservation block", "ranges below 2^48", (uint64_t)i);
        }
        error = add_reserved(out, (struct range){start, start + size}, false);
    }
    int parent = fdt_path_offset(fdt, "/reserved-memory");
    if (parent < 0) {
        return error;
    }
    int node;
    fdt_for_each_subnode(node, fdt, parent)
    {
        bool no_map = fdt_getprop(fdt, node, "no-map", NULL) != NULL;
        found = is_enabled(fdt, node);
        for (int i = 0; found && error == NULL; i++) {
            error = read_reg(fdt, node, i, &r, &found);
            if (error == NULL && found) {
                error = add_reserved(out, r, no_map);
            }
        }
        if (error != NULL) {
            return error;
        }
    }
    return error;
}

/* There is room: GICv2 has two frames, GICv3 a distributor and at most PLATFORM_MAX_PRIVATE - 1
 * regions. */
static void add_private(struct platform *out, struct range r)
{
    (void)range_insert(out->device_private, &out->device_private_count, PLATFORM_MAX_PRIVATE,
                       r.start / PAGE * PAGE, (r.end + PAGE - 1) / PAGE * PAGE);
}

/* Binding arm,gic: "reg" = distributor, CPU interface. One page of each is the kernel's own
 * (abi/boot.md §2). */
static const char *read_gicv2(const void *fdt, int node, struct platform *out)
{
    out->gic = GIC_V2;
    for (int i = 0; i < 2; i++) {
        struct range r;
        const char *error = need_reg(fdt, node, i, &r);
        if (error != NULL) {
            return error;
        }
        out->gic_frames[i] = r.start;
        out->gic_sizes[i] = r.end - r.start;
        add_private(out, (struct range){r.start, r.start + 1});
    }
    return NULL;
}

/* Binding arm,gic-v3: "reg" = distributor (64 KiB), "#redistributor-regions" regions (default 1),
 * then optional frames for virtualization. */
static const char *read_gicv3(const void *fdt, int node, struct platform *out)
{
    int length;
    uint32_t regions = 1;
    const fdt32_t *p = fdt_getprop(fdt, node, "#redistributor-regions", &length);
    if (p != NULL && length == 4) {
        regions = fdt32_to_cpu(*p);
    }
    if (regions == 0 || regions > PLATFORM_MAX_PRIVATE - 1) {
        return refuse_hex(field_name(fdt, node, "#redistributor-regions"), "1 to 7", regions);
    }
    out->gic = GIC_V3;
    for (uint32_t i = 0; i <= regions; i++) {
        struct range r;
        const char *error = need_reg(fdt, node, (int)i, &r);
        if (error != NULL) {
            return error;
        }
        if (r.end - r.start < 0x10000) {
            return refuse_hex(field_name(fdt, node, "reg"), "frames of at least 64 KiB",
                              r.end - r.start);
        }
        if (i < 2) {
            out->gic_frames[i] = r.start;
            out->gic_sizes[i] = r.end - r.start;
        }
        if (i == 0) {
            r.end = r.start + 0x10000;
        }
        add_private(out, r);
    }
    return NULL;
}

static const char *read_gic(const void *fdt, struct platform *out)
{
    static const char *const v2[] = {"arm,cortex-a15-gic", "arm,gic-400", "arm,cortex-a7-gic",
                                     "arm,cortex-a9-gic"};
    int node = find_compatible(fdt, "arm,gic-v3");
    if (node >= 0) {
        return read_gicv3(fdt, node, out);
    }
    for (size_t i = 0; i < sizeof(v2) / sizeof(v2[0]); i++) {
        node = find_compatible(fdt, v2[i]);
        if (node >= 0) {
            return read_gicv2(fdt, node, out);
        }
    }
    return platform_refuse("interrupt controller",
                           "a node compatible with arm,gic-v3 or arm,gic-400", "none");
}

/* The console: stdout-path if it names a PL011 (an alias and ":options" are allowed), else the
 * first PL011; a machine without one has no console. */
static const char *read_uart(const void *fdt, struct platform *out)
{
    int length;
    int node = -1;
    int chosen = fdt_path_offset(fdt, "/chosen");
    const char *path = chosen < 0 ? NULL : fdt_getprop(fdt, chosen, "stdout-path", &length);
    if (path != NULL && length > 0 && path[length - 1] == '\0') {
        int n = 0;
        while (path[n] != '\0' && path[n] != ':') {
            n++;
        }
        node = fdt_path_offset_namelen(fdt, path, n);
        if (node >= 0 && fdt_node_check_compatible(fdt, node, "arm,pl011") != 0) {
            node = -1;
        }
    }
    if (node < 0) {
        node = find_compatible(fdt, "arm,pl011");
    }
    if (node < 0) {
        return NULL;
    }
    struct range r;
    const char *error = need_reg(fdt, node, 0, &r);
    out->uart = error == NULL ? r.start : 0;
    return error;
}

/* Binding arm,armv8-timer: the third interrupt is the virtual timer's; cells of a GIC interrupt
 * are kind (0 shared, 1 private), number, flags, and on GICv3 maybe a fourth. */
static const char *read_timer(const void *fdt, struct platform *out)
{
    int length, gic_length;
    int node = find_compatible(fdt, "arm,armv8-timer");
    int gic = find_compatible(fdt, "arm,gic-v3");
    if (node < 0) {
        return platform_refuse("timer", "a node compatible with arm,armv8-timer", "none");
    }
    const char *field = field_name(fdt, node, "interrupts");
    const fdt32_t *cells = fdt_getprop(fdt, node, "interrupts", &length);
    const fdt32_t *per = gic < 0 ? NULL : fdt_getprop(fdt, gic, "#interrupt-cells", &gic_length);
    uint32_t step = per != NULL && gic_length == 4 ? fdt32_to_cpu(*per) : 3;
    if (step < 3 || step > 4) {
        return refuse_hex("interrupt controller #interrupt-cells", "3 or 4", step);
    }
    if (cells == NULL || (uint32_t)length < 3 * step * 4) {
        return platform_refuse(field, "at least three interrupts", "fewer");
    }
    uint32_t kind = fdt32_to_cpu(cells[2 * step]);
    uint32_t number = fdt32_to_cpu(cells[2 * step + 1]);
    if (kind != 1 || number > 15) {
        return refuse_hex(field, "a private interrupt 0..15 as the third", number);
    }
    out->timer_irq = number + 16;
    return NULL;
}

/* Enabled CPUs below /cpus (at least one) and the way to PSCI (binding arm,psci). */
static void read_cpus(const void *fdt, struct platform *out)
{
    static const char *const psci[] = {"arm,psci-1.0", "arm,psci-0.2"};
    int length;
    int cpus = fdt_path_offset(fdt, "/cpus");
    int node;
    if (cpus >= 0) {
        fdt_for_each_subnode(node, fdt, cpus)
        {
            const char *type = fdt_getprop(fdt, node, "device_type", &length);
            if (type != NULL && length == 4 && text_equal("cpu", type, 3) &&
                is_enabled(fdt, node)) {
                out->cpu_count++;
            }
        }
    }
    out->cpu_count = out->cpu_count == 0 ? 1 : out->cpu_count;
    for (int i = 0; i < 2 && out->psci == PSCI_NONE; i++) {
        node = find_compatible(fdt, psci[i]);
        const char *method = node < 0 ? NULL : fdt_getprop(fdt, node, "method", &length);
        if (method != NULL && length == 4) {
            out->psci = text_equal("hvc", method, 3)   ? PSCI_HVC
                        : text_equal("smc", method, 3) ? PSCI_SMC
                                                       : PSCI_NONE;
        }
    }
}

static void read_model(const void *fdt, struct platform *out)
{
    int length;
    const char *model = fdt_getprop(fdt, 0, "model", &length);
    if (model == NULL || length <= 1) {
        model = fdt_getprop(fdt, 0, "compatible", &length);
    }
    int n = 0;
    for (; model != NULL && n < length && n < PLATFORM_NAME_BYTES - 1 && model[n] != '\0'; n++) {
        out->model[n] = model[n] >= ' ' && model[n] <= '~' ? model[n] : '?';
    }
    out->model[n] = '\0';
}

static const char *read_options(const void *fdt, struct platform *out)
{
    int length = 0;
    int chosen = fdt_path_offset(fdt, "/chosen");
    const char *args = chosen < 0 ? NULL : fdt_getprop(fdt, chosen, "bootargs", &length);
    if (args == NULL) {
        length = 0;
    }
    if (length > 0 && args[length - 1] == '\0') {
        length--;
    }
    return options_read(&out->options, out->flavour, args, (size_t)length);
}

const char *platform_from_fdt(struct platform *out, const void *dtb, uint64_t dtb_bytes)
{
    static const char *(*const parts[])(const void *, struct platform *) = {
        read_memory, read_reserved, read_gic, read_timer, read_options,
    };
    *out = (struct platform){.flavour = out->flavour};
    const char *error = tree_check(dtb, dtb_bytes);
    if (error != NULL) {
        return error;
    }
    error = read_uart(dtb, out); /* first: the console shows later sentences */
    read_model(dtb, out);
    read_cpus(dtb, out);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && error == NULL; i++) {
        error = parts[i](dtb, out);
    }
    return error;
}
