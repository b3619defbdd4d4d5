/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Functions and source lines of one program, as kaal-system writes them into the archive
 * (sym/NAME) and the root task reads them when it explains a fault. Little-endian; addresses are
 * offsets from `base`; both tables ascend.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define SYMBOLS_MAGIC 0x314d59534c41414bu /* "KAALSYM1" */

struct symbols {
    uint64_t magic;
    uint64_t base;
    uint32_t bytes; /* all of it */
    uint32_t functions;
    uint32_t lines;
    uint32_t strings; /* offset of the strings, which run to the end */
};

struct symbols_function {
    uint32_t offset;
    uint32_t bytes;
    uint32_t name; /* in the strings */
};

struct symbols_line {
    uint32_t offset; /* holds up to the next record's; line 0 ends a range */
    uint32_t line;
    uint32_t file; /* in the strings */
};

/* Where an address is. NULL and 0 = not known. */
struct symbols_place {
    const char *function;
    uint32_t function_offset; /* bytes from the function's start */
    const char *file;
    uint32_t line;
};

/* NULL, or a sentence: what of the `bytes` bytes at `data` (8-byte aligned) is wrong. */
const char *symbols_check(const void *data, size_t bytes);

/* Looks up `address` in checked tables. */
struct symbols_place symbols_find(const struct symbols *s, uint64_t address);
