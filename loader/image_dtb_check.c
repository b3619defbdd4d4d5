/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Checks a flattened device tree before any library reads it (Devicetree Specification 0.4,
 * chapter 5). What it accepts has its blocks inside the declared size, an ended reserve map, and a
 * structure block of properly nested nodes whose names and properties lie inside their blocks.
 *
 * libfdt's fdt_check_full() of version 1.6.1 is no substitute: on damaged trees it reads through a
 * null pointer, or does not return.
 */
#include "image_dtb.h"
#include "image_tree.h"

/* A block of the tree: bytes and size, inside the tree. */
struct block {
    const uint8_t *bytes;
    uint32_t size;
};

/* Where the walk through the structure block is. */
struct walk {
    struct block structure;
    struct block strings; /* up to its last NUL: every string in it ends */
    uint32_t at;
    uint32_t depth;
    bool has_root;
    bool after_subnode[TREE_MAX_DEPTH + 1]; /* properties come before subnodes */
};

static enum image_code bad(struct image_error *err, const char *field, const char *rule,
                           uint64_t expected, uint64_t found)
{
    return image_fail_numbers(err, IMAGE_BAD_DTB, "device tree", -1, field, rule, expected, found);
}

static enum image_code bad_at(struct image_error *err, uint32_t at, const char *field,
                              const char *rule)
{
    return image_fail(err, IMAGE_BAD_DTB, "device tree structure, offset", (int)at, field, rule);
}

/* The number of bytes of the string at `at` with its NUL; 0 when it does not end in the block. */
static uint32_t string_size(const struct block *b, uint32_t at)
{
    uint32_t i = at;

    while (b->size - i >= 4 && !tree_has_zero(get_be32(b->bytes + i))) {
        i += 4;
    }
    for (; i < b->size; i++) {
        if (b->bytes[i] == 0) {
            return i - at + 1;
        }
    }
    return 0;
}

static uint32_t word_at(const struct walk *w, uint32_t at)
{
    return get_be32(w->structure.bytes + at);
}

/* Are there n more bytes after the ones read? */
static bool has_more(const struct walk *w, uint32_t n)
{
    return n <= w->structure.size - w->at;
}

/* Moves on by n bytes and to the next word; false when that leaves the block. */
static bool advance(struct walk *w, uint32_t n)
{
    if (!has_more(w, n)) {
        return false;
    }
    w->at += n;
    n = -w->at % 4;
    if (!has_more(w, n)) {
        return false;
    }
    w->at += n;
    return true;
}

static enum image_code begin_node(struct walk *w, struct image_error *err)
{
    uint32_t start = w->at;
    uint32_t size = string_size(&w->structure, w->at);

    if (w->depth == TREE_MAX_DEPTH) {
        return bad_at(err, start, "node", "at most 32 levels");
    }
    if (w->depth == 0 && w->has_root) {
        return bad_at(err, start, "node", "one root node");
    }
    if (size == 0 || (size == 1) != (w->depth == 0) || !advance(w, size)) {
        return bad_at(err, start, "node name",
                      "a string inside the block, empty for the root only");
    }
    w->has_root = true;
    w->after_subnode[w->depth] = true;
    w->depth++;
    w->after_subnode[w->depth] = false;
    return IMAGE_OK;
}

static enum image_code property(struct walk *w, struct image_error *err)
{
    uint32_t start = w->at;
    uint32_t length;
    uint32_t name;

    if (w->depth == 0 || w->after_subnode[w->depth]) {
        return bad_at(err, start, "property", "in a node and before its subnodes");
    }
    if (!has_more(w, 8)) {
        return bad_at(err, start, "property", "a length and a name");
    }
    length = word_at(w, w->at);
    name = word_at(w, w->at + 4);
    w->at += 8;
    if (name >= w->strings.size || w->strings.bytes[name] == 0) {
        return bad_at(err, start, "property name", "a string inside the strings block");
    }
    if (!advance(w, length)) {
        return bad_at(err, start, "property value", "to end inside the block");
    }
    return IMAGE_OK;
}

