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

void json_string(const char *name, const char *value)
{
    begin(name);
    putc('"', out);
    for (; *value != '\0'; value++) {
        unsigned char c = (unsigned char)*value;

        if (c == '"' || c == '\\') {
            fprintf(out, "\\%c", c);
        } else if (c < 0x20 || c >= 0x7f) {
            fprintf(out, "\\u%04x", c);
        } else {
            putc(c, out);
        }
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
