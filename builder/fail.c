/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The builder's one way to fail: one sentence, the documented status, no output left behind. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "builder.h"

_Noreturn void fail(enum builder_exit status, const char *format, ...)
{
    va_list args;

    fputs("kaal-builder: error: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    file_remove_staged();
    exit(status);
}

void check_output(void)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fail(BUILDER_IO, "standard output: cannot be written: %s", strerror(errno));
    }
}

_Noreturn void finish(void)
{
    check_output();
    exit(BUILDER_OK);
}

_Noreturn void fail_error(enum builder_exit status, const char *path, const struct image_error *err)
{
    char sentence[256];

    image_error_text(err, sentence, sizeof sentence);
    fail(status, "%s: %s", path, sentence);
}
