/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Names of the name space (lib/fs): paths, mounts, read-only lists, clients and their limits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "fs/fs.h"

enum {
    LIMIT = 24 * 4096,
    NODES = 12,
};

/* ---- paths ---- */

static void paths(void **unused)
{
    (void)unused;
    static const char *const good[][3] = {
        {"/", "/", "/"},
        {"/", "/a//b/./c/", "/a/b/c"},
        {"/", "/a/../..//b", "/b"},
        {"/r", "/", "/r"},
        {"/r", "/../x", "/r/x"},
        {"/r/s", "/a/../../..", "/r/s"},
        {"/r", "/..a/.b", "/r/..a/.b"},
    };
    char out[FS_PATH_BYTES];
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_int_equal(fs_normalise(good[i][0], good[i][1], out), FS_OK);
        assert_string_equal(out, good[i][2]);
    }
    assert_int_equal(fs_normalise("/", "", out), FS_BAD_NAME);
    assert_int_equal(fs_normalise("/", "a", out), FS_BAD_NAME);
    char longest[FS_PATH_BYTES + 8];
    memset(longest, 'x', sizeof(longest));
    longest[0] = '/';
    longest[FS_NAME_BYTES] = 0;
    assert_int_equal(fs_normalise("/", longest, out), FS_OK);
    assert_int_equal(strlen(out), FS_NAME_BYTES);
    longest[FS_NAME_BYTES] = 'x';
    longest[FS_NAME_BYTES + 1] = 0;
    assert_int_equal(fs_normalise("/", longest, out), FS_BAD_NAME);
    for (size_t i = 0; i < FS_PATH_BYTES; i++) {
        longest[i] = i % 4 == 0 ? '/' : 'y';
    }
    longest[FS_PATH_BYTES] = 0;
    assert_int_equal(fs_normalise("/", longest, out), FS_BAD_NAME);
    longest[FS_PATH_BYTES - 1] = 0;
    assert_int_equal(fs_normalise("/", longest, out), FS_OK);
}

/* ---- a list, mounts, clients ---- */

static const char *const names[] = {"bin/shell", "README", "bin/ls", "etc/deep/er"};

static const char *name_of(uint32_t index, uint64_t *bytes)
{
    *bytes = 10 + index;
    return names[index];
}

static bool read_of(uint32_t index, uint64_t offset, void *data, size_t bytes)
{
    assert_true(offset + bytes <= 10 + index);
    memset(data, 'A' + (int)index, bytes);
    return true;
}

static const struct listfs_source source = {4, name_of, read_of};

static struct fs ram;
static struct fs list;
static struct vfs *v;

/* Files in memory at "/", the list at "/image"; client 0 owns all, client 1 reads /image/bin. */
static int begin(void **unused)
{
    uint32_t handle;
    (void)unused;
    ram = ramfs_make(LIMIT, NODES);
    list = listfs_make(&source);
    v = vfs_make(ram);
    assert_int_equal(vfs_open(v, 0, "/x", FS_READ, &handle), FS_DENIED);
    assert_int_equal(vfs_client(v, 0, "/", true), FS_OK);
    assert_int_equal(vfs_client(v, 1, "/image/bin", false), FS_OK);
    assert_int_equal(vfs_client(v, FS_CLIENTS, "/", false), FS_BAD_RANGE);
    assert_int_equal(vfs_mount(v, "/image", list), FS_NOT_FOUND);
    assert_int_equal(vfs_mkdir(v, 0, "/image"), FS_OK);
    assert_int_equal(vfs_mount(v, "/", list), FS_BUSY);
    assert_int_equal(vfs_mount(v, "/image", list), FS_OK);
    return 0;
}

static int end(void **unused)
{
    (void)unused;
    vfs_destroy(v);
    listfs_destroy(&list);
    ramfs_destroy(&ram);
    return 0;
}

/* Listed in order, with folders made of names. */
static void lists(void **unused)
{
    struct fs_stat stat;
    char name[FS_NAME_BYTES];
    (void)unused;
    assert_int_equal(vfs_entry(v, 0, "/image", 0, name, &stat), FS_OK);
    assert_string_equal(name, "README");
    assert_int_equal(stat.bytes, 11);
    assert_int_equal(vfs_entry(v, 0, "/image", 1, name, &stat), FS_OK);
    assert_string_equal(name, "bin");
    assert_int_equal(stat.kind, FS_FOLDER);
    assert_int_equal(stat.bytes, 2);
    assert_int_equal(vfs_entry(v, 0, "/image/bin", 0, name, &stat), FS_OK);
    assert_string_equal(name, "ls");
    assert_int_equal(vfs_entry(v, 0, "/image", 3, name, &stat), FS_NOT_FOUND);
    assert_int_equal(vfs_entry(v, 0, "/image/README", 0, name, &stat), FS_NOT_DIRECTORY);
}

