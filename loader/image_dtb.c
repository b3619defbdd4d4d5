/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The loading machine's view of the device tree (Devicetree Specification 0.4, chapters 2, 3
 * and 5). The tree is untrusted until image_dtb_prepare() has checked it.
 */
#include "image_dtb.h"

#include <string.h>

#include "image_bytes.h"
#include "image_tree.h"

#define TREE     "device tree"
#define BOOTARGS "bootargs"

static enum image_code bad_tree(struct image_error *err, const char *field, const char *rule)
{
    return image_fail(err, IMAGE_BAD_DTB, TREE, -1, field, rule);
}

static uint32_t header_word(const void *dtb, unsigned offset)
{
    return get_be32((const uint8_t *)dtb + offset);
}

uint64_t image_dtb_size(const void *dtb)
{
    return header_word(dtb, TREE_OFF_TOTAL);
}

/* ---- writing a packed tree ---- */

#define FIRST_PART ((TREE_HEADER_SIZE + 7u) & ~7u)

/* Bytes that are written one after the other; what does not fit in cap is only counted. */
struct writer {
    uint8_t *bytes;
    uint64_t cap;
    uint64_t size;
};

static void put(struct writer *w, const void *bytes, uint64_t size)
{
    if (range_within(w->size, size, w->cap)) {
        memcpy(w->bytes + w->size, bytes, size);
    }
    w->size += size;
}

static void put_zero(struct writer *w, uint64_t size)
{
    if (range_within(w->size, size, w->cap)) {
        memset(w->bytes + w->size, 0, size);
    }
    w->size += size;
}

static void set_be32(uint8_t *p, uint32_t value)
{
    put_u32(p, __builtin_bswap32(value));
}

static void put_word(struct writer *w, uint32_t value)
{
    uint8_t bytes[4];

    set_be32(bytes, value);
    put(w, bytes, sizeof bytes);
}

/* The bytes of the reserve map without its end. */
static uint32_t reserve_map_size(const uint8_t *map)
{
    uint32_t size = 0;

    while ((get_be64(map + size) | get_be64(map + size + 8)) != 0) {
        size += TREE_RESERVE_ENTRY;
    }
    return size;
}

/* What is new in the structure block: bytes [from, to) of the old one make room for a property. */
struct edit {
    uint32_t from;
    uint32_t to;
    bool new_node; /* /chosen around the property */
    uint32_t name; /* of the property in the strings block */
    const char *value;
};

/* Where /chosen/bootargs goes: over the old one, or before the node's first property. */
static void find_edit(const uint8_t *dtb, const char *bootargs, struct edit *e)
{
    struct tree t;
    uint32_t chosen;
    uint32_t length;
    const uint8_t *old = NULL;

    tree_open(dtb, &t);
    chosen = tree_subnode(&t, tree_root(&t), "chosen", strlen("chosen"));
    e->value = bootargs;
    e->name = header_word(dtb, TREE_OFF_STRINGS_SIZE);
    e->new_node = chosen == TREE_NONE;
    e->from =
        e->new_node ? tree_after_properties(&t, tree_root(&t)) : tree_first_property(&t, chosen);
    e->to = e->from;
    if (!e->new_node) {
        old = tree_property(&t, chosen, BOOTARGS, &length);
    }
    if (old != NULL) {
        e->from = (uint32_t)(old - t.structure) - 12;
        e->to = e->from + 12 + (uint32_t)round_up(length, 4);
        e->name = get_be32(old - 4);
    }
}

static void put_edit(struct writer *w, const struct edit *e)
{
    uint32_t length = (uint32_t)strlen(e->value) + 1;

    if (e->new_node) {
        put_word(w, TREE_BEGIN_NODE);
        put(w, "chosen\0", 8);
    }
    put_word(w, TREE_PROPERTY);
    put_word(w, length);
    put_word(w, e->name);
    put(w, e->value, length);
    put_zero(w, -length % 4);
    if (e->new_node) {
        put_word(w, TREE_END_NODE);
    }
}

