/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Whole files in and out. An output file appears complete or not at all.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "manifest.h"

struct bytes file_read(const char *path, size_t most)
{
    struct stat status;
    FILE *file = fopen(path, "rb");
    if (file == NULL || fstat(fileno(file), &status) != 0) {
        fail(EXIT_IO, "%s: cannot be read: %s", path, strerror(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        fail(EXIT_IO, "%s: expected a regular file", path);
    }
    if ((uint64_t)status.st_size > most) {
        fail(EXIT_INPUT, "%s: expected at most %zu bytes, found %lld", path, most,
             (long long)status.st_size);
    }
    struct bytes b = {.size = (size_t)status.st_size};
    b.room = b.size + 1;
    b.data = malloc(b.room);
    if (b.data == NULL || fread(b.data, 1, b.size, file) != b.size) {
        fail(EXIT_IO, "%s: cannot be read: %s", path, strerror(errno));
    }
    b.data[b.size] = 0;
    fclose(file);
    return b;
}

void file_write(const char *path, const void *data, size_t size)
{
    char *other = NULL;
    if (asprintf(&other, "%s.new-%ld", path, (long)getpid()) < 0) {
        fail(EXIT_IO, "out of memory");
    }
    FILE *file = fopen(other, "wb");
    if (file == NULL) {
        fail(EXIT_IO, "%s: cannot be written: %s", path, strerror(errno));
    }
    bool good = fwrite(data, 1, size, file) == size;
    good = fflush(file) == 0 && good;
    int error = errno;
    fclose(file);
    if (!good || rename(other, path) != 0) {
        error = good ? errno : error;
        unlink(other);
        fail(EXIT_IO, "%s: cannot be written: %s", path, strerror(error));
    }
    free(other);
}

void bytes_add(struct bytes *b, const void *data, size_t size)
{
    if (b->room - b->size < size) {
        b->room = (b->size + size) * 2;
        b->data = realloc(b->data, b->room);
        if (b->data == NULL) {
            fail(EXIT_IO, "out of memory");
        }
    }
    if (data != NULL) {
        memcpy(b->data + b->size, data, size);
    } else {
        memset(b->data + b->size, 0, size);
    }
    b->size += size;
}

void bytes_align(struct bytes *b, size_t to)
{
    bytes_add(b, NULL, (to - b->size % to) % to);
}
