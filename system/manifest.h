/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A system description as read from its manifest (docs/manifest.md). Everything lives until the
 * program ends; texts point into the YAML document or are literals.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sysdesc/sysdesc.h"

enum {
    MANIFEST_COMPONENTS = 64,
    MANIFEST_CHANNELS = 16, /* of one component */
    MANIFEST_DEVICES = 8,   /* of one component */
    MANIFEST_ARGUMENTS = 16,
    MANIFEST_RINGS = 64,
    MANIFEST_FILES = 64,
    MANIFEST_NAME = 23, /* bytes of a name: ENV_NAME_BYTES less the closing zero */
};

/* Line and column in the manifest, from 1. */
struct place {
    unsigned line;
    unsigned column;
};

/* A text of the manifest and where it stands. */
struct text {
    const char *text; /* NULL = not given */
    struct place at;
};

struct channel {
    struct text name;
    struct text server;
    unsigned server_index;
    uint64_t buffer;
    uint64_t grant;
};

struct device {
    struct text name;
    enum sysdesc_find find;
    struct text id;
    struct text path;
    struct text alias;
    struct text compatible;
    uint64_t interrupt; /* 0 = not given */
    const char *node;   /* path in the device tree; NULL while not looked up */
    uint64_t dma;
    uint64_t irq;
};

struct component {
    struct text name;
    struct text binary;
    uint64_t type;
    uint64_t priority;
    uint64_t memory;
    uint64_t stack;
    uint64_t heap;
    uint64_t autostart;
    uint64_t rights;
    uint64_t restart;
    uint64_t restart_limit;
    uint64_t restart_backoff;
    uint64_t slots;
    uint64_t objects;
    unsigned arguments;
    struct text argument[MANIFEST_ARGUMENTS];
    unsigned channels;
    struct channel channel[MANIFEST_CHANNELS];
    unsigned devices;
    struct device device[MANIFEST_DEVICES];
    uint64_t image_bytes; /* pages of its ELF in memory; 0 while not read */
};

struct ring {
    struct text name;
    struct text from;
    struct text to;
    unsigned producer;
    unsigned consumer;
    uint64_t entries;
    uint64_t bytes;
};

/* A file of the host that goes into the archive. */
struct file {
    struct text name;
    struct text from;
};

struct manifest {
    const char *path;
    struct text name;
    uint64_t memory; /* 0 = not given */
    unsigned components;
    struct component component[MANIFEST_COMPONENTS];
    unsigned rings;
    struct ring ring[MANIFEST_RINGS];
    unsigned files;
    struct file file[MANIFEST_FILES];
    unsigned errors; /* reported by manifest_error() */
};

enum system_exit {
    EXIT_DONE = 0,
    EXIT_USAGE = 1,
    EXIT_GAIN = 1, /* diff: somebody gained a right */
    EXIT_MANIFEST = 2,
    EXIT_INPUT = 3, /* another input file is not what it must be */
    EXIT_IO = 4,
};

/* fail.c: one sentence on stderr, then the end. */
_Noreturn void fail(enum system_exit status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* One sentence with file:line:column; counts it. */
void manifest_error(struct manifest *m, struct place at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The closest of `count` words to `word`, NULL when none is near. */
const char *nearest(const char *word, const char *const *words, size_t count);

/* read.c: reads the manifest; ends the program with EXIT_MANIFEST on the first thing that is not
 * what it must be. */
struct manifest *manifest_read(const char *path);

/* check.c: names, ownership, priorities, sizes. `binaries` is the folder of the ELF files, `dtb` a
 * device-tree file; NULL leaves out what needs them. Reports every error and ends the program when
 * there was one. */
void manifest_check(struct manifest *m, const char *binaries, const char *dtb);

/* Index of a component by name, or `components` when there is none. */
unsigned manifest_find(const struct manifest *m, const char *name);

/* Words of the manifest for enum values, NULL-terminated lists. */
struct word {
    const char *word;
    uint64_t value;
};
extern const struct word type_words[];
extern const struct word restart_words[];
extern const struct word right_words[];
const char *word_of(const struct word *words, uint64_t value);

/* file.c */
struct bytes {
    uint8_t *data;
    size_t size;
    size_t room;
};
/* A whole file, at most `most` bytes; ends the program when it cannot be read. */
struct bytes file_read(const char *path, size_t most);
/* Written beside and renamed: a failed write leaves no file. */
void file_write(const char *path, const void *data, size_t size);
void bytes_add(struct bytes *b, const void *data, size_t size);
void bytes_align(struct bytes *b, size_t to);

/* program.c: what of an ELF file a component needs in memory. */
struct program {
    uint64_t pages_bytes;  /* of all pages its segments touch */
    struct bytes stripped; /* the file with program headers and their contents only */
    struct bytes symbols;  /* lib/archive/symbols.h */
};
/* NULL, or what is wrong with the file. */
const char *program_read(const char *path, struct program *out);

/* compile.c: the description as bytes; archive.c: binaries and files as a cpio archive. */
struct bytes manifest_compile(const struct manifest *m);
struct bytes manifest_archive(const struct manifest *m, const char *binaries);

/* What is shown. */
void show_json(const struct manifest *m);
void show_graph(const struct manifest *m, const char *path);
void show_authority(const struct manifest *m);
/* EXIT_GAIN when a component of `after` has a right it did not have in `before`. */
int show_difference(const struct manifest *before, const struct manifest *after);
