/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Reading a cpio archive of the `newc` format (the first field of each header is "070701") that
 * lies in memory. Every access is inside the given bytes, whatever they hold.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct archive {
    const uint8_t *data;
    size_t bytes;
};

struct archive_file {
    const char *name; /* in the archive, ends with a zero byte */
    const uint8_t *data;
    size_t bytes;
    uint32_t mode; /* as in a Unix inode */
    size_t next;   /* where the next header is */
};

/* Where the first header is, for archive_next(). */
#define ARCHIVE_FIRST ((size_t)0)

/* Reads the entry whose header is at `at`; false at the closing entry, at the end of the bytes and
 * where the archive is broken. */
bool archive_next(const struct archive *a, size_t at, struct archive_file *file);

/* The regular file of that name; false when there is none. */
bool archive_find(const struct archive *a, const char *name, struct archive_file *file);

/* NULL when every entry up to the closing one is well-formed, else a sentence saying what is wrong;
 * `*at` is then where. */
const char *archive_check(const struct archive *a, size_t *at);
