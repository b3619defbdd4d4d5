/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * kaal-builder: makes one bootable ELF of loader, kernel and root task.
 *
 * Exit status: 0 the image was written; 1 wrong command line; 2 an input file is not what it must
 * be; 3 the parts do not fit or overlap; 4 a file could not be read or written. After any status
 * but 0 there is no new output file. The result depends on the inputs' bytes and the options only.
 */
#ifndef BUILDER_BUILDER_H
#define BUILDER_BUILDER_H

#include "elf.h"
#include "image.h"

enum builder_exit {
    BUILDER_OK = 0,
    BUILDER_USAGE = 1,
    BUILDER_BAD_INPUT = 2,
    BUILDER_NO_ROOM = 3,
    BUILDER_IO = 4,
};

#define BUILDER_MAX_PATCHES        16u
#define BUILDER_DEFAULT_APP_OFFSET 0x200000u
/* Least room for the device tree between kernel and root task; loading checks its real size. */
#define BUILDER_DTB_ROOM 0x10000u

struct patch {
    const char *symbol; /* not terminated: symbol_len bytes */
    size_t symbol_len;
    uint64_t value;
};

struct options {
    const char *loader;
    const char *kernel;
    const char *app;
    const char *out;
    const char *bootargs; /* NULL = none */
    bool has_kernel_paddr;
    uint64_t kernel_paddr;
    uint64_t app_offset;
    unsigned patch_count;
    struct patch patches[BUILDER_MAX_PATCHES];
};

/* A whole input file in memory, as an accepted ELF. */
struct input {
    const char *path;
    uint8_t *data;
    uint64_t size;
    struct elf elf;
};

/* The least RAM of a machine, less what lies below the loader (128 MiB in all). */
#define BUILDER_SMALL_RAM (0x8000000u - IMAGE_BLOCK)

/* Most memory that a loader may occupy; keeps the output small whatever its slot says. */
#define BUILDER_LOADER_MAX 0x1000000u

/* A loadable segment with its place. */
struct part {
    uint32_t kind; /* IMAGE_KERNEL or IMAGE_USER */
    uint32_t flags;
    uint64_t paddr;
    uint64_t vaddr;
    uint64_t filesz;
    uint64_t memsz;
    uint64_t offset; /* in the payload */
    const uint8_t *data;
};

/* Where everything goes. */
struct layout {
    unsigned part_count;
    struct part parts[IMAGE_MAX_REGIONS];
    uint64_t kernel_start;
    uint64_t kernel_end;
    uint64_t kernel_pv;
    uint64_t user_start;
    uint64_t user_end;
    uint64_t user_pv;
    const uint8_t *note; /* KERNEL_NOTE_SIZE bytes, NULL for a foreign kernel */
    uint64_t payload_size;
    uint64_t loader_link;   /* address the loader is linked at */
    uint64_t loader_memory; /* bytes it occupies, whole pages */
    uint64_t loader_start;  /* where the image puts it */
};

/* fail.c: prints "kaal-builder: error: …", removes a half-written output and exits. */
_Noreturn void fail(enum builder_exit status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
_Noreturn void fail_error(enum builder_exit status, const char *path,
                          const struct image_error *err);
/* The file to remove when a failure follows; NULL = none. */
void fail_remove(const char *path);

/* options.c: fills *o or exits; --help and --version end with status 0. */
void options_parse(struct options *o, int argc, char **argv);

/* input.c */
void input_read(struct input *in, const char *path);
void input_check_program(struct input *in, bool physical);
/* Finds the loader's slot; fills loader_link and loader_memory. */
void input_check_loader(struct input *in, struct layout *l);
void input_patch(struct input *app, const struct options *o);

/* layout.c: decides all addresses, or exits with the sentence. */
void layout_make(struct layout *l, const struct input *kernel, const struct input *app,
                 const struct options *o);

/* output.c */
void output_write(const struct layout *l, const struct input *loader, const struct input *kernel,
                  const struct input *app, const struct options *o);

#endif
