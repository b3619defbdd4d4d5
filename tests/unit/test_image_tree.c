/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The loader's reader and writer of device trees against libfdt, which shares nothing with them:
 * on the hosted machine's tree, with and without NOPs, every node, property and path is the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include "hosted_dtb.h"
#include "image_dtb.h"

static uint8_t tree[IMAGE_DTB_MAX] __attribute__((aligned(8)));
static uint8_t other[IMAGE_DTB_MAX] __attribute__((aligned(8)));

/* The hosted machine's tree with room to grow; three_nops: a property, a node and a first one. */
static void make_tree(bool three_nops)
{
    struct image_error err;

    assert_true(hosted_dtb_make(tree, sizeof tree, 512 << 20, 2) != 0);
    if (three_nops) {
        assert_int_equal(fdt_nop_property(tree, fdt_path_offset(tree, "/pl011@9000000"), "reg"), 0);
        assert_int_equal(fdt_nop_node(tree, fdt_path_offset(tree, "/pl031@9010000")), 0);
        assert_int_equal(fdt_nop_property(tree, fdt_path_offset(tree, "/cpus"), "#size-cells"), 0);
    }
    assert_int_equal(fdt_open_into(tree, tree, sizeof tree), 0);
    assert_int_equal(image_dtb_check(tree, sizeof tree, &err), IMAGE_OK);
}

/* libfdt counts from the node's token, the reader from its name. */
static uint32_t as_node(int offset)
{
    return offset < 0 ? TREE_NONE : (uint32_t)offset + 4;
}

/* Each property of the node by name: the same bytes. Returns how many there are. */
static unsigned same_properties(const struct tree *t, int offset)
{
    unsigned count = 0;
    int property;

    fdt_for_each_property_offset(property, tree, offset)
    {
        const char *name;
        int length;
        const void *value = fdt_getprop_by_offset(tree, property, &name, &length);
        uint32_t found;

        assert_ptr_equal(tree_property(t, as_node(offset), name, &found), value);
        assert_int_equal(found, length);
        count++;
    }
    return count;
}

static void same_everywhere(unsigned least_nodes, unsigned least_properties)
{
    struct tree t;
    struct tree_path path;
    unsigned nodes = 0, properties = 0;
    bool more = true;
    int depth = 0;
    int offset;

    tree_open(tree, &t);
    tree_path_start(&t, &path);
    for (offset = fdt_next_node(tree, -1, &depth); depth > 0;
         offset = fdt_next_node(tree, offset, &depth)) {
        char name[256];
        struct tree_path found;

        assert_true(more);
        assert_int_equal(path.node[path.depth], as_node(offset));
        assert_int_equal(path.depth, depth - 1);
        assert_int_equal(tree_child(&t, as_node(offset)), as_node(fdt_first_subnode(tree, offset)));
        if (offset != 0) {
            assert_int_equal(tree_sibling(&t, as_node(offset)),
                             as_node(fdt_next_subnode(tree, offset)));
        }
        assert_int_equal(fdt_get_path(tree, offset, name, sizeof name), 0);
        assert_true(tree_path_find(&t, name, strlen(name), &found));
        assert_int_equal(found.node[found.depth], as_node(offset));
        properties += same_properties(&t, offset);
        nodes++;
        more = tree_path_next(&t, &path);
    }
    assert_false(more);
    assert_true(nodes >= least_nodes && properties >= least_properties);
}

static void test_reads_as_libfdt_does(void **state)
{
    (void)state;
    make_tree(false);
    same_everywhere(40, 100);
    make_tree(true);
    same_everywhere(40, 100);
}

static void test_paths(void **state)
{
    static const char *const paths[] = {"/",
                                        "//",
                                        "",
                                        "/pl011",
                                        "/pl011@9000000",
                                        "/pl011@9000001",
                                        "/pl01",
                                        "/pl011@9000000/",
                                        "//cpus//cpu@0",
                                        "/cpus/cpu",
                                        "/cpus/cpu@0/x",
                                        "/none",
                                        "con",
                                        "con/",
                                        "bus/cpu@0",
                                        "bus//cpu@1",
                                        "empty",
                                        "broken",
                                        "no-alias",
                                        "/con"};
    struct tree t;
    int aliases;

    (void)state;
    make_tree(false);
    aliases = fdt_add_subnode(tree, 0, "aliases");
    assert_true(aliases > 0);
    fdt_setprop_string(tree, aliases, "con", "/pl011@9000000");
    fdt_setprop_string(tree, aliases, "bus", "/cpus");
    fdt_setprop_string(tree, aliases, "empty", "");
    fdt_setprop_string(tree, aliases, "broken", "/nowhere");
    tree_open(tree, &t);
    for (unsigned i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct tree_path found;
        int expected = fdt_path_offset(tree, paths[i]);
        bool is = tree_path_find(&t, paths[i], strlen(paths[i]), &found);

        if (paths[i][0] == '\0') {
            continue; /* §3.3 has no empty path */
        }
        assert_int_equal(is, expected >= 0);
        if (is) {
            assert_int_equal(found.node[found.depth], as_node(expected));
        }
    }
}

