/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Files and folders in memory. Keeps true: `used` is the bytes of all blocks there are,
 * `nodes_used` the nodes; a node that is removed while handles hold it is freed by the last
 * release; children of a folder are linked in ascending order of names.
 */
#include <stdlib.h>
#include <string.h>

#include "fs/fs.h"

enum {
    BLOCK = 4096,
};

struct node {
    enum fs_kind kind; /* 0 = free */
    uint32_t parent;
    uint32_t child; /* first of a folder; next free node */
    uint32_t next;  /* of the same folder */
    uint32_t children;
    uint32_t holds;
    bool removed;
    char name[FS_NAME_BYTES];
    uint64_t bytes;
    uint32_t blocks; /* length of the table */
    char **block;    /* NULL = all zero */
};

struct ramfs {
    uint64_t limit;
    uint64_t used;
    uint32_t nodes;
    uint32_t nodes_used;
    uint32_t free; /* 0 = none: node 0 is no node, 1 the root */
    struct node node[];
};

enum {
    ROOT = 1
};

static int compare(const char *a, const char *name, size_t bytes)
{
    int order = strncmp(a, name, bytes);
    return order != 0 ? order : a[bytes] != 0;
}

/* The link that leads to the first entry not below `name`. */
static uint32_t *find(struct ramfs *fs, uint64_t folder, const char *name, size_t bytes)
{
    uint32_t *link = &fs->node[folder].child;
    while (*link != 0 && compare(fs->node[*link].name, name, bytes) < 0) {
        link = &fs->node[*link].next;
    }
    return link;
}

static bool is_at(const struct ramfs *fs, const uint32_t *link, const char *name, size_t bytes)
{
    return *link != 0 && compare(fs->node[*link].name, name, bytes) == 0;
}

/* Makes the file's blocks those of `bytes` bytes; a longer table first, so that it can fail. */
static enum fs_error resize_table(struct node *n, uint64_t bytes)
{
    uint64_t blocks = (bytes + BLOCK - 1) / BLOCK;
    if (blocks <= n->blocks) {
        return FS_OK;
    }
    uint64_t room = blocks < 4 ? 4 : blocks + blocks / 2;
    if (room > UINT32_MAX) {
        return FS_NO_SPACE;
    }
    char **table = realloc(n->block, room * sizeof(*table));
    if (table == NULL) {
        return FS_NO_SPACE;
    }
    memset(table + n->blocks, 0, (room - n->blocks) * sizeof(*table));
    n->block = table;
    n->blocks = (uint32_t)room;
    return FS_OK;
}

static void drop_blocks(struct ramfs *fs, struct node *n, uint64_t first)
{
    for (uint64_t i = first; i < n->blocks; i++) {
        if (n->block[i] != NULL) {
            free(n->block[i]);
            n->block[i] = NULL;
            fs->used -= BLOCK;
        }
    }
}

static void free_node(struct ramfs *fs, uint32_t number)
{
    struct node *n = &fs->node[number];
    drop_blocks(fs, n, 0);
    free(n->block);
    *n = (struct node){.child = fs->free};
    fs->free = number;
    fs->nodes_used--;
}

static enum fs_error ram_lookup(void *state, uint64_t folder, const char *name, size_t bytes,
                                uint64_t *node)
{
    struct ramfs *fs = state;
    if (fs->node[folder].kind != FS_FOLDER) {
        return FS_NOT_DIRECTORY;
    }
    const uint32_t *link = find(fs, folder, name, bytes);
    if (!is_at(fs, link, name, bytes)) {
        return FS_NOT_FOUND;
    }
    *node = *link;
    return FS_OK;
}

static enum fs_error ram_stat(void *state, uint64_t node, struct fs_stat *out)
{
    const struct ramfs *fs = state;
    const struct node *n = &fs->node[node];
    *out = (struct fs_stat){n->kind, n->kind == FS_FILE ? n->bytes : n->children, node};
    return FS_OK;
}

static enum fs_error ram_entry(void *state, uint64_t folder, uint64_t index,
                               char name[FS_NAME_BYTES], uint64_t *node)
{
    const struct ramfs *fs = state;
    if (fs->node[folder].kind != FS_FOLDER) {
        return FS_NOT_DIRECTORY;
    }
    uint32_t at = fs->node[folder].child;
    while (at != 0 && index-- != 0) {
        at = fs->node[at].next;
    }
    if (at == 0) {
        return FS_NOT_FOUND;
    }
    memcpy(name, fs->node[at].name, FS_NAME_BYTES);
    *node = at;
    return FS_OK;
}

