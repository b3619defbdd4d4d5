/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The builder's one way to fail: one sentence, the documented status, no output left behind. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "builder.h"

static const char *unfinished;

void fail_remove(const char *path)
{
    unfinished = path;
}

_Noreturn void fail(enum builder_exit status, const char *format, ...)
{
    va_list args;

    fputs("kaal-builder: error: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    if (unfinished != NULL) {
        unlink(unfinished);
    }
    exit(status);
}

_Noreturn void fail_error(enum builder_exit status, const char *path, const struct image_error *err)
{
    char sentence[256];

    image_error_text(err, sentence, sizeof sentence);
    fail(status, "%s: %s", path, sentence);
}
