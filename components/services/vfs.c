/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Files for all: memory at "/", the files of the image at "/image", read-only. A client's channel
 * is its permission: arguments CLIENT=ROOT:r or CLIENT=ROOT:rw say what the holder of that channel
 * sees as "/" and whether it may write; a client without one reads everything and writes nothing.
 * The argument memory=BYTES limits contents in memory (default 4 MiB).
 *
 * Keeps true: what a client sends is copied and checked before it is used; handles belong to the
 * client of the channel they were opened through.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "comp/system.h"
#include "service/files.h"

enum {
    NODES = 1024,
    IMAGE_FILES = 64,
};

static struct vfs *vfs;

/* ---- the image's files ---- */

static struct {
    char name[SYSTEM_PATH];
    uint64_t bytes;
} image[IMAGE_FILES];

static const char *image_name(uint32_t index, uint64_t *bytes)
{
    *bytes = image[index].bytes;
    return image[index].name;
}

static bool image_read(uint32_t index, uint64_t offset, void *data, size_t bytes)
{
    while (bytes != 0) {
        uint64_t got = 0;
        if (system_read_file(image[index].name, offset, data, bytes, &got) != SYSTEM_OK ||
            got == 0) {
            return false;
        }
        data = (char *)data + got;
        offset += got;
        bytes -= got;
    }
    return true;
}

static struct listfs_source source = {0, image_name, image_read};

/* ---- clients ---- */

static const struct env_entry *clients[FS_CLIENTS];

/* The client's number; FS_CLIENTS for one that the environment does not know. */
static unsigned client_of(const struct rpc_request *r)
{
    unsigned i = 0;
    while (i < FS_CLIENTS && (clients[i] == NULL || clients[i] != r->client)) {
        i++;
    }
    return i;
}

/* A path in the request, or NULL when it does not end. */
static const char *path_in(const struct rpc_request *r, char copy[FS_PATH_BYTES])
{
    const struct files_path *q = RPC_IN(r, struct files_path);
    size_t room = r->bytes - offsetof(struct files_path, path);
    room = room < FS_PATH_BYTES ? room : FS_PATH_BYTES;
    memcpy(copy, q->path, room);
    return memchr(copy, 0, room) != NULL ? copy : NULL;
}

static enum system_error answer(enum fs_error error)
{
    return (enum system_error)error;
}

/* ---- methods ---- */

static enum system_error serve_open(struct rpc_request *r)
{
    char path[FS_PATH_BYTES];
    uint32_t handle = 0;
    unsigned flags = (unsigned)RPC_IN(r, struct files_path)->number;
    if (path_in(r, path) == NULL) {
        return answer(FS_BAD_NAME);
    }
    enum fs_error error = vfs_open(vfs, client_of(r), path, flags, &handle);
    if (error == FS_OK) {
        RPC_OUT(r, struct files_number)->number = handle;
    }
    return answer(error);
}

static enum system_error serve_close(struct rpc_request *r)
{
    uint32_t handle = (uint32_t)RPC_IN(r, struct files_number)->number;
    return answer(vfs_close(vfs, client_of(r), handle));
}

static enum system_error serve_read(struct rpc_request *r)
{
    static char data[FILES_INLINE];
    struct files_transfer q = *RPC_IN(r, struct files_transfer);
    size_t room = FILES_INLINE;
    size_t done = 0;
    void *to = q.in_buffer != 0 ? rpc_client_buffer(r, &room) : data;
    if (to == NULL || q.bytes > room) {
        return SYSTEM_BAD_ARGUMENT;
    }
    enum fs_error error = vfs_read(vfs, client_of(r), (uint32_t)q.handle, to, q.bytes, &done);
    if (error == FS_OK) {
        struct files_data *a = RPC_OUT(r, struct files_data);
        a->handle = q.handle;
        a->bytes = done;
        a->in_buffer = q.in_buffer;
        r->reply_bytes = offsetof(struct files_data, data);
        if (q.in_buffer == 0) {
            memcpy(a->data, data, done);
            r->reply_bytes += done;
        }
    }
    return answer(error);
}

static enum system_error serve_write(struct rpc_request *r)
{
    static char data[FILES_INLINE];
    const struct files_data *q = RPC_IN(r, struct files_data);
    uint32_t handle = (uint32_t)q->handle;
    size_t bytes = q->bytes;
    size_t room = r->bytes - offsetof(struct files_data, data);
    const void *from = data;
    if (q->in_buffer != 0) {
        from = rpc_client_buffer(r, &room);
    } else {
        memcpy(data, q->data, room < FILES_INLINE ? room : FILES_INLINE);
    }
    if (from == NULL || bytes > room) {
        return SYSTEM_BAD_ARGUMENT;
    }
    return answer(vfs_write(vfs, client_of(r), handle, from, bytes));
}

static enum system_error serve_seek(struct rpc_request *r)
{
    struct files_seek q = *RPC_IN(r, struct files_seek);
    uint64_t position = 0;
    enum fs_error error = vfs_seek(vfs, client_of(r), (uint32_t)q.handle, q.offset,
                                   (enum fs_whence)q.whence, &position);
    if (error == FS_OK) {
        RPC_OUT(r, struct files_number)->number = position;
    }
    return answer(error);
}

static enum system_error serve_truncate(struct rpc_request *r)
{
    struct files_transfer q = *RPC_IN(r, struct files_transfer);
    return answer(vfs_truncate(vfs, client_of(r), (uint32_t)q.handle, q.bytes));
}

static void put_stat(struct rpc_request *r, const struct fs_stat *stat, const char *name)
{
    struct files_stat *a = RPC_OUT(r, struct files_stat);
    a->kind = stat->kind;
    a->bytes = stat->bytes;
    memcpy(a->name, name, FS_NAME_BYTES);
}

