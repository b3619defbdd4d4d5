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

#define MAGIC       0xd00dfeedu
#define HEADER_SIZE 40u
#define MAX_DEPTH   32u

#define BEGIN_NODE 1u
#define END_NODE   2u
#define PROPERTY   3u
#define NOP        4u
#define END        9u

static uint32_t get_be32(const uint8_t *p)
{
    return ((uint32_t)p[0] << 24) | ((uint32_t)p[1] << 16) | ((uint32_t)p[2] << 8) | p[3];
}

/* A block of the tree: bytes and size, inside the tree. */
struct block {
    const uint8_t *bytes;
    uint32_t size;
};

/* Where the walk through the structure block is. */
struct walk {
    struct block structure;
    struct block strings;
    uint32_t at;
    uint32_t depth;
    bool has_root;
    bool after_subnode[MAX_DEPTH + 1]; /* properties come before subnodes */
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
    for (uint32_t i = at; i < b->size; i++) {
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
    while (w->at % 4 != 0) {
        if (!has_more(w, 1)) {
            return false;
        }
        w->at++;
    }
    return true;
}

static enum image_code begin_node(struct walk *w, struct image_error *err)
{
    uint32_t start = w->at;
    uint32_t size = string_size(&w->structure, w->at);

    if (w->depth == MAX_DEPTH) {
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
    if (name >= w->strings.size || string_size(&w->strings, name) < 2) {
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
        if (token == BEGIN_NODE) {
            code = begin_node(w, err);
        } else if (token == PROPERTY) {
            code = property(w, err);
        } else if (token == END_NODE && w->depth > 0) {
            w->depth--;
        } else if (token == END && w->depth == 0 && w->has_root) {
            return IMAGE_OK;
        } else if (token != NOP) {
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
    if (offset % alignment != 0 || offset < HEADER_SIZE) {
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
    uint32_t offset = get_be32(tree + 16);
    struct block map;
    enum image_code code = find_block(tree, total, "reserve map", offset, 0, 8, &map, err);

    if (code != IMAGE_OK) {
        return code;
    }
    for (uint32_t at = 0; at <= total - offset && 16 <= total - offset - at; at += 16) {
        bool ended = true;

        for (uint32_t i = 0; i < 16; i++) {
            ended = ended && map.bytes[at + i] == 0;
        }
        if (ended) {
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

    if (max < HEADER_SIZE) {
        return bad(err, "size", "at least", HEADER_SIZE, max);
    }
    if (get_be32(tree) != MAGIC) {
        return bad(err, "magic", NULL, MAGIC, get_be32(tree));
    }
    total = get_be32(tree + 4);
    if (total < HEADER_SIZE || total > max || total > INT32_MAX) {
        return bad(err, "declared size", "at most", max, total);
    }
    if (get_be32(tree + 20) < 17 || get_be32(tree + 24) > 17) {
        return bad(err, "version", "compatible with", 17, get_be32(tree + 20));
    }
    code = check_reserve_map(tree, total, err);
    if (code == IMAGE_OK) {
        code = find_block(tree, total, "structure block", get_be32(tree + 8), get_be32(tree + 36),
                          4, &w.structure, err);
    }
    if (code == IMAGE_OK) {
        code = find_block(tree, total, "strings block", get_be32(tree + 12), get_be32(tree + 32), 1,
                          &w.strings, err);
    }
    return code == IMAGE_OK ? check_structure(&w, err) : code;
}
