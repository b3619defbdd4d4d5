/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The file system in memory under the name space (lib/fs): random operations on it and on a naive
 * model of whole paths and whole contents.
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
    LIMIT = 10 * BLOCK,
    NODES = 12,
    MOST = 20000,                   /* bytes of a file in the model */
    FILES = NODES + 2 * FS_HANDLES, /* with removed ones that are open */
    BLOCKS = MOST / BLOCK + 1,
};

/* ---- the model ---- */

struct file {
    enum fs_kind kind; /* 0 = none */
    char path[64];     /* empty: removed */
    unsigned char data[MOST];
    uint64_t bytes;
    bool block[BLOCKS];
    unsigned opens;
};

struct open {
    struct file *file;
    unsigned flags;
    uint64_t position;
};

static struct file files[FILES];
static struct open opens[FS_HANDLES];

static struct file *at(const char *path)
{
    for (unsigned i = 0; i < FILES; i++) {
        if (files[i].kind != 0 && strcmp(files[i].path, path) == 0) {
            return &files[i];
        }
    }
    return NULL;
}

static uint64_t blocks_used(void)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < FILES; i++) {
        for (unsigned b = 0; files[i].kind != 0 && b < BLOCKS; b++) {
            n += files[i].block[b];
        }
    }
    return n;
}

static unsigned nodes_used(void)
{
    unsigned n = 0;
    for (unsigned i = 0; i < FILES; i++) {
        n += files[i].kind != 0;
    }
    return n;
}

/* The folders above the path's last part must be there and be folders. */
static enum fs_error check_above(const char *path)
{
    char above[64];
    for (size_t i = 1; path[i] != 0; i++) {
        if (path[i] == '/') {
            memcpy(above, path, i);
            above[i] = 0;
            const struct file *f = at(above);
            if (f == NULL) {
                return FS_NOT_FOUND;
            }
            if (f->kind != FS_FOLDER) {
                return FS_NOT_DIRECTORY;
            }
        }
    }
    return FS_OK;
}

static bool is_below(const char *path, const char *folder)
{
    size_t n = strlen(folder);
    return strncmp(path, folder, n) == 0 && path[n] == '/';
}

static unsigned children(const char *path)
{
    unsigned n = 0;
    for (unsigned i = 0; i < FILES; i++) {
        n += files[i].kind != 0 && files[i].path[0] != 0 && is_below(files[i].path, path);
    }
    return n;
}

static enum fs_error model_make(const char *path, enum fs_kind kind, struct file **out)
{
    enum fs_error error = check_above(path);
    if (error != FS_OK) {
        return error;
    }
    if (at(path) != NULL) {
        return FS_EXISTS;
    }
    if (nodes_used() == NODES) {
        return FS_NO_SPACE;
    }
    struct file *f = files;
    while (f->kind != 0) {
        f++;
    }
    memset(f, 0, sizeof(*f));
    f->kind = kind;
    strcpy(f->path, path);
    *out = f;
    return FS_OK;
}

static void drop(struct file *f)
{
    f->path[0] = 0;
    if (f->opens == 0) {
        memset(f, 0, sizeof(*f));
    }
}

static enum fs_error model_remove(const char *path)
{
    enum fs_error error = check_above(path);
    struct file *f = at(path);
    if (error != FS_OK || f == NULL) {
        return error != FS_OK ? error : FS_NOT_FOUND;
    }
    if (children(path) != 0) {
        return FS_NOT_EMPTY;
    }
    drop(f);
    return FS_OK;
}

static enum fs_error model_rename(const char *from, const char *to)
{
    enum fs_error error = check_above(from);
    error = error == FS_OK ? check_above(to) : error;
    struct file *f = at(from);
    if (error != FS_OK || f == NULL) {
        return error != FS_OK ? error : FS_NOT_FOUND;
    }
    if (is_below(to, from)) {
        return FS_INTO_ITSELF;
    }
    struct file *target = at(to);
    if (target == f) {
        return FS_OK;
    }
    if (target != NULL) {
        if (f->kind != target->kind) {
            return f->kind == FS_FOLDER ? FS_NOT_DIRECTORY : FS_IS_DIRECTORY;
        }
        if (children(to) != 0) {
            return FS_NOT_EMPTY;
        }
        drop(target);
    }
    for (unsigned i = 0; i < FILES; i++) {
        if (files[i].kind != 0 && files[i].path[0] != 0 && is_below(files[i].path, from)) {
            char moved[64];
            int n = snprintf(moved, sizeof(moved), "%s%s", to, files[i].path + strlen(from));
            assert_in_range(n, 1, sizeof(moved) - 1);
            strcpy(files[i].path, moved);
        }
    }
    strcpy(f->path, to);
    return FS_OK;
}