/* The structure block, then the strings; both offsets and sizes go to the new header. */
static void put_blocks(struct writer *w, const uint8_t *from, uint8_t *header, const struct edit *e)
{
    const uint8_t *structure = from + header_word(from, TREE_OFF_STRUCTURE);
    uint32_t strings_size = header_word(from, TREE_OFF_STRINGS_SIZE);
    uint32_t start = (uint32_t)w->size;

    set_be32(header + TREE_OFF_STRUCTURE, start);
    put(w, structure, e->from);
    if (e->value[0] != '\0') {
        put_edit(w, e);
    }
    put(w, structure + e->to, header_word(from, TREE_OFF_STRUCTURE_SIZE) - e->to);
    set_be32(header + TREE_OFF_STRUCTURE_SIZE, (uint32_t)w->size - start);
    start = (uint32_t)w->size;
    set_be32(header + TREE_OFF_STRINGS, start);
    put(w, from + header_word(from, TREE_OFF_STRINGS), strings_size);
    if (e->value[0] != '\0' && e->name == strings_size) {
        put(w, BOOTARGS, sizeof BOOTARGS);
    }
    set_be32(header + TREE_OFF_STRINGS_SIZE, (uint32_t)w->size - start);
}

enum image_code image_dtb_prepare(const void *from, uint64_t from_max, void *buf, uint64_t cap,
                                  const char *bootargs, uint64_t *size, struct image_error *err)
{
    struct writer w = {buf, cap, 0};
    struct edit e = {.value = ""};
    uint8_t header[FIRST_PART] = {0};
    const uint8_t *map;
    enum image_code code = image_dtb_check(from, from_max, err);

    if (code != IMAGE_OK) {
        return code;
    }
    if (bootargs[0] != '\0') {
        find_edit(from, bootargs, &e);
    }
    memcpy(header, from, TREE_HEADER_SIZE);
    map = (const uint8_t *)from + header_word(from, TREE_OFF_RESERVE_MAP);
    set_be32(header + TREE_OFF_RESERVE_MAP, FIRST_PART);
    set_be32(header + TREE_OFF_VERSION, 17);
    set_be32(header + TREE_OFF_LAST_VERSION, 16);
    put_zero(&w, FIRST_PART);
    put(&w, map, reserve_map_size(map) + TREE_RESERVE_ENTRY);
    put_blocks(&w, from, header, &e);
    if (w.size > cap) {
        return image_fail_numbers(err, IMAGE_BAD_DTB, TREE, -1, "size in use", "at most", cap,
                                  w.size);
    }
    set_be32(header + TREE_OFF_TOTAL, (uint32_t)w.size);
    memcpy(buf, header, FIRST_PART);
    *size = w.size;
    return IMAGE_OK;
}

static void add_to_field(uint8_t *dtb, unsigned offset, uint32_t more)
{
    set_be32(dtb + offset, get_be32(dtb + offset) + more);
}

enum image_code image_dtb_reserve(void *buf, uint64_t cap, uint64_t start, uint64_t length,
                                  uint64_t *size, struct image_error *err)
{
    uint8_t *dtb = buf;
    uint8_t *end = dtb + FIRST_PART + reserve_map_size(dtb + FIRST_PART);

    if (!range_within(image_dtb_size(dtb), TREE_RESERVE_ENTRY, cap)) {
        return bad_tree(err, "memory reserve map", "room for one more range");
    }
    memmove(end + TREE_RESERVE_ENTRY, end, (size_t)(dtb + image_dtb_size(dtb) - end));
    put_u64(end, __builtin_bswap64(start));
    put_u64(end + 8, __builtin_bswap64(length));
    add_to_field(dtb, TREE_OFF_STRUCTURE, TREE_RESERVE_ENTRY);
    add_to_field(dtb, TREE_OFF_STRINGS, TREE_RESERVE_ENTRY);
    add_to_field(dtb, TREE_OFF_TOTAL, TREE_RESERVE_ENTRY);
    *size = image_dtb_size(dtb);
    return IMAGE_OK;
}

/* ---- memory ---- */

/* §2.3.5: a missing property has the value given; one that no reader understands counts as 0. */
unsigned image_dtb_cells(const struct tree *t, uint32_t node, const char *name, unsigned missing)
{
    uint32_t length;
    const uint8_t *p = tree_property(t, node, name, &length);

    if (p == NULL) {
        return missing;
    }
    return length == 4 && get_be32(p) <= 4 ? get_be32(p) : 0;
}

