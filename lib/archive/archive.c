/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A header is 110 characters, name and data follow, each filled up to a multiple of 4 bytes.
 */
#include "archive/archive.h"

#include "kaal/string.h"

enum {
    HEADER_BYTES = 110,
    MAGIC_BYTES = 6,
    FIELD_MODE = 1, /* number of the 8-character field behind the magic */
    FIELD_SIZE = 6,
    FIELD_NAME_BYTES = 11,
    MODE_TYPE = 0170000,
    MODE_FILE = 0100000,
};

static const char last_name[] = "TRAILER!!!";

/* A field of eight hexadecimal digits. */
static bool field(const uint8_t *header, unsigned number, uint32_t *value)
{
    const uint8_t *p = header + MAGIC_BYTES + 8ul * number;
    *value = 0;
    for (unsigned i = 0; i < 8; i++) {
        uint32_t c = p[i], digit;
        if (c >= '0' && c <= '9') {
            digit = c - '0';
        } else if ((c | 32) >= 'a' && (c | 32) <= 'f') {
            digit = (c | 32) - 'a' + 10;
        } else {
            return false;
        }
        *value = *value << 4 | digit;
    }
    return true;
}

static size_t filled(size_t bytes)
{
    return (bytes + 3) & ~(size_t)3;
}

static const char *read_entry(const struct archive *a, size_t at, struct archive_file *file)
{
    uint32_t mode, size, name_bytes;
    if (at > a->bytes || a->bytes - at < HEADER_BYTES) {
        return "the header is cut off";
    }
    const uint8_t *header = a->data + at;
    if (memcmp(header, "070701", MAGIC_BYTES) != 0) {
        return "the header does not begin with 070701";
    }
    if (!field(header, FIELD_MODE, &mode) || !field(header, FIELD_SIZE, &size) ||
        !field(header, FIELD_NAME_BYTES, &name_bytes)) {
        return "a number is not hexadecimal";
    }
    size_t left = a->bytes - at;
    size_t data = filled(HEADER_BYTES + (size_t)name_bytes);
    /* More than one zero may end the name: so contents are put at a multiple of 8. */
    if (name_bytes == 0 || data > left || header[HEADER_BYTES + name_bytes - 1] != 0) {
        return "the name does not end where it should";
    }
    if (size > left - data) {
        return "the data are cut off";
    }
    *file = (struct archive_file){(const char *)header + HEADER_BYTES, header + data, size, mode,
                                  at + data + filled(size)};
    return NULL;
}

bool archive_next(const struct archive *a, size_t at, struct archive_file *file)
{
    return read_entry(a, at, file) == NULL && strcmp(file->name, last_name) != 0;
}

bool archive_find(const struct archive *a, const char *name, struct archive_file *file)
{
    for (size_t at = ARCHIVE_FIRST; archive_next(a, at, file); at = file->next) {
        const char *own =
            file->name[0] == '.' && file->name[1] == '/' ? file->name + 2 : file->name;
        if ((file->mode & MODE_TYPE) == MODE_FILE && strcmp(own, name) == 0) {
            return true;
        }
    }
    return false;
}

const char *archive_check(const struct archive *a, size_t *at)
{
    struct archive_file file;
    for (*at = ARCHIVE_FIRST;; *at = file.next) {
        const char *wrong = read_entry(a, *at, &file);
        if (wrong != NULL || strcmp(file.name, last_name) == 0) {
            return wrong;
        }
    }
}
