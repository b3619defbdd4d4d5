/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The image's bytes: payload (header and data), and the ELF around loader and payload. The payload
 * is read back with the loading machines' own parser before anything is written; the file appears
 * under its name only when it is complete.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "builder.h"

#include "image_bytes.h"
#include "sha256.h"

static void put_region(uint8_t *e, const struct part *p)
{
    put_u32(e + IMAGE_REG_KIND, p->kind);
    put_u32(e + IMAGE_REG_FLAGS, p->flags);
    put_u64(e + IMAGE_REG_PADDR, p->paddr);
    put_u64(e + IMAGE_REG_VADDR, p->vaddr);
    put_u64(e + IMAGE_REG_FILESZ, p->filesz);
    put_u64(e + IMAGE_REG_MEMSZ, p->memsz);
    put_u64(e + IMAGE_REG_OFFSET, p->offset);
    put_u64(e + IMAGE_REG_STORED, p->filesz);
    put_u32(e + IMAGE_REG_COMPRESSION, 0);
    sha256(p->data, p->filesz, e + IMAGE_REG_DIGEST);
}

static void put_header(uint8_t *h, const struct layout *l, const struct input *kernel,
                       const struct input *app, const struct options *o)
{
    memcpy(h + IMAGE_OFF_MAGIC, IMAGE_MAGIC, 8);
    put_u32(h + IMAGE_OFF_VERSION, IMAGE_VERSION);
    put_u32(h + IMAGE_OFF_HEADER_SIZE, IMAGE_HEADER_SIZE);
    put_u64(h + IMAGE_OFF_TOTAL_SIZE, l->payload_size);
    put_u32(h + IMAGE_OFF_FLAGS, l->note != NULL ? IMAGE_FLAG_NOTE : 0);
    put_u32(h + IMAGE_OFF_REGION_COUNT, l->part_count);
    put_u64(h + IMAGE_OFF_KERNEL_ENTRY, kernel->elf.entry);
    put_u64(h + IMAGE_OFF_KERNEL_START, l->kernel_start);
    put_u64(h + IMAGE_OFF_KERNEL_END, l->kernel_end);
    put_u64(h + IMAGE_OFF_KERNEL_PV, l->kernel_pv);
    put_u64(h + IMAGE_OFF_USER_ENTRY, app->elf.entry);
    put_u64(h + IMAGE_OFF_USER_START, l->user_start);
    put_u64(h + IMAGE_OFF_USER_END, l->user_end);
    put_u64(h + IMAGE_OFF_USER_PV, l->user_pv);
    if (o->bootargs != NULL) {
        put_u32(h + IMAGE_OFF_BOOTARGS_LEN, (uint32_t)strlen(o->bootargs));
        memcpy(h + IMAGE_OFF_BOOTARGS, o->bootargs, strlen(o->bootargs));
    }
    if (l->note != NULL) {
        memcpy(h + IMAGE_OFF_NOTE, l->note, KERNEL_NOTE_SIZE);
    }
    for (unsigned i = 0; i < l->part_count; i++) {
        put_region(h + IMAGE_OFF_REGIONS + i * IMAGE_REGION_SIZE, &l->parts[i]);
    }
    sha256(h, IMAGE_OFF_DIGEST, h + IMAGE_OFF_DIGEST);
}

static void put_segment(uint8_t *p, uint32_t flags, uint64_t offset, uint64_t address,
                        uint64_t filesz, uint64_t memsz)
{
    put_u32(p, ELF_PT_LOAD);
    put_u32(p + 4, flags);
    put_u64(p + 8, offset);
    put_u64(p + 16, address);
    put_u64(p + 24, address);
    put_u64(p + 32, filesz);
    put_u64(p + 40, memsz);
    put_u64(p + 48, IMAGE_PAGE);
}

static void put_elf_header(uint8_t *d, uint64_t entry)
{
    static const uint8_t ident[8] = {0x7f, 'E', 'L', 'F', 2, 1, 1, 0};

    memcpy(d, ident, sizeof ident);
    put_u32(d + 16, ELF_ET_EXEC | ELF_EM_AARCH64 << 16); /* e_type, e_machine */
    put_u32(d + 20, 1);
    put_u64(d + 24, entry);
    put_u64(d + 32, ELF_EHDR_SIZE);                       /* e_phoff */
    put_u32(d + 52, ELF_EHDR_SIZE | ELF_PHDR_SIZE << 16); /* e_ehsize, e_phentsize */
    put_u32(d + 56, 2u | ELF_SHDR_SIZE << 16);            /* e_phnum, e_shentsize */
}

