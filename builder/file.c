/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Output files: written beside their place, and renamed when all that belong together are complete,
 * so that a failure or a signal leaves nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "builder.h"

#define PATH_MOST 4096u /* at least PATH_MAX */
#define FILES     2u

static struct {
    char temporary[PATH_MOST + 64];
    char path[PATH_MOST + 1];
    bool existed;
} staged[FILES];
static volatile sig_atomic_t staged_count;

/* Called at failures and by the signals' handler: nothing but unlink(), which is safe there. */
void file_remove_staged(void)
{
    for (int i = 0; i < staged_count; i++) {
        unlink(staged[i].temporary);
    }
    staged_count = 0;
}

static void stopped(int signal_number)
{
    file_remove_staged();
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

void file_handle_signals(void)
{
    signal(SIGXFSZ, SIG_IGN); /* the write fails then, with its own sentence */
    signal(SIGINT, stopped);
    signal(SIGTERM, stopped);
    signal(SIGHUP, stopped);
}

/* Makes the temporary file and takes note of it, so that no signal comes between the two. */
static int create_staged(const char *temporary)
{
    sigset_t signals;
    sigset_t before;
    int fd;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, &before);
    fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0666);
    staged_count += fd >= 0;
    sigprocmask(SIG_SETMASK, &before, NULL);
    return fd;
}

void file_check_target(const char *path, const char *input)
{
    struct stat a;
    struct stat b;

    if (stat(path, &a) != 0) {
        return;
    }
    if (!S_ISREG(a.st_mode)) {
        fail(BUILDER_IO, "%s: cannot be written: expected a regular file or none", path);
    }
    if (input != NULL && stat(input, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino) {
        fail(BUILDER_USAGE, "%s: cannot be written: expected a file other than the input %s", path,
             input);
    }
}

void file_stage(const char *path, const void *data, uint64_t size)
{
    char *temporary = staged[staged_count].temporary;
    char target[PATH_MAX];
    const char *to = path;
    FILE *f;
    int fd;

    if (strlen(path) > PATH_MOST) {
        fail(BUILDER_IO, "--out: expected a path of at most %u bytes, found %zu", PATH_MOST,
             strlen(path));
    }
    if (realpath(path, target) != NULL) {
        to = target; /* a link stays a link: the file that it names is written */
    }
    strcpy(staged[staged_count].path, to);
    staged[staged_count].existed = access(to, F_OK) == 0;
    snprintf(temporary, sizeof staged[0].temporary, "%s.tmp.%ld", to, (long)getpid());
    fd = create_staged(temporary);
    f = fd < 0 ? NULL : fdopen(fd, "wb");
    if (f == NULL) {
        fail(BUILDER_IO, "%s: cannot be written: %s", path, strerror(errno));
    }
    if (fwrite(data, 1, size, f) != size || fclose(f) != 0) {
        fail(BUILDER_IO, "%s: cannot be written: %s", path, strerror(errno));
    }
}

void file_commit(void)
{
    for (int i = 0; i < staged_count; i++) {
        if (rename(staged[i].temporary, staged[i].path) != 0) {
            int why = errno;

            for (int j = 0; j < i; j++) { /* an image without its debug file, for one */
                if (!staged[j].existed) {
                    unlink(staged[j].path);
                }
            }
            errno = why;
            fail(BUILDER_IO, "%s: cannot be written: %s", staged[i].path, strerror(errno));
        }
    }
    staged_count = 0;
}

void file_write(const char *path, const void *data, uint64_t size)
{
    file_stage(path, data, size);
    file_commit();
}
