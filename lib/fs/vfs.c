/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Mounts, clients and handles. Keeps true: a handle holds its node in its file system from open to
 * close; a mount hides the folder it lies over; paths are resolved by name before they are walked.
 */
#include <stdlib.h>
#include <string.h>

#include "fs/vfs.h"

struct vfs *vfs_make(struct fs root)
{
    struct vfs *v = calloc(1, sizeof(*v));
    if (v == NULL) {
        return NULL;
    }
    v->mount[0] = (struct vfs_mount){.fs = root, .is_used = true};
    return v;
}

void vfs_destroy(struct vfs *v)
{
    for (unsigned i = 0; i < FS_CLIENTS; i++) {
        vfs_client_gone(v, i);
    }
    free(v);
}

enum fs_error vfs_step(struct vfs *v, struct vfs_place *at, const char *name, size_t bytes)
{
    struct fs *fs = &v->mount[at->mount].fs;
    struct fs_stat stat;
    enum fs_error error = fs->ops->stat(fs->state, at->node, &stat);
    if (error == FS_OK && stat.kind != FS_FOLDER) {
        return FS_NOT_DIRECTORY;
    }
    error = fs->ops->lookup(fs->state, at->node, name, bytes, &at->node);
    if (error != FS_OK) {
        return error;
    }
    for (unsigned i = 1; i < FS_MOUNTS; i++) {
        const struct vfs_mount *m = &v->mount[i];
        if (m->is_used && m->over_mount == at->mount && m->over_node == at->node) {
            *at = (struct vfs_place){i, m->fs.root};
            break;
        }
    }
    return FS_OK;
}

/* Walks the first `bytes` bytes of a normalised path. */
static enum fs_error walk(struct vfs *v, const char *path, size_t bytes, struct vfs_place *at)
{
    *at = (struct vfs_place){0, v->mount[0].fs.root};
    for (size_t i = 1; i < bytes;) {
        size_t part = strcspn(path + i, "/");
        enum fs_error error = vfs_step(v, at, path + i, part);
        if (error != FS_OK) {
            return error;
        }
        i += part + 1;
    }
    return FS_OK;
}

enum fs_error vfs_walk(struct vfs *v, unsigned client, const char *path, struct vfs_place *at)
{
    char full[FS_PATH_BYTES];
    enum fs_error error = fs_normalise(vfs_root(v, client), path, full);
    return error != FS_OK ? error : walk(v, full, strlen(full), at);
}

enum fs_error vfs_walk_parent(struct vfs *v, unsigned client, const char *path,
                              struct vfs_parent *out)
{
    const char *root = vfs_root(v, client);
    enum fs_error error = fs_normalise(root, path, out->path);
    if (error != FS_OK) {
        return error;
    }
    const char *slash = strrchr(out->path, '/');
    if (strcmp(out->path, root) == 0 || slash[1] == 0) {
        return FS_BUSY;
    }
    out->name = slash + 1;
    out->name_bytes = strlen(slash + 1);
    error = walk(v, out->path, (size_t)(slash - out->path), &out->at);
    if (error != FS_OK) {
        return error;
    }
    struct fs_stat stat;
    const struct fs *fs = &v->mount[out->at.mount].fs;
    error = fs->ops->stat(fs->state, out->at.node, &stat);
    return error == FS_OK && stat.kind != FS_FOLDER ? FS_NOT_DIRECTORY : error;
}

/* Whether a mount lies over the place or somewhere below a folder that is about to go: the folder
 * itself must not be one, nor hold one. */
bool vfs_is_mount_point(const struct vfs *v, struct vfs_place at)
{
    for (unsigned i = 1; i < FS_MOUNTS; i++) {
        const struct vfs_mount *m = &v->mount[i];
        if (m->is_used && ((m->over_mount == at.mount && m->over_node == at.node) ||
                           (i == at.mount && m->fs.root == at.node))) {
            return true;
        }
    }
    return false;
}

enum fs_error vfs_mount(struct vfs *v, const char *path, struct fs fs)
{
    char full[FS_PATH_BYTES];
    struct vfs_place at;
    struct fs_stat stat;
    enum fs_error error = fs_normalise("/", path, full);
    error = error == FS_OK ? walk(v, full, strlen(full), &at) : error;
    if (error != FS_OK) {
        return error;
    }
    const struct fs *below = &v->mount[at.mount].fs;
    error = below->ops->stat(below->state, at.node, &stat);
    if (error != FS_OK || stat.kind != FS_FOLDER) {
        return error != FS_OK ? error : FS_NOT_DIRECTORY;
    }
    if (at.node == below->root) {
        return FS_BUSY;
    }
    for (unsigned i = 1; i < FS_MOUNTS; i++) {
        if (!v->mount[i].is_used) {
            v->mount[i] = (struct vfs_mount){fs, true, at.mount, at.node};
            if (below->ops->hold != NULL) {
                below->ops->hold(below->state, at.node);
            }
            return FS_OK;
        }
    }
    return FS_NO_HANDLE;
}

/* Whether a handle or a mount uses mount `index`. */
static bool is_in_use(const struct vfs *v, unsigned index)
{
    for (unsigned c = 0; c < FS_CLIENTS; c++) {
        for (unsigned h = 0; h < FS_HANDLES; h++) {
            const struct vfs_handle *handle = &v->client[c].handle[h];
            if (handle->flags != 0 && handle->at.mount == index) {
                return true;
            }
        }
    }
    for (unsigned i = 1; i < FS_MOUNTS; i++) {
        if (v->mount[i].is_used && v->mount[i].over_mount == index) {
            return true;
        }
    }
    return false;
}

enum fs_error vfs_unmount(struct vfs *v, const char *path)
{
    char full[FS_PATH_BYTES];
    struct vfs_place at;
    enum fs_error error = fs_normalise("/", path, full);
    error = error == FS_OK ? walk(v, full, strlen(full), &at) : error;
    if (error != FS_OK) {
        return error;
    }
    struct vfs_mount *m = &v->mount[at.mount];
    if (at.mount == 0 || at.node != m->fs.root) {
        return FS_NOT_FOUND;
    }
    if (is_in_use(v, at.mount)) {
        return FS_BUSY;
    }
    const struct fs *below = &v->mount[m->over_mount].fs;
    if (below->ops->release != NULL) {
        below->ops->release(below->state, m->over_node);
    }
    *m = (struct vfs_mount){0};
    return FS_OK;
}

enum fs_error vfs_client(struct vfs *v, unsigned client, const char *root, bool may_write)
{
    if (client >= FS_CLIENTS) {
        return FS_BAD_RANGE;
    }
    enum fs_error error = fs_normalise("/", root, v->client[client].root);
    v->client[client].may_write = error == FS_OK && may_write;
    v->client[client].is_known = error == FS_OK;
    return error;
}

const char *vfs_root(const struct vfs *v, unsigned client)
{
    return v->client[client].root;
}

void vfs_client_gone(struct vfs *v, unsigned client)
{
    for (uint32_t h = 0; h < FS_HANDLES; h++) {
        if (v->client[client].handle[h].flags != 0) {
            (void)!vfs_close(v, client, h);
        }
    }
}
