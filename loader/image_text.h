/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Text in a fixed buffer, for programs without a C library. It keeps true: the buffer always ends
 * with a NUL, and what does not fit is cut off.
 */
#ifndef LOADER_IMAGE_TEXT_H
#define LOADER_IMAGE_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct image_text {
    char *buf;
    size_t cap;
    size_t len;
};

/* Starts an empty text in buf; cap ≥ 1. */
void text_start(struct image_text *t, char *buf, size_t cap);
void text_char(struct image_text *t, char c);
void text_str(struct image_text *t, const char *s);
/* Lower-case hexadecimal with 0x, without leading zeros. */
void text_hex(struct image_text *t, uint64_t value);
void text_dec(struct image_text *t, uint64_t value);
/* A number of bytes in the largest binary unit that is exact: "512 MiB", "513 bytes". */
void text_size(struct image_text *t, uint64_t bytes);
/* "[0x1000, 0x2000)" */
void text_span(struct image_text *t, uint64_t start, uint64_t end);

#endif