static enum system_error serve_stat(struct rpc_request *r)
{
    static const char no_name[FS_NAME_BYTES];
    char path[FS_PATH_BYTES];
    struct fs_stat stat;
    if (path_in(r, path) == NULL) {
        return answer(FS_BAD_NAME);
    }
    enum fs_error error = vfs_stat(vfs, client_of(r), path, &stat);
    if (error == FS_OK) {
        put_stat(r, &stat, no_name);
    }
    return answer(error);
}

static enum system_error serve_entry(struct rpc_request *r)
{
    char path[FS_PATH_BYTES];
    char name[FS_NAME_BYTES] = "";
    struct fs_stat stat;
    uint64_t index = RPC_IN(r, struct files_path)->number;
    if (path_in(r, path) == NULL) {
        return answer(FS_BAD_NAME);
    }
    enum fs_error error = vfs_entry(vfs, client_of(r), path, index, name, &stat);
    if (error == FS_OK) {
        put_stat(r, &stat, name);
    }
    return answer(error);
}

static enum system_error serve_mkdir(struct rpc_request *r)
{
    char path[FS_PATH_BYTES];
    bool good = path_in(r, path) != NULL;
    return answer(good ? vfs_mkdir(vfs, client_of(r), path) : FS_BAD_NAME);
}

static enum system_error serve_remove(struct rpc_request *r)
{
    char path[FS_PATH_BYTES];
    bool good = path_in(r, path) != NULL;
    return answer(good ? vfs_remove(vfs, client_of(r), path) : FS_BAD_NAME);
}

static enum system_error serve_rename(struct rpc_request *r)
{
    static char copy[RPC_BYTES];
    memcpy(copy, r->data, r->bytes);
    const char *end = memchr(copy, 0, r->bytes);
    const char *to = end != NULL ? end + 1 : copy + r->bytes;
    if (end == NULL || memchr(to, 0, (size_t)(copy + r->bytes - to)) == NULL) {
        return answer(FS_BAD_NAME);
    }
    return answer(vfs_rename(vfs, client_of(r), copy, to));
}

static const struct rpc_method methods[] = {
    [FILES_OPEN] = {serve_open, offsetof(struct files_path, path) + 1},
    [FILES_CLOSE] = {serve_close, sizeof(struct files_number)},
    [FILES_READ] = {serve_read, sizeof(struct files_transfer)},
    [FILES_WRITE] = {serve_write, offsetof(struct files_data, data)},
    [FILES_SEEK] = {serve_seek, sizeof(struct files_seek)},
    [FILES_TRUNCATE] = {serve_truncate, sizeof(struct files_transfer)},
    [FILES_STAT] = {serve_stat, offsetof(struct files_path, path) + 1},
    [FILES_ENTRY] = {serve_entry, offsetof(struct files_path, path) + 1},
    [FILES_MKDIR] = {serve_mkdir, offsetof(struct files_path, path) + 1},
    [FILES_REMOVE] = {serve_remove, offsetof(struct files_path, path) + 1},
    [FILES_RENAME] = {serve_rename, 2},
};

/* ---- start ---- */

static uint64_t memory_limit = 4 << 20;

/* The argument CLIENT=ROOT:r[w] of that client: its root, and whether it may write. */
static void read_permission(const char *client, char root[FS_PATH_BYTES], bool *may_write, int argc,
                            char **argv)
{
    size_t length = strlen(client);
    strcpy(root, "/");
    *may_write = false;
    for (int i = 1; i < argc; i++) {
        const char *mark = strrchr(argv[i], ':');
        if (strncmp(argv[i], client, length) == 0 && argv[i][length] == '=' && mark != NULL) {
            size_t bytes = (size_t)(mark - argv[i]) - length - 1;
            bytes = bytes < FS_PATH_BYTES - 1 ? bytes : FS_PATH_BYTES - 1;
            memcpy(root, argv[i] + length + 1, bytes);
            root[bytes] = 0;
            *may_write = strcmp(mark, ":rw") == 0;
        }
    }
}

static void admit_clients(int argc, char **argv)
{
    unsigned n = 0;
    for (const struct env_entry *e = comp_next(ENV_CLIENT, NULL); e != NULL && n < FS_CLIENTS;
         e = comp_next(ENV_CLIENT, e)) {
        char root[FS_PATH_BYTES];
        bool may_write;
        read_permission(e->name, root, &may_write, argc, argv);
        if (vfs_client(vfs, n, root, may_write) != FS_OK) {
            printf("vfs: %s: expected a path from '/' on, found '%s'\n", e->name, root);
            continue;
        }
        clients[n++] = e;
    }
}

static void mount_all(void)
{
    struct fs ram = ramfs_make(memory_limit, NODES);
    vfs = ram.ops != NULL ? vfs_make(ram) : NULL;
    if (vfs == NULL) {
        comp_fail(1, "no memory for the file system", 0);
    }
    while (source.files < IMAGE_FILES && system_file(source.files, &image[source.files].bytes,
                                                     image[source.files].name) == SYSTEM_OK) {
        source.files++;
    }
    struct fs list = listfs_make(&source);
    enum fs_error error = vfs_client(vfs, 0, "/", true);
    error = error == FS_OK ? vfs_mkdir(vfs, 0, "/image") : error;
    error = error == FS_OK && list.ops != NULL ? vfs_mount(vfs, "/image", list) : error;
    if (error != FS_OK) {
        printf("vfs: /image: %s\n", fs_error_text(error));
    }
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "memory=", 7) == 0) {
            memory_limit = strtoull(argv[i] + 7, NULL, 0);
        }
    }
    mount_all();
    admit_clients(argc, argv);
    rpc_serve(&(struct rpc_service){methods, RPC_COUNT(methods), NULL, NULL});
}
