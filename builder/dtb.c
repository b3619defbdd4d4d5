/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Device trees on the host: the one to embed, and those that the layout is checked against. */
#include <errno.h>
#include <libfdt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "builder.h"

/* A packed, checked copy of the tree in the file, in a buffer of IMAGE_DTB_MAX bytes. */
static uint8_t *read_tree(const char *path, uint64_t *size)
{
    uint8_t *tree = malloc(IMAGE_DTB_MAX);
    struct image_error err;
    struct input in;

    input_read(&in, path);
    if (tree == NULL) {
        fail(BUILDER_IO, "%s: cannot be read: no memory", path);
    }
    memset(tree, 0, IMAGE_DTB_MAX);
    if (image_dtb_prepare(in.data, in.size, tree, IMAGE_DTB_MAX, "", size, &err) != IMAGE_OK) {
        fail_error(BUILDER_BAD_INPUT, path, &err);
    }
    free(in.data);
    return tree;
}

/* An overlay's fragments are children of the root with a node __overlay__. */
static bool is_overlay(const uint8_t *tree)
{
    int node;

    fdt_for_each_subnode(node, tree, 0)
    {
        if (fdt_subnode_offset(tree, node, "__overlay__") >= 0) {
            return true;
        }
    }
    return false;
}

/* What the process that applies an overlay leaves. */
struct merged {
    bool done;
    int why; /* libfdt's error, 0 = none */
    uint8_t tree[IMAGE_DTB_MAX];
};

static int merge(struct merged *m, uint8_t *overlay)
{
    int why = fdt_open_into(m->tree, m->tree, (int)sizeof m->tree);

    if (why == 0) {
        why = fdt_open_into(overlay, overlay, (int)IMAGE_DTB_MAX);
    }
    if (why == 0) {
        why = fdt_overlay_apply(m->tree, overlay);
    }
    return why == 0 ? fdt_pack(m->tree) : why;
}

/*
 * In a process of its own, since libfdt 1.6.1 does not stand every overlay: an alias that stands
 * for itself, for one, it follows until the stack is full.
 */
static void merge_apart(struct merged *m, uint8_t *overlay)
{
    const struct rlimit cpu = {5, 5};
    const struct rlimit core = {0, 0};
    pid_t child = fork();

    if (child == 0) {
        signal(SIGSEGV, SIG_DFL); /* a sanitizer's report would be one more sentence */
        (void)setrlimit(RLIMIT_CORE, &core);
        (void)setrlimit(RLIMIT_CPU, &cpu);
        m->why = merge(m, overlay);
        m->done = true;
        exit(0);
    }
    if (child < 0 || waitpid(child, NULL, 0) != child) {
        fail(BUILDER_IO, "device tree overlay: no process to apply it: %s", strerror(errno));
    }
}

static void apply_overlay(uint8_t *tree, uint64_t *size, const char *path, const char *base)
{
    struct merged *m =
        mmap(NULL, sizeof *m, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    uint64_t overlay_size;
    uint8_t *overlay = read_tree(path, &overlay_size);

    if (m == MAP_FAILED) {
        fail(BUILDER_IO, "%s: cannot be applied: no memory", path);
    }
    memcpy(m->tree, tree, IMAGE_DTB_MAX);
    m->why = -FDT_ERR_BADOVERLAY;
    if (is_overlay(overlay)) {
        merge_apart(m, overlay);
    } else {
        m->done = true;
    }
    if (!m->done || m->why != 0) {
        fail(BUILDER_BAD_INPUT,
             "%s: device tree overlay: expected one for %s (which needs its symbols: dtc -@), "
             "found one with which libfdt says %s",
             path, base, m->done ? fdt_strerror(m->why) : "nothing, but crashes");
    }
    memcpy(tree, m->tree, IMAGE_DTB_MAX);
    *size = fdt_totalsize(tree);
    free(overlay);
    munmap(m, sizeof *m);
}

uint8_t *dtb_make(const struct options *o, uint64_t *size)
{
    struct image_dtb_memory memory;
    struct image_error err;
    uint8_t *tree;

    *size = 0;
    if (o->dtb == NULL) {
        return NULL;
    }
    tree = read_tree(o->dtb, size);
    if (o->overlay != NULL) {
        apply_overlay(tree, size, o->overlay, o->dtb);
    }
    if (image_dtb_memory(tree, &memory, &err) != IMAGE_OK) {
        fail_error(BUILDER_BAD_INPUT, o->dtb, &err);
    }
    return tree;
}

/* One part against one description of memory. */
static void check_range(const struct layout *l, const char *source, const char *what,
                        uint64_t start, uint64_t end, const struct image_memory *mem)
{
    struct image_error err;
    char sentence[256];
    uint64_t other = layout_other_offset(l, mem);

    if (image_check_range(what, start, end, mem, &err) == IMAGE_OK) {
        return;
    }
    image_error_text(&err, sentence, sizeof sentence);
    if (start == l->user_start && other != 0) {
        fail(BUILDER_NO_ROOM, "%s: %s; --app-offset 0x%llx works", source, sentence, (ull)other);
    }
    fail(BUILDER_NO_ROOM, "%s: %s; try another %s", source, sentence,
         start == l->user_start ? "--app-offset" : "--kernel-paddr");
}

static void check_all(const struct layout *l, const char *source, const struct image_memory *mem)
{
    check_range(l, source, "kernel", l->kernel_start, l->kernel_end, mem);
    check_range(l, source, "room for the device tree", l->kernel_end,
                l->kernel_end + BUILDER_DTB_ROOM, mem);
    check_range(l, source, "root task", l->user_start, l->user_end, mem);
}

static void check_tree(const struct layout *l, const char *path, const uint8_t *tree)
{
    struct image_dtb_memory memory;
    struct image_error err;

    if (image_dtb_memory(tree, &memory, &err) != IMAGE_OK) {
        fail_error(BUILDER_BAD_INPUT, path, &err);
    }
    check_all(l, path, &memory.memory);
}

void dtb_check_places(const struct layout *l, const struct options *o)
{
    struct image_memory given = {o->memory, o->memory_count, NULL, 0};

    if (o->memory_count != 0) {
        check_all(l, "--memory", &given);
    }
    if (l->dtb != NULL) {
        check_tree(l, o->dtb, l->dtb);
    }
    if (o->check_dtb != NULL) {
        uint64_t size;
        uint8_t *tree = read_tree(o->check_dtb, &size);

        check_tree(l, o->check_dtb, tree);
        free(tree);
    }
}
