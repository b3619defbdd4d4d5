/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * kaal-builder: makes one bootable image of loader, kernel and root task, and shows, checks and
 * takes apart such images.
 *
 * Exit status: 0 done; 1 wrong command line, or `diff` found a difference; 2 an input file is not
 * what it must be; 3 the parts do not fit or overlap; 4 a file could not be read or written. After
 * any status but 0 there is no new output file. The image depends on the inputs' bytes and the
 * options only.
 */
#ifndef BUILDER_BUILDER_H
#define BUILDER_BUILDER_H

#include <stdio.h>

#include "elf.h"
#include "image.h"
#include "image_dtb.h"

enum builder_exit {
    BUILDER_OK = 0,
    BUILDER_USAGE = 1,
    BUILDER_DIFFERENT = 1,
    BUILDER_BAD_INPUT = 2,
    BUILDER_NO_ROOM = 3,
    BUILDER_IO = 4,
};

typedef unsigned long long ull; /* for %llx and %llu */

#define BUILDER_MAX_PATCHES        16u
#define BUILDER_DEFAULT_APP_OFFSET 0x200000u
/* Least room for the device tree between kernel and root task; loading checks its real size. */
#define BUILDER_DTB_ROOM 0x10000u
/* Largest input or image file: 1 GiB of root task with all that belongs to it. */
#define BUILDER_FILE_MAX (UINT64_C(3) << 30)

struct patch {
    const char *symbol; /* not terminated: symbol_len bytes */
    size_t symbol_len;
    uint64_t value;
};

enum format {
    FORMAT_ELF,
    FORMAT_IMAGE,  /* Linux arm64 Image */
    FORMAT_UIMAGE, /* U-Boot legacy image around that */
    FORMAT_EFI,    /* UEFI application, which is an Image too */
};

struct options {
    const char *loader;
    const char *kernel;
    const char *app;
    const char *out;
    const char *bootargs; /* NULL = none */
    const char *dtb;      /* to embed, NULL = none */
    const char *overlay;
    const char *check_dtb;
    const char *sign;   /* files of keys */
    const char *pubkey; /* what the loader asks for */
    enum format format;
    enum image_compression compression;
    enum loader_level level;
    bool has_kernel_paddr;
    uint64_t kernel_paddr;
    uint64_t app_offset;
    unsigned memory_count;
    struct image_range memory[IMAGE_MAX_RAM];
    unsigned patch_count;
    struct patch patches[BUILDER_MAX_PATCHES];
    bool map;
    bool json;
    bool verbose;
    bool quiet;
};

/* A whole input file in memory; `elf` after a check that it is one. */
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
    uint32_t compression;
    uint64_t stored;
    const uint8_t *bytes; /* stored ones */
    uint8_t *own;         /* what of it is to be freed, or NULL */
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
    const uint8_t *dtb;  /* to embed, NULL = none */
    uint64_t dtb_size;
    uint64_t dtb_offset;
    uint64_t payload_size;
    uint64_t loader_link;   /* address the loader is linked at */
    uint64_t loader_memory; /* bytes it occupies, whole pages */
    uint64_t loader_start;  /* where an ELF puts it */
    uint64_t efi_entry;     /* from the loader's first byte */
};

struct keys {
    bool has_secret;
    uint8_t secret[64]; /* seed and public key, as the library keeps them */
    bool has_public;    /* for the loader */
    uint8_t public_key[IMAGE_KEY_SIZE];
};

/* An image file that the parser accepts, digests and signature not yet checked. */
struct image_file {
    struct input in;
    const uint8_t *payload;
    uint64_t payload_size;
    const uint8_t *slot;  /* NULL: a payload by itself */
    const char *format;   /* "elf", … */
    uint64_t loader_size; /* bytes of the loader in the file */
    const uint8_t *loader;
    uint64_t loader_start; /* 0 = wherever the firmware puts it */
    struct image image;
};

/* command.c: does what the words say; the status, unless fail() or finish() ends it before. */
int builder_run(int argc, char **argv);

