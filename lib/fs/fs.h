/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * File systems and the name space over them, as a library without a server: paths, mounts, handles
 * of several clients. Plain C with malloc, so that it runs and is tested anywhere. Not reentrant.
 *
 * Paths are absolute, parts separated by '/'; "." and ".." are resolved by name (there are no
 * links), and ".." at a client's root stays there, so no path leads out of it.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FS_MUST_CHECK __attribute__((warn_unused_result))

enum {
    FS_NAME_BYTES = 64, /* of one part of a path, with the closing zero */
    FS_PATH_BYTES = 512,
    FS_MOUNTS = 8,
    FS_CLIENTS = 16,
    FS_HANDLES = 32, /* of one client */
};

/* Numbers continue enum system_error (comp/protocol.h), which services share. */
enum fs_error {
    FS_OK = 0,
    FS_NOT_FOUND = 32,
    FS_EXISTS,
    FS_NOT_DIRECTORY,
    FS_IS_DIRECTORY,
    FS_NOT_EMPTY,
    FS_READ_ONLY, /* the file system */
    FS_DENIED,    /* the client may only read, or the handle was not opened for it */
    FS_NO_SPACE,  /* bytes or nodes of the file system */
    FS_NO_HANDLE, /* the client has FS_HANDLES open */
    FS_BAD_HANDLE,
    FS_BAD_NAME,    /* empty path, not absolute, a part or the whole too long */
    FS_BAD_RANGE,   /* offset or size out of range */
    FS_BUSY,        /* a mount point, or the parent of one */
    FS_OTHER_MOUNT, /* rename between file systems */
    FS_INTO_ITSELF, /* rename of a folder into itself */
    FS_ERRORS_END,
};

/* "not found" and the like. */
const char *fs_error_text(enum fs_error error);

enum fs_kind {
    FS_FILE = 1,
    FS_FOLDER,
};

struct fs_stat {
    enum fs_kind kind;
    uint64_t bytes;  /* of a file; entries of a folder */
    uint64_t number; /* of the node, in its file system */
};

/* ---- what a file system does ---- */

/* Nodes are numbers that mean something to the file system alone; `root` is one. A name is `bytes`
 * bytes without '/', 1 to FS_NAME_BYTES - 1 of them. A function that cannot do its work changes
 * nothing. NULL = the file system is read-only. */
struct fs_ops {
    enum fs_error (*lookup)(void *fs, uint64_t folder, const char *name, size_t bytes,
                            uint64_t *node);
    enum fs_error (*stat)(void *fs, uint64_t node, struct fs_stat *out);
    /* The `index`-th entry of a folder, in ascending order of names. */
    enum fs_error (*entry)(void *fs, uint64_t folder, uint64_t index, char name[FS_NAME_BYTES],
                           uint64_t *node);
    enum fs_error (*read)(void *fs, uint64_t node, uint64_t offset, void *data, size_t bytes,
                          size_t *done);
    enum fs_error (*write)(void *fs, uint64_t node, uint64_t offset, const void *data,
                           size_t bytes);
    enum fs_error (*truncate)(void *fs, uint64_t node, uint64_t bytes);
    enum fs_error (*create)(void *fs, uint64_t folder, const char *name, size_t bytes,
                            enum fs_kind kind, uint64_t *node);
    /* A file, or an empty folder. What is held lives on until it is let go. */
    enum fs_error (*remove)(void *fs, uint64_t folder, const char *name, size_t bytes);
    /* Replaces a file by a file, an empty folder by a folder. */
    enum fs_error (*rename)(void *fs, uint64_t folder, const char *name, size_t bytes,
                            uint64_t to_folder, const char *to_name, size_t to_bytes);
    /* A handle is opened on the node, and closed. */
    void (*hold)(void *fs, uint64_t node);
    void (*release)(void *fs, uint64_t node);
};

struct fs {
    const struct fs_ops *ops;
    void *state;
    uint64_t root;
};

/* ---- the two file systems ---- */

/* In memory, of at most `bytes` bytes of contents (blocks of 4 KiB) and `nodes` files and folders;
 * ops NULL when there is no memory for its tables. */
struct fs ramfs_make(uint64_t bytes, uint32_t nodes);
void ramfs_destroy(struct fs *fs);
/* Bytes of contents and nodes in use. */
void ramfs_used(const struct fs *fs, uint64_t *bytes, uint32_t *nodes);

