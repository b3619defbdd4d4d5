/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the root task reads of files it did not make: archives, ELF files, device trees. Right
 * answers for well-made ones, and for damaged ones no access outside their bytes (each copy lies in
 * memory of exactly its size, so the sanitizer sees every stray byte). The readers are compiled
 * into this program.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../lib/archive/archive.c"
#include "../../lib/broker/tree.c"
#include "../../lib/spawn/program.c"

enum {
    DAMAGES = 30000,
    ROOM = 8192,
};

/* The reader's only call for text (kaal/print.h); the formats it uses mean the same here. */
size_t kaal_snprintf(char *to, size_t room, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(to, room, format, arguments);
    va_end(arguments);
    return (size_t)length;
}

static uint64_t random_state;

static uint32_t any(uint32_t below)
{
    random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(random_state >> 33) % below;
}

/* A copy of exactly its size with a few bytes changed, or cut; to be freed. */
static uint8_t *damaged(const void *good, size_t bytes, size_t *left)
{
    *left = any(4) == 0 ? any((uint32_t)bytes + 1) : bytes;
    uint8_t *copy = malloc(*left > 0 ? *left : 1);
    memcpy(copy, good, *left);
    for (uint32_t n = *left > 0 ? any(4) : 0; n > 0; n--) {
        static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff, '0', 'f', 4};
        uint32_t at = any((uint32_t)*left);
        copy[at] = any(2) ? values[any(8)] : (uint8_t)any(256);
    }
    return copy;
}

/* ---- archives ---- */

/* Appends an entry of the newc format (cpio(5)); the new length. */
static size_t put_entry(char *to, size_t at, unsigned mode, const char *name, const char *data,
                        size_t bytes)
{
    size_t n = strlen(name) + 1;
    at += (size_t)sprintf(to + at, "070701%08X%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zX%08X",
                          1u, mode, 0u, 0u, 1u, 0u, bytes, 0u, 0u, 0u, 0u, n, 0u);
    memcpy(to + at, name, n);
    for (at += n; at % 4 != 0; at++) {
        to[at] = 0;
    }
    memcpy(to + at, data, bytes);
    for (at += bytes; at % 4 != 0; at++) {
        to[at] = 0;
    }
    return at;
}

static size_t make_archive(char *to)
{
    size_t at = put_entry(to, 0, 040755, "bin", "", 0);
    at = put_entry(to, at, 0100644, "bin/one", "first", 5);
    at = put_entry(to, at, 0100644, "./two", "second file", 11);
    at = put_entry(to, at, 0100644, "empty", "", 0);
    return put_entry(to, at, 0, "TRAILER!!!", "", 0);
}

static void archive_reads(void **state)
{
    static char buffer[ROOM];
    struct archive a = {(const uint8_t *)buffer, make_archive(buffer)};
    struct archive_file file;
    size_t at;
    (void)state;
    assert_null(archive_check(&a, &at));
    assert_true(archive_find(&a, "bin/one", &file));
    assert_int_equal(file.bytes, 5);
    assert_memory_equal(file.data, "first", 5);
    assert_true(archive_find(&a, "two", &file));
    assert_memory_equal(file.data, "second file", 11);
    assert_true(archive_find(&a, "empty", &file));
    assert_int_equal(file.bytes, 0);
    assert_false(archive_find(&a, "bin", &file)); /* a directory */
    assert_false(archive_find(&a, "TRAILER!!!", &file));
    unsigned entries = 0;
    for (at = ARCHIVE_FIRST; archive_next(&a, at, &file); at = file.next) {
        entries++;
    }
    assert_int_equal(entries, 4);
}

static void archive_refuses(void **state)
{
    static char buffer[ROOM];
    size_t bytes = make_archive(buffer), at;
    struct archive a = {(const uint8_t *)buffer, bytes};
    (void)state;
    buffer[0] = '1';
    assert_string_equal(archive_check(&a, &at), "the header does not begin with 070701");
    buffer[0] = '0';
    a.bytes = 100;
    assert_string_equal(archive_check(&a, &at), "the header is cut off");
    a.bytes = bytes;
    buffer[6 + 8 * 6] = 'x';
    assert_string_equal(archive_check(&a, &at), "a number is not hexadecimal");
    buffer[6 + 8 * 6] = 'F';
    assert_string_equal(archive_check(&a, &at), "the data are cut off");
    buffer[6 + 8 * 6] = '0';
    buffer[6 + 8 * 12 - 1] = '3'; /* "bin" without its zero */
    assert_string_equal(archive_check(&a, &at), "the name does not end where it should");
}

