/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Fault injection for the file systems and their name space (lib/fs): every allocation of a run
 * fails in turn. What was refused changed nothing (tree, contents, bytes and nodes in use), is
 * done when it is tried again, and the run ends like one without a failure; no memory stays behind.
 * Linked with calloc, realloc and free wrapped (Makefile).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fs/fs.h"

enum {
    BLOCK = 4096,
    FNV_START = 0x811c9dc5,
    FNV_FACTOR = 0x01000193,
};

/* ---- allocations ---- */

void *__real_calloc(size_t n, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
void __real_free(void *p);
void *__wrap_calloc(size_t n, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);
void __wrap_free(void *p);

static unsigned attempts, fail_at, live;

static bool fails(void)
{
    return ++attempts == fail_at;
}

void *__wrap_calloc(size_t n, size_t bytes)
{
    void *p = fails() ? NULL : __real_calloc(n, bytes);
    live += p != NULL;
    return p;
}

void *__wrap_realloc(void *old, size_t bytes)
{
    void *p = fails() ? NULL : __real_realloc(old, bytes);
    live += p != NULL && old == NULL;
    return p;
}

void __wrap_free(void *p)
{
    live -= p != NULL;
    __real_free(p);
}

/* ---- the name space: memory at "/", a list at "/list" ---- */

static const char *list_name(uint32_t index, uint64_t *bytes)
{
    static const char *const names[] = {"a", "b/c", "b/d/e"};
    *bytes = 10 * (index + 1);
    return names[index];
}

static bool list_read(uint32_t index, uint64_t offset, void *data, size_t bytes)
{
    memset(data, (int)(index + offset), bytes);
    return true;
}

static const struct listfs_source source = {3, list_name, list_read};
static struct fs memory, list;
static struct vfs *vfs;

/* Repeats a constructor that has no memory; nothing may be left of the first attempt. */
#define MADE(what, expression)                                                                     \
    for (unsigned before = live; !(expression);) {                                                 \
        assert_int_equal(live, before);                                                            \
        assert_int_equal(attempts, fail_at);                                                       \
        refused++;                                                                                 \
    }

static unsigned refused;

static void open_all(void)
{
    MADE("memory", (memory = ramfs_make(64 * BLOCK, 20)).ops != NULL)
    MADE("list", (list = listfs_make(&source)).ops != NULL)
    MADE("name space", (vfs = vfs_make(memory)) != NULL)
}

static void close_all(void)
{
    vfs_destroy(vfs);
    listfs_destroy(&list);
    ramfs_destroy(&memory);
    assert_int_equal(live, 0);
}

/* ---- the state as a user sees it, as one number ---- */

static uint32_t digest;

static void add(const void *data, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        digest = (digest ^ ((const unsigned char *)data)[i]) * FNV_FACTOR;
    }
}

static void add_file(const char *path)
{
    static unsigned char data[16 * BLOCK];
    uint32_t handle;
    size_t done;
    if (vfs_open(vfs, 1, path, FS_READ, &handle) != FS_OK) {
        return; /* nobody's client then: the name space is still being made */
    }
    assert_int_equal(vfs_read(vfs, 1, handle, data, sizeof(data), &done), FS_OK);
    assert_int_equal(vfs_close(vfs, 1, handle), FS_OK);
    add(data, done);
}

static void add_folder(const char *path)
{
    char name[FS_NAME_BYTES], below[FS_PATH_BYTES];
    struct fs_stat stat;
    for (uint64_t i = 0; vfs_entry(vfs, 1, path, i, name, &stat) == FS_OK; i++) {
        snprintf(below, sizeof(below), "%s/%s", path, name);
        add(below, strlen(below));
        add(&stat.kind, sizeof(stat.kind));
        add(&stat.bytes, sizeof(stat.bytes));
        if (stat.kind == FS_FOLDER) {
            add_folder(below);
        } else {
            add_file(below);
        }
    }
}