static enum fs_error model_write(struct open *o, const void *data, size_t bytes)
{
    struct file *f = o->file;
    uint64_t position = (o->flags & FS_APPEND) != 0 ? f->bytes : o->position;
    uint64_t missing = 0;
    for (uint64_t b = position / BLOCK; bytes != 0 && b * BLOCK < position + bytes; b++) {
        missing += !f->block[b];
    }
    if (missing > LIMIT / BLOCK - blocks_used()) {
        return FS_NO_SPACE;
    }
    for (uint64_t b = position / BLOCK; bytes != 0 && b * BLOCK < position + bytes; b++) {
        f->block[b] = true;
    }
    memcpy(f->data + position, data, bytes);
    f->bytes = bytes != 0 && position + bytes > f->bytes ? position + bytes : f->bytes;
    o->position = position + bytes;
    return FS_OK;
}

static void model_truncate(struct file *f, uint64_t bytes)
{
    if (bytes < f->bytes) {
        memset(f->data + bytes, 0, MOST - bytes);
        for (uint64_t b = (bytes + BLOCK - 1) / BLOCK; b < BLOCKS; b++) {
            f->block[b] = false;
        }
    }
    f->bytes = bytes;
}

/* ---- random operations on both ---- */

static uint64_t seed;

static unsigned pick(unsigned below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)((seed >> 33) % below);
}

static const char *any_path(char out[64])
{
    static const char *const parts[] = {"a", "b", "long-name.txt"};
    out[0] = 0;
    for (unsigned depth = 1 + pick(3); depth-- != 0;) {
        strcat(out, "/");
        strcat(out, parts[pick(3)]);
    }
    return out;
}

/* The same place said another way. */
static const char *other_way(const char *path, char out[160])
{
    static const char *const forms[] = {"%s", "/.%s", "//%s/", "/x/..%s", "/../..%s/."};
    snprintf(out, 160, forms[pick(5)], path);
    return out;
}

static void do_open(struct vfs *v, const char *path, const char *said)
{
    static const unsigned all[] = {FS_READ,      FS_WRITE,    FS_CREATE,
                                   FS_EXCLUSIVE, FS_TRUNCATE, FS_APPEND};
    unsigned flags = pick(2) == 0 ? FS_READ | FS_WRITE | FS_CREATE : 0;
    uint32_t handle = 99;
    for (unsigned i = 0; i < 6; i++) {
        flags |= pick(4) == 0 ? all[i] : 0;
    }
    unsigned free = 0;
    while (free < FS_HANDLES && opens[free].flags != 0) {
        free++;
    }
    enum fs_error expected = check_above(path);
    struct file *f = at(path);
    bool bad = (flags & (FS_READ | FS_WRITE)) == 0 ||
               ((flags & (FS_TRUNCATE | FS_APPEND | FS_CREATE)) != 0 && (flags & FS_WRITE) == 0);
    if (bad) {
        expected = FS_BAD_RANGE;
    } else if (free == FS_HANDLES) {
        expected = FS_NO_HANDLE;
    } else if (expected == FS_OK && f != NULL) {
        bool exclusive = (flags & FS_CREATE) != 0 && (flags & FS_EXCLUSIVE) != 0;
        expected = exclusive ? FS_EXISTS : f->kind == FS_FOLDER ? FS_IS_DIRECTORY : FS_OK;
    } else if (expected == FS_OK) {
        expected = (flags & FS_CREATE) != 0 ? model_make(path, FS_FILE, &f) : FS_NOT_FOUND;
    }
    assert_int_equal(vfs_open(v, 0, said, flags, &handle), expected);
    if (expected == FS_OK) {
        assert_int_equal(handle, free);
        opens[free] = (struct open){f, flags, 0};
        f->opens++;
        if ((flags & FS_TRUNCATE) != 0) {
            model_truncate(f, 0);
        }
    }
}

static void do_write(struct vfs *v, uint32_t handle)
{
    static unsigned char data[MOST];
    struct open *o = &opens[handle];
    uint64_t room = MOST - (o->file->bytes > o->position ? o->file->bytes : o->position);
    size_t bytes = pick((unsigned)(room < 9000 ? room : 9000) + 1);
    memset(data, 1 + (int)pick(255), bytes);
    enum fs_error expected = (o->flags & FS_WRITE) == 0 ? FS_DENIED : model_write(o, data, bytes);
    assert_int_equal(vfs_write(v, 0, handle, data, bytes), expected);
}

static void do_read(struct vfs *v, uint32_t handle)
{
    static unsigned char data[MOST];
    struct open *o = &opens[handle];
    size_t bytes = pick(MOST);
    size_t done = 99;
    enum fs_error error = vfs_read(v, 0, handle, data, bytes, &done);
    if ((o->flags & FS_READ) == 0) {
        assert_int_equal(error, FS_DENIED);
        return;
    }
    uint64_t left = o->position < o->file->bytes ? o->file->bytes - o->position : 0;
    assert_int_equal(error, FS_OK);
    assert_int_equal(done, bytes < left ? bytes : left);
    assert_memory_equal(data, o->file->data + o->position, done);
    o->position += done;
}

