/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Client of files (files.h).
 */
#include "service/files.h"

#include "kaal/string.h"

/* Copies a path with its zero; its bytes, 0 when it is too long. */
static size_t put_path(char *to, size_t room, const char *path)
{
    size_t bytes = strlen(path) + 1;
    if (bytes > room) {
        return 0;
    }
    memcpy(to, path, bytes);
    return bytes;
}

/* A request whose arguments are a number and a path. */
static int call_path(const struct env_entry *channel, enum files_label label, const char *path,
                     uint64_t number, void *out, size_t room)
{
    struct files_path q = {.number = number};
    size_t bytes = put_path(q.path, sizeof(q.path), path);
    if (bytes == 0) {
        return FS_BAD_NAME;
    }
    return (int)rpc_call(channel, label, &q, offsetof(struct files_path, path) + bytes, out, room,
                         NULL);
}

/* What an earlier life has left open. */
static void close_all_of_earlier_lives(const struct env_entry *channel)
{
    static bool is_done;
    for (uint32_t handle = 0; handle < FS_HANDLES && comp_env()->generation != 0 && !is_done;
         handle++) {
        (void)!files_close(channel, handle);
    }
    is_done = true;
}

int files_open(const struct env_entry *channel, const char *path, unsigned flags, uint32_t *handle)
{
    struct files_number a;
    close_all_of_earlier_lives(channel);
    int error = call_path(channel, FILES_OPEN, path, flags, &a, sizeof(a));
    if (error == 0) {
        *handle = (uint32_t)a.number;
    }
    return error;
}

int files_close(const struct env_entry *channel, uint32_t handle)
{
    struct files_number q = {handle};
    return (int)rpc_call(channel, FILES_CLOSE, &q, sizeof(q), NULL, 0, NULL);
}

/* One transfer: through the buffer when it is larger than a message and there is a buffer. */
static int read_part(const struct env_entry *channel, uint32_t handle, void *to, size_t bytes,
                     size_t *done)
{
    struct files_data a;
    void *buffer = rpc_buffer(channel);
    bool big = buffer != NULL && bytes > FILES_INLINE;
    size_t most = big ? channel->bytes : FILES_INLINE;
    struct files_transfer q = {handle, bytes < most ? bytes : most, big};
    int error = (int)rpc_call(channel, FILES_READ, &q, sizeof(q), &a, sizeof(a), NULL);
    if (error != 0) {
        return error;
    }
    *done = a.bytes < q.bytes ? a.bytes : q.bytes;
    memcpy(to, big ? buffer : a.data, *done);
    return 0;
}

int files_read(const struct env_entry *channel, uint32_t handle, void *to, size_t bytes,
               size_t *done)
{
    *done = 0;
    while (*done < bytes) {
        size_t part = 0;
        int error = read_part(channel, handle, (char *)to + *done, bytes - *done, &part);
        if (error != 0 || part == 0) {
            return error;
        }
        *done += part;
    }
    return 0;
}

int files_write(const struct env_entry *channel, uint32_t handle, const void *from, size_t bytes)
{
    struct files_data q = {.handle = handle};
    void *buffer = rpc_buffer(channel);
    int error = 0;
    while (bytes != 0 && error == 0) {
        bool big = buffer != NULL && bytes > FILES_INLINE;
        size_t most = big ? channel->bytes : FILES_INLINE;
        q.bytes = bytes < most ? bytes : most;
        q.in_buffer = big;
        memcpy(big ? buffer : q.data, from, q.bytes);
        error =
            (int)rpc_call(channel, FILES_WRITE, &q,
                          offsetof(struct files_data, data) + (big ? 0 : q.bytes), NULL, 0, NULL);
        from = (const char *)from + q.bytes;
        bytes -= q.bytes;
    }
    return error;
}

int files_seek(const struct env_entry *channel, uint32_t handle, int64_t offset,
               enum fs_whence whence, uint64_t *position)
{
    struct files_seek q = {handle, offset, whence};
    struct files_number a;
    int error = (int)rpc_call(channel, FILES_SEEK, &q, sizeof(q), &a, sizeof(a), NULL);
    if (error == 0) {
        *position = a.number;
    }
    return error;
}

int files_truncate(const struct env_entry *channel, uint32_t handle, uint64_t bytes)
{
    struct files_transfer q = {handle, bytes, 0};
    return (int)rpc_call(channel, FILES_TRUNCATE, &q, sizeof(q), NULL, 0, NULL);
}

int files_stat(const struct env_entry *channel, const char *path, struct files_stat *out)
{
    return call_path(channel, FILES_STAT, path, 0, out, sizeof(*out));
}

int files_entry(const struct env_entry *channel, const char *path, uint64_t index,
                struct files_stat *out)
{
    int error = call_path(channel, FILES_ENTRY, path, index, out, sizeof(*out));
    if (error == 0) {
        out->name[sizeof(out->name) - 1] = 0;
    }
    return error;
}

int files_mkdir(const struct env_entry *channel, const char *path)
{
    return call_path(channel, FILES_MKDIR, path, 0, NULL, 0);
}

int files_remove(const struct env_entry *channel, const char *path)
{
    return call_path(channel, FILES_REMOVE, path, 0, NULL, 0);
}

int files_rename(const struct env_entry *channel, const char *from, const char *to)
{
    struct files_two q;
    size_t first = put_path(q.paths, sizeof(q.paths), from);
    size_t second = first != 0 ? put_path(q.paths + first, sizeof(q.paths) - first, to) : 0;
    if (second == 0) {
        return FS_BAD_NAME;
    }
    return (int)rpc_call(channel, FILES_RENAME, &q, first + second, NULL, 0, NULL);
}

const char *files_error(int error)
{
    return error >= FS_NOT_FOUND ? fs_error_text((enum fs_error)error)
                                 : comp_error_sentence((uint64_t)error);
}
