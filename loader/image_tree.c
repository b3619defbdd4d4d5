/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The reader of checked device trees: see image_tree.h for what it keeps true. */
#include "image_tree.h"

#include <string.h>

static uint32_t word(const struct tree *t, uint32_t at)
{
    return get_be32(t->structure + at);
}

static uint32_t next_word(uint32_t at)
{
    return (at + 3) & ~UINT32_C(3);
}

/* A name begins at a word and its end is padded to one. */
static uint32_t behind_name(const struct tree *t, uint32_t node)
{
    while (!tree_has_zero(word(t, node))) {
        node += 4;
    }
    return node + 4;
}

/* `at` is behind the property's token. */
static uint32_t behind_property(const struct tree *t, uint32_t at)
{
    return next_word(at + 8 + word(t, at));
}

/* The first token from `at` on that is none of NOP. */
static uint32_t behind_nops(const struct tree *t, uint32_t at)
{
    while (word(t, at) == TREE_NOP) {
        at += 4;
    }
    return at;
}

/* Behind the END_NODE of the node whose properties or subnodes begin at `at`. */
static uint32_t behind_node(const struct tree *t, uint32_t at)
{
    unsigned depth = 1;

    while (depth != 0) {
        uint32_t token = word(t, at);

        at += 4;
        if (token == TREE_PROPERTY) {
            at = behind_property(t, at);
        } else if (token == TREE_BEGIN_NODE) {
            at = behind_name(t, at);
            depth++;
        } else if (token == TREE_END_NODE) {
            depth--;
        }
    }
    return at;
}

/* The node that begins at `at`, NOPs aside. */
static uint32_t node_at(const struct tree *t, uint32_t at)
{
    at = behind_nops(t, at);
    return word(t, at) == TREE_BEGIN_NODE ? at + 4 : TREE_NONE;
}

void tree_open(const void *dtb, struct tree *t)
{
    const uint8_t *bytes = dtb;

    t->structure = bytes + get_be32(bytes + TREE_OFF_STRUCTURE);
    t->strings = (const char *)bytes + get_be32(bytes + TREE_OFF_STRINGS);
}

uint32_t tree_root(const struct tree *t)
{
    return node_at(t, 0);
}

uint32_t tree_first_property(const struct tree *t, uint32_t node)
{
    return behind_name(t, node);
}

uint32_t tree_after_properties(const struct tree *t, uint32_t node)
{
    uint32_t at = behind_nops(t, behind_name(t, node));

    while (word(t, at) == TREE_PROPERTY) {
        at = behind_nops(t, behind_property(t, at + 4));
    }
    return at;
}

uint32_t tree_child(const struct tree *t, uint32_t node)
{
    return node_at(t, tree_after_properties(t, node));
}

uint32_t tree_sibling(const struct tree *t, uint32_t node)
{
    return node_at(t, behind_node(t, behind_name(t, node)));
}

uint32_t tree_subnode(const struct tree *t, uint32_t node, const char *name, size_t length)
{
    bool any_address = memchr(name, '@', length) == NULL;

    for (node = tree_child(t, node); node != TREE_NONE; node = tree_sibling(t, node)) {
        const char *found = (const char *)t->structure + node;

        if (strncmp(found, name, length) == 0 &&
            (found[length] == '\0' || (any_address && found[length] == '@'))) {
            return node;
        }
    }
    return TREE_NONE;
}

const uint8_t *tree_property(const struct tree *t, uint32_t node, const char *name,
                             uint32_t *length)
{
    uint32_t at = behind_nops(t, behind_name(t, node));

    for (; word(t, at) == TREE_PROPERTY; at = behind_nops(t, behind_property(t, at + 4))) {
        const char *found = t->strings + word(t, at + 8);

        if (found[0] == name[0] && strcmp(found, name) == 0) {
            *length = word(t, at + 4);
            return t->structure + at + 12;
        }
    }
    return NULL;
}

bool tree_is(const struct tree *t, uint32_t node, const char *name, const char *value)
{
    uint32_t length;
    const uint8_t *found = tree_property(t, node, name, &length);

    return found != NULL && length == strlen(value) + 1 && memcmp(found, value, length) == 0;
}

bool tree_has_compatible(const struct tree *t, uint32_t node, const char *value)
{
    uint32_t length;
    const uint8_t *list = tree_property(t, node, "compatible", &length);
    size_t size = strlen(value) + 1;
    uint32_t start = 0;

    for (uint32_t at = 0; list != NULL && at < length; at++) {
        if (list[at] == 0) {
            if (at + 1 - start == size && memcmp(list + start, value, size) == 0) {
                return true;
            }
            start = at + 1;
        }
    }
    return false;
}

bool tree_u32(const struct tree *t, uint32_t node, const char *name, uint32_t *value)
{
    uint32_t length;
    const uint8_t *found = tree_property(t, node, name, &length);

    if (found == NULL || length != 4) {
        return false;
    }
    *value = get_be32(found);
    return true;
}

void tree_path_start(const struct tree *t, struct tree_path *p)
{
    p->depth = 0;
    p->node[0] = tree_root(t);
}

bool tree_path_next(const struct tree *t, struct tree_path *p)
{
    uint32_t next = tree_child(t, p->node[p->depth]);

    if (next != TREE_NONE) {
        p->node[++p->depth] = next;
        return true;
    }
    while (p->depth > 0) {
        next = tree_sibling(t, p->node[p->depth]);
        if (next != TREE_NONE) {
            p->node[p->depth] = next;
            return true;
        }
        p->depth--;
    }
    return false;
}

/* Follows "/a/b" down from where p is; more than one slash counts as one. */
static bool go_down(const struct tree *t, const char *path, size_t length, struct tree_path *p)
{
    while (length > 0) {
        size_t part = 0;
        uint32_t next;

        if (*path == '/') {
            path++;
            length--;
            continue;
        }
        while (part < length && path[part] != '/') {
            part++;
        }
        next = tree_subnode(t, p->node[p->depth], path, part);
        if (next == TREE_NONE) {
            return false;
        }
        p->node[++p->depth] = next;
        path += part;
        length -= part;
    }
    return true;
}

/* Starts at the node that the alias of `length` characters stands for. */
static bool start_at_alias(const struct tree *t, const char *alias, size_t length,
                           struct tree_path *p)
{
    char name[32]; /* §3.3: 1 to 31 characters */
    uint32_t node = tree_subnode(t, p->node[0], "aliases", 7);
    const uint8_t *value = NULL;
    uint32_t size = 0;

    if (node != TREE_NONE && length < sizeof name) {
        memcpy(name, alias, length);
        name[length] = '\0';
        value = tree_property(t, node, name, &size);
    }
    return value != NULL && size > 1 && value[0] == '/' && value[size - 1] == 0 &&
           go_down(t, (const char *)value, strlen((const char *)value), p);
}

bool tree_path_find(const struct tree *t, const char *path, size_t length, struct tree_path *p)
{
    size_t alias = 0;

    tree_path_start(t, p);
    while (alias < length && path[alias] != '/') {
        alias++;
    }
    if (alias != 0 && !start_at_alias(t, path, alias, p)) {
        return false;
    }
    return go_down(t, path + alias, length - alias, p);
}
