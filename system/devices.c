/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A device belongs to one component. Without a device tree two names of one device cannot be told
 * from two devices; with one, nodes and pages of registers are compared.
 */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "devices.h"

typedef unsigned long long ull; /* for %llx */

struct claim {
    const struct component *owner;
    struct device *device;
    uint64_t first; /* page numbers of its first registers, first > last: none */
    uint64_t last;
};

struct claims {
    unsigned count;
    struct claim claim[MANIFEST_COMPONENTS * MANIFEST_DEVICES];
};

static int find_node(const void *tree, const struct device *d)
{
    const char *alias;
    switch (d->find) {
    case FIND_PATH: return fdt_path_offset(tree, d->id.text);
    case FIND_ALIAS:
        alias = fdt_get_alias(tree, d->id.text);
        return alias != NULL ? fdt_path_offset(tree, alias) : -FDT_ERR_NOTFOUND;
    case FIND_COMPATIBLE: return fdt_node_offset_by_compatible(tree, -1, d->id.text);
    case FIND_INTERRUPT: break;
    }
    return -FDT_ERR_NOTFOUND;
}

static uint64_t read_cells(const fdt32_t *cell, int count)
{
    uint64_t value = 0;
    for (int i = 0; i < count; i++) {
        value = value << 32 | fdt32_to_cpu(cell[i]);
    }
    return value;
}

/* Pages of the node's first register range, as its bus counts. */
static void read_pages(const void *tree, int node, struct claim *c)
{
    int bus = fdt_parent_offset(tree, node);
    int length = 0;
    const fdt32_t *reg = fdt_getprop(tree, node, "reg", &length);
    int address = bus >= 0 ? fdt_address_cells(tree, bus) : -1;
    int size = bus >= 0 ? fdt_size_cells(tree, bus) : -1;
    c->first = 1;
    c->last = 0;
    if (reg == NULL || address < 1 || address > 2 || size < 1 || size > 2 ||
        length < (address + size) * 4) {
        return;
    }
    uint64_t start = read_cells(reg, address);
    uint64_t bytes = read_cells(reg + address, size);
    c->first = start / 4096;
    c->last = (start + (bytes != 0 ? bytes - 1 : 0)) / 4096;
}

static void look_up(struct manifest *m, const void *tree, struct claim *c)
{
    static const char *const by[] = {
        [FIND_PATH] = "path", [FIND_ALIAS] = "alias", [FIND_COMPATIBLE] = "compatible"};
    char path[256];
    struct device *d = c->device;
    int node = find_node(tree, d);
    if (node < 0 || fdt_get_path(tree, node, path, sizeof(path)) != 0) {
        manifest_error(m, d->id.at, "%s: the device tree has no node with %s '%s'", d->name.text,
                       by[d->find], d->id.text);
        return;
    }
    if (fdt_getprop(tree, node, "interrupt-controller", NULL) != NULL &&
        fdt_node_check_compatible(tree, node, "arm,pl061") != 0) {
        manifest_error(m, d->id.at, "%s: %s is an interrupt controller, which the kernel keeps",
                       d->name.text, path);
    }
    d->node = strdup(path);
    read_pages(tree, node, c);
}

static bool is_same(const struct claim *a, const struct claim *b)
{
    if (a->device->node != NULL && b->device->node != NULL) {
        return strcmp(a->device->node, b->device->node) == 0;
    }
    return a->device->find == b->device->find && a->device->interrupt == b->device->interrupt &&
           strcmp(a->device->id.text, b->device->id.text) == 0;
}

static void compare(struct manifest *m, const struct claim *a, const struct claim *b)
{
    if (is_same(a, b)) {
        manifest_error(m, b->device->name.at,
                       "%s: '%s' already belongs to '%s' (line %u); a device has one owner",
                       b->device->name.text, b->device->id.text, a->owner->name.text,
                       a->device->name.at.line);
    } else if (a->owner != b->owner && a->first <= b->last && b->first <= a->last) {
        manifest_error(m, b->device->name.at,
                       "%s: its registers share the page 0x%llx with '%s' of '%s' (line %u); give "
                       "both to one component",
                       b->device->name.text,
                       (ull)(b->first > a->first ? b->first : a->first) * 4096,
                       a->device->name.text, a->owner->name.text, a->device->name.at.line);
    }
}

void devices_check(struct manifest *m, const char *dtb)
{
    enum {
        MOST_BYTES = 2 << 20
    };
    struct claims *all = calloc(1, sizeof(*all));
    struct bytes tree = {0};
    if (all == NULL) {
        fail(EXIT_IO, "out of memory");
    }
    if (dtb != NULL) {
        tree = file_read(dtb, MOST_BYTES);
        int wrong = fdt_check_full(tree.data, tree.size);
        if (wrong != 0) {
            fail(EXIT_INPUT, "%s: expected a device tree, found a file that is none: %s", dtb,
                 fdt_strerror(wrong));
        }
    }
    for (unsigned i = 0; i < m->components; i++) {
        for (unsigned k = 0; k < m->component[i].devices; k++) {
            struct claim *c = &all->claim[all->count++];
            *c = (struct claim){&m->component[i], &m->component[i].device[k], 1, 0};
            if (dtb != NULL && c->device->find != FIND_INTERRUPT) {
                look_up(m, tree.data, c);
            }
            for (unsigned j = 0; j + 1 < all->count; j++) {
                compare(m, &all->claim[j], c);
            }
        }
    }
    free(tree.data);
    free(all);
}
