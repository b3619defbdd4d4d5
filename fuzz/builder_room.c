/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The folder, and what --wrap makes of malloc(), calloc(), free(), fdopen() and fclose(). */
#include "builder_room.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* An answer beyond that is "no memory": cases are small, and campaigns share a machine. */
#define ALLOCATION_MAX ((size_t)64 << 20)
#define TAKEN_MAX      256u

static void *memory[TAKEN_MAX];
static FILE *opened[TAKEN_MAX];
static bool running;
static char folder[4096];
static pid_t maker;

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void __real_free(void *p);
FILE *__real_fdopen(int fd, const char *mode);
int __real_fclose(FILE *f);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void __wrap_free(void *p);
FILE *__wrap_fdopen(int fd, const char *mode);
int __wrap_fclose(FILE *f);

static _Noreturn void no_room(const char *what)
{
    perror(what);
    abort();
}

/* ---- the folder ---- */

static void remove_all(const char *path)
{
    DIR *d = opendir(path);
    struct dirent *e;

    while (d != NULL && (e = readdir(d)) != NULL) {
        char name[600];

        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) {
            continue;
        }
        snprintf(name, sizeof name, "%s/%s", path, e->d_name);
        if (unlink(name) != 0) {
            remove_all(name);
            rmdir(name);
        }
    }
    if (d != NULL) {
        closedir(d);
    }
}

static void leave(void)
{
    if (maker == getpid()) {
        remove_all(folder);
        rmdir(folder);
    }
}

static void make_folder(void)
{
    const char *where = getenv("TMPDIR");

    snprintf(folder, sizeof folder, "%s/fuzz-builder-XXXXXX", where == NULL ? "/tmp" : where);
    if (mkdtemp(folder) == NULL || chdir(folder) != 0) {
        no_room("fuzz-builder: folder");
    }
    maker = getpid();
    atexit(leave);
}

void room_clean(void)
{
    if (maker != getpid()) { /* the first call; or AFL++ has forked since */
        make_folder();
    }
    remove_all(".");
}

void room_write(const char *name, const uint8_t *data, size_t size)
{
    FILE *f = fopen(name, "wb");

    if (f == NULL || fwrite(data, 1, size, f) != size || fclose(f) != 0) {
        no_room("fuzz-builder: a case's file");
    }
}

bool room_holds(const char *name, const uint8_t *data, size_t size)
{
    static uint8_t found[0x10001];
    FILE *f = fopen(name, "rb");
    size_t n;

    if (f == NULL) {
        return false;
    }
    n = fread(found, 1, sizeof found, f);
    fclose(f);
    return n == size && memcmp(found, data, size) == 0;
}

size_t room_count(const char *pattern)
{
    DIR *d = opendir(".");
    struct dirent *e;
    size_t n = 0;

    while (d != NULL && (e = readdir(d)) != NULL) {
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
             fnmatch(pattern, e->d_name, 0) == 0;
    }
    if (d != NULL) {
        closedir(d);
    }
    return n;
}

/* ---- what a run takes ---- */

static void *keep(void *p)
{
    for (unsigned i = 0; running && p != NULL && i < TAKEN_MAX; i++) {
        if (memory[i] == NULL) {
            memory[i] = p;
            break;
        }
    }
    return p;
}

void *__wrap_malloc(size_t bytes)
{
    if (running && bytes > ALLOCATION_MAX) {
        errno = ENOMEM;
        return NULL;
    }
    return keep(__real_malloc(bytes));
}

void *__wrap_calloc(size_t count, size_t bytes)
{
    if (running && bytes != 0 && count > ALLOCATION_MAX / bytes) {
        errno = ENOMEM;
        return NULL;
    }
    return keep(__real_calloc(count, bytes));
}

void __wrap_free(void *p)
{
    for (unsigned i = 0; running && p != NULL && i < TAKEN_MAX; i++) {
        if (memory[i] == p) {
            memory[i] = NULL;
        }
    }
    __real_free(p);
}

FILE *__wrap_fdopen(int fd, const char *mode)
{
    FILE *f = __real_fdopen(fd, mode);

    for (unsigned i = 0; running && f != NULL && i < TAKEN_MAX; i++) {
        if (opened[i] == NULL) {
            opened[i] = f;
            break;
        }
    }
    return f;
}

int __wrap_fclose(FILE *f)
{
    for (unsigned i = 0; i < TAKEN_MAX; i++) {
        if (opened[i] == f) {
            opened[i] = NULL;
        }
    }
    return __real_fclose(f);
}

void room_begin_run(void)
{
    running = true;
}

void room_end_run(void)
{
    running = false;
    for (unsigned i = 0; i < TAKEN_MAX; i++) {
        if (memory[i] != NULL) {
            __real_free(memory[i]);
            memory[i] = NULL;
        }
        if (opened[i] != NULL) {
            (void)__real_fclose(opened[i]);
            opened[i] = NULL;
        }
    }
    umask(022);
}
