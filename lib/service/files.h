/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Service of files: the requests of lib/fs/fs.h over a channel. Errors are those of enum fs_error
 * beside enum system_error; paths are what the server lets this client see. Contents go in the
 * message, or through the channel's shared buffer when it has one and they are larger.
 */
#pragma once
#include "fs/fs.h"
#include "rpc/rpc.h"

enum files_label {
    FILES_OPEN = 1, /* struct files_path (number = enum fs_open) -> struct files_number: handle */
    FILES_CLOSE,    /* struct files_number: handle */
    FILES_READ,     /* struct files_transfer -> struct files_data; in_buffer: data there */
    FILES_WRITE,    /* struct files_data */
    FILES_SEEK,     /* struct files_seek -> struct files_number: position */
    FILES_TRUNCATE, /* struct files_transfer: handle, bytes */
    FILES_STAT,     /* struct files_path -> struct files_stat */
    FILES_ENTRY,    /* struct files_path (number = index) -> struct files_stat */
    FILES_MKDIR,    /* struct files_path */
    FILES_REMOVE,   /* struct files_path */
    FILES_RENAME,   /* struct files_two: from and to, one behind the other */
    FILES_LABELS,
};

enum {
    FILES_INLINE = RPC_BYTES - 32,
};

struct files_path {
    uint64_t number;
    char path[FS_PATH_BYTES];
};

struct files_two {
    char paths[RPC_BYTES]; /* two texts, each with its closing zero */
};

struct files_number {
    uint64_t number;
};

struct files_transfer {
    uint64_t handle;
    uint64_t bytes;
    uint64_t in_buffer;
};

struct files_data {
    uint64_t handle;
    uint64_t bytes;
    uint64_t in_buffer;
    char data[FILES_INLINE];
};

struct files_seek {
    uint64_t handle;
    int64_t offset;
    uint64_t whence; /* enum fs_whence */
};

struct files_stat {
    uint64_t kind; /* enum fs_kind */
    uint64_t bytes;
    char name[FS_NAME_BYTES]; /* of FILES_ENTRY */
};

/* ---- clients: 0 = done, else an enum fs_error or enum system_error (files_error()) ---- */

COMP_MUST_CHECK int files_open(const struct env_entry *channel, const char *path, unsigned flags,
                               uint32_t *handle);
COMP_MUST_CHECK int files_close(const struct env_entry *channel, uint32_t handle);
/* At most `bytes`; fewer only at the end of the file. */
COMP_MUST_CHECK int files_read(const struct env_entry *channel, uint32_t handle, void *to,
                               size_t bytes, size_t *done);
/* All of it; what was written before an error stays. */
COMP_MUST_CHECK int files_write(const struct env_entry *channel, uint32_t handle, const void *from,
                                size_t bytes);
COMP_MUST_CHECK int files_seek(const struct env_entry *channel, uint32_t handle, int64_t offset,
                               enum fs_whence whence, uint64_t *position);
COMP_MUST_CHECK int files_truncate(const struct env_entry *channel, uint32_t handle,
                                   uint64_t bytes);
COMP_MUST_CHECK int files_stat(const struct env_entry *channel, const char *path,
                               struct files_stat *out);
COMP_MUST_CHECK int files_entry(const struct env_entry *channel, const char *path, uint64_t index,
                                struct files_stat *out);
COMP_MUST_CHECK int files_mkdir(const struct env_entry *channel, const char *path);
COMP_MUST_CHECK int files_remove(const struct env_entry *channel, const char *path);
COMP_MUST_CHECK int files_rename(const struct env_entry *channel, const char *from, const char *to);

/* Words for what these return. */
const char *files_error(int error);
