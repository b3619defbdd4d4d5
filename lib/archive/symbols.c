/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Reading the symbol tables of a program; every access is inside the checked bytes.
 */
#include "archive/symbols.h"

static const struct symbols_function *function_at(const struct symbols *s, uint32_t i)
{
    return (const struct symbols_function *)(s + 1) + i;
}

static const struct symbols_line *line_at(const struct symbols *s, uint32_t i)
{
    return (const struct symbols_line *)function_at(s, s->functions) + i;
}

const char *symbols_check(const void *data, size_t bytes)
{
    const struct symbols *s = data;
    if (bytes < sizeof(*s) || s->magic != SYMBOLS_MAGIC || s->bytes > bytes) {
        return "symbols: expected the magic number KAALSYM1 and all of the bytes";
    }
    uint64_t tables = sizeof(*s) + (uint64_t)s->functions * sizeof(struct symbols_function) +
                      (uint64_t)s->lines * sizeof(struct symbols_line);
    if (tables != s->strings || s->strings >= s->bytes || ((const char *)data)[s->bytes - 1] != 0) {
        return "symbols: expected two tables and strings that end";
    }
    for (uint32_t i = 0; i < s->functions; i++) {
        if (function_at(s, i)->name >= s->bytes - s->strings) {
            return "symbols: expected a function's name inside the strings";
        }
    }
    for (uint32_t i = 0; i < s->lines; i++) {
        if (line_at(s, i)->file >= s->bytes - s->strings) {
            return "symbols: expected a file's name inside the strings";
        }
    }
    return NULL;
}

/* Number of the first `count` records, at `stride` 32-bit words each, whose offset is not above
 * `offset`. */
static uint32_t count_not_above(const uint32_t *offsets, uint32_t count, uint32_t offset)
{
    enum {
        WORDS = 3
    };
    uint32_t low = 0;
    while (low < count) {
        uint32_t middle = low + (count - low) / 2;
        if (offsets[(size_t)middle * WORDS] <= offset) {
            low = middle + 1;
        } else {
            count = middle;
        }
    }
    return low;
}
_Static_assert(sizeof(struct symbols_function) == 12 && sizeof(struct symbols_line) == 12,
               "records of three words, the offset first");

struct symbols_place symbols_find(const struct symbols *s, uint64_t address)
{
    struct symbols_place place = {0};
    const char *strings = (const char *)s + s->strings;
    if (address < s->base || address - s->base > UINT32_MAX) {
        return place;
    }
    uint32_t offset = (uint32_t)(address - s->base);
    uint32_t n = count_not_above(&function_at(s, 0)->offset, s->functions, offset);
    if (n != 0 && offset - function_at(s, n - 1)->offset < function_at(s, n - 1)->bytes) {
        place.function = strings + function_at(s, n - 1)->name;
        place.function_offset = offset - function_at(s, n - 1)->offset;
    }
    n = count_not_above(&line_at(s, 0)->offset, s->lines, offset);
    if (n != 0 && line_at(s, n - 1)->line != 0) {
        place.file = strings + line_at(s, n - 1)->file;
        place.line = line_at(s, n - 1)->line;
    }
    return place;
}
