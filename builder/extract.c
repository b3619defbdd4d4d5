/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * `extract`: an image's parts as files. A segment's file has the bytes that its ELF had in the
 * file; its name says program, number and virtual address.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "builder.h"

static void write_to(const struct image_file *f, const char *dir, const char *name,
                     const void *data, uint64_t size)
{
    char path[4096];

    if (snprintf(path, sizeof path, "%s/%s", dir, name) >= (int)sizeof path) {
        fail(BUILDER_USAGE, "extract: DIR: expected at most 4000 bytes, found more");
    }
    file_check_target(path, f->in.path);
    file_write(path, data, size);
    printf("%s: %llu bytes\n", path, (ull)size);
}

static void extract_region(const struct image_file *f, unsigned i, const char *dir)
{
    const struct image_region *r = &f->image.regions[i];
    struct image_error err;
    uint8_t *bytes = NULL;
    char name[64];

    snprintf(name, sizeof name, "%s-%u-0x%llx.bin", r->kind == IMAGE_KERNEL ? "kernel" : "app", i,
             (ull)r->vaddr);
    if (r->compression == IMAGE_STORED) {
        write_to(f, dir, name, r->data, r->filesz);
        return;
    }
    bytes = malloc(r->filesz);
    if (bytes == NULL) {
        fail(BUILDER_IO, "%s: region %u: no memory for %llu bytes", f->in.path, i, (ull)r->filesz);
    }
    if (image_unpack(&f->image, i, bytes, &err) != IMAGE_OK) {
        fail_error(BUILDER_BAD_INPUT, f->in.path, &err);
    }
    write_to(f, dir, name, bytes, r->filesz);
    free(bytes);
}

int extract_command(int argc, char **argv)
{
    struct image_error err;
    struct image_file f;

    if (argc != 3) {
        fail(BUILDER_USAGE, "extract: expected IMAGE DIR, found %d words", argc - 1);
    }
    image_file_open(&f, argv[1]);
    if (image_check_digests(&f.image, &err) != IMAGE_OK) {
        fail_error(BUILDER_BAD_INPUT, f.in.path, &err);
    }
    image_file_unpack_all(&f);
    if (mkdir(argv[2], 0777) != 0 && errno != EEXIST) {
        fail(BUILDER_IO, "%s: cannot be made: %s", argv[2], strerror(errno));
    }
    for (unsigned i = 0; i < f.image.region_count; i++) {
        extract_region(&f, i, argv[2]);
    }
    write_to(&f, argv[2], "header.bin", f.payload, IMAGE_HEADER_SIZE);
    if (f.image.dtb != NULL) {
        write_to(&f, argv[2], "device-tree.dtb", f.image.dtb, f.image.dtb_size);
    }
    if (f.image.bootargs_len != 0) {
        write_to(&f, argv[2], "bootargs.txt", f.image.bootargs, f.image.bootargs_len);
    }
    image_file_close(&f);
    return BUILDER_OK;
}
