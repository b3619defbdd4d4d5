/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The loading machine's view of the device tree (Devicetree Specification 0.4, chapters 2, 3
 * and 5). The tree is untrusted until image_dtb_prepare() has checked it.
 */
#include "image_dtb.h"

#include <libfdt.h>
#include <string.h>

#include "image_bytes.h"

#define TREE "device tree"

static enum image_code bad_tree(struct image_error *err, const char *field, const char *rule)
{
    return image_fail(err, IMAGE_BAD_DTB, TREE, -1, field, rule);
}

uint64_t image_dtb_size(const void *dtb)
{
    return fdt_totalsize(dtb);
}

static enum image_code set_bootargs(void *buf, const char *bootargs, struct image_error *err)
{
    int chosen = fdt_path_offset(buf, "/chosen");

    if (chosen < 0) {
        chosen = fdt_add_subnode(buf, 0, "chosen");
    }
    if (chosen < 0 || fdt_setprop_string(buf, chosen, "bootargs", bootargs) != 0) {
        return bad_tree(err, "/chosen/bootargs", "room for the image's boot arguments");
    }
    return IMAGE_OK;
}

#define FIRST_PART ((FDT_V17_SIZE + 7u) & ~7u)

static uint32_t reserve_map_size(const void *dtb)
{
    return ((uint32_t)fdt_num_mem_rsv(dtb) + 1) * (uint32_t)sizeof(struct fdt_reserve_entry);
}

static uint64_t used_size(const void *dtb)
{
    return (uint64_t)FIRST_PART + reserve_map_size(dtb) + fdt_size_dt_struct(dtb) +
           fdt_size_dt_strings(dtb);
}

/*
 * Copies a checked tree's three parts next to each other. fdt_open_into() would ask for room for
 * the declared size, which is 1 MiB for the few KiB of QEMU's tree.
 */
static void copy_parts(const void *from, void *buf, uint64_t cap)
{
    const char *src = from;
    char *dst = buf;
    uint32_t structure = FIRST_PART + reserve_map_size(from);
    uint32_t strings = structure + fdt_size_dt_struct(from);

    memset(dst, 0, FIRST_PART);
    memcpy(dst, src, FDT_V17_SIZE);
    memcpy(dst + FIRST_PART, src + fdt_off_mem_rsvmap(from), reserve_map_size(from));
    memcpy(dst + structure, src + fdt_off_dt_struct(from), fdt_size_dt_struct(from));
    memcpy(dst + strings, src + fdt_off_dt_strings(from), fdt_size_dt_strings(from));
    fdt_set_version(buf, 17);
    fdt_set_last_comp_version(buf, 16);
    fdt_set_off_mem_rsvmap(buf, FIRST_PART);
    fdt_set_off_dt_struct(buf, structure);
    fdt_set_off_dt_strings(buf, strings);
    fdt_set_totalsize(buf, (uint32_t)cap);
}

enum image_code image_dtb_prepare(const void *from, uint64_t from_max, void *buf, uint64_t cap,
                                  const char *bootargs, uint64_t *size, struct image_error *err)
{
    enum image_code code;
    uint64_t needed;

    code = image_dtb_check(from, from_max, err);
    if (code != IMAGE_OK) {
        return code;
    }
    needed = used_size(from);
    if (needed > cap) {
        return image_fail_numbers(err, IMAGE_BAD_DTB, TREE, -1, "size in use", "at most", cap,
                                  needed);
    }
    copy_parts(from, buf, cap);
    if (bootargs[0] != '\0') {
        code = set_bootargs(buf, bootargs, err);
        if (code != IMAGE_OK) {
            return code;
        }
    }
    if (fdt_pack(buf) != 0) {
        return bad_tree(err, "structure", "a tree that can be packed");
    }
    *size = fdt_totalsize(buf);
    return IMAGE_OK;
}

