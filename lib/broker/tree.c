/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The structure block is walked from its start for every question: trees are small, questions are
 * few, and there is no state that could be wrong.
 */
#include "broker/tree.h"

#include "kaal/string.h"

enum {
    MAGIC = 0xd00dfeed,
    BEGIN_NODE = 1,
    END_NODE = 2,
    PROPERTY = 3,
    NOP = 4,
    TREE_HEADER_BYTES = 40,
    GIC_CELLS = 3,
    GIC_SPI = 0,
    GIC_PPI = 1,
    FIRST_SPI = 32,
    FIRST_PPI = 16,
    EDGES = 3, /* flags: 1 rising, 2 falling edge; 4 high, 8 low level */
};

static uint32_t big32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* A number of `cells` 32-bit cells; more than two must begin with zeros to mean anything here. */
static uint64_t number(const uint8_t *p, uint32_t cells)
{
    uint64_t value = 0;
    for (uint32_t i = 0; i < cells; i++) {
        value = value << 32 | big32(p + 4 * i);
    }
    return value;
}

bool tree_open(struct tree *t, const void *blob, size_t bytes)
{
    const uint8_t *p = blob;
    if (bytes < TREE_HEADER_BYTES || big32(p) != MAGIC || big32(p + 4) > bytes) {
        return false;
    }
    uint32_t structure = big32(p + 8), strings = big32(p + 12);
    *t = (struct tree){p + structure, big32(p + 36), p + strings, big32(p + 32)};
    return structure <= bytes && t->structure_bytes <= bytes - structure && strings <= bytes &&
           t->strings_bytes <= bytes - strings;
}

struct token {
    uint32_t kind;
    const char *name;
    const uint8_t *value;
    size_t bytes;
};

static const char *text_in(const uint8_t *block, size_t bytes, size_t at)
{
    return at < bytes && memchr(block + at, 0, bytes - at) != NULL ? (const char *)block + at
                                                                   : NULL;
}

/* Reads the token at `*at` and moves behind it; false at the end and where the tree is broken. */
static bool next_token(const struct tree *t, size_t *at, struct token *token)
{
    size_t left = *at <= t->structure_bytes ? t->structure_bytes - *at : 0;
    const uint8_t *p = t->structure + *at;
    if (left < 4) {
        return false;
    }
    *token = (struct token){.kind = big32(p)};
    if (token->kind == BEGIN_NODE) {
        token->name = text_in(t->structure, t->structure_bytes, *at + 4);
        if (token->name == NULL) {
            return false;
        }
        *at = (*at + 4 + strlen(token->name) + 1 + 3) & ~(size_t)3;
        return true;
    }
    if (token->kind == PROPERTY) {
        if (left < 12 || big32(p + 4) > left - 12) {
            return false;
        }
        token->bytes = big32(p + 4);
        token->value = p + 12;
        token->name = text_in(t->strings, t->strings_bytes, big32(p + 8));
        *at = (*at + 12 + token->bytes + 3) & ~(size_t)3;
        return token->name != NULL;
    }
    *at += 4;
    return token->kind == END_NODE || token->kind == NOP;
}

static const uint8_t *property_at(const struct tree *t, size_t at, const char *name, size_t *bytes)
{
    struct token token;
    while (next_token(t, &at, &token) && (token.kind == PROPERTY || token.kind == NOP)) {
        if (token.kind == PROPERTY && strcmp(token.name, name) == 0) {
            *bytes = token.bytes;
            return token.value;
        }
    }
    return NULL;
}

const uint8_t *tree_property(const struct tree *t, const struct tree_node *node, const char *name,
                             size_t *bytes)
{
    return property_at(t, node->at[node->depth], name, bytes);
}

/* What a search looks for; called once per node, with its name. */
typedef bool tree_test(const struct tree *t, const struct tree_node *node, const char *name,
                       const void *wanted);

static bool search(const struct tree *t, tree_test *test, const void *wanted,
                   struct tree_node *node)
{
    struct token token;
    size_t at = 0;
    uint32_t open = 0; /* nodes entered and not left */
    while (next_token(t, &at, &token)) {
        if (token.kind == BEGIN_NODE) {
            if (open < TREE_DEPTH) {
                node->depth = open;
                node->at[open] = at;
                if (test(t, node, token.name, wanted)) {
                    return true;
                }
            }
            open++;
        } else if (token.kind == END_NODE) {
            if (open <= 1) {
                return false;
            }
            open--;
        }
    }
    return false;
}

struct path_walk {
    const char *left; /* of the path, behind the nodes that matched */
    uint32_t matched;
};

/* Length of the path's next name; 0 at its end. */
static size_t next_name(const char **path)
{
    size_t n = 0;
    while (**path == '/') {
        (*path)++;
    }
    while ((*path)[n] != '\0' && (*path)[n] != '/') {
        n++;
    }
    return n;
}

static bool is_named(const char *name, const char *wanted, size_t n)
{
    return strnlen(name, n) == n && memcmp(name, wanted, n) == 0 &&
           (name[n] == '\0' || (name[n] == '@' && memchr(wanted, '@', n) == NULL));
}

static bool on_path(const struct tree *t, const struct tree_node *node, const char *name,
                    const void *wanted)
{
    struct path_walk *w = *(struct path_walk *const *)wanted;
    (void)t;
    if (node->depth != w->matched) {
        return false;
    }
    size_t n = next_name(&w->left);
    if (node->depth > 0) {
        if (n == 0 || !is_named(name, w->left, n)) {
            return false;
        }
        w->left += n;
    }
    w->matched++;
    return next_name(&w->left) == 0;
}

