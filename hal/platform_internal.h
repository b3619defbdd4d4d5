/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Shared by the files of the device-tree reader only: the sentence under construction, range
 * lists, and the boot options.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "platform.h"

/* The one sentence. sentence_begin() empties it; the others append, cutting what does not fit. */
void sentence_begin(void);
void sentence_text(const char *s);
void sentence_bytes(const char *s, size_t n); /* unprintable bytes become '?' */
void sentence_decimal(uint64_t value);
void sentence_hex(uint64_t value);
const char *sentence_get(void);

/* "device tree: <field>: expected <expected>, found <found>" */
const char *platform_refuse(const char *field, const char *expected, const char *found);
const char *refuse_hex(const char *field, const char *expected, uint64_t found);

/* Is the blob a whole flattened device tree, so that libfdt may walk it? NULL or a sentence. */
const char *tree_check(const void *dtb, uint64_t bytes);

/* Is the NUL-terminated `a` equal to the n bytes at b? */
bool text_equal(const char *a, const char *b, size_t n);

/* Adds [start, end) to an ascending list of disjoint ranges, merging what overlaps or touches.
 * Returns false if the list would need more than `max` entries. */
bool range_insert(struct range *list, uint32_t *count, uint32_t max, uint64_t start, uint64_t end);

/* Sets every option to its default, then reads the `n` bytes of boot arguments. */
const char *options_read(struct boot_options *out, const char *flavour, const char *args, size_t n);
