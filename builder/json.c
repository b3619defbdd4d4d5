/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* JSON (RFC 8259): objects and arrays in the order in which they are said. */
#include <stdio.h>

#include "builder.h"

static FILE *out;
static unsigned depth;
static bool has_before;

/* Comma, newline, indentation and the name, which arrays' values do not have. */
static void begin(const char *name)
{
    fprintf(out, "%s%s%*s", has_before ? "," : "", depth == 0 ? "" : "\n", (int)(2 * depth), "");
    if (name != NULL) {
        fprintf(out, "\"%s\": ", name);
    }
    has_before = true;
}

void json_to(FILE *f)
{
    out = f;
    depth = 0;
    has_before = false;
}

void json_open(const char *name, char bracket)
{
    begin(name);
    putc(bracket, out);
    depth++;
    has_before = false;
}

void json_close(char bracket)
{
    depth--;
    if (has_before) {
        fprintf(out, "\n%*s", (int)(2 * depth), "");
    }
    putc(bracket, out);
    has_before = true;
    if (depth == 0) {
        putc('\n', out);
        has_before = false;
    }
}

/* The bytes of the UTF-8 character at s (RFC 3629 §4), 0 when there is none. */
static unsigned utf8_size(const unsigned char *s)
{
    static const struct {
        unsigned char first[2], second[2];
        unsigned size;
    } rows[] = {{{0xc2, 0xdf}, {0x80, 0xbf}, 2}, {{0xe0, 0xe0}, {0xa0, 0xbf}, 3},
                {{0xe1, 0xec}, {0x80, 0xbf}, 3}, {{0xed, 0xed}, {0x80, 0x9f}, 3},
                {{0xee, 0xef}, {0x80, 0xbf}, 3}, {{0xf0, 0xf0}, {0x90, 0xbf}, 4},
                {{0xf1, 0xf3}, {0x80, 0xbf}, 4}, {{0xf4, 0xf4}, {0x80, 0x8f}, 4}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (s[0] >= rows[i].first[0] && s[0] <= rows[i].first[1] && s[1] >= rows[i].second[0] &&
            s[1] <= rows[i].second[1]) {
            return rows[i].size == 2 || (s[2] >> 6 == 2 && (rows[i].size == 3 || s[3] >> 6 == 2))
                       ? rows[i].size
                       : 0;
        }
    }
    return 0;
}

/* UTF-8 stays as it is. Any other byte becomes the lone surrogate by which Python names such a byte
 * in a file's name (PEP 383), so that the name is found again. */
void json_string(const char *name, const char *value)
{
    const unsigned char *s = (const unsigned char *)value;

    begin(name);
    putc('"', out);
    while (*s != '\0') {
        unsigned size = utf8_size(s);

        if (size != 0) {
            fwrite(s, 1, size, out);
        } else if (*s == '"' || *s == '\\') {
            fprintf(out, "\\%c", *s);
        } else if (*s < 0x20 || *s == 0x7f) {
            fprintf(out, "\\u%04x", *s);
        } else if (*s >= 0x80) {
            fprintf(out, "\\udc%02x", *s);
        } else {
            putc(*s, out);
        }
        s += size == 0 ? 1 : size;
    }
    putc('"', out);
}

void json_number(const char *name, uint64_t value)
{
    begin(name);
    fprintf(out, "%llu", (ull)value);
}

void json_hex(const char *name, uint64_t value)
{
    begin(name);
    fprintf(out, "\"0x%llx\"", (ull)value);
}

void json_bytes(const char *name, const uint8_t *bytes, unsigned size)
{
    begin(name);
    putc('"', out);
    for (unsigned i = 0; i < size; i++) {
        fprintf(out, "%02x", bytes[i]);
    }
    putc('"', out);
}

void json_bool(const char *name, bool value)
{
    begin(name);
    fputs(value ? "true" : "false", out);
}
