/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Text in a fixed buffer: see image_text.h for what it keeps true. */
#include "image_text.h"

void text_start(struct image_text *t, char *buf, size_t cap)
{
    t->buf = buf;
    t->cap = cap;
    t->len = 0;
    buf[0] = '\0';
}

void text_char(struct image_text *t, char c)
{
    if (t->len + 1 < t->cap) {
        t->buf[t->len++] = c;
        t->buf[t->len] = '\0';
    }
}

void text_str(struct image_text *t, const char *s)
{
    while (*s != '\0') {
        text_char(t, *s++);
    }
}

void text_hex(struct image_text *t, uint64_t value)
{
    int shift = 60;

    text_str(t, "0x");
    while (shift > 0 && (value >> shift) == 0) {
        shift -= 4;
    }
    for (; shift >= 0; shift -= 4) {
        text_char(t, "0123456789abcdef"[(value >> shift) & 15]);
    }
}

void text_dec(struct image_text *t, uint64_t value)
{
    char digits[20];
    unsigned n = 0;

    do {
        digits[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    while (n > 0) {
        text_char(t, digits[--n]);
    }
}

void text_size(struct image_text *t, uint64_t bytes)
{
    static const char units[4][8] = {" bytes", " KiB", " MiB", " GiB"};
    unsigned unit = 0;

    while (unit < 3 && bytes != 0 && bytes % 1024 == 0) {
        bytes /= 1024;
        unit++;
    }
    text_dec(t, bytes);
    text_str(t, units[unit]);
}

void text_span(struct image_text *t, uint64_t start, uint64_t end)
{
    text_char(t, '[');
    text_hex(t, start);
    text_str(t, ", ");
    text_hex(t, end);
    text_char(t, ')');
}