static void archive_stays_inside(void **state)
{
    static char buffer[ROOM];
    size_t bytes = make_archive(buffer);
    (void)state;
    random_state = 5;
    for (unsigned i = 0; i < DAMAGES; i++) {
        struct archive a;
        struct archive_file file;
        size_t at, sum = 0;
        uint8_t *copy = damaged(buffer, bytes, &a.bytes);
        a.data = copy;
        for (at = ARCHIVE_FIRST; archive_next(&a, at, &file); at = file.next) {
            sum += strlen(file.name) + (file.bytes > 0 ? file.data[file.bytes - 1] : 0u);
            assert_true(file.next > at);
        }
        (void)archive_find(&a, "two", &file);
        (void)archive_check(&a, &at);
        free(copy);
        (void)sum;
    }
}

/* ---- ELF files ---- */

enum { /* ELF-64 object file format, tables 2 to 14 */
    FILE_PARTS = 2,
    TYPE_SHARED = 3,
    MACHINE_X86_64 = 62,
    CLASS_32 = 1,
    SECTION_STRINGS = 3,
};

struct elf_file {
    struct file_header header;
    struct segment_header segment[FILE_PARTS];
    char code[64];
    char data[32];
    struct symbol symbol[3];
    char names[32];
    struct section_header section[FILE_PARTS];
};

static struct elf_file make_elf(void)
{
    struct elf_file f = {
        .header = {.ident = {0x7f, 'E', 'L', 'F', 2, 1, 1},
                   .type = 2,
                   .machine = 183,
                   .entry = 0x10000000010,
                   .segments = offsetof(struct elf_file, segment),
                   .segment_bytes = 56,
                   .segment_count = FILE_PARTS,
                   .sections = offsetof(struct elf_file, section),
                   .section_bytes = 64,
                   .section_count = FILE_PARTS},
        .segment = {{.type = 1,
                     .flags = 5,
                     .offset = offsetof(struct elf_file, code),
                     .address = 0x10000000000,
                     .file_bytes = 64,
                     .memory_bytes = 64},
                    {.type = 1,
                     .flags = 6,
                     .offset = offsetof(struct elf_file, data),
                     .address = 0x10000001000,
                     .file_bytes = 32,
                     .memory_bytes = 0x3000}},
        .names = "\0main\0helper",
        .symbol = {{0},
                   {.name = 1, .info = 2, .value = 0x10000000010, .bytes = 16},
                   {.name = 6, .info = 2, .value = 0x10000000020, .bytes = 32}},
        .section = {{.type = 2,
                     .offset = offsetof(struct elf_file, symbol),
                     .bytes = sizeof(f.symbol),
                     .link = 1},
                    {.type = SECTION_STRINGS,
                     .offset = offsetof(struct elf_file, names),
                     .bytes = sizeof(f.names)}},
    };
    return f;
}

static void program_reads(void **state)
{
    struct elf_file f = make_elf();
    struct program p;
    uint64_t offset = 0;
    char why[160] = "";
    (void)state;
    assert_true(program_read(&p, &f, sizeof(f), why, sizeof(why)));
    assert_int_equal(p.entry, 0x10000000010);
    assert_int_equal(p.segments, 2);
    assert_int_equal(p.segment[1].address, 0x10000001000);
    assert_int_equal(p.segment[1].memory_bytes, 0x3000);
    assert_int_equal(p.segment[1].data_bytes, 32);
    assert_ptr_equal(p.segment[0].data, f.code);
    assert_string_equal(program_symbol(&f, sizeof(f), 0x10000000024, &offset), "helper");
    assert_int_equal(offset, 4);
    assert_string_equal(program_symbol(&f, sizeof(f), 0x10000000010, &offset), "main");
    assert_null(program_symbol(&f, sizeof(f), 0x10000000040, &offset));
}

static void refused(const struct elf_file *f, const char *sentence)
{
    struct program p;
    char why[160] = "";
    assert_false(program_read(&p, f, sizeof(*f), why, sizeof(why)));
    assert_string_equal(why, sentence);
}