/* Client 1 sees its folder as the root and cannot leave it or change it. */
static void clients(void **unused)
{
    struct fs_stat stat;
    char data[32];
    size_t done;
    uint32_t handle;
    (void)unused;
    assert_int_equal(vfs_open(v, 1, "/../../../shell", FS_READ, &handle), FS_OK);
    assert_int_equal(vfs_read(v, 1, handle, data, sizeof(data), &done), FS_OK);
    assert_int_equal(done, 10);
    assert_memory_equal(data, "AAAAAAAAAA", 10);
    assert_int_equal(vfs_read(v, 0, handle, data, sizeof(data), &done), FS_BAD_HANDLE);
    assert_int_equal(vfs_stat(v, 1, "/README", &stat), FS_NOT_FOUND);
    assert_int_equal(vfs_open(v, 1, "/shell", FS_WRITE, &handle), FS_DENIED);
    assert_int_equal(vfs_mkdir(v, 1, "/d"), FS_DENIED);
    assert_int_equal(vfs_remove(v, 1, "/shell"), FS_DENIED);
    assert_int_equal(vfs_rename(v, 1, "/shell", "/s"), FS_DENIED);
}

/* The list is read-only, the mount point stays, nothing moves between file systems. */
static void mounts(void **unused)
{
    uint32_t handle;
    (void)unused;
    assert_int_equal(vfs_open(v, 0, "/image/README", FS_WRITE, &handle), FS_READ_ONLY);
    assert_int_equal(vfs_open(v, 0, "/image/new", FS_WRITE | FS_CREATE, &handle), FS_READ_ONLY);
    assert_int_equal(vfs_mkdir(v, 0, "/image/d"), FS_READ_ONLY);
    assert_int_equal(vfs_remove(v, 0, "/image/README"), FS_READ_ONLY);
    assert_int_equal(vfs_remove(v, 0, "/image"), FS_BUSY);
    assert_int_equal(vfs_remove(v, 0, "/"), FS_BUSY);
    assert_int_equal(vfs_mkdir(v, 0, "/"), FS_EXISTS);
    assert_int_equal(vfs_rename(v, 0, "/image", "/other"), FS_BUSY);
    assert_int_equal(vfs_open(v, 0, "/file", FS_WRITE | FS_CREATE, &handle), FS_OK);
    assert_int_equal(vfs_rename(v, 0, "/file", "/image/file"), FS_OTHER_MOUNT);
    assert_int_equal(vfs_rename(v, 0, "/file", "/image"), FS_BUSY);
    assert_int_equal(vfs_rename(v, 0, "/image/README", "/image/R"), FS_READ_ONLY);
}

/* Positions that no file has. */
static void positions(void **unused)
{
    uint32_t handle;
    uint64_t position;
    (void)unused;
    assert_int_equal(vfs_open(v, 0, "/file", FS_WRITE | FS_CREATE, &handle), FS_OK);
    assert_int_equal(vfs_seek(v, 0, handle, -1, FS_FROM_START, &position), FS_BAD_RANGE);
    assert_int_equal(vfs_seek(v, 0, handle, INT64_MIN, FS_FROM_END, &position), FS_BAD_RANGE);
    assert_int_equal(vfs_seek(v, 0, handle, INT64_MAX, FS_FROM_HERE, &position), FS_OK);
    assert_int_equal(vfs_seek(v, 0, handle, 1, FS_FROM_HERE, &position), FS_BAD_RANGE);
    assert_int_equal(vfs_seek(v, 0, handle, 0, (enum fs_whence)7, &position), FS_BAD_RANGE);
    assert_int_equal(vfs_write(v, 0, handle, "x", 1), FS_BAD_RANGE);
}

/* Unmounted only when nobody is in it. */
static void unmounting(void **unused)
{
    struct fs_stat stat;
    uint32_t handle;
    (void)unused;
    assert_int_equal(vfs_open(v, 1, "/shell", FS_READ, &handle), FS_OK);
    assert_int_equal(vfs_unmount(v, "/image"), FS_BUSY);
    vfs_client_gone(v, 1);
    assert_int_equal(vfs_unmount(v, "/image"), FS_OK);
    assert_int_equal(vfs_unmount(v, "/image"), FS_NOT_FOUND);
    assert_int_equal(vfs_stat(v, 0, "/image/README", &stat), FS_NOT_FOUND);
}

static void every_error_has_a_text(void **unused)
{
    (void)unused;
    assert_string_equal(fs_error_text(FS_OK), "done");
    for (int e = FS_NOT_FOUND; e < FS_ERRORS_END; e++) {
        assert_string_not_equal(fs_error_text((enum fs_error)e), "unknown error");
    }
    assert_string_equal(fs_error_text((enum fs_error)5), "unknown error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths),
        cmocka_unit_test_setup_teardown(lists, begin, end),
        cmocka_unit_test_setup_teardown(clients, begin, end),
        cmocka_unit_test_setup_teardown(mounts, begin, end),
        cmocka_unit_test_setup_teardown(positions, begin, end),
        cmocka_unit_test_setup_teardown(unmounting, begin, end),
        cmocka_unit_test(every_error_has_a_text),
    };
    return cmocka_run_group_tests_name("fs_names", tests, NULL, NULL);
}
