/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Fault injection (inject.h). INJECT=KIND:N makes the Nth call of that kind fail, as it does in the
 * real world: memory (malloc and its kin), map, open, read, write, close, rename. When it came to
 * that, the file that INJECT_HIT names is made.
 */
#include "inject.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#undef malloc
#undef calloc
#undef realloc
#undef aligned_alloc
#undef mmap
#undef fopen
#undef fdopen
#undef fclose
#undef fread
#undef fwrite
#undef rename

static const char *wanted; /* "KIND:" */
static unsigned long left; /* occurrences until the failure, 0 = never */

static void read_wish(void)
{
    const char *wish = getenv("INJECT");
    const char *colon = wish ? strchr(wish, ':') : NULL;
    wanted = colon ? wish : "";
    left = colon ? strtoul(colon + 1, NULL, 10) : 0;
}

static bool fails(const char *kind)
{
    if (!wanted)
        read_wish();
    if (left == 0 || strncmp(wanted, kind, strlen(kind)) != 0 || --left != 0)
        return false;
    const char *hit = getenv("INJECT_HIT");
    FILE *f = hit ? fopen(hit, "w") : NULL;
    if (f)
        fclose(f);
    return true;
}

static void *no_memory(void)
{
    errno = ENOMEM;
    return NULL;
}

void *inject_malloc(size_t bytes)
{
    return fails("memory:") ? no_memory() : malloc(bytes);
}

void *inject_calloc(size_t count, size_t bytes)
{
    return fails("memory:") ? no_memory() : calloc(count, bytes);
}

void *inject_realloc(void *old, size_t bytes)
{
    return fails("memory:") ? no_memory() : realloc(old, bytes);
}

void *inject_aligned_alloc(size_t align, size_t bytes)
{
    return fails("memory:") ? no_memory() : aligned_alloc(align, bytes);
}

void *inject_mmap(void *at, size_t bytes, int protection, int flags, int fd, off_t offset)
{
    if (!fails("map:"))
        return mmap(at, bytes, protection, flags, fd, offset);
    errno = ENOMEM;
    return MAP_FAILED;
}

FILE *inject_fopen(const char *name, const char *mode)
{
    if (!fails("open:"))
        return fopen(name, mode);
    errno = EMFILE;
    return NULL;
}

FILE *inject_fdopen(int fd, const char *mode)
{
    return fails("open:") ? no_memory() : fdopen(fd, mode);
}

int inject_fclose(FILE *f)
{
    bool fail = fails("close:");
    int result = fclose(f);
    if (!fail)
        return result;
    errno = ENOSPC;
    return EOF;
}

/* The stream itself sees the error: its file is gone. */
size_t inject_fread(void *to, size_t bytes, size_t count, FILE *f)
{
    if (fails("read:"))
        close(fileno(f));
    return fread(to, bytes, count, f);
}

size_t inject_fwrite(const void *from, size_t bytes, size_t count, FILE *f)
{
    if (!fails("write:"))
        return fwrite(from, bytes, count, f);
    errno = ENOSPC;
    return 0;
}

int inject_rename(const char *from, const char *to)
{
    if (!fails("rename:"))
        return rename(from, to);
    errno = EACCES;
    return -1;
}
