/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The loading machine's handling of device trees: packing, boot arguments, memory, damage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "image_dtb.h"

#define DECLARED 0x100000 /* as QEMU declares its tree */

/* A tree of QEMU virt's shape, in a block of DECLARED bytes; caller frees. */
static void *make_tree(void)
{
    static const uint32_t reg64[4] = {0, 0x40000000, 0, 0x20000000};
    static const uint32_t uart[4] = {0, 0x9000000, 0, 0x1000};
    static const uint32_t pool[4] = {0, 0x48000000, 0, 0x100000};
    uint32_t cells[4];
    void *t = malloc(DECLARED);
    int node;

    assert_int_equal(fdt_create_empty_tree(t, DECLARED), 0);
    fdt_setprop_u32(t, 0, "#address-cells", 2);
    fdt_setprop_u32(t, 0, "#size-cells", 2);
    fdt_setprop_string(t, 0, "model", "sample board");
    node = fdt_add_subnode(t, 0, "reserved-memory");
    fdt_setprop_u32(t, node, "#address-cells", 2);
    fdt_setprop_u32(t, node, "#size-cells", 2);
    node = fdt_add_subnode(t, node, "pool@48000000");
    for (unsigned i = 0; i < 4; i++) {
        cells[i] = cpu_to_fdt32(pool[i]);
    }
    fdt_setprop(t, node, "reg", cells, sizeof cells);
    node = fdt_add_subnode(t, 0, "pl011@9000000");
    for (unsigned i = 0; i < 4; i++) {
        cells[i] = cpu_to_fdt32(uart[i]);
    }
    fdt_setprop(t, node, "reg", cells, sizeof cells);
    fdt_setprop(t, node, "compatible", "arm,pl011\0arm,primecell", 24);
    node = fdt_add_subnode(t, 0, "memory@40000000");
    for (unsigned i = 0; i < 4; i++) {
        cells[i] = cpu_to_fdt32(reg64[i]);
    }
    fdt_setprop(t, node, "reg", cells, sizeof cells);
    fdt_setprop_string(t, node, "device_type", "memory");
    node = fdt_add_subnode(t, 0, "chosen");
    fdt_setprop_string(t, node, "stdout-path", "/pl011@9000000:115200n8");
    fdt_setprop_string(t, node, "bootargs", "from firmware");
    fdt_add_mem_rsv(t, 0x41000000, 0x2000);
    return t;
}

static uint8_t packed[IMAGE_DTB_MAX] __attribute__((aligned(8)));

static const char *bootargs_of(const void *dtb)
{
    return fdt_getprop(dtb, fdt_path_offset(dtb, "/chosen"), "bootargs", NULL);
}

static void test_packs(void **state)
{
    void *t = make_tree();
    struct image_error err;
    uint64_t size = 0;

    (void)state;
    assert_int_equal(image_dtb_prepare(t, DECLARED, packed, sizeof packed, "", &size, &err), 0);
    assert_true(size < 1024);
    assert_int_equal(fdt_totalsize(packed), size);
    assert_int_equal(fdt_check_full(packed, size), 0);
    assert_string_equal(bootargs_of(packed), "from firmware");
    assert_string_equal(image_dtb_model(packed), "sample board");
    free(t);
}

static void test_bootargs_of_the_image_win(void **state)
{
    void *t = make_tree();
    struct image_error err;
    uint64_t size;

    (void)state;
    assert_int_equal(image_dtb_prepare(t, DECLARED, packed, sizeof packed, "a b=1", &size, &err),
                     0);
    assert_string_equal(bootargs_of(packed), "a b=1");
    fdt_del_node(t, fdt_path_offset(t, "/chosen"));
    assert_int_equal(image_dtb_prepare(t, DECLARED, packed, sizeof packed, "c", &size, &err), 0);
    assert_string_equal(bootargs_of(packed), "c");
    assert_int_equal(fdt_check_full(packed, size), 0);
    free(t);
}

