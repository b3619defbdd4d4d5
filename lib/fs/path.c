/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Paths by name alone, and the words for errors.
 */
#include <string.h>

#include "fs/fs.h"

static const char *const texts[] = {
    [FS_NOT_FOUND - FS_NOT_FOUND] = "not found",
    [FS_EXISTS - FS_NOT_FOUND] = "exists already",
    [FS_NOT_DIRECTORY - FS_NOT_FOUND] = "not a folder",
    [FS_IS_DIRECTORY - FS_NOT_FOUND] = "a folder",
    [FS_NOT_EMPTY - FS_NOT_FOUND] = "the folder is not empty",
    [FS_READ_ONLY - FS_NOT_FOUND] = "the file system is read-only",
    [FS_DENIED - FS_NOT_FOUND] = "not allowed",
    [FS_NO_SPACE - FS_NOT_FOUND] = "no space left",
    [FS_NO_HANDLE - FS_NOT_FOUND] = "too many open files",
    [FS_BAD_HANDLE - FS_NOT_FOUND] = "no open file",
    [FS_BAD_NAME - FS_NOT_FOUND] = "not a usable name",
    [FS_BAD_RANGE - FS_NOT_FOUND] = "position or size out of range",
    [FS_BUSY - FS_NOT_FOUND] = "in use",
    [FS_OTHER_MOUNT - FS_NOT_FOUND] = "on another file system",
    [FS_INTO_ITSELF - FS_NOT_FOUND] = "a folder cannot go into itself",
};
_Static_assert(sizeof(texts) / sizeof(texts[0]) == FS_ERRORS_END - FS_NOT_FOUND, "a text each");

const char *fs_error_text(enum fs_error error)
{
    if (error == FS_OK) {
        return "done";
    }
    return error >= FS_NOT_FOUND && error < FS_ERRORS_END ? texts[error - FS_NOT_FOUND]
                                                          : "unknown error";
}

/* Removes the last part, but nothing of the first `floor` bytes. */
static size_t cut_part(const char *out, size_t length, size_t floor)
{
    while (length > floor && out[length - 1] != '/') {
        length--;
    }
    return length > floor ? length - 1 : floor;
}

enum fs_error fs_normalise(const char *root, const char *path, char out[FS_PATH_BYTES])
{
    size_t length = root[1] == 0 ? 0 : strlen(root);
    size_t floor = length;
    if (path[0] != '/') {
        return FS_BAD_NAME;
    }
    memcpy(out, root, length);
    while (*path != 0) {
        while (*path == '/') {
            path++;
        }
        size_t bytes = strcspn(path, "/");
        if (bytes == 2 && path[0] == '.' && path[1] == '.') {
            length = cut_part(out, length, floor);
        } else if (bytes != 0 && !(bytes == 1 && path[0] == '.')) {
            if (bytes >= FS_NAME_BYTES || length + 1 + bytes >= FS_PATH_BYTES) {
                return FS_BAD_NAME;
            }
            out[length] = '/';
            memcpy(out + length + 1, path, bytes);
            length += 1 + bytes;
        }
        path += bytes;
    }
    if (length == 0) {
        out[length++] = '/';
    }
    out[length] = 0;
    return FS_OK;
}