static void program_refuses(void **state)
{
    struct elf_file f;
    (void)state;
    f = make_elf(), f.header.ident[4] = CLASS_32;
    refused(&f, "identification: expected a 64-bit little-endian ELF file");
    f = make_elf(), f.header.machine = MACHINE_X86_64;
    refused(&f, "machine (AArch64): expected 0xb7, found 0x3e");
    f = make_elf(), f.header.type = TYPE_SHARED;
    refused(&f, "type (static executable): expected 0x2, found 0x3");
    f = make_elf(), f.header.segment_count = 33;
    refused(&f, "program headers, at most: expected 0x20, found 0x21");
    f = make_elf(), f.segment[0].flags = 7;
    refused(&f, "flags of a segment, not writable and executable: expected 0x5, found 0x7");
    f = make_elf(), f.segment[1].address = 0x10000000800;
    refused(&f, "address of a segment, at least: expected 0x10000001000, found 0x10000000800");
    f = make_elf(), f.segment[0].address = 0x400000;
    refused(&f, "address of a segment, at least: expected 0x10000000000, found 0x400000");
    f = make_elf(), f.segment[1].memory_bytes = 0x1000000000;
    refused(&f, "end of a segment, at most: expected 0x11000000000, found 0x11000001000");
    f = make_elf(), f.segment[1].file_bytes = 0x3001, f.segment[1].offset = 0;
    refused(&f, "end of a segment in the file, at most: expected 0x1f8, found 0x3001");
    f = make_elf(), f.segment[1].memory_bytes = 31;
    refused(&f, "bytes of a segment in the file, at most: expected 0x1f, found 0x20");
    f = make_elf(), f.segment[1].type = SEGMENT_INTERPRETER;
    refused(&f, "type of a segment (static executable): expected 0x1, found 0x3");
    f = make_elf(), f.header.entry = 0x10000001000;
    refused(&f, "entry 0x10000001000: expected an address in executable code");
    f = make_elf(), f.header.entry = 0x10000000002;
    refused(&f, "entry 0x10000000002: expected an address in executable code");
}

static void program_stays_inside(void **state)
{
    struct elf_file f = make_elf();
    (void)state;
    random_state = 6;
    for (unsigned i = 0; i < DAMAGES; i++) {
        struct program p;
        char why[160];
        uint64_t offset;
        size_t left;
        uint8_t *copy = damaged(&f, sizeof(f), &left);
        if (program_read(&p, copy, left, why, sizeof(why))) {
            for (uint32_t s = 0; s < p.segments; s++) {
                const struct program_segment *g = &p.segment[s];
                assert_true(g->data_bytes <= g->memory_bytes);
                assert_true(g->data_bytes == 0 ||
                            (g->data >= copy && g->data + g->data_bytes <= copy + left));
                assert_true(g->address >= LAYOUT_IMAGE &&
                            g->address + g->memory_bytes <= LAYOUT_ENV);
            }
        } else {
            assert_true(strlen(why) > 10);
        }
        (void)program_symbol(copy, left, 0x10000000024, &offset);
        free(copy);
    }
}

/* ---- device trees ---- */