static void test_facts(void **state)
{
    void *t = make_tree();
    struct image_dtb_memory m;
    struct image_error err;
    uint64_t size;
    struct image_uart uart;

    (void)state;
    assert_int_equal(image_dtb_prepare(t, DECLARED, packed, sizeof packed, "", &size, &err), 0);
    image_dtb_uart(packed, &uart);
    assert_int_equal(uart.kind, IMAGE_UART_PL011);
    assert_int_equal(uart.base, 0x9000000);
    assert_int_equal(image_dtb_memory(packed, &m, &err), IMAGE_OK);
    assert_int_equal(m.memory.ram_count, 1);
    assert_int_equal(m.ram[0].base, 0x40000000);
    assert_int_equal(m.ram[0].size, 0x20000000);
    assert_int_equal(m.memory.reserved_count, 2);
    assert_int_equal(m.reserved[0].base, 0x41000000);
    assert_int_equal(m.reserved[0].size, 0x2000);
    assert_int_equal(m.reserved[1].base, 0x48000000);
    /* secure memory is in the tree, but not for us */
    fdt_open_into(packed, packed, sizeof packed);
    fdt_setprop_string(packed, fdt_path_offset(packed, "/memory@40000000"), "status", "okay");
    assert_int_equal(image_dtb_memory(packed, &m, &err), IMAGE_OK);
    fdt_setprop_string(packed, fdt_path_offset(packed, "/memory@40000000"), "status", "disabled");
    assert_int_equal(image_dtb_memory(packed, &m, &err), IMAGE_BAD_DTB);
    fdt_delprop(packed, fdt_path_offset(packed, "/memory@40000000"), "status");
    fdt_del_node(packed, fdt_path_offset(packed, "/memory@40000000"));
    assert_int_equal(image_dtb_memory(packed, &m, &err), IMAGE_BAD_DTB);
    fdt_del_node(packed, fdt_path_offset(packed, "/pl011@9000000"));
    image_dtb_uart(packed, &uart);
    assert_int_equal(uart.kind, IMAGE_UART_NONE);
    free(t);
}

static void test_refuses_bad_numbers(void **state)
{
    static const uint32_t wraps[4] = {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff};
    void *t = make_tree();
    struct image_dtb_memory m;
    struct image_error err;
    int node = fdt_path_offset(t, "/memory@40000000");

    (void)state;
    fdt_setprop(t, node, "reg", wraps, sizeof wraps);
    assert_int_equal(image_dtb_memory(t, &m, &err), IMAGE_BAD_DTB);
    fdt_setprop(t, node, "reg", wraps, 12);
    assert_int_equal(image_dtb_memory(t, &m, &err), IMAGE_BAD_DTB);
    fdt_setprop_u32(t, 0, "#address-cells", 0);
    assert_int_equal(image_dtb_memory(t, &m, &err), IMAGE_BAD_DTB);
    assert_int_equal(image_exit_status(err.code), 3);
    free(t);
}

static void set_reg(void *t, int node, unsigned count, const uint32_t *values)
{
    uint32_t cells[80];

    assert_true(count <= 80);
    for (unsigned i = 0; i < count; i++) {
        cells[i] = cpu_to_fdt32(values[i]);
    }
    assert_int_equal(fdt_setprop(t, node, "reg", cells, (int)(4 * count)), 0);
}

