/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * One pass over the structure block, following the path as far as it matches.
 */
#include "kaal/fdt.h"

#include <stdbool.h>

#include "kaal/string.h"

enum {
    TREE_MAGIC = 0xd00dfeed,
    TOKEN_BEGIN_NODE = 1,
    TOKEN_END_NODE = 2,
    TOKEN_PROP = 3,
    TOKEN_NOP = 4,
};

/* Words of the header, big endian (chapter 5.2). */
enum {
    HEADER_TOTAL_SIZE = 4,
    HEADER_STRUCT = 8,
    HEADER_STRINGS = 12,
    HEADER_STRINGS_SIZE = 32,
    HEADER_STRUCT_SIZE = 36,
    HEADER_BYTES = 40,
};

struct block {
    const uint8_t *data;
    size_t bytes;
};

static uint32_t big32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Reads a word at `*at` and moves on; false at the end of the block. */
static bool next32(const struct block *b, size_t *at, uint32_t *value)
{
    if (b->bytes < 4 || *at > b->bytes - 4) {
        return false;
    }
    *value = big32(b->data + *at);
    *at += 4;
    return true;
}

/* The NUL-terminated text at `at`, or NULL when it does not end inside the block. */
static const char *text_at(const struct block *b, size_t at)
{
    if (at >= b->bytes || memchr(b->data + at, 0, b->bytes - at) == NULL) {
        return NULL;
    }
    return (const char *)b->data + at;
}

/* Sub-block [offset, offset + bytes) of `whole`; false when it reaches outside. */
static bool sub_block(const struct block *whole, size_t offset, size_t bytes, struct block *out)
{
    if (offset > whole->bytes || bytes > whole->bytes - offset) {
        return false;
    }
    *out = (struct block){whole->data + offset, bytes};
    return true;
}

static bool open_tree(const void *blob, size_t bytes, struct block *structure,
                      struct block *strings)
{
    struct block whole = {blob, bytes};
    if (bytes < HEADER_BYTES || big32(whole.data) != TREE_MAGIC ||
        big32(whole.data + HEADER_TOTAL_SIZE) > bytes) {
        return false;
    }
    return sub_block(&whole, big32(whole.data + HEADER_STRUCT),
                     big32(whole.data + HEADER_STRUCT_SIZE), structure) &&
           sub_block(&whole, big32(whole.data + HEADER_STRINGS),
                     big32(whole.data + HEADER_STRINGS_SIZE), strings);
}

/* `path` without the component `node` at its start, or NULL when it starts with another one. */
static const char *after_component(const char *path, const char *node)
{
    size_t n = strlen(node);
    while (*path == '/') {
        path++;
    }
    if (strnlen(path, n) < n || memcmp(path, node, n) != 0) {
        return NULL;
    }
    return path[n] == '/' || path[n] == '\0' ? path + n : NULL;
}

static bool is_end(const char *path)
{
    while (*path == '/') {
        path++;
    }
    return *path == '\0';
}

/* Place in the tree while walking: nodes entered, how many of them are on the path, what is left of
 * the path. */
struct walk {
    size_t depth;
    size_t matched;
    const char *path;
};

/* Enters a node whose name starts at `*at`; false when the name does not end. */
static bool enter_node(const struct block *structure, size_t *at, struct walk *w)
{
    const char *name = text_at(structure, *at);
    if (name == NULL) {
        return false;
    }
    *at = (*at + strlen(name) + 1 + 3) & ~(size_t)3;
    if (w->depth == w->matched) {
        const char *rest = w->depth == 0 ? w->path : after_component(w->path, name);
        if (rest != NULL) {
            w->path = rest;
            w->matched++;
        }
    }
    w->depth++;
    return true;
}

const void *kaal_fdt_property(const void *blob, size_t bytes, const char *path, const char *name,
                              size_t *value_bytes)
{
    struct block structure, strings, value;
    struct walk w = {.path = path};
    uint32_t token;
    size_t at = 0;
    if (!open_tree(blob, bytes, &structure, &strings)) {
        return NULL;
    }
    while (next32(&structure, &at, &token)) {
        uint32_t length, name_at;
        switch (token) {
        case TOKEN_NOP: break;
        case TOKEN_BEGIN_NODE:
            if (!enter_node(&structure, &at, &w)) {
                return NULL;
            }
            break;
        case TOKEN_END_NODE:
            if (w.depth == w.matched) {
                return NULL; /* the node was found, the property is not in it */
            }
            w.depth--;
            break;
        case TOKEN_PROP:
            if (!next32(&structure, &at, &length) || !next32(&structure, &at, &name_at) ||
                !sub_block(&structure, at, length, &value)) {
                return NULL;
            }
            at = (at + length + 3) & ~(size_t)3;
            const char *found = text_at(&strings, name_at);
            if (w.depth == w.matched && is_end(w.path) && found != NULL &&
                strcmp(found, name) == 0) {
                *value_bytes = length;
                return value.data;
            }
            break;
        default: return NULL;
        }
    }
    return NULL;
}