bool tree_by_path(const struct tree *t, const char *path, struct tree_node *node)
{
    struct path_walk walk = {.left = path}, *w = &walk;
    return path[0] == '/' && search(t, on_path, &w, node);
}

bool tree_by_alias(const struct tree *t, const char *alias, struct tree_node *node)
{
    size_t bytes;
    struct tree_node aliases;
    if (!tree_by_path(t, "/aliases", &aliases)) {
        return false;
    }
    const uint8_t *path = tree_property(t, &aliases, alias, &bytes);
    return path != NULL && bytes > 0 && path[bytes - 1] == 0 &&
           tree_by_path(t, (const char *)path, node);
}

static bool is_disabled(const struct tree *t, const struct tree_node *node)
{
    size_t bytes;
    const uint8_t *status = tree_property(t, node, "status", &bytes);
    return status != NULL && !(bytes >= 2 && memcmp(status, "ok", 2) == 0);
}

static bool is_compatible(const struct tree *t, const struct tree_node *node, const char *name,
                          const void *wanted)
{
    size_t bytes, n = strlen(wanted) + 1;
    const uint8_t *list = tree_property(t, node, "compatible", &bytes);
    (void)name;
    for (size_t at = 0; list != NULL && at < bytes;) {
        if (bytes - at >= n && memcmp(list + at, wanted, n) == 0) {
            return !is_disabled(t, node);
        }
        at += strnlen((const char *)list + at, bytes - at) + 1;
    }
    return false;
}

bool tree_by_compatible(const struct tree *t, const char *compatible, struct tree_node *node)
{
    return search(t, is_compatible, compatible, node);
}

/* A property of one cell in the ancestor `depth`, or `otherwise`. */
static uint32_t cell_at(const struct tree *t, const struct tree_node *node, uint32_t depth,
                        const char *name, uint32_t otherwise)
{
    size_t bytes;
    const uint8_t *value = property_at(t, node->at[depth], name, &bytes);
    return value != NULL && bytes == 4 ? big32(value) : otherwise;
}

/* Translates an address of the children of ancestor `depth` into its parent's. */
static bool translate(const struct tree *t, const struct tree_node *node, uint32_t depth,
                      struct tree_range *range)
{
    size_t bytes;
    const uint8_t *ranges = property_at(t, node->at[depth], "ranges", &bytes);
    uint32_t child = cell_at(t, node, depth, "#address-cells", 2);
    uint32_t parent = cell_at(t, node, depth - 1, "#address-cells", 2);
    uint32_t size = cell_at(t, node, depth, "#size-cells", 1);
    if (ranges == NULL || child > 2 || parent > 2 || size > 2) {
        return false;
    }
    if (bytes == 0) {
        return true; /* the same addresses */
    }
    size_t entry = 4ul * (child + parent + size);
    for (size_t at = 0; entry != 0 && bytes - at >= entry; at += entry) {
        uint64_t from = number(ranges + at, child), to = number(ranges + at + 4ul * child, parent);
        uint64_t length = number(ranges + at + 4ul * (child + parent), size);
        if (range->address >= from && range->address - from < length &&
            range->bytes <= length - (range->address - from)) {
            range->address = range->address - from + to;
            return true;
        }
    }
    return false;
}

bool tree_reg(const struct tree *t, const struct tree_node *node, uint32_t index,
              struct tree_range *range)
{
    size_t bytes;
    const uint8_t *reg = tree_property(t, node, "reg", &bytes);
    if (reg == NULL || node->depth == 0) {
        return false;
    }
    uint32_t address = cell_at(t, node, node->depth - 1, "#address-cells", 2);
    uint32_t size = cell_at(t, node, node->depth - 1, "#size-cells", 1);
    size_t entry = 4ul * (address + (size_t)size);
    if (address > 2 || size > 2 || entry == 0 || bytes / entry <= index) {
        return false;
    }
    reg += entry * index;
    *range = (struct tree_range){number(reg, address), number(reg + 4ul * address, size)};
    for (uint32_t depth = node->depth - 1; depth > 0; depth--) {
        if (!translate(t, node, depth, range)) {
            return false;
        }
    }
    return true;
}

static bool has_phandle(const struct tree *t, const struct tree_node *node, const char *name,
                        const void *wanted)
{
    (void)name;
    return cell_at(t, node, node->depth, "phandle", 0) == *(const uint32_t *)wanted;
}

/* `#interrupt-cells` of the node's interrupt parent. */
static uint32_t interrupt_cells(const struct tree *t, const struct tree_node *node)
{
    struct tree_node parent;
    for (uint32_t depth = node->depth + 1; depth-- > 0;) {
        uint32_t phandle = cell_at(t, node, depth, "interrupt-parent", 0);
        if (phandle != 0) {
            return search(t, has_phandle, &phandle, &parent)
                       ? cell_at(t, &parent, parent.depth, "#interrupt-cells", 0)
                       : 0;
        }
    }
    return 0;
}

bool tree_irq(const struct tree *t, const struct tree_node *node, uint32_t index,
              struct tree_irq *irq)
{
    size_t bytes;
    const uint8_t *list = tree_property(t, node, "interrupts", &bytes);
    if (list == NULL || bytes / (4 * GIC_CELLS) <= index || interrupt_cells(t, node) != GIC_CELLS) {
        return false;
    }
    list += 4ul * GIC_CELLS * index;
    uint32_t type = big32(list), flags = big32(list + 8);
    if (type > GIC_PPI || big32(list + 4) > 1019) {
        return false;
    }
    irq->number = big32(list + 4) + (type == GIC_SPI ? FIRST_SPI : FIRST_PPI);
    irq->edge = (flags & EDGES) != 0;
    return true;
}
