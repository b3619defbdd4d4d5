/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Output files: written beside their place and renamed, so that a failure leaves nothing. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "builder.h"

void file_check_target(const char *path, const struct input *in)
{
    struct stat a;
    struct stat b;

    if (stat(path, &a) != 0) {
        return;
    }
    if (!S_ISREG(a.st_mode)) {
        fail(BUILDER_IO, "%s: cannot be written: expected a regular file or none", path);
    }
    if (stat(in->path, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino) {
        fail(BUILDER_USAGE, "--out: expected a file other than the input %s", in->path);
    }
}

void file_write(const char *path, const void *data, uint64_t size)
{
    static char temporary[4096 + 32];
    FILE *f;
    int fd;

    if (strlen(path) > 4096) {
        fail(BUILDER_IO, "--out: expected a path of at most 4096 bytes, found %zu", strlen(path));
    }
    snprintf(temporary, sizeof temporary, "%s.tmp.%ld", path, (long)getpid());
    fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0666);
    f = fd < 0 ? NULL : fdopen(fd, "wb");
    if (f == NULL) {
        fail(BUILDER_IO, "%s: cannot be written: %s", path, strerror(errno));
    }
    fail_remove(temporary);
    if (fwrite(data, 1, size, f) != size || fclose(f) != 0 || rename(temporary, path) != 0) {
        fail(BUILDER_IO, "%s: cannot be written: %s", path, strerror(errno));
    }
    fail_remove(NULL);
}