static uint32_t state(void)
{
    uint64_t bytes;
    uint32_t nodes;
    digest = FNV_START;
    ramfs_used(&memory, &bytes, &nodes);
    add(&bytes, sizeof(bytes));
    add(&nodes, sizeof(nodes));
    add_folder("/");
    return digest;
}

/* ---- the run ---- */

static unsigned char bytes[16 * BLOCK];
static uint32_t handle[3];

/* Does it; when the failure hits it, it is refused for want of space, changes nothing, and succeeds
 * the second time. */
#define DO(call)                                                                                   \
    do {                                                                                           \
        uint32_t before = state();                                                                 \
        enum fs_error error = (call);                                                              \
        if (error != FS_OK) {                                                                      \
            assert_int_equal(error, FS_NO_SPACE);                                                  \
            assert_true(attempts >= fail_at);                                                      \
            assert_int_equal(state(), before);                                                     \
            refused++;                                                                             \
            assert_int_equal((call), FS_OK);                                                       \
        }                                                                                          \
    } while (0)

static uint32_t run(void)
{
    uint64_t at;
    attempts = refused = 0;
    open_all();
    DO(vfs_client(vfs, 1, "/", true));
    DO(vfs_mkdir(vfs, 1, "/list"));
    DO(vfs_mount(vfs, "/list", list));
    DO(vfs_mkdir(vfs, 1, "/d"));
    DO(vfs_open(vfs, 1, "/d/one", FS_READ | FS_WRITE | FS_CREATE, &handle[0]));
    DO(vfs_write(vfs, 1, handle[0], bytes, 3 * BLOCK + 7)); /* several blocks at once */
    DO(vfs_open(vfs, 1, "/d/two", FS_READ | FS_WRITE | FS_CREATE, &handle[1]));
    DO(vfs_seek(vfs, 1, handle[1], 9 * BLOCK - 1, FS_FROM_START, &at));
    DO(vfs_write(vfs, 1, handle[1], bytes, 2)); /* behind a hole, over the border of two blocks */
    DO(vfs_seek(vfs, 1, handle[1], BLOCK, FS_FROM_START, &at));
    DO(vfs_write(vfs, 1, handle[1], bytes, 2 * BLOCK)); /* into the hole */
    DO(vfs_truncate(vfs, 1, handle[0], 14 * BLOCK));    /* a longer table */
    DO(vfs_truncate(vfs, 1, handle[0], BLOCK + 1));
    DO(vfs_rename(vfs, 1, "/d/two", "/three"));
    DO(vfs_open(vfs, 1, "/three", FS_WRITE | FS_APPEND, &handle[2]));
    DO(vfs_write(vfs, 1, handle[2], bytes, 3 * BLOCK)); /* table and blocks */
    DO(vfs_remove(vfs, 1, "/three"));                   /* lives on while it is open */
    DO(vfs_write(vfs, 1, handle[2], bytes, BLOCK));
    DO(vfs_close(vfs, 1, handle[2]));
    DO(vfs_close(vfs, 1, handle[1]));
    DO(vfs_open(vfs, 1, "/d/one", FS_WRITE | FS_TRUNCATE, &handle[1]));
    DO(vfs_write(vfs, 1, handle[1], bytes, 100));
    DO(vfs_close(vfs, 1, handle[0]));
    DO(vfs_close(vfs, 1, handle[1]));
    uint32_t end = state();
    close_all();
    return end;
}

static void every_allocation_fails(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (unsigned char)(i * 7 + i / 251);
    }
    fail_at = 0;
    uint32_t right = run();
    unsigned all = attempts;
    assert_int_equal(refused, 0);
    assert_in_range(all, 15, 100);
    for (fail_at = 1; fail_at <= all; fail_at++) {
        assert_int_equal(run(), right);
        assert_int_equal(refused, 1);
    }
    print_message("%u allocations failed in turn\n", all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_fails)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