/* A read-only list of files whose names may have '/', which makes folders. */
struct listfs_source {
    uint32_t files;
    /* Name and size of file `index`; the name must stay. */
    const char *(*name)(uint32_t index, uint64_t *bytes);
    /* Reads inside the file; false = failed. */
    bool (*read)(uint32_t index, uint64_t offset, void *data, size_t bytes);
};
struct fs listfs_make(const struct listfs_source *source);
void listfs_destroy(struct fs *fs);

/* ---- the name space ---- */

struct vfs; /* mounts and clients */

/* A name space with `root` at "/". NULL = no memory. */
struct vfs *vfs_make(struct fs root);
void vfs_destroy(struct vfs *v); /* not the file systems */
/* Puts a file system over the folder `path`. */
FS_MUST_CHECK enum fs_error vfs_mount(struct vfs *v, const char *path, struct fs fs);
/* FS_BUSY while a handle is open in it. */
FS_MUST_CHECK enum fs_error vfs_unmount(struct vfs *v, const char *path);

/* What client `client` (below FS_CLIENTS) sees as "/", and whether it may change anything. */
FS_MUST_CHECK enum fs_error vfs_client(struct vfs *v, unsigned client, const char *root,
                                       bool may_write);
/* Closes all handles of a client that has gone. */
void vfs_client_gone(struct vfs *v, unsigned client);

enum fs_open {
    FS_READ = 1,
    FS_WRITE = 2,
    FS_CREATE = 4,    /* when there is no such file */
    FS_EXCLUSIVE = 8, /* with FS_CREATE: it must not be there */
    FS_TRUNCATE = 16, /* with FS_WRITE */
    FS_APPEND = 32,   /* every write at the end */
};

FS_MUST_CHECK enum fs_error vfs_open(struct vfs *v, unsigned client, const char *path,
                                     unsigned flags, uint32_t *handle);
FS_MUST_CHECK enum fs_error vfs_close(struct vfs *v, unsigned client, uint32_t handle);
/* At the handle's position, which moves on. A read behind the end gives 0 bytes. */
FS_MUST_CHECK enum fs_error vfs_read(struct vfs *v, unsigned client, uint32_t handle, void *data,
                                     size_t bytes, size_t *done);
FS_MUST_CHECK enum fs_error vfs_write(struct vfs *v, unsigned client, uint32_t handle,
                                      const void *data, size_t bytes);
enum fs_whence {
    FS_FROM_START,
    FS_FROM_HERE,
    FS_FROM_END,
};
/* A position behind the end is allowed; what a write leaves between reads as zeros. */
FS_MUST_CHECK enum fs_error vfs_seek(struct vfs *v, unsigned client, uint32_t handle,
                                     int64_t offset, enum fs_whence whence, uint64_t *position);
FS_MUST_CHECK enum fs_error vfs_truncate(struct vfs *v, unsigned client, uint32_t handle,
                                         uint64_t bytes);
FS_MUST_CHECK enum fs_error vfs_handle_stat(struct vfs *v, unsigned client, uint32_t handle,
                                            struct fs_stat *out);
FS_MUST_CHECK enum fs_error vfs_stat(struct vfs *v, unsigned client, const char *path,
                                     struct fs_stat *out);
/* The `index`-th entry of a folder; FS_NOT_FOUND behind the last. */
FS_MUST_CHECK enum fs_error vfs_entry(struct vfs *v, unsigned client, const char *path,
                                      uint64_t index, char name[FS_NAME_BYTES],
                                      struct fs_stat *out);
FS_MUST_CHECK enum fs_error vfs_mkdir(struct vfs *v, unsigned client, const char *path);
/* A file, or an empty folder. */
FS_MUST_CHECK enum fs_error vfs_remove(struct vfs *v, unsigned client, const char *path);
FS_MUST_CHECK enum fs_error vfs_rename(struct vfs *v, unsigned client, const char *from,
                                       const char *to);

/* Writes `path`, which starts at `root`, without ".", ".." and doubled '/', to out: "/" or "/a/b".
 */
FS_MUST_CHECK enum fs_error fs_normalise(const char *root, const char *path,
                                         char out[FS_PATH_BYTES]);