static enum fs_error ram_read(void *state, uint64_t node, uint64_t offset, void *data, size_t bytes,
                              size_t *done)
{
    const struct ramfs *fs = state;
    const struct node *n = &fs->node[node];
    *done = 0;
    if (offset >= n->bytes) {
        return FS_OK;
    }
    bytes = bytes < n->bytes - offset ? bytes : (size_t)(n->bytes - offset);
    while (*done < bytes) {
        size_t in = (offset + *done) % BLOCK;
        size_t part = BLOCK - in < bytes - *done ? BLOCK - in : bytes - *done;
        const char *block = n->block[(offset + *done) / BLOCK];
        if (block != NULL) {
            memcpy((char *)data + *done, block + in, part);
        } else {
            memset((char *)data + *done, 0, part);
        }
        *done += part;
    }
    return FS_OK;
}

/* `count` zeroed blocks, linked by their first words; NULL = not all of them, then none. */
static void *take_blocks(uint64_t count)
{
    void *list = NULL;
    while (count-- != 0) {
        void **block = calloc(1, BLOCK);
        if (block == NULL) {
            while (list != NULL) {
                void *next = *(void **)list;
                free(list);
                list = next;
            }
            return NULL;
        }
        *block = list;
        list = block;
    }
    return list;
}

/* Makes sure that there are blocks for [offset, end), or changes nothing. */
static enum fs_error make_blocks(struct ramfs *fs, struct node *n, uint64_t offset, uint64_t end)
{
    uint64_t missing = 0;
    for (uint64_t i = offset / BLOCK; i * BLOCK < end; i++) {
        missing += n->block[i] == NULL;
    }
    if (missing == 0) {
        return FS_OK;
    }
    void **list = missing <= (fs->limit - fs->used) / BLOCK ? take_blocks(missing) : NULL;
    if (list == NULL) {
        return FS_NO_SPACE;
    }
    fs->used += missing * BLOCK;
    for (uint64_t i = offset / BLOCK; i * BLOCK < end; i++) {
        if (n->block[i] == NULL) {
            void **next = *list;
            *list = NULL;
            n->block[i] = (char *)list;
            list = next;
        }
    }
    return FS_OK;
}

static enum fs_error ram_write(void *state, uint64_t node, uint64_t offset, const void *data,
                               size_t bytes)
{
    struct ramfs *fs = state;
    struct node *n = &fs->node[node];
    if (bytes == 0) {
        return FS_OK;
    }
    if (offset > INT64_MAX - bytes) {
        return FS_BAD_RANGE;
    }
    enum fs_error error = resize_table(n, offset + bytes);
    error = error == FS_OK ? make_blocks(fs, n, offset, offset + bytes) : error;
    if (error != FS_OK) {
        return error;
    }
    for (size_t done = 0; done < bytes;) {
        size_t in = (offset + done) % BLOCK;
        size_t part = BLOCK - in < bytes - done ? BLOCK - in : bytes - done;
        memcpy(n->block[(offset + done) / BLOCK] + in, (const char *)data + done, part);
        done += part;
    }
    n->bytes = offset + bytes > n->bytes ? offset + bytes : n->bytes;
    return FS_OK;
}

static enum fs_error ram_truncate(void *state, uint64_t node, uint64_t bytes)
{
    struct ramfs *fs = state;
    struct node *n = &fs->node[node];
    if (bytes > INT64_MAX) {
        return FS_BAD_RANGE;
    }
    enum fs_error error = resize_table(n, bytes);
    if (error != FS_OK) {
        return error;
    }
    if (bytes < n->bytes) {
        drop_blocks(fs, n, (bytes + BLOCK - 1) / BLOCK);
        if (bytes % BLOCK != 0 && n->block[bytes / BLOCK] != NULL) {
            memset(n->block[bytes / BLOCK] + bytes % BLOCK, 0, BLOCK - bytes % BLOCK);
        }
    }
    n->bytes = bytes;
    return FS_OK;
}

static enum fs_error ram_create(void *state, uint64_t folder, const char *name, size_t bytes,
                                enum fs_kind kind, uint64_t *node)
{
    struct ramfs *fs = state;
    if (fs->node[folder].kind != FS_FOLDER) {
        return FS_NOT_DIRECTORY;
    }
    uint32_t *link = find(fs, folder, name, bytes);
    if (is_at(fs, link, name, bytes)) {
        return FS_EXISTS;
    }
    if (fs->node[folder].removed) {
        return FS_NOT_FOUND;
    }
    uint32_t number = fs->free;
    if (number == 0) {
        return FS_NO_SPACE;
    }
    struct node *n = &fs->node[number];
    fs->free = n->child;
    *n = (struct node){.kind = kind, .parent = (uint32_t)folder, .next = *link};
    memcpy(n->name, name, bytes);
    *link = number;
    fs->node[folder].children++;
    fs->nodes_used++;
    *node = number;
    return FS_OK;
}

static void unlink_at(struct ramfs *fs, uint32_t *link)
{
    struct node *n = &fs->node[*link];
    *link = n->next;
    n->next = 0;
    fs->node[n->parent].children--;
}

