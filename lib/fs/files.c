/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Open files: what a client does through a handle.
 */
#include "fs/vfs.h"

/* The handle, NULL when the client has no such one open. */
static struct vfs_handle *get(struct vfs *v, unsigned client, uint32_t handle)
{
    if (client >= FS_CLIENTS || handle >= FS_HANDLES) {
        return NULL;
    }
    struct vfs_handle *h = &v->client[client].handle[handle];
    return h->flags != 0 ? h : NULL;
}

static struct fs *fs_of(struct vfs *v, const struct vfs_handle *h)
{
    return &v->mount[h->at.mount].fs;
}

/* Finds or makes the file of an open. */
static enum fs_error find_file(struct vfs *v, unsigned client, const char *path, unsigned flags,
                               struct vfs_place *at)
{
    struct vfs_parent parent;
    enum fs_error error = vfs_walk(v, client, path, at);
    if (error == FS_OK) {
        unsigned both = FS_CREATE | FS_EXCLUSIVE;
        return (flags & both) == both ? FS_EXISTS : FS_OK;
    }
    if (error != FS_NOT_FOUND || (flags & FS_CREATE) == 0) {
        return error;
    }
    error = vfs_walk_parent(v, client, path, &parent);
    if (error != FS_OK) {
        return error;
    }
    struct fs *fs = &v->mount[parent.at.mount].fs;
    if (!v->client[client].may_write) {
        return FS_DENIED;
    }
    if (fs->ops->create == NULL) {
        return FS_READ_ONLY;
    }
    *at = parent.at;
    return fs->ops->create(fs->state, parent.at.node, parent.name, parent.name_bytes, FS_FILE,
                           &at->node);
}

/* Whether the file may be opened so; truncates it when that is asked for. */
static enum fs_error admit(struct vfs *v, unsigned client, struct vfs_place at, unsigned flags)
{
    struct fs *fs = &v->mount[at.mount].fs;
    struct fs_stat stat;
    enum fs_error error = fs->ops->stat(fs->state, at.node, &stat);
    if (error != FS_OK) {
        return error;
    }
    if (stat.kind != FS_FILE) {
        return FS_IS_DIRECTORY;
    }
    if ((flags & FS_WRITE) == 0) {
        return FS_OK;
    }
    if (!v->client[client].may_write) {
        return FS_DENIED;
    }
    if (fs->ops->write == NULL) {
        return FS_READ_ONLY;
    }
    return (flags & FS_TRUNCATE) != 0 ? fs->ops->truncate(fs->state, at.node, 0) : FS_OK;
}

enum fs_error vfs_open(struct vfs *v, unsigned client, const char *path, unsigned flags,
                       uint32_t *handle)
{
    struct vfs_place at;
    uint32_t free = 0;
    if (client >= FS_CLIENTS || !v->client[client].is_known) {
        return FS_DENIED;
    }
    if ((flags & (FS_READ | FS_WRITE)) == 0 ||
        ((flags & (FS_TRUNCATE | FS_APPEND | FS_CREATE)) != 0 && (flags & FS_WRITE) == 0)) {
        return FS_BAD_RANGE;
    }
    while (free < FS_HANDLES && v->client[client].handle[free].flags != 0) {
        free++;
    }
    if (free == FS_HANDLES) {
        return FS_NO_HANDLE;
    }
    enum fs_error error = find_file(v, client, path, flags, &at);
    error = error == FS_OK ? admit(v, client, at, flags) : error;
    if (error != FS_OK) {
        return error;
    }
    struct fs *fs = &v->mount[at.mount].fs;
    if (fs->ops->hold != NULL) {
        fs->ops->hold(fs->state, at.node);
    }
    v->client[client].handle[free] = (struct vfs_handle){flags, at, 0};
    *handle = free;
    return FS_OK;
}

enum fs_error vfs_close(struct vfs *v, unsigned client, uint32_t handle)
{
    struct vfs_handle *h = get(v, client, handle);
    if (h == NULL) {
        return FS_BAD_HANDLE;
    }
    struct fs *fs = fs_of(v, h);
    if (fs->ops->release != NULL) {
        fs->ops->release(fs->state, h->at.node);
    }
    *h = (struct vfs_handle){0};
    return FS_OK;
}

enum fs_error vfs_read(struct vfs *v, unsigned client, uint32_t handle, void *data, size_t bytes,
                       size_t *done)
{
    struct vfs_handle *h = get(v, client, handle);
    *done = 0;
    if (h == NULL) {
        return FS_BAD_HANDLE;
    }
    if ((h->flags & FS_READ) == 0) {
        return FS_DENIED;
    }
    struct fs *fs = fs_of(v, h);
    enum fs_error error = fs->ops->read(fs->state, h->at.node, h->position, data, bytes, done);
    h->position += *done;
    return error;
}

enum fs_error vfs_write(struct vfs *v, unsigned client, uint32_t handle, const void *data,
                        size_t bytes)
{
    struct fs_stat stat;
    struct vfs_handle *h = get(v, client, handle);
    if (h == NULL) {
        return FS_BAD_HANDLE;
    }
    if ((h->flags & FS_WRITE) == 0) {
        return FS_DENIED;
    }
    struct fs *fs = fs_of(v, h);
    uint64_t position = h->position;
    if ((h->flags & FS_APPEND) != 0) {
        enum fs_error error = fs->ops->stat(fs->state, h->at.node, &stat);
        if (error != FS_OK) {
            return error;
        }
        position = stat.bytes;
    }
    enum fs_error error = fs->ops->write(fs->state, h->at.node, position, data, bytes);
    if (error == FS_OK) {
        h->position = position + bytes;
    }
    return error;
}

enum fs_error vfs_seek(struct vfs *v, unsigned client, uint32_t handle, int64_t offset,
                       enum fs_whence whence, uint64_t *position)
{
    struct vfs_handle *h = get(v, client, handle);
    struct fs_stat stat;
    uint64_t from = 0;
    if (h == NULL) {
        return FS_BAD_HANDLE;
    }
    if (whence == FS_FROM_HERE) {
        from = h->position;
    } else if (whence == FS_FROM_END) {
        struct fs *fs = fs_of(v, h);
        enum fs_error error = fs->ops->stat(fs->state, h->at.node, &stat);
        if (error != FS_OK) {
            return error;
        }
        from = stat.bytes;
    } else if (whence != FS_FROM_START) {
        return FS_BAD_RANGE;
    }
    /* Positions stay in [0, 2^63): both sums below cannot overflow. */
    if (offset < 0 ? (uint64_t) - (offset + 1) + 1 > from : (uint64_t)offset > INT64_MAX - from) {
        return FS_BAD_RANGE;
    }
    h->position = from + (uint64_t)offset;
    *position = h->position;
    return FS_OK;
}

enum fs_error vfs_truncate(struct vfs *v, unsigned client, uint32_t handle, uint64_t bytes)
{
    struct vfs_handle *h = get(v, client, handle);
    if (h == NULL) {
        return FS_BAD_HANDLE;
    }
    if ((h->flags & FS_WRITE) == 0) {
        return FS_DENIED;
    }
    struct fs *fs = fs_of(v, h);
    return fs->ops->truncate(fs->state, h->at.node, bytes);
}

enum fs_error vfs_handle_stat(struct vfs *v, unsigned client, uint32_t handle, struct fs_stat *out)
{
    const struct vfs_handle *h = get(v, client, handle);
    if (h == NULL) {
        return FS_BAD_HANDLE;
    }
    struct fs *fs = fs_of(v, h);
    return fs->ops->stat(fs->state, h->at.node, out);
}
