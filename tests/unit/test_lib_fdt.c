/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The user library's device-tree reader against trees that libfdt makes: what it finds, and that it
 * never reads outside the given bytes, whatever they hold (Devicetree Specification 0.4, chapter
 * 5). The reader is compiled into this program and uses the C library's string functions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "../../lib/kaal/fdt.c"

enum {
    ROOM = 1024
};

static char tree[ROOM];

static int make_tree(void **state)
{
    (void)state;
    assert_int_equal(fdt_create(tree, ROOM), 0);
    assert_int_equal(fdt_finish_reservemap(tree), 0);
    fdt_begin_node(tree, "");
    fdt_property_string(tree, "model", "board");
    fdt_property_u32(tree, "odd", 7);
    fdt_begin_node(tree, "cpus");
    fdt_begin_node(tree, "cpu@0");
    fdt_property_string(tree, "compatible", "first");
    fdt_end_node(tree);
    fdt_begin_node(tree, "cpu@1");
    fdt_property(tree, "empty", "", 0);
    fdt_property_string(tree, "compatible", "second");
    fdt_end_node(tree);
    fdt_property_string(tree, "late", "after its children");
    fdt_end_node(tree);
    fdt_begin_node(tree, "cpus2");
    fdt_property_string(tree, "late", "another");
    fdt_end_node(tree);
    fdt_end_node(tree);
    assert_int_equal(fdt_finish(tree), 0);
    assert_int_equal(fdt_pack(tree), 0);
    return 0;
}

static const char *text_of(const char *path, const char *name)
{
    size_t bytes = 0;
    const char *text = kaal_fdt_property(tree, fdt_totalsize(tree), path, name, &bytes);
    if (text != NULL) {
        assert_int_equal(text[bytes - 1], 0);
    }
    return text;
}

static void finds(void **state)
{
    size_t bytes = 99;
    (void)state;
    assert_string_equal(text_of("/", "model"), "board");
    assert_string_equal(text_of("", "model"), "board");
    assert_string_equal(text_of("/cpus/cpu@0", "compatible"), "first");
    assert_string_equal(text_of("/cpus/cpu@1/", "compatible"), "second");
    assert_string_equal(text_of("/cpus", "late"), "after its children");
    assert_string_equal(text_of("/cpus2", "late"), "another");
    assert_non_null(kaal_fdt_property(tree, fdt_totalsize(tree), "/cpus/cpu@1", "empty", &bytes));
    assert_int_equal(bytes, 0);
    assert_non_null(kaal_fdt_property(tree, fdt_totalsize(tree), "/", "odd", &bytes));
    assert_int_equal(bytes, 4);
}

static void does_not_find(void **state)
{
    (void)state;
    assert_null(text_of("/", "compatible"));
    assert_null(text_of("/", "mode"));
    assert_null(text_of("/", "model2"));
    assert_null(text_of("/cpu", "late"));
    assert_null(text_of("/cpus/cpu@", "compatible"));
    assert_null(text_of("/cpus/cpu@2", "compatible"));
    assert_null(text_of("/cpu@0", "compatible"));
    assert_null(text_of("/cpus/cpu@0/x", "compatible"));
}

/* Asks for every property of the tree in a copy of exactly `bytes` bytes on the heap, where the
 * address sanitizer sees the first byte that is read beyond it. */
static void ask_all(const char *blob, size_t bytes)
{
    static const char *const paths[] = {"/",           "/cpus",  "/cpus/cpu@0",
                                        "/cpus/cpu@1", "/cpus2", "/none"};
    static const char *const names[] = {"model", "late", "compatible", "empty", "none"};
    char *copy = malloc(bytes == 0 ? 1 : bytes);
    memcpy(copy, blob, bytes);
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
            size_t length = 0;
            const char *value = kaal_fdt_property(copy, bytes, paths[i], names[k], &length);
            if (value != NULL) {
                assert_true(value >= copy && length <= bytes &&
                            (size_t)(value - copy) <= bytes - length);
            }
        }
    }
    free(copy);
}

static void truncated(void **state)
{
    (void)state;
    for (size_t bytes = 0; bytes <= fdt_totalsize(tree); bytes++) {
        ask_all(tree, bytes);
    }
    size_t length = 0;
    assert_null(kaal_fdt_property(tree, fdt_totalsize(tree) - 1, "/", "model", &length));
}

static void damaged(void **state)
{
    static const unsigned char values[] = {0x00, 0x01, 0x03, 0x7f, 0x80, 0xff};
    char copy[ROOM];
    size_t bytes = fdt_totalsize(tree);
    (void)state;
    for (size_t i = 0; i < bytes; i++) {
        for (size_t v = 0; v < sizeof(values); v++) {
            memcpy(copy, tree, bytes);
            copy[i] = (char)values[v];
            ask_all(copy, bytes);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds),
        cmocka_unit_test(does_not_find),
        cmocka_unit_test(truncated),
        cmocka_unit_test(damaged),
    };
    return cmocka_run_group_tests(tests, make_tree, NULL);
}
