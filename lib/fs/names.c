/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What a client does by name: looking, making, removing, renaming.
 */
#include <string.h>

#include "fs/vfs.h"

static bool is_known(const struct vfs *v, unsigned client)
{
    return client < FS_CLIENTS && v->client[client].is_known;
}

enum fs_error vfs_stat(struct vfs *v, unsigned client, const char *path, struct fs_stat *out)
{
    struct vfs_place at;
    if (!is_known(v, client)) {
        return FS_DENIED;
    }
    enum fs_error error = vfs_walk(v, client, path, &at);
    if (error != FS_OK) {
        return error;
    }
    struct fs *fs = &v->mount[at.mount].fs;
    return fs->ops->stat(fs->state, at.node, out);
}

enum fs_error vfs_entry(struct vfs *v, unsigned client, const char *path, uint64_t index,
                        char name[FS_NAME_BYTES], struct fs_stat *out)
{
    struct vfs_place at;
    uint64_t node;
    if (!is_known(v, client)) {
        return FS_DENIED;
    }
    enum fs_error error = vfs_walk(v, client, path, &at);
    if (error != FS_OK) {
        return error;
    }
    struct fs *fs = &v->mount[at.mount].fs;
    error = fs->ops->stat(fs->state, at.node, out);
    if (error != FS_OK || out->kind != FS_FOLDER) {
        return error != FS_OK ? error : FS_NOT_DIRECTORY;
    }
    error = fs->ops->entry(fs->state, at.node, index, name, &node);
    /* What is mounted on the entry is what the name means. */
    error = error == FS_OK ? vfs_step(v, &at, name, strlen(name)) : error;
    if (error != FS_OK) {
        return error;
    }
    fs = &v->mount[at.mount].fs;
    return fs->ops->stat(fs->state, at.node, out);
}

enum fs_error vfs_mkdir(struct vfs *v, unsigned client, const char *path)
{
    struct vfs_parent parent;
    uint64_t node;
    if (!is_known(v, client) || !v->client[client].may_write) {
        return FS_DENIED;
    }
    enum fs_error error = vfs_walk_parent(v, client, path, &parent);
    if (error != FS_OK) {
        return error == FS_BUSY ? FS_EXISTS : error;
    }
    struct fs *fs = &v->mount[parent.at.mount].fs;
    if (fs->ops->create == NULL) {
        return FS_READ_ONLY;
    }
    return fs->ops->create(fs->state, parent.at.node, parent.name, parent.name_bytes, FS_FOLDER,
                           &node);
}

enum fs_error vfs_remove(struct vfs *v, unsigned client, const char *path)
{
    struct vfs_parent parent;
    if (!is_known(v, client) || !v->client[client].may_write) {
        return FS_DENIED;
    }
    enum fs_error error = vfs_walk_parent(v, client, path, &parent);
    if (error != FS_OK) {
        return error;
    }
    struct vfs_place at = parent.at;
    error = vfs_step(v, &at, parent.name, parent.name_bytes);
    if (error != FS_OK) {
        return error;
    }
    struct fs *fs = &v->mount[parent.at.mount].fs;
    if (fs->ops->remove == NULL) {
        return FS_READ_ONLY;
    }
    if (vfs_is_mount_point(v, at)) {
        return FS_BUSY;
    }
    return fs->ops->remove(fs->state, parent.at.node, parent.name, parent.name_bytes);
}

enum fs_error vfs_rename(struct vfs *v, unsigned client, const char *from, const char *to)
{
    struct vfs_parent a;
    struct vfs_parent b;
    if (!is_known(v, client) || !v->client[client].may_write) {
        return FS_DENIED;
    }
    enum fs_error error = vfs_walk_parent(v, client, from, &a);
    error = error == FS_OK ? vfs_walk_parent(v, client, to, &b) : error;
    if (error != FS_OK) {
        return error;
    }
    struct vfs_place source = a.at;
    error = vfs_step(v, &source, a.name, a.name_bytes);
    if (error != FS_OK) {
        return error;
    }
    struct vfs_place target = b.at;
    error = vfs_step(v, &target, b.name, b.name_bytes);
    if (vfs_is_mount_point(v, source) || (error == FS_OK && vfs_is_mount_point(v, target))) {
        return FS_BUSY;
    }
    if (error != FS_OK && error != FS_NOT_FOUND) {
        return error;
    }
    if (a.at.mount != b.at.mount) {
        return FS_OTHER_MOUNT;
    }
    struct fs *fs = &v->mount[a.at.mount].fs;
    if (fs->ops->rename == NULL) {
        return FS_READ_ONLY;
    }
    return fs->ops->rename(fs->state, a.at.node, a.name, a.name_bytes, b.at.node, b.name,
                           b.name_bytes);
}