/* libfdt 1.6.1 follows these for ever. */
static void test_aliases_that_lead_to_aliases(void **state)
{
    struct tree t;
    struct tree_path found;
    struct image_uart uart;
    int aliases;

    (void)state;
    make_tree(false);
    aliases = fdt_add_subnode(tree, 0, "aliases");
    fdt_setprop_string(tree, aliases, "self", "self");
    fdt_setprop(tree, aliases, "open", "/cpus", 5); /* without its end */
    fdt_setprop(tree, aliases, "two", "/cpus\0/cpu@0", 13);
    fdt_setprop_string(tree, aliases, "a-name-of-thirty-two-characters-", "/cpus");
    tree_open(tree, &t);
    assert_false(tree_path_find(&t, "self", 4, &found));
    assert_false(tree_path_find(&t, "open", 4, &found));
    assert_true(tree_path_find(&t, "two", 3, &found));
    assert_int_equal(found.depth, 1);
    assert_false(tree_path_find(&t, "a-name-of-thirty-two-characters-", 32, &found));
    fdt_setprop_string(tree, fdt_path_offset(tree, "/chosen"), "stdout-path", "self:115200");
    image_dtb_uart(tree, &uart);
    assert_int_equal(uart.kind, IMAGE_UART_NONE);
}

static void test_lists_of_strings(void **state)
{
    struct tree t;
    int node;

    (void)state;
    make_tree(false);
    node = fdt_add_subnode(tree, 0, "thing");
    fdt_setprop(tree, node, "compatible", "one\0two\0\0three", 13);
    tree_open(tree, &t);
    assert_true(tree_has_compatible(&t, as_node(node), "one"));
    assert_true(tree_has_compatible(&t, as_node(node), "two"));
    assert_false(tree_has_compatible(&t, as_node(node), "three")); /* it does not end */
    assert_false(tree_has_compatible(&t, as_node(node), "tw"));
    assert_false(tree_has_compatible(&t, as_node(node), "twoo"));
    assert_false(tree_has_compatible(&t, as_node(0), "nothing"));
}

/* What image_dtb_prepare() writes is what libfdt would: same nodes, same properties, packed. */
static void same_as_libfdt(const char *bootargs)
{
    struct image_error err;
    uint64_t size;
    int node;
    int a = 0, b = 0;
    int depth_a = 0, depth_b = 0;

    assert_int_equal(
        image_dtb_prepare(tree, sizeof tree, other, sizeof other, bootargs, &size, &err), IMAGE_OK);
    assert_int_equal(fdt_totalsize(other), size);
    assert_int_equal(fdt_check_full(other, size), 0);
    assert_int_equal(image_dtb_check(other, size, &err), IMAGE_OK);
    node = fdt_path_offset(tree, "/chosen");
    node = node >= 0 ? node : fdt_add_subnode(tree, 0, "chosen");
    assert_int_equal(fdt_setprop_string(tree, node, "bootargs", bootargs), 0);
    do {
        int pa, pb;

        assert_string_equal(fdt_get_name(tree, a, NULL), fdt_get_name(other, b, NULL));
        assert_int_equal(depth_a, depth_b);
        pa = fdt_first_property_offset(tree, a);
        pb = fdt_first_property_offset(other, b);
        while (pa >= 0 && pb >= 0) {
            const char *name_a, *name_b;
            int la, lb;
            const void *va = fdt_getprop_by_offset(tree, pa, &name_a, &la);
            const void *vb = fdt_getprop_by_offset(other, pb, &name_b, &lb);

            assert_string_equal(name_a, name_b);
            assert_int_equal(la, lb);
            assert_memory_equal(va, vb, (size_t)la);
            pa = fdt_next_property_offset(tree, pa);
            pb = fdt_next_property_offset(other, pb);
        }
        assert_true(pa < 0 && pb < 0);
        a = fdt_next_node(tree, a, &depth_a);
        b = fdt_next_node(other, b, &depth_b);
    } while (depth_a >= 0 && depth_b >= 0);
    assert_int_equal(depth_a, depth_b);
}

static void test_writes_as_libfdt_does(void **state)
{
    (void)state;
    make_tree(false);
    same_as_libfdt("none before");
    make_tree(true);
    fdt_setprop_string(tree, fdt_path_offset(tree, "/chosen"), "bootargs",
                       "longer than the new one");
    same_as_libfdt("x");
    fdt_setprop_string(tree, fdt_path_offset(tree, "/chosen"), "bootargs", "");
    same_as_libfdt("a longer one than before");
    make_tree(false);
    fdt_del_node(tree, fdt_path_offset(tree, "/chosen"));
    same_as_libfdt("and no node");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_as_libfdt_does),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_aliases_that_lead_to_aliases),
        cmocka_unit_test(test_lists_of_strings),
        cmocka_unit_test(test_writes_as_libfdt_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
