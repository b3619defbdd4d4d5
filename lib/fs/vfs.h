/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Inside the name space: shared by vfs.c (mounts, walks), files.c (handles) and names.c (folders).
 */
#pragma once
#include "fs/fs.h"

/* A node of a mounted file system. */
struct vfs_place {
    unsigned mount;
    uint64_t node;
};

struct vfs_mount {
    struct fs fs;
    bool is_used;
    unsigned over_mount; /* the folder it lies over; the root mount is 0 and over nothing */
    uint64_t over_node;
};

struct vfs_handle {
    unsigned flags; /* enum fs_open, 0 = not open */
    struct vfs_place at;
    uint64_t position;
};

struct vfs {
    struct vfs_mount mount[FS_MOUNTS];
    struct {
        bool is_known;
        bool may_write;
        char root[FS_PATH_BYTES]; /* normalised */
        struct vfs_handle handle[FS_HANDLES];
    } client[FS_CLIENTS];
};

/* A path's folder and last part. */
struct vfs_parent {
    struct vfs_place at;
    const char *name; /* in `path` */
    size_t name_bytes;
    char path[FS_PATH_BYTES];
};

const char *vfs_root(const struct vfs *v, unsigned client);
/* From a folder to its entry, and into what is mounted there. */
FS_MUST_CHECK enum fs_error vfs_step(struct vfs *v, struct vfs_place *at, const char *name,
                                     size_t bytes);
FS_MUST_CHECK enum fs_error vfs_walk(struct vfs *v, unsigned client, const char *path,
                                     struct vfs_place *at);
/* FS_BUSY for the client's root, which has no name. */
FS_MUST_CHECK enum fs_error vfs_walk_parent(struct vfs *v, unsigned client, const char *path,
                                            struct vfs_parent *out);
bool vfs_is_mount_point(const struct vfs *v, struct vfs_place at);
