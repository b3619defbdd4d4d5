/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Reads a flattened device tree that image_dtb_check() accepted (Devicetree Specification 0.4
 * chapter 5). It keeps true: every step goes forward through the structure block, so each call is
 * one short pass and ends; nothing is allocated or changed.
 */
#ifndef LOADER_IMAGE_TREE_H
#define LOADER_IMAGE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TREE_MAX_DEPTH 32u /* levels that image_dtb_check() accepts */

/* Tokens of the structure block (§5.4.1). */
#define TREE_BEGIN_NODE 1u
#define TREE_END_NODE   2u
#define TREE_PROPERTY   3u
#define TREE_NOP        4u
#define TREE_END        9u

/* Offsets of the header's fields (§5.2), each a big-endian word. */
#define TREE_OFF_MAGIC          0u
#define TREE_OFF_TOTAL          4u
#define TREE_OFF_STRUCTURE      8u
#define TREE_OFF_STRINGS        12u
#define TREE_OFF_RESERVE_MAP    16u
#define TREE_OFF_VERSION        20u
#define TREE_OFF_LAST_VERSION   24u
#define TREE_OFF_STRINGS_SIZE   32u
#define TREE_OFF_STRUCTURE_SIZE 36u
#define TREE_HEADER_SIZE        40u
#define TREE_MAGIC              0xd00dfeedu
#define TREE_RESERVE_ENTRY      16u /* bytes of one range of the reserve map (§5.3) */

/* A node is the offset of its name in the structure block; no name begins at 0. */
#define TREE_NONE 0u

struct tree {
    const uint8_t *structure;
    const char *strings;
};

/* A node with those above it: node[0] is the root, node[depth] the node itself. */
struct tree_path {
    uint32_t node[TREE_MAX_DEPTH];
    unsigned depth;
};

static inline uint32_t get_be32(const uint8_t *p)
{
    return ((uint32_t)p[0] << 24) | ((uint32_t)p[1] << 16) | ((uint32_t)p[2] << 8) | p[3];
}

static inline uint64_t get_be64(const uint8_t *p)
{
    return ((uint64_t)get_be32(p) << 32) | get_be32(p + 4);
}

/* Is one of a word's four bytes zero? */
static inline bool tree_has_zero(uint32_t word)
{
    return ((word - 0x01010101u) & ~word & 0x80808080u) != 0;
}

void tree_open(const void *dtb, struct tree *t);
uint32_t tree_root(const struct tree *t);

/* The node's first subnode, and the next one of its parent; TREE_NONE when there is none. */
uint32_t tree_child(const struct tree *t, uint32_t node);
uint32_t tree_sibling(const struct tree *t, uint32_t node);
/* The subnode of that name; a name without unit address also finds one with. */
uint32_t tree_subnode(const struct tree *t, uint32_t node, const char *name, size_t length);

/* Where the first property's token, or what is behind the last property, stands. */
uint32_t tree_first_property(const struct tree *t, uint32_t node);
uint32_t tree_after_properties(const struct tree *t, uint32_t node);

/* A property's bytes and their number; NULL when the node has none of that name. */
const uint8_t *tree_property(const struct tree *t, uint32_t node, const char *name,
                             uint32_t *length);

/* Is the property exactly this string? Does its list of strings hold it? */
bool tree_is(const struct tree *t, uint32_t node, const char *name, const char *value);
bool tree_has_compatible(const struct tree *t, uint32_t node, const char *value);
/* A property of one word. */
bool tree_u32(const struct tree *t, uint32_t node, const char *name, uint32_t *value);

/* Starts at the root, or goes to the path's node behind it in the tree's order; false at the end.
 */
void tree_path_start(const struct tree *t, struct tree_path *p);
bool tree_path_next(const struct tree *t, struct tree_path *p);
/*
 * Finds a full path, or one that begins with an alias whose value is a full path (§3.3). The path's
 * `length` characters hold no NUL.
 */
bool tree_path_find(const struct tree *t, const char *path, size_t length, struct tree_path *p);

#endif
