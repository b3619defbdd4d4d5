/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A fixed list of files as a read-only file system. Folders are made from the parts of the names,
 * once; nodes are their index, the root first.
 */
#include <stdlib.h>
#include <string.h>

#include "fs/fs.h"

struct item {
    const char *name; /* not terminated */
    size_t name_bytes;
    uint32_t parent;
    uint32_t file; /* index in the source; NO_FILE = a folder */
    uint64_t bytes;
};

enum {
    NO_FILE = 0xffffffff
};

struct listfs {
    const struct listfs_source *source;
    uint32_t items;
    struct item item[];
};

static int compare(const struct item *item, const char *name, size_t bytes)
{
    size_t both = item->name_bytes < bytes ? item->name_bytes : bytes;
    int order = memcmp(item->name, name, both);
    return order != 0 ? order : (item->name_bytes > bytes) - (item->name_bytes < bytes);
}

static uint32_t find(const struct listfs *fs, uint64_t folder, const char *name, size_t bytes)
{
    for (uint32_t i = 1; i < fs->items; i++) {
        if (fs->item[i].parent == folder && compare(&fs->item[i], name, bytes) == 0) {
            return i;
        }
    }
    return 0;
}

/* Adds the file and the folders of its name; a name that is a folder already is left out. */
static void add_file(struct listfs *fs, uint32_t file)
{
    uint64_t bytes;
    uint32_t at = 0;
    const char *name = fs->source->name(file, &bytes);
    while (*name != 0) {
        size_t part = strcspn(name, "/");
        const char *rest = name + part + (name[part] == '/');
        bool last = *rest == 0;
        if (part == 0 || part >= FS_NAME_BYTES) {
            return;
        }
        uint32_t next = find(fs, at, name, part);
        if (next == 0) {
            next = fs->items++;
            fs->item[next] =
                (struct item){name, part, at, last ? file : (uint32_t)NO_FILE, last ? bytes : 0};
        }
        at = next;
        name = rest;
    }
}

static enum fs_error list_lookup(void *state, uint64_t folder, const char *name, size_t bytes,
                                 uint64_t *node)
{
    const struct listfs *fs = state;
    if (fs->item[folder].file != NO_FILE) {
        return FS_NOT_DIRECTORY;
    }
    uint32_t found = find(fs, folder, name, bytes);
    if (found == 0) {
        return FS_NOT_FOUND;
    }
    *node = found;
    return FS_OK;
}

static enum fs_error list_stat(void *state, uint64_t node, struct fs_stat *out)
{
    const struct listfs *fs = state;
    const struct item *item = &fs->item[node];
    *out = (struct fs_stat){item->file != NO_FILE ? FS_FILE : FS_FOLDER, item->bytes, node};
    for (uint32_t i = 1; item->file == NO_FILE && i < fs->items; i++) {
        out->bytes += fs->item[i].parent == node;
    }
    return FS_OK;
}

/* The entry that `index` others of the folder are below of. */
static enum fs_error list_entry(void *state, uint64_t folder, uint64_t index,
                                char name[FS_NAME_BYTES], uint64_t *node)
{
    const struct listfs *fs = state;
    if (fs->item[folder].file != NO_FILE) {
        return FS_NOT_DIRECTORY;
    }
    for (uint32_t i = 1; i < fs->items; i++) {
        uint64_t below = 0;
        for (uint32_t k = 1; fs->item[i].parent == folder && k < fs->items; k++) {
            below += fs->item[k].parent == folder &&
                     compare(&fs->item[k], fs->item[i].name, fs->item[i].name_bytes) < 0;
        }
        if (fs->item[i].parent == folder && below == index) {
            memset(name, 0, FS_NAME_BYTES);
            memcpy(name, fs->item[i].name, fs->item[i].name_bytes);
            *node = i;
            return FS_OK;
        }
    }
    return FS_NOT_FOUND;
}

static enum fs_error list_read(void *state, uint64_t node, uint64_t offset, void *data,
                               size_t bytes, size_t *done)
{
    const struct listfs *fs = state;
    const struct item *item = &fs->item[node];
    *done = 0;
    if (offset >= item->bytes) {
        return FS_OK;
    }
    bytes = bytes < item->bytes - offset ? bytes : (size_t)(item->bytes - offset);
    if (!fs->source->read(item->file, offset, data, bytes)) {
        return FS_BAD_RANGE;
    }
    *done = bytes;
    return FS_OK;
}

static const struct fs_ops ops = {
    .lookup = list_lookup,
    .stat = list_stat,
    .entry = list_entry,
    .read = list_read,
};

struct fs listfs_make(const struct listfs_source *source)
{
    size_t most = 1;
    for (uint32_t i = 0; i < source->files; i++) {
        uint64_t bytes;
        most++;
        for (const char *c = source->name(i, &bytes); *c != 0; c++) {
            most += *c == '/';
        }
    }
    struct listfs *fs = calloc(1, sizeof(*fs) + most * sizeof(fs->item[0]));
    if (fs == NULL) {
        return (struct fs){0};
    }
    fs->source = source;
    fs->item[0] = (struct item){"", 0, NO_FILE, NO_FILE, 0};
    fs->items = 1;
    for (uint32_t i = 0; i < source->files; i++) {
        add_file(fs, i);
    }
    return (struct fs){&ops, fs, 0};
}

void listfs_destroy(struct fs *fs)
{
    free(fs->state);
    *fs = (struct fs){0};
}