/* Takes the entry out of its folder, and frees it when no handle holds it. */
static void remove_at(struct ramfs *fs, uint32_t *link)
{
    uint32_t number = *link;
    unlink_at(fs, link);
    fs->node[number].removed = true;
    if (fs->node[number].holds == 0) {
        free_node(fs, number);
    }
}

static enum fs_error ram_remove(void *state, uint64_t folder, const char *name, size_t bytes)
{
    struct ramfs *fs = state;
    uint32_t *link = find(fs, folder, name, bytes);
    if (!is_at(fs, link, name, bytes)) {
        return FS_NOT_FOUND;
    }
    if (fs->node[*link].children != 0) {
        return FS_NOT_EMPTY;
    }
    remove_at(fs, link);
    return FS_OK;
}

/* Whether `node` is `folder` or a folder above it. */
static bool is_above(const struct ramfs *fs, uint32_t node, uint64_t folder)
{
    for (uint64_t at = folder; at != 0; at = fs->node[at].parent) {
        if (at == node) {
            return true;
        }
    }
    return false;
}

static enum fs_error check_target(const struct ramfs *fs, const struct node *from, uint32_t target)
{
    const struct node *to = &fs->node[target];
    if (from->kind == FS_FOLDER && to->kind != FS_FOLDER) {
        return FS_NOT_DIRECTORY;
    }
    if (from->kind != FS_FOLDER && to->kind == FS_FOLDER) {
        return FS_IS_DIRECTORY;
    }
    return to->children != 0 ? FS_NOT_EMPTY : FS_OK;
}

static enum fs_error ram_rename(void *state, uint64_t folder, const char *name, size_t bytes,
                                uint64_t to_folder, const char *to_name, size_t to_bytes)
{
    struct ramfs *fs = state;
    uint32_t *link = find(fs, folder, name, bytes);
    if (!is_at(fs, link, name, bytes)) {
        return FS_NOT_FOUND;
    }
    uint32_t number = *link;
    struct node *n = &fs->node[number];
    if (fs->node[to_folder].kind != FS_FOLDER) {
        return FS_NOT_DIRECTORY;
    }
    if (is_above(fs, number, to_folder)) {
        return FS_INTO_ITSELF;
    }
    uint32_t *target = find(fs, to_folder, to_name, to_bytes);
    if (is_at(fs, target, to_name, to_bytes)) {
        if (*target == number) {
            return FS_OK;
        }
        enum fs_error error = check_target(fs, n, *target);
        if (error != FS_OK) {
            return error;
        }
        remove_at(fs, target);
    }
    unlink_at(fs, find(fs, folder, name, bytes));
    memset(n->name, 0, sizeof(n->name));
    memcpy(n->name, to_name, to_bytes);
    n->parent = (uint32_t)to_folder;
    target = find(fs, to_folder, to_name, to_bytes);
    n->next = *target;
    *target = number;
    fs->node[to_folder].children++;
    return FS_OK;
}

static void ram_hold(void *state, uint64_t node)
{
    struct ramfs *fs = state;
    fs->node[node].holds++;
}

static void ram_release(void *state, uint64_t node)
{
    struct ramfs *fs = state;
    struct node *n = &fs->node[node];
    n->holds--;
    if (n->holds == 0 && n->removed) {
        free_node(fs, (uint32_t)node);
    }
}

static const struct fs_ops ops = {
    .lookup = ram_lookup,
    .stat = ram_stat,
    .entry = ram_entry,
    .read = ram_read,
    .write = ram_write,
    .truncate = ram_truncate,
    .create = ram_create,
    .remove = ram_remove,
    .rename = ram_rename,
    .hold = ram_hold,
    .release = ram_release,
};

struct fs ramfs_make(uint64_t bytes, uint32_t nodes)
{
    struct ramfs *fs = calloc(1, sizeof(*fs) + ((size_t)nodes + 2) * sizeof(fs->node[0]));
    if (fs == NULL) {
        return (struct fs){0};
    }
    fs->limit = bytes;
    fs->nodes = nodes + 2;
    fs->node[ROOT].kind = FS_FOLDER;
    for (uint32_t i = fs->nodes - 1; i > ROOT; i--) {
        fs->node[i].child = fs->free;
        fs->free = i;
    }
    return (struct fs){&ops, fs, ROOT};
}

void ramfs_destroy(struct fs *fs)
{
    struct ramfs *ram = fs->state;
    for (uint32_t i = ROOT; i < ram->nodes; i++) {
        drop_blocks(ram, &ram->node[i], 0);
        free(ram->node[i].block);
    }
    free(ram);
    *fs = (struct fs){0};
}

void ramfs_used(const struct fs *fs, uint64_t *bytes, uint32_t *nodes)
{
    const struct ramfs *ram = fs->state;
    *bytes = ram->used;
    *nodes = ram->nodes_used;
}
