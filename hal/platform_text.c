/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Small things that the device-tree reader is made of: one sentence in a static buffer, always
 * NUL-terminated, and ordered range lists. Freestanding: no formatted output is available.
 */
#include "platform_internal.h"

static char sentence[512]; /* room for the names of all boot options */
static size_t used;

static void append(char c)
{
    if (used + 1 < sizeof(sentence)) {
        sentence[used++] = c;
        sentence[used] = '\0';
    }
}

void sentence_begin(void)
{
    used = 0;
    sentence[0] = '\0';
}

void sentence_text(const char *s)
{
    while (*s != '\0') {
        append(*s++);
    }
}

void sentence_bytes(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        append(s[i] >= ' ' && s[i] <= '~' ? s[i] : '?');
    }
}

void sentence_decimal(uint64_t value)
{
    char digits[20];
    size_t n = 0;
    do {
        digits[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    while (n > 0) {
        append(digits[--n]);
    }
}

void sentence_hex(uint64_t value)
{
    int shift = 60;
    while (shift > 0 && value >> shift == 0) {
        shift -= 4;
    }
    sentence_text("0x");
    for (; shift >= 0; shift -= 4) {
        append("0123456789abcdef"[value >> shift & 15]);
    }
}

const char *sentence_get(void)
{
    return sentence;
}

static void refuse_begin(const char *field, const char *expected)
{
    sentence_begin();
    sentence_text("device tree: ");
    sentence_text(field);
    sentence_text(": expected ");
    sentence_text(expected);
    sentence_text(", found ");
}

const char *platform_refuse(const char *field, const char *expected, const char *found)
{
    refuse_begin(field, expected);
    sentence_text(found);
    return sentence;
}

const char *refuse_hex(const char *field, const char *expected, uint64_t found)
{
    refuse_begin(field, expected);
    sentence_hex(found);
    return sentence;
}

bool text_equal(const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (a[i] == '\0' || a[i] != b[i]) {
            return false;
        }
    }
    return a[n] == '\0';
}

bool range_insert(struct range *list, uint32_t *count, uint32_t max, uint64_t start, uint64_t end)
{
    uint32_t first = 0;
    while (first < *count && list[first].end < start) {
        first++;
    }
    uint32_t last = first; /* one past those that overlap or touch */
    while (last < *count && list[last].start <= end) {
        start = list[last].start < start ? list[last].start : start;
        end = list[last].end > end ? list[last].end : end;
        last++;
    }
    if (last == first) {
        if (*count == max) {
            return false;
        }
        for (uint32_t i = *count; i > first; i--) {
            list[i] = list[i - 1];
        }
        (*count)++;
    } else {
        for (uint32_t i = last; i < *count; i++) {
            list[first + 1 + i - last] = list[i];
        }
        *count -= last - first - 1;
    }
    list[first] = (struct range){start, end};
    return true;
}