/* fail.c: prints "kaal-builder: error: …", removes half-written outputs and exits. */
_Noreturn void fail(enum builder_exit status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
_Noreturn void fail_error(enum builder_exit status, const char *path,
                          const struct image_error *err);
/* Fails where what was printed could not be; and ends well when it could. */
void check_output(void);
_Noreturn void finish(void);

/* options.c: fills *o or exits; --help and --version end with status 0. */
void options_parse(struct options *o, int argc, char **argv);
uint64_t options_number(const char *option, const char *text);

/* input.c */
void input_read(struct input *in, const char *path);
void input_check_program(struct input *in, bool physical);
/* Finds the loader's slot in the file; fills loader_link, loader_memory and efi_entry. */
uint8_t *input_check_loader(struct input *in, struct layout *l);
void input_patch(struct input *app, const struct options *o);

/* dtb.c: the tree to embed, overlay applied and packed, or NULL; the caller frees it. */
uint8_t *dtb_make(const struct options *o, uint64_t *size);
/* Checks the layout against --memory, --check-dtb and the embedded tree. */
void dtb_check_places(const struct layout *l, const struct options *o);

/* layout.c: decides all addresses, or exits with the sentence. */
void layout_make(struct layout *l, const struct input *kernel, const struct input *app,
                 const struct options *o);
/* Offsets of the data, once their stored sizes are known, and the loader's place. */
void layout_data(struct layout *l);
/* Another --app-offset at which the root task lies in that memory; 0 = none. */
uint64_t layout_other_offset(const struct layout *l, const struct image_memory *mem);

/* compress.c: stores each part in the form asked for, when that is smaller. */
void compress_parts(struct layout *l, enum image_compression compression);
void compress_free(struct layout *l);

/* keys.c */
void keys_read(struct keys *k, const struct options *o);
void keys_read_public(const char *path, uint8_t key[IMAGE_KEY_SIZE]);
/* A loader that has a key already takes no other's images, nor unsigned ones. */
void keys_check_loader(const struct keys *k, const uint8_t *slot, const struct options *o);
int keys_command(int argc, char **argv);
int lock_command(int argc, char **argv);

/* payload.c: header and data, at `to`, where payload_size zero bytes are. */
void payload_put(uint8_t *to, const struct layout *l, const struct input *kernel,
                 const struct input *app, const struct options *o, const struct keys *k);

/* output.c */
/* Fails where `path` cannot become a file, or is one of a build's inputs. */
void output_check_target(const char *path, const struct options *o);
void output_write(const struct layout *l, const struct input *loader, const struct input *kernel,
                  const struct input *app, const struct options *o, const struct keys *k);

/* headers.c: at the start of a flat image of `size` bytes. */
void headers_linux(uint8_t *flat, uint64_t size);
void headers_efi(uint8_t *flat, uint64_t size, uint64_t entry);
/* IMAGE_UBOOT_HEADER bytes before the flat image. */
void headers_uboot(uint8_t *to, const uint8_t *flat, uint64_t size, uint64_t address);

/* file.c: files appear under their names only when all that were staged are complete. */
void file_stage(const char *path, const void *data, uint64_t size);
void file_commit(void);
/* One file by itself. */
void file_write(const char *path, const void *data, uint64_t size);
/* Fails where `path` cannot become a file, or is the input (NULL = none). */
void file_check_target(const char *path, const char *input);
void file_remove_staged(void);
void file_handle_signals(void);

/* debug.c: OUT.debug.json */
void debug_write(const struct layout *l, const struct options *o);

/* image_file.c */
void image_file_open(struct image_file *f, const char *path);
void image_file_close(struct image_file *f);
/* "none", "good", … : what the signature is worth by itself. */
const char *image_file_signature(const struct image_file *f);
/* Fails where a compressed region does not become what it must (inspect.c). */
void image_file_unpack_all(const struct image_file *f);

/* json.c: one value after the other to the file given first; strings are escaped. */
void json_to(FILE *f);
void json_open(const char *name, char bracket);
void json_close(char bracket);
void json_string(const char *name, const char *value);
void json_number(const char *name, uint64_t value);
void json_hex(const char *name, uint64_t value);
void json_bytes(const char *name, const uint8_t *bytes, unsigned size);
void json_bool(const char *name, bool value);

/* The commands on images; each returns the status. */
int inspect_command(int argc, char **argv);
int verify_command(int argc, char **argv);
int map_command(int argc, char **argv);
int extract_command(int argc, char **argv);
int diff_command(int argc, char **argv);

/* What --json, --verbose and --map print of a finished image. */
void inspect_print(const struct image_file *f, bool json);
void map_print(const struct image_file *f);

#endif