enum image_code image_dtb_reserve(void *buf, uint64_t cap, uint64_t start, uint64_t length,
                                  uint64_t *size, struct image_error *err)
{
    if (fdt_open_into(buf, buf, (int)cap) != 0 || fdt_add_mem_rsv(buf, start, length) != 0 ||
        fdt_pack(buf) != 0) {
        return bad_tree(err, "memory reserve map", "room for one more range");
    }
    *size = fdt_totalsize(buf);
    return IMAGE_OK;
}

/* The number of `cells` 32-bit words at *p, which is moved on; false when it exceeds 64 bits. */
static bool read_cells(const fdt32_t **p, int cells, uint64_t *value)
{
    *value = 0;
    for (int i = 0; i < cells; i++) {
        if (*value >> 32 != 0) {
            return false;
        }
        *value = (*value << 32) | fdt32_to_cpu(*(*p)++);
    }
    return true;
}

/* Appends every range of a node's reg property; false when one is malformed or too many. */
bool image_dtb_reg(const void *dtb, int node, int parent, struct image_range *ranges, unsigned max,
                   unsigned *count)
{
    int address_cells = fdt_address_cells(dtb, parent);
    int size_cells = fdt_size_cells(dtb, parent);
    int length;
    const fdt32_t *p = fdt_getprop(dtb, node, "reg", &length);
    int step = (address_cells + size_cells) * (int)sizeof(fdt32_t);

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
static bool is_okay(const void *dtb, int node)
{
    int length;
    const char *status = fdt_getprop(dtb, node, "status", &length);

    return status == NULL || (length == 5 && memcmp(status, "okay", 5) == 0) ||
           (length == 3 && memcmp(status, "ok", 3) == 0);
}

static bool has_device_type(const void *dtb, int node, const char *type)
{
    int length;
    const char *value = fdt_getprop(dtb, node, "device_type", &length);

    return value != NULL && length == (int)strlen(type) + 1 &&
           memcmp(value, type, (size_t)length) == 0;
}

static enum image_code read_reserved(const void *dtb, struct image_dtb_memory *m,
                                     struct image_error *err)
{
    int parent = fdt_path_offset(dtb, "/reserved-memory");
    int node;

    for (int i = 0; i < fdt_num_mem_rsv(dtb); i++) {
        struct image_range *r = &m->reserved[m->memory.reserved_count];

        if (m->memory.reserved_count == IMAGE_MAX_RESERVED ||
            fdt_get_mem_rsv(dtb, i, &r->base, &r->size) != 0 || r->size > UINT64_MAX - r->base) {
            return bad_tree(err, "memory reserve map", "at most 32 ranges below 2^64");
        }
        m->memory.reserved_count++;
    }
    if (parent < 0) {
        return IMAGE_OK;
    }
    fdt_for_each_subnode(node, dtb, parent)
    {
        if (!image_dtb_reg(dtb, node, parent, m->reserved, IMAGE_MAX_RESERVED,
                           &m->memory.reserved_count)) {
            return bad_tree(err, "/reserved-memory", "at most 32 ranges below 2^64");
        }
    }
    return IMAGE_OK;
}

enum image_code image_dtb_memory(const void *dtb, struct image_dtb_memory *m,
                                 struct image_error *err)
{
    int node;

    m->memory.ram = m->ram;
    m->memory.ram_count = 0;
    m->memory.reserved = m->reserved;
    m->memory.reserved_count = 0;
    fdt_for_each_subnode(node, dtb, 0)
    {
        if (has_device_type(dtb, node, "memory") && is_okay(dtb, node) &&
            !image_dtb_reg(dtb, node, 0, m->ram, IMAGE_MAX_RAM, &m->memory.ram_count)) {
            return bad_tree(err, "/memory reg", "at most 16 ranges below 2^64");
        }
    }
    if (m->memory.ram_count == 0) {
        return bad_tree(err, "/memory", "a node with device_type \"memory\" and a range");
    }
    return read_reserved(dtb, m, err);
}

const char *image_dtb_model(const void *dtb)
{
    int length;
    const char *model = fdt_getprop(dtb, 0, "model", &length);

    if (model == NULL || length < 1 || length > 64 || model[length - 1] != '\0') {
        return "unknown";
    }
    return model;
}