static void cells(char *tree, const char *name, const uint32_t *values, unsigned count)
{
    fdt32_t big[16];
    for (unsigned i = 0; i < count; i++) {
        big[i] = cpu_to_fdt32(values[i]);
    }
    assert_int_equal(fdt_property(tree, name, big, (int)(count * 4)), 0);
}
#define CELLS(tree, name, ...)                                                                     \
    cells((tree), (name), (const uint32_t[]){__VA_ARGS__},                                         \
          sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

static size_t make_tree(char *tree)
{
    assert_int_equal(fdt_create(tree, ROOM), 0);
    fdt_finish_reservemap(tree);
    fdt_begin_node(tree, "");
    CELLS(tree, "#address-cells", 2);
    CELLS(tree, "#size-cells", 2);
    CELLS(tree, "interrupt-parent", 1);
    fdt_begin_node(tree, "aliases");
    fdt_property_string(tree, "serial0", "/soc/uart@1000");
    fdt_end_node(tree);
    fdt_begin_node(tree, "uart@9000000");
    CELLS(tree, "reg", 0, 0x9000000, 0, 0x1000);
    CELLS(tree, "interrupts", 0, 1, 4, 1, 7, 1);
    fdt_property(tree, "compatible", "arm,pl011\0arm,primecell", 24);
    fdt_end_node(tree);
    fdt_begin_node(tree, "off");
    fdt_property_string(tree, "compatible", "vendor,timer");
    fdt_property_string(tree, "status", "disabled");
    fdt_end_node(tree);
    fdt_begin_node(tree, "soc");
    CELLS(tree, "#address-cells", 1);
    CELLS(tree, "#size-cells", 1);
    CELLS(tree, "ranges", 0, 0x1, 0x20000000, 0x10000, 0x80000, 0, 0x40000000, 0x1000);
    fdt_begin_node(tree, "uart@1000");
    CELLS(tree, "reg", 0x1000, 0x100, 0x80800, 0x80, 0x90000, 0x10);
    fdt_property_string(tree, "compatible", "vendor,timer");
    fdt_end_node(tree);
    fdt_end_node(tree);
    fdt_begin_node(tree, "intc");
    CELLS(tree, "#interrupt-cells", 3);
    CELLS(tree, "phandle", 1);
    fdt_end_node(tree);
    fdt_end_node(tree);
    assert_int_equal(fdt_finish(tree), 0);
    return fdt_totalsize(tree);
}

static void tree_finds(void **state)
{
    static char blob[ROOM];
    struct tree t;
    struct tree_node node;
    struct tree_range range;
    struct tree_irq irq;
    (void)state;
    assert_true(tree_open(&t, blob, make_tree(blob)));
    assert_true(tree_by_compatible(&t, "arm,primecell", &node));
    assert_true(tree_reg(&t, &node, 0, &range));
    assert_int_equal(range.address, 0x9000000);
    assert_int_equal(range.bytes, 0x1000);
    assert_false(tree_reg(&t, &node, 1, &range));
    assert_true(tree_irq(&t, &node, 0, &irq));
    assert_true(irq.number == 33 && !irq.edge); /* SPI 1 */
    assert_true(tree_irq(&t, &node, 1, &irq));
    assert_true(irq.number == 23 && irq.edge); /* PPI 7 */
    assert_false(tree_irq(&t, &node, 2, &irq));
    assert_false(tree_by_compatible(&t, "arm,pl01", &node));
    assert_true(tree_by_path(&t, "/uart", &node)); /* without its address */
    assert_false(tree_by_path(&t, "/uart@1", &node));
    assert_false(tree_by_path(&t, "uart", &node));
    assert_false(tree_by_path(&t, "/soc/uart@9000000", &node));
    /* Behind a bus: translated; the disabled node is passed over. */
    assert_true(tree_by_compatible(&t, "vendor,timer", &node));
    assert_int_equal(node.depth, 2);
    assert_true(tree_by_alias(&t, "serial0", &node));
    assert_true(tree_reg(&t, &node, 0, &range));
    assert_int_equal(range.address, 0x120001000);
    assert_true(tree_reg(&t, &node, 1, &range));
    assert_int_equal(range.address, 0x40000800);
    assert_int_equal(range.bytes, 0x80);
    assert_false(tree_reg(&t, &node, 2, &range)); /* in no range */
    assert_false(tree_irq(&t, &node, 0, &irq));
    assert_false(tree_by_alias(&t, "serial1", &node));
}

static void tree_stays_inside(void **state)
{
    static char blob[ROOM];
    size_t bytes = make_tree(blob);
    (void)state;
    random_state = 7;
    for (unsigned i = 0; i < DAMAGES; i++) {
        struct tree t;
        struct tree_node node;
        struct tree_range range;
        struct tree_irq irq;
        size_t left;
        uint8_t *copy = damaged(blob, bytes, &left);
        if (tree_open(&t, copy, left)) {
            bool found = any(3) == 0   ? tree_by_alias(&t, "serial0", &node)
                         : any(2) == 0 ? tree_by_path(&t, "/soc/uart", &node)
                                       : tree_by_compatible(&t, "arm,primecell", &node);
            for (uint32_t k = 0; found && k < 3; k++) {
                (void)tree_reg(&t, &node, k, &range);
                (void)tree_irq(&t, &node, k, &irq);
            }
        }
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(archive_reads),        cmocka_unit_test(archive_refuses),
        cmocka_unit_test(archive_stays_inside), cmocka_unit_test(program_reads),
        cmocka_unit_test(program_refuses),      cmocka_unit_test(program_stays_inside),
        cmocka_unit_test(tree_finds),           cmocka_unit_test(tree_stays_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