static void test_numbers_of_three_cells(void **state)
{
    static const uint32_t fits[6] = {0, 0, 0x40000000, 0, 0, 0x1000};
    static const uint32_t high_base[6] = {1, 0, 0x40000000, 0, 0, 0x1000};
    static const uint32_t high_size[6] = {0, 0, 0x40000000, 1, 0, 0x1000};
    void *t = make_tree();
    struct image_dtb_memory m;
    struct image_error err;
    int node = fdt_path_offset(t, "/memory@40000000");

    (void)state;
    fdt_setprop_u32(t, 0, "#address-cells", 3);
    fdt_setprop_u32(t, 0, "#size-cells", 3);
    node = fdt_path_offset(t, "/memory@40000000");
    set_reg(t, node, 6, high_base);
    assert_int_equal(image_dtb_memory(t, &m, &err), IMAGE_BAD_DTB);
    set_reg(t, node, 6, high_size);
    assert_int_equal(image_dtb_memory(t, &m, &err), IMAGE_BAD_DTB);
    set_reg(t, node, 6, fits);
    assert_int_equal(image_dtb_memory(t, &m, &err), IMAGE_OK);
    assert_int_equal(m.ram[0].base, 0x40000000);
    assert_int_equal(m.ram[0].size, 0x1000);
    fdt_setprop(t, 0, "#size-cells", fits, 8); /* not one cell */
    assert_int_equal(image_dtb_memory(t, &m, &err), IMAGE_BAD_DTB);
    free(t);
}

static void test_bounds_of_lists(void **state)
{
    uint32_t reg[80] = {0};
    void *t = make_tree();
    struct image_dtb_memory m;
    struct image_error err;
    int node = fdt_path_offset(t, "/memory@40000000");

    (void)state;
    for (unsigned i = 0; i < IMAGE_MAX_RAM + 2; i++) {
        reg[4 * i + 1] = 0x40000000 + i * 0x100000;
        reg[4 * i + 3] = i == 3 ? 0 : 0x1000; /* an empty range does not count */
    }
    set_reg(t, node, 4 * (IMAGE_MAX_RAM + 1), reg);
    fdt_setprop_string(t, fdt_path_offset(t, "/memory@40000000"), "status", "ok");
    assert_int_equal(image_dtb_memory(t, &m, &err), IMAGE_OK);
    assert_int_equal(m.memory.ram_count, IMAGE_MAX_RAM);
    set_reg(t, fdt_path_offset(t, "/memory@40000000"), 4 * (IMAGE_MAX_RAM + 2), reg);
    assert_int_equal(image_dtb_memory(t, &m, &err), IMAGE_BAD_DTB);
    set_reg(t, fdt_path_offset(t, "/memory@40000000"), 4, reg);
    for (unsigned i = 1; i < IMAGE_MAX_RESERVED - 1; i++) {
        assert_int_equal(fdt_add_mem_rsv(t, 0x41000000 + i * 0x10000, 0x1000), 0);
    }
    assert_int_equal(image_dtb_memory(t, &m, &err), IMAGE_OK); /* and the pool: as many as fit */
    assert_int_equal(m.memory.reserved_count, IMAGE_MAX_RESERVED);
    assert_int_equal(fdt_add_mem_rsv(t, 0x51000000, 0x1000), 0);
    assert_int_equal(image_dtb_memory(t, &m, &err), IMAGE_BAD_DTB);
    assert_int_equal(fdt_add_mem_rsv(t, 0x52000000, 0x1000), 0);
    assert_int_equal(image_dtb_memory(t, &m, &err), IMAGE_BAD_DTB);
    while (fdt_num_mem_rsv(t) > 0) {
        assert_int_equal(fdt_del_mem_rsv(t, 0), 0);
    }
    assert_int_equal(fdt_add_mem_rsv(t, UINT64_MAX - 0xfff, 0x1001), 0); /* wraps around */
    assert_int_equal(image_dtb_memory(t, &m, &err), IMAGE_BAD_DTB);
    free(t);
}

static void test_refuses_what_does_not_fit(void **state)
{
    void *t = make_tree();
    struct image_error err;
    uint64_t size;
    char text[256];

    (void)state;
    assert_int_equal(image_dtb_prepare(t, DECLARED - 1, packed, sizeof packed, "", &size, &err),
                     IMAGE_BAD_DTB);
    assert_int_equal(image_dtb_prepare(t, DECLARED, packed, 256, "", &size, &err), IMAGE_BAD_DTB);
    image_error_text(&err, text, sizeof text);
    assert_non_null(strstr(text, "size in use: expected at most 0x100"));
    memset(t, 0, 4);
    assert_int_equal(image_dtb_prepare(t, DECLARED, packed, sizeof packed, "", &size, &err),
                     IMAGE_BAD_DTB);
    free(t);
}