/* The loader's memory image up to its last initialised byte, with the slot filled in. */
static uint64_t put_loader(uint8_t *to, const struct layout *l, const struct input *loader)
{
    uint64_t size = LOADER_SLOT_OFFSET + LOADER_SLOT_SIZE;
    uint8_t *slot = to + LOADER_SLOT_OFFSET;

    for (unsigned i = 0; i < loader->elf.phnum; i++) {
        struct elf_segment s;

        elf_segment(&loader->elf, i, &s);
        if (s.type == ELF_PT_LOAD && s.filesz != 0) {
            uint64_t at = s.vaddr - l->loader_link;

            memcpy(to + at, loader->data + s.offset, s.filesz);
            if (at + s.filesz > size) {
                size = at + s.filesz;
            }
        }
    }
    put_u64(slot + LOADER_SLOT_OFF_PAYLOAD_OFFSET, l->loader_memory);
    put_u64(slot + LOADER_SLOT_OFF_PAYLOAD_SIZE, l->payload_size);
    return size;
}

static void check_result(const uint8_t *payload, const struct layout *l, const struct input *kernel)
{
    struct image_error err;
    struct image img;

    if (image_parse(payload, l->payload_size, &img, &err) != IMAGE_OK ||
        image_check_digests(&img, &err) != IMAGE_OK) {
        fail_error(BUILDER_BAD_INPUT, kernel->path, &err);
    }
}

static void check_target(const char *out, const struct input *in)
{
    struct stat a;
    struct stat b;

    if (stat(out, &a) != 0) {
        return;
    }
    if (!S_ISREG(a.st_mode)) {
        fail(BUILDER_IO, "%s: cannot be written: expected a regular file or none", out);
    }
    if (stat(in->path, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino) {
        fail(BUILDER_USAGE, "--out: expected a file other than the input %s", in->path);
    }
}

static void write_file(const char *out, const uint8_t *data, uint64_t size)
{
    static char temporary[4096 + 32];
    FILE *f;
    int fd;

    if (strlen(out) > 4096) {
        fail(BUILDER_IO, "--out: expected a path of at most 4096 bytes, found %zu", strlen(out));
    }
    snprintf(temporary, sizeof temporary, "%s.tmp.%ld", out, (long)getpid());
    fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0666);
    f = fd < 0 ? NULL : fdopen(fd, "wb");
    if (f == NULL) {
        fail(BUILDER_IO, "%s: cannot be written: %s", out, strerror(errno));
    }
    fail_remove(temporary);
    if (fwrite(data, 1, size, f) != size || fclose(f) != 0 || rename(temporary, out) != 0) {
        fail(BUILDER_IO, "%s: cannot be written: %s", out, strerror(errno));
    }
    fail_remove(NULL);
}

void output_write(const struct layout *l, const struct input *loader, const struct input *kernel,
                  const struct input *app, const struct options *o)
{
    uint64_t payload_at = IMAGE_PAGE + l->loader_memory; /* in the file */
    uint64_t loader_filesz;
    uint8_t *file;

    check_target(o->out, loader);
    check_target(o->out, kernel);
    check_target(o->out, app);
    file = calloc(1, payload_at + l->payload_size);
    if (file == NULL) {
        fail(BUILDER_IO, "%s: cannot be written: no memory", o->out);
    }
    loader_filesz = put_loader(file + IMAGE_PAGE, l, loader);
    /* the file keeps the loader's initialised pages only */
    payload_at = IMAGE_PAGE + round_up(loader_filesz, IMAGE_PAGE);
    memset(file + payload_at, 0, l->payload_size);
    put_header(file + payload_at, l, kernel, app, o);
    for (unsigned i = 0; i < l->part_count; i++) {
        memcpy(file + payload_at + l->parts[i].offset, l->parts[i].data, l->parts[i].filesz);
    }
    check_result(file + payload_at, l, kernel);
    put_elf_header(file, l->loader_start);
    put_segment(file + ELF_EHDR_SIZE, IMAGE_READ | IMAGE_WRITE | IMAGE_EXEC, IMAGE_PAGE,
                l->loader_start, loader_filesz, l->loader_memory);
    put_segment(file + ELF_EHDR_SIZE + ELF_PHDR_SIZE, IMAGE_READ, payload_at,
                l->loader_start + l->loader_memory, l->payload_size, l->payload_size);
    write_file(o->out, file, payload_at + l->payload_size);
    free(file);
}