/* The number of `cells` words at *p, which is moved on; false when it exceeds 64 bits. */
static bool read_cells(const uint8_t **p, unsigned cells, uint64_t *value)
{
    *value = 0;
    for (unsigned i = 0; i < cells; i++) {
        if (*value >> 32 != 0) {
            return false;
        }
        *value = (*value << 32) | get_be32(*p);
        *p += 4;
    }
    return true;
}

bool image_dtb_reg(const struct tree *t, uint32_t node, uint32_t parent, struct image_range *ranges,
                   unsigned max, unsigned *count)
{
    unsigned address_cells = image_dtb_cells(t, parent, "#address-cells", 2);
    unsigned size_cells = image_dtb_cells(t, parent, "#size-cells", 1);
    uint32_t step = (address_cells + size_cells) * 4;
    uint32_t length;
    const uint8_t *p = tree_property(t, node, "reg", &length);

    if (p == NULL) {
        return true; /* a reserved range that the system chooses itself */
    }
    if (address_cells < 1 || size_cells < 1 || length % step != 0) {
        return false;
    }
    for (; length > 0; length -= step) {
        struct image_range r;

        if (!read_cells(&p, address_cells, &r.base) || !read_cells(&p, size_cells, &r.size) ||
            r.size > UINT64_MAX - r.base || *count == max) {
            return false;
        }
        if (r.size != 0) {
            ranges[(*count)++] = r;
        }
    }
    return true;
}

/* Devicetree Specification 0.4 §2.3.4: no status is "okay". Secure memory is "disabled". */
static bool is_okay(const struct tree *t, uint32_t node)
{
    uint32_t length;

    return tree_property(t, node, "status", &length) == NULL ||
           tree_is(t, node, "status", "okay") || tree_is(t, node, "status", "ok");
}

static enum image_code read_reserved(const uint8_t *dtb, const struct tree *t,
                                     struct image_dtb_memory *m, struct image_error *err)
{
    const uint8_t *map = dtb + header_word(dtb, TREE_OFF_RESERVE_MAP);
    uint32_t size = reserve_map_size(map);
    uint32_t parent;
    uint32_t node;

    for (uint32_t at = 0; at < size; at += TREE_RESERVE_ENTRY) {
        struct image_range r = {get_be64(map + at), get_be64(map + at + 8)};

        if (m->memory.reserved_count == IMAGE_MAX_RESERVED || r.size > UINT64_MAX - r.base) {
            return bad_tree(err, "memory reserve map", "at most 32 ranges below 2^64");
        }
        m->reserved[m->memory.reserved_count++] = r;
    }
    parent = tree_subnode(t, tree_root(t), "reserved-memory", strlen("reserved-memory"));
    if (parent == TREE_NONE) {
        return IMAGE_OK;
    }
    for (node = tree_child(t, parent); node != TREE_NONE; node = tree_sibling(t, node)) {
        if (!image_dtb_reg(t, node, parent, m->reserved, IMAGE_MAX_RESERVED,
                           &m->memory.reserved_count)) {
            return bad_tree(err, "/reserved-memory", "at most 32 ranges below 2^64");
        }
    }
    return IMAGE_OK;
}

enum image_code image_dtb_memory(const void *dtb, struct image_dtb_memory *m,
                                 struct image_error *err)
{
    struct tree t;
    uint32_t root;

    m->memory.ram = m->ram;
    m->memory.ram_count = 0;
    m->memory.reserved = m->reserved;
    m->memory.reserved_count = 0;
    tree_open(dtb, &t);
    root = tree_root(&t);
    for (uint32_t node = tree_child(&t, root); node != TREE_NONE; node = tree_sibling(&t, node)) {
        if (tree_is(&t, node, "device_type", "memory") && is_okay(&t, node) &&
            !image_dtb_reg(&t, node, root, m->ram, IMAGE_MAX_RAM, &m->memory.ram_count)) {
            return bad_tree(err, "/memory reg", "at most 16 ranges below 2^64");
        }
    }
    if (m->memory.ram_count == 0) {
        return bad_tree(err, "/memory", "a node with device_type \"memory\" and a range");
    }
    return read_reserved(dtb, &t, m, err);
}

const char *image_dtb_model(const void *dtb)
{
    struct tree t;
    uint32_t length;
    const char *model;

    tree_open(dtb, &t);
    model = (const char *)tree_property(&t, tree_root(&t), "model", &length);
    if (model == NULL || length < 1 || length > 64 || model[length - 1] != '\0') {
        return "unknown";
    }
    return model;
}
