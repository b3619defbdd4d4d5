/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Finding devices in a flattened device tree: nodes by path, alias or compatible, their registers
 * as physical addresses, their interrupts as numbers of the interrupt controller (Devicetree
 * Specification 0.4, chapters 2 and 5; the GIC's cells: the arm,gic bindings). Every access is
 * inside the given bytes, whatever they hold.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TREE_DEPTH = 16,
    TREE_NONE = 0
};

struct tree {
    const uint8_t *structure;
    size_t structure_bytes;
    const uint8_t *strings;
    size_t strings_bytes;
};

/* A node: where its properties begin, and the same of its parents from the root on. */
struct tree_node {
    uint32_t depth; /* of the node; the root has 0 */
    size_t at[TREE_DEPTH];
};

struct tree_range {
    uint64_t address; /* physical */
    uint64_t bytes;
};

struct tree_irq {
    uint32_t number; /* of the interrupt controller */
    bool edge;
};

/* False when `blob` is no device tree of at most `bytes` bytes. */
bool tree_open(struct tree *t, const void *blob, size_t bytes);

/* "/soc/uart@9000000", the address after '@' may be left out where the name is unique. */
bool tree_by_path(const struct tree *t, const char *path, struct tree_node *node);
bool tree_by_alias(const struct tree *t, const char *alias, struct tree_node *node);
/* The first node in tree order whose list holds `compatible` and that is not disabled. */
bool tree_by_compatible(const struct tree *t, const char *compatible, struct tree_node *node);

/* A property's bytes, NULL when the node has none of that name. */
const uint8_t *tree_property(const struct tree *t, const struct tree_node *node, const char *name,
                             size_t *bytes);

/* Entry `index` of `reg`, translated through the `ranges` of all parents; false when there is no
 * such entry or no translation. */
bool tree_reg(const struct tree *t, const struct tree_node *node, uint32_t index,
              struct tree_range *range);

/* Entry `index` of `interrupts`, of a controller with three cells. */
bool tree_irq(const struct tree *t, const struct tree_node *node, uint32_t index,
              struct tree_irq *irq);