static enum image_code check_structure(struct walk *w, struct image_error *err)
{
    while (has_more(w, 4)) {
        uint32_t token = word_at(w, w->at);
        enum image_code code = IMAGE_OK;

        w->at += 4;
        if (token == TREE_BEGIN_NODE) {
            code = begin_node(w, err);
        } else if (token == TREE_PROPERTY) {
            code = property(w, err);
        } else if (token == TREE_END_NODE && w->depth > 0) {
            w->depth--;
        } else if (token == TREE_END && w->depth == 0 && w->has_root) {
            return IMAGE_OK;
        } else if (token != TREE_NOP) {
            code = bad_at(err, w->at - 4, "token", "one that may stand here");
        }
        if (code != IMAGE_OK) {
            return code;
        }
    }
    return bad_at(err, w->at, "token", "an end of the tree inside the block");
}

/* A block's offset and size from the header. */
static enum image_code find_block(const uint8_t *tree, uint32_t total, const char *field,
                                  uint32_t offset, uint32_t size, uint32_t alignment,
                                  struct block *b, struct image_error *err)
{
    if (offset % alignment != 0 || offset < TREE_HEADER_SIZE) {
        return bad(err, field, "an offset behind the header and a multiple of", alignment, offset);
    }
    if (offset > total || size > total - offset) {
        return bad(err, field, "with its size inside the tree of", total, offset);
    }
    b->bytes = tree + offset;
    b->size = size;
    return IMAGE_OK;
}

static enum image_code check_reserve_map(const uint8_t *tree, uint32_t total,
                                         struct image_error *err)
{
    uint32_t offset = get_be32(tree + TREE_OFF_RESERVE_MAP);
    struct block map;
    enum image_code code = find_block(tree, total, "reserve map", offset, 0, 8, &map, err);

    if (code != IMAGE_OK) {
        return code;
    }
    for (uint32_t at = 0; total - offset - at >= TREE_RESERVE_ENTRY; at += TREE_RESERVE_ENTRY) {
        if ((get_be64(map.bytes + at) | get_be64(map.bytes + at + 8)) == 0) {
            return IMAGE_OK;
        }
    }
    return bad(err, "reserve map", "an end of 16 zero bytes in the tree of", total, offset);
}

enum image_code image_dtb_check(const void *dtb, uint64_t max, struct image_error *err)
{
    const uint8_t *tree = dtb;
    struct walk w = {.at = 0};
    enum image_code code;
    uint32_t total;

    if (max < TREE_HEADER_SIZE) {
        return bad(err, "size", "at least", TREE_HEADER_SIZE, max);
    }
    if (get_be32(tree) != TREE_MAGIC) {
        return bad(err, "magic", NULL, TREE_MAGIC, get_be32(tree));
    }
    total = get_be32(tree + TREE_OFF_TOTAL);
    if (total < TREE_HEADER_SIZE || total > max || total > INT32_MAX) {
        return bad(err, "declared size", "at most", max, total);
    }
    if (get_be32(tree + TREE_OFF_VERSION) < 17 || get_be32(tree + TREE_OFF_LAST_VERSION) > 17) {
        return bad(err, "version", "compatible with", 17, get_be32(tree + TREE_OFF_VERSION));
    }
    code = check_reserve_map(tree, total, err);
    if (code == IMAGE_OK) {
        code = find_block(tree, total, "structure block", get_be32(tree + TREE_OFF_STRUCTURE),
                          get_be32(tree + TREE_OFF_STRUCTURE_SIZE), 4, &w.structure, err);
    }
    if (code == IMAGE_OK) {
        code = find_block(tree, total, "strings block", get_be32(tree + TREE_OFF_STRINGS),
                          get_be32(tree + TREE_OFF_STRINGS_SIZE), 1, &w.strings, err);
    }
    if (code != IMAGE_OK) {
        return code;
    }
    while (w.strings.size > 0 && w.strings.bytes[w.strings.size - 1] != 0) {
        w.strings.size--;
    }
    return check_structure(&w, err);
}
