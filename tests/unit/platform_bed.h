/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A device tree shaped like QEMU's `virt`, words to change it, and what the reader says of it.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include "platform.h"

enum {
    BLOB_BYTES = 16384
};

static uint64_t blob_words[BLOB_BYTES / 8];
static void *const blob = blob_words;
static struct platform p;

static inline void must(int result)
{
    if (result < 0) {
        fail_msg("libfdt: %s", fdt_strerror(result));
    }
}

/* `count` cells into property `name` of `path`. */
static inline void set_cells(const char *path, const char *name, const uint32_t *cells,
                             unsigned count)
{
    fdt32_t raw[32];
    assert_true(count <= 32);
    for (unsigned i = 0; i < count; i++) {
        raw[i] = cpu_to_fdt32(cells[i]);
    }
    must(fdt_setprop(blob, fdt_path_offset(blob, path), name, raw, (int)count * 4));
}
#define CELLS(path, name, ...)                                                                     \
    set_cells(path, name, (const uint32_t[]){__VA_ARGS__},                                         \
              sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

static inline void set_string(const char *path, const char *name, const char *value)
{
    must(fdt_setprop_string(blob, fdt_path_offset(blob, path), name, value));
}

static inline void add_node(const char *parent, const char *name)
{
    must(fdt_add_subnode(blob, fdt_path_offset(blob, parent), name));
}

static inline void delete_node(const char *path)
{
    must(fdt_del_node(blob, fdt_path_offset(blob, path)));
}

/* 512 MiB at 0x40000000, GICv2, PL011, timer, one CPU: addresses of QEMU 7.2's `virt`. */
static inline int make_virt(void **state)
{
    (void)state;
    must(fdt_create_empty_tree(blob, BLOB_BYTES));
    CELLS("/", "#address-cells", 2);
    CELLS("/", "#size-cells", 2);
    set_string("/", "compatible", "linux,dummy-virt");
    add_node("/", "memory@40000000");
    set_string("/memory@40000000", "device_type", "memory");
    CELLS("/memory@40000000", "reg", 0, 0x40000000, 0, 0x20000000);
    add_node("/", "intc@8000000");
    set_string("/intc@8000000", "compatible", "arm,cortex-a15-gic");
    CELLS("/intc@8000000", "#interrupt-cells", 3);
    CELLS("/intc@8000000", "reg", 0, 0x8000000, 0, 0x10000, 0, 0x8010000, 0, 0x10000);
    add_node("/", "pl011@9000000");
    set_string("/pl011@9000000", "compatible", "arm,pl011");
    CELLS("/pl011@9000000", "reg", 0, 0x9000000, 0, 0x1000);
    add_node("/", "timer");
    set_string("/timer", "compatible", "arm,armv8-timer");
    CELLS("/timer", "interrupts", 1, 13, 0x104, 1, 14, 0x104, 1, 11, 0x104, 1, 10, 0x104);
    add_node("/", "psci");
    set_string("/psci", "compatible", "arm,psci-0.2");
    set_string("/psci", "method", "hvc");
    add_node("/", "cpus");
    CELLS("/cpus", "#address-cells", 1);
    CELLS("/cpus", "#size-cells", 0);
    add_node("/cpus", "cpu@0");
    set_string("/cpus/cpu@0", "device_type", "cpu");
    add_node("/", "chosen");
    set_string("/chosen", "stdout-path", "/pl011@9000000");
    return 0;
}

static inline const char *read_as(const char *flavour)
{
    p.flavour = flavour;
    return platform_from_fdt(&p, blob, fdt_totalsize(blob));
}

static inline void accept(void)
{
    const char *error = read_as("debug");
    if (error != NULL) {
        fail_msg("expected a platform, found: %s", error);
    }
}

/* The tree is refused with a sentence that contains `part`. */
static inline void refuse_with(const char *part)
{
    const char *error = read_as("debug");
    if (error == NULL || strstr(error, part) == NULL) {
        fail_msg("expected a sentence with \"%s\", found: %s", part,
                 error == NULL ? "(accepted)" : error);
    }
}

static inline void assert_range(struct range r, uint64_t start, uint64_t end)
{
    assert_int_equal(r.start, start);
    assert_int_equal(r.end, end);
}