/* Any flipped byte of a packed tree: refused, or accepted and readable; never a wild read. */
static void test_survives_damage(void **state)
{
    void *t = make_tree();
    struct image_error err;
    uint64_t size;
    uint8_t *copy;

    (void)state;
    assert_int_equal(fdt_pack(t), 0);
    size = fdt_totalsize(t);
    copy = malloc(size);
    for (uint64_t at = 0; at < size; at++) {
        struct image_dtb_memory m;
        struct image_uart uart;
        uint64_t out;

        memcpy(copy, t, size);
        copy[at] ^= 0xff;
        if (image_dtb_prepare(copy, size, packed, sizeof packed, "x", &out, &err) == IMAGE_OK) {
            assert_true(out <= sizeof packed);
            (void)!image_dtb_memory(packed, &m, &err);
            image_dtb_uart(packed, &uart);
            assert_true(strlen(image_dtb_model(packed)) < 64);
        }
    }
    free(copy);
    free(t);
}

/* --- hand-made trees: header, reserve map at 40, structure at 72, strings "p" behind it --- */

#define WORDS_MAX 160u

struct raw {
    unsigned words;
    uint32_t structure[WORDS_MAX];
    const char *sentence; /* NULL: the tree is good */
};

static void put_be32(uint8_t *p, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++) {
        p[i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

/* A block of exactly the tree's size; caller frees. */
static uint8_t *make_raw(const struct raw *r, uint32_t *size)
{
    uint32_t structure = 4 * r->words;
    uint32_t header[10] = {0xd00dfeed, 0, 72, 72 + structure, 40, 17, 16, 0, 2, structure};
    uint8_t *t;

    header[1] = *size = 72 + structure + 2;
    t = calloc(1, *size);
    for (unsigned i = 0; i < 10; i++) {
        put_be32(t + 4 * i, header[i]);
    }
    t[40 + 15] = 1; /* one reserved range, then the end of the map */
    for (unsigned i = 0; i < r->words; i++) {
        put_be32(t + 72 + 4 * i, r->structure[i]);
    }
    t[72 + structure] = 'p';
    return t;
}

#define NODE(c) 1, (uint32_t)(c) << 24

static const struct raw raws[] = {
    {4, {NODE(0), 2, 9}, NULL},
    {8, {NODE(0), 3, 4, 0, 77, 2, 9}, NULL},
    {7, {NODE(0), NODE('a'), 2, 2, 9}, NULL},
    {0, {0}, "offset 0: token: expected an end of the tree"},
    {1, {9}, "offset 0: token"},
    {3, {NODE(0), 9}, "offset 8: token"},
    {1, {2}, "offset 0: token"},
    {5, {NODE(0), 2, 2, 9}, "offset 12: token"},
    {3, {NODE(0), 2}, "offset 12: token: expected an end of the tree"},
    {4, {NODE(0), 5, 9}, "offset 8: token"},
    {4, {NODE('r'), 2, 9}, "offset 4: node name"},
    {7, {NODE(0), NODE(0), 2, 2, 9}, "offset 12: node name"},
    {4, {NODE(0), 1, 0x61626364}, "offset 12: node name"},
    {3, {NODE(0), 1}, "offset 12: node name"},
    {7, {NODE(0), 2, NODE(0), 2, 9}, "offset 16: node: expected one root"},
    {3, {3, 0, 0}, "offset 4: property: expected in a node"},
    {10, {NODE(0), NODE('a'), 2, 3, 0, 0, 2, 9}, "offset 24: property: expected in a node"},
    {4, {NODE(0), 3, 0}, "offset 12: property: expected a length"},
    {5, {NODE(0), 3, 1, 0}, "offset 12: property value"},
    {5, {NODE(0), 3, 0xffffffff, 0}, "offset 12: property value"},
    {7, {NODE(0), 3, 0, 1, 2, 9}, "offset 12: property name"},
    {7, {NODE(0), 3, 0, 2, 2, 9}, "offset 12: property name"},
};

static void assert_check(const uint8_t *t, uint32_t size, const char *sentence)
{
    struct image_error err;
    char text[256];

    if (sentence == NULL) {
        assert_int_equal(image_dtb_check(t, size, &err), IMAGE_OK);
        return;
    }
    assert_int_equal(image_dtb_check(t, size, &err), IMAGE_BAD_DTB);
    image_error_text(&err, text, sizeof text);
    if (strstr(text, sentence) == NULL) {
        print_error("\"%s\" not in \"%s\"\n", sentence, text);
        fail();
    }
}

static void test_structure(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof raws / sizeof raws[0]; i++) {
        uint32_t size;
        uint8_t *t = make_raw(&raws[i], &size);

        assert_check(t, size, raws[i].sentence);
        free(t);
    }
}

static void test_depth(void **state)
{
    struct raw deep = {.words = 0};
    uint32_t size;
    uint8_t *t;

    (void)state;
    for (unsigned i = 0; i < 33; i++) {
        deep.structure[deep.words++] = 1;
        deep.structure[deep.words++] = i == 0 ? 0 : (uint32_t)'n' << 24;
    }
    t = make_raw(&deep, &size);
    assert_check(t, size, "node: expected at most 32 levels");
    free(t);
}

static void test_header(void **state)
{
    static const struct {
        unsigned offset;
        uint32_t value;
        const char *sentence;
    } changes[] = {
        {0, 0xd00dfeee, "magic: expected 0xd00dfeed"},
        {4, 39, "declared size"},
        {4, 91, "declared size"},
        {4, 0xffffffff, "declared size"},
        {8, 74, "structure block: expected an offset"},
        {8, 36, "structure block: expected an offset"},
        {8, 92, "structure block: expected with its size"},
        {36, 0x80000000, "structure block: expected with its size"},
        {12, 0xfffffff0, "strings block: expected with its size"},
        {32, 3, "strings block: expected with its size"},
        {16, 44, "reserve map: expected an offset"},
        {16, 96, "reserve map: expected with its size"},
        {16, 64, "reserve map: expected an end"},
        {20, 16, "version"},
        {24, 18, "version"},
        {36, 5, "offset 4: node name"}, /* no room for the padding */
        {32, 0, NULL},                  /* no strings, and none used */
    };
    uint32_t size;

    (void)state;
    for (unsigned i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        uint8_t *t = make_raw(&raws[0], &size);

        assert_int_equal(size, 90);
        put_be32(t + changes[i].offset, changes[i].value);
        assert_check(t, size, changes[i].sentence);
        free(t);
    }
}

/* Strings that do not end are none; a block as large as no machine's memory is not read. */
static void test_header_at_its_bounds(void **state)
{
    struct image_error err;
    uint32_t size;
    uint8_t *t = make_raw(&raws[1], &size);

    (void)state;
    t[size - 1] = 'q';
    assert_check(t, size, "offset 12: property name");
    put_be32(t + 4, 0x80000000);
    assert_int_equal(image_dtb_check(t, UINT32_MAX, &err), IMAGE_BAD_DTB);
    assert_int_equal(err.found, 0x80000000);
    free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packs),
        cmocka_unit_test(test_bootargs_of_the_image_win),
        cmocka_unit_test(test_facts),
        cmocka_unit_test(test_refuses_bad_numbers),
        cmocka_unit_test(test_numbers_of_three_cells),
        cmocka_unit_test(test_bounds_of_lists),
        cmocka_unit_test(test_refuses_what_does_not_fit),
        cmocka_unit_test(test_survives_damage),
        cmocka_unit_test(test_structure),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_header_at_its_bounds),
    };

    return cmocka_run_group_tests_name("image_dtb", tests, NULL, NULL);
}