static void do_handle(struct vfs *v)
{
    uint32_t handle = pick(6);
    struct open *o = &opens[handle];
    struct fs_stat stat;
    uint64_t position;
    if (o->flags == 0) {
        assert_int_equal(vfs_close(v, 0, handle), FS_BAD_HANDLE);
        return;
    }
    switch (pick(6)) {
    case 0: do_write(v, handle); break;
    case 1: do_read(v, handle); break;
    case 2:
        o->position = pick(MOST / 2);
        assert_int_equal(vfs_seek(v, 0, handle, (int64_t)o->position, FS_FROM_START, &position),
                         FS_OK);
        assert_int_equal(position, o->position);
        break;
    case 3:
        position = pick(MOST);
        if ((o->flags & FS_WRITE) == 0) {
            assert_int_equal(vfs_truncate(v, 0, handle, position), FS_DENIED);
        } else {
            assert_int_equal(vfs_truncate(v, 0, handle, position), FS_OK);
            model_truncate(o->file, position);
        }
        break;
    case 4:
        assert_int_equal(vfs_handle_stat(v, 0, handle, &stat), FS_OK);
        assert_int_equal(stat.bytes, o->file->bytes);
        break;
    default:
        assert_int_equal(vfs_close(v, 0, handle), FS_OK);
        o->file->opens--;
        if (o->file->opens == 0 && o->file->path[0] == 0) {
            memset(o->file, 0, sizeof(*o->file));
        }
        *o = (struct open){0};
    }
}

static void do_name(struct vfs *v, const char *path, const char *said)
{
    struct fs_stat stat;
    struct file *f = NULL;
    char to[64];
    char to_said[160];
    enum fs_error expected = check_above(path);
    switch (pick(4)) {
    case 0:
        f = at(path);
        expected = expected != FS_OK ? expected : f == NULL ? FS_NOT_FOUND : FS_OK;
        assert_int_equal(vfs_stat(v, 0, said, &stat), expected);
        if (expected == FS_OK) {
            assert_int_equal(stat.kind, f->kind);
        }
        break;
    case 1:
        expected = model_make(path, FS_FOLDER, &f);
        assert_int_equal(vfs_mkdir(v, 0, said), expected);
        break;
    case 2:
        expected = model_remove(path);
        assert_int_equal(vfs_remove(v, 0, said), expected);
        break;
    default:
        any_path(to);
        expected = model_rename(path, to);
        assert_int_equal(vfs_rename(v, 0, said, other_way(to, to_said)), expected);
    }
}

/* Every folder lists what the model has in it, in ascending order. */
static void compare_tree(struct vfs *v, const struct fs *fs)
{
    uint64_t bytes;
    uint32_t nodes;
    unsigned seen = 0;
    unsigned named = 0;
    ramfs_used(fs, &bytes, &nodes);
    assert_int_equal(bytes, blocks_used() * BLOCK);
    assert_int_equal(nodes, nodes_used());
    for (int i = -1; i < FILES; i++) {
        const char *folder = i < 0 ? "" : files[i].path;
        named += i >= 0 && files[i].kind != 0 && files[i].path[0] != 0;
        if (i >= 0 && (files[i].kind != FS_FOLDER || files[i].path[0] == 0)) {
            continue;
        }
        char last[FS_NAME_BYTES] = "";
        char name[FS_NAME_BYTES];
        struct fs_stat stat;
        for (uint64_t k = 0; vfs_entry(v, 0, i < 0 ? "/" : folder, k, name, &stat) == FS_OK; k++) {
            char path[160];
            assert_true(strcmp(last, name) < 0);
            snprintf(path, sizeof(path), "%s/%s", folder, name);
            assert_non_null(at(path));
            assert_int_equal(at(path)->kind, stat.kind);
            strcpy(last, name);
            seen++;
        }
    }
    assert_int_equal(seen, named);
}

static void random_operations(void **unused)
{
    (void)unused;
    for (unsigned round = 0; round < 40; round++) {
        struct fs fs = ramfs_make(LIMIT, NODES);
        struct vfs *v = vfs_make(fs);
        memset(files, 0, sizeof(files));
        memset(opens, 0, sizeof(opens));
        seed = round + 1;
        assert_int_equal(vfs_client(v, 0, "/", true), FS_OK);
        for (unsigned step = 0; step < 1500; step++) {
            char path[64];
            char said[160];
            any_path(path);
            other_way(path, said);
            switch (pick(4)) {
            case 0: do_open(v, path, said); break;
            case 1: do_name(v, path, said); break;
            default: do_handle(v);
            }
            if (step % 16 == 0) {
                compare_tree(v, &fs);
            }
        }
        vfs_destroy(v);
        ramfs_destroy(&fs);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_operations),
    };
    return cmocka_run_group_tests_name("fs", tests, NULL, NULL);
}
